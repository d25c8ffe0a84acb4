//! A batch of records becomes one transaction.
//!
//! This file keeps a batch together: all of it or nothing, once. Which rows a record becomes is in [`batch`].

mod batch;

use crate::connection;
use crate::conversation::Conversations;
use crate::error::{AppendError, Fault, StoreError};
use crate::log::{self, Grown, Log};
use crate::register::Register;
use crate::store::Temporary;
use batch::Appending;
use causette_core::id::BatchId;
use causette_core::record::Record;
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a clean end leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Everything is in the database file.
    Whole,
    /// Another program reads or writes: the log stays beside the database, and the next start reads it.
    LogStays,
}

/// The one that appends. Owned by the recorder's thread.
pub struct Writer {
    connection: Connection,
    location: PathBuf,
    log: Log,
    /// Which opening of the database this is: batches are numbered afresh in each.
    epoch: i64,
    /// What is known of the rows as they were after the last commit; `None` when it must be read again.
    memory: Option<Memory>,
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
            log: Log::note(location)?,
            epoch,
            memory: None,
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
        self.log.make_room(&self.connection)?;
        self.commit_once(batch, records)?;
        // Before anybody is told: in a log that is no more, nothing is kept.
        self.log
            .look()
            .map_err(|error| AppendError::Fatal(error.to_string()))?;
        self.log.tend(&self.connection)
    }

    fn commit_once(&mut self, batch: BatchId, records: &[Record]) -> Result<(), AppendError> {
        let Err(fault) = self.commit(batch, records) else {
            return Ok(());
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

    /// The log of the database has grown long, and why, once each time that it has.
    pub fn take_grown(&mut self) -> Option<Grown> {
        self.log.take_grown()
    }

    /// Moves the write-ahead log into the database file and empties it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while a reader reads from the log; otherwise what the disk refused.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.log.look()?;
        self.log
            .settle()
            .map_err(|error| StoreError::Io(error.to_string()))?;
        if log::checkpoint(&self.connection, "TRUNCATE")?.busy {
            return Err(StoreError::Busy("it is still being read".to_owned()));
        }
        Ok(())
    }

    /// Ends cleanly: everything is in the one database file, unless another program is reading it. Drop the readers before.
    ///
    /// # Errors
    /// What the disk refused; nothing is lost then, the next start reads the log.
    pub fn close(mut self) -> Result<Closed, StoreError> {
        self.connection.busy_timeout(log::READERS_WAIT)?;
        let closed = match self.checkpoint() {
            Err(StoreError::Busy(_)) => Closed::LogStays,
            done => done.map(|()| Closed::Whole)?,
        };
        self.connection
            .close()
            .map_err(|(_, error)| StoreError::from(error))?;
        Ok(closed)
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
    use causette_core::record::{Fact, Who};
    use causette_proto::Timestamp;
    use std::time::Duration;

    fn batch(text: &str) -> [Record; 1] {
        let fact = Fact::ServerStopped {
            reason: text.into(),
        };
        [Record {
            time: Timestamp(1),
            steady: Timestamp(1),
            session: None,
            by: Who::Server,
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

    fn log(store: &Store) -> PathBuf {
        store.location().with_file_name("causette.db-wal")
    }

    fn length(store: &Store) -> u64 {
        std::fs::metadata(log(store)).unwrap().len()
    }

    #[test]
    fn the_log_is_emptied_when_it_has_grown() {
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        writer.append(BatchId(1), &batch("one")).unwrap();
        assert!(length(&store) > 0);
        writer.log.bounds.emptied = length(&store);
        writer.append(BatchId(2), &batch("two")).unwrap();
        assert_eq!(length(&store), 0);
        writer.append(BatchId(3), &batch("three")).unwrap();
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.entries, 3);
        assert_eq!(writer.take_grown(), None);
    }

    #[test]
    fn a_stop_does_not_wait_for_another_program() {
        let store = Store::temporary().unwrap();
        for closed in [Closed::Whole, Closed::LogStays] {
            let mut writer = store.writer().unwrap();
            let reader = connection::open_read_only(store.location()).unwrap();
            if closed == Closed::LogStays {
                reader
                    .execute_batch("BEGIN; SELECT * FROM register_entry")
                    .unwrap();
            }
            writer.append(BatchId(1), &batch("one")).unwrap();
            let begun = std::time::Instant::now();
            assert_eq!(writer.close().unwrap(), closed);
            assert!(begun.elapsed() < connection::BUSY);
        }
    }

    #[test]
    fn many_pages_are_moved_into_the_database() {
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        let large = batch(&"x".repeat(1 << 20));
        for number in 1..=20 {
            writer.append(BatchId(number), &large).unwrap();
        }
        writer.log.settle().unwrap();
        assert!(std::fs::metadata(store.location()).unwrap().len() > 4000 * 4096);
    }

    /// Somebody forgot a program in the middle of its reading.
    #[test]
    fn what_a_reader_holds_up_is_told_and_bounded() {
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        writer.append(BatchId(1), &batch("before")).unwrap();
        let reader = connection::open_read_only(store.location()).unwrap();
        reader
            .execute_batch("BEGIN; SELECT * FROM register_entry")
            .unwrap();
        let start = length(&store);
        writer.log.bounds = log::Bounds {
            emptied: start,
            told: start + (1 << 18),
            max: start + (1 << 20),
        };
        let large = batch(&"x".repeat(1 << 16));
        let mut number = 1;
        let refused = loop {
            number += 1;
            assert!(number < 1000, "the log grows without a bound");
            match writer.append(BatchId(number), &large) {
                Ok(()) => assert!(length(&store) < start + (1 << 20) + (1 << 18)),
                Err(error) => break error,
            }
        };
        assert!(
            matches!(&refused, AppendError::Retry(reason) if reason.contains("has not ended")),
            "{refused}"
        );
        let grown = writer.take_grown().unwrap();
        assert!(grown.bytes >= start + (1 << 18), "{grown:?}");
        assert_eq!(writer.take_grown(), None);
        assert!(writer.append(BatchId(number), &large).is_err());

        reader.execute_batch("COMMIT").unwrap();
        writer.append(BatchId(number), &large).unwrap();
        assert!(length(&store) < 1 << 18);
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.entries, number);
    }

    #[test]
    fn a_file_that_was_removed_or_replaced_ends_the_writer() {
        for replaced in [false, true] {
            for suffix in ["", "-wal", "-shm"] {
                let store = Store::temporary().unwrap();
                let mut writer = store.writer().unwrap();
                writer.append(BatchId(1), &batch("one")).unwrap();
                let file = store
                    .location()
                    .with_file_name(format!("causette.db{suffix}"));
                let aside = file.with_extension("aside");
                std::fs::rename(&file, &aside).unwrap();
                if replaced {
                    std::fs::copy(&aside, &file).unwrap();
                }
                let error = writer.append(BatchId(2), &batch("two")).unwrap_err();
                assert!(
                    matches!(&error, AppendError::Fatal(reason) if reason.contains("removed or replaced")),
                    "{error}"
                );
                assert!(matches!(writer.close(), Err(StoreError::Replaced(_))));
            }
        }
    }
}
