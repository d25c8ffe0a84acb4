//! The rows of open sessions, by which a start finds those that a crash left open.

use crate::error::{Fault, StoreError};
use crate::register::{Content, Draft, Register, Subject, Subjects, meta, words};
use causette_core::id::{AccountId, SessionId};
use causette_core::input::Peer;
use causette_core::limits::{PING_AFTER_SECONDS, PONG_WITHIN_SECONDS};
use causette_proto::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, TransactionBehavior, params};
use std::net::IpAddr;

pub(crate) fn opened(
    connection: &Connection,
    time: Timestamp,
    session: SessionId,
    peer: &Peer,
) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO session (id, address, opened) VALUES (?, ?, ?)")?
        .execute(params![
            session.0.cast_signed(),
            peer.address.to_string(),
            time.0
        ])?;
    Ok(())
}

pub(crate) fn signed_in(
    connection: &Connection,
    session: SessionId,
    account: AccountId,
) -> Result<()> {
    connection
        .prepare_cached("UPDATE session SET account = ? WHERE id = ?")?
        .execute([account.0.cast_signed(), session.0.cast_signed()])?;
    Ok(())
}

pub(crate) fn closed(connection: &Connection, session: SessionId) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM session WHERE id = ?")?
        .execute([session.0.cast_signed()])?;
    Ok(())
}

/// How long a connection may have been dead before anybody noticed.
const SILENCE_SECONDS: i64 = (PING_AFTER_SECONDS + PONG_WITHIN_SECONDS) as i64;

pub(crate) fn last_seen(
    connection: &Connection,
    account: AccountId,
    time: Timestamp,
) -> Result<()> {
    // Never the moment at which it was made: that means that nobody has come yet.
    connection
        .prepare_cached(
            "UPDATE account SET last_seen = CASE WHEN ? > created THEN ? ELSE created + 1 END WHERE id = ?",
        )?
        .execute([time.0, time.0, account.0.cast_signed()])?;
    Ok(())
}

/// Who acts through a session: the account it is signed in to, else its guest.
pub(crate) fn subject(connection: &Connection, session: SessionId) -> Result<Subject> {
    let account: Option<i64> = connection
        .prepare_cached("SELECT account FROM session WHERE id = ?")?
        .query_row([session.0.cast_signed()], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(account.map_or(Subject::Guest(session.0), |account| {
        Subject::Account(account.cast_unsigned())
    }))
}

/// From where a session came.
pub(crate) fn address(connection: &Connection, session: SessionId) -> Result<Option<IpAddr>> {
    let address: Option<String> = connection
        .prepare_cached("SELECT address FROM session WHERE id = ?")?
        .query_row([session.0.cast_signed()], |row| row.get(0))
        .optional()?;
    Ok(address.and_then(|address| address.parse().ok()))
}

/// Closes every session that is still open. See [`Store::start`](crate::Store::start).
pub(crate) fn close_crashed(
    connection: &mut Connection,
    now: Timestamp,
) -> std::result::Result<usize, StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let count = close_all(&transaction, now)?;
    transaction.commit()?;
    Ok(count)
}

fn close_all(connection: &Connection, now: Timestamp) -> std::result::Result<usize, Fault> {
    let last_time: i64 =
        connection.query_row("SELECT last_time FROM lane WHERE lane = 0", [], |row| {
            row.get(0)
        })?;
    let sessions: Vec<SessionId> = connection
        .prepare("SELECT id FROM session ORDER BY id")?
        .query_map([], |row| {
            row.get::<_, i64>(0).map(|id| SessionId(id.cast_unsigned()))
        })?
        .collect::<Result<_>>()?;
    if sessions.is_empty() {
        return Ok(0);
    }
    // The register never goes back, even where the clock did.
    let time = now.max(Timestamp(last_time));
    let mut register = Register::load(connection)?;
    for session in &sessions {
        let actor = subject(connection, *session)?;
        let subjects = Subjects {
            actor: Some(actor),
            target: address(connection, *session)?.map(Subject::Address),
            other: None,
        };
        let draft = Draft {
            time,
            word: words::SESSION_FERMETURE,
            subjects,
            meta: meta::of_crash(*session, subjects),
            content: Content::None,
        };
        register.append(connection, &draft)?;
        if let Subject::Account(account) = actor {
            // What was committed shortly before may not have reached anybody.
            let alive = Timestamp(last_time).plus_seconds(-SILENCE_SECONDS);
            last_seen(connection, AccountId(account), alive)?;
        }
        closed(connection, *session)?;
    }
    connection.execute("UPDATE lane SET last_time = ? WHERE lane = 0", [time.0])?;
    Ok(sessions.len())
}
