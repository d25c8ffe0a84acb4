//! One connection: how far its registration is, what its client understands, to which account it is signed in.

use crate::id::{AccountId, SessionId, UserId};
use crate::input::{LineFault, Peer};
use crate::record::Mechanism;
use crate::secret::Secret;
use causette_proto::sasl::Chunks;
use causette_proto::{AccountName, Capabilities, CompactString, Message, Nick};
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
    /// The SASL message being received.
    pub(crate) sasl: Option<Chunks>,
    pub(crate) hold: Option<Box<Hold>>,
    /// Lines that wait while it is held.
    pub(crate) held: VecDeque<Result<Message, LineFault>>,
    /// Whether the other end has closed, and only these are still to be answered.
    pub(crate) leaving: bool,
    /// Seconds, as counted by ticks, since it was opened.
    pub(crate) age: u32,
    /// Seconds, as counted by ticks, since it last said anything.
    pub(crate) silence: u32,
    /// Numbers its batches.
    pub(crate) batches: u64,
}

/// What a session waits for.
#[derive(Debug)]
pub(crate) struct Hold {
    /// The label of the command that waits.
    pub(crate) label: Option<CompactString>,
    /// What happens with the answer.
    pub(crate) then: Then,
}

/// What happens with an answer.
#[derive(Debug)]
pub(crate) enum Then {
    /// The password of an account is being checked.
    SignIn {
        account: Option<AccountId>,
        name: CompactString,
        mechanism: Mechanism,
    },
    /// The server's password is being checked.
    Admit { pass: Secret },
    /// A new account's password is being hashed.
    SignUp { name: AccountName, door: Door },
    /// A page is being read; the command is judged again if access changed meanwhile.
    Page { command: Message },
    /// Recent lines are being replayed.
    Replay,
}

/// Through which command someone signs up; it decides the form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// The REGISTER command.
    Register,
    /// NickServ REGISTER.
    NickServ,
}

impl Session {
    pub(crate) fn new(id: SessionId, peer: Peer, admitted: bool) -> Self {
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
            admitted,
            welcomed: false,
            account: None,
            user: None,
            sasl: None,
            hold: None,
            held: VecDeque::new(),
            leaving: false,
            age: 0,
            silence: 0,
            batches: 0,
        }
    }

    /// The next batch reference. <https://ircv3.net/specs/extensions/batch>
    pub(crate) fn next_batch(&mut self) -> u64 {
        self.batches += 1;
        self.batches
    }
}
