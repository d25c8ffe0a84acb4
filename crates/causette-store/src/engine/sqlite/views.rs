//! The views, by which people look at the record with the tools of the database: `connexion` and `authentification`.
//!
//! They hold nothing, and are made anew whenever the tables below them change, so that no step has to think of them. A change
//! of the views alone is a step without statements.

use crate::engine::{Moment, views};
use crate::error::StoreError;
use rusqlite::Connection;

const VIEWS: &str = include_str!("views.sql");

/// Takes away those that there are: SQLite renames no column of a table while a view over it makes no sense.
pub(crate) fn drop_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("DROP VIEW IF EXISTS connexion; DROP VIEW IF EXISTS authentification;")
}

/// Those that are not there.
///
/// # Errors
/// [`StoreError::NoView`] where something else has the name of one.
pub(crate) fn missing(
    connection: &Connection,
    database: &str,
) -> Result<Vec<&'static str>, StoreError> {
    let select = "SELECT name, type = 'view' FROM sqlite_schema";
    let found = Moment::lent(connection).all(select, &[], |row| {
        Ok((row.text(0)?.to_owned(), row.flag(1)?))
    })?;
    views::missing(&found, database)
}

/// Makes those that are not there.
pub(crate) fn make(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(VIEWS)
}
