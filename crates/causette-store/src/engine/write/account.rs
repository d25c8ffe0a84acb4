//! Writes what changes of accounts: who they are, how they sign in, and from what.

use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::plan::row::{DeviceChange, PersonChange};
use causette_core::id::AccountId;
use causette_core::limits::DEVICES;
use causette_core::right::Role;
use causette_proto::Timestamp;

/// What changes of an account.
pub(super) fn account(moment: &Moment<'_>, change: &PersonChange) -> Result<(), Fault> {
    match change {
        PersonChange::AccountCreated {
            account,
            name,
            folded,
            verifier,
            created,
            waiting,
        } => {
            moment.run(
                "INSERT INTO account (id, name, folded, nick, verifier, created, last_seen, role, waiting) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                values![*account, name, folded, name, verifier, *created, *created, Role::User.name(), *waiting],
            )?;
        }
        PersonChange::AccountDropped { account, dropped } => {
            drop_account(moment, *account, *dropped)?
        }
        PersonChange::Renamed {
            account,
            name,
            folded,
            entry,
        } => {
            moment.run(
                "UPDATE account SET name = ?, folded = ?, renamed = ? WHERE id = ?",
                values![name, folded, *entry, *account],
            )?;
        }
        PersonChange::Approved { account } => {
            let update = "UPDATE account SET waiting = 0 WHERE id = ?";
            moment.run(update, values![*account])?;
        }
        PersonChange::Role { account, role } => {
            let update = "UPDATE account SET role = ? WHERE id = ?";
            moment.run(update, values![role.name(), *account])?;
        }
        PersonChange::Nick { account, nick } => {
            moment.run(
                "UPDATE account SET nick = ? WHERE id = ?",
                values![nick, *account],
            )?;
        }
        PersonChange::Verifier { account, verifier } => {
            let update = "UPDATE account SET verifier = ? WHERE id = ?";
            moment.run(update, values![verifier, *account])?;
        }
        PersonChange::Setting {
            account,
            name,
            value,
        } => {
            let delete = "DELETE FROM account_setting WHERE account = ? AND name = ?";
            moment.run(delete, values![*account, name])?;
            if !value.is_empty() {
                let insert = "INSERT INTO account_setting (account, name, value) VALUES (?, ?, ?)";
                moment.run(insert, values![*account, name, value])?;
            }
        }
        PersonChange::CertificateAdded {
            account,
            fingerprint,
        } => {
            // Added again, it has the same one account still.
            without_certificate(moment, *account, fingerprint)?;
            let insert = "INSERT INTO account_certificate (fingerprint, account) VALUES (?, ?)";
            moment.run(insert, values![fingerprint, *account])?;
        }
        PersonChange::CertificateRemoved {
            account,
            fingerprint,
        } => without_certificate(moment, *account, fingerprint)?,
    }
    Ok(())
}

fn without_certificate(
    moment: &Moment<'_>,
    account: AccountId,
    fingerprint: &str,
) -> Result<(), Fault> {
    let delete = "DELETE FROM account_certificate WHERE fingerprint = ? AND account = ?";
    moment.run(delete, values![fingerprint, account])?;
    Ok(())
}

fn drop_account(moment: &Moment<'_>, account: AccountId, dropped: Timestamp) -> Result<(), Fault> {
    for sql in [
        "DELETE FROM membership WHERE account = ?",
        "DELETE FROM room_access WHERE account = ?",
        "DELETE FROM room_invited WHERE account = ?",
        "DELETE FROM account_setting WHERE account = ?",
        "DELETE FROM account_certificate WHERE account = ?",
        "DELETE FROM account_device WHERE account = ?",
        "DELETE FROM device WHERE account = ?",
        "DELETE FROM read_marker WHERE account = ?",
        // The core has given its channels up before; a channel must not be left to nobody.
        "DELETE FROM room_access WHERE room IN (SELECT id FROM room WHERE founder = ?)",
        "UPDATE room SET founder = NULL WHERE founder = ?",
    ] {
        moment.run(sql, values![account])?;
    }
    // What was for the account holds for nobody.
    moment.run(
        "UPDATE sanction SET lifted = ? WHERE account = ? AND lifted IS NULL",
        values![dropped, account],
    )?;
    super::file::forget_account(moment, account, dropped)?;
    super::metadata::forget_account(moment, account)?;
    // No name can have an asterisk.
    let nobody = format!("*{}", account.0);
    moment.run(
        "UPDATE account SET folded = ?, nick = ?, verifier = '', dropped = ? WHERE id = ?",
        values![&nobody, &nobody, dropped, account],
    )?;
    Ok(())
}

/// What changes of devices.
pub(super) fn device(moment: &Moment<'_>, change: &DeviceChange) -> Result<(), Fault> {
    match change {
        DeviceChange::TokenAdded {
            account,
            token,
            name,
            hash,
            created,
            scopes,
            until,
        } => {
            moment.run(
                "INSERT INTO device (account, id, name, token_hash, created, scopes, until) VALUES (?, ?, ?, ?, ?, ?, ?)",
                values![*account, *token, name, hash, *created, scopes.as_ref(), *until],
            )?;
        }
        DeviceChange::TokenRemoved {
            account,
            token,
            revoked,
        } => {
            moment.run(
                "UPDATE device SET token_hash = NULL, revoked = ? WHERE account = ? AND id = ?",
                values![*revoked, *account, *token],
            )?;
        }
        DeviceChange::TokenUsed {
            account,
            token,
            used,
            address,
        } => {
            moment.run(
                "UPDATE device SET last_used = ?, last_address = ? WHERE account = ? AND id = ?",
                values![*used, &address.to_string(), *account, *token],
            )?;
        }
        DeviceChange::DeviceUsed {
            account,
            name,
            used,
        } => device_used(moment, *account, name, *used)?,
    }
    Ok(())
}

fn device_used(
    moment: &Moment<'_>,
    account: AccountId,
    name: &str,
    used: Timestamp,
) -> Result<(), Fault> {
    const DELETE: &str = "DELETE FROM account_device WHERE account = ? AND name = ?";
    moment.run(DELETE, values![account, name])?;
    moment.run(
        "INSERT INTO account_device (account, name, last_used) VALUES (?, ?, ?)",
        values![account, name, used],
    )?;
    // Each sign-in adds one at most, so there is never more than one too many.
    let oldest = moment.first(
        "SELECT name FROM account_device WHERE account = ? ORDER BY last_used DESC, name LIMIT 1 OFFSET ?",
        values![account, DEVICES],
        |row| row.text(0).map(str::to_owned),
    )?;
    if let Some(oldest) = oldest {
        moment.run(DELETE, values![account, &oldest])?;
    }
    Ok(())
}
