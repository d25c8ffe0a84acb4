//! Words that are looked for in what is said in rooms, and what happens to a message that has them.

use crate::event::Verb;
use crate::id::{FilterId, HeldId, RoomId, UserId};
use causette_proto::{AccountName, CompactString, Tags, Timestamp};

/// Words that are looked for in what is said in rooms. What two people write each other is nobody else's to look through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    /// Its number.
    pub id: FilterId,
    /// The words, with `*` for anything within a word and `?` for one character.
    pub pattern: CompactString,
    /// What happens to a message that has them.
    pub action: FilterAction,
    /// In which room; `None` for all.
    pub room: Option<RoomId>,
    /// Why, as people are told whose message it is.
    pub reason: CompactString,
    /// Who decided it, as they are named to those who run the server.
    pub by: CompactString,
    /// When, by [`Record::steady`](crate::record::Record::steady).
    pub since: Timestamp,
}

/// What happens to a message that has the words of a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FilterAction {
    /// It is said, and its author and those who run the server are told.
    Warn,
    /// It waits until somebody who runs the server lets it pass, or not.
    Hold,
    /// It is refused.
    Drop,
    /// It is refused, and its author is silent for a while.
    Mute,
}

impl FilterAction {
    /// Every one, the mildest first.
    pub const ALL: [Self; 4] = [Self::Warn, Self::Hold, Self::Drop, Self::Mute];

    /// The word by which it is kept and asked for.
    pub fn name(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Hold => "hold",
            Self::Drop => "drop",
            Self::Mute => "mute",
        }
    }

    /// The one of a word.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// A message that waits for somebody to decide about it: nobody has seen it but its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldMessage {
    /// Its number.
    pub id: HeldId,
    /// Where it was said.
    pub room: RoomId,
    /// By whom.
    pub author: UserId,
    /// The author as shown then: `nick!user@host`.
    pub source: CompactString,
    /// The author's account then.
    pub account: Option<AccountName>,
    /// PRIVMSG or NOTICE.
    pub verb: Verb,
    /// The text, as in [`What::Said`](crate::event::What::Said).
    pub text: CompactString,
    /// The client-only tags that came with it.
    pub tags: Tags,
    /// The filter whose words it has.
    pub filter: FilterId,
    /// When it was said, by [`Record::steady`](crate::record::Record::steady).
    pub since: Timestamp,
}
