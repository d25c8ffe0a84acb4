//! How people prove who they are, and what was wrong where they did not.

/// How a person proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// `AUTHENTICATE PLAIN`. <https://datatracker.ietf.org/doc/html/rfc4616>
    Plain,
    /// `AUTHENTICATE EXTERNAL`: the client's certificate.
    External,
    /// `AUTHENTICATE SCRAM-SHA-256`. <https://datatracker.ietf.org/doc/html/rfc7677>
    Scram,
    /// `OPER`: not an account's password but an operator's.
    Oper,
    /// `PASS account:password`.
    Pass,
    /// NickServ IDENTIFY.
    Identify,
    /// The sign-up itself signs in.
    Register,
    /// A request by HTTP, for itself alone.
    Http,
}

impl Mechanism {
    /// The word that the register keeps.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "sasl-plain",
            Self::External => "sasl-external",
            Self::Scram => "sasl-scram",
            Self::Oper => "oper",
            Self::Pass => "pass",
            Self::Identify => "nickserv",
            Self::Register => "register",
            Self::Http => "http",
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
    /// The token was none of the account's, or is no more.
    Token,
    /// The certificate opens no account, or another one.
    Certificate,
    /// The code was right, but has been used or is too old; or it is none that makes the first owner.
    Code,
    /// Nothing, but the account waits to be approved.
    Waiting,
    /// Nothing: they are kept out of the server.
    Banned,
    /// Too many failures before; the password was not looked at.
    Throttled,
    /// Nothing, but nobody may sign in to the account from there.
    Address,
}

impl Factor {
    /// The word that the register keeps.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Password => "password",
            Self::Token => "token",
            Self::Certificate => "certificate",
            Self::Code => "code",
            Self::Waiting => "waiting",
            Self::Banned => "banned",
            Self::Throttled => "throttled",
            Self::Address => "address",
        }
    }
}
