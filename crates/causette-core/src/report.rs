//! What those who run the server are answered, in plain data: each door says it in its own form.

use crate::cidr::Cidr;
use crate::file::{FileReport, Usage};
use crate::filter::FilterAction;
use crate::id::{FilterId, HeldId, InvitationId, SanctionId};
use crate::input::{By, Transport};
use crate::login::LoginPolicy;
use crate::record::{Factor, Mechanism};
use crate::right::{Role, Scopes};
use crate::sanction::SanctionKind;
use crate::secret::Secret;
use causette_proto::{CompactString, Timestamp};
use causette_text::{Language, text};
use core::net::IpAddr;

/// What came of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// It was done; a sentence in the server's language says what.
    Done(String),
    /// Something was made that has a number from now on.
    Made {
        /// A sentence in the language of who asked says what.
        text: String,
        /// Its number; that of the first, where several were made.
        number: u64,
    },
    /// A link was made that invites people.
    Invited {
        /// A sentence in the language of who asked says what.
        text: String,
        /// The link, with the code, where it bears one.
        link: Secret,
        /// The code, which nobody is ever told again, where it bears one.
        code: Option<InvitedBy>,
    },
    /// Who is there, in the order of their nicknames.
    People {
        /// Everybody with a nickname, connected or not.
        people: Vec<PersonReport>,
        /// Whether more follow behind the last one.
        more: bool,
        /// How many people are connected, whether they are in this part of the list or not.
        connected: usize,
        /// How many connections they have together.
        sessions: usize,
        /// How many accounts there are.
        accounts: usize,
    },
    /// The rooms, in the order of their names.
    Rooms {
        /// As many as were asked for.
        rooms: Vec<RoomReport>,
        /// Whether more follow behind the last one.
        more: bool,
    },
    /// Accounts, in the order of their names.
    Accounts {
        /// As many as were asked for.
        accounts: Vec<AccountReport>,
        /// Whether more follow behind the last one.
        more: bool,
    },
    /// All that there is about an account.
    Account(Box<AccountDetail>),
    /// The sanctions that hold, in the order of their numbers.
    Sanctions(Vec<SanctionReport>),
    /// The invitations that hold, in the order of their numbers.
    Invitations(Vec<InvitationReport>),
    /// The words that are looked for, in the order of their numbers.
    Filters(Vec<FilterReport>),
    /// The messages that wait for somebody to decide about them, in the order of their numbers.
    Held(Vec<HeldReport>),
    /// Files, the newest first.
    Files {
        /// As many as were asked for.
        files: Vec<FileReport>,
        /// Whether there are more before the last one.
        more: bool,
    },
    /// All that there is about a file.
    File(Box<FileReport>),
    /// How much an account keeps, and may.
    Quota {
        /// Which.
        account: CompactString,
        /// How much.
        usage: Usage,
        /// Whether its bound was decided for this account.
        own: bool,
    },
    /// Who asks may do what the server does by itself.
    Permitted {
        /// In whose name it is to be recorded.
        by: By,
    },
    /// A token was made: nobody is ever told it again.
    Token {
        /// Whose.
        account: CompactString,
        /// Its number in the account.
        number: u64,
        /// The token.
        token: Secret,
        /// Until when it is good, as people are shown it.
        until: Timestamp,
    },
}

/// What an invitation lets people in by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitedBy {
    /// The number of the invitation.
    pub number: InvitationId,
    /// The code, in groups.
    pub code: Secret,
    /// How many may sign up with it.
    pub uses: u32,
    /// When it ends, as people are shown it.
    pub until: Option<Timestamp>,
}

/// An invitation that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvitationReport {
    /// Its number.
    pub number: InvitationId,
    /// The room that it leads to.
    pub room: Option<CompactString>,
    /// How many may still sign up with it.
    pub uses: u32,
    /// Who made it.
    pub by: CompactString,
    /// When it was made, as people are shown it.
    pub since: Timestamp,
    /// When it ends, alike.
    pub until: Option<Timestamp>,
}

/// Words that are looked for in what is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterReport {
    /// Their number.
    pub number: FilterId,
    /// The words.
    pub pattern: CompactString,
    /// What happens to a message that has them.
    pub action: FilterAction,
    /// In which room; `None` for all.
    pub room: Option<CompactString>,
    /// Why.
    pub reason: CompactString,
    /// Who decided it.
    pub by: CompactString,
    /// When it was decided, as people are shown it.
    pub since: Timestamp,
}

/// A message that waits for somebody to decide about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldReport {
    /// Its number.
    pub number: HeldId,
    /// Where it was said.
    pub room: CompactString,
    /// By whom, by nickname.
    pub from: CompactString,
    /// The author's account then.
    pub account: Option<CompactString>,
    /// What.
    pub text: CompactString,
    /// The filter whose words it has.
    pub filter: FilterId,
    /// When it was said, as people are shown it.
    pub since: Timestamp,
}

/// Why somebody is away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Away {
    /// As they said it, the same to everybody.
    Said(CompactString),
    /// As the server says it, by the key of its text: each reads it in their own language.
    Found(&'static str),
}

impl Away {
    /// As it is told in a language.
    pub fn told(&self, language: Language) -> CompactString {
        match self {
            Self::Said(reason) => reason.clone(),
            Self::Found(key) => text(language, key).into(),
        }
    }
}

/// Somebody who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonReport {
    /// Their nickname.
    pub nick: CompactString,
    /// Their account.
    pub account: Option<CompactString>,
    /// What they are on the server.
    pub role: Role,
    /// Why they are away, where they are.
    pub away: Option<Away>,
    /// The channels that they are in, in the order of their names.
    pub rooms: Vec<CompactString>,
    /// Their connections, the oldest first; none of who is always there and absent.
    pub sessions: Vec<SessionReport>,
}

/// A connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionReport {
    /// From where.
    pub address: IpAddr,
    /// From which port.
    pub port: u16,
    /// What it speaks.
    pub transport: Transport,
    /// What its client calls the device it runs on.
    pub device: Option<CompactString>,
    /// Since when, as people are shown it.
    pub since: Timestamp,
    /// For how many seconds its person has said nothing, as WHOIS shows it.
    pub idle: u64,
}

/// A room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomReport {
    /// Its name.
    pub name: CompactString,
    /// How many are in it.
    pub members: usize,
    /// Its modes, as MODE shows them.
    pub modes: CompactString,
    /// Its topic; empty for none.
    pub topic: CompactString,
    /// Whose it is, where it is registered.
    pub founder: Option<CompactString>,
    /// When it was opened, as people are shown it.
    pub since: Timestamp,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountReport {
    /// Its name.
    pub name: CompactString,
    /// What it is on the server.
    pub role: Role,
    /// When it was made, as people are shown it.
    pub created: Timestamp,
    /// When its last connection ended, alike; `None` while it is connected, or never was.
    pub last_seen: Option<Timestamp>,
    /// How many connections it has.
    pub sessions: usize,
    /// Whether it waits to be approved.
    pub waiting: bool,
    /// The sanctions on it.
    pub sanctions: Vec<SanctionId>,
}

/// All that there is about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountDetail {
    /// What lists show of it.
    pub account: AccountReport,
    /// The person, while they have a nickname.
    pub person: Option<PersonReport>,
    /// The devices that have a token, the oldest first.
    pub devices: Vec<DeviceReport>,
    /// From where one may sign in to it.
    pub login: LoginPolicy,
    /// The address to which that is pinned, where it is.
    pub login_address: Option<Cidr>,
    /// How many certificates open it.
    pub certificates: usize,
    /// The channels that it owns, in the order of their names.
    pub rooms: Vec<CompactString>,
    /// The sanctions on it.
    pub sanctions: Vec<SanctionReport>,
}

/// A device that has a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceReport {
    /// Its number in the account.
    pub number: u64,
    /// What its owner calls it.
    pub name: CompactString,
    /// When it last signed in, as people are shown it.
    pub last_used: Option<Timestamp>,
    /// From where it last signed in.
    pub last_address: Option<IpAddr>,
    /// What a program may do with it; `None` for that of a device.
    pub scopes: Option<Scopes>,
    /// Until when it is good, as people are shown it.
    pub until: Option<Timestamp>,
}

/// A sanction that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SanctionReport {
    /// Its number.
    pub number: SanctionId,
    /// What it does.
    pub kind: SanctionKind,
    /// To whom: the account's name, the range or the mask.
    pub whom: CompactString,
    /// In which room; `None` for the whole server.
    pub room: Option<CompactString>,
    /// Why.
    pub reason: CompactString,
    /// Who decided it.
    pub by: CompactString,
    /// When it was decided, as people are shown it.
    pub since: Timestamp,
    /// When it ends, alike.
    pub until: Option<Timestamp>,
}

/// What whoever watches at a console is shown as it happens. It tells of what is recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Watched {
    /// Somebody has signed in.
    SignedIn {
        /// To which account.
        account: CompactString,
        /// How.
        mechanism: Mechanism,
        /// From where.
        address: IpAddr,
        /// What their client calls the device it runs on.
        device: Option<CompactString>,
    },
    /// A sign-in failed.
    SignInRefused {
        /// The name that was tried.
        name: CompactString,
        /// What was wrong. Whoever tried is not told.
        factor: Factor,
        /// How it was tried.
        mechanism: Mechanism,
        /// From where.
        address: IpAddr,
    },
    /// The first connection of somebody is there.
    Came {
        /// Who.
        nick: CompactString,
        /// From where.
        address: IpAddr,
    },
    /// The last connection of somebody has ended.
    Left {
        /// Who.
        nick: CompactString,
        /// Why.
        reason: CompactString,
    },
    /// Somebody has written to the administration, or the administration to them.
    Wrote {
        /// Who of the two, by nickname; `None` for the administration.
        from: Option<CompactString>,
        /// The person it is a conversation with.
        with: CompactString,
        /// What.
        text: CompactString,
    },
    /// Somebody who runs the server did something; a sentence in the server's language says what.
    Acted(String),
}
