//! What an older program kept, as far as it could be read: people, and lines that somebody said or that tell of something.

use super::report::Problem;
use aws_lc_rs::digest::{Context, SHA256};
use causette_core::file::Digest;
use causette_core::secret::Secret;
use causette_proto::Timestamp;
use std::net::IpAddr;
use std::path::PathBuf;

/// Everything that was read.
#[derive(Debug, Default)]
pub(super) struct Old {
    pub(super) accounts: Vec<OldAccount>,
    /// In files, each in the order in which it becomes history.
    pub(super) files: Vec<Vec<OldLine>>,
    /// What was read, and its SHA-256 in hexadecimal.
    pub(super) digests: Vec<(String, String)>,
    pub(super) problems: Vec<Problem>,
    /// Files that people exchanged, in the order in which they become files here.
    pub(super) exchanged: Vec<Exchanged>,
}

/// A place in what was read: a file and a line or row of it, counted from 1; 0 for the file itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: u64,
}

/// A file that people exchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exchanged {
    pub(super) place: Place,
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
    pub(super) sha256: Digest,
    /// When it was written last.
    pub(super) time: Timestamp,
}

/// Somebody who had an account.
#[derive(Debug)]
pub(super) struct OldAccount {
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) password: Secret,
    /// From where they may sign in, where that is bound to an address.
    pub(super) login: Login,
}

/// From where somebody may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Login {
    /// From where the configuration says of every new account.
    AsConfigured,
    /// From where they signed up.
    From(IpAddr),
    /// From where they sign in first: where they signed up cannot be read.
    FromFirst,
}

/// Something that was said, or is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OldLine {
    pub(super) place: Place,
    pub(super) time: Timestamp,
    pub(super) by: By,
    pub(super) to: To,
    pub(super) text: String,
    /// From where it came, where that is known.
    pub(super) from: Option<(IpAddr, u16)>,
    /// What tells it from all other lines, and is the same whenever it is read.
    pub(super) mark: [u8; 32],
}

/// Who says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// Somebody who had an account, by the name that they had.
    Person(String),
    /// Those who ran the server.
    Administration,
    /// Nobody in particular.
    Nobody,
}

/// To whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum To {
    /// To everyone: in the room.
    Room,
    /// To one person, by the name that they had.
    Person(String),
    /// To those who ran the server.
    Administration,
    /// To nobody: it is kept for who has to look into it.
    Archive,
}

/// What tells a line from others, made of all parts of it.
pub(super) fn mark(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    finished(context)
}

/// The 32 bytes of a SHA-256.
pub(super) fn finished(context: Context) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    bytes
}
