//! Tables of another program, as they are: an import reads them, and nothing is written there.

use crate::engine::sqlite::foreign::ForeignTables;
use std::path::{Path, PathBuf};

/// A database of another program that is read.
pub struct Foreign(ForeignTables);

/// What stands in one column of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// A text, or bytes. Numbers are as they would be written.
    Bytes(Vec<u8>),
}

impl Cell {
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
    /// It is no database, or a damaged one.
    #[error("{0} is no database, or is damaged")]
    NoDatabase(PathBuf),
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
        ForeignTables::open(location).map(Self)
    }

    /// All rows of a table, in the order in which they were inserted, each with these columns.
    ///
    /// # Errors
    /// Where it has no such table or column, and when it cannot be read.
    pub fn rows(&self, table: &str, columns: &[&str]) -> Result<Vec<Vec<Cell>>, ForeignError> {
        self.0.rows(table, columns)
    }
}
