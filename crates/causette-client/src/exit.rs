//! How a verb ends, for scripts that must know.

use std::fmt;

/// The status with which the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All was done.
    Done = 0,
    /// It failed for a reason that has no number of its own.
    Failed = 1,
    /// It was not written as it must be.
    Usage = 2,
    /// The network or the server did not answer.
    Network = 3,
    /// The sign-in was refused.
    Credentials = 4,
    /// The server refused what was wanted: a permission, a ban, a bound.
    Refused = 5,
    /// There is no such thing.
    NotFound = 6,
    /// The server's key is not trusted.
    Trust = 7,
    /// Part of it was done.
    Partly = 8,
    /// The record is not what was recorded.
    Altered = 9,
    /// The configuration of the server cannot be put in force (`EX_CONFIG`).
    Configuration = 78,
    /// The person interrupted it.
    Interrupted = 130,
    /// Nobody reads what it prints any more: as if by SIGPIPE, like the other tools of a pipe.
    ClosedPipe = 141,
}

/// Why a verb did not do what it should: what the person reads, and what a script reads.
#[derive(Clone, Debug)]
pub struct Trouble {
    /// For scripts.
    pub exit: Exit,
    /// For people; empty when all was said already.
    pub text: String,
}

impl Trouble {
    /// A trouble.
    pub fn new(exit: Exit, text: impl Into<String>) -> Self {
        Self {
            exit,
            text: text.into(),
        }
    }

    /// Nobody reads any more: there is nobody to tell it to, either.
    pub fn closed_pipe() -> Self {
        Self::new(Exit::ClosedPipe, "")
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl std::error::Error for Trouble {}

/// What fails without a number of its own.
impl From<anyhow::Error> for Trouble {
    fn from(error: anyhow::Error) -> Self {
        Self::new(Exit::Failed, format!("{error:#}"))
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        anyhow::Error::from(error).into()
    }
}
