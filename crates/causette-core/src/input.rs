//! The closed list of what can happen to the core.

mod line_fault;

pub(crate) use line_fault::label_of;
pub use line_fault::{LineFault, LineProblem};

use crate::event::Reach;
use crate::file::{
    Arrived, Audience, ComingRef, Digest, FileKey, FileRef, Listing, Permit, PermitKey,
};
use crate::id::{AccountId, SessionId, TokenId, UserId};
use crate::order::Order;
use crate::record::Origin;
use crate::secret::{Secret, Verifier};
use crate::settings::Settings;
use causette_proto::{CompactString, FileName, Message, Timestamp};
use causette_text::Language;
use core::net::IpAddr;
use core::time::Duration;

/// When an input is handled, by both clocks of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock, which somebody may set, forwards or backwards.
    pub wall: Timestamp,
    /// The monotonic clock, counted from any moment of this run: nobody sets it, and it never goes back.
    pub elapsed: Duration,
}

/// Something that happened outside. Time comes beside it, so that the core needs no clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A connection was accepted and may speak.
    Opened {
        /// Its id, never used before.
        session: SessionId,
        /// From where and how.
        peer: Peer,
    },
    /// A connection was refused by a limit and has been closed.
    Refused {
        /// From where and how.
        peer: Peer,
        /// Why, for the register.
        reason: CompactString,
    },
    /// A line arrived.
    Line {
        /// From whom.
        session: SessionId,
        /// What it says.
        message: Message,
    },
    /// A line arrived that is no message.
    BadLine {
        /// From whom.
        session: SessionId,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// The connection ended, from the other side or by a limit of the server's.
    Closed {
        /// Which.
        session: SessionId,
        /// Why.
        reason: Ending,
    },
    /// The answer to an [`Ask`](crate::output::Ask).
    Answer {
        /// Who asked.
        asker: Asker,
        /// What came of it.
        answer: Answer,
    },
    /// A [`Read`](crate::history::Read) ended: its page is in the session's outbox.
    ReadDone {
        /// Who asked for the page.
        session: SessionId,
        /// How it ended.
        outcome: ReadOutcome,
    },
    /// About once a second.
    Tick,
    /// The recorder cannot commit (`true`), or can again (`false`).
    RecorderFailing(bool),
    /// The administrator asks for something; the answer carries the ticket.
    Admin {
        /// Given by the server, to find the one who waits.
        ticket: u64,
        /// The system user who asks.
        by: CompactString,
        /// In which language to answer; `None` for the server's.
        language: Option<Language>,
        /// What is asked.
        order: Order,
    },
    /// What people upload has arrived or never will; the answer carries the ticket, where somebody waits for it.
    Arrived {
        /// Given by the server, to find the one who waits.
        ticket: Option<u64>,
        /// By which permit.
        permit: PermitKey,
        /// What came of it.
        arrived: Arrived,
        /// From where the last bytes came.
        from: Option<Origin>,
        /// In which language to answer.
        language: Language,
    },
    /// The server asks which of these contents no file has; the answer carries the ticket.
    Contents {
        /// Given by the server, to find the one who waits.
        ticket: u64,
        /// Which.
        contents: Vec<Digest>,
    },
    /// What was being uploaded when the server stopped, and may go on.
    Permits(Vec<Permit>),
    /// The files that the server offers by itself, as they are now: those that it offered and are not among them are no more.
    Offered(Vec<OfferedFile>),
    /// Somebody asks for something by HTTP in the name of an account; the answer carries the ticket.
    Visit {
        /// Given by the server, to find the one who waits.
        ticket: u64,
        /// Who asks for what.
        visit: Visit,
    },
    /// A handler panicked on an input of this session before it changed anything.
    Panicked {
        /// Whose input.
        session: SessionId,
    },
    /// The configuration was read again.
    Reloaded {
        /// Who asked for it.
        by: By,
        /// What the rules depend on from now on, or what is wrong with the file. Then nothing changes.
        result: Result<Box<Settings>, String>,
    },
    /// Whether clients trust the certificate has been judged again.
    Trusted {
        /// [`Settings::public_port`] from now on.
        public_port: Option<u16>,
        /// [`Settings::sts_withdrawn`] from now on.
        withdrawn: bool,
    },
    /// The server stops: every session is told and closed.
    Stop {
        /// Who asked for it over the socket; the word of an operator is entered by itself, before the stop begins.
        by: By,
        /// Why, for the people and the register.
        reason: CompactString,
    },
}

/// Who asked for what concerns the whole server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A signal, or the server itself.
    Server,
    /// An operator, by IRC.
    Session(SessionId),
    /// The administrator over the socket, by the name of the system user.
    System(CompactString),
    /// A program by HTTP, with its token.
    Program {
        /// In the name of which account.
        account: AccountId,
        /// With which of its tokens.
        token: TokenId,
        /// From where.
        address: IpAddr,
    },
}

/// Where a connection comes from and how it speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The other end's address.
    pub address: IpAddr,
    /// The other end's port.
    pub port: u16,
    /// The port it came to.
    pub local_port: u16,
    /// What it speaks.
    pub transport: Transport,
    /// The TLS version and cipher suite, as `TLSv1.3 TLS13_AES_256_GCM_SHA384`; `None` in clear.
    pub tls: Option<CompactString>,
    /// The SHA-256 of the certificate that the client showed, in lower-case hexadecimal.
    pub certificate: Option<CompactString>,
    /// What others see of the address: the same for the same network, and nobody can tell the address from it.
    pub cloak: CompactString,
    /// Whether limits and throttles do not apply to it (`flood.exempt`).
    pub exempt: bool,
}

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// IRC over TCP.
    Irc,
    /// IRC over TLS.
    Ircs,
    /// IRC over WebSocket.
    Ws,
    /// IRC over WebSocket over TLS.
    Wss,
}

impl Transport {
    /// The word that the register keeps.
    pub fn name(self) -> &'static str {
        match self {
            Self::Irc => "irc",
            Self::Ircs => "ircs",
            Self::Ws => "ws",
            Self::Wss => "wss",
        }
    }
}

/// Why a connection ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The other end closed it.
    Left,
    /// The network said so.
    Failed(CompactString),
    /// It did not read what it was sent: its outbox passed its bound in bytes.
    SlowReader,
    /// It sent a line without an end.
    Flood,
}

/// Who waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asker {
    /// A session; its later lines wait.
    Session(SessionId),
    /// The administrator, by the ticket of the act.
    Admin(u64),
    /// Somebody who asks by HTTP, by the ticket of the request.
    Visit(u64),
}

impl From<SessionId> for Asker {
    fn from(session: SessionId) -> Self {
        Self::Session(session)
    }
}

/// The answer to an [`Ask`](crate::output::Ask).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Whether the password was right.
    Verified(bool),
    /// The token is that of a device.
    Token {
        /// Whose.
        account: AccountId,
        /// Which.
        token: TokenId,
    },
    /// The password was right, and its verifier lacks what is to be kept of it now: this one has it.
    VerifiedAnew(Verifier),
    /// What SCRAM asks a client. An account and a name that nobody has are asked alike.
    Challenge(Challenge),
    /// The client's proof was right, and this is the server's, in Base64.
    Proved(String),
    /// It is the code that stands in the place of the account's password.
    Code {
        /// Until when it opens the account, by [`Record::steady`](crate::record::Record::steady).
        until: Timestamp,
        /// Its SHA-256.
        hash: Verifier,
    },
    /// The verifier of a new password, or the SHA-256 of a code.
    Hashed(Verifier),
    /// A new token.
    Made {
        /// The token itself, for the device alone.
        token: Secret,
        /// What is kept of it.
        verifier: Verifier,
    },
    /// The name of a permit to upload.
    PermitKey(PermitKey),
    /// The message that was asked for; `None` where its room has no such message.
    Found(Option<Found>),
    /// Too much is waiting, or the store did not answer: ask again later.
    Unavailable,
}

/// What SCRAM asks a client. <https://www.rfc-editor.org/rfc/rfc5802#section-5>
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// The server's part of the nonce: of visible ASCII without commas.
    pub nonce: String,
    /// The salt, in Base64.
    pub salt: String,
    /// How often the password is hashed.
    pub iterations: u32,
}

/// A message that somebody refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Who said it.
    pub author: UserId,
    /// When, as people are shown it.
    pub time: Timestamp,
    /// The same by [`Record::steady`](crate::record::Record::steady).
    pub steady: Timestamp,
    /// Who got it.
    pub reach: Reach,
}

/// How a read ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadOutcome {
    /// The page is in the outbox.
    Pushed,
    /// Who may read the room changed meanwhile: judge and read again.
    Stale,
    /// The store did not answer.
    Failed,
}

/// What somebody asks by HTTP in the name of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// From where.
    pub address: IpAddr,
    /// Whether limits and throttles do not apply to it (`flood.exempt`).
    pub exempt: bool,
    /// In which language to answer.
    pub language: Language,
    /// Who they say they are.
    pub credential: Credential,
    /// What they ask for.
    pub wish: Wish,
}

/// By what somebody signs in to an account for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A device's token, which names its account.
    Token(Secret),
    /// The account's name, and its password or the token of one of its devices.
    Password {
        /// The name, as it was given.
        name: CompactString,
        /// The password or the token.
        password: Secret,
    },
    /// Nothing: what whoever knows an address may do.
    None,
    /// What stands behind `?t=` in an address of a file: the server has signed it for somebody, who need not be who asks.
    Address(CompactString),
}

/// What is asked for by HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Which account it is, and which of its devices.
    Account,
    /// That a device's token opens the account no more: its number, as it was written.
    RemoveDevice(CompactString),
    /// Something of files.
    File(Box<FileWish>),
    /// What those who run the server ask for, with a program's token.
    Order {
        /// What the doors call it: so the register names what a token is not good for.
        act: CompactString,
        /// What is asked for.
        order: Box<Order>,
    },
}

/// What is asked for of files by HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileWish {
    /// To upload one.
    Upload {
        /// The name of the permit, made by the server.
        permit: PermitKey,
        /// What it is called.
        name: FileName,
        /// Its length in bytes, where that is known.
        bytes: Option<u64>,
        /// For whom.
        audience: Audience,
        /// From where.
        from: Origin,
    },
    /// Which there are.
    List(Listing),
    /// What is known of one.
    Show(FileRef),
    /// Its bytes.
    Fetch {
        /// Which.
        file: FileKey,
        /// From where.
        from: Origin,
        /// Whether who asks only wants to know what there is, and takes nothing of it.
        looks: bool,
    },
    /// To send one to somebody.
    Send {
        /// Which.
        file: FileRef,
        /// To whom.
        to: CompactString,
    },
    /// To take that back.
    TakeBack {
        /// Which.
        file: FileRef,
        /// From whom.
        from: CompactString,
    },
    /// That others may see it.
    Share {
        /// Which.
        file: FileRef,
        /// Who.
        audience: Audience,
    },
    /// That it is no more.
    Remove {
        /// Which.
        file: FileRef,
        /// Why, for whoever runs the server; empty where it is one's own.
        reason: CompactString,
    },
    /// How much one keeps, and may.
    Usage,
    /// What one is uploading.
    Coming,
    /// That something of it is given up.
    Cancel(ComingRef),
    /// What became of an upload that is over. Who knows its permit is who sent it: nothing else is asked of them.
    Arrival(PermitKey),
}

/// A file that the server offers by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedFile {
    /// Where it is in the folder of such files.
    pub path: CompactString,
    /// Its address, if it is new.
    pub key: FileKey,
    /// What it is, as its bytes say.
    pub media_type: CompactString,
    /// Its length in bytes.
    pub size: u64,
    /// Its SHA-256.
    pub sha256: Digest,
}
