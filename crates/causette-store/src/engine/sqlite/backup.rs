//! A copy of a database that others write in meanwhile: as it was when the copying began, page by page.
//! <https://www.sqlite.org/backup.html>
//!
//! The copying holds one reading open, so that commits do not make it begin anew; until it ends the log cannot begin anew
//! either. So it pauses only while the log is short, and gives up before what it holds there keeps the writer from writing.
//! `VACUUM INTO` would do the same with one statement, which knows no pause: beside it, others wait longer.

use crate::engine::sqlite::{connection, log};
use crate::engine::tally::{self, Tally};
use crate::engine::{Moment, migrations};
use crate::error::StoreError;
use causette_core::limits::{
    BACKUP_LOG_BYTES_MAX, BACKUP_LOG_BYTES_UNHURRIED, BACKUP_PAUSE_PERCENT, BACKUP_STEP_PAGES,
};
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// How far a copy has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Pages of a file, or rows of a database on a server, that are in the copy.
    pub parts: u64,
    /// Those that there are.
    pub of: u64,
}

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum Uncopied {
    /// Whoever asked for it wants it no more.
    #[error("the copy was given up")]
    GivenUp,
    /// The log grew too long meanwhile.
    #[error("the log of the database grew by {0} bytes while it was copied")]
    LogGrew(u64),
    /// The database cannot be read, or the copy not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How long the log may get while a database is copied.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// Up to here the copying pauses.
    unhurried: u64,
    /// Beyond, it gives up.
    max: u64,
}

const BOUNDS: Bounds = Bounds {
    unhurried: BACKUP_LOG_BYTES_UNHURRIED,
    max: BACKUP_LOG_BYTES_MAX,
};

/// Copies a database into a file that is not there yet, for its owner only. `go_on` is asked after each step. The copy is not
/// made to survive a power cut: it is on its way to another place.
///
/// # Errors
/// Then what there is of the copy is the caller's to remove.
pub(crate) fn copy(
    location: &Path,
    target: &Path,
    go_on: impl FnMut(Copied) -> bool,
) -> Result<(), Uncopied> {
    copy_within(location, target, BOUNDS, go_on)
}

fn copy_within(
    location: &Path,
    target: &Path,
    bounds: Bounds,
    mut go_on: impl FnMut(Copied) -> bool,
) -> Result<(), Uncopied> {
    let source = connection::open_read_only(location)?;
    let mut copy = empty(target)?;
    // From the first question on the reading is of one moment.
    source.execute_batch("BEGIN").map_err(StoreError::from)?;
    source
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(StoreError::from)?;
    let log = log::path(&fs::canonicalize(location).unwrap_or_else(|_| location.into()));
    let length = || fs::metadata(&log).map_or(0, |log| log.len());
    let before = length();
    let backup = Backup::new(&source, &mut copy).map_err(StoreError::from)?;
    loop {
        let begun = Instant::now();
        let step = backup.step(BACKUP_STEP_PAGES).map_err(StoreError::from)?;
        let progress = backup.progress();
        let of = u64::try_from(progress.pagecount).unwrap_or(0);
        let left = u64::try_from(progress.remaining).unwrap_or(0);
        let pages = of.saturating_sub(left);
        if !go_on(Copied { parts: pages, of }) {
            return Err(Uncopied::GivenUp);
        }
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => return Err(StoreError::Busy(location.display().to_string()).into()),
        }
        let grown = length().saturating_sub(before);
        if grown > bounds.max {
            return Err(Uncopied::LogGrew(grown));
        }
        if grown <= bounds.unhurried {
            thread::sleep(pause(begun.elapsed()));
        }
    }
}

/// How long to leave disk and processor to others after so much work.
pub(crate) fn pause(worked: Duration) -> Duration {
    worked * BACKUP_PAUSE_PERCENT / 100
}

/// A connection to an empty database that is filled as fast as the disk takes it: whoever is interrupted begins anew.
pub(crate) fn empty(target: &Path) -> Result<Connection, StoreError> {
    connection::make(target)?;
    let copy = Connection::open(target)?;
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
    Ok(copy)
}

/// What a database holds at one moment, whatever the version of its tables.
pub(crate) fn tally(location: &Path) -> Result<Tally, StoreError> {
    let mut connection = connection::open_read_only(location)?;
    let schema = migrations::version(&connection, location)?;
    let moment = Moment::own(connection.transaction()?);
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let names = moment.all(names, &[], |row| Ok(row.text(0)?.to_owned()))?;
    let mut tables = BTreeMap::new();
    for name in names {
        let rows = tally::rows(&moment, &format!("\"{}\"", name.replace('"', "\"\"")))?;
        tables.insert(name, rows);
    }
    let head = tally::head(&moment)?;
    Ok(Tally {
        schema,
        tables,
        head,
    })
}

/// Leaves a database that nobody has open as one file: without the log and its index, which a reading leaves behind.
pub(crate) fn fold(location: &Path) -> Result<(), StoreError> {
    let connection = connection::open(location)?;
    log::checkpoint(&connection, "TRUNCATE")?;
    connection.close().map_err(|(_, error)| error.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::Store;
    use causette_core::id::BatchId;
    use causette_core::record::{Fact, Record, Who};
    use causette_proto::Timestamp;
    use std::os::unix::fs::PermissionsExt as _;

    fn batch(bytes: usize) -> [Record; 1] {
        [Record {
            time: Timestamp(1),
            steady: Timestamp(1),
            session: None,
            by: Who::Server,
            fact: Fact::ServerStopped {
                reason: "x".repeat(bytes).into(),
            },
        }]
    }

    /// A store with some megabytes in it, and where a copy of it may go.
    fn filled() -> (Store, crate::Writer, std::path::PathBuf) {
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        for number in 1..=8 {
            writer.append(BatchId(number), &batch(1 << 20)).unwrap();
        }
        let target = store.file().unwrap().with_file_name("copy.db");
        (store, writer, target)
    }

    #[test]
    fn a_copy_is_of_the_moment_at_which_it_began_whatever_is_written_meanwhile() {
        let (store, mut writer, target) = filled();
        let before = store.tally().unwrap();
        let mut steps = 0;
        store
            .copy_to(&target, |copied| {
                steps += 1;
                assert!(copied.parts <= copied.of);
                writer
                    .append(BatchId(100 + steps), &batch(1 << 16))
                    .unwrap();
                true
            })
            .unwrap();
        assert!(steps > 3, "{steps}");
        let mode = fs::metadata(&target).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let copy = Store::look(&target).unwrap();
        assert_eq!(copy.tally().unwrap(), before);
        copy.reader().unwrap().check_register().unwrap();
        assert_ne!(store.tally().unwrap(), before);
        assert_eq!(before.head.unwrap().0, 7);
        copy.fold().unwrap();
        assert!(!log::path(&target).exists());
    }

    #[test]
    fn a_copy_that_is_given_up_holds_up_nothing() {
        let (store, mut writer, target) = filled();
        let given_up = store.copy_to(&target, |_| false);
        assert!(matches!(given_up, Err(Uncopied::GivenUp)), "{given_up:?}");
        writer.checkpoint().unwrap();
        // What is there already is not written over.
        let taken = store.copy_to(&target, |_| true);
        assert!(matches!(taken, Err(Uncopied::Store(StoreError::Io(_)))));
    }

    #[test]
    fn a_copy_ends_before_the_log_grows_without_bound() {
        let (store, mut writer, target) = filled();
        writer.checkpoint().unwrap();
        let bounds = Bounds {
            unhurried: 0,
            max: 1 << 20,
        };
        let mut number = 100;
        let ended = copy_within(store.file().unwrap(), &target, bounds, |_| {
            number += 1;
            writer.append(BatchId(number), &batch(1 << 19)).unwrap();
            true
        });
        assert!(matches!(ended, Err(Uncopied::LogGrew(_))), "{ended:?}");
        writer.checkpoint().unwrap();
    }
}
