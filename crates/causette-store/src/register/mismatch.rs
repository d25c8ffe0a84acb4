//! Where the register and what it tells of disagree.

use crate::error::{Fault, StoreError};

/// The first disagreement.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    /// The rows could not be read, or hold what nobody writes.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A number is missing.
    #[error("entry {0} is missing")]
    Missing(u64),
    /// An entry is older than the one before it.
    #[error("entry {0} is older than the one before it, and tells of no step of the clock")]
    Order(u64),
    /// A value is of a kind that nobody writes there.
    #[error("entry {0}, or its row, has a value that cannot be there")]
    Value(u64),
    /// An entry has no payload.
    #[error("entry {0} has no payload")]
    Payload(u64),
    /// The metadata, or where and when it is kept, is not what was committed to.
    #[error("the metadata of entry {0} was altered, or its time, type or place")]
    Meta(u64),
    /// The content is not what was committed to, or is gone.
    #[error("the content of entry {0} was altered")]
    Content(u64),
    /// A payload is gone.
    #[error("what entry {0} commits to is gone, and no entry says that it was erased")]
    Erased(u64),
    /// A pseudonym is not that of whom the metadata names, or its key was altered.
    #[error("the tag of the {tag} of entry {entry} is not theirs")]
    Tag {
        /// The entry.
        entry: u64,
        /// Actor or target.
        tag: &'static str,
    },
    /// The key of a month's tags is gone, or no entry has tags of that month.
    #[error("the key of the tags of {0} is missing, or belongs to no entry")]
    Key(String),
    /// A row is not what its entry says.
    #[error("the {what} of the row of entry {entry} in {table} was altered")]
    Row {
        /// The entry.
        entry: u64,
        /// The table.
        table: &'static str,
        /// What of it.
        what: &'static str,
    },
    /// What was found of an older entry is not there any more.
    #[error("entry {0} or its row was altered since earlier entries were bound")]
    Earlier(u64),
    /// The entry with which binding begins does not bind what is before it.
    #[error("entry {0} does not bind those before it")]
    Binding(u64),
    /// What an entry tells of is otherwise in the table of what it is about.
    #[error("entry {entry} tells of something else than {table} has: its {what}")]
    Told {
        /// The entry.
        entry: u64,
        /// The table.
        table: &'static str,
        /// What of it.
        what: &'static str,
    },
    /// There are rows without an entry, or entries without a row.
    #[error("{table} has {found} rows, and the register tells of {told}")]
    Unrecorded {
        /// The table, and which of its rows.
        table: &'static str,
        /// How many there are.
        found: u64,
        /// How many the register tells of.
        told: u64,
    },
    /// A message is hidden, or shown, against what the register says.
    #[error("in room {room}, place {seq} was taken back, and no entry tells of it at that time")]
    TakenBack {
        /// The room.
        room: i64,
        /// The place in it.
        seq: i64,
    },
    /// A room's places do not follow each other, or there are others than its row says.
    #[error("room {room} has not one event at each of its places {from} to {to}")]
    Places {
        /// The room.
        room: i64,
        /// The first place that was looked at.
        from: i64,
        /// The last.
        to: i64,
    },
}

impl From<Fault> for Mismatch {
    fn from(fault: Fault) -> Self {
        Self::Store(fault.into())
    }
}
