//! A connection that changes rows in one transaction after another, whatever the engine. What appends to the record is
//! [`Recording`](super::recording::Recording).

#[cfg(feature = "sql")]
use crate::engine::server;
use crate::engine::{Database, Moment, sqlite};
use crate::error::{Fault, StoreError};
use rusqlite::{Connection, TransactionBehavior};
#[cfg(feature = "sql")]
use std::cell::RefCell;

/// A connection that changes rows.
pub(crate) enum Changing {
    Sqlite(Connection),
    #[cfg(feature = "sql")]
    Server(Box<RefCell<server::Connection>>),
}

impl Changing {
    /// To a database that is there.
    pub(crate) fn open(database: &Database) -> Result<Self, StoreError> {
        match database {
            Database::File(file) => {
                let connection = sqlite::connection::open(file)?;
                // Nobody else moves the pages of its log.
                connection.execute_batch("PRAGMA wal_autocheckpoint = 4000")?;
                Ok(Self::Sqlite(connection))
            }
            #[cfg(feature = "sql")]
            Database::Server(address) => {
                let connection = server::Connection::open(address, server::Patience::Long)?;
                Ok(Self::Server(Box::new(RefCell::new(connection))))
            }
        }
    }

    /// Does something that is kept whole or not at all.
    pub(crate) fn change<T, E: From<Fault>>(
        &mut self,
        run: impl FnOnce(&Moment<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let moment = match self {
            Self::Sqlite(connection) => {
                let begun = connection.transaction_with_behavior(TransactionBehavior::Immediate);
                Moment::own(begun.map_err(Fault::from)?)
            }
            #[cfg(feature = "sql")]
            Self::Server(connection) => {
                connection.get_mut().begin_writing()?;
                Moment::of_server(connection)
            }
        };
        let done = run(&moment)?;
        moment.commit()?;
        Ok(done)
    }

    /// Asks or runs one statement outside of any transaction.
    pub(crate) fn once(&self) -> Moment<'_> {
        match self {
            Self::Sqlite(connection) => Moment::lent(connection),
            #[cfg(feature = "sql")]
            Self::Server(connection) => Moment::of_server(connection),
        }
    }
}
