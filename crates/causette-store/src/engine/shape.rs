//! Whether the tables are those that the migrations make. What somebody has changed by hand is found at a start, and not in
//! the middle of a conversation.

use super::dialect;
use super::migrations::{MIGRATIONS, VERSIONS};
use crate::engine::{Moment, Row};
use crate::error::{Fault, StoreError};
use rusqlite::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) kind: Kind,
    /// Whether it may have no value.
    pub(crate) may_be_null: bool,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Text,
    Bytes,
    /// What no column of ours has, or not as ours has it: a text that is compared otherwise than byte by byte.
    Other,
}

/// Tables with their columns, the indexes that have a name of ours, and what no two rows have alike.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    tables: BTreeMap<String, BTreeMap<String, Column>>,
    indexes: Vec<(String, String)>,
    /// By table, and by the name that an index of it has: each engine gives its own to those that we do not name.
    unique: BTreeMap<(String, String), Vec<String>>,
    /// What only a server has, and not as it has to be.
    odd: Vec<(String, String)>,
}

impl Shape {
    pub(crate) fn add_column(&mut self, table: &str, name: &str, column: Column) {
        let columns = self.tables.entry(table.to_owned()).or_default();
        columns.insert(name.to_owned(), column);
    }

    pub(crate) fn add_index(&mut self, table: &str, name: &str) {
        self.indexes.push((table.to_owned(), name.to_owned()));
    }

    /// The next column of those that are together different in each row of a table.
    pub(crate) fn add_unique(&mut self, table: &str, index: &str, column: &str) {
        let columns = self.unique.entry((table.to_owned(), index.to_owned()));
        columns.or_default().push(column.to_owned());
    }

    /// Something about a table that its columns and indexes do not tell.
    pub(crate) fn add_odd(&mut self, table: &str, difference: String) {
        self.odd.push((table.to_owned(), difference));
    }

    /// The tables of a file.
    pub(crate) fn of_file(moment: &Moment<'_>) -> Result<Self, Fault> {
        let mut shape = Self::default();
        let columns = "SELECT m.name, c.name, c.type, c.\"notnull\" FROM sqlite_schema m, pragma_table_info(m.name) c
                       WHERE m.type = 'table'";
        moment.each(columns, &[], |row| {
            let kind = match row.text(2)? {
                "INTEGER" => Kind::Int,
                "TEXT" => Kind::Text,
                "BLOB" => Kind::Bytes,
                _ => Kind::Other,
            };
            let may_be_null = !row.flag(3)?;
            shape.add_column(row.text(0)?, row.text(1)?, Column { kind, may_be_null });
            Ok(())
        })?;
        let indexes =
            "SELECT tbl_name, name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
        moment.each(indexes, &[], |row: &Row<'_>| {
            shape.add_index(row.text(0)?, row.text(1)?);
            Ok(())
        })?;
        // The key of a table whose rows have a number is no index.
        for unique in [
            "SELECT m.name, l.name, i.name FROM sqlite_schema m, pragma_index_list(m.name) l, pragma_index_info(l.name) i
             WHERE m.type = 'table' AND l.\"unique\" = 1 AND l.partial = 0 AND l.origin <> 'pk' ORDER BY m.name, l.name, i.seqno",
            "SELECT m.name, 'PRIMARY', c.name FROM sqlite_schema m, pragma_table_info(m.name) c
             WHERE m.type = 'table' AND c.pk > 0 ORDER BY m.name, c.pk",
        ] {
            moment.each(unique, &[], |row| {
                shape.add_unique(row.text(0)?, row.text(1)?, row.text(2)?);
                Ok(())
            })?;
        }
        Ok(shape)
    }

    /// The tables as the migrations make them.
    fn made() -> Result<Self, Fault> {
        let connection = Connection::open_in_memory()?;
        connection.execute_batch(&dialect::expand(VERSIONS))?;
        for step in MIGRATIONS {
            connection.execute_batch(&dialect::expand(step.sql))?;
            connection.execute_batch(&dialect::expand(step.then))?;
        }
        Self::of_file(&Moment::lent(&connection))
    }

    /// The first difference from what the migrations make. Tables beside ours are somebody else's.
    pub(crate) fn check(&self, database: &str) -> Result<(), StoreError> {
        match self.difference(&Self::made()?) {
            Some((table, difference)) => Err(StoreError::Altered {
                database: database.to_owned(),
                table,
                difference,
            }),
            None => Ok(()),
        }
    }

    fn difference(&self, made: &Self) -> Option<(String, String)> {
        for (table, columns) in &made.tables {
            let told = |difference: String| Some((table.clone(), difference));
            let Some(found) = self.tables.get(table) else {
                return told("it is not there".to_owned());
            };
            for (name, column) in columns {
                match found.get(name) {
                    None => return told(format!("the column {name} is not there")),
                    Some(found) if found.kind != column.kind => {
                        return told(format!("the column {name} is of another kind"));
                    }
                    Some(found) if found.may_be_null != column.may_be_null => {
                        return told(format!("the column {name} is NOT NULL or was so"));
                    }
                    Some(_) => {}
                }
            }
            if let Some(name) = found.keys().find(|name| !columns.contains_key(*name)) {
                return told(format!("the column {name} is none of ours"));
            }
        }
        let mut missing = made.indexes.iter();
        let missing = missing.find(|index| !self.indexes.contains(index));
        if let Some((table, index)) = missing {
            return Some((table.clone(), format!("the index {index} is not there")));
        }
        let found: BTreeSet<_> = self.keys().collect();
        if let Some((table, columns)) = made.keys().find(|key| !found.contains(key)) {
            let columns = columns.join(", ");
            let difference = format!("it may hold the same twice in what was unique: {columns}");
            return Some((table.to_owned(), difference));
        }
        let mut odd = self.odd.iter();
        odd.find(|(table, _)| made.tables.contains_key(table))
            .cloned()
    }

    /// What no two rows of a table have alike.
    fn keys(&self) -> impl Iterator<Item = (&str, &[String])> {
        let unique = self.unique.iter();
        unique.map(|((table, _), columns)| (&**table, &**columns))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn what_was_changed_by_hand_is_named() {
        for (sql, told) in [
            ("CREATE TABLE theirs (a TEXT) STRICT", None),
            ("DROP TABLE alert", Some("alert: it is not there")),
            (
                "ALTER TABLE room RENAME COLUMN topic_at TO at",
                Some("room: the column topic_at is not there"),
            ),
            (
                "ALTER TABLE account ADD COLUMN birthday TEXT",
                Some("account: the column birthday is none of ours"),
            ),
            (
                "ALTER TABLE sanction DROP COLUMN mask; ALTER TABLE sanction ADD COLUMN mask INTEGER",
                Some("sanction: the column mask is of another kind"),
            ),
            (
                "ALTER TABLE sanction DROP COLUMN mask; ALTER TABLE sanction ADD COLUMN mask TEXT NOT NULL DEFAULT ''",
                Some("sanction: the column mask is NOT NULL or was so"),
            ),
            (
                "DROP INDEX message_page",
                Some("message: the index message_page is not there"),
            ),
            (
                "ALTER TABLE schema_version RENAME TO old; CREATE TABLE schema_version (version INTEGER NOT NULL) STRICT",
                Some("schema_version: it may hold the same twice in what was unique: version"),
            ),
        ] {
            let connection = Connection::open_in_memory().unwrap();
            connection
                .execute_batch(&dialect::expand(VERSIONS))
                .unwrap();
            for step in MIGRATIONS {
                let sql = dialect::expand(&format!("{}{}", step.sql, step.then));
                connection.execute_batch(&sql).unwrap();
            }
            connection.execute_batch(sql).unwrap();
            let shape = Shape::of_file(&Moment::lent(&connection)).unwrap();
            let found = shape.difference(&Shape::made().unwrap());
            let found = found.map(|(table, difference)| format!("{table}: {difference}"));
            assert_eq!(found.as_deref(), told, "{sql}");
        }
    }
}
