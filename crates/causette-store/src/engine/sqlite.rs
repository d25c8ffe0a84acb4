//! SQLite: one file, one connection that writes and one that moves the log's pages, any number that read.

pub(crate) mod backup;
pub(crate) mod connection;
pub(crate) mod copy;
pub(crate) mod foreign;
pub(crate) mod health;
pub(crate) mod log;
pub(crate) mod recording;
pub(crate) mod views;

use crate::engine::Moment;
use crate::error::{Fault, StoreError};
use rusqlite::{Connection, TransactionBehavior};
use std::path::Path;

/// A connection that asks.
pub(crate) struct Reading(Connection);

impl Reading {
    pub(crate) fn open(location: &Path) -> Result<Self, StoreError> {
        connection::open_read_only(location).map(Self)
    }

    /// The database as it is now, for as long as the moment lasts.
    pub(crate) fn moment(&mut self) -> Result<Moment<'_>, Fault> {
        Ok(Moment::own(self.0.transaction()?))
    }

    /// The same for one question.
    pub(crate) fn now(&self) -> Moment<'_> {
        Moment::lent(&self.0)
    }
}

/// Does something in the database that is kept whole or not at all.
pub(crate) fn change<T>(
    location: &Path,
    run: impl FnOnce(&Moment<'_>) -> Result<T, Fault>,
) -> Result<T, StoreError> {
    let mut connection = connection::open(location)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let moment = Moment::own(transaction);
    let done = run(&moment)?;
    moment.commit()?;
    Ok(done)
}
