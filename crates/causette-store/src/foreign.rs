//! Tables of another program, as they are: an import reads them, and nothing is written there.

use crate::engine::database::Database;
#[cfg(feature = "sql")]
use crate::engine::server::foreign::ServedTables;
use crate::engine::sqlite::foreign::ForeignTables;
use std::path::{Path, PathBuf};

/// A database of another program that is read.
pub struct Foreign(Tables);

enum Tables {
    File(ForeignTables),
    #[cfg(feature = "sql")]
    Served(ServedTables),
}

/// What stands in one column of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A text, or bytes. Numbers are as they would be written.
    Bytes(Vec<u8>),
}

impl Cell {
    /// How many bytes there are.
    pub fn len(&self) -> u64 {
        match self {
            Self::Null => 0,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes; of nothing there are none.
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Null => Vec::new(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

/// Why a database of another program cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ForeignError {
    /// There is no such file.
    #[error("{0} is not there")]
    Missing(PathBuf),
    /// It is no database.
    #[error("{0} is no database")]
    NoDatabase(PathBuf),
    /// It is a database, and a damaged one.
    #[error("{0}")]
    Damaged(String),
    /// It has no such table.
    #[error("there is no table {0}")]
    NoTable(String),
    /// The table has no such column.
    #[error("the table {table} has no column {column}")]
    NoColumn {
        /// The table.
        table: String,
        /// The column that it lacks.
        column: String,
    },
    /// It is a file or a PostgreSQL server, where MySQL or MariaDB is expected.
    #[error("it is no database of MySQL or MariaDB")]
    NoMySql,
    /// It is a database of this program.
    #[error("it is a database of Causette")]
    Ours,
    /// The server does not answer.
    #[error("{0}")]
    Unreachable(String),
    /// The server speaks no TLS, and is to be spoken with by nothing else.
    #[error("{0} offers no TLS")]
    NoTls(String),
    /// The server's certificate is not good.
    #[error("{0}")]
    Untrusted(String),
    /// The server refuses the name or the password.
    #[error("{0}")]
    Denied(String),
    /// The server has no such database.
    #[error("{0}")]
    NoSuchDatabase(String),
    /// There is more in it than is read at once.
    #[error("there is too much in it")]
    TooLarge,
    /// It cannot be read now.
    #[error("{0}")]
    Unread(String),
}

impl Foreign {
    /// Opens the file of an SQLite database, to read.
    ///
    /// # Errors
    /// Where there is none, or something else.
    pub fn open(location: &Path) -> Result<Self, ForeignError> {
        ForeignTables::open(location).map(Tables::File).map(Self)
    }

    /// Connects to a database of MySQL or MariaDB, to read: its tables as they are at this moment, where its engine can do that.
    ///
    /// # Errors
    /// Where there is none, nobody answers, who asks is refused, or it is a database of this program.
    pub fn connect(database: &Database) -> Result<Self, ForeignError> {
        match database {
            Database::File(_) => Err(ForeignError::NoMySql),
            #[cfg(feature = "sql")]
            Database::Server(address) => ServedTables::open(address).map(Tables::Served).map(Self),
        }
    }

    /// All rows of a table, in the order in which they were inserted, each with these columns; of a server at most so many bytes. The
    /// server also gives each row as its own `HEX()` writes the columns, whatever their encoding: so others who ask it read the same.
    ///
    /// # Errors
    /// Where it has no such table or column, and when it cannot be read.
    pub fn rows(
        &self,
        table: &str,
        columns: &[&str],
        max: u64,
        hexadecimal: &mut dyn FnMut(&[Cell]),
    ) -> Result<Vec<Vec<Cell>>, ForeignError> {
        match &self.0 {
            // Whoever named the file has looked how large it is.
            Tables::File(file) => file.rows(table, columns),
            #[cfg(feature = "sql")]
            Tables::Served(server) => server.rows(table, columns, max, hexadecimal),
        }
    }
}
