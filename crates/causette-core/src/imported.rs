//! That what another program kept is taken over.

use causette_proto::CompactString;

/// The tag that every message of an import bears; its value is the program.
pub const TAG: &str = "+causette/imported";

/// The nickname behind which stands what nobody in particular has said. No person can be called so.
pub const NOBODY: &str = "*import";

/// An import, at its beginning or at its end. What lies between the two entries was not said here, but there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// The program that it comes from: `a` or `b`.
    pub program: CompactString,
    /// Whether it is over.
    pub ended: bool,
    /// What was read, and the SHA-256 of each in lower-case hexadecimal.
    pub digests: Vec<(CompactString, CompactString)>,
    /// Accounts that are made by it.
    pub accounts: u64,
    /// Messages that are taken over by it.
    pub messages: u64,
    /// Files that are made by it.
    pub files: u64,
}
