//! Rows that are written several at a time: as many statements as SQLite runs fastest, few for a server that has to be asked
//! for each.

use crate::engine::{Moment, Value};
use crate::error::Fault;
use std::sync::OnceLock;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Bytes,
}

/// A statement for many rows.
pub(crate) struct Many {
    pub(crate) what: What,
    pub(crate) table: &'static str,
    /// The columns; of rows that are changed or removed the first is their key, and all are numbers.
    pub(crate) columns: &'static [(&'static str, Kind)],
    single: OnceLock<String>,
    #[cfg(feature = "sql")]
    pub(crate) spelled: crate::engine::server::insert::Spelled,
}

/// What is done with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// They are added.
    Insert,
    /// They are there, and have these values now.
    Update,
    /// They are there, and are no more; the key is all that is said of them.
    Delete,
}

impl Many {
    /// Rows that are added to a table.
    pub(crate) const fn insert(
        table: &'static str,
        columns: &'static [(&'static str, Kind)],
    ) -> Self {
        Self::new(What::Insert, table, columns)
    }

    /// Rows of a table that change.
    pub(crate) const fn update(
        table: &'static str,
        columns: &'static [(&'static str, Kind)],
    ) -> Self {
        Self::new(What::Update, table, columns)
    }

    /// Rows of a table that go away.
    pub(crate) const fn delete(
        table: &'static str,
        columns: &'static [(&'static str, Kind)],
    ) -> Self {
        Self::new(What::Delete, table, columns)
    }

    const fn new(
        what: What,
        table: &'static str,
        columns: &'static [(&'static str, Kind)],
    ) -> Self {
        Self {
            what,
            table,
            columns,
            single: OnceLock::new(),
            #[cfg(feature = "sql")]
            spelled: crate::engine::server::insert::Spelled::new(),
        }
    }

    /// The statement for one row. That of a change takes the key last.
    fn single(&self) -> &str {
        self.single.get_or_init(|| {
            let table = self.table;
            let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
            match self.what {
                What::Insert => {
                    let places = vec!["?"; names.len()].join(", ");
                    format!(
                        "INSERT INTO {table} ({}) VALUES ({places})",
                        names.join(", ")
                    )
                }
                What::Update => {
                    let set: Vec<String> = names[1..]
                        .iter()
                        .map(|name| format!("{name} = ?"))
                        .collect();
                    format!(
                        "UPDATE {table} SET {} WHERE {} = ?",
                        set.join(", "),
                        names[0]
                    )
                }
                What::Delete => format!("DELETE FROM {table} WHERE {} = ?", names[0]),
            }
        })
    }
}

impl Moment<'_> {
    /// Writes rows.
    pub(crate) fn write<'v, const N: usize>(
        &self,
        many: &Many,
        rows: impl ExactSizeIterator<Item = [Value<'v>; N]>,
    ) -> Result<(), Fault> {
        debug_assert_eq!(many.columns.len(), N, "{}", many.table);
        if rows.len() == 0 {
            return Ok(());
        }
        #[cfg(feature = "sql")]
        if let Some(connection) = self.server() {
            return crate::engine::server::insert::write(&mut connection.borrow_mut(), many, rows);
        }
        let mut statement = self.prepare(many.single())?;
        for mut row in rows {
            if many.what == What::Update {
                row.rotate_left(1);
            }
            statement.run(&row)?;
        }
        Ok(())
    }
}
