//! Whether who asks may do what a start and what follows it do. Nothing is changed: each thing is asked for where there is nothing
//! to do, as a server looks at the rights first.

use super::Connection;
use super::flavour::Flavour;
use crate::engine::{tables, views};
use crate::error::{Fault, Reason, StoreError};

/// What MySQL and MariaDB ask rights for, and then find that there is no such table: were there one, none of these would do
/// anything either. A view that is replaced is one that may be dropped.
const MAKING: [&str; 4] = [
    "CREATE TABLE causette_asks SELECT * FROM causette_asks",
    "ALTER TABLE causette_asks DROP COLUMN causette_asks",
    "CREATE INDEX causette_asks ON causette_asks (causette_asks)",
    "CREATE OR REPLACE VIEW causette_asks AS SELECT causette_asks FROM causette_asks",
];

/// Refuses who may not write rows into the tables that are there.
pub(super) fn to_write(connection: &mut Connection) -> Result<(), StoreError> {
    for table in tables::all()? {
        let name = table.name;
        let column = table.columns.first().map_or("", |(column, _)| column);
        // The column is last: somebody may have renamed it, and then it is not asked about.
        asked(connection.script(&format!(
            "INSERT INTO {name} SELECT * FROM {name} WHERE 1 = 0; DELETE FROM {name} WHERE 1 = 0; UPDATE {name} SET {column} = {column} WHERE 1 = 0"
        )))?;
    }
    Ok(())
}

/// Refuses who may not make tables and views, nor change those that are there.
pub(super) fn to_make(connection: &mut Connection) -> Result<(), StoreError> {
    if connection.flavour() != Flavour::Postgres {
        for sql in MAKING {
            asked(connection.script(sql))?;
        }
        return Ok(());
    }
    let schema =
        "SELECT current_schema()::text WHERE NOT has_schema_privilege(current_schema(), 'CREATE')";
    if let Some(schema) = first(connection, schema)? {
        return Err(StoreError::NoRights(format!(
            "no CREATE on schema {schema}"
        )));
    }
    let owned = "SELECT relname::text FROM pg_class
         WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
         AND relkind IN ('r', 'v') AND NOT pg_has_role(relowner, 'USAGE')";
    let rows = connection.ask(owned, &[])?;
    let ours = tables::all()?;
    for row in rows.iter() {
        let name = row.maybe_text(0)?.unwrap_or_default();
        let is_ours = name == "schema_version"
            || views::NAMES.contains(&name)
            || ours.iter().any(|table| table.name == name);
        if is_ours {
            return Err(StoreError::NoRights(format!("{name} is owned by another")));
        }
    }
    Ok(())
}

fn first(connection: &mut Connection, select: &str) -> Result<Option<String>, Fault> {
    let rows = connection.ask(select, &[])?;
    let Some(row) = rows.iter().next() else {
        return Ok(None);
    };
    Ok(row.maybe_text(0)?.map(str::to_owned))
}

/// What is not there, nobody is refused.
fn asked(answer: Result<(), Fault>) -> Result<(), Fault> {
    match answer {
        Err(Fault::Engine {
            reason: Reason::Statement | Reason::Value,
            ..
        }) => Ok(()),
        answer => answer,
    }
}
