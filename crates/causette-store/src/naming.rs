//! The keys of names: no two accounts, and no two open channels, may have one name. A start under another mapping makes them
//! anew.

use crate::engine::{Database, Moment, change, values};
use crate::error::{Fault, StoreError};
use causette_proto::{Casemap, CompactString};
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
pub(crate) fn refold(database: &Database, casemap: Casemap) -> Result<(), StoreError> {
    change(database, |moment| {
        for names in [ACCOUNTS, CHANNELS] {
            refold_names(moment, &names, casemap)?;
        }
        Ok(())
    })
}

fn refold_names(moment: &Moment<'_>, names: &Names, casemap: Casemap) -> Result<(), Fault> {
    let mut owners: HashMap<CompactString, String> = HashMap::new();
    let mut changed = Vec::new();
    moment.each(names.read, &[], |row| {
        let (id, name, key) = (row.int(0)?, row.text(1)?, row.text(2)?);
        let folded = (names.fold)(casemap, name);
        if folded != key {
            changed.push((id, folded.clone()));
        }
        if let Some(first) = owners.insert(folded, name.to_owned()) {
            let (what, second) = (names.what, name.to_owned());
            return Err(Fault::Store(StoreError::SameName {
                what,
                first,
                second,
            }));
        }
        Ok(())
    })?;
    // All old keys are freed first, so that the order in which names take their new ones does not matter. No name has an
    // asterisk in front.
    for (id, _) in &changed {
        moment.run(names.write, values![&format!("*{id}"), *id])?;
    }
    for (id, key) in &changed {
        moment.run(names.write, values![key, *id])?;
    }
    Ok(())
}
