//! Tables of another program on a server of MySQL or MariaDB, read in a transaction that only reads.
//!
//! Whatever version the server has is good, and nothing of it is set otherwise: it is the other program's.

use super::address::{Address, Options};
use super::row::Row;
use super::{Connection, Patience};
use crate::engine::Value;
use crate::error::{Fault, StoreError};
use crate::foreign::{Cell, ForeignError};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Tables that only our own databases have both of.
const OURS: [&str; 2] = ["schema_version", "register_entry"];

/// The database, the connection to it, and the tables that are there with their columns.
pub(crate) struct ServedTables {
    connection: RefCell<Connection>,
    tables: BTreeMap<String, Vec<String>>,
}

impl ServedTables {
    pub(crate) fn open(address: &Address) -> Result<Self, ForeignError> {
        if !matches!(address.options, Options::MySql(_)) {
            return Err(ForeignError::NoMySql);
        }
        let mut connection = Connection::reach(address, Patience::Long)?;
        // The tables are looked at before: that is no part of any moment, and is asked with a value.
        let tables = tables(&mut connection)?;
        if OURS.iter().all(|table| tables.contains_key(*table)) {
            return Err(ForeignError::Ours);
        }
        connection.begin_reading()?;
        Ok(Self {
            connection: RefCell::new(connection),
            tables,
        })
    }

    /// All rows of a table in the order in which the server has them, which is that of a dump.
    pub(crate) fn rows(
        &self,
        table: &str,
        columns: &[&str],
        max: u64,
        hexadecimal: &mut dyn FnMut(&[Cell]),
    ) -> Result<Vec<Vec<Cell>>, ForeignError> {
        let select = self.select(table, columns)?;
        let (mut found, mut bytes) = (Vec::new(), 0);
        self.connection.borrow_mut().each(select, |row| {
            let cells = (0..2 * columns.len()).map(|column| cell(row, column));
            let mut cells: Vec<Cell> = cells.collect::<Result<_, Fault>>()?;
            hexadecimal(&cells.split_off(columns.len()));
            bytes += cells.iter().map(Cell::len).sum::<u64>();
            if bytes > max {
                return Err(ForeignError::TooLarge);
            }
            found.push(cells);
            Ok(())
        })?;
        Ok(found)
    }

    /// What asks for the rows, where the table is there with these columns, whatever their case.
    fn select(&self, table: &str, columns: &[&str]) -> Result<String, ForeignError> {
        let exactly = self.tables.get_key_value(table);
        let alike = || {
            let mut tables = self.tables.iter();
            tables.find(|(name, _)| name.to_lowercase() == table.to_lowercase())
        };
        let (name, there) = exactly
            .or_else(alike)
            .ok_or_else(|| ForeignError::NoTable(table.to_owned()))?;
        let missing = |column: &&&str| {
            let column = column.to_lowercase();
            !there.iter().any(|name| name.to_lowercase() == column)
        };
        if let Some(column) = columns.iter().find(missing) {
            return Err(ForeignError::NoColumn {
                table: table.to_owned(),
                column: (*column).to_owned(),
            });
        }
        let as_they_are = columns.iter().map(|column| quoted(column));
        let in_hexadecimal = columns
            .iter()
            .map(|column| format!("HEX({})", quoted(column)));
        let listed: Vec<String> = as_they_are.chain(in_hexadecimal).collect();
        Ok(format!(
            "SELECT {} FROM {}",
            listed.join(", "),
            quoted(name)
        ))
    }
}

/// The tables and views of the database that are this user's to read, with their columns.
fn tables(connection: &mut Connection) -> Result<BTreeMap<String, Vec<String>>, Fault> {
    let select = "SELECT CAST(table_name AS CHAR), CAST(column_name AS CHAR) \
                  FROM information_schema.columns WHERE table_schema = DATABASE() \
                  ORDER BY table_name, ordinal_position";
    let rows = connection.ask_as_is(select, &[] as &[Value<'_>])?;
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.iter() {
        let [table, column] = [row.maybe_text(0)?, row.maybe_text(1)?];
        let columns = tables
            .entry(table.unwrap_or_default().to_owned())
            .or_default();
        columns.push(column.unwrap_or_default().to_owned());
    }
    Ok(tables)
}

fn cell(row: Row<'_>, column: usize) -> Result<Cell, Fault> {
    let bytes = row.maybe_bytes(column)?;
    Ok(bytes.map_or(Cell::Null, |bytes| Cell::Bytes(bytes.to_vec())))
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

impl From<StoreError> for ForeignError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unreachable(text) => Self::Unreachable(text),
            StoreError::NoTls(database) => Self::NoTls(database),
            StoreError::Untrusted(text) => Self::Untrusted(text),
            StoreError::Denied(text) => Self::Denied(text),
            StoreError::NoSuchDatabase(text) => Self::NoSuchDatabase(text),
            other => Self::Unread(other.to_string()),
        }
    }
}

impl From<Fault> for ForeignError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Engine { text, .. } => Self::Unread(text),
            other => Self::from(StoreError::from(other)),
        }
    }
}
