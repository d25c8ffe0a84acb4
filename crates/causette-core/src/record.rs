//! The facts that are recorded. Plain data: the store turns each into rows and a register entry, in one transaction per
//! batch, and nothing that a fact reveals leaves the server before.

use crate::event::Event;
use crate::id::{AccountId, Room, RoomId, SessionId};
use crate::input::Peer;
use crate::secret::Verifier;
use causette_proto::{AccountName, ChannelName, CompactString, Timestamp};

/// A fact, when it became one, and the connection it came through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When the core accepted it. Never before that of an earlier record.
    pub time: Timestamp,
    /// The connection through which it came; `None` for what the server or the administrator did.
    pub session: Option<SessionId>,
    /// What became true.
    pub fact: Fact,
}

/// What became true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Something happened in one or more rooms. Each room gives it its own next `seq`.
    ///
    /// The store keeps the event in each room and draws the consequences: JOIN of an account inserts its membership, PART,
    /// KICK and QUIT delete it, TOPIC and MODE update the room, NICK the account's nickname.
    Event {
        /// Where it is seen. Never empty, except for a NICK or QUIT of someone who is in no room.
        rooms: Vec<Room>,
        /// What happened.
        event: Event,
    },
    /// A channel came to be.
    RoomOpened {
        /// Its id.
        room: RoomId,
        /// Its name.
        name: ChannelName,
        /// Whether it stays when the last member leaves (the configuration names it).
        permanent: bool,
        /// Its first modes, as in [`What::Mode`](crate::event::What::Mode).
        modes: CompactString,
    },
    /// A channel's last member left; its name is free, its messages stay on record.
    RoomClosed {
        /// The channel.
        room: RoomId,
    },
    /// Someone signed up.
    AccountCreated {
        /// The new account.
        account: AccountId,
        /// Its name, also its first nickname.
        name: AccountName,
        /// The password's verifier.
        verifier: Verifier,
        /// Whether an administrator made it.
        by_administrator: bool,
    },
    /// Someone signed in.
    SignedIn {
        /// To which account.
        account: AccountId,
        /// How.
        mechanism: Mechanism,
    },
    /// A sign-in failed. Strangers are never told which factor was wrong; the register is.
    SignInRefused {
        /// The name that was tried, whether it exists or not.
        name: CompactString,
        /// The account of that name, where there is one.
        account: Option<AccountId>,
        /// What was wrong.
        factor: Factor,
        /// How it was tried.
        mechanism: Mechanism,
    },
    /// A connection was accepted.
    SessionOpened {
        /// The connection.
        session: SessionId,
        /// From where and how.
        peer: Peer,
    },
    /// A connection ended.
    SessionClosed {
        /// The connection.
        session: SessionId,
        /// The account it was signed in to.
        account: Option<AccountId>,
        /// Where that was the account's last connection: its last sign of life. From then on the account counts as absent,
        /// and what others write to it is replayed when it returns.
        last_seen: Option<Timestamp>,
        /// Why it ended.
        reason: CompactString,
    },
    /// A connection was refused before it could say anything.
    SessionRefused {
        /// From where and how.
        peer: Peer,
        /// Why.
        reason: CompactString,
    },
    /// The server began to accept connections.
    ServerStarted {
        /// The program's version.
        version: CompactString,
    },
    /// The server stopped, after closing every session.
    ServerStopped {
        /// Why.
        reason: CompactString,
    },
}

/// How a person proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// `AUTHENTICATE PLAIN`. <https://datatracker.ietf.org/doc/html/rfc4616>
    Plain,
    /// `PASS account:password`.
    Pass,
    /// NickServ IDENTIFY.
    Identify,
    /// The sign-up itself signs in.
    Register,
}

impl Mechanism {
    /// The word that the register keeps.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "sasl-plain",
            Self::Pass => "pass",
            Self::Identify => "nickserv",
            Self::Register => "register",
        }
    }
}

/// What was wrong with a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Factor {
    /// No account has that name.
    Name,
    /// The password was not the account's.
    Password,
    /// Too many failures before; the password was not looked at.
    Throttled,
}

impl Factor {
    /// The word that the register keeps.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Password => "password",
            Self::Throttled => "throttled",
        }
    }
}
