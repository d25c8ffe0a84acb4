//! On servers too an alteration is found, whichever column it is of: one row of each table, altered and put back.

use crate::alteration::is_unspoken;
use crate::altered::{Altered, Table};
use crate::scribe::stores;
use crate::story;
use rusqlite::types::Value;

/// A value as it stands in a statement; `None` for what is told apart by no key of ours.
fn literal(value: &Value) -> Option<String> {
    match value {
        Value::Integer(number) => Some(number.to_string()),
        Value::Text(text) => Some(format!("'{}'", text.replace('\'', "''"))),
        _ => None,
    }
}

/// How a column of a row is altered and put back, by the engine's own means; `None` where the row has no key of numbers and texts.
fn statements(table: &Table, column: usize, is_postgres: bool) -> Option<(String, String)> {
    let row = table.rows.last()?;
    let (name, table_name) = (&table.columns[column], &table.name);
    let key = |altered: Option<&str>| {
        let same = table.key.iter().map(|place| {
            let of = &table.columns[*place];
            let value = literal(&row[*place])?;
            Some(match altered {
                Some(altered) if *place == column => format!("{of} = {altered}"),
                _ => format!("{of} = {value}"),
            })
        });
        same.collect::<Option<Vec<_>>>()
            .map(|same| same.join(" AND "))
    };
    let zeros = "00".repeat(32);
    let altered = match &row[column] {
        Value::Integer(number) => (number + 1_000_003).to_string(),
        Value::Text(text) => format!("'{}x'", text.replace('\'', "''")),
        Value::Blob(_) if is_postgres => format!("'\\x{zeros}'"),
        Value::Blob(_) => format!("x'{zeros}'"),
        // What it would have to be is told by rows that have it.
        _ => return None,
    };
    let (is_row, is_altered) = (key(None)?, key(Some(&altered))?);
    Some((
        format!("UPDATE {table_name} SET {name} = {altered} WHERE {is_row};"),
        format!(
            "UPDATE {table_name} SET {name} = (SELECT {name} FROM kept_{table_name} WHERE {is_row}) WHERE {is_altered};"
        ),
    ))
}

#[test]
fn an_alteration_of_any_column_is_found_on_servers() {
    let told = Altered::new("elsewhere");
    for store in stores().filter(|store| store.file().is_err()) {
        story::tell(&store);
        let is_postgres = store.database().to_string().starts_with("postgres");
        let mut reader = store.reader().unwrap();
        reader.check_register().unwrap();
        let mut altered = 0;
        for table in told
            .tables
            .iter()
            .filter(|table| !is_unspoken(&table.name, "*"))
        {
            let name = &table.name;
            store.alter(&format!("CREATE TABLE kept_{name} AS SELECT * FROM {name}"));
            for (column, of) in table.columns.iter().enumerate() {
                let statements = statements(table, column, is_postgres);
                let Some((alter, put_back)) = statements.filter(|_| !is_unspoken(name, of)) else {
                    continue;
                };
                // A table that others name lets no key of it be altered.
                if store.try_alter(&alter).is_err() {
                    continue;
                }
                assert!(reader.check_register().is_err(), "{alter}");
                store.alter(&put_back);
                altered += 1;
            }
        }
        reader.check_register().unwrap();
        assert!(altered > 60, "{altered}");
    }
}
