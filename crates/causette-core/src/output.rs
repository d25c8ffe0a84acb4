//! The closed list of what can result from an input.
//!
//! Outputs are acted upon in their order. A [`Record`] holds back everything behind it until it is committed.

use crate::file::{Coming, Digest, FileReport, Permit, PermitKey, Usage};
use crate::history::Read;
use crate::id::{AccountId, Msgid, Room, SessionId, TokenId};
use crate::input::Asker;
use crate::line::Line;
use crate::record::Record;
use crate::report::{Report, Watched};
use crate::secret::Secret;
use bytes::Bytes;
use causette_proto::{AccountName, Capabilities, CompactString};
use std::sync::Arc;

/// What the server must do.
#[derive(Clone, Debug)]
pub enum Output {
    /// Commit this before anything behind it is shown.
    Record(Record),
    /// Give one line to many.
    Deliver(Deliver),
    /// Give these bytes, whole lines already encoded for it, to one session.
    Send {
        /// To whom.
        session: SessionId,
        /// What.
        bytes: Bytes,
    },
    /// From here on, encode shared lines for this session by these capabilities.
    Capabilities {
        /// Whose.
        session: SessionId,
        /// All that are enabled.
        enabled: Capabilities,
    },
    /// Find something out, and answer by [`Input::Answer`](crate::input::Input::Answer).
    Ask {
        /// Who waits.
        asker: Asker,
        /// What.
        ask: Ask,
    },
    /// Read a page of history once everything before it is delivered, and push it to the session's outbox.
    Read(Box<Read>),
    /// Close the connection when what was sent before is written.
    Close {
        /// Which.
        session: SessionId,
    },
    /// Answer the administrator.
    Told {
        /// Which act.
        ticket: u64,
        /// What came of it, in the server's language.
        result: Result<Told, Undone>,
    },
    /// Tell whoever watches at a console, if anybody does.
    Watched(Watched),
    /// Answer somebody who asked by HTTP.
    Visited {
        /// Which request.
        ticket: u64,
        /// What came of it.
        result: Result<Done, Undone>,
    },
    /// Let bytes come for a file.
    Permitted(Box<Permit>),
    /// Let no more bytes come by a permit, and keep nothing of what came.
    UploadCancelled(PermitKey),
    /// No file has these bytes any more: they need not be kept.
    ContentUnused(Digest),
    /// Read the configuration again, and answer by [`Input::Reloaded`](crate::input::Input::Reloaded).
    Reload {
        /// Who asked for it.
        session: SessionId,
    },
    /// An operator asks for the stop: begin it, as a signal would.
    Stop {
        /// Why, for the people and the register.
        reason: CompactString,
    },
    /// Every session is closed and the stop is recorded: end the program.
    Stopped,
}

/// One line for many sessions.
#[derive(Clone, Debug)]
pub struct Deliver {
    /// The line, encoded once per set of capabilities.
    pub line: Arc<Line>,
    /// To whom.
    pub to: Arc<[SessionId]>,
    /// Who of them gets a copy of their own instead.
    pub except: Option<SessionId>,
    /// Only sessions with all of these get it.
    pub needs: Capabilities,
}

/// What must be found out off the core's thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Is this the account's password, or the token of one of its devices? Without an account, spend the same time and say
    /// no. What has the form of a token is only looked up.
    VerifyPassword {
        /// Whose.
        account: Option<AccountId>,
        /// What was given.
        password: Secret,
    },
    /// What does SCRAM ask a client that wants to sign in to this account? Without an account, the same as ever for that name.
    ScramBegin {
        /// Whose.
        account: Option<AccountId>,
        /// The name that was given, as names are compared.
        name: CompactString,
    },
    /// Does this prove that the client knows the account's password? Without an account, compute as much and say no.
    ScramFinish {
        /// Whose.
        account: Option<AccountId>,
        /// What the proof signs. <https://www.rfc-editor.org/rfc/rfc5802#section-3>
        message: String,
        /// The proof, in Base64: with it and what the store keeps, one could sign in.
        proof: Secret,
    },
    /// Is this the server's password (`server.password_hash`)?
    VerifyServerPassword {
        /// What was given.
        password: Secret,
    },
    /// Is this the password of that `[[operator]]` of the configuration? For a name that is none, spend the same time and
    /// say no.
    VerifyOperator {
        /// The name that was given.
        name: CompactString,
        /// The password that was given.
        password: Secret,
    },
    /// Who said that message in that room, and when? Redacted messages are not found, and neither is what is no message.
    FindMessage {
        /// Where.
        room: Room,
        /// Which.
        msgid: Msgid,
    },
    /// Make the verifier of a new account's password.
    HashPassword {
        /// For whom, so that at most a few hashes run for one name.
        name: AccountName,
        /// The password.
        password: Secret,
    },
    /// Make a token for a device.
    MakeToken,
    /// Make the name of a permit to upload; answered by [`Answer::PermitKey`](crate::input::Answer::PermitKey).
    MakePermit,
    /// Make a code for who has forgotten a password, is invited or becomes the first owner; answered as a token is.
    MakeCode,
    /// What is kept of such a code? Answered by [`Answer::Hashed`](crate::input::Answer::Hashed) with its SHA-256 alone.
    HashCode {
        /// What was given, as [`read_code`](crate::secret::read_code) reads it.
        code: Secret,
    },
    /// Whose token is this?
    FindToken {
        /// What was given.
        token: Secret,
    },
}

/// What came of what the administrator asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// What.
    pub report: Report,
    /// The entry of it in the register.
    pub entry: Entry,
}

/// The entry in the register of what is told. The number is known once the record is committed: the recorder puts it in its
/// place before the answer leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// There is none.
    None,
    /// That of a record before this output: 1 for the last one, 2 for the one before.
    Before(usize),
    /// The one of that number.
    Number(u64),
}

/// What came of what somebody asked by HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// Which account it is.
    Account {
        /// Its name.
        name: CompactString,
        /// The device whose token was given, where it was one: its number and its name.
        device: Option<(TokenId, CompactString)>,
    },
    /// The device's token opens the account no more.
    Removed,
    /// The file may come, by this permit.
    Permitted(Box<Permit>),
    /// A file that is there, or was changed.
    File(Box<FileReport>),
    /// Those that there are.
    Files {
        /// The newest first.
        files: Vec<FileReport>,
        /// Whether there are more before the last of them.
        more: bool,
    },
    /// The file is no more.
    FileRemoved,
    /// How much somebody keeps, and may.
    Usage(Usage),
    /// What somebody has under way, or has just given up, the newest first.
    Coming(Vec<Coming>),
    /// The contents, of those that were asked about, that no file has.
    Unused(Vec<Digest>),
    /// What came of an order, with its entry: the recorder puts the number in its place as in [`Output::Told`].
    Told(Told),
}

/// Why nothing came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// In a word for programs.
    pub fault: Fault,
    /// In a sentence for people.
    pub text: String,
}

/// Why nothing came of what somebody asked by HTTP or over the admin socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The name, the password or the token is wrong, or does not help at present.
    Refused,
    /// Too many were wrong before.
    Wait {
        /// For how long.
        seconds: i64,
    },
    /// There is no such device.
    Unknown,
    /// Who asks has not the right to it, or their token is not good for it.
    Forbidden,
    /// There is nothing or nobody of that name or number.
    NotFound,
    /// What there is does not allow it: it is so already, or something else is in the way.
    Conflict,
    /// What was asked for is nothing that can be: a name, a time, a reason that is none.
    Unprocessable,
    /// One file may not have so many bytes.
    TooLarge {
        /// How many it may have.
        bytes_max: u64,
    },
    /// There is no room for it among what they keep here, or may upload today.
    NoRoom,
    /// Nothing can be recorded at the moment.
    Unavailable,
    /// Too many ask at once, or nothing can be found out: nothing was checked.
    Busy,
}

/// The outputs of one or more inputs, in order.
#[derive(Debug, Default)]
pub struct Outputs {
    list: Vec<Output>,
    deliveries: usize,
    records: usize,
}

impl Outputs {
    /// Appends one.
    pub fn push(&mut self, output: Output) {
        match &output {
            Output::Deliver(deliver) => self.deliveries += deliver.to.len(),
            Output::Send { .. } => self.deliveries += 1,
            Output::Record(_) => self.records += 1,
            _ => {}
        }
        self.list.push(output);
    }

    /// How many lines for how many sessions wait in it: what the pipe is bounded by.
    pub fn deliveries(&self) -> usize {
        self.deliveries
    }

    /// How many facts must be committed.
    pub fn records(&self) -> usize {
        self.records
    }

    /// How many outputs there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Forgets what came after the first `length` outputs: the half-made result of a handler that panicked.
    pub fn truncate(&mut self, length: usize) {
        for output in self
            .list
            .drain(length.min(self.list.len())..)
            .collect::<Vec<_>>()
        {
            match output {
                Output::Deliver(deliver) => self.deliveries -= deliver.to.len(),
                Output::Send { .. } => self.deliveries -= 1,
                Output::Record(_) => self.records -= 1,
                _ => {}
            }
        }
    }

    /// All of them, in order.
    pub fn as_slice(&self) -> &[Output] {
        &self.list
    }

    /// Takes them out, in order, leaving none.
    pub fn take(&mut self) -> Vec<Output> {
        self.deliveries = 0;
        self.records = 0;
        std::mem::take(&mut self.list)
    }
}
