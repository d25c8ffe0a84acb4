//! One connection: how far its registration is, what its client understands, to which account it is signed in.

use crate::event::Verb;
use crate::id::{AccountId, RoomId, SessionId, TokenId, UserId};
use crate::input::{LineFault, Peer};
use crate::modes::Letters;
use crate::report::Away;
use crate::secret::Secret;
use crate::settings::OperatorSettings;
use crate::state::metadata::Following;
use crate::state::waiting::{Challenged, Claim};
use causette_proto::sasl::Chunks;
use causette_proto::{Capabilities, CompactString, Message, Nick, Tags, Timestamp};
use causette_text::Language;
use std::collections::VecDeque;

/// A connection.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) peer: Peer,
    pub(crate) enabled: Capabilities,
    /// Whether the client knows version 302 of capability negotiation, where capabilities have values.
    pub(crate) knows_values: bool,
    /// Whether capability negotiation is open: registration waits for CAP END.
    pub(crate) negotiating: bool,
    /// The nickname asked for; before the welcome, or in the lobby.
    pub(crate) nick: Option<Nick>,
    pub(crate) username: Option<CompactString>,
    pub(crate) realname: CompactString,
    pub(crate) pass: Option<Secret>,
    /// Whether the server's password was given, or is not asked for.
    pub(crate) admitted: bool,
    pub(crate) welcomed: bool,
    pub(crate) account: Option<AccountId>,
    /// Whom it speaks for. A welcomed session without user is in the lobby: it must sign in first.
    pub(crate) user: Option<UserId>,
    /// The account that it has signed up for, or proven to be its own, while that waits to be approved.
    pub(crate) applied: Option<AccountId>,
    /// The channel to which the invitation leads with which it has signed up, until its person is there to enter it.
    pub(crate) invited_to: Option<RoomId>,
    /// Its age when the time began in which it has to sign in.
    pub(crate) lobby_from: u32,
    /// The language in which the server speaks to it, where it is not the server's own.
    pub(crate) language: Option<Language>,
    /// Why it is away, where it said so; with when, since the last word counts for its user.
    pub(crate) away: Option<(Timestamp, Away)>,
    /// Whether somebody is at it, as far as its client says. Changes by [`State::attend`](crate::state::State::attend) alone.
    pub(crate) attended: bool,
    /// Which operator of the server OPER has made it, where it has and the time is not over.
    pub(crate) operator: Option<Opered>,
    /// The nicknames that it monitors, as it wrote them.
    pub(crate) monitored: Vec<Nick>,
    /// What it wants to know of people and channels, and has said of its own.
    pub(crate) following: Box<Following>,
    /// What its client calls the device it runs on.
    pub(crate) device: Option<CompactString>,
    /// The device with whose token it signed in, for as long as that opens the account.
    pub(crate) token: Option<TokenId>,
    /// How far the record knows of it.
    pub(crate) trace: Trace,
    /// When it was opened, as people are shown it.
    pub(crate) opened: Timestamp,
    /// The message of several lines being received.
    pub(crate) multiline: Option<Box<Multiline>>,
    /// The batches that were refused and not ended since, by the client's names, with its age then.
    pub(crate) refused_batches: Vec<(CompactString, u32)>,
    /// The SASL message being received.
    pub(crate) sasl: Option<Exchange>,
    /// Lines that wait while it waits for an answer.
    pub(crate) held: VecDeque<Result<Message, LineFault>>,
    /// Whether the other end has closed, and only these are still to be answered.
    pub(crate) leaving: bool,
    /// Seconds, as counted by ticks, since it was opened.
    pub(crate) age: u32,
    /// Seconds, as counted by ticks, since it last said anything.
    pub(crate) silence: u32,
    /// When the last alert, or other news that is kept for who is absent, was told it, by the steady time.
    pub(crate) alerted: Timestamp,
    /// Numbers its batches.
    pub(crate) batches: u64,
}

/// What OPER has made of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opered {
    /// Which operator.
    pub(crate) operator: OperatorSettings,
    /// Since when, by the steady time: it lasts for [`OPER_SECONDS`](crate::limits::OPER_SECONDS).
    pub(crate) since: Timestamp,
    /// The modes of its user that were not there before, and go with it.
    pub(crate) gave: Letters,
}

/// How far the record knows of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trace {
    /// Not at all: it has said nothing. If it ends so, it is only counted.
    Silent,
    /// Not yet: it has said something while nothing could be recorded.
    Spoken,
    /// It is on record.
    Recorded,
}

/// A SASL exchange under way.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// The message that is being received.
    pub(crate) chunks: Chunks,
    /// What it will be.
    pub(crate) stage: Stage,
}

/// What the next message of a SASL exchange is.
#[derive(Debug)]
pub(crate) enum Stage {
    /// PLAIN: name and password.
    Plain,
    /// EXTERNAL: the name, or nothing.
    External,
    /// SCRAM-SHA-256: the name.
    Scram,
    /// SCRAM-SHA-256: the proof.
    ScramProof(Box<Challenged>),
    /// SCRAM-SHA-256: nothing, by which the client says that it believes our proof.
    ScramEnd(Box<Claim>),
}

/// A message of several lines while it is received. <https://ircv3.net/specs/extensions/multiline>
#[derive(Debug)]
pub(crate) struct Multiline {
    /// The client's name for it.
    pub(crate) reference: CompactString,
    /// To whom.
    pub(crate) target: CompactString,
    /// How, as its first line says.
    pub(crate) verb: Option<Verb>,
    /// The lines so far, as [`What::Said`](crate::event::What::Said) keeps them.
    pub(crate) text: String,
    /// How many there are.
    pub(crate) lines: usize,
    /// The client-only tags of the whole.
    pub(crate) tags: Tags,
    /// The label of the command that opened it.
    pub(crate) label: Option<CompactString>,
    /// The session's age when the last line came.
    pub(crate) touched: u32,
}

impl Session {
    pub(crate) fn new(id: SessionId, peer: Peer, opened: Timestamp) -> Self {
        Self {
            id,
            peer,
            enabled: Capabilities::EMPTY,
            knows_values: false,
            negotiating: false,
            nick: None,
            username: None,
            realname: CompactString::default(),
            pass: None,
            admitted: false,
            welcomed: false,
            account: None,
            user: None,
            applied: None,
            invited_to: None,
            lobby_from: 0,
            language: None,
            away: None,
            attended: true,
            operator: None,
            monitored: Vec::new(),
            following: Box::default(),
            device: None,
            token: None,
            trace: Trace::Silent,
            opened,
            multiline: None,
            refused_batches: Vec::new(),
            sasl: None,
            held: VecDeque::new(),
            leaving: false,
            age: 0,
            silence: 0,
            alerted: Timestamp::MIN,
            batches: 0,
        }
    }

    /// For how many seconds it could have signed in and has not: not at all while it waits to be approved.
    pub(crate) fn accountless_seconds(&self) -> u32 {
        if self.account.is_some() || self.applied.is_some() {
            0
        } else {
            self.age - self.lobby_from
        }
    }

    /// Speaks a language from now on, by its tag; the server's own where there is none such.
    pub(crate) fn speak(&mut self, tag: &str) {
        self.language = Language::from_tag(tag);
    }

    /// The next batch reference. <https://ircv3.net/specs/extensions/batch>
    pub(crate) fn next_batch(&mut self) -> u64 {
        self.batches += 1;
        self.batches
    }
}
