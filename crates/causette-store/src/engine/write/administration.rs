//! Writes what those who run the server decide.

use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::plan::row::AdministrationChange;
use causette_core::sanction::{Sanction, Whom};

/// What changes of sanctions, and of what is set at run time.
pub(super) fn change(moment: &Moment<'_>, change: &AdministrationChange) -> Result<(), Fault> {
    match change {
        AdministrationChange::Sanctioned { sanction, entry } => insert(moment, sanction, *entry)?,
        AdministrationChange::SanctionLifted { sanction, lifted } => {
            let update = "UPDATE sanction SET lifted = ? WHERE id = ?";
            moment.run(update, values![*lifted, sanction.0.cast_signed()])?;
        }
        AdministrationChange::ServerSetting { name, value } => {
            let delete = "DELETE FROM server_setting WHERE name = ?";
            moment.run(delete, values![*name])?;
            if let Some(value) = value {
                let insert = "INSERT INTO server_setting (name, value) VALUES (?, ?)";
                moment.run(insert, values![*name, *value])?;
            }
        }
    }
    Ok(())
}

fn insert(moment: &Moment<'_>, sanction: &Sanction, entry: i64) -> Result<(), Fault> {
    let (account, network, mask) = match &sanction.whom {
        Whom::Account(account) => (Some(account.0.cast_signed()), None, None),
        Whom::Network(network) => (None, Some(network.to_string()), None),
        Whom::Mask(mask) => (None, None, Some(mask)),
    };
    moment.run(
        "INSERT INTO sanction (id, kind, account, network, mask, room, reason, decided_by, since, until, entry)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values![
            sanction.id.0.cast_signed(),
            sanction.kind.name(),
            account,
            network.as_ref(),
            mask,
            sanction.room.map(|room| room.0.cast_signed()),
            &sanction.reason,
            &sanction.by,
            sanction.since,
            sanction.until,
            entry,
        ],
    )?;
    Ok(())
}
