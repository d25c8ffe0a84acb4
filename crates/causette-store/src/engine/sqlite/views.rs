//! The views, by which people look at the record with the tools of the database: `connexion` and `authentification`.
//!
//! They hold nothing, and are made anew whenever the tables below them change, so that no step has to think of them. A change
//! of the views alone is a step without statements.

use rusqlite::Connection;

const VIEWS: &str = include_str!("views.sql");

/// Takes away those that there are: SQLite renames no column of a table while a view over it makes no sense.
pub(crate) fn drop_all(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("DROP VIEW IF EXISTS connexion; DROP VIEW IF EXISTS authentification;")
}

/// Makes them, where there are none.
pub(crate) fn make(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(VIEWS)
}
