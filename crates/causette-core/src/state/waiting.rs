//! What waits for an answer: with a session, with an act of the administrator's, with a request by HTTP.

use crate::fitting::Cut;
use crate::id::{AccountId, Msgid};
use crate::input::Wish;
use crate::record::{Factor, Mechanism};
use crate::secret::Secret;
use causette_proto::{AccountName, CompactString, Message};
use causette_text::Language;
use core::net::IpAddr;

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
    /// A new account's password is being hashed.
    SignUp { name: AccountName, door: SignUpDoor },
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
    /// The name, as it was given.
    pub(crate) name: CompactString,
    /// What the client calls the device it runs on.
    pub(crate) device: Option<CompactString>,
    /// Which password the account had then: see [`Account::passwords`](crate::state::account::Account).
    pub(crate) password: u32,
    /// What is wrong where the claim is.
    pub(crate) factor: Factor,
}

/// Through which command someone signs up; it decides the form of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignUpDoor {
    /// NickServ SAREGISTER: an operator makes it for somebody else.
    Operator,
    /// The REGISTER command.
    Register,
    /// NickServ REGISTER.
    NickServ,
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

/// An act that waits for an answer.
#[derive(Debug)]
pub(crate) enum AwaitedAct {
    /// A new account's password is being hashed.
    Create(AccountName),
    /// What stands for a forgotten password is being made or hashed.
    Reset {
        /// Whose.
        account: AccountId,
        /// The system user who asks.
        by: CompactString,
    },
}

/// A request whose secret is being checked.
#[derive(Debug)]
pub(crate) struct AwaitedVisit {
    pub(crate) address: IpAddr,
    pub(crate) exempt: bool,
    pub(crate) language: Language,
    pub(crate) wish: Wish,
    pub(crate) claim: Claim,
    /// Whether it named an account; a token alone names its own.
    pub(crate) named: bool,
}
