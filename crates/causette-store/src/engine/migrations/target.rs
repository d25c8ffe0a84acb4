//! A database that another is being moved into: what it holds before, and how it gets its tables.

use super::{MIGRATIONS, apply, known, length};
#[cfg(feature = "sql")]
use crate::engine::server::schema;
use crate::engine::sqlite::{connection, log};
use crate::engine::{Database, Moment, Row};
use crate::error::{Fault, StoreError};
use rusqlite::Connection;
use std::fs;

/// The table that is in a database for as long as another is being moved into it: until then nobody serves it.
pub(crate) const MOVING: &str = "moving";

/// What a database holds, as far as it decides whether another may be moved into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contents {
    /// Nothing at all.
    Nothing,
    /// What a move has begun.
    Moving,
    /// Something else.
    Something,
}

/// Looks what is in a database, and changes nothing.
pub(crate) fn contents(database: &Database) -> Result<Contents, StoreError> {
    match database {
        Database::File(file) => {
            if length(file)?.is_none_or(|length| length == 0) {
                // SQLite removes the log of an empty file; what that still holds may be all that there is.
                let real = fs::canonicalize(file).unwrap_or_else(|_| file.clone());
                let has_log = length(&log::path(&real))?.is_some_and(|length| length > 0);
                return Ok(match has_log {
                    true => Contents::Something,
                    false => Contents::Nothing,
                });
            }
            let connection = connection::open_read_only(file)?;
            let names = "SELECT name FROM sqlite_schema";
            let names = Moment::lent(&connection).all(names, &[], name)?;
            Ok(of(&names))
        }
        #[cfg(feature = "sql")]
        Database::Server(address) => schema::names(address).map(|names| of(&names)),
    }
}

fn name(row: &Row<'_>) -> Result<String, Fault> {
    row.text(0).map(str::to_owned)
}

fn of(names: &[String]) -> Contents {
    if names.iter().any(|name| name == MOVING) {
        Contents::Moving
    } else if names.is_empty() {
        Contents::Nothing
    } else {
        Contents::Something
    }
}

/// Makes the file of a database that another is to be moved into, where there is none.
pub(crate) fn make_file(database: &Database) -> Result<(), StoreError> {
    match database.file() {
        Some(file) if length(file)?.is_none() => connection::make(file),
        _ => Ok(()),
    }
}

/// Makes the tables of a database that another is being moved into, as far as they are missing.
pub(crate) fn complete(database: &Database) -> Result<(), StoreError> {
    match database {
        Database::File(file) => {
            let mut connection = connection::open(file)?;
            let names = "SELECT name FROM sqlite_schema WHERE name = 'schema_version'";
            // All steps are one transaction.
            let has_version = Moment::lent(&connection).first(names, &[], name)?.is_some();
            if !has_version {
                make(&mut connection)?;
            }
            Ok(())
        }
        #[cfg(feature = "sql")]
        Database::Server(address) => schema::complete(address, MIGRATIONS, known()),
    }
}

/// Makes the tables in an empty database of SQLite.
pub(crate) fn make(connection: &mut Connection) -> Result<(), StoreError> {
    apply(connection, 0, MIGRATIONS, &mut |_| {})
}
