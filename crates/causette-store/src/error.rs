//! What can go wrong with the record, and what to do then.

use crate::engine::settings::Setting;
use std::path::PathBuf;

/// Why the record cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database was written by a later version of the program.
    #[error(
        "{location} has schema version {found}, and this Causette knows versions up to {known}: run a newer Causette, or restore a copy made before the update"
    )]
    Newer {
        /// The database.
        location: String,
        /// The version of its tables.
        found: u32,
        /// The latest version that this program knows.
        known: u32,
    },
    /// The database has the tables of an earlier version, and is only to be read.
    #[error(
        "{location} has schema version {found}, and this Causette reads version {known}: start it once on the database, which brings the tables up"
    )]
    Older {
        /// The database.
        location: String,
        /// The version of its tables.
        found: u32,
        /// The version that this program reads.
        known: u32,
    },
    /// The file is a database of another program.
    #[error("{0} is not a Causette database: name another file in database.url")]
    Foreign(String),
    /// There is no database where one is expected.
    #[error("{0} is missing or empty: put it back, or say that a new one is meant")]
    Missing(String),
    /// There is a database, or the log of one, where a new one was meant.
    #[error("{0} is there already: a new database takes no other's place")]
    Present(String),
    /// The database cannot have a write-ahead log where it is.
    #[error(
        "{location} cannot have a write-ahead log (journal_mode is {mode:?}): name a file on a local disk in database.url"
    )]
    NoLog {
        /// The database.
        location: PathBuf,
        /// How SQLite would keep its journal instead.
        mode: String,
    },
    /// A file of the open database was removed or replaced.
    #[error(
        "{0} is no longer the file that is open: another program removed or replaced it, and what is recorded from now on would be lost. Start the server again; leave the files of a running server to SQLite"
    )]
    Replaced(PathBuf),
    /// Two names that were different when they were given are one under the mapping of this start.
    #[error(
        "server.casemapping: the {what} {first} and {second} would have the same name. Start with the mapping that there was, let one of the two be given up, then change it"
    )]
    SameName {
        /// What is called so: accounts or channels.
        what: &'static str,
        /// The older.
        first: String,
        /// The younger.
        second: String,
    },
    /// Another database is being moved into it, and is not there whole.
    #[error(
        "{0} holds what a move that has not ended has brought so far: end it by the same `causette migrate`, or empty the database"
    )]
    Moving(String),
    /// The server of the database is too old.
    #[error(
        "{database} is {version}, and {needed} or later is needed: upgrade it, or name another in database.url"
    )]
    TooOld {
        /// The database.
        database: String,
        /// What the server calls its version.
        version: String,
        /// What is needed.
        needed: &'static str,
    },
    /// The server is set not to keep what people are promised.
    #[error(
        "the database server is set not to keep what Causette promises ({database}): {setting}. Set it so and start again"
    )]
    Unsafe {
        /// The database.
        database: String,
        /// What is set otherwise than it has to be.
        setting: Setting,
    },
    /// A table is not as this program made it.
    #[error(
        "{database}: somebody has changed the table {table} by hand ({difference}): change it back, or restore a backup"
    )]
    Altered {
        /// The database.
        database: String,
        /// The table.
        table: String,
        /// What is otherwise.
        difference: String,
    },
    /// Something else has the name of a view.
    #[error(
        "{database}: {view} is no view of ours: give what has that name another one, or drop it"
    )]
    NoView {
        /// The database.
        database: String,
        /// The view.
        view: &'static str,
    },
    /// The server lets nobody with this name make or change tables.
    #[error(
        "the database server does not let this name make and change tables ({0}): give it all rights on this database, as the page on databases says"
    )]
    NoRights(String),
    /// What is asked for is done with a file only.
    #[error("{0} is on a server: back it up with the server's own tools")]
    OnServer(String),
    /// Another Causette has the database.
    #[error(
        "{0} is in use by another Causette, which serves, moves or imports it: stop that one first, or name another database in database.url"
    )]
    Served(String),
    /// The server of the database does not answer.
    #[error(
        "the database server cannot be reached ({0}): start it, and check database.url and the network"
    )]
    Unreachable(String),
    /// The server of the database speaks no TLS, and is to be spoken with by nothing else.
    #[error(
        "the database server offers no TLS, and database.url asks for it ({0}): let that server offer it, or take sslmode and the files of TLS away"
    )]
    NoTls(String),
    /// The server of the database is not known to be the one that is meant.
    #[error(
        "the certificate of the database server is not trusted ({0}): name its authority in database.ca_file"
    )]
    Untrusted(String),
    /// The server of the database lets nobody in with this name and password.
    #[error(
        "the database server refuses the name or the password ({0}): check database.url, database.password_file and the rights"
    )]
    Denied(String),
    /// The server has no such database.
    #[error(
        "the server has no such database ({0}): create it, as the page on databases says, or correct database.url"
    )]
    NoSuchDatabase(String),
    /// None of the schemas in which our tables could be is there, or open to this name.
    #[error(
        "{database}: none of the schemas in search_path ({search_path}) is there, or open to this name: create one, grant USAGE and CREATE on it, or correct search_path"
    )]
    NoSchema {
        /// The database.
        database: String,
        /// Where it is looked for.
        search_path: String,
    },
    /// The database contradicts itself.
    #[error(
        "the database is damaged ({0}): stop the server, keep the files as they are and restore a backup"
    )]
    Corrupt(String),
    /// Someone else holds the database.
    #[error("the database is busy ({0}): try again, and look for another program that has it open")]
    Busy(String),
    /// There is no room for it.
    #[error("the disk is full ({0}): free some space, then try again")]
    Full(String),
    /// The operating system refused to read or write.
    #[error(
        "the database cannot be read or written ({0}): check the disk and the rights on data_dir"
    )]
    Io(String),
    /// The database refused a question: a fault of this program.
    #[error("the database refused a statement ({0}): please report this as a bug")]
    Statement(String),
}

/// Why a batch is not committed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// It may pass (disk full, busy, input/output): append the same batch again.
    #[error("{0}")]
    Retry(String),
    /// It will not pass, or what the disk holds is no longer certain: end the program; a restart rebuilds from the record.
    #[error("{0}")]
    Fatal(String),
}

/// Why a transaction was given up, before it is known for whom the error is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The engine refused.
    #[error("{text}")]
    Engine {
        text: String,
        reason: Reason,
        /// Whether the same transaction may succeed later.
        may_pass: bool,
    },
    #[error("the system gives no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    /// A record that contradicts those before it.
    #[error("{0}")]
    Contradiction(String),
    /// What the store says of its own files.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What the engine found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Corrupt,
    /// A value is of another kind than its column has.
    Value,
    Busy,
    Full,
    Io,
    /// The connection to a server.
    #[cfg(feature = "sql")]
    Lost,
    /// Who asks may not do that on the server.
    #[cfg(feature = "sql")]
    Rights,
    Statement,
}

impl Fault {
    /// The database holds what nobody wrote.
    pub(crate) fn corrupt(text: String) -> Self {
        Self::Engine {
            text,
            reason: Reason::Value,
            may_pass: false,
        }
    }

    /// Whether somebody else holds what is needed.
    #[cfg(feature = "sql")]
    pub(crate) fn is_busy(&self) -> bool {
        matches!(
            self,
            Self::Engine {
                reason: Reason::Busy,
                ..
            }
        )
    }

    /// Whether a value is of another kind than its column has; the rest can be read.
    pub(crate) fn is_value(&self) -> bool {
        matches!(
            self,
            Self::Engine {
                reason: Reason::Value,
                ..
            }
        )
    }
}

impl From<Fault> for StoreError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Engine { text, reason, .. } => match reason {
                Reason::Corrupt | Reason::Value => Self::Corrupt(text),
                Reason::Busy => Self::Busy(text),
                Reason::Full => Self::Full(text),
                Reason::Io => Self::Io(text),
                #[cfg(feature = "sql")]
                Reason::Lost => Self::Unreachable(text),
                #[cfg(feature = "sql")]
                Reason::Rights => Self::NoRights(text),
                Reason::Statement => Self::Statement(text),
            },
            Fault::Random(_) => Self::Io(fault.to_string()),
            Fault::Contradiction(text) => Self::Corrupt(text),
            Fault::Store(error) => error,
        }
    }
}

impl From<Fault> for AppendError {
    fn from(fault: Fault) -> Self {
        let passes = matches!(
            fault,
            Fault::Engine { may_pass: true, .. } | Fault::Random(_)
        );
        let text = match fault {
            // In words that say what to do: it is the last that is heard of a server that ends by it.
            Fault::Engine { .. } => StoreError::from(fault).to_string(),
            _ => fault.to_string(),
        };
        if passes {
            Self::Retry(text)
        } else {
            Self::Fatal(text)
        }
    }
}
