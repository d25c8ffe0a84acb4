//! What is said of accounts and channels under keys.

use crate::engine::Moment;
use crate::error::Fault;
use causette_core::id::{AccountId, RoomId};
use causette_core::metadata::{Metadatum, Whose};

/// All of it: first of accounts, then of channels, each in the order of ids and keys.
pub(crate) fn read_all(moment: &Moment<'_>) -> Result<Vec<Metadatum>, Fault> {
    let of_accounts = "SELECT account, name, value FROM account_metadata ORDER BY account, name";
    let of_rooms = "SELECT room, name, value FROM room_metadata ORDER BY room, name";
    let mut said = read(moment, of_accounts, |id| Whose::Account(AccountId(id)))?;
    said.extend(read(moment, of_rooms, |id| Whose::Room(RoomId(id)))?);
    Ok(said)
}

fn read(
    moment: &Moment<'_>,
    select: &str,
    whose: impl Fn(u64) -> Whose,
) -> Result<Vec<Metadatum>, Fault> {
    moment.all(select, &[], |row| {
        Ok(Metadatum {
            whose: whose(row.id(0)?),
            key: row.compact(1)?,
            value: row.compact(2)?,
        })
    })
}
