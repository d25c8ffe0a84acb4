//! The connection that appends to a database on a server, and a COMMIT whose outcome is not known.

use super::address::Address;
use super::lock::{Lock, Session};
use super::{Connection, Patience};
use crate::engine::recording::{self, Committed};
use crate::engine::{Moment, write};
use crate::error::{AppendError, Fault, StoreError};
use crate::plan::Plan;
use crate::plan::row::LaneRow;
use causette_core::id::BatchId;
use std::cell::RefCell;
use std::sync::Arc;

/// A database that is being appended to.
pub(crate) struct Recording {
    address: Address,
    lock: Arc<Lock>,
    connection: RefCell<Connection>,
    session: Session,
    /// Which opening of the database this is: batches are numbered afresh in each.
    epoch: i64,
}

impl Recording {
    pub(crate) fn open(address: &Address) -> Result<Self, StoreError> {
        let lock = Lock::take(address)?;
        let mut connection = Connection::open(address, Patience::Short)?;
        let session = Session::of(&mut connection)?;
        let connection = RefCell::new(connection);
        connection.borrow_mut().begin_writing()?;
        let moment = Moment::of_server(&connection);
        let epoch = recording::begin(&moment)?;
        moment.commit()?;
        Ok(Self {
            address: address.clone(),
            lock,
            connection,
            session,
            epoch,
        })
    }

    /// Commits what is planned for a batch, unless the batch is committed already. Where an earlier attempt was cut off, the
    /// lane tells on which side of its COMMIT.
    pub(crate) fn commit(
        &mut self,
        batch: BatchId,
        plan: impl FnOnce(&Moment<'_>, LaneRow) -> Result<Plan, Fault>,
    ) -> Result<Committed, AppendError> {
        Ok(self.attempt(batch, plan)?)
    }

    fn attempt(
        &mut self,
        batch: BatchId,
        plan: impl FnOnce(&Moment<'_>, LaneRow) -> Result<Plan, Fault>,
    ) -> Result<Committed, Fault> {
        if self.connection.get_mut().is_lost() {
            self.again()?;
        }
        self.connection.get_mut().begin_writing()?;
        let moment = Moment::of_server(&self.connection);
        let (epoch, lane) = recording::lane(&moment)?;
        recording::same(epoch, self.epoch)?;
        if recording::has(lane, batch) {
            return Ok(Committed::Somehow);
        }
        let plan = plan(&moment, lane)?;
        write::write(&moment, &plan)?;
        moment.commit()?;
        Ok(Committed::Now)
    }

    /// Another connection, where the one before was lost.
    fn again(&mut self) -> Result<(), Fault> {
        let mut connection = Connection::open(&self.address, Patience::Short).map_err(passing)?;
        // The server may not have noticed yet that it was lost, and hold for it what is to be written now.
        self.session.end(&mut connection)?;
        self.lock.keep().map_err(passing)?;
        self.session = Session::of(&mut connection)?;
        *self.connection.get_mut() = connection;
        Ok(())
    }
}

/// What keeps a server from being reached passes, as far as anybody knows; that another serves now does not.
fn passing(error: StoreError) -> Fault {
    use crate::error::Reason;
    match error {
        StoreError::Served(_) => Fault::Contradiction(recording::ANOTHER.to_owned()),
        other => Fault::Engine {
            text: other.to_string(),
            reason: Reason::Io,
            may_pass: true,
        },
    }
}
