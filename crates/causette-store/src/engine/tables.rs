//! Which tables there are, with their columns and keys: found out once, from the migrations themselves.

use crate::engine::insert::{Kind, Many};
use crate::engine::{Moment, migrations};
use crate::error::{Fault, StoreError};
use rusqlite::Connection;
use std::sync::OnceLock;

/// A table of the present version.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [(&'static str, Kind)],
    /// Where the columns of its primary key stand among these, in the order of the key.
    pub(crate) key: Vec<usize>,
    pub(crate) insert: Many,
}

/// The tables, each behind those that it refers to. The one in which the versions are noted is not among them: each database has
/// its own.
pub(crate) fn all() -> Result<&'static [Table], StoreError> {
    static ALL: OnceLock<Vec<Table>> = OnceLock::new();
    if let Some(all) = ALL.get() {
        return Ok(all);
    }
    let found = made()?;
    Ok(ALL.get_or_init(|| found))
}

/// The tables that the migrations make, looked at in a database that is nowhere.
fn made() -> Result<Vec<Table>, StoreError> {
    let mut connection = Connection::open_in_memory()?;
    migrations::target::make(&mut connection)?;
    let moment = Moment::lent(&connection);
    // In the order in which they were made: none refers to a later one.
    let names = "SELECT name FROM sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'schema_version' ORDER BY rowid";
    let names = moment.all(names, &[], |row| row.text(0).map(str::to_owned))?;
    let tables = names.into_iter().map(|name| table(&moment, name));
    Ok(tables.collect::<Result<_, Fault>>()?)
}

fn table(moment: &Moment<'_>, name: String) -> Result<Table, Fault> {
    let select = format!("SELECT name, type, pk FROM pragma_table_info('{name}') ORDER BY cid");
    let columns = moment.all(&select, &[], |row| {
        let kind = match row.text(1)? {
            "INTEGER" => Kind::Int,
            "BLOB" => Kind::Bytes,
            _ => Kind::Text,
        };
        Ok((row.text(0)?.to_owned(), kind, row.int(2)?))
    })?;
    let mut key: Vec<usize> = (0..columns.len())
        .filter(|&place| columns[place].2 > 0)
        .collect();
    key.sort_by_key(|&place| columns[place].2);
    // Once in the life of the program: they are as constant as if they had been written down.
    let name: &'static str = name.leak();
    let columns: Vec<(&'static str, Kind)> = columns
        .into_iter()
        .map(|(name, kind, _)| (&*name.leak(), kind))
        .collect();
    let columns: &'static [(&'static str, Kind)] = columns.leak();
    Ok(Table {
        name,
        columns,
        key,
        insert: Many::insert(name, columns),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn tables_are_those_that_the_migrations_make() {
        let all = all().unwrap();
        let message = all.iter().find(|table| table.name == "message").unwrap();
        let key: Vec<&str> = message
            .key
            .iter()
            .map(|&place| message.columns[place].0)
            .collect();
        assert_eq!(key, ["room", "seq"]);
        assert!(message.columns.contains(&("reach", Kind::Text)));
        assert!(message.columns.contains(&("redacted", Kind::Int)));
        // A column that came later may be first in the key.
        let places = all.iter().find(|table| table.name == "shared_place");
        assert_eq!(places.unwrap().key, [0, 1, 2]);
        assert!(all.iter().all(|table| !table.key.is_empty()));
        assert!(all.iter().any(|table| table.name == "lane"));
        assert!(all.iter().all(|table| table.name != "schema_version"));
    }

    #[test]
    fn each_table_stands_behind_those_that_it_refers_to() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrations::target::make(&mut connection).unwrap();
        let moment = Moment::lent(&connection);
        let mut earlier = Vec::new();
        for table in all().unwrap() {
            let select = format!(
                "SELECT \"table\" FROM pragma_foreign_key_list('{}')",
                table.name
            );
            for referred in moment
                .all(&select, &[], |row| row.text(0).map(str::to_owned))
                .unwrap()
            {
                assert!(earlier.contains(&referred), "{} {referred}", table.name);
            }
            earlier.push(table.name.to_owned());
        }
    }
}
