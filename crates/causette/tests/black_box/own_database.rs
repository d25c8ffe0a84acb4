//! The engines on which a server can keep what is said, for the tests that are the same on each.

use crate::load;
use crate::programs::{not_installed, skip};
use causette_testbed::{AdminUrl, Database, Engine, Options, Server, StartError};
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// What a server records with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Sqlite,
    Server(Engine),
}

impl On {
    pub(crate) const SERVERS: [Self; 2] = [
        Self::Server(Engine::Postgres),
        Self::Server(Engine::MariaDb),
    ];

    /// The engine that is called so on a command line.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "sqlite" => Self::Sqlite,
            "postgres" => Self::Server(Engine::Postgres),
            "mariadb" => Self::Server(Engine::MariaDb),
            "mysql" => Self::Server(Engine::MySql),
            other => panic!("no engine is called {other:?}"),
        }
    }
}

impl fmt::Display for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite => f.write_str("SQLite"),
            Self::Server(engine) => engine.fmt(f),
        }
    }
}

/// A server of an engine that is the test's alone; `None` where it is not installed, which is said.
pub(crate) fn own(engine: Engine, options: &Options) -> Option<Server> {
    match Server::start(engine, options) {
        Ok(server) => Some(server),
        Err(StartError::Missing(missing)) if engine.is_required() => {
            not_installed(&engine.to_string(), &missing.to_string());
            None
        }
        Err(StartError::Missing(missing)) => {
            skip(&engine.to_string(), &missing.to_string());
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Those that were started because the environment named none. They end with this process.
static STARTED: Mutex<Vec<Server>> = Mutex::new(Vec::new());

/// An empty database on a server of an engine that many use at once: it is not killed, and not filled.
pub(crate) fn database(engine: Engine, what_for: &str) -> Option<Database> {
    let named = causette_testbed::urls_from_environment().unwrap();
    let is_meant = |server: &&AdminUrl| server.is_postgres() == (engine == Engine::Postgres);
    if let Some(server) = named.iter().find(is_meant) {
        return Some(server.create_database(what_for).unwrap());
    }
    let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
    if !started.iter().any(|server| server.engine() == engine) {
        started.push(own(engine, &Options::default())?);
    }
    let server = started.iter().find(|server| server.engine() == engine);
    Some(server.unwrap().create_database(what_for).unwrap())
}

/// The configuration of a server that is talked to as fast as it answers, with its database at a URL.
pub(crate) fn configuration(url: Option<&str>) -> String {
    let mut configuration = load::configuration();
    if let Some(url) = url {
        configuration += &format!("[database]\nurl = \"{url}\"\n");
    }
    configuration
}

/// The same URL with another port, behind which somebody else passes it on.
pub(crate) fn by_port(url: &str, port: u16) -> String {
    let (before, name) = url.rsplit_once('/').unwrap();
    let (before, _) = before.rsplit_once(':').unwrap();
    format!("{before}:{port}/{name}")
}
