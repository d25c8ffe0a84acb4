//! A database file of another program, opened to be read only.

use crate::engine::sqlite::connection::BUSY;
use crate::foreign::{Cell, ForeignError};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::{Path, PathBuf};

/// The file, and the connection to it.
pub(crate) struct ForeignTables {
    location: PathBuf,
    connection: Connection,
}

impl ForeignTables {
    pub(crate) fn open(location: &Path) -> Result<Self, ForeignError> {
        if !location.exists() {
            return Err(ForeignError::Missing(location.to_owned()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let told = |error| told(location, &error);
        let connection = Connection::open_with_flags(location, flags).map_err(told)?;
        connection.busy_timeout(BUSY).map_err(told)?;
        // Only now the file is looked into.
        let version = "PRAGMA schema_version";
        connection
            .query_row(version, [], |row| row.get::<_, i64>(0))
            .map_err(told)?;
        // A page that is missing reads as rows with nothing in them.
        let check = "PRAGMA quick_check(1)";
        let checked: String = connection
            .query_row(check, [], |row| row.get(0))
            .map_err(told)?;
        if checked != "ok" {
            return Err(ForeignError::Damaged(checked));
        }
        Ok(Self {
            location: location.to_owned(),
            connection,
        })
    }

    pub(crate) fn rows(
        &self,
        table: &str,
        columns: &[&str],
    ) -> Result<Vec<Vec<Cell>>, ForeignError> {
        let told = |error| told(&self.location, &error);
        self.check(table, columns)?;
        let listed: Vec<String> = columns.iter().map(|column| quoted(column)).collect();
        let select = format!(
            "SELECT {} FROM {} ORDER BY rowid",
            listed.join(", "),
            quoted(table)
        );
        let mut statement = self.connection.prepare(&select).map_err(told)?;
        let mut rows = statement.query([]).map_err(told)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().map_err(told)? {
            let cells = (0..columns.len()).map(|column| row.get_ref(column).map(cell));
            found.push(cells.collect::<Result<_, _>>().map_err(told)?);
        }
        Ok(found)
    }

    /// Whether the table is there with these columns, whatever their case.
    fn check(&self, table: &str, columns: &[&str]) -> Result<(), ForeignError> {
        let told = |error| told(&self.location, &error);
        let select = "SELECT lower(name) FROM pragma_table_info(?)";
        let mut statement = self.connection.prepare(select).map_err(told)?;
        let names = statement
            .query_map([table], |row| row.get(0))
            .map_err(told)?;
        let names: Vec<String> = names.collect::<Result<_, _>>().map_err(told)?;
        if names.is_empty() {
            return Err(ForeignError::NoTable(table.to_owned()));
        }
        let missing = |column: &&&str| !names.contains(&column.to_lowercase());
        match columns.iter().find(missing) {
            Some(column) => Err(ForeignError::NoColumn {
                table: table.to_owned(),
                column: (*column).to_owned(),
            }),
            None => Ok(()),
        }
    }
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Bytes(number.to_string().into_bytes()),
        ValueRef::Real(number) => Cell::Bytes(number.to_string().into_bytes()),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Cell::Bytes(bytes.to_vec()),
    }
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn told(location: &Path, error: &rusqlite::Error) -> ForeignError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => ForeignError::NoDatabase(location.to_owned()),
        Some(ErrorCode::DatabaseCorrupt) => ForeignError::Damaged(error.to_string()),
        _ => ForeignError::Unread(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use crate::foreign::{Cell, Foreign, ForeignError};
    use crate::store::Temporary;
    use rusqlite::Connection;
    use std::path::Path;

    #[test]
    fn rows_come_as_they_were_inserted_whatever_they_hold() {
        let folder = Temporary::new().unwrap();
        let location = folder.location();
        let connection = Connection::open(&location).unwrap();
        let script = "CREATE TABLE users (id INTEGER PRIMARY KEY, UserName TEXT, password TEXT);
             INSERT INTO users (username, password) VALUES ('zoé', 'secret'), ('bob', NULL), ('42', 7);";
        connection.execute_batch(script).unwrap();
        drop(connection);
        let foreign = Foreign::open(&location).unwrap();
        let rows = foreign
            .rows("users", &["username", "password"], u64::MAX, &mut |_| {})
            .unwrap();
        let bytes = |text: &str| Cell::Bytes(text.as_bytes().to_vec());
        assert_eq!(
            rows,
            [
                [bytes("zoé"), bytes("secret")],
                [bytes("bob"), Cell::Null],
                [bytes("42"), bytes("7")]
            ]
        );
        let refused = foreign
            .rows("people", &["username"], u64::MAX, &mut |_| {})
            .unwrap_err();
        assert!(matches!(refused, ForeignError::NoTable(table) if table == "people"));
        let refused = foreign
            .rows("users", &["username", "ip"], u64::MAX, &mut |_| {})
            .unwrap_err();
        assert!(matches!(refused, ForeignError::NoColumn { column, .. } if column == "ip"));
    }

    #[test]
    fn a_file_that_was_cut_off_is_damaged() {
        let folder = Temporary::new().unwrap();
        let location = folder.location();
        let connection = Connection::open(&location).unwrap();
        let script = "CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT UNIQUE, password TEXT);
             WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 200)
             INSERT INTO users (username, password) SELECT 'user' || n, hex(randomblob(40)) FROM number;";
        connection.execute_batch(script).unwrap();
        drop(connection);
        drop(Foreign::open(&location).unwrap());
        let whole = std::fs::read(&location).unwrap();
        for bytes in [whole.len() - 100, whole.len() / 2, 8192, 5000, 4096, 3000] {
            std::fs::write(&location, &whole[..bytes]).unwrap();
            let refused = Foreign::open(&location).map(drop).unwrap_err();
            assert!(
                matches!(refused, ForeignError::Damaged(_)),
                "{bytes}: {refused}"
            );
        }
    }

    #[test]
    fn what_is_no_database_is_refused() {
        let folder = Temporary::new().unwrap();
        let location = folder.location();
        let opened = |location: &Path| Foreign::open(location).map(drop).unwrap_err();
        assert!(matches!(opened(&location), ForeignError::Missing(_)));
        std::fs::write(&location, "no database at all, but long enough to be one").unwrap();
        assert!(matches!(opened(&location), ForeignError::NoDatabase(_)));
    }
}
