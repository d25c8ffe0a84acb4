//! The keys of names: no two accounts, and no two open channels, may have one name. A start under another mapping makes them
//! anew.

use crate::error::StoreError;
use causette_proto::{Casemap, CompactString};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::collections::HashMap;

/// Names with their keys: where they are, and how a name folds. Dropped accounts and closed channels have no such key.
struct Names {
    what: &'static str,
    read: &'static str,
    fold: fn(Casemap, &str) -> CompactString,
    write: &'static str,
}

const ACCOUNTS: Names = Names {
    what: "accounts",
    read: "SELECT id, name, folded FROM account WHERE dropped IS NULL ORDER BY id",
    fold: Casemap::fold,
    write: "UPDATE account SET folded = ? WHERE id = ?",
};

const CHANNELS: Names = Names {
    what: "channels",
    read: "SELECT id, name, room_key FROM room WHERE name IS NOT NULL AND closed IS NULL ORDER BY id",
    fold: Casemap::fold_channel,
    write: "UPDATE room SET room_key = ? WHERE id = ?",
};

/// Brings the keys to the mapping. Refused where two names fold to one: neither could be told from the other, and which of
/// them it belongs to is not for the server to say.
pub(crate) fn refold(connection: &mut Connection, casemap: Casemap) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for names in [ACCOUNTS, CHANNELS] {
        refold_names(&transaction, &names, casemap)?;
    }
    transaction.commit()?;
    Ok(())
}

fn refold_names(
    transaction: &Transaction<'_>,
    names: &Names,
    casemap: Casemap,
) -> Result<(), StoreError> {
    let mut owners: HashMap<CompactString, String> = HashMap::new();
    let mut changed = Vec::new();
    let mut statement = transaction.prepare(names.read)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (id, name, key): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let folded = (names.fold)(casemap, &name);
        if folded != key {
            changed.push((id, folded.clone()));
        }
        if let Some(first) = owners.insert(folded, name.clone()) {
            let (what, second) = (names.what, name);
            return Err(StoreError::SameName {
                what,
                first,
                second,
            });
        }
    }
    // All old keys are freed first, so that the order in which names take their new ones does not matter. No name has an
    // asterisk in front.
    for (id, _) in &changed {
        transaction.execute(names.write, params![format!("*{id}"), id])?;
    }
    for (id, key) in &changed {
        transaction.execute(names.write, params![key.as_str(), id])?;
    }
    Ok(())
}
