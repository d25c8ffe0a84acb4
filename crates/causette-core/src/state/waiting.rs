//! What waits for an answer, by who asked: a session, an act of the administrator's, a request by HTTP. Each waits for one thing
//! at a time.

use crate::file::Audience;
use crate::fitting::Cut;
use crate::id::{AccountId, Msgid, SessionId, TokenId};
use crate::input::{Asker, Wish};
use crate::limits;
use crate::order::InvitationTerms;
use crate::record::{Factor, Mechanism};
use crate::right::Scopes;
use crate::secret::{Secret, Verifier};
use crate::state::attempts::Caller;
use causette_proto::{AccountName, CompactString, FileName, Message};
use causette_text::Language;
use core::net::IpAddr;
use rustc_hash::FxHashMap;

/// All that waits.
#[derive(Debug, Default)]
pub(crate) struct Waiting {
    awaited: FxHashMap<Asker, Awaited>,
    /// How many of them are acts of the administrator's.
    acts: usize,
    /// How many are requests by HTTP.
    visits: usize,
}

impl Waiting {
    /// Lets somebody wait who waits for nothing.
    pub(crate) fn insert(&mut self, asker: Asker, awaited: Awaited) {
        self.take(asker);
        self.awaited.insert(asker, awaited);
        if let Some(count) = self.count_mut(asker) {
            *count += 1;
        }
    }

    /// What somebody waited for; they wait no more.
    pub(crate) fn take(&mut self, asker: Asker) -> Option<Awaited> {
        let awaited = self.awaited.remove(&asker)?;
        if let Some(count) = self.count_mut(asker) {
            *count -= 1;
        }
        Some(awaited)
    }

    /// Whether a session waits, and its later lines with it.
    pub(crate) fn holds(&self, session: SessionId) -> bool {
        self.awaited.contains_key(&Asker::Session(session))
    }

    /// Whether as many of the kind wait as may. Sessions are bounded by themselves, and wait for one thing each.
    pub(crate) fn is_full(&self, asker: Asker) -> bool {
        match asker {
            Asker::Session(_) => false,
            Asker::Admin(_) => self.acts >= limits::ACTS_WAITING,
            Asker::Visit(_) => self.visits >= limits::VISITS,
        }
    }

    /// Who waits.
    pub(crate) fn askers(&self) -> impl Iterator<Item = Asker> {
        self.awaited.keys().copied()
    }

    fn count_mut(&mut self, asker: Asker) -> Option<&mut usize> {
        match asker {
            Asker::Session(_) => None,
            Asker::Admin(_) => Some(&mut self.acts),
            Asker::Visit(_) => Some(&mut self.visits),
        }
    }
}

/// What somebody waits for.
#[derive(Debug)]
pub(crate) struct Awaited {
    /// The label of the command that waits.
    pub(crate) label: Option<CompactString>,
    /// What happens with the answer.
    pub(crate) then: Then,
}

/// What happens with an answer, and through which door it is told.
#[derive(Debug)]
pub(crate) enum Then {
    /// The password of an account is being checked.
    SignIn { claim: Claim, mechanism: Mechanism },
    /// What SCRAM asks is being found out.
    ScramBegin(Box<Opening>),
    /// The proof of SCRAM is being checked.
    ScramFinish(Box<Claim>),
    /// An operator's password is being checked.
    Oper { name: CompactString },
    /// The message that is to be taken back is being looked up.
    Redact {
        target: CompactString,
        msgid: Msgid,
        reason: Cut,
    },
    /// The present password is being checked before it is changed.
    CheckPassword { claim: Claim, new: Secret },
    /// A new password is being hashed.
    Password { claim: Claim },
    /// A token is being made for a device of that name.
    AddDevice {
        account: AccountId,
        name: CompactString,
        door: TokenDoor,
    },
    /// The configuration is being read again.
    Reload,
    /// The server's password is being checked.
    Admit { pass: Secret },
    /// What is kept of an invitation's code is being found out.
    Invited {
        name: AccountName,
        password: Secret,
        door: SignUpDoor,
    },
    /// A new account's password is being hashed; with it goes what is kept of the code that was given, where one was.
    SignUp {
        name: AccountName,
        door: SignUpDoor,
        code: Option<Verifier>,
    },
    /// What stands for a forgotten password is being made or hashed.
    Reset { account: AccountId, by: Orderer },
    /// The code of an invitation is being made.
    Invite { wanted: Box<Wanted>, by: Orderer },
    /// The name of a permit to upload is being made.
    Upload(Box<WantedUpload>),
    /// The code is being made by which somebody becomes the first owner.
    OwnerCode { by: Orderer },
    /// What is kept of such a code is being found out.
    ClaimServer { account: AccountId },
    /// A token is being made for a program.
    GiveToken {
        wanted: Box<WantedToken>,
        by: Orderer,
    },
    /// The secret of a request by HTTP is being checked.
    Visit(Box<AwaitedVisit>),
    /// A page is being read; the command is judged again if access changed meanwhile.
    Page { command: Message },
    /// Recent lines are being replayed.
    Replay,
}

/// Who a session says it is.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// The account of the name, where there is one.
    pub(crate) account: Option<AccountId>,
    /// The name, as it was given; empty where none was.
    pub(crate) name: CompactString,
    /// Whether a name was given; a token alone names its own account.
    pub(crate) named: bool,
    /// What the client calls the device it runs on.
    pub(crate) device: Option<CompactString>,
    /// Which password the account had then: see [`Account::passwords`](crate::state::account::Account).
    pub(crate) password: u32,
    /// What is wrong where the claim is.
    pub(crate) factor: Factor,
}

/// Through which door someone signs up, which decides the form of the answer, and the e-mail address that is to be kept of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignUpDoor {
    /// NickServ SAREGISTER: an operator makes it for somebody else.
    Operator,
    /// The administrator's socket, or HTTP: who runs the server makes it for somebody else.
    Order(Orderer),
    /// The REGISTER command.
    Register { email: Option<CompactString> },
    /// NickServ REGISTER.
    NickServ { email: Option<CompactString> },
}

impl SignUpDoor {
    /// Whether the account is to be somebody else's than who makes it.
    pub(crate) fn is_for_another(&self) -> bool {
        matches!(self, Self::Operator | Self::Order(_))
    }

    /// The address that is to be kept.
    pub(crate) fn email(&self) -> Option<&CompactString> {
        match self {
            Self::Register { email } | Self::NickServ { email } => email.as_ref(),
            Self::Operator | Self::Order(_) => None,
        }
    }
}

/// Who gives an order whose answer has to be waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Orderer {
    /// The administrator over the socket, by the name of the system user.
    System {
        name: CompactString,
        /// In which language they are answered; `None` for the server's.
        language: Option<Language>,
    },
    /// A program, by HTTP.
    Program(Box<Program>),
}

/// A program that has signed in by HTTP for one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) account: AccountId,
    pub(crate) token: TokenId,
    pub(crate) address: IpAddr,
    /// In which language it is answered.
    pub(crate) language: Language,
    /// What the door calls what it asks for.
    pub(crate) act: CompactString,
}

/// A link that is to invite people, with a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Where people come to, as it stands in an address of the web.
    pub(crate) address: CompactString,
    /// The room that they enter, where one is named.
    pub(crate) room: Option<CompactString>,
    /// The SHA-256 of the key by which their client knows the server.
    pub(crate) public_key: Option<CompactString>,
    /// What the code is good for.
    pub(crate) terms: InvitationTerms,
}

/// What somebody wants to upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WantedUpload {
    pub(crate) name: FileName,
    /// Its length in bytes, where that is known.
    pub(crate) bytes: Option<u64>,
    pub(crate) audience: Audience,
}

/// A token that a program is to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WantedToken {
    pub(crate) account: AccountId,
    pub(crate) name: CompactString,
    pub(crate) scopes: Scopes,
    /// For how many seconds.
    pub(crate) seconds: u64,
}

/// Through which command somebody asks for a token; it decides the form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenDoor {
    /// The command DEVICE.
    Command,
    /// NickServ DEVICE.
    NickServ,
}

/// What the client has said first.
#[derive(Debug)]
pub(crate) struct Opening {
    pub(crate) claim: Claim,
    /// The GS2 header, in Base64.
    pub(crate) gs2_header: String,
    /// The client's part of the nonce.
    pub(crate) nonce: String,
    /// The first part of what is signed.
    pub(crate) bare: String,
}

/// What a client must prove that was asked for it.
#[derive(Debug)]
pub(crate) struct Challenged {
    pub(crate) claim: Claim,
    /// The GS2 header, in Base64.
    pub(crate) gs2_header: String,
    /// Both parts of the nonce.
    pub(crate) nonce: String,
    /// What is signed, up to the client's last message.
    pub(crate) said: String,
}

/// A request whose secret is being checked.
#[derive(Debug)]
pub(crate) struct AwaitedVisit {
    pub(crate) caller: Caller,
    pub(crate) language: Language,
    pub(crate) wish: Wish,
    pub(crate) claim: Claim,
}
