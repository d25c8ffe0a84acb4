//! A connection to a server of SQL, for code that waits: each has a small runtime of its own, so that whoever asks by it is
//! woken by nobody else.

mod stream;

use super::address::{Address, Options};
use super::fault;
use super::flavour::Flavour;
use super::patience::Patience;
use super::row::Rows;
use crate::engine::Value;
use crate::error::{Fault, Reason, StoreError};
use causette_core::limits::{DATABASE_APPEND_SECONDS, DATABASE_CONNECT_SECONDS};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::mysql::{MySqlArguments, MySqlConnection};
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgConnection, PgTypeInfo};
use sqlx::{
    Arguments as _, AssertSqlSafe, ConnectOptions as _, Connection as _, Encode, MySql, Postgres,
    Type,
};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::time::timeout;

/// How long a polite end may take.
const FAREWELL: Duration = Duration::from_millis(500);

/// A connection, outside of any transaction unless it says so.
pub(crate) struct Connection {
    link: Link,
    runtime: Option<Runtime>,
    flavour: Flavour,
    /// What the server calls its version.
    version: String,
    patience: Patience,
    /// Our SQL as this server spells it.
    spelled: HashMap<Box<str>, Arc<str>>,
    /// Whether nothing more can be asked by it.
    is_lost: bool,
    in_transaction: bool,
    /// Whether a statement of the transaction was refused: nothing of it may be kept then, and nothing more be asked in it.
    has_failed: bool,
}

enum Link {
    Postgres(PgConnection),
    MySql(MySqlConnection),
    Closed,
}

impl Connection {
    /// Connects, and looks what kind of server answers.
    ///
    /// # Errors
    /// When nobody answers in time, who asks is refused, or the server is too old.
    pub(crate) fn open(address: &Address, patience: Patience) -> Result<Self, StoreError> {
        let mut connection = Self::reach(address, patience)?;
        connection.greet(address)?;
        Ok(connection)
    }

    /// Connects to a server of which nothing is asked yet: its version is whatever it is, and it is set as it is.
    pub(super) fn reach(address: &Address, patience: Patience) -> Result<Self, StoreError> {
        let flavour = match address.options {
            Options::Postgres(_) => Flavour::Postgres,
            Options::MySql(_) => Flavour::MySql,
        };
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| StoreError::Io(error.to_string()))?;
        let connecting = Duration::from_secs(DATABASE_CONNECT_SECONDS);
        let connected = match &address.options {
            Options::Postgres(options) => runtime
                .block_on(async { timeout(connecting, options.connect()).await })
                .map(|link| link.map(Link::Postgres)),
            Options::MySql(options) => runtime
                .block_on(async { timeout(connecting, options.connect()).await })
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
        Ok(Self {
            link,
            runtime: Some(runtime),
            flavour,
            version: String::new(),
            patience,
            spelled: HashMap::new(),
            is_lost: false,
            in_transaction: false,
            has_failed: false,
        })
    }

    /// Finds out what answers, and says how it is asked.
    fn greet(&mut self, address: &Address) -> Result<(), StoreError> {
        let is_postgres = matches!(self.link, Link::Postgres(_));
        let select = match is_postgres {
            true => {
                "SELECT current_setting('server_version'), current_schema()::text, current_setting('search_path')"
            }
            false => "SELECT version(), DATABASE(), NULL",
        };
        let rows = self.ask_as_is(select, &[])?;
        let row = rows.iter().next();
        let row = row.ok_or_else(|| Fault::corrupt("no row is given".to_owned()))?;
        let version = row.maybe_text(0)?.unwrap_or_default().to_owned();
        if row.maybe_text(1)?.is_none() {
            return Err(StoreError::NoSchema {
                database: address.to_string(),
                search_path: row.maybe_text(2)?.unwrap_or_default().to_owned(),
            });
        }
        self.flavour = Flavour::of(&version, is_postgres).map_err(|needed| StoreError::TooOld {
            database: address.to_string(),
            version: version.clone(),
            needed,
        })?;
        self.version = version;
        let session = self.patience.session(self.flavour);
        Ok(self.script(&session)?)
    }

    pub(super) fn version(&self) -> &str {
        &self.version
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
            let alive = self.wait_for(self.prompt(), async |link| match link {
                Link::Postgres(link) => link.ping().await,
                Link::MySql(link) => link.ping().await,
                Link::Closed => Ok(()),
            });
            self.is_lost = alive.is_err();
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
    pub(in crate::engine) fn begin_writing(&mut self) -> Result<(), Fault> {
        self.begin(self.beginning())
    }

    fn beginning(&self) -> &'static str {
        match self.flavour {
            Flavour::Postgres => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            Flavour::MariaDb | Flavour::MySql => "START TRANSACTION READ WRITE",
        }
    }

    fn begin(&mut self, sql: &str) -> Result<(), Fault> {
        self.script_for(self.prompt(), sql)?;
        self.in_transaction = true;
        self.has_failed = false;
        Ok(())
    }

    /// Begins a transaction that writes, and asks its first question in the same message.
    pub(in crate::engine) fn begin_writing_with(&mut self, select: &str) -> Result<Rows, Fault> {
        let begin = self.beginning();
        let script = format!("{begin}; {}", self.spelled(select));
        // The one may have been done where the other failed.
        self.in_transaction = true;
        self.has_failed = false;
        self.wait(async |link| {
            let script = sqlx::raw_sql(AssertSqlSafe(script));
            match link {
                Link::Postgres(link) => script.fetch_all(link).await.map(Rows::Postgres),
                Link::MySql(link) => script.fetch_all(link).await.map(Rows::MySql),
                Link::Closed => Err(sqlx::Error::PoolClosed),
            }
        })
    }

    /// Runs last statements as they are and keeps everything, in one message. When it fails, nobody knows whether it was kept;
    /// what failed before COMMIT leaves a transaction that is to be rolled back.
    pub(in crate::engine) fn commit_with(&mut self, statements: &str) -> Result<(), Fault> {
        self.script(&format!("{statements}; COMMIT"))?;
        self.in_transaction = false;
        Ok(())
    }

    /// Keeps what was written. When it fails, nobody knows whether it was kept.
    pub(in crate::engine) fn commit(&mut self) -> Result<(), Fault> {
        if self.has_failed {
            self.roll_back();
            return Err(failed());
        }
        self.in_transaction = false;
        let done = self.script("COMMIT");
        // Only another connection is certain to be outside of any transaction.
        self.is_lost |= done.is_err();
        done
    }

    /// Ends a transaction without keeping anything.
    pub(in crate::engine) fn roll_back(&mut self) {
        if !std::mem::take(&mut self.in_transaction) || self.is_lost {
            return;
        }
        self.has_failed = false;
        self.is_lost = self.script("ROLLBACK").is_err();
    }

    /// Seconds in which has to be answered what costs the server nothing: whoever reads by a connection that was lost without a
    /// word is not to wait as long as for a page.
    fn prompt(&self) -> u64 {
        self.patience.answer().min(DATABASE_APPEND_SECONDS)
    }

    fn wait<T>(
        &mut self,
        ask: impl AsyncFnOnce(&mut Link) -> Result<T, sqlx::Error>,
    ) -> Result<T, Fault> {
        self.wait_for(self.patience.answer(), ask)
    }

    /// Waits for an answer of the server, for so long and no longer. When it does not come, the connection is lost.
    fn wait_for<T>(
        &mut self,
        seconds: u64,
        ask: impl AsyncFnOnce(&mut Link) -> Result<T, sqlx::Error>,
    ) -> Result<T, Fault> {
        let Some(runtime) = self.runtime.as_ref().filter(|_| !self.is_lost) else {
            return Err(closed());
        };
        if self.has_failed {
            return Err(failed());
        }
        #[cfg(test)]
        if super::cut::is_due() {
            self.is_lost = true;
            return Err(closed());
        }
        let link = &mut self.link;
        let answer = async { timeout(Duration::from_secs(seconds), ask(link)).await };
        match runtime.block_on(answer) {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.is_lost = fault::ends_the_connection(&error);
                self.has_failed = self.in_transaction;
                Err(error.into())
            }
            Err(_) => {
                self.is_lost = true;
                Err(passing(format!(
                    "the database server did not answer in {seconds} s"
                )))
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

    pub(super) fn ask_as_is(&mut self, sql: &str, values: &[Value<'_>]) -> Result<Rows, Fault> {
        self.ask_spelled(sql.into(), values)
    }

    pub(super) fn ask_spelled(
        &mut self,
        sql: Arc<str>,
        values: &[Value<'_>],
    ) -> Result<Rows, Fault> {
        if matches!(self.link, Link::Postgres(_)) {
            let arguments = postgres_arguments(values)?;
            return self.wait(async |link| {
                let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
                query.fetch_all(link.postgres()?).await.map(Rows::Postgres)
            });
        }
        let arguments = mysql_arguments(values)?;
        self.wait(async |link| {
            let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
            query.fetch_all(link.mysql()?).await.map(Rows::MySql)
        })
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
        let done = self.wait(async |link| {
            let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
            query.execute(link.mysql()?).await
        })?;
        Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
    }

    /// The same with arguments that are made already.
    pub(super) fn run_postgres(
        &mut self,
        sql: Arc<str>,
        arguments: PgArguments,
    ) -> Result<usize, Fault> {
        let done = self.wait(async |link| {
            let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
            query.execute(link.postgres()?).await
        })?;
        Ok(usize::try_from(done.rows_affected()).unwrap_or(usize::MAX))
    }

    /// Runs statements as they are, without values.
    pub(super) fn script(&mut self, sql: &str) -> Result<(), Fault> {
        self.script_for(self.patience.answer(), sql)
    }

    fn script_for(&mut self, seconds: u64, sql: &str) -> Result<(), Fault> {
        self.wait_for(seconds, async |link| {
            let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
            match link {
                Link::Postgres(link) => sql.execute(link).await.map(drop),
                Link::MySql(link) => sql.execute(link).await.map(drop),
                Link::Closed => Err(sqlx::Error::PoolClosed),
            }
        })
    }
}

impl Link {
    fn postgres(&mut self) -> Result<&mut PgConnection, sqlx::Error> {
        match self {
            Self::Postgres(link) => Ok(link),
            _ => Err(sqlx::Error::PoolClosed),
        }
    }

    fn mysql(&mut self) -> Result<&mut MySqlConnection, sqlx::Error> {
        match self {
            Self::MySql(link) => Ok(link),
            _ => Err(sqlx::Error::PoolClosed),
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

fn closed() -> Fault {
    passing("the connection to the database server is closed".to_owned())
}

/// What is left to say of a transaction of which a statement was refused.
fn failed() -> Fault {
    passing("an earlier statement of the transaction was refused".to_owned())
}

fn passing(text: String) -> Fault {
    Fault::Engine {
        text,
        reason: Reason::Lost,
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
