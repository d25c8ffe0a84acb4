//! The one connection that appends: its transactions, the lane that says how far it has come, and a COMMIT whose outcome is
//! not known.

use super::connection;
use super::log::{self, Grown, Log};
use crate::engine::recording::{self, Closed, Committed};
use crate::engine::{Moment, write};
use crate::error::{AppendError, Fault, StoreError};
use crate::plan::Plan;
use crate::plan::row::LaneRow;
use causette_core::id::BatchId;
use rusqlite::{Connection, TransactionBehavior};
use std::path::{Path, PathBuf};

/// A database that is being appended to.
pub(crate) struct Recording {
    pub(crate) connection: Connection,
    location: PathBuf,
    pub(crate) log: Log,
    /// Which opening of the database this is: batches are numbered afresh in each.
    epoch: i64,
}

impl Recording {
    pub(crate) fn open(location: &Path) -> Result<Self, StoreError> {
        let mut connection = connection::open(location)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let epoch = recording::begin(&Moment::lent(&transaction))?;
        transaction.commit()?;
        Ok(Self {
            connection,
            location: location.to_owned(),
            log: Log::note(location)?,
            epoch,
        })
    }

    /// Commits what is planned for a batch, unless the batch is committed already.
    ///
    /// # Errors
    /// Then nothing is committed, and the error says whether it may be attempted again.
    pub(crate) fn commit(
        &mut self,
        batch: BatchId,
        plan: impl FnOnce(&Moment<'_>, LaneRow) -> Result<Plan, Fault>,
    ) -> Result<Committed, AppendError> {
        if !self.connection.is_autocommit() {
            // An earlier rollback failed; only a new connection is certain to be outside of any transaction.
            self.connection = connection::open(&self.location)
                .map_err(|error| AppendError::Retry(error.to_string()))?;
        }
        self.log.make_room(&self.connection)?;
        let committed = self.commit_once(batch, plan)?;
        // Before anybody is told: in a log that is no more, nothing is kept.
        self.log
            .look()
            .map_err(|error| AppendError::Fatal(error.to_string()))?;
        self.log.tend(&self.connection)?;
        Ok(committed)
    }

    fn commit_once(
        &mut self,
        batch: BatchId,
        plan: impl FnOnce(&Moment<'_>, LaneRow) -> Result<Plan, Fault>,
    ) -> Result<Committed, AppendError> {
        let fault = match self.attempt(batch, plan) {
            Ok(committed) => return Ok(committed),
            Err(fault) => fault,
        };
        match AppendError::from(fault) {
            // Where COMMIT itself failed, only the lane tells on which side of it.
            AppendError::Retry(_)
                if self.connection.is_autocommit() && self.is_committed(batch).unwrap_or(false) =>
            {
                Ok(Committed::Somehow)
            }
            error => Err(error),
        }
    }

    fn attempt(
        &mut self,
        batch: BatchId,
        plan: impl FnOnce(&Moment<'_>, LaneRow) -> Result<Plan, Fault>,
    ) -> Result<Committed, Fault> {
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let moment = Moment::own(transaction);
        let (epoch, lane) = recording::lane(&moment)?;
        recording::same(epoch, self.epoch)?;
        if recording::has(lane, batch) {
            return Ok(Committed::Somehow);
        }
        let plan = plan(&moment, lane)?;
        write::commit(moment, &plan)?;
        Ok(Committed::Now)
    }

    fn is_committed(&self, batch: BatchId) -> Result<bool, Fault> {
        let (_, lane) = recording::lane(&Moment::lent(&self.connection))?;
        Ok(recording::has(lane, batch))
    }

    pub(crate) fn take_grown(&mut self) -> Option<Grown> {
        self.log.take_grown()
    }

    /// See [`Writer::checkpoint`](crate::Writer::checkpoint).
    pub(crate) fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.log.look()?;
        self.log
            .settle()
            .map_err(|error| StoreError::Io(error.to_string()))?;
        if log::checkpoint(&self.connection, "TRUNCATE")?.busy {
            return Err(StoreError::Busy("it is still being read".to_owned()));
        }
        Ok(())
    }

    /// See [`Writer::close`](crate::Writer::close).
    pub(crate) fn close(mut self) -> Result<Closed, StoreError> {
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
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::{Store, Writer};
    use causette_core::record::{Fact, Record, Who};
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

    fn pages_max(writer: &mut Writer, pages: i64) {
        let set: i64 = writer
            .recording
            .of_file()
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
            .recording
            .of_file()
            .connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        pages_max(&mut writer, pages);
        let large = batch(&"x".repeat(1 << 16));
        for _ in 0..2 {
            let error = writer.append(BatchId(2), &large).unwrap_err();
            assert!(matches!(error, AppendError::Retry(_)), "{error}");
        }
        pages_max(&mut writer, pages + 1000);
        writer.append(BatchId(2), &large).unwrap();
        writer.append(BatchId(3), &batch("after")).unwrap();
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.entries, 3);
    }

    #[test]
    fn a_locked_database_is_retried() {
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        writer
            .recording
            .of_file()
            .connection
            .busy_timeout(Duration::ZERO)
            .unwrap();
        let other = connection::open(store.file().unwrap()).unwrap();
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
        writer
            .recording
            .of_file()
            .connection
            .execute_batch("BEGIN IMMEDIATE")
            .unwrap();
        writer.append(BatchId(1), &batch("one")).unwrap();
        writer.append(BatchId(2), &batch("two")).unwrap();
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.entries, 2);
    }

    fn log(store: &Store) -> PathBuf {
        store.file().unwrap().with_file_name("causette.db-wal")
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
        writer.recording.of_file().log.bounds.emptied = length(&store);
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
            let reader = connection::open_read_only(store.file().unwrap()).unwrap();
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
        writer.recording.of_file().log.settle().unwrap();
        assert!(std::fs::metadata(store.file().unwrap()).unwrap().len() > 4000 * 4096);
    }

    /// Somebody forgot a program in the middle of its reading.
    #[test]
    fn what_a_reader_holds_up_is_told_and_bounded() {
        let store = Store::temporary().unwrap();
        let mut writer = store.writer().unwrap();
        writer.append(BatchId(1), &batch("before")).unwrap();
        let reader = connection::open_read_only(store.file().unwrap()).unwrap();
        reader
            .execute_batch("BEGIN; SELECT * FROM register_entry")
            .unwrap();
        let start = length(&store);
        writer.recording.of_file().log.bounds = log::Bounds {
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
                Ok(_) => assert!(length(&store) < start + (1 << 20) + (1 << 18)),
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
                    .file()
                    .unwrap()
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
