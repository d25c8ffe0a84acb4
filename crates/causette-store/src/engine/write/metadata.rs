//! Writes what is said of accounts and channels under keys.

use crate::engine::{Moment, values};
use crate::error::Fault;
use causette_core::id::AccountId;
use causette_core::metadata::{Metadatum, Whose};

/// What is said under a key, or no more. What a guest says is in no table.
pub(super) fn change(moment: &Moment<'_>, said: &Metadatum) -> Result<(), Fault> {
    let (id, delete, insert) = match said.whose {
        Whose::Account(account) => (
            account.0.cast_signed(),
            "DELETE FROM account_metadata WHERE account = ? AND name = ?",
            "INSERT INTO account_metadata (account, name, value) VALUES (?, ?, ?)",
        ),
        Whose::Room(room) => (
            room.0.cast_signed(),
            "DELETE FROM room_metadata WHERE room = ? AND name = ?",
            "INSERT INTO room_metadata (room, name, value) VALUES (?, ?, ?)",
        ),
        Whose::Guest(_) => return Ok(()),
    };
    moment.run(delete, values![id, &said.key])?;
    if !said.value.is_empty() {
        moment.run(insert, values![id, &said.key, &said.value])?;
    }
    Ok(())
}

/// An account is no more.
pub(super) fn forget_account(moment: &Moment<'_>, account: AccountId) -> Result<(), Fault> {
    let delete = "DELETE FROM account_metadata WHERE account = ?";
    moment.run(delete, values![account])?;
    Ok(())
}

/// A channel is no more.
pub(super) fn forget_room(moment: &Moment<'_>, room: i64) -> Result<(), Fault> {
    moment.run("DELETE FROM room_metadata WHERE room = ?", values![room])?;
    Ok(())
}
