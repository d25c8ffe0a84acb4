//! The engines that keep the record: SQLite always, and the database servers that the environment names or that are started for
//! the run.

use anyhow::Context as _;
use causette_testbed::{
    AdminUrl, Database, Engine, Options, Server, StartError, urls_from_environment,
};

/// Where a record is kept in a measure.
pub(crate) struct Place {
    /// What the engine is called in a figure.
    pub(crate) name: &'static str,
    /// `None` is SQLite, in a file of the server's folder.
    pub(crate) server: Option<AdminUrl>,
}

impl Place {
    /// An empty database there, which is dropped with the second value, and what the configuration says of it.
    ///
    /// # Errors
    /// When the database server does not answer.
    pub(crate) fn configured(&self) -> anyhow::Result<(String, Option<Database>)> {
        let Some(server) = &self.server else {
            return Ok((String::new(), None));
        };
        let database = server.create_database("bench")?;
        let section = format!("[database]\nurl = {:?}\n", database.url());
        Ok((section, Some(database)))
    }
}

/// All places, and the servers that end with them.
pub(crate) struct Places {
    pub(crate) all: Vec<Place>,
    _started: Vec<Server>,
}

impl Places {
    /// SQLite alone.
    pub(crate) fn sqlite() -> Self {
        let sqlite = Place {
            name: "SQLite",
            server: None,
        };
        Self {
            all: vec![sqlite],
            _started: Vec::new(),
        }
    }

    /// Every engine that there is here. What is missing is told on standard error.
    ///
    /// # Errors
    /// When a server that is installed does not start.
    pub(crate) fn every() -> anyhow::Result<Self> {
        let mut places = Self::sqlite();
        let named = urls_from_environment()?;
        if named.is_empty() {
            for engine in [Engine::Postgres, Engine::MariaDb] {
                match Server::start(engine, &Options::default()) {
                    Ok(server) => {
                        places.add(server.admin().clone())?;
                        places._started.push(server);
                    }
                    Err(StartError::Missing(missing)) => eprintln!("SKIPPED: {missing}"),
                    Err(error) => return Err(error.into()),
                }
            }
        }
        for server in named {
            places.add(server)?;
        }
        Ok(places)
    }

    fn add(&mut self, server: AdminUrl) -> anyhow::Result<()> {
        let version = server.query("", "SELECT version()");
        let version = version.context("a database server does not answer")?;
        let name = if server.is_postgres() {
            "PostgreSQL"
        } else if version.contains("MariaDB") {
            "MariaDB"
        } else {
            "MySQL"
        };
        self.all.push(Place {
            name,
            server: Some(server),
        });
        Ok(())
    }
}
