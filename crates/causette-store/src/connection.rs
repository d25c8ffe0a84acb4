//! Connections to the database file and their settings.

use crate::error::StoreError;
use rusqlite::{Connection, OpenFlags};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// How long a connection waits for a lock before it reports that the database is busy.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// Prepared statements kept per connection; there are fewer different ones.
const STATEMENTS: usize = 128;

/// A connection that writes. A missing file is made, for its owner only.
///
/// WAL lets pages be read while a batch commits; `synchronous = FULL` makes a commit survive a power cut;
/// `secure_delete` overwrites what an erasure removes.
pub(crate) fn open(location: &Path) -> Result<Connection, StoreError> {
    // SQLite gives its other files the rights of the database.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(location)
        .map_err(|error| StoreError::Io(format!("{}: {error}", location.display())))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(location, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// A connection that only reads.
pub(crate) fn open_read_only(location: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(location, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}
