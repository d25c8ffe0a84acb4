//! How a start finds the database, and how it leaves it.

use std::path::PathBuf;

/// What is expected of the database at a start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// Go on with the one that is there, and make one where there is none.
    Any,
    /// Go on with the one that is there, and refuse to start without.
    Existing,
    /// Make one, and refuse to start where there is one.
    New,
}

/// What became of the database at a start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is as it was.
    Unchanged,
    /// It was made.
    Made,
    /// Its tables were brought to another version.
    Migrated {
        /// The version of its tables before.
        from: u32,
        /// The version now.
        to: u32,
        /// The database as it was before, where it is a file.
        copy: Option<PathBuf>,
    },
}

/// How far an upgrade has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upgrade {
    /// The database was copied as it is.
    Copied,
    /// Views that were missing were made.
    Views,
    /// So many entries of the register were changed.
    Entries(u64),
    /// Its tables have this version. Nothing of it is kept before the last.
    Version(u32),
}
