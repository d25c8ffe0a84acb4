//! Identities: what names a session, a person or a room for ever.
//!
//! Ids are numbers that the program never reuses. Names (nicknames, channel names) are attributes and may change, so
//! nothing is stored or compared by name.

use causette_proto::{CompactString, Timestamp};
use std::fmt;

/// One connection. Given by the server when it accepts, unique across restarts, so that an answer that arrives after
/// its session has gone finds nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// One registered identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub u64);

/// A device that has a token of its own to sign in with, numbered within its account: 1 is the first that it ever had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub u64);

/// One person online: an account, or a guest for the length of one session.
///
/// The user of an account has the number of the account, the guest that of the session. The core gives accounts even
/// numbers and the server gives sessions odd ones, so they never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(pub u64);

impl UserId {
    /// The server itself, where it does something in a room that nobody asked for. The number of no person.
    pub const SERVER: Self = Self(0);

    /// Those who run the server, as people converse with them: one person, whoever sits there. Even, as if it were an account's; the
    /// greatest even number that the store has, so that no account ever gets it.
    pub const ADMINISTRATION: Self = Self(i64::MAX as u64 - 1);
}

/// One life of a channel. A channel that emptied and is opened again under the same name is another room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomId(pub u64);

/// Something that keeps somebody out or silent, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SanctionId(pub u64);

/// A code that lets people sign up, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvitationId(pub u64);

/// Words that are looked for in what is said, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilterId(pub u64);

/// A message that waits for somebody to decide about it, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HeldId(pub u64);

/// A file, never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u64);

/// One batch of outputs, in the order in which the engine made them. The recorder writes it beside the batch's records,
/// so that a commit whose outcome is unknown can be looked up instead of repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u64);

impl From<AccountId> for UserId {
    fn from(account: AccountId) -> Self {
        Self(account.0)
    }
}

impl From<SessionId> for UserId {
    fn from(session: SessionId) -> Self {
        Self(session.0)
    }
}

/// Where messages go and are kept, each with its own order: a channel, or the conversation of two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Room {
    /// A channel, by its id.
    Channel(RoomId),
    /// A direct conversation; the lower id first. Made by [`Room::direct`].
    Direct(UserId, UserId),
}

impl Room {
    /// The conversation of two people, whoever of them asks.
    pub fn direct(one: UserId, other: UserId) -> Self {
        Self::Direct(one.min(other), one.max(other))
    }

    /// Whether it is what somebody says to themselves.
    pub fn is_of_one(self) -> bool {
        matches!(self, Self::Direct(low, high) if low == high)
    }
}

/// What a read marker is of: a channel, by its name as names are compared, so that it outlasts the room that has it now; or
/// what two people say to each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Marked {
    /// The channel of a name.
    Channel(CompactString),
    /// The conversation of two people, the smaller id first.
    Direct(UserId, UserId),
}

impl fmt::Display for Marked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(name) => f.write_str(name),
            Self::Direct(low, high) => Room::Direct(*low, *high).fmt(f),
        }
    }
}

impl fmt::Display for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Channel(id) => write!(f, "room:{}", id.0),
            Self::Direct(low, high) => write!(f, "dm:{}:{}", low.0, high.0),
        }
    }
}

/// The unique, opaque name of a message. <https://ircv3.net/specs/extensions/message-ids>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Msgid(pub CompactString);

impl fmt::Display for Msgid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Makes ids that grow with time and never come twice: 42 bits of milliseconds, which last until the year 2109, and 20 bits of
/// count.
///
/// The count borrows from the clock when more than a million ids are asked of one
/// millisecond, so the sequence is
/// strictly increasing even where the clock stands still or goes back. Beyond that year, which a wrong clock may show at any
/// time, it counts on: there are as many ids again in a signed 64-bit column.
#[derive(Debug, Default)]
pub struct IdSequence {
    last: u64,
}

impl IdSequence {
    const COUNT_BITS: u32 = 20;
    const MILLISECONDS_MAX: u64 = (1 << 42) - 1;

    /// A sequence whose ids are all greater than `last`.
    pub fn after(last: u64) -> Self {
        Self { last }
    }

    /// The greatest id so far.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// The next id.
    pub fn next(&mut self, now: Timestamp) -> u64 {
        let milliseconds = u64::try_from(now.0 / 1000).unwrap_or(0);
        let milliseconds = milliseconds.min(Self::MILLISECONDS_MAX);
        self.last = (self.last + 1).max(milliseconds << Self::COUNT_BITS);
        self.last
    }
}

/// Makes message ids: 24 characters, 48 bits of milliseconds, 40 bits that name this start of the server, 32 bits of
/// count. They sort by time and cannot repeat while the random bits of two starts differ.
#[derive(Debug)]
pub struct MsgidSequence {
    start: u64,
    count: u32,
}

impl MsgidSequence {
    /// `random` names this start of the server; 40 bits of it are used.
    pub fn new(random: u64) -> Self {
        Self {
            start: random & 0xff_ffff_ffff,
            count: 0,
        }
    }

    /// The next message id.
    pub fn next(&mut self, now: Timestamp) -> Msgid {
        const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        self.count = self.count.wrapping_add(1);
        let milliseconds = u128::try_from(now.0 / 1000).unwrap_or(0) & 0xffff_ffff_ffff;
        let bits = milliseconds << 72 | u128::from(self.start) << 32 | u128::from(self.count);
        let mut text = CompactString::with_capacity(24);
        for position in (0..24).rev() {
            let digit = (bits >> (position * 5)) & 31;
            text.push(char::from(ALPHABET[digit as usize]));
        }
        Msgid(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_goes_back() {
        let mut ids = IdSequence::default();
        let first = ids.next(Timestamp(5_000_000));
        let second = ids.next(Timestamp(4_000_000));
        let third = ids.next(Timestamp(9_000_000));
        assert!(first < second && second < third);
    }

    #[test]
    fn ids_are_left_where_a_clock_showed_the_last_year() {
        let mut ids = IdSequence::default();
        let far = ids.next(Timestamp::MAX);
        assert!(i64::try_from(far).is_ok_and(|far| far < i64::MAX / 2));
        assert_eq!(ids.next(Timestamp::MAX), far + 1);
        assert_eq!(ids.next(Timestamp(0)), far + 2);
    }

    #[test]
    fn message_ids_sort_by_time_and_fit_inline() {
        let mut ids = MsgidSequence::new(0x1234_5678_9abc_def0);
        let first = ids.next(Timestamp(1_700_000_000_000_000));
        let second = ids.next(Timestamp(1_700_000_000_000_000));
        let later = ids.next(Timestamp(1_700_000_000_001_000));
        assert!(first < second && second < later);
        assert_eq!(first.0.len(), 24);
        assert!(!first.0.is_heap_allocated());
    }

    #[test]
    fn a_conversation_is_the_same_room_from_both_sides() {
        assert_eq!(
            Room::direct(UserId(7), UserId(3)),
            Room::direct(UserId(3), UserId(7))
        );
    }
}
