//! A connection that asks, whatever the engine.

#[cfg(feature = "sql")]
use crate::engine::server;
use crate::engine::{Database, Moment, sqlite};
use crate::error::{Fault, StoreError};

/// A connection that asks.
pub(crate) enum Reading {
    Sqlite(sqlite::Reading),
    #[cfg(feature = "sql")]
    Server(Box<server::Reading>),
}

impl Reading {
    pub(crate) fn open(database: &Database) -> Result<Self, StoreError> {
        match database {
            Database::File(file) => sqlite::Reading::open(file).map(Self::Sqlite),
            #[cfg(feature = "sql")]
            Database::Server(address) => {
                server::Reading::open(address).map(|reading| Self::Server(Box::new(reading)))
            }
        }
    }

    /// The database as it is now, for as long as the moment lasts.
    pub(crate) fn moment(&mut self) -> Result<Moment<'_>, Fault> {
        match self {
            Self::Sqlite(reading) => reading.moment(),
            #[cfg(feature = "sql")]
            Self::Server(reading) => reading.moment(),
        }
    }

    pub(crate) fn is_on_server(&self) -> bool {
        !matches!(self, Self::Sqlite(_))
    }

    /// The same for one question.
    pub(crate) fn now(&self) -> Result<Moment<'_>, Fault> {
        match self {
            Self::Sqlite(reading) => Ok(reading.now()),
            #[cfg(feature = "sql")]
            Self::Server(reading) => reading.now(),
        }
    }
}

/// Does something in the database that is kept whole or not at all.
pub(crate) fn change<T>(
    database: &Database,
    run: impl FnOnce(&Moment<'_>) -> Result<T, Fault>,
) -> Result<T, StoreError> {
    match database {
        Database::File(file) => sqlite::change(file, run),
        #[cfg(feature = "sql")]
        Database::Server(address) => server::change(address, run),
    }
}
