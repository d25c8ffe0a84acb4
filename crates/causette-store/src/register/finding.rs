//! Where the register and what it tells of disagree.

use crate::error::{Fault, StoreError};
use std::fmt;

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// The table where it is.
    pub table: &'static str,
    /// Which of its rows.
    pub row: RowName,
    /// Which column of it, where it is one.
    pub column: Option<&'static str>,
    /// The entry that it is about, where one is known.
    pub entry: Option<u64>,
}

impl Finding {
    pub(crate) fn new(kind: Kind, table: &'static str, row: RowName) -> Self {
        let (column, entry) = (None, None);
        Self {
            kind,
            table,
            row,
            column,
            entry,
        }
    }

    /// About an entry itself.
    pub(crate) fn of_entry(kind: Kind, entry: u64) -> Self {
        Self::new(kind, "register_entry", RowName::Entry(entry)).by(entry)
    }

    pub(crate) fn column(self, column: &'static str) -> Self {
        let column = Some(column);
        Self { column, ..self }
    }

    /// The entry that tells of it.
    pub(crate) fn by(self, entry: u64) -> Self {
        let entry = Some(entry);
        Self { entry, ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} {}", self.kind.name(), self.table, self.row)?;
        if let Some(column) = self.column {
            write!(f, ", {column}")?;
        }
        match self.entry {
            Some(entry) => write!(f, ", entry {entry}"),
            None => Ok(()),
        }
    }
}

/// Which rows a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowName {
    /// That of an entry.
    Entry(u64),
    /// Those of several entries, of which one follows the other.
    Entries {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// One that has a number.
    Number(i64),
    /// That of a month, as `2026-11`.
    Month(String),
    /// A place in a room.
    Place {
        /// The room's number.
        room: i64,
        /// The place, from 1 on.
        seq: i64,
    },
    /// Several places, of which one follows the other.
    Places {
        /// The room's number.
        room: i64,
        /// The first.
        from: i64,
        /// The last.
        to: i64,
    },
    /// Somebody's in a conversation.
    Person {
        /// The conversation's room.
        room: i64,
        /// The number of the person.
        person: u64,
    },
    /// That a file was sent to somebody.
    Sent {
        /// The number of the file.
        file: i64,
        /// The number of the account.
        account: u64,
    },
    /// So many of them, and not which.
    Count {
        /// How many there are.
        found: u64,
        /// How many the register tells of.
        told: u64,
    },
}

impl fmt::Display for RowName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Entry(entry) => write!(f, "{entry}"),
            Self::Entries { from, to } => write!(f, "{from}-{to}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Month(month) => f.write_str(month),
            Self::Place { room, seq } => write!(f, "{room}/{seq}"),
            Self::Places { room, from, to } => write!(f, "{room}/{from}-{to}"),
            Self::Person { room, person } => write!(f, "{room}/{person}"),
            Self::Sent { file, account } => write!(f, "{file}/{account}"),
            Self::Count { found, told } => write!(f, "{found}/{told}"),
        }
    }
}

/// What a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A number is missing in the sequence, or several.
    EntryMissing,
    /// An entry is older than the one before it, and tells of no step of the clock.
    OutOfOrder,
    /// A value is of a kind that nobody writes there.
    Impossible,
    /// A row is not there of which an entry tells.
    RowMissing,
    /// A row is there of which no entry tells.
    RowWithoutEntry,
    /// An entry's metadata, time, type or place, is not what it commits to.
    EntryAltered,
    /// The content, or its salt, is not what the entry commits to.
    ContentAltered,
    /// What an entry commits to is gone or marked as erased, and no entry says that it was erased.
    ErasedUnsaid,
    /// A pseudonym is not that of whom the metadata names.
    TagAltered,
    /// The key of a month's tags is gone.
    KeyMissing,
    /// No entry has a tag by a key.
    KeyUnused,
    /// A column has something else than the entry tells.
    ColumnAltered,
    /// An entry of an earlier version, or its row, is not as it was when it was bound.
    EarlierAltered,
    /// The entry with which binding begins does not bind what is before it.
    BindingAltered,
    /// An entry is bound as those of earlier versions are, and is none.
    BoundLate,
    /// A message is hidden, or shown, against what the register says.
    Redaction,
    /// There is nothing at a place of a room.
    PlaceEmpty,
    /// There are two at a place of a room.
    PlaceTwice,
    /// There is something at a place that the room does not have by its row.
    PlaceBeyond,
    /// A table has more or fewer rows than the register tells of.
    Count,
    /// An entry closes a connection, and names another address or account than it had.
    Closing,
}

impl Kind {
    /// Every kind there is.
    pub const ALL: [Self; 21] = [
        Self::EntryMissing,
        Self::OutOfOrder,
        Self::Impossible,
        Self::RowMissing,
        Self::RowWithoutEntry,
        Self::EntryAltered,
        Self::ContentAltered,
        Self::ErasedUnsaid,
        Self::TagAltered,
        Self::KeyMissing,
        Self::KeyUnused,
        Self::ColumnAltered,
        Self::EarlierAltered,
        Self::BindingAltered,
        Self::BoundLate,
        Self::Redaction,
        Self::PlaceEmpty,
        Self::PlaceTwice,
        Self::PlaceBeyond,
        Self::Count,
        Self::Closing,
    ];

    /// Its word, for scripts. They are added to, never changed.
    pub fn name(self) -> &'static str {
        match self {
            Self::EntryMissing => "entry-missing",
            Self::OutOfOrder => "out-of-order",
            Self::Impossible => "impossible",
            Self::RowMissing => "row-missing",
            Self::RowWithoutEntry => "row-without-entry",
            Self::EntryAltered => "entry-altered",
            Self::ContentAltered => "content-altered",
            Self::ErasedUnsaid => "erased-unsaid",
            Self::TagAltered => "tag-altered",
            Self::KeyMissing => "key-missing",
            Self::KeyUnused => "key-unused",
            Self::ColumnAltered => "column-altered",
            Self::EarlierAltered => "earlier-altered",
            Self::BindingAltered => "binding-altered",
            Self::BoundLate => "bound-late",
            Self::Redaction => "redaction",
            Self::PlaceEmpty => "place-empty",
            Self::PlaceTwice => "place-twice",
            Self::PlaceBeyond => "place-beyond",
            Self::Count => "count",
            Self::Closing => "closing",
        }
    }
}

/// Why the register is not taken for whole.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    /// The rows could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something does not agree.
    #[error("{first}, and {more} more")]
    Found {
        /// The first that does not.
        first: Finding,
        /// How many others do not.
        more: u64,
    },
}

impl From<Fault> for Mismatch {
    fn from(fault: Fault) -> Self {
        Self::Store(fault.into())
    }
}
