//! Connections to the database file and their settings.

use crate::error::StoreError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

/// How long a connection waits for a lock before it reports that the database is busy.
pub(crate) const BUSY: Duration = Duration::from_secs(5);

/// Prepared statements kept per connection; there are fewer different ones.
const STATEMENTS: usize = 128;

/// Makes the empty file of a new database, for its owner only: SQLite gives its other files the rights of this one.
///
/// To be called where there is no file, before any connection to it: closing a file drops all locks that the process has on it,
/// those of its connections too, and other processes would then take the log for their own.
/// <https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_>
pub(crate) fn make(location: &Path) -> Result<(), StoreError> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(location)
        .map(drop)
        .map_err(|error| StoreError::Io(format!("{}: {error}", location.display())))
}

/// A connection that writes, to a file that is there.
///
/// WAL lets pages be read while a batch commits; `synchronous = FULL` makes a commit survive a power cut;
/// `secure_delete` overwrites what an erasure removes. [`Log`](crate::engine::sqlite::log::Log) moves the log's pages, and looks at the result;
/// SQLite by itself would not tell.
pub(crate) fn open(location: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(location, flags)?;
    connection.busy_timeout(BUSY)?;
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::NoLog {
            location: location.to_owned(),
            mode,
        });
    }
    connection.execute_batch(
        "PRAGMA synchronous = FULL;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -16384;
         PRAGMA wal_autocheckpoint = 0;
         PRAGMA journal_size_limit = 67108864;",
    )?;
    keep_prepared(&connection)?;
    Ok(connection)
}

/// Lets statements stay as they were prepared: neither are they dropped, nor prepared again for the values of their placeholders, as
/// SQLite would do for every `LIMIT ?`. <https://www.sqlite.org/queryplanner-ng.html#qpstab>
fn keep_prepared(connection: &Connection) -> Result<(), StoreError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// A connection that only reads.
pub(crate) fn open_read_only(location: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(location, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;")?;
    keep_prepared(&connection)?;
    Ok(connection)
}
