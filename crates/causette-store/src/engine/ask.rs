//! Questions and their answers, whatever the engine: values go in, rows come out.

use crate::error::Fault;
use causette_core::id::{AccountId, Msgid, RoomId, SessionId, TokenId, UserId};
use causette_proto::{CompactString, Timestamp};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, Transaction, params_from_iter};

/// A value that takes the place of a `?`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// The values of a statement, in the order of its placeholders.
macro_rules! values {
    ($($value:expr),* $(,)?) => { &[$($crate::engine::Value::from($value)),*] };
}
pub(crate) use values;

macro_rules! from {
    ($($type:ty => $of:expr;)*) => {
        $(impl<'a> From<$type> for Value<'a> {
            fn from(value: $type) -> Self {
                let of: fn($type) -> Value<'a> = $of;
                of(value)
            }
        })*
    };
}

from! {
    i64 => Value::Int;
    u64 => |value| Value::Int(value.cast_signed());
    bool => |value| Value::Int(value.into());
    usize => |value| Value::Int(i64::try_from(value).unwrap_or(i64::MAX));
    &'a str => Value::Text;
    &'a String => |value| Value::Text(value);
    &'a CompactString => |value| Value::Text(value);
    &'a [u8] => Value::Bytes;
    &'a [u8; 12] => |value| Value::Bytes(value);
    &'a [u8; 32] => |value| Value::Bytes(value);
    Timestamp => |value| Value::Int(value.0);
    AccountId => |value| Value::from(value.0);
    RoomId => |value| Value::from(value.0);
    SessionId => |value| Value::from(value.0);
    TokenId => |value| Value::from(value.0);
    UserId => |value| Value::from(value.0);
    &'a Msgid => |value| Value::Text(&value.0);
}

impl<'a, T: Into<Self>> From<Option<T>> for Value<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Value::Null, Into::into)
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match *self {
            Self::Null => ValueRef::Null,
            Self::Int(value) => ValueRef::Integer(value),
            Self::Text(value) => ValueRef::Text(value.as_bytes()),
            Self::Bytes(value) => ValueRef::Blob(value),
        }))
    }
}

/// A row of an answer. Columns are counted from 0.
pub(crate) struct Row<'a>(&'a rusqlite::Row<'a>);

impl Row<'_> {
    pub(crate) fn int(&self, column: usize) -> Result<i64, Fault> {
        Ok(self.0.get(column)?)
    }

    pub(crate) fn maybe_int(&self, column: usize) -> Result<Option<i64>, Fault> {
        Ok(self.0.get(column)?)
    }

    /// An id: the database has them as signed numbers.
    pub(crate) fn id(&self, column: usize) -> Result<u64, Fault> {
        self.int(column).map(i64::cast_unsigned)
    }

    pub(crate) fn flag(&self, column: usize) -> Result<bool, Fault> {
        Ok(self.0.get(column)?)
    }

    pub(crate) fn time(&self, column: usize) -> Result<Timestamp, Fault> {
        self.int(column).map(Timestamp)
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, Fault> {
        self.0
            .get_ref(column)?
            .as_str()
            .map_err(|error| Fault::corrupt(error.to_string()))
    }

    pub(crate) fn maybe_text(&self, column: usize) -> Result<Option<&str>, Fault> {
        self.0
            .get_ref(column)?
            .as_str_or_null()
            .map_err(|error| Fault::corrupt(error.to_string()))
    }

    /// A text that is kept.
    pub(crate) fn compact(&self, column: usize) -> Result<CompactString, Fault> {
        self.text(column).map(CompactString::new)
    }

    pub(crate) fn maybe_bytes(&self, column: usize) -> Result<Option<&[u8]>, Fault> {
        self.0
            .get_ref(column)?
            .as_blob_or_null()
            .map_err(|error| Fault::corrupt(error.to_string()))
    }

    /// Bytes of a fixed number.
    pub(crate) fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], Fault> {
        Ok(self.0.get(column)?)
    }

    pub(crate) fn maybe_array<const N: usize>(
        &self,
        column: usize,
    ) -> Result<Option<[u8; N]>, Fault> {
        Ok(self.0.get(column)?)
    }
}

/// The database as of one moment: everything that is asked of it agrees.
pub(crate) struct Moment<'a>(Held<'a>);

enum Held<'a> {
    Own(Transaction<'a>),
    Lent(&'a Connection),
}

impl<'a> Moment<'a> {
    /// A moment that ends when it is dropped; what was written in it is undone then.
    pub(crate) fn own(transaction: Transaction<'a>) -> Self {
        Self(Held::Own(transaction))
    }

    /// A connection that is in a transaction, or is asked one question only.
    pub(crate) fn lent(connection: &'a Connection) -> Self {
        Self(Held::Lent(connection))
    }

    fn connection(&self) -> &Connection {
        match &self.0 {
            Held::Own(transaction) => transaction,
            Held::Lent(connection) => connection,
        }
    }

    /// Keeps what was written.
    pub(crate) fn commit(self) -> Result<(), Fault> {
        match self.0 {
            Held::Own(transaction) => Ok(transaction.commit()?),
            Held::Lent(_) => Ok(()),
        }
    }

    /// A statement that is run or asked several times.
    pub(crate) fn prepare(&self, sql: &str) -> Result<Statement<'_>, Fault> {
        Ok(Statement(self.connection().prepare_cached(sql)?))
    }

    /// Runs a statement that gives no rows. Returns how many rows it changed.
    pub(crate) fn run(&self, sql: &str, values: &[Value<'_>]) -> Result<usize, Fault> {
        self.prepare(sql)?.run(values)
    }

    /// The first row of an answer.
    pub(crate) fn first<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        self.prepare(sql)?.first(values, read)
    }

    /// The first row of an answer that always has one.
    pub(crate) fn only<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.first(sql, values, read)?
            .ok_or_else(|| Fault::corrupt(format!("no row is given by {sql}")))
    }

    /// All rows of an answer.
    pub(crate) fn all<T>(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let mut rows = Vec::new();
        self.prepare(sql)?.each(values, |row| {
            rows.push(read(row)?);
            Ok(true)
        })?;
        Ok(rows)
    }

    /// Each row of an answer, one after another.
    pub(crate) fn each(
        &self,
        sql: &str,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.prepare(sql)?.each(values, |row| {
            read(row)?;
            Ok(true)
        })
    }
}

/// A prepared statement.
pub(crate) struct Statement<'a>(rusqlite::CachedStatement<'a>);

impl Statement<'_> {
    pub(crate) fn run(&mut self, values: &[Value<'_>]) -> Result<usize, Fault> {
        Ok(self.0.execute(params_from_iter(values))?)
    }

    pub(crate) fn first<T>(
        &mut self,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let mut rows = self.0.query(params_from_iter(values))?;
        match rows.next()? {
            Some(row) => read(&Row(row)).map(Some),
            None => Ok(None),
        }
    }

    /// Each row until `read` wants no more.
    pub(crate) fn each(
        &mut self,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        let mut rows = self.0.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            if !read(&Row(row))? {
                break;
            }
        }
        Ok(())
    }
}
