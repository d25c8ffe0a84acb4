//! Many rows in few statements: PostgreSQL takes each column as an array, MySQL and MariaDB take rows by the dozen.

use super::Connection;
use super::connection::unencoded;
use super::flavour::Flavour;
use crate::engine::Value;
use crate::engine::insert::{Kind, Many, What};
use crate::error::Fault;
use sqlx::Arguments as _;
use sqlx::postgres::PgArguments;
use std::sync::{Arc, OnceLock};

/// Rows that go with one statement to MySQL, as a power of two. Each statement costs a way there and back; many more rows, all of
/// them long, would be more than the server takes at a time.
const ROWS_POWER: usize = 9;

/// The statements for some table, as they are spelled.
pub(crate) struct Spelled {
    arrays: OnceLock<Arc<str>>,
    /// For one, two, four… rows.
    rows: [OnceLock<Arc<str>>; ROWS_POWER + 1],
}

impl Spelled {
    pub(crate) const fn new() -> Self {
        Self {
            arrays: OnceLock::new(),
            rows: [const { OnceLock::new() }; ROWS_POWER + 1],
        }
    }
}

/// Writes rows.
pub(crate) fn write<'v, const N: usize>(
    connection: &mut Connection,
    many: &Many,
    rows: impl ExactSizeIterator<Item = [Value<'v>; N]>,
) -> Result<(), Fault> {
    match connection.flavour() {
        Flavour::Postgres => by_arrays(connection, many, rows),
        Flavour::MariaDb | Flavour::MySql => by_rows(connection, many, rows),
    }
}

/// One statement, whatever the number of rows.
fn by_arrays<'v, const N: usize>(
    connection: &mut Connection,
    many: &Many,
    rows: impl ExactSizeIterator<Item = [Value<'v>; N]>,
) -> Result<(), Fault> {
    let count = rows.len();
    let mut columns: [Vec<Value<'v>>; N] = std::array::from_fn(|_| Vec::with_capacity(count));
    for row in rows {
        for (column, value) in columns.iter_mut().zip(row) {
            column.push(value);
        }
    }
    let mut arguments = PgArguments::default();
    for (values, (_, kind)) in columns.iter().zip(many.columns) {
        let added = match kind {
            Kind::Int => arguments.add(values.iter().map(int).collect::<Vec<_>>()),
            Kind::Text => arguments.add(values.iter().map(text).collect::<Vec<_>>()),
            Kind::Bytes => arguments.add(values.iter().map(bytes).collect::<Vec<_>>()),
        };
        added.map_err(unencoded)?;
    }
    let sql = many
        .spelled
        .arrays
        .get_or_init(|| arrays(many).into())
        .clone();
    connection.run_postgres(sql, arguments)?;
    Ok(())
}

fn int(value: &Value<'_>) -> Option<i64> {
    match *value {
        Value::Int(value) => Some(value),
        _ => None,
    }
}

fn text<'v>(value: &Value<'v>) -> Option<&'v str> {
    match *value {
        Value::Text(value) => Some(value),
        _ => None,
    }
}

fn bytes<'v>(value: &Value<'v>) -> Option<&'v [u8]> {
    match *value {
        Value::Bytes(value) => Some(value),
        _ => None,
    }
}

fn names(many: &Many) -> Vec<&'static str> {
    many.columns.iter().map(|(name, _)| *name).collect()
}

fn arrays(many: &Many) -> String {
    let (table, names) = (many.table, names(many));
    let places: Vec<String> = many
        .columns
        .iter()
        .enumerate()
        .map(|(place, (_, kind))| {
            let of = match kind {
                Kind::Int => "int8",
                Kind::Text => "text",
                Kind::Bytes => "bytea",
            };
            format!("${}::{of}[]", place + 1)
        })
        .collect();
    let places = places.join(", ");
    match many.what {
        What::Insert => format!(
            "INSERT INTO {table} ({}) SELECT * FROM unnest({places})",
            names.join(", ")
        ),
        What::Update => {
            let set: Vec<String> = names[1..]
                .iter()
                .map(|name| format!("{name} = given.{name}"))
                .collect();
            format!(
                "UPDATE {table} SET {} FROM unnest({places}) AS given ({}) WHERE {table}.{key} = given.{key}",
                set.join(", "),
                names.join(", "),
                key = names[0],
            )
        }
        What::Delete => format!("DELETE FROM {table} WHERE {} = ANY({places})", names[0]),
    }
}

/// The largest statements first; there are few different ones, and the server keeps each prepared.
fn by_rows<'v, const N: usize>(
    connection: &mut Connection,
    many: &Many,
    mut rows: impl ExactSizeIterator<Item = [Value<'v>; N]>,
) -> Result<(), Fault> {
    let mut values = Vec::with_capacity(rows.len().min(1 << ROWS_POWER) * N);
    for power in (0..=ROWS_POWER).rev() {
        while rows.len() >= 1 << power {
            values.clear();
            values.extend(rows.by_ref().take(1 << power).flatten());
            let spelled = &many.spelled.rows[power];
            let sql = spelled
                .get_or_init(|| several(many, 1 << power).into())
                .clone();
            connection.run_spelled(sql, &values)?;
        }
    }
    Ok(())
}

fn several(many: &Many, count: usize) -> String {
    let (table, names) = (many.table, names(many));
    match many.what {
        What::Insert => {
            let row = format!("({})", vec!["?"; names.len()].join(", "));
            let rows = vec![row; count].join(", ");
            format!("INSERT INTO {table} ({}) VALUES {rows}", names.join(", "))
        }
        What::Update => {
            let row: Vec<String> = names
                .iter()
                .map(|name| format!("CAST(? AS SIGNED) AS {name}"))
                .collect();
            let row = format!("SELECT {}", row.join(", "));
            let rows = vec![row; count].join(" UNION ALL ");
            let set: Vec<String> = names[1..]
                .iter()
                .map(|name| format!("{table}.{name} = given.{name}"))
                .collect();
            format!(
                "UPDATE {table} JOIN ({rows}) AS given ON {table}.{key} = given.{key} SET {}",
                set.join(", "),
                key = names[0],
            )
        }
        What::Delete => {
            let places = vec!["?"; count].join(", ");
            format!("DELETE FROM {table} WHERE {} IN ({places})", names[0])
        }
    }
}
