//! One database of one test.

use crate::address::AdminUrl;
use crate::held::Held;

/// A database that is dropped with this value.
#[derive(Debug)]
pub struct Database {
    server: AdminUrl,
    name: String,
}

impl Database {
    pub(crate) fn new(server: AdminUrl, name: String) -> Self {
        Self { server, name }
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its URL, with name and password.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.database(&self.name)
    }

    #[must_use]
    pub fn server(&self) -> &AdminUrl {
        &self.server
    }

    /// What the engine's own client prints for these statements: a line for each row, a tab between two columns.
    ///
    /// # Errors
    /// When the client is missing or says that something failed, with its words.
    pub fn query(&self, statements: &str) -> anyhow::Result<String> {
        self.server.query(&self.name, statements)
    }

    /// Does these statements and keeps the connection, with what it has locked, until what is returned is dropped.
    ///
    /// # Errors
    /// When the client is missing or says that something failed, with its words.
    pub fn hold(&self, statements: &str) -> anyhow::Result<Held> {
        self.server.hold(&self.name, statements)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let statements = if self.server.is_postgres() {
            // Whoever is still connected is put out.
            format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)
        } else {
            // A transaction that a test forgot must not hold up the next test.
            format!(
                "SET lock_wait_timeout = 10; DROP DATABASE IF EXISTS {}",
                self.name
            )
        };
        // Its server may be dead by now, and then the database dies with it.
        let _ = self.server.query("", &statements);
    }
}
