//! The rows of an answer, as both kinds of servers give them.

use crate::error::Fault;
use sqlx::mysql::MySqlRow;
use sqlx::postgres::PgRow;
use sqlx::{Column as _, Decode, MySql, Postgres, Row as _, TypeInfo as _, ValueRef as _};

/// All rows of an answer.
pub(crate) enum Rows {
    Postgres(Vec<PgRow>),
    MySql(Vec<MySqlRow>),
}

/// One of them.
#[derive(Clone, Copy)]
pub(crate) enum Row<'a> {
    Postgres(&'a PgRow),
    MySql(&'a MySqlRow),
}

impl Rows {
    /// The rows, in their order.
    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = Row<'_>> + '_> {
        match self {
            Self::Postgres(rows) => Box::new(rows.iter().map(Row::Postgres)),
            Self::MySql(rows) => Box::new(rows.iter().map(Row::MySql)),
        }
    }
}

fn unreadable(error: impl std::fmt::Display) -> Fault {
    Fault::corrupt(error.to_string())
}

fn postgres<'a, T: Decode<'a, Postgres>>(
    row: &'a PgRow,
    column: usize,
) -> Result<Option<T>, Fault> {
    let value = row.try_get_raw(column).map_err(unreadable)?;
    if value.is_null() {
        return Ok(None);
    }
    T::decode(value).map(Some).map_err(unreadable)
}

fn mysql<'a, T: Decode<'a, MySql>>(row: &'a MySqlRow, column: usize) -> Result<Option<T>, Fault> {
    let value = row.try_get_raw(column).map_err(unreadable)?;
    if value.is_null() {
        return Ok(None);
    }
    T::decode(value).map(Some).map_err(unreadable)
}

impl<'a> Row<'a> {
    /// A number, or what is true or not.
    pub(crate) fn maybe_int(self, column: usize) -> Result<Option<i64>, Fault> {
        match self {
            Self::Postgres(row) => match row
                .try_column(column)
                .map_err(unreadable)?
                .type_info()
                .name()
            {
                "BOOL" => Ok(postgres::<bool>(row, column)?.map(i64::from)),
                "INT4" => Ok(postgres::<i32>(row, column)?.map(i64::from)),
                "INT2" => Ok(postgres::<i16>(row, column)?.map(i64::from)),
                "INT8" => postgres(row, column),
                other => Err(unreadable(format!(
                    "a number was expected, and this is {other}"
                ))),
            },
            Self::MySql(row) => {
                let info = row
                    .try_column(column)
                    .map_err(unreadable)?
                    .type_info()
                    .name()
                    .to_owned();
                match info.as_str() {
                    "NULL" => Ok(None),
                    "BOOLEAN" | "TINYINT" | "SMALLINT" | "INT" | "MEDIUMINT" | "BIGINT" => {
                        mysql(row, column)
                    }
                    "BIGINT UNSIGNED" | "INT UNSIGNED" => {
                        Ok(mysql::<u64>(row, column)?.map(u64::cast_signed))
                    }
                    other => Err(unreadable(format!(
                        "a number was expected, and this is {other}"
                    ))),
                }
            }
        }
    }

    pub(crate) fn maybe_text(self, column: usize) -> Result<Option<&'a str>, Fault> {
        match self {
            Self::Postgres(row) => match row
                .try_column(column)
                .map_err(unreadable)?
                .type_info()
                .name()
            {
                "TEXT" | "VARCHAR" | "NAME" | "UNKNOWN" | "CHAR" | "\"CHAR\"" => {
                    postgres(row, column)
                }
                other => Err(unreadable(format!(
                    "a text was expected, and this is {other}"
                ))),
            },
            Self::MySql(row) => match mysql::<&[u8]>(row, column)? {
                Some(bytes) => std::str::from_utf8(bytes).map(Some).map_err(unreadable),
                None => Ok(None),
            },
        }
    }

    pub(crate) fn maybe_bytes(self, column: usize) -> Result<Option<&'a [u8]>, Fault> {
        match self {
            Self::Postgres(row) => postgres(row, column),
            Self::MySql(row) => mysql(row, column),
        }
    }
}
