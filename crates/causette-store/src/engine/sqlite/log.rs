//! The write-ahead log: whether it is still the file that is open, how long it is, and how its pages get into the database.
//!
//! The files are looked at by their paths and never opened, for the reason that `connection::make` gives. Other processes
//! may read the database at any time. What they hold up is bounded here; what only a program that went around SQLite can do,
//! removing or replacing a file, ends the server before it promises to have kept what it cannot keep.

mod mover;

use crate::engine::sqlite::connection;
use crate::error::{AppendError, Fault, StoreError};
use causette_core::limits::{WAL_BYTES, WAL_BYTES_MAX, WAL_BYTES_TOLD};
use mover::Mover;
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The pages in the log that are not yet in the database from which on they are moved there.
const PAGES_UNMOVED: i64 = 4000;

/// Pages that the writer moves itself, for which nobody waits long.
const PAGES_FEW: i64 = 500;

/// How many commits may pass before the pages are counted again: counting takes locks.
const COMMITS_PER_COUNT: u32 = 8;

/// How many commits may pass before another attempt at what could not be done.
const COMMITS_PER_ATTEMPT: u32 = 64;

/// How long the writer waits for readers when it empties the log.
pub(crate) const READERS_WAIT: Duration = Duration::from_millis(50);

/// How long the log may get. See the constants of `limits.rs`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Above it, the log is emptied as soon as nobody reads from it.
    pub(crate) emptied: u64,
    /// From it on, the administrator is told.
    pub(crate) told: u64,
    /// Above it, nothing more is recorded.
    pub(crate) max: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            emptied: WAL_BYTES,
            told: WAL_BYTES_TOLD,
            max: WAL_BYTES_MAX,
        }
    }
}

/// The log has grown, because something holds it up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grown {
    /// How long it is.
    pub bytes: u64,
    /// Above what length nothing more is recorded.
    pub bytes_max: u64,
    /// What holds it up.
    pub reason: String,
}

/// The log of a database that is open for writing.
#[derive(Debug)]
pub(crate) struct Log {
    database: Original,
    log: Original,
    /// Where processes agree on what is in the log: with two of them, each would write over the other's.
    index: Original,
    pub(crate) bounds: Bounds,
    /// Its length after the last commit.
    bytes: u64,
    /// What held it up at the last attempt to move its pages.
    held_up: Option<String>,
    /// Commits to let pass before the next attempt.
    pause: u32,
    /// Commits since the pages were counted.
    uncounted: u32,
    /// Whether the administrator was told of the present growth.
    told: bool,
    grown: Option<Grown>,
    mover: Mover,
}

/// What came of an attempt to move the log's pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// All that there were.
    All,
    /// Not all, and why.
    HeldUp(String),
}

impl Log {
    /// Notes which files are those of the database and its log. To be called after the first commit of a connection: from then
    /// on that has both open, and by its locks no process that goes through SQLite removes them.
    pub(crate) fn note(location: &Path) -> Result<Self, StoreError> {
        // SQLite follows links and has the log beside the real file.
        let database = fs::canonicalize(location)
            .map_err(|error| StoreError::Io(format!("{}: {error}", location.display())))?;
        Ok(Self {
            log: Original::note(path(&database))?,
            index: Original::note(beside(&database, "-shm"))?,
            database: Original::note(database)?,
            bounds: Bounds::default(),
            bytes: 0,
            held_up: None,
            pause: 0,
            uncounted: 0,
            told: false,
            grown: None,
            mover: Mover::start(location)?,
        })
    }

    /// Whether database, log and its index are still the files that are open.
    ///
    /// # Errors
    /// [`StoreError::Replaced`]: a commit that returned since they were last looked at may be lost, and nobody must see it.
    pub(crate) fn look(&mut self) -> Result<(), StoreError> {
        self.database.length()?;
        self.index.length()?;
        self.bytes = self.log.length()?;
        Ok(())
    }

    /// Before a commit: whether there is room for it.
    ///
    /// # Errors
    /// [`AppendError::Retry`] while the log is beyond its bound and cannot be emptied.
    pub(crate) fn make_room(&mut self, connection: &Connection) -> Result<(), AppendError> {
        if self.bytes <= self.bounds.max {
            return Ok(());
        }
        let emptied = self.empty(connection)?;
        self.look().map_err(fatal)?;
        if self.bytes <= self.bounds.max {
            return Ok(());
        }
        let reason = match emptied {
            Moved::HeldUp(reason) => reason,
            Moved::All => "nothing could be moved".to_owned(),
        };
        Err(AppendError::Retry(format!(
            "{} has {} MiB, more than it may, because {reason}",
            self.log.path.display(),
            self.bytes >> 20,
        )))
    }

    /// After a commit: has pages moved into the database when there are many, and empties the log when it is long. What cannot
    /// be done now is attempted again some commits later: the commit is kept, and the log still holds it.
    ///
    /// # Errors
    /// [`AppendError::Fatal`] when the disk could not be made to keep what was moved.
    pub(crate) fn tend(&mut self, connection: &Connection) -> Result<(), AppendError> {
        if let Some(result) = self.mover.result() {
            // SQLite begins the log anew only where all of it is moved. Without the few pages that were written meanwhile it would
            // grow with each commit, and the disk keeps a file that grows more slowly than one that is written over.
            let result = match result? {
                // What held it up may have been the last commit, of which this connection had not let go yet.
                Moved::HeldUp(reason) if !is_nearly_moved(connection) => Moved::HeldUp(reason),
                _ => moved(connection)?,
            };
            self.note_moved(result)?;
        }
        if self.pause > 0 {
            self.pause -= 1;
        } else if !self.mover.is_moving() {
            self.attempt(connection)?;
        }
        if let Some(reason) = &self.held_up
            && self.bytes >= self.bounds.told
            && !self.told
        {
            self.told = true;
            self.grown = Some(Grown {
                bytes: self.bytes,
                bytes_max: self.bounds.max,
                reason: reason.clone(),
            });
        }
        Ok(())
    }

    fn attempt(&mut self, connection: &Connection) -> Result<(), AppendError> {
        if self.bytes > self.bounds.emptied {
            let emptied = self.empty(connection)?;
            return self.note_moved(emptied);
        }
        self.uncounted += 1;
        if self.uncounted < COMMITS_PER_COUNT {
            return Ok(());
        }
        self.uncounted = 0;
        if checkpoint(connection, "NOOP").is_ok_and(|now| now.unmoved() >= PAGES_UNMOVED) {
            self.mover.ask();
        }
        Ok(())
    }

    fn note_moved(&mut self, moved: Moved) -> Result<(), AppendError> {
        self.held_up = match moved {
            Moved::HeldUp(reason) => {
                self.pause = COMMITS_PER_ATTEMPT;
                Some(reason)
            }
            Moved::All => {
                self.told = false;
                self.look().map_err(fatal)?;
                None
            }
        };
        Ok(())
    }

    /// Waits until pages that are being moved are in the database.
    ///
    /// # Errors
    /// [`AppendError::Fatal`] when the disk could not be made to keep them.
    pub(crate) fn settle(&mut self) -> Result<(), AppendError> {
        match self.mover.wait() {
            Some(moved) => self.note_moved(moved?),
            None => Ok(()),
        }
    }

    /// What the administrator has to be told since the last call.
    pub(crate) fn take_grown(&mut self) -> Option<Grown> {
        self.grown.take()
    }

    /// Moves all pages and cuts the log to nothing; else says what holds it up.
    fn empty(&mut self, connection: &Connection) -> Result<Moved, AppendError> {
        // Two cannot move at a time.
        self.settle()?;
        if let Moved::HeldUp(reason) = moved(connection)? {
            // Whoever holds that up would make the writer wait for nothing.
            return Ok(Moved::HeldUp(reason));
        }
        // A failure to set the wait only changes the wait.
        let _ = connection.busy_timeout(READERS_WAIT);
        let emptied = checkpoint(connection, "TRUNCATE");
        let _ = connection.busy_timeout(connection::BUSY);
        reported(emptied)
    }
}

/// Whether so few pages are left that the writer may move them itself.
fn is_nearly_moved(connection: &Connection) -> bool {
    checkpoint(connection, "NOOP").is_ok_and(|now| now.unmoved() < PAGES_FEW)
}

/// Moves the pages that nobody needs in the log; says what holds up the others.
fn moved(connection: &Connection) -> Result<Moved, AppendError> {
    reported(checkpoint(connection, "PASSIVE"))
}

fn reported(checkpoint: rusqlite::Result<Checkpoint>) -> Result<Moved, AppendError> {
    match checkpoint {
        Ok(Checkpoint {
            busy: false,
            pages,
            moved,
        }) if moved == pages => Ok(Moved::All),
        Ok(Checkpoint { pages, moved, .. }) => Ok(Moved::HeldUp(format!(
            "another program reads the database or writes in it, and has not ended ({moved} of {pages} pages are moved)"
        ))),
        Err(error) => match AppendError::from(Fault::from(error)) {
            AppendError::Retry(reason) => Ok(Moved::HeldUp(reason)),
            fatal @ AppendError::Fatal(_) => Err(fatal),
        },
    }
}

/// Where the log of a database is.
pub(crate) fn path(database: &Path) -> PathBuf {
    beside(database, "-wal")
}

fn beside(database: &Path, suffix: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn fatal(error: StoreError) -> AppendError {
    AppendError::Fatal(error.to_string())
}

/// What a checkpoint reports. <https://www.sqlite.org/pragma.html#pragma_wal_checkpoint>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Checkpoint {
    /// Whether it was hindered.
    pub(crate) busy: bool,
    /// Pages in the log.
    pub(crate) pages: i64,
    /// How many of them are in the database too.
    pub(crate) moved: i64,
}

impl Checkpoint {
    fn unmoved(self) -> i64 {
        self.pages - self.moved
    }
}

/// Asks for a checkpoint: NOOP only tells, PASSIVE moves what it can, TRUNCATE moves all and cuts the log.
pub(crate) fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<Checkpoint> {
    connection
        .prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?
        .query_row([], |row| {
            Ok(Checkpoint {
                busy: row.get(0)?,
                pages: row.get(1)?,
                moved: row.get(2)?,
            })
        })
}

/// A file, and which one it was when it was opened.
#[derive(Debug)]
struct Original {
    path: PathBuf,
    device: u64,
    inode: u64,
}

impl Original {
    fn note(path: PathBuf) -> Result<Self, StoreError> {
        let found = fs::metadata(&path)
            .map_err(|error| StoreError::Io(format!("{}: {error}", path.display())))?;
        Ok(Self {
            device: found.dev(),
            inode: found.ino(),
            path,
        })
    }

    /// Its length, where it is still the same file.
    fn length(&self) -> Result<u64, StoreError> {
        match fs::metadata(&self.path) {
            Ok(found) if (found.dev(), found.ino()) == (self.device, self.inode) => Ok(found.len()),
            // What cannot be looked at is not known to be kept either.
            _ => Err(StoreError::Replaced(self.path.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Store;

    fn write(log: &mut Log, connection: &Connection, bytes: u32) {
        connection
            .execute("INSERT INTO filler VALUES (zeroblob(?1))", [bytes])
            .unwrap();
        log.look().unwrap();
        log.tend(connection).unwrap();
    }

    #[test]
    fn the_log_begins_anew_though_commits_go_on_while_its_pages_are_moved() {
        let store = Store::temporary().unwrap();
        let connection = connection::open(store.file().unwrap()).unwrap();
        connection
            .execute_batch("CREATE TABLE filler (bytes BLOB)")
            .unwrap();
        let mut log = Log::note(store.file().unwrap()).unwrap();
        while !log.mover.is_moving() {
            write(&mut log, &connection, 1 << 20);
        }
        while log.mover.is_moving() {
            write(&mut log, &connection, 1);
        }
        write(&mut log, &connection, 1);
        let now = checkpoint(&connection, "NOOP").unwrap();
        assert!(now.pages < 100, "{now:?}");
        assert!(now.moved < now.pages, "{now:?}");
    }
}
