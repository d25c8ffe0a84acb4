//! A batch of records becomes one transaction.
//!
//! This file keeps a batch together: all of it or nothing, once. Which rows a record becomes is in [`batch`].

mod batch;

use crate::connection;
use crate::conversation::Conversations;
use crate::error::{AppendError, Fault, StoreError};
use crate::register::Register;
use crate::store::Temporary;
use batch::Appending;
use causette_core::id::BatchId;
use causette_core::record::Record;
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How far the write-ahead log may grow behind readers before the writer waits for them, in bytes.
const WAL_BYTES_MAX: u64 = 64 << 20;

/// How many commits may pass before the length of the write-ahead log is looked at again.
const COMMITS_PER_LOOK: u32 = 64;

/// How long the writer then waits for readers.
const READERS_WAIT: Duration = Duration::from_millis(50);

/// The one that appends. Owned by the recorder's thread.
pub struct Writer {
    connection: Connection,
    location: PathBuf,
    /// Which opening of the database this is: batches are numbered afresh in each.
    epoch: i64,
    /// What is known of the rows as they were after the last commit; `None` when it must be read again.
    memory: Option<Memory>,
    commits: u32,
    /// Dropped after the connection.
    _temporary: Option<Arc<Temporary>>,
}

/// What the writer remembers between batches.
struct Memory {
    register: Register,
    conversations: Conversations,
}

impl Writer {
    pub(crate) fn open(
        location: &Path,
        temporary: Option<Arc<Temporary>>,
    ) -> Result<Self, StoreError> {
        let mut connection = connection::open(location)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute(
            "UPDATE lane SET epoch = epoch + 1, last_batch = -1 WHERE lane = 0",
            [],
        )?;
        let epoch = transaction.query_row("SELECT epoch FROM lane WHERE lane = 0", [], |row| {
            row.get(0)
        })?;
        transaction.commit()?;
        Ok(Self {
            connection,
            location: location.to_owned(),
            epoch,
            memory: None,
            commits: 0,
            _temporary: temporary,
        })
    }

    /// Commits a batch: its records, their consequences and their register entries, in one transaction. When it returns,
    /// they survive a power cut. A batch that is already committed is not written again, so that after an error the same
    /// batch can be appended until it succeeds; batches come in the order of their ids.
    ///
    /// # Errors
    /// Then nothing of the batch is committed, and the error says whether it may be appended again.
    pub fn append(&mut self, batch: BatchId, records: &[Record]) -> Result<(), AppendError> {
        if !self.connection.is_autocommit() {
            // An earlier rollback failed; only a new connection is certain to be outside of any transaction.
            self.connection = connection::open(&self.location)
                .map_err(|error| AppendError::Retry(error.to_string()))?;
        }
        let fault = match self.commit(batch, records) {
            Ok(()) => {
                self.commits = (self.commits + 1) % COMMITS_PER_LOOK;
                if self.commits == 0 {
                    self.bound_wal(WAL_BYTES_MAX);
                }
                return Ok(());
            }
            Err(fault) => fault,
        };
        match AppendError::from(fault) {
            // Where COMMIT itself failed, only the lane tells on which side of it.
            AppendError::Retry(_)
                if self.connection.is_autocommit() && self.is_committed(batch).unwrap_or(false) =>
            {
                Ok(())
            }
            error => Err(error),
        }
    }

    /// Moves the write-ahead log into the database file and empties it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while a reader reads from the log; otherwise what the disk refused.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        let busy: bool =
            self.connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        if busy {
            return Err(StoreError::Busy("a page is still being read".to_owned()));
        }
        Ok(())
    }

    /// Ends cleanly: everything is in the one database file. Drop the readers before.
    ///
    /// # Errors
    /// As [`Writer::checkpoint`]; nothing is lost then, the next start reads the log.
    pub fn close(mut self) -> Result<(), StoreError> {
        self.checkpoint()?;
        self.connection
            .close()
            .map_err(|(_, error)| StoreError::from(error))
    }

    fn commit(&mut self, batch: BatchId, records: &[Record]) -> Result<(), Fault> {
        // Taken out, so that after any error it is read again.
        let memory = self.memory.take();
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let lane = Lane::read(&transaction)?;
        if lane.epoch != self.epoch {
            return Err(Fault::Contradiction(
                "another server has opened the database meanwhile".to_owned(),
            ));
        }
        if lane.has(batch) {
            return Ok(());
        }
        let mut memory = match memory {
            Some(memory) => memory,
            None => Memory {
                register: Register::load(&transaction)?,
                conversations: Conversations::load(&transaction)?,
            },
        };
        let mut appending = Appending::new(&transaction, &mut memory, lane);
        for record in records {
            appending.record(record)?;
        }
        appending.finish(batch)?;
        transaction.commit()?;
        self.memory = Some(memory);
        Ok(())
    }

    fn is_committed(&self, batch: BatchId) -> rusqlite::Result<bool> {
        Ok(Lane::read(&self.connection)?.has(batch))
    }

    /// Automatic checkpoints never empty a log from which someone always reads. When it has grown beyond a bound, wait for
    /// the readers' pages, which are short.
    fn bound_wal(&mut self, bytes_max: u64) {
        let mut log = self.location.as_os_str().to_owned();
        log.push("-wal");
        if std::fs::metadata(log).is_ok_and(|log| log.len() > bytes_max) {
            // What fails here is tried again later: the batch is committed, and the log still holds it.
            let _ = self.connection.busy_timeout(READERS_WAIT);
            let _ = self.checkpoint();
            let _ = self.connection.busy_timeout(connection::BUSY);
        }
    }
}

/// How far the recorder has come.
struct Lane {
    epoch: i64,
    last_batch: i64,
    last_time: i64,
    last_id: u64,
}

impl Lane {
    fn read(connection: &Connection) -> rusqlite::Result<Self> {
        connection
            .prepare_cached(
                "SELECT epoch, last_batch, last_time, last_id FROM lane WHERE lane = 0",
            )?
            .query_row([], |row| {
                Ok(Self {
                    epoch: row.get(0)?,
                    last_batch: row.get(1)?,
                    last_time: row.get(2)?,
                    last_id: row.get::<_, i64>(3)?.cast_unsigned(),
                })
            })
    }

    fn has(&self, batch: BatchId) -> bool {
        self.last_batch >= batch.0.cast_signed()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::Store;
    use causette_core::record::Fact;
    use causette_proto::Timestamp;

    fn batch(text: &str) -> [Record; 1] {
        let fact = Fact::ServerStopped {
            reason: text.into(),
        };
        [Record {
            time: Timestamp(1),
            session: None,
            fact,
        }]
    }

    fn pages_max(writer: &Writer, pages: i64) {
        let set: i64 = writer
            .connection
            .query_row(&format!("PRAGMA max_page_count = {pages}"), [], |row| {
                row.get(0)
            })
            .unwrap();
        assert!(set >= pages);
    }

    #[test]
    fn a_full_disk_is_retried_until_there_is_room() {
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        writer.append(BatchId(1), &batch("before")).unwrap();
        let pages: i64 = writer
            .connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        pages_max(&writer, pages);
        let large = batch(&"x".repeat(1 << 16));
        for _ in 0..2 {
            let error = writer.append(BatchId(2), &large).unwrap_err();
            assert!(matches!(error, AppendError::Retry(_)), "{error}");
        }
        pages_max(&writer, pages + 1000);
        writer.append(BatchId(2), &large).unwrap();
        writer.append(BatchId(3), &batch("after")).unwrap();
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.entries, 3);
    }

    #[test]
    fn a_locked_database_is_retried() {
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        writer.connection.busy_timeout(Duration::ZERO).unwrap();
        let other = connection::open(store.location()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = writer.append(BatchId(1), &batch("one")).unwrap_err();
        assert!(matches!(error, AppendError::Retry(_)), "{error}");
        other.execute_batch("ROLLBACK").unwrap();
        writer.append(BatchId(1), &batch("one")).unwrap();
    }

    /// As after a COMMIT whose answer was lost, and a rollback that failed.
    #[test]
    fn a_connection_left_inside_a_transaction_is_replaced() {
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        writer.append(BatchId(1), &batch("one")).unwrap();
        writer.connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        writer.append(BatchId(1), &batch("one")).unwrap();
        writer.append(BatchId(2), &batch("two")).unwrap();
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.entries, 2);
    }

    #[test]
    fn the_log_is_emptied_when_it_has_grown() {
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        let log = store.location().with_file_name("causette.db-wal");
        let length = || std::fs::metadata(&log).unwrap().len();
        writer.append(BatchId(1), &batch("one")).unwrap();
        writer.bound_wal(length());
        assert!(length() > 0);
        writer.bound_wal(length() - 1);
        assert_eq!(length(), 0);
        writer.append(BatchId(2), &batch("two")).unwrap();
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.entries, 2);
    }
}
