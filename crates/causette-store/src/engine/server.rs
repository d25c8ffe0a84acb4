//! Servers of SQL: PostgreSQL, MySQL and MariaDB, by one connection for each that asks or appends.
//!
//! What differs between them is in [`connection`], which carries a statement there and rows back, in [`fault`], which says what
//! their errors mean, and in [`flavour`], which has their words. All else is the same for each.

pub(crate) mod address;
pub(crate) mod connection;
#[cfg(test)]
mod cut;
mod escape;
mod fault;
pub(crate) mod flavour;
pub(crate) mod foreign;
pub(crate) mod insert;
pub(crate) mod lock;
mod patience;
pub(crate) mod recording;
mod rights;
pub(crate) mod row;
pub(crate) mod schema;
pub(crate) mod settings;
mod shape;
pub(crate) mod survey;
mod views;

pub(crate) use connection::Connection;
pub(crate) use patience::Patience;

use crate::engine::Moment;
use crate::error::{Fault, StoreError};
use address::Address;
use std::cell::RefCell;

/// A connection that asks.
pub(crate) struct Reading {
    address: Address,
    connection: RefCell<Connection>,
}

impl Reading {
    pub(crate) fn open(address: &Address) -> Result<Self, StoreError> {
        let connection = Connection::open(address, Patience::Long)?;
        Ok(Self {
            address: address.clone(),
            connection: RefCell::new(connection),
        })
    }

    /// The database as it is now, for as long as the moment lasts. Where the connection was lost since the last one, there is
    /// another.
    pub(crate) fn moment(&mut self) -> Result<Moment<'_>, Fault> {
        let connection = self.connection.get_mut();
        let begun = connection.begin_reading();
        if begun.is_err() && connection.is_lost() {
            self.again()?;
            self.connection.get_mut().begin_reading()?;
        } else {
            begun?;
        }
        Ok(Moment::of_server(&self.connection))
    }

    /// The same for one question.
    pub(crate) fn now(&self) -> Result<Moment<'_>, Fault> {
        if self.connection.borrow_mut().is_gone() {
            self.again()?;
        }
        Ok(Moment::of_server(&self.connection))
    }

    fn again(&self) -> Result<(), Fault> {
        *self.connection.borrow_mut() = Connection::open(&self.address, Patience::Long)?;
        Ok(())
    }
}

/// Does something in the database that is kept whole or not at all.
pub(crate) fn change<T>(
    address: &Address,
    run: impl FnOnce(&Moment<'_>) -> Result<T, Fault>,
) -> Result<T, StoreError> {
    let connection = RefCell::new(Connection::open(address, Patience::Long)?);
    connection.borrow_mut().begin_writing()?;
    let moment = Moment::of_server(&connection);
    let done = run(&moment)?;
    moment.commit()?;
    Ok(done)
}
