//! The servers that this machine runs for itself, borrowed for tests.

use std::path::Path;
use std::process::Command;

use crate::address::{AdminUrl, DATABASE_PREFIX, Scheme, ask};
use crate::engine::{Engine, mysql_client, psql};
use crate::random_hex;

/// A user of ours on a server that is not: it may make databases whose names begin with `causette_test`, and goes with this value.
#[derive(Debug)]
pub struct Service {
    engine: Engine,
    user: String,
    admin: AdminUrl,
}

impl Service {
    /// Makes the user, where the server runs on its usual port and root can enter it as Debian's packages allow. `None` where
    /// anything of that is not so: a server of one's own does as well.
    #[must_use]
    pub fn borrow(engine: Engine) -> Option<Self> {
        let (scheme, port, socket) = match engine {
            Engine::Postgres => (Scheme::Postgres, 5432, "/run/postgresql/.s.PGSQL.5432"),
            Engine::MariaDb => (Scheme::MySql, 3306, "/run/mysqld/mysqld.sock"),
            Engine::MySql => return None,
        };
        if !rustix::process::geteuid().is_root() || !Path::new(socket).exists() {
            return None;
        }
        if engine == Engine::MariaDb && !as_root(engine, "SELECT version();")?.contains("MariaDB") {
            return None;
        }
        let (user, password) = (
            format!("{DATABASE_PREFIX}_{}", random_hex(5).ok()?),
            random_hex(12).ok()?,
        );
        let statements = match engine {
            Engine::Postgres => {
                format!("CREATE ROLE {user} LOGIN CREATEDB CREATEROLE PASSWORD '{password}';")
            }
            _ => format!(
                "CREATE USER {user}@'%' IDENTIFIED BY '{password}'; \
                 GRANT CREATE USER, PROCESS ON *.* TO {user}@'%'; \
                 GRANT ALL PRIVILEGES ON `causette\\_test%`.* TO {user}@'%' WITH GRANT OPTION;"
            ),
        };
        as_root(engine, &statements)?;
        let admin = AdminUrl::local(scheme, port, &user, &password);
        let service = Self {
            engine,
            user,
            admin,
        };
        // By the door that the tests will use: the server may listen on its socket only.
        service.admin.query("", "SELECT 1;").ok()?;
        Some(service)
    }

    #[must_use]
    pub fn admin(&self) -> &AdminUrl {
        &self.admin
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let Self { engine, user, .. } = self;
        if *engine != Engine::Postgres {
            // Each test has dropped its database; a name does not tell whose the others are.
            as_root(*engine, &format!("DROP USER {user}@'%';"));
            return;
        }
        // A role that owns a database cannot be dropped; a test that was killed has left it.
        let owned = format!(
            "SELECT datname FROM pg_database JOIN pg_roles ON datdba = pg_roles.oid \
             WHERE rolname = '{user}' AND datname LIKE '{DATABASE_PREFIX}%';"
        );
        for database in as_root(*engine, &owned).unwrap_or_default().lines() {
            as_root(
                *engine,
                &format!("DROP DATABASE IF EXISTS \"{database}\" WITH (FORCE);"),
            );
        }
        as_root(*engine, &format!("DROP ROLE IF EXISTS {user};"));
    }
}

/// What root is answered by the socket; `None` when it is refused.
fn as_root(engine: Engine, statements: &str) -> Option<String> {
    let mut client = match engine {
        Engine::Postgres => {
            let mut client = Command::new("runuser");
            client
                .args(["-u", "postgres", "--"])
                .arg(psql()?)
                .args(["-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1"])
                .args(["-h", "/run/postgresql", "-p", "5432", "-d", "postgres"])
                .current_dir("/");
            client
        }
        _ => {
            let mut client = Command::new(mysql_client()?);
            client
                .args(["--no-defaults", "--batch", "--skip-column-names"])
                .args(["--protocol=socket", "--socket=/run/mysqld/mysqld.sock"])
                .args(["--user=root", "--connect-timeout=20"]);
            client
        }
    };
    ask(&mut client, statements).ok()
}
