//! The rows of accounts: who they are, how they sign in, and from what.

use crate::token;
use causette_core::id::AccountId;
use causette_core::limits::DEVICES;
use causette_core::record::AccountChange;
use causette_core::secret::Verifier;
use causette_proto::{AccountName, Timestamp};
use rusqlite::{Connection, OptionalExtension, Result, params};

pub(crate) fn created(
    connection: &Connection,
    time: Timestamp,
    account: AccountId,
    name: &AccountName,
    verifier: &Verifier,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO account (id, name, folded, nick, verifier, created, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![
            account.0.cast_signed(),
            name.as_str(),
            name.key(),
            name.as_str(),
            verifier.0,
            time.0,
            time.0
        ])?;
    Ok(())
}

pub(crate) fn changed(
    connection: &Connection,
    time: Timestamp,
    id: AccountId,
    change: &AccountChange,
) -> Result<()> {
    let account = id.0.cast_signed();
    match change {
        AccountChange::Password(verifier)
        | AccountChange::VerifiedAnew(verifier)
        | AccountChange::Reset { verifier, .. }
        | AccountChange::CodeUsed(verifier) => {
            connection
                .prepare_cached("UPDATE account SET verifier = ? WHERE id = ?")?
                .execute(params![verifier.0, account])?;
        }
        AccountChange::Setting { name, value } => {
            connection
                .prepare_cached("DELETE FROM account_setting WHERE account = ? AND name = ?")?
                .execute(params![account, name.as_str()])?;
            if !value.is_empty() {
                connection
                    .prepare_cached(
                        "INSERT INTO account_setting (account, name, value) VALUES (?, ?, ?)",
                    )?
                    .execute(params![account, name.as_str(), value.as_str()])?;
            }
        }
        AccountChange::CertificateAdded(fingerprint) => {
            // Added again, it has the same one account still.
            without_certificate(connection, account, fingerprint)?;
            connection
                .prepare_cached(
                    "INSERT INTO account_certificate (fingerprint, account) VALUES (?, ?)",
                )?
                .execute(params![fingerprint.as_str(), account])?;
        }
        AccountChange::CertificateRemoved(fingerprint) => {
            without_certificate(connection, account, fingerprint)?;
        }
        AccountChange::TokenAdded {
            token,
            name,
            verifier,
        } => token::added(connection, time, id, *token, name, verifier)?,
        AccountChange::TokenRemoved(token) => token::removed(connection, time, id, *token)?,
    }
    Ok(())
}

fn without_certificate(connection: &Connection, account: i64, fingerprint: &str) -> Result<()> {
    connection
        .prepare_cached("DELETE FROM account_certificate WHERE fingerprint = ? AND account = ?")?
        .execute(params![fingerprint, account])?;
    Ok(())
}

/// Frees the account's name and takes away whatever it could sign in with or has anywhere. The row stays: what it did is on
/// record, under its id.
pub(crate) fn dropped(connection: &Connection, time: Timestamp, account: AccountId) -> Result<()> {
    let account = account.0.cast_signed();
    for sql in [
        "DELETE FROM membership WHERE account = ?",
        "DELETE FROM room_access WHERE account = ?",
        "DELETE FROM account_setting WHERE account = ?",
        "DELETE FROM account_certificate WHERE account = ?",
        "DELETE FROM account_device WHERE account = ?",
        "DELETE FROM device WHERE account = ?",
        "DELETE FROM read_marker WHERE account = ?",
        // The core has given its channels up before; a channel must not be left to nobody.
        "DELETE FROM room_access WHERE room IN (SELECT id FROM room WHERE founder = ?)",
        "UPDATE room SET founder = NULL WHERE founder = ?",
    ] {
        connection.prepare_cached(sql)?.execute([account])?;
    }
    // No name can have an asterisk.
    let nobody = format!("*{account}");
    connection
        .prepare_cached(
            "UPDATE account SET folded = ?, nick = ?, verifier = '', dropped = ? WHERE id = ?",
        )?
        .execute(params![nobody, nobody, time.0, account])?;
    Ok(())
}

/// Notes that a device signed in, and forgets the one that has not for the longest time when there are too many.
pub(crate) fn used_device(
    connection: &Connection,
    time: Timestamp,
    account: AccountId,
    name: &str,
) -> Result<()> {
    let account = account.0.cast_signed();
    let mut delete =
        connection.prepare_cached("DELETE FROM account_device WHERE account = ? AND name = ?")?;
    delete.execute(params![account, name])?;
    connection
        .prepare_cached("INSERT INTO account_device (account, name, last_used) VALUES (?, ?, ?)")?
        .execute(params![account, name, time.0])?;
    // Each sign-in adds one at most, so there is never more than one too many.
    let oldest: Option<String> = connection
        .prepare_cached(
            "SELECT name FROM account_device WHERE account = ? ORDER BY last_used DESC, name LIMIT 1 OFFSET ?",
        )?
        .query_row([account, DEVICES as i64], |row| row.get(0))
        .optional()?;
    if let Some(oldest) = oldest {
        delete.execute(params![account, oldest])?;
    }
    Ok(())
}
