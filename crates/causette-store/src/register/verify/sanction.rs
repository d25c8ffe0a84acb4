//! Sanctions, against the entries that decided them.

use super::found::Found;
use super::names::{Checked, Checking, Differs};
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::register::members::Members;

/// Whether the row of a sanction has all that its entry tells.
pub(super) fn check(moment: &Moment<'_>, found: &Found, members: &Members) -> Checking {
    let select = "SELECT kind, account, network, mask, room, reason, decided_by, since, until, entry FROM sanction WHERE id = ?";
    let id = members.get("sanction").and_then(|text| text.parse().ok());
    let told = |key| members.get(key).map(str::to_owned);
    let row = moment.first(select, values![id], |row| {
        let text = |column| Ok::<_, Fault>(row.maybe_text(column)?.map(str::to_owned));
        let number = |column| Ok::<_, Fault>(row.maybe_int(column)?.map(|one| one.to_string()));
        let account = row.maybe_int(1)?.map(|id| id.cast_unsigned().to_string());
        let account_told = members.id::<u64>("cible", "account");
        let room_told = members.id::<i64>("salon", "room");
        Ok([
            ("kind", text(0)?, told("genre")),
            ("account", account, account_told.map(|id| id.to_string())),
            ("network", text(2)?, told("reseau")),
            ("mask", text(3)?, told("masque")),
            ("room", number(4)?, room_told.map(|id| id.to_string())),
            ("reason", text(5)?, told("motif")),
            ("decided_by", text(6)?, told("par")),
            ("since", number(7)?, told("depuis")),
            ("until", number(8)?, told("jusqua")),
            ("entry", number(9)?, Some(found.entry.seq.to_string())),
        ])
    })?;
    let differs = match row {
        None => Differs::Missing,
        Some(columns) => columns
            .into_iter()
            .find(|(_, is, told)| is != told)
            .map_or(Differs::Nowhere, |(column, ..)| Differs::In(column)),
    };
    Ok(Checked::new(id.unwrap_or_default(), differs))
}
