//! What keeps somebody out of the server or of a room, or silent there.

use crate::cidr::Cidr;
use crate::id::{AccountId, RoomId, SanctionId};
use causette_proto::{CompactString, Timestamp};

/// A sanction that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sanction {
    /// Its id.
    pub id: SanctionId,
    /// What it does.
    pub kind: SanctionKind,
    /// To whom.
    pub whom: Whom,
    /// In which room; `None` for the whole server.
    pub room: Option<RoomId>,
    /// Why, as they are told.
    pub reason: CompactString,
    /// Who decided it, as they are named to those who run the server.
    pub by: CompactString,
    /// When it was decided, by [`Record::steady`](crate::record::Record::steady).
    pub since: Timestamp,
    /// When it ends, alike; `None` for never.
    pub until: Option<Timestamp>,
}

/// What a sanction does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SanctionKind {
    /// Keeps them out.
    Ban,
    /// Lets them read and say nothing.
    Mute,
}

impl SanctionKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::Ban, Self::Mute];

    /// The word by which it is kept and asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ban => "ban",
            Self::Mute => "mute",
        }
    }

    /// The kind of a word.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Whom a sanction is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// An account, by whatever nickname and from wherever its owner comes.
    Account(AccountId),
    /// Whoever comes from a range of addresses.
    Network(Cidr),
    /// Whoever a mask `nick!user@host` covers, by the host that others see.
    Mask(CompactString),
}
