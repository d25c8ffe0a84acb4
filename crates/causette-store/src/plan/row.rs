//! The rows of a plan, as the tables have them.

use super::class::Class;
use crate::register::{Commitment, Tag};
use causette_core::event::Kind;
use causette_core::file::{File, FileChange};
use causette_core::filter::{Filter, HeldMessage};
use causette_core::id::{
    AccountId, FileId, FilterId, HeldId, InvitationId, Marked, Msgid, Room, SanctionId, SessionId,
    TokenId, UserId,
};
use causette_core::invitation::Invitation;
use causette_core::metadata::Metadatum;
use causette_core::right::Role;
use causette_core::sanction::Sanction;
use causette_core::snapshot::ClockStepRow;
use causette_proto::{CompactString, Timestamp};
use std::net::IpAddr;

/// A salt of a commitment, or the key of a month.
pub(crate) type Secret = [u8; 32];

/// An entry of the register, with what it commits to.
#[derive(Clone, Debug)]
pub(crate) struct EntryRow {
    pub(crate) seq: i64,
    pub(crate) time: Timestamp,
    pub(crate) category: u8,
    pub(crate) kind: &'static str,
    pub(crate) actor: Option<Tag>,
    pub(crate) target: Option<Tag>,
    pub(crate) meta_commitment: Commitment,
    pub(crate) content_commitment: Option<Commitment>,
    /// Canonical JSON.
    pub(crate) meta: String,
    pub(crate) meta_salt: Secret,
    /// Canonical JSON, where it is kept nowhere else.
    pub(crate) content: Option<String>,
    /// Room and seq of the message that it is about.
    pub(crate) place: Option<(i64, i64)>,
    pub(crate) content_salt: Option<Secret>,
}

/// Something that happened in a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MessageRow {
    pub(crate) room: i64,
    pub(crate) seq: i64,
    pub(crate) time: Timestamp,
    pub(crate) msgid: Msgid,
    pub(crate) kind: Kind,
    pub(crate) class: Class,
    pub(crate) author: UserId,
    pub(crate) source: CompactString,
    pub(crate) account: Option<CompactString>,
    pub(crate) text: CompactString,
    pub(crate) tags: String,
    pub(crate) entry: i64,
    /// Its letter, or empty.
    pub(crate) reach: CompactString,
}

/// Something that happened in several rooms at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SharedRow {
    pub(crate) entry: i64,
    pub(crate) time: Timestamp,
    pub(crate) msgid: Msgid,
    pub(crate) kind: Kind,
    pub(crate) author: UserId,
    pub(crate) source: CompactString,
    pub(crate) account: Option<CompactString>,
    pub(crate) text: CompactString,
    /// Its letter, or empty.
    pub(crate) reach: CompactString,
}

/// Where it lies in one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlaceRow {
    pub(crate) room: i64,
    pub(crate) class: Class,
    pub(crate) seq: i64,
    pub(crate) entry: i64,
}

/// The part of a room's row that every event moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HeadRow {
    pub(crate) room: i64,
    pub(crate) last_seq: i64,
    /// On the clock that never goes back.
    pub(crate) last_time: i64,
    pub(crate) acl_version: i64,
}

/// How far the recorder has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LaneRow {
    pub(crate) last_batch: i64,
    pub(crate) last_time: i64,
    /// The same on the clock that never goes back.
    pub(crate) last_steady: i64,
    pub(crate) last_id: u64,
}

/// A change of a table whose rows do not only grow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// The key of a month's tags.
    MonthKey {
        month: String,
        secret: Secret,
    },
    /// A step of the wall clock, by the entry that tells of it.
    ClockStep {
        entry: i64,
        step: ClockStepRow,
    },
    Room(RoomChange),
    Inside(InsideChange),
    Person(PersonChange),
    Device(DeviceChange),
    Visit(VisitChange),
    Administration(AdministrationChange),
    File(FileRowChange),
    /// What is said of somebody or of a channel under a key.
    Metadata(Box<Metadatum>),
}

/// What changes of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RoomChange {
    RoomOpened {
        room: i64,
        key: CompactString,
        name: CompactString,
        permanent: bool,
        modes: CompactString,
        created: Timestamp,
    },
    /// Frees the channel's name; its messages stay.
    RoomClosed {
        room: i64,
        closed: Timestamp,
    },
    /// It has another name, by the entry that gave it.
    Renamed {
        room: i64,
        key: CompactString,
        name: CompactString,
        entry: i64,
    },
    Founder {
        room: i64,
        founder: AccountId,
    },
    /// Nobody owns it or has lasting rights in it.
    Unregistered {
        room: i64,
    },
    /// Lasting rights as letters; none takes them away.
    Access {
        room: i64,
        account: AccountId,
        letters: CompactString,
    },
    /// Something of it is from a closed time, which nothing was before.
    FirstClosed {
        room: i64,
    },
    /// What was said at closed times is open to all.
    PastOpened {
        room: i64,
        opened: Timestamp,
    },
    /// Somebody may enter once, since when; `None` where they may no more.
    Invited {
        room: i64,
        account: AccountId,
        at: Option<Timestamp>,
    },
    Topic {
        room: i64,
        /// Text, author and time; `None` takes it away.
        topic: Option<(CompactString, CompactString, Timestamp)>,
    },
    Modes {
        room: i64,
        modes: CompactString,
    },
    MaskSet {
        room: i64,
        list: char,
        mask: CompactString,
        by: CompactString,
        at: Timestamp,
    },
    MaskRemoved {
        room: i64,
        list: char,
        mask: CompactString,
    },
}

/// What changes of those who are in a room, of what they said and what they have read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InsideChange {
    ConversationBegun {
        room: i64,
        key: Room,
        low: UserId,
        high: UserId,
        created: Timestamp,
    },
    /// The nickname under which a guest last wrote: nothing else keeps it.
    PeerNick {
        /// To whom.
        person: UserId,
        room: i64,
        nick: CompactString,
    },
    Entered {
        room: i64,
        account: UserId,
        letters: CompactString,
        joined: Timestamp,
        /// Whether an invitation is used up by it.
        invited: bool,
    },
    Left {
        room: i64,
        account: UserId,
    },
    /// What a member holds from now on.
    Prefixes {
        room: i64,
        account: UserId,
        letters: CompactString,
    },
    /// What was said is taken back. The row stays, since its register entry commits to it; it only leaves every page.
    TakenBack {
        room: i64,
        msgid: Msgid,
        at: Timestamp,
    },
    Marker {
        account: AccountId,
        of: Marked,
        time: Timestamp,
    },
}

/// What changes of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PersonChange {
    AccountCreated {
        account: AccountId,
        name: CompactString,
        folded: CompactString,
        verifier: String,
        created: Timestamp,
        waiting: bool,
    },
    /// It has another name, by the entry that gave it.
    Renamed {
        account: AccountId,
        name: CompactString,
        folded: CompactString,
        entry: i64,
    },
    /// It waits to be approved no more.
    Approved {
        account: AccountId,
    },
    Role {
        account: AccountId,
        role: Role,
    },
    /// Frees the account's name and takes away whatever it could sign in with or has anywhere. The row stays: what it did is on
    /// record, under its id.
    AccountDropped {
        account: AccountId,
        dropped: Timestamp,
    },
    Nick {
        account: UserId,
        nick: CompactString,
    },
    Verifier {
        account: AccountId,
        verifier: String,
    },
    /// An empty value takes it away.
    Setting {
        account: AccountId,
        name: CompactString,
        value: CompactString,
    },
    CertificateAdded {
        account: AccountId,
        fingerprint: CompactString,
    },
    CertificateRemoved {
        account: AccountId,
        fingerprint: CompactString,
    },
}

/// What changes of devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DeviceChange {
    TokenAdded {
        account: AccountId,
        token: TokenId,
        name: CompactString,
        hash: String,
        created: Timestamp,
        /// As words with commas between them.
        scopes: Option<String>,
        until: Option<Timestamp>,
    },
    TokenRemoved {
        account: AccountId,
        token: TokenId,
        revoked: Timestamp,
    },
    TokenUsed {
        account: AccountId,
        token: TokenId,
        used: Timestamp,
        address: IpAddr,
    },
    /// A device signed in; the one that has not for the longest time is forgotten when there are too many.
    DeviceUsed {
        account: AccountId,
        name: CompactString,
        used: Timestamp,
    },
}

/// Who comes and goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VisitChange {
    Opened {
        session: SessionId,
        address: IpAddr,
        opened: Timestamp,
    },
    SignedIn {
        session: SessionId,
        account: AccountId,
    },
    Closed {
        session: SessionId,
    },
    LastSeen {
        account: AccountId,
        seen: Timestamp,
    },
}

/// What those who run the server decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AdministrationChange {
    Sanctioned {
        sanction: Box<Sanction>,
        entry: i64,
    },
    /// It holds no more.
    SanctionLifted {
        sanction: SanctionId,
        lifted: Timestamp,
    },
    InvitationMade {
        invitation: Box<Invitation>,
        entry: i64,
    },
    /// One more has signed up with it.
    InvitationUsed {
        invitation: InvitationId,
    },
    InvitationEnded {
        invitation: InvitationId,
        ended: Timestamp,
    },
    FilterSet {
        filter: Box<Filter>,
        entry: i64,
    },
    FilterRemoved {
        filter: FilterId,
        removed: Timestamp,
    },
    MessageHeld {
        held: Box<HeldMessage>,
        entry: i64,
    },
    HeldDecided {
        held: HeldId,
        decided: Timestamp,
    },
    Alerted {
        text: CompactString,
        steady: Timestamp,
        entry: i64,
    },
    /// What was set at run time; `None` takes it away.
    ServerSetting {
        name: &'static str,
        value: Option<&'static str>,
    },
}

/// What changes of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FileRowChange {
    Added {
        file: Box<File>,
        entry: i64,
    },
    Changed {
        file: FileId,
        change: FileChange,
        /// When, as people are shown it, and by the steady time.
        times: (Timestamp, Timestamp),
        entry: i64,
    },
}

macro_rules! from {
    ($($of:ident => $change:ident,)*) => {
        $(impl From<$of> for Change {
            fn from(change: $of) -> Self {
                Self::$change(change)
            }
        })*
    };
}

from! {
    RoomChange => Room,
    InsideChange => Inside,
    PersonChange => Person,
    DeviceChange => Device,
    VisitChange => Visit,
    AdministrationChange => Administration,
    FileRowChange => File,
}
