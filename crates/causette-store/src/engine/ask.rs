//! Questions and their answers, whatever the engine: values go in, rows come out.

use crate::engine::dialect;
#[cfg(feature = "sql")]
use crate::engine::server::{self, row};
use crate::error::Fault;
use causette_core::id::{AccountId, Msgid, RoomId, SessionId, TokenId, UserId};
use causette_proto::{CompactString, Timestamp};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, Transaction, params_from_iter};
#[cfg(feature = "sql")]
use std::cell::RefCell;

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
pub(crate) struct Row<'a>(Cells<'a>);

#[derive(Clone, Copy)]
enum Cells<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    #[cfg(feature = "sql")]
    Server(row::Row<'a>),
}

impl Row<'_> {
    pub(crate) fn int(&self, column: usize) -> Result<i64, Fault> {
        self.maybe_int(column)?.ok_or_else(|| missing(column))
    }

    pub(crate) fn maybe_int(&self, column: usize) -> Result<Option<i64>, Fault> {
        match self.0 {
            Cells::Sqlite(row) => Ok(row.get(column)?),
            #[cfg(feature = "sql")]
            Cells::Server(row) => row.maybe_int(column),
        }
    }

    /// An id: the database has them as signed numbers.
    pub(crate) fn id(&self, column: usize) -> Result<u64, Fault> {
        self.int(column).map(i64::cast_unsigned)
    }

    pub(crate) fn flag(&self, column: usize) -> Result<bool, Fault> {
        self.int(column).map(|value| value != 0)
    }

    pub(crate) fn time(&self, column: usize) -> Result<Timestamp, Fault> {
        self.int(column).map(Timestamp)
    }

    pub(crate) fn text(&self, column: usize) -> Result<&str, Fault> {
        self.maybe_text(column)?.ok_or_else(|| missing(column))
    }

    pub(crate) fn maybe_text(&self, column: usize) -> Result<Option<&str>, Fault> {
        match self.0 {
            Cells::Sqlite(row) => row
                .get_ref(column)?
                .as_str_or_null()
                .map_err(|error| Fault::corrupt(error.to_string())),
            #[cfg(feature = "sql")]
            Cells::Server(row) => row.maybe_text(column),
        }
    }

    /// A text that is kept.
    pub(crate) fn compact(&self, column: usize) -> Result<CompactString, Fault> {
        self.text(column).map(CompactString::new)
    }

    pub(crate) fn maybe_bytes(&self, column: usize) -> Result<Option<&[u8]>, Fault> {
        match self.0 {
            Cells::Sqlite(row) => row
                .get_ref(column)?
                .as_blob_or_null()
                .map_err(|error| Fault::corrupt(error.to_string())),
            #[cfg(feature = "sql")]
            Cells::Server(row) => row.maybe_bytes(column),
        }
    }

    /// Bytes of a fixed number.
    pub(crate) fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], Fault> {
        self.maybe_array(column)?.ok_or_else(|| missing(column))
    }

    pub(crate) fn maybe_array<const N: usize>(
        &self,
        column: usize,
    ) -> Result<Option<[u8; N]>, Fault> {
        let Some(bytes) = self.maybe_bytes(column)? else {
            return Ok(None);
        };
        let array = bytes.try_into().map(Some);
        array.map_err(|_| Fault::corrupt(format!("column {column} has {} bytes", bytes.len())))
    }
}

fn missing(column: usize) -> Fault {
    Fault::corrupt(format!("column {column} has no value"))
}

/// The database as of one moment: everything that is asked of it agrees.
pub(crate) struct Moment<'a>(Held<'a>);

enum Held<'a> {
    Own(Transaction<'a>),
    Lent(&'a Connection),
    #[cfg(feature = "sql")]
    Server(OnServer<'a>),
}

/// A connection to a server, in a transaction that ends with this or in none.
#[cfg(feature = "sql")]
struct OnServer<'a>(&'a RefCell<server::Connection>);

#[cfg(feature = "sql")]
impl Drop for OnServer<'_> {
    fn drop(&mut self) {
        self.0.borrow_mut().roll_back();
    }
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

    /// What is asked of a server, in the transaction that its connection is in: it ends when the moment is dropped. Outside of
    /// any, one question is asked.
    #[cfg(feature = "sql")]
    pub(crate) fn of_server(connection: &'a RefCell<server::Connection>) -> Self {
        Self(Held::Server(OnServer(connection)))
    }

    /// The connection to a server, where it is one.
    #[cfg(feature = "sql")]
    pub(crate) fn server(&self) -> Option<&'a RefCell<server::Connection>> {
        match &self.0 {
            Held::Server(OnServer(connection)) => Some(connection),
            _ => None,
        }
    }

    /// Begins to write on a server by a question whose answer always has a row.
    #[cfg(feature = "sql")]
    pub(crate) fn begin_writing_with<T>(
        connection: &'a RefCell<server::Connection>,
        sql: &str,
        read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<(Self, T), Fault> {
        let moment = Self::of_server(connection);
        let rows = connection.borrow_mut().begin_writing_with(sql)?;
        let row = rows.iter().next();
        let row = row.ok_or_else(|| Fault::corrupt(format!("no row is given by {sql}")))?;
        let read = read(&Row(Cells::Server(row)))?;
        Ok((moment, read))
    }

    /// Keeps what was written.
    pub(crate) fn commit(self) -> Result<(), Fault> {
        match self.0 {
            Held::Own(transaction) => Ok(transaction.commit()?),
            Held::Lent(_) => Ok(()),
            #[cfg(feature = "sql")]
            Held::Server(OnServer(connection)) => connection.borrow_mut().commit(),
        }
    }

    /// A statement that is run or asked several times.
    pub(crate) fn prepare<'s>(&'s self, sql: &'s str) -> Result<Statement<'s>, Fault> {
        let connection: &Connection = match &self.0 {
            Held::Own(transaction) => transaction,
            Held::Lent(connection) => connection,
            #[cfg(feature = "sql")]
            Held::Server(OnServer(connection)) => return Ok(Statement::Server(connection, sql)),
        };
        let statement = if sql.contains('{') {
            connection.prepare_cached(&dialect::expanded(sql))?
        } else {
            connection.prepare_cached(sql)?
        };
        Ok(Statement::Sqlite(statement))
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
pub(crate) enum Statement<'a> {
    Sqlite(rusqlite::CachedStatement<'a>),
    #[cfg(feature = "sql")]
    Server(&'a RefCell<server::Connection>, &'a str),
}

impl Statement<'_> {
    pub(crate) fn run(&mut self, values: &[Value<'_>]) -> Result<usize, Fault> {
        match self {
            Self::Sqlite(statement) => Ok(statement.execute(params_from_iter(values))?),
            #[cfg(feature = "sql")]
            Self::Server(connection, sql) => connection.borrow_mut().run(sql, values),
        }
    }

    pub(crate) fn first<T>(
        &mut self,
        values: &[Value<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        match self {
            Self::Sqlite(statement) => {
                let mut rows = statement.query(params_from_iter(values))?;
                match rows.next()? {
                    Some(row) => read(&Row(Cells::Sqlite(row))).map(Some),
                    None => Ok(None),
                }
            }
            #[cfg(feature = "sql")]
            Self::Server(connection, sql) => {
                let rows = connection.borrow_mut().ask(sql, values)?;
                let row = rows.iter().next();
                row.map(|row| read(&Row(Cells::Server(row)))).transpose()
            }
        }
    }

    /// Each row until `read` wants no more.
    pub(crate) fn each(
        &mut self,
        values: &[Value<'_>],
        mut read: impl FnMut(&Row<'_>) -> Result<bool, Fault>,
    ) -> Result<(), Fault> {
        match self {
            Self::Sqlite(statement) => {
                let mut rows = statement.query(params_from_iter(values))?;
                while let Some(row) = rows.next()? {
                    if !read(&Row(Cells::Sqlite(row)))? {
                        break;
                    }
                }
            }
            #[cfg(feature = "sql")]
            Self::Server(connection, sql) => {
                // Read whole before any is looked at: the connection is free for whoever asks on.
                let rows = connection.borrow_mut().ask(sql, values)?;
                for row in rows.iter() {
                    if !read(&Row(Cells::Server(row)))? {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}
