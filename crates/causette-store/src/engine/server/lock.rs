//! One server for one database: who serves holds a lock in it, by a connection of its own, for as long as it lives.
//!
//! That keeps a second one from starting. What keeps it from writing, wherever the lock was lost, is the epoch of the lane.

use super::address::Address;
use super::flavour::Flavour;
use super::{Connection, Patience};
use crate::engine::values;
use crate::error::{Fault, StoreError};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The lock of a database, held until it is dropped.
pub(crate) struct Lock {
    address: Address,
    held: Mutex<Held>,
}

struct Held {
    connection: Connection,
    session: Session,
}

/// A connection as the server knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) id: i64,
    /// When it began: ids come again.
    pub(super) since: String,
}

/// The locks that this process holds: whoever opens the same database again in it shares the lock.
static HELD: Mutex<Vec<Weak<Lock>>> = Mutex::new(Vec::new());

const POSTGRES_TRY: &str = "SELECT pg_advisory_lock(1667331189, hashtext(current_schema()))";
const MYSQL_NAME: &str = "CONCAT('causette.', SHA1(DATABASE()))";

impl Lock {
    /// Takes the lock.
    ///
    /// # Errors
    /// [`StoreError::Served`] where another has it.
    pub(crate) fn take(address: &Address) -> Result<Arc<Self>, StoreError> {
        let mut all = whole(&HELD);
        all.retain(|lock| lock.strong_count() > 0);
        let mut held = all.iter().filter_map(Weak::upgrade);
        if let Some(lock) = held.find(|lock| lock.address == *address) {
            return Ok(lock);
        }
        let mut connection = Connection::open(address, Patience::Short)?;
        if !lock(&mut connection)? {
            return Err(StoreError::Served(address.to_string()));
        }
        let session = Session::of(&mut connection)?;
        let lock = Arc::new(Self {
            address: address.clone(),
            held: Mutex::new(Held {
                connection,
                session,
            }),
        });
        all.push(Arc::downgrade(&lock));
        Ok(lock)
    }

    /// Sees to it that the lock is held still, after the connection of somebody else was lost.
    ///
    /// # Errors
    /// [`StoreError::Served`] where another has it now.
    pub(crate) fn keep(&self) -> Result<(), StoreError> {
        let mut held = whole(&self.held);
        if !held.connection.is_gone() {
            return Ok(());
        }
        let mut connection = Connection::open(&self.address, Patience::Short)?;
        // Across a network that was cut, the server may not have noticed yet.
        held.session.end(&mut connection)?;
        if !lock(&mut connection)? {
            return Err(StoreError::Served(self.address.to_string()));
        }
        let session = Session::of(&mut connection)?;
        *held = Held {
            connection,
            session,
        };
        Ok(())
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Lock({})", self.address)
    }
}

/// Takes the lock for a connection; not where another has it and keeps it for a moment.
fn lock(connection: &mut Connection) -> Result<bool, Fault> {
    match connection.flavour() {
        Flavour::Postgres => {
            connection.script("SET lock_timeout = '2s'")?;
            match connection.ask(POSTGRES_TRY, &[]) {
                Ok(_) => Ok(true),
                Err(fault) if fault.is_busy() => Ok(false),
                Err(fault) => Err(fault),
            }
        }
        Flavour::MariaDb | Flavour::MySql => {
            let select = format!("SELECT GET_LOCK({MYSQL_NAME}, 2)");
            let rows = connection.ask(&select, &[])?;
            let taken = rows.iter().next().map(|row| row.maybe_int(0)).transpose()?;
            Ok(taken.flatten() == Some(1))
        }
    }
}

impl Session {
    /// That of a connection.
    pub(super) fn of(connection: &mut Connection) -> Result<Self, Fault> {
        let select = match connection.flavour() {
            Flavour::Postgres => {
                "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()"
            }
            // No connection may look at when another began; the number is never given twice while the server runs.
            Flavour::MariaDb | Flavour::MySql => "SELECT CONNECTION_ID(), @@hostname",
        };
        let rows = connection.ask(select, &[])?;
        let row = rows.iter().next();
        let row = row.ok_or_else(|| Fault::corrupt("a connection has no number".to_owned()))?;
        Ok(Self {
            id: row.maybe_int(0)?.unwrap_or_default(),
            since: row.maybe_text(1)?.unwrap_or_default().to_owned(),
        })
    }

    /// Ends it, where the server has it still: what it locked is free then.
    pub(super) fn end(&self, by: &mut Connection) -> Result<(), Fault> {
        match by.flavour() {
            Flavour::Postgres => {
                let end = "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE pid = ? AND backend_start::text = ?";
                by.ask(end, values![self.id, &self.since])?;
            }
            Flavour::MariaDb | Flavour::MySql => {
                let select = "SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ? AND ID <> CONNECTION_ID() AND DB = DATABASE() AND USER = SUBSTRING_INDEX(CURRENT_USER(), '@', 1)";
                let is_there = by.ask(select, values![self.id])?.iter().next().is_some();
                if is_there {
                    // It may have ended by itself meanwhile.
                    let _ = by.script(&format!("KILL {}", self.id));
                }
            }
        }
        Ok(())
    }
}

/// A lock whose holder panicked is whole all the same: what it guards is replaced at once or not at all.
fn whole<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
