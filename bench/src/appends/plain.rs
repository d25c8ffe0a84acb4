//! The bare driver: a loop that inserts rows that somebody has made, as fast as whoever knows the engine would write it. One
//! transaction for each batch, as durable as the store's.

use super::story::{EntryRow, MessageRow, Rows};
use anyhow::Context as _;
use rusqlite::params;
use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlConnection};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};
use std::fmt::Write as _;
use std::path::Path;
use std::str::FromStr as _;
use tokio::runtime::{Builder, Runtime};

const ENTRY: &str = "register_entry (seq, time, category, type, actor_tag, target_tag, meta_commitment, content_commitment)";
const PAYLOAD: &str =
    "register_payload (seq, meta, meta_salt, content, room, message, content_salt)";
const MESSAGE: &str = "message (room, seq, time, msgid, kind, class, author, source, account, text, tags, entry, reach)";

/// A connection of the driver, and nothing else.
pub(super) enum Plain {
    Sqlite(rusqlite::Connection),
    Postgres(Runtime, PgConnection),
    MySql(Runtime, MySqlConnection),
}

impl Plain {
    pub(super) fn file(path: &Path) -> anyhow::Result<Self> {
        let connection = rusqlite::Connection::open(path)?;
        let mode: String =
            connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
        anyhow::ensure!(mode == "wal", "no write-ahead log");
        connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -16384")?;
        Ok(Self::Sqlite(connection))
    }

    pub(super) fn server(url: &str) -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        if url.starts_with("postgres") {
            let options = PgConnectOptions::from_str(url)?.disable_statement_logging();
            let connection = runtime.block_on(options.connect())?;
            return Ok(Self::Postgres(runtime, connection));
        }
        let options = MySqlConnectOptions::from_str(url)?.disable_statement_logging();
        let connection = runtime.block_on(options.connect())?;
        Ok(Self::MySql(runtime, connection))
    }

    /// How many messages there are.
    pub(super) fn messages(&mut self) -> anyhow::Result<i64> {
        Ok(match self {
            Self::Sqlite(connection) => connection.query_row(COUNT, [], |row| row.get(0))?,
            Self::Postgres(runtime, connection) => {
                runtime.block_on(sqlx::query_scalar(COUNT).fetch_one(connection))?
            }
            Self::MySql(runtime, connection) => {
                runtime.block_on(sqlx::query_scalar(COUNT).fetch_one(connection))?
            }
        })
    }

    /// Inserts a batch, and returns when it is durable.
    pub(super) fn insert(&mut self, rows: &Rows) -> anyhow::Result<()> {
        match self {
            Self::Sqlite(connection) => sqlite(connection, rows),
            Self::Postgres(runtime, connection) => runtime.block_on(postgres(connection, rows)),
            Self::MySql(runtime, connection) => runtime.block_on(mysql(connection, rows)),
        }
    }
}

/// The question how many messages there are.
const COUNT: &str = "SELECT count(*) FROM message";

/// How far the room and the lane have come behind a batch.
struct Heads {
    room: i64,
    last_seq: i64,
    last_time: i64,
}

fn heads(rows: &Rows) -> anyhow::Result<Heads> {
    let last = rows.messages.last().context("an empty batch")?;
    Ok(Heads {
        room: last.room,
        last_seq: last.seq,
        last_time: last.time,
    })
}

fn sqlite(connection: &mut rusqlite::Connection, rows: &Rows) -> anyhow::Result<()> {
    let heads = heads(rows)?;
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    {
        let places = |count: usize| vec!["?"; count].join(", ");
        let insert = |table: &str, count| format!("INSERT INTO {table} VALUES ({})", places(count));
        let mut entry = transaction.prepare_cached(&insert(ENTRY, 8))?;
        let mut payload = transaction.prepare_cached(&insert(PAYLOAD, 7))?;
        let mut message = transaction.prepare_cached(&insert(MESSAGE, 13))?;
        for row in &rows.entries {
            entry.execute(params![
                row.seq,
                row.time,
                row.category,
                row.kind,
                row.actor_tag,
                row.target_tag,
                row.meta_commitment,
                row.content_commitment
            ])?;
        }
        for row in &rows.entries {
            payload.execute(params![
                row.seq,
                row.meta,
                row.meta_salt,
                row.content,
                row.room,
                row.message,
                row.content_salt
            ])?;
        }
        for row in &rows.messages {
            message.execute(params![
                row.room,
                row.seq,
                row.time,
                row.msgid,
                row.kind,
                row.class,
                row.author,
                row.source,
                row.account,
                row.text,
                row.tags,
                row.entry,
                row.reach
            ])?;
        }
        transaction
            .prepare_cached("UPDATE room SET last_seq = ?, last_time = ? WHERE id = ?")?
            .execute(params![heads.last_seq, heads.last_time, heads.room])?;
        transaction
            .prepare_cached(
                "UPDATE lane SET last_batch = ?, last_time = ?, last_steady = ? WHERE lane = 0",
            )?
            .execute(params![rows.batch, heads.last_time, heads.last_time])?;
    }
    transaction.commit()?;
    Ok(())
}

/// Each column as an array: one statement for each table, whatever the number of rows.
async fn postgres(connection: &mut PgConnection, rows: &Rows) -> anyhow::Result<()> {
    let heads = heads(rows)?;
    let entries = &rows.entries;
    let messages = &rows.messages;
    let mut transaction = connection.begin().await?;
    fn of<'a, R, T>(rows: &'a [R], column: impl Fn(&'a R) -> T) -> Vec<T> {
        rows.iter().map(column).collect()
    }
    let insert = "INSERT INTO register_entry (seq, time, category, type, actor_tag, target_tag, meta_commitment, content_commitment)
         SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[], $8::bytea[])";
    sqlx::query(insert)
        .bind(of(entries, |row| row.seq))
        .bind(of(entries, |row| row.time))
        .bind(of(entries, |row| row.category))
        .bind(of(entries, |row| row.kind.as_str()))
        .bind(of(entries, |row| row.actor_tag.as_deref()))
        .bind(of(entries, |row| row.target_tag.as_deref()))
        .bind(of(entries, |row| row.meta_commitment.as_slice()))
        .bind(of(entries, |row| row.content_commitment.as_deref()))
        .execute(&mut *transaction)
        .await?;
    let insert = "INSERT INTO register_payload (seq, meta, meta_salt, content, room, message, content_salt)
         SELECT * FROM unnest($1::int8[], $2::text[], $3::bytea[], $4::text[], $5::int8[], $6::int8[], $7::bytea[])";
    sqlx::query(insert)
        .bind(of(entries, |row| row.seq))
        .bind(of(entries, |row| row.meta.as_str()))
        .bind(of(entries, |row| row.meta_salt.as_slice()))
        .bind(of(entries, |row| row.content.as_deref()))
        .bind(of(entries, |row| row.room))
        .bind(of(entries, |row| row.message))
        .bind(of(entries, |row| row.content_salt.as_deref()))
        .execute(&mut *transaction)
        .await?;
    let insert = "INSERT INTO message (room, seq, time, msgid, kind, class, author, source, account, text, tags, entry, reach)
         SELECT * FROM unnest($1::int8[], $2::int8[], $3::int8[], $4::text[], $5::int8[], $6::int8[], $7::int8[], $8::text[], $9::text[], $10::text[], $11::text[], $12::int8[], $13::text[])";
    sqlx::query(insert)
        .bind(of(messages, |row| row.room))
        .bind(of(messages, |row| row.seq))
        .bind(of(messages, |row| row.time))
        .bind(of(messages, |row| row.msgid.as_str()))
        .bind(of(messages, |row| row.kind))
        .bind(of(messages, |row| row.class))
        .bind(of(messages, |row| row.author))
        .bind(of(messages, |row| row.source.as_str()))
        .bind(of(messages, |row| row.account.as_deref()))
        .bind(of(messages, |row| row.text.as_str()))
        .bind(of(messages, |row| row.tags.as_str()))
        .bind(of(messages, |row| row.entry))
        .bind(of(messages, |row| row.reach.as_str()))
        .execute(&mut *transaction)
        .await?;
    sqlx::query("UPDATE room SET last_seq = $1, last_time = $2 WHERE id = $3")
        .bind(heads.last_seq)
        .bind(heads.last_time)
        .bind(heads.room)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("UPDATE lane SET last_batch = $1, last_time = $2, last_steady = $3 WHERE lane = 0")
        .bind(rows.batch)
        .bind(heads.last_time)
        .bind(heads.last_time)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// All rows of a table in one statement, which the server keeps prepared.
async fn mysql(connection: &mut MySqlConnection, rows: &Rows) -> anyhow::Result<()> {
    let heads = heads(rows)?;
    let mut transaction = connection.begin().await?;
    let sql = several(ENTRY, 8, rows.entries.len());
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for row in &rows.entries {
        query = entry(query, row);
    }
    transaction.execute(query).await?;
    let sql = several(PAYLOAD, 7, rows.entries.len());
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for row in &rows.entries {
        query = payload(query, row);
    }
    transaction.execute(query).await?;
    let sql = several(MESSAGE, 13, rows.messages.len());
    let mut query = sqlx::query(AssertSqlSafe(sql));
    for row in &rows.messages {
        query = message(query, row);
    }
    transaction.execute(query).await?;
    sqlx::query("UPDATE room SET last_seq = ?, last_time = ? WHERE id = ?")
        .bind(heads.last_seq)
        .bind(heads.last_time)
        .bind(heads.room)
        .execute(&mut *transaction)
        .await?;
    sqlx::query("UPDATE lane SET last_batch = ?, last_time = ?, last_steady = ? WHERE lane = 0")
        .bind(rows.batch)
        .bind(heads.last_time)
        .bind(heads.last_time)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

type Query<'q> = sqlx::query::Query<'q, sqlx::MySql, MySqlArguments>;

fn several(table: &str, columns: usize, rows: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(", "));
    let mut sql = format!("INSERT INTO {table} VALUES {row}");
    for _ in 1..rows {
        // Writing into a string never fails.
        let _ = write!(sql, ", {row}");
    }
    sql
}

fn entry<'q>(query: Query<'q>, row: &'q EntryRow) -> Query<'q> {
    query
        .bind(row.seq)
        .bind(row.time)
        .bind(row.category)
        .bind(row.kind.as_str())
        .bind(row.actor_tag.as_deref())
        .bind(row.target_tag.as_deref())
        .bind(row.meta_commitment.as_slice())
        .bind(row.content_commitment.as_deref())
}

fn payload<'q>(query: Query<'q>, row: &'q EntryRow) -> Query<'q> {
    query
        .bind(row.seq)
        .bind(row.meta.as_str())
        .bind(row.meta_salt.as_slice())
        .bind(row.content.as_deref())
        .bind(row.room)
        .bind(row.message)
        .bind(row.content_salt.as_deref())
}

fn message<'q>(query: Query<'q>, row: &'q MessageRow) -> Query<'q> {
    query
        .bind(row.room)
        .bind(row.seq)
        .bind(row.time)
        .bind(row.msgid.as_str())
        .bind(row.kind)
        .bind(row.class)
        .bind(row.author)
        .bind(row.source.as_str())
        .bind(row.account.as_deref())
        .bind(row.text.as_str())
        .bind(row.tags.as_str())
        .bind(row.entry)
        .bind(row.reach.as_str())
}
