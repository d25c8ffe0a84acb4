//! A connection to a server of SQL, for code that waits: each has a small runtime of its own, so that whoever asks by it is
//! woken by nobody else.

use super::address::{Address, Options};
use super::fault;
use super::flavour::Flavour;
use super::row::Rows;
use crate::engine::Value;
use crate::error::{Fault, Reason, StoreError};
use causette_core::limits::{
    DATABASE_ANSWER_SECONDS, DATABASE_APPEND_SECONDS, DATABASE_CONNECT_SECONDS,
    DATABASE_PROMPT_SECONDS,
};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::mysql::{MySqlArguments, MySqlConnection};
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgConnection, PgTypeInfo};
use sqlx::{
    Arguments as _, AssertSqlSafe, ConnectOptions as _, Connection as _, Encode, Executor as _,
    MySql, Postgres, Type,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;

/// In how much time that has to be answered which costs nothing.
const PROMPT: Duration = Duration::from_secs(DATABASE_PROMPT_SECONDS);

/// How long a polite end may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// A connection, outside of any transaction unless it says so.
pub(crate) struct Connection {
    link: Link,
    runtime: Option<Runtime>,
    /// In how much time an answer has to come.
    patience: Duration,
    flavour: Flavour,
    /// Our SQL as this server spells it.
    spelled: HashMap<Box<str>, Arc<str>>,
    /// Whether nothing more can be asked by it.
    is_lost: bool,
    pub(super) in_transaction: bool,
}

enum Link {
    Postgres(PgConnection),
    MySql(MySqlConnection),
    Closed,
}

/// What to set in each connection: how long it waits for a lock, that it may be idle, as the one is that holds the lock of the
/// database, and that nothing is cut or changed without a word.
const POSTGRES_SESSION: &str = "SET lock_timeout = '5s'; SET statement_timeout = '30s';
     SET idle_in_transaction_session_timeout = '120s'; SET idle_session_timeout = 0; SET client_min_messages = warning;
     SET standard_conforming_strings = on; SET timezone_abbreviations = 'Default'";
const MYSQL_SESSION: &str = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT,ERROR_FOR_DIVISION_BY_ZERO',
     innodb_lock_wait_timeout = 5, lock_wait_timeout = 5, wait_timeout = 31536000, autocommit = 1, net_read_timeout = 60, net_write_timeout = 60";

impl Connection {
    /// Connects, and looks what kind of server answers.
    ///
    /// # Errors
    /// When nobody answers in time, who asks is refused, or the server is too old.
    pub(crate) fn open(address: &Address) -> Result<Self, StoreError> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Io(error.to_string()))?;
        let patience = Duration::from_secs(DATABASE_CONNECT_SECONDS);
        let connected = match &address.options {
            Options::Postgres(options) => runtime
                .block_on(async { timeout(patience, options.connect()).await })
                .map(|link| link.map(Link::Postgres)),
            Options::MySql(options) => runtime
                .block_on(async { timeout(patience, options.connect()).await })
                .map(|link| link.map(Link::MySql)),
        };
        let link = match connected {
            Ok(Ok(link)) => link,
            Ok(Err(error)) => return Err(fault::of_connecting(&error, address)),
            Err(_) => {
                let text = format!("{address}: no answer in {DATABASE_CONNECT_SECONDS} s");
                return Err(StoreError::Unreachable(text));
            }
        };
        let mut connection = Self {
            link,
            runtime: Some(runtime),
            patience: PROMPT,
            flavour: Flavour::Postgres,
            spelled: HashMap::new(),
            is_lost: false,
            in_transaction: false,
        };
        let version = "SELECT version()";
        let version = connection.ask_as_is(version, &[])?;
        let version = version.first_text()?;
        let is_postgres = matches!(connection.link, Link::Postgres(_));
        connection.flavour =
            Flavour::of(&version, is_postgres).map_err(|needed| StoreError::TooOld {
                database: address.to_string(),
                version,
                needed,
            })?;
        let settings = if is_postgres {
            POSTGRES_SESSION
        } else {
            MYSQL_SESSION
        };
        connection.script(settings)?;
        connection.patience = Duration::from_secs(DATABASE_ANSWER_SECONDS);
        Ok(connection)
    }

    /// The same for one who appends, and has less time.
    pub(super) fn open_to_append(address: &Address) -> Result<Self, StoreError> {
        let mut connection = Self::open(address)?;
        connection.patience = Duration::from_secs(DATABASE_APPEND_SECONDS);
        Ok(connection)
    }

    pub(crate) fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// Whether it is known that nothing more can be asked by it.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_lost
    }

    /// Whether nothing more can be asked by it; looked at, where it may have been lost since.
    pub(super) fn is_gone(&mut self) -> bool {
        if !self.is_lost {
            let waiter = (&self.runtime, PROMPT);
            let _ = match &mut self.link {
                Link::Postgres(link) => wait(waiter, &mut self.is_lost, link.ping()),
                Link::MySql(link) => wait(waiter, &mut self.is_lost, link.ping()),
                Link::Closed => Ok(()),
            };
        }
        self.is_lost
    }

    /// Begins a transaction that sees everything as it was at one moment.
    pub(super) fn begin_reading(&mut self) -> Result<(), Fault> {
        self.begin(match self.flavour {
            Flavour::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Flavour::MariaDb | Flavour::MySql => {
                "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY"
            }
        })
    }

    /// Begins a transaction that writes. What two of them may not do at once is kept apart by the row of the lane.
    pub(super) fn begin_writing(&mut self) -> Result<(), Fault> {
        self.begin(match self.flavour {
            Flavour::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            Flavour::MariaDb | Flavour::MySql => "START TRANSACTION READ WRITE",
        })
    }

    fn begin(&mut self, sql: &str) -> Result<(), Fault> {
        let patience = std::mem::replace(&mut self.patience, PROMPT);
        let begun = self.script(sql);
        self.patience = patience;
        self.in_transaction |= begun.is_ok();
        begun
    }

    /// Keeps what was written. When it fails, nobody knows whether it was kept.
    pub(in crate::engine) fn commit(&mut self) -> Result<(), Fault> {
        self.in_transaction = false;
        self.script("COMMIT")
    }

    /// Ends a transaction without keeping anything.
    pub(in crate::engine) fn roll_back(&mut self) {
        if self.in_transaction && !self.is_lost {
            self.in_transaction = false;
            if self.script("ROLLBACK").is_err() {
                // Only another connection is certain to be outside of any transaction.
                self.is_lost = true;
            }
        }
    }

    /// Our SQL as this server spells it.
    pub(super) fn spelled(&mut self, sql: &str) -> Arc<str> {
        if let Some(spelled) = self.spelled.get(sql) {
            return spelled.clone();
        }
        let spelled: Arc<str> = self.flavour.spell(sql).into();
        if self.spelled.len() >= super::address::STATEMENTS {
            self.spelled.clear();
        }
        self.spelled.insert(sql.into(), spelled.clone());
        spelled
    }

    /// Asks, and gives all rows: while they are read others can be asked for.
    pub(in crate::engine) fn ask(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<Rows, Fault> {
        let sql = self.spelled(sql);
        self.ask_spelled(sql, values)
    }

    fn ask_as_is(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Rows, Fault> {
        self.ask_spelled(sql.into(), values)
    }

    pub(super) fn ask_spelled(
        &mut self,
        sql: Arc<str>,
        values: &[Value<'_>],
    ) -> Result<Rows, Fault> {
        let (runtime, is_lost) = ((&self.runtime, self.patience), &mut self.is_lost);
        match &mut self.link {
            Link::Postgres(link) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), postgres_arguments(values)?);
                wait(runtime, is_lost, link.fetch_all(query)).map(Rows::Postgres)
            }
            Link::MySql(link) => {
                let query = sqlx::query_with(AssertSqlSafe(sql), mysql_arguments(values)?);
                wait(runtime, is_lost, link.fetch_all(query)).map(Rows::MySql)
            }
            Link::Closed => Err(closed()),
        }
    }

    /// Runs a statement that gives no rows. Returns how many rows it changed.
    pub(in crate::engine) fn run(
        &mut self,
        sql: &str,
        values: &[Value<'_>],
    ) -> Result<usize, Fault> {
        let sql = self.spelled(sql);
        self.run_spelled(sql, values)
    }

    pub(super) fn run_spelled(
        &mut self,
        sql: Arc<str>,
        values: &[Value<'_>],
    ) -> Result<usize, Fault> {
        if matches!(self.link, Link::Postgres(_)) {
            let arguments = postgres_arguments(values)?;
            return self.run_postgres(sql, arguments);
        }
        let arguments = mysql_arguments(values)?;
        let (runtime, is_lost) = ((&self.runtime, self.patience), &mut self.is_lost);
        let Link::MySql(link) = &mut self.link else {
            return Err(closed());
        };
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        let done = wait(runtime, is_lost, link.execute(query))?;
        Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
    }

    /// The same with arguments that are made already.
    pub(super) fn run_postgres(
        &mut self,
        sql: Arc<str>,
        arguments: PgArguments,
    ) -> Result<usize, Fault> {
        let (runtime, is_lost) = ((&self.runtime, self.patience), &mut self.is_lost);
        let Link::Postgres(link) = &mut self.link else {
            return Err(closed());
        };
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        let done = wait(runtime, is_lost, link.execute(query))?;
        Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
    }

    /// Runs statements as they are, without values.
    pub(super) fn script(&mut self, sql: &str) -> Result<(), Fault> {
        let (runtime, is_lost) = ((&self.runtime, self.patience), &mut self.is_lost);
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match &mut self.link {
            Link::Postgres(link) => wait(runtime, is_lost, sql.execute(link)).map(drop),
            Link::MySql(link) => wait(runtime, is_lost, sql.execute(link)).map(drop),
            Link::Closed => Err(closed()),
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let link = std::mem::replace(&mut self.link, Link::Closed);
        let Some(runtime) = self.runtime.take() else {
            return;
        };
        // Where others wait on this thread, the connection ends without a farewell: the server notices by itself.
        if !self.is_lost && Handle::try_current().is_err() {
            let farewell = async {
                match link {
                    Link::Postgres(link) => drop(timeout(FAREWELL, link.close()).await),
                    Link::MySql(link) => drop(timeout(FAREWELL, link.close()).await),
                    Link::Closed => {}
                }
            };
            runtime.block_on(farewell);
        }
        runtime.shutdown_background();
    }
}

/// Waits for an answer of the server, for so long and no longer. When it does not come, the connection is lost.
fn wait<T>(
    (runtime, patience): (&Option<Runtime>, Duration),
    is_lost: &mut bool,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Fault> {
    let Some(runtime) = runtime else {
        return Err(closed());
    };
    match runtime.block_on(async { timeout(patience, answer).await }) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => {
            *is_lost |= fault::ends_the_connection(&error);
            Err(error.into())
        }
        Err(_) => {
            *is_lost = true;
            Err(Fault::Engine {
                text: format!(
                    "the database server did not answer in {} s",
                    patience.as_secs()
                ),
                reason: Reason::Io,
                may_pass: true,
            })
        }
    }
}

fn closed() -> Fault {
    Fault::Engine {
        text: "the connection to the database server is closed".to_owned(),
        reason: Reason::Io,
        may_pass: true,
    }
}

/// A NULL whose type the server finds out by its place.
struct Untyped;

impl Type<Postgres> for Untyped {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for Untyped {
    fn encode_by_ref(&self, _: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

fn postgres_arguments(values: &[Value<'_>]) -> Result<PgArguments, Fault> {
    let mut arguments = PgArguments::default();
    for value in values {
        let added = match *value {
            Value::Null => arguments.add(Untyped),
            Value::Int(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::Bytes(value) => arguments.add(value),
        };
        added.map_err(unencoded)?;
    }
    Ok(arguments)
}

fn mysql_arguments(values: &[Value<'_>]) -> Result<MySqlArguments, Fault> {
    fn add<'a, T: Encode<'a, MySql> + Type<MySql> + 'a>(
        arguments: &mut MySqlArguments,
        value: T,
    ) -> Result<(), BoxDynError> {
        arguments.add(value)
    }
    let mut arguments = MySqlArguments::default();
    for value in values {
        let added = match *value {
            Value::Null => add(&mut arguments, None::<i64>),
            Value::Int(value) => add(&mut arguments, value),
            Value::Text(value) => add(&mut arguments, value),
            Value::Bytes(value) => add(&mut arguments, value),
        };
        added.map_err(unencoded)?;
    }
    Ok(arguments)
}

pub(super) fn unencoded(error: BoxDynError) -> Fault {
    Fault::Engine {
        text: error.to_string(),
        reason: Reason::Statement,
        may_pass: false,
    }
}
