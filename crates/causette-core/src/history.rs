//! What can be asked of the past, and the page that answers.
//!
//! A page never returns through the core: the server reads it from the store and encodes it with [`Read::encode_page`]. Whether
//! the session may read was judged by the core when it made the [`Read`].

use crate::ctcp;
use crate::event::{Kind, Reach};
use crate::file::{FILE_TAG, Signer};
use crate::id::{Msgid, Room, RoomId, SessionId, UserId};
use causette_proto::{Capabilities, CompactString, Timestamp};
use std::borrow::Cow;

/// A page that a session waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Who asked.
    pub session: SessionId,
    /// For whom the page is written.
    pub view: View,
    /// The label of the command that asked.
    /// <https://ircv3.net/specs/extensions/labeled-response>
    pub label: Option<CompactString>,
    /// What is asked.
    pub query: Query,
}

/// The reader's side of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The reader.
    pub user: UserId,
    /// Their nickname.
    pub nick: CompactString,
    /// What their client understands.
    pub enabled: Capabilities,
    /// When the page was asked for.
    pub now: Timestamp,
    /// A number that makes the page's batch reference unique in its session.
    pub reference: u64,
    /// The server's name, source of the page's own lines.
    pub server: CompactString,
    /// By what the addresses of files are signed that were sent to the reader; `None` where they have no account.
    pub signer: Option<Box<Signer>>,
}

/// What is asked of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Query {
    /// A page of one room.
    Page(PageQuery),
    /// The rooms with something new. <https://ircv3.net/specs/extensions/chathistory#targets>
    Targets(TargetsQuery),
    /// The recent lines of channels just joined, for clients that never ask.
    Replay(ReplayQuery),
}

/// A page of one room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageQuery {
    /// Which room.
    pub room: Room,
    /// Its name as the reader writes it, by which clients know the answer.
    pub target: CompactString,
    /// Its name as it is.
    pub name: CompactString,
    /// Which part of it.
    pub selector: Selector,
    /// How many events at most.
    pub limit: usize,
    /// Whether joins, kicks and the like are wanted (`draft/event-playback`); otherwise PRIVMSG and NOTICE only.
    pub events: bool,
    /// How far back.
    pub readable: Readable,
    /// Whether messages that only operators got are wanted too.
    pub restricted: bool,
    /// The channel's `acl_version` by which the core judged; `None` for direct conversations.
    pub acl_version: Option<u64>,
}

/// How far back somebody may read a channel, by [`Record::steady`](crate::record::Record::steady); everything by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readable {
    /// What was said from then on; `None` for all of it.
    pub since: Option<Timestamp>,
    /// What was said while not everyone could enter ([`Reach::Closed`]), from then on; `None` for as much as of the rest.
    pub closed_since: Option<Timestamp>,
    /// And whatever was said before then, when a moderator opened it.
    pub opened: Option<Timestamp>,
}

impl Readable {
    /// What was said from then on, whether everyone could enter or not.
    pub fn since(time: Timestamp) -> Self {
        Self {
            since: Some(time),
            ..Self::default()
        }
    }

    /// From when on what has a reach may be read, beside what was opened.
    pub fn from(self, reach: Reach) -> Option<Timestamp> {
        match reach {
            Reach::Closed => self.since.max(self.closed_since),
            Reach::Room | Reach::Status(_) | Reach::Operators => self.since,
        }
    }

    /// Whether what was said then with a reach may be read.
    pub fn holds(self, reach: Reach, steady: Timestamp) -> bool {
        self.from(reach).is_none_or(|since| steady >= since)
            || self.opened.is_some_and(|opened| steady < opened)
    }
}

/// Which part of a room's past. <https://ircv3.net/specs/extensions/chathistory#subcommands>
///
/// Every page comes back oldest first. The bounds themselves are not part of it, except that of `Around`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// The most recent, but only after the bound where there is one.
    Latest(Option<Bound>),
    /// Before the bound, the most recent of them.
    Before(Bound),
    /// After the bound, the oldest of them.
    After(Bound),
    /// Half before, half after, and what is at the bound.
    Around(Bound),
    /// Between two bounds, starting from the first: oldest first when the first is the older, else the newest of them.
    Between(Bound, Bound),
}

/// A point of a room's past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// At that message.
    Msgid(Msgid),
    /// At that time: all of the millisecond in which it lies, since people are shown no more of a time.
    Time(Timestamp),
}

/// The rooms whose last message lies between two times, whichever comes first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetsQuery {
    /// Whose direct conversations.
    pub user: UserId,
    /// The channels they are in.
    pub channels: Vec<TargetChannel>,
    /// One end: its whole millisecond is not part of it.
    pub from: Timestamp,
    /// The other end, alike.
    pub to: Timestamp,
    /// How many at most. Those whose times are shown alike are given together or not at all, unless there would be none: who
    /// goes on from the last time misses none.
    pub limit: usize,
}

/// A channel that may be a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TargetChannel {
    /// Which.
    pub room: RoomId,
    /// As [`PageQuery::readable`].
    pub readable: Readable,
    /// As [`PageQuery::restricted`].
    pub restricted: bool,
}

/// The recent lines of some channels, and the direct messages since a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayQuery {
    /// The channels.
    pub channels: Vec<ReplayedChannel>,
    /// Direct messages to the reader since then, by [`Record::steady`](crate::record::Record::steady); `None` for none.
    pub direct_since: Option<Timestamp>,
    /// Only those of this person; `None` for those of everybody.
    pub direct_with: Option<UserId>,
    /// Only what was said before, alike: the rest reaches the reader as it is said.
    pub before: Timestamp,
    /// How many lines of each channel at most, not counting what no replay shows: see [`Past::is_replayed`].
    pub limit: usize,
    /// How many direct messages at most, counted alike.
    pub direct_limit: usize,
}

/// A channel whose recent lines are replayed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayedChannel {
    /// Which.
    pub room: RoomId,
    /// Its name.
    pub name: CompactString,
    /// As [`PageQuery::readable`].
    pub readable: Readable,
    /// Only what was said from then on, by [`Record::steady`](crate::record::Record::steady); `None` for as much as there is.
    pub from: Option<Timestamp>,
    /// The `acl_version` by which the core judged. Where it has moved, nothing of the channel is replayed.
    pub acl_version: u64,
}

/// An event as the store gives it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Past {
    /// Its place in its room.
    pub seq: u64,
    /// When.
    pub time: Timestamp,
    /// Its unique name.
    pub msgid: Msgid,
    /// Who.
    pub author: UserId,
    /// `nick!user@host` then.
    pub source: CompactString,
    /// The author's account then.
    pub account: Option<CompactString>,
    /// What kind.
    pub kind: Kind,
    /// Who got it.
    pub reach: Reach,
    /// Its text, as [`What::text`](crate::event::What::text) gave it.
    pub text: CompactString,
    /// Its client-only tags in wire form without the `@`, or empty.
    pub tags: CompactString,
}

impl Past {
    /// The same as the one reads it to whom it was said: where it tells of a file, with the address signed for them.
    pub(crate) fn signed(&self, signer: Option<&Signer>) -> Cow<'_, Self> {
        let tells_of_file = self.tags.contains(FILE_TAG) && self.kind == Kind::Privmsg;
        let signed = signer.filter(|_| tells_of_file);
        match signed.and_then(|signer| signer.signed(&self.text)) {
            Some(text) => Cow::Owned(Self {
                text,
                ..self.clone()
            }),
            None => Cow::Borrowed(self),
        }
    }

    /// Whether a replay shows it: it is a message, and none from program to program. What programs asked each other is not asked
    /// once more: they would answer.
    pub fn is_replayed(&self) -> bool {
        self.kind.is_message() && !ctcp::is_ctcp(&self.text)
    }
}

/// A room whose last message lies in the asked span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The channel's name, or the other person's nickname.
    pub name: CompactString,
    /// When its last message was, of those that the reader may see.
    pub time: Timestamp,
}
