//! The register: one entry for every recorded fact, in one sequence without holes.
//!
//! An entry holds no personal data in clear: a category, a type, tags of who acted and on what, and two salted commitments
//! (metadata, content). What they commit to and the salts are in the payload, which can be erased without breaking the
//! sequence. Entry, payload and message are written in the same transaction.
//!
//! - `commitment = HMAC-SHA256(salt, canonical JSON)`, with a fresh 256-bit salt each
//! - `tag = HMAC-SHA256(key of the month, subject)`, its first 12 bytes; deleting the key makes the tags anonymous
//!
//! A subject is `account:N`, `guest:N` (N is the number of the session), `room:N`, `address:A`, or `system:N` (the system user at
//! the server's console or socket). Metadata is canonical
//! JSON with French keys, where ids are texts: they do not fit a JSON number. The content of an event is
//! `{"tags":…,"texte":…}`; where the event is kept in a room, the message row is its own payload.

pub(crate) mod binding;
pub(crate) mod canonical;
mod entry;
mod finding;
pub(crate) mod members;
pub(crate) mod meta;
pub(crate) mod opened;
mod reading;
mod verify;
pub(crate) mod words;

pub use entry::{Commitment, Entry, Tag};
pub use finding::{Finding, Kind, Mismatch, RowName};
pub use reading::{
    KINDS, Keeping, Listed, Named, Origin, Portion, Question, Redacted, RegisterReader, Said,
    Sought, Unknown,
};
pub use verify::{Counts, Head, Progress, Verified};

use causette_core::id::UserId;
use causette_core::record::Who;
use causette_proto::CompactString;
use std::fmt;
use std::net::IpAddr;

/// Who acts, or on what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    Account(u64),
    Guest(u64),
    Room(i64),
    Address(IpAddr),
    System(CompactString),
}

impl Subject {
    /// Whom a fact names; `None` for the server.
    pub(crate) fn of(who: &Who) -> Option<Self> {
        match who {
            Who::Account(id) => Some(Self::Account(id.0)),
            Who::Guest(id) => Some(Self::Guest(id.0)),
            Who::Address(address) => Some(Self::Address(*address)),
            Who::System(name) => Some(Self::System(name.clone())),
            Who::Server => None,
        }
    }

    /// The number of the person; 0 for what is none.
    pub(crate) fn person_number(&self) -> u64 {
        match self {
            Self::Account(id) | Self::Guest(id) => *id,
            Self::Room(_) | Self::Address(_) | Self::System(_) => 0,
        }
    }

    pub(crate) fn person(id: UserId, has_account: bool) -> Self {
        if has_account {
            Self::Account(id.0)
        } else {
            Self::Guest(id.0)
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Guest(id) => write!(f, "guest:{id}"),
            Self::Room(id) => write!(f, "room:{id}"),
            Self::Address(address) => write!(f, "address:{address}"),
            Self::System(name) => write!(f, "system:{name}"),
        }
    }
}

/// Whom an entry is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subjects {
    /// Who acts; `None` for the server.
    pub(crate) actor: Option<Subject>,
    /// On what.
    pub(crate) target: Option<Subject>,
    /// Whom else it concerns: in a room the one who is put out, invited, or given rights. They have no tag of their own.
    pub(crate) other: Option<Subject>,
}
