//! What the store gives back at start: everything that the rules need to be in memory before the first connection.

use crate::event::Prefixes;
use crate::id::{AccountId, RoomId};
use causette_proto::{AccountName, ChannelName, CompactString, Nick, Timestamp};

/// The durable state, as of the last committed batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Every account.
    pub accounts: Vec<AccountRow>,
    /// Every open channel.
    pub channels: Vec<ChannelRow>,
    /// The time of the latest record: the core's clock never goes back behind it.
    pub last_time: Timestamp,
    /// The greatest id ever given.
    pub last_id: u64,
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
    /// When it was made.
    pub created: Timestamp,
    /// When its last connection ended, or the account was made.
    pub last_seen: Timestamp,
}

/// An open channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelRow {
    /// Its id.
    pub id: RoomId,
    /// Its name.
    pub name: ChannelName,
    /// When it was opened.
    pub created: Timestamp,
    /// Whether it stays when the last member leaves.
    pub permanent: bool,
    /// Its modes, as [`What::Mode`](crate::event::What::Mode) left them.
    pub modes: CompactString,
    /// Its topic, where it has one.
    pub topic: Option<TopicRow>,
    /// How often who may read it has changed.
    pub acl_version: u64,
    /// The accounts that are in it.
    pub members: Vec<MemberRow>,
    /// The masks that may not enter (mode `b`).
    pub bans: Vec<BanRow>,
}

/// A topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicRow {
    /// The text.
    pub text: CompactString,
    /// `nick!user@host` of who set it.
    pub by: CompactString,
    /// When.
    pub at: Timestamp,
}

/// An account in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRow {
    /// Who.
    pub account: AccountId,
    /// Their prefixes.
    pub prefixes: Prefixes,
    /// Since when.
    pub joined: Timestamp,
}

/// A ban.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BanRow {
    /// The mask, `nick!user@host` with `*` and `?`.
    pub mask: CompactString,
    /// `nick!user@host` of who set it.
    pub by: CompactString,
    /// When.
    pub at: Timestamp,
}
