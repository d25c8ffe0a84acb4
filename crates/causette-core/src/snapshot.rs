//! What the store gives back at start: everything that the rules need to be in memory before the first connection.

use crate::event::Prefixes;
use crate::file::File;
use crate::filter::{Filter, HeldMessage};
use crate::id::{AccountId, Marked, RoomId, TokenId};
use crate::invitation::Invitation;
use crate::limits::CLOCK_STEPS;
use crate::metadata::Metadatum;
use crate::right::{Role, Scopes};
use crate::sanction::Sanction;
use crate::settings::Registration;
use causette_proto::{AccountName, ChannelName, CompactString, Nick, Timestamp};
use core::net::IpAddr;

/// The durable state, as of the last committed batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Every account.
    pub accounts: Vec<AccountRow>,
    /// Every open channel.
    pub channels: Vec<ChannelRow>,
    /// Up to when people have read.
    pub markers: Vec<MarkerRow>,
    /// What is said of accounts and open channels under keys.
    pub metadata: Vec<Metadatum>,
    /// The sanctions that hold, in the order of their numbers.
    pub sanctions: Vec<Sanction>,
    /// The greatest number that a sanction ever had; 0 for none.
    pub last_sanction: u64,
    /// The invitations with which somebody can still sign up.
    pub invitations: Numbered<Invitation>,
    /// The words that are looked for in what is said.
    pub filters: Numbered<Filter>,
    /// The messages that wait for somebody to decide about them.
    pub held: Numbered<HeldMessage>,
    /// The files that there are.
    pub files: Numbered<File>,
    /// The last alerts, the oldest first.
    pub alerts: Vec<AlertRow>,
    /// Who may sign up, where that was set otherwise than the configuration says.
    pub registration: Option<Registration>,
    /// The time of the latest record, as people were shown it.
    pub last_time: Timestamp,
    /// The same on the clock that never goes back.
    pub last_steady: Timestamp,
    /// Where the wall clock was set, the earliest first.
    pub steps: Vec<ClockStepRow>,
    /// The greatest id ever given.
    pub last_id: u64,
}

/// Things that are numbered, and no number ever comes twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered<T> {
    /// Those that there are, in the order of their numbers.
    pub rows: Vec<T>,
    /// The greatest number that one ever had; 0 for none.
    pub last: u64,
}

impl<T> Default for Numbered<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            last: 0,
        }
    }
}

/// What all people were told that they must not miss.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRow {
    /// What.
    pub text: CompactString,
    /// When, by [`Record::steady`](crate::record::Record::steady).
    pub steady: Timestamp,
}

/// A step of the wall clock: see [`Fact::ClockStepped`](crate::record::Fact::ClockStepped).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockStepRow {
    /// What it would have shown.
    pub from: Timestamp,
    /// What it showed.
    pub to: Timestamp,
    /// When that was, on the clock that never goes back.
    pub steady: Timestamp,
}

impl ClockStepRow {
    /// Adds a step to those before it. Where there are more than [`CLOCK_STEPS`] the two oldest become one, which goes as far as
    /// both: from the second on everything stays as it was.
    pub fn note(steps: &mut Vec<Self>, step: Self) {
        steps.push(step);
        if steps.len() > CLOCK_STEPS {
            let second = steps.remove(1);
            let first = &mut steps[0];
            first.to = Timestamp(second.to.0 - (second.steady.0 - first.steady.0));
        }
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: AccountName,
    /// The nickname its user goes by.
    pub nick: Nick,
    /// When it was made, by [`Record::steady`](crate::record::Record::steady).
    pub created: Timestamp,
    /// When its last connection ended, or the account was made, alike.
    pub last_seen: Timestamp,
    /// What it is on the server.
    pub role: Role,
    /// Whether it waits to be approved.
    pub waiting: bool,
    /// Whether a code stands in the place of its password, used or not.
    pub by_code: bool,
    /// Its settings by name, in the order of the names.
    pub settings: Vec<(CompactString, CompactString)>,
    /// The certificates that open it, in order.
    pub certificates: Vec<CompactString>,
    /// The devices that signed in to it by name, the last used last.
    pub devices: Vec<DeviceRow>,
    /// The devices that have a token to sign in with, in the order in which they got it.
    pub tokens: Vec<TokenRow>,
    /// The greatest number that such a device of it ever had; 0 for none.
    pub last_token: u64,
}

/// A device that signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// What its client calls it.
    pub name: CompactString,
    /// When it last signed in, by [`Record::steady`](crate::record::Record::steady).
    pub last_used: Timestamp,
}

/// A device that has a token to sign in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Its number in its account.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: CompactString,
    /// When it got the token, by [`Record::steady`](crate::record::Record::steady).
    pub created: Timestamp,
    /// When it last signed in, alike, where it has.
    pub last_used: Option<Timestamp>,
    /// From where it last signed in, where it has.
    pub last_address: Option<IpAddr>,
    /// What a program may do with it; `None` for that of a device, which signs in with it.
    pub scopes: Option<Scopes>,
    /// Until when it is good, by [`Record::steady`](crate::record::Record::steady).
    pub until: Option<Timestamp>,
}

/// Up to when someone has read a channel or conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkerRow {
    /// Who.
    pub account: AccountId,
    /// What.
    pub of: Marked,
    /// Up to when, by the times that people are shown.
    pub time: Timestamp,
}

/// An open channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    /// Its id.
    pub id: RoomId,
    /// Its name.
    pub name: ChannelName,
    /// When it was opened, by [`Record::steady`](crate::record::Record::steady).
    pub created: Timestamp,
    /// Whether it stays when the last member leaves.
    pub permanent: bool,
    /// Its modes, as [`What::Mode`](crate::event::What::Mode) left them.
    pub modes: CompactString,
    /// Its topic, where it has one.
    pub topic: Option<TopicRow>,
    /// How often who may read it has changed.
    pub acl_version: u64,
    /// When what had been said in it was opened to all its members, by [`Record::steady`](crate::record::Record::steady); `None` for
    /// never.
    pub opened: Option<Timestamp>,
    /// The accounts that are in it.
    pub members: Vec<MemberRow>,
    /// The masks of its lists: who may not enter (`b`), who may all the same (`e`), who needs no invitation (`I`).
    pub masks: Vec<MaskRow>,
    /// Whose it is, where it is registered.
    pub founder: Option<AccountId>,
    /// The lasting rights of accounts in it, in the order of the accounts.
    pub access: Vec<(AccountId, Prefixes)>,
    /// The accounts that may enter it once, in their order, and when they were invited, by the clock that never goes back.
    pub invited: Vec<(AccountId, Timestamp)>,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicRow {
    /// The text.
    pub text: CompactString,
    /// `nick!user@host` of who set it.
    pub by: CompactString,
    /// When, as people are shown it.
    pub at: Timestamp,
}

/// An account in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub account: AccountId,
    /// Their prefixes.
    pub prefixes: Prefixes,
    /// Since when, by [`Record::steady`](crate::record::Record::steady).
    pub joined: Timestamp,
}

/// A mask of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MaskRow {
    /// The list's mode: `b`, `e` or `I`.
    pub mode: char,
    /// The mask as it is shown: `nick!user@host` with `*` and `?`, or an extended ban.
    pub mask: CompactString,
    /// `nick!user@host` of who set it.
    pub by: CompactString,
    /// When, as people are shown it.
    pub at: Timestamp,
}
