//! Sanctions, against the entries that decided them.

use super::found::Found;
use super::names::Checked;
use crate::engine::{Moment, values};
use crate::register::members::Members;

/// Whether the row of a sanction has all that its entry tells.
pub(super) fn check(moment: &Moment<'_>, found: &Found, members: &Members) -> Checked {
    let select = "SELECT kind, account, network, mask, room, reason, decided_by, since, until, entry FROM sanction WHERE id = ?";
    let number = members
        .get("sanction")
        .and_then(|text| text.parse::<i64>().ok());
    let row = moment.first(select, values![number], |row| {
        let text =
            |column| Ok::<_, crate::error::Fault>(row.maybe_text(column)?.map(str::to_owned));
        let number = |column| {
            Ok::<_, crate::error::Fault>(row.maybe_int(column)?.map(|number| number.to_string()))
        };
        let account = row.maybe_int(1)?.map(|id| id.cast_unsigned());
        let room = row.maybe_int(4)?;
        Ok([
            ("kind", text(0)?, members.get("genre").map(str::to_owned)),
            (
                "account",
                account.map(|id| id.to_string()),
                members
                    .id::<u64>("cible", "account")
                    .map(|id| id.to_string()),
            ),
            (
                "network",
                text(2)?,
                members.get("reseau").map(str::to_owned),
            ),
            ("mask", text(3)?, members.get("masque").map(str::to_owned)),
            (
                "room",
                room.map(|id| id.to_string()),
                members.id::<i64>("salon", "room").map(|id| id.to_string()),
            ),
            ("reason", text(5)?, members.get("motif").map(str::to_owned)),
            ("author", text(6)?, members.get("par").map(str::to_owned)),
            ("time", number(7)?, members.get("depuis").map(str::to_owned)),
            ("end", number(8)?, members.get("jusqua").map(str::to_owned)),
            ("entry", number(9)?, Some(found.entry.seq.to_string())),
        ])
    })?;
    let Some(columns) = row else {
        return Ok(Some(("sanction", "sanction")));
    };
    let differs = columns.into_iter().find(|(_, is, told)| is != told);
    Ok(differs.map(|(what, ..)| ("sanction", what)))
}
