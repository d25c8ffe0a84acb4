//! A batch of records becomes one transaction: planned first, then written, all of it or nothing, once.

use crate::engine::Database;
use crate::engine::recording::{Closed, Committed, Recording};
use crate::engine::sqlite::log::Grown;
use crate::error::{AppendError, StoreError};
use crate::plan::known::Known;
use crate::store::Temporary;
use crate::{plan, recall};
use causette_core::id::BatchId;
use causette_core::record::Record;
use std::sync::Arc;

/// The one that appends. Owned by the recorder's thread.
pub struct Writer {
    pub(crate) recording: Recording,
    /// What is known of the rows as they were after the last commit; `None` when it must be read again.
    known: Option<Known>,
    /// The numbers that the last attempt gave: it may turn out later that it was committed.
    attempted: Option<(BatchId, Vec<Option<u64>>)>,
    /// Dropped after the connection.
    _temporary: Option<Arc<Temporary>>,
}

impl Writer {
    pub(crate) fn open(
        database: &Database,
        temporary: Option<Arc<Temporary>>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            recording: Recording::open(database)?,
            known: None,
            attempted: None,
            _temporary: temporary,
        })
    }

    /// Commits a batch: its records, their consequences and their register entries, in one transaction. When it returns,
    /// they survive a power cut. A batch that is already committed is not written again, so that after an error the same
    /// batch can be appended until it succeeds; batches come in the order of their ids.
    ///
    /// Returns for each record the number of its entry in the register, the first where it has one in each of several rooms.
    /// `None` for what the register does not keep, and for a batch that was committed before the last one.
    ///
    /// # Errors
    /// Then nothing of the batch is committed, and the error says whether it may be appended again.
    pub fn append(
        &mut self,
        batch: BatchId,
        records: &[Record],
    ) -> Result<Vec<Option<u64>>, AppendError> {
        // Taken out, so that after any error it is read again.
        let known = self.known.take();
        let mut planned = None;
        let committed = self.recording.commit(batch, |moment, lane| {
            let mut known = match known {
                Some(known) => known,
                None => recall::begin(moment)?,
            };
            let missing = known.missing(records);
            recall::read(moment, &mut known, &missing)?;
            let mut random = |bytes: &mut [u8]| getrandom::fill(bytes);
            let plan = plan::plan(batch, records, lane, &mut known, &mut random)?;
            self.attempted = Some((batch, plan.numbers.clone()));
            planned = Some(known);
            Ok(plan)
        })?;
        if committed == Committed::Now {
            self.known = planned;
        }
        Ok(match &self.attempted {
            Some((attempted, numbers)) if *attempted == batch => numbers.clone(),
            _ => vec![None; records.len()],
        })
    }

    /// The log of the database has grown long, and why, once each time that it has.
    pub fn take_grown(&mut self) -> Option<Grown> {
        self.recording.take_grown()
    }

    /// Moves the write-ahead log into the database file and empties it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while a reader reads from the log; otherwise what the disk refused.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.recording.checkpoint()
    }

    /// Ends cleanly: everything is in the one database file, unless another program is reading it. Drop the readers before.
    ///
    /// # Errors
    /// What the disk refused; nothing is lost then, the next start reads the log.
    pub fn close(self) -> Result<Closed, StoreError> {
        self.recording.close()
    }
}
