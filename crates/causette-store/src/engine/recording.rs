//! The one that appends, whatever the engine: the lane says how far it has come.

#[cfg(feature = "sql")]
use crate::engine::server;
use crate::engine::sqlite;
use crate::engine::sqlite::log::Grown;
use crate::engine::{Database, Moment, Row, values};
use crate::error::{AppendError, Fault, StoreError};
use crate::plan::Plan;
use crate::plan::row::LaneRow;
use causette_core::id::BatchId;

/// What a clean end leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Everything is in the database.
    Whole,
    /// Another program reads or writes: the log stays beside the database, and the next start reads it.
    LogStays,
}

/// When a batch was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Committed {
    /// Now.
    Now,
    /// By an earlier attempt, or by this one in spite of what its COMMIT said.
    Somehow,
}

/// A database that is being appended to.
pub(crate) enum Recording {
    Sqlite(Box<sqlite::recording::Recording>),
    #[cfg(feature = "sql")]
    Server(Box<server::recording::Recording>),
}

impl Recording {
    pub(crate) fn open(database: &Database) -> Result<Self, StoreError> {
        match database {
            Database::File(file) => sqlite::recording::Recording::open(file)
                .map(|recording| Self::Sqlite(Box::new(recording))),
            #[cfg(feature = "sql")]
            Database::Server(address) => server::recording::Recording::open(address)
                .map(|recording| Self::Server(Box::new(recording))),
        }
    }

    /// Commits what is planned for a batch, unless the batch is committed already.
    ///
    /// # Errors
    /// Then nothing is known to be committed, and the error says whether it may be attempted again.
    pub(crate) fn commit(
        &mut self,
        batch: BatchId,
        plan: impl FnOnce(&Moment<'_>, LaneRow) -> Result<Plan, Fault>,
    ) -> Result<Committed, AppendError> {
        match self {
            Self::Sqlite(recording) => recording.commit(batch, plan),
            #[cfg(feature = "sql")]
            Self::Server(recording) => recording.commit(batch, plan),
        }
    }

    /// That of a file.
    #[cfg(test)]
    pub(crate) fn of_file(&mut self) -> &mut sqlite::recording::Recording {
        match self {
            Self::Sqlite(recording) => recording,
            #[cfg(feature = "sql")]
            Self::Server(_) => panic!("it is on a server"),
        }
    }

    pub(crate) fn take_grown(&mut self) -> Option<Grown> {
        match self {
            Self::Sqlite(recording) => recording.take_grown(),
            #[cfg(feature = "sql")]
            Self::Server(_) => None,
        }
    }

    /// See [`Writer::checkpoint`](crate::Writer::checkpoint).
    pub(crate) fn checkpoint(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(recording) => recording.checkpoint(),
            #[cfg(feature = "sql")]
            Self::Server(_) => Ok(()),
        }
    }

    /// See [`Writer::close`](crate::Writer::close).
    pub(crate) fn close(self) -> Result<Closed, StoreError> {
        match self {
            Self::Sqlite(recording) => recording.close(),
            #[cfg(feature = "sql")]
            Self::Server(_) => Ok(Closed::Whole),
        }
    }
}

/// Why nothing more is appended by who was before.
pub(crate) const ANOTHER: &str = "another server has opened the database meanwhile";

/// Begins to append: from now on nobody does who began before. Gives the number of this opening.
pub(crate) fn begin(moment: &Moment<'_>) -> Result<i64, Fault> {
    moment.run(
        "UPDATE lane SET epoch = epoch + 1, last_batch = -1 WHERE lane = 0",
        &[],
    )?;
    Ok(lane(moment)?.0)
}

/// Which opening of the database is recorded, and how far it has come. Nobody else moves it until the transaction ends.
pub(crate) const LANE: &str = "SELECT epoch, last_batch, last_time, last_steady, last_id FROM lane WHERE lane = 0 {for update}";

/// Reads the answer to [`LANE`].
pub(crate) fn lane_of(row: &Row<'_>) -> Result<(i64, LaneRow), Fault> {
    let lane = LaneRow {
        last_batch: row.int(1)?,
        last_time: row.int(2)?,
        last_steady: row.int(3)?,
        last_id: row.id(4)?,
    };
    Ok((row.int(0)?, lane))
}

/// Asks for it.
pub(crate) fn lane(moment: &Moment<'_>) -> Result<(i64, LaneRow), Fault> {
    moment.only(LANE, values![], lane_of)
}

/// Which opening of the database is recorded; asked without keeping anybody from moving it.
pub(crate) fn epoch(moment: &Moment<'_>) -> Result<i64, Fault> {
    moment.only("SELECT epoch FROM lane WHERE lane = 0", &[], |row| {
        row.int(0)
    })
}

/// Refuses where another has begun to append since.
pub(crate) fn same(found: i64, epoch: i64) -> Result<(), Fault> {
    if found == epoch {
        return Ok(());
    }
    Err(Fault::Contradiction(ANOTHER.to_owned()))
}

/// Whether a batch is committed.
pub(crate) fn has(lane: LaneRow, batch: BatchId) -> bool {
    lane.last_batch >= batch.0.cast_signed()
}
