//! Writes what those who run the server decide.

use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::plan::row::AdministrationChange;
use causette_core::event::Verb;
use causette_core::filter::{Filter, HeldMessage};
use causette_core::invitation::Invitation;
use causette_core::sanction::{Sanction, Whom};
use causette_proto::Timestamp;

/// What changes of sanctions, and of what is set at run time.
pub(super) fn change(moment: &Moment<'_>, change: &AdministrationChange) -> Result<(), Fault> {
    match change {
        AdministrationChange::Sanctioned { sanction, entry } => insert(moment, sanction, *entry)?,
        AdministrationChange::SanctionLifted { sanction, lifted } => {
            let update = "UPDATE sanction SET lifted = ? WHERE id = ?";
            moment.run(update, values![*lifted, sanction.0.cast_signed()])?;
        }
        AdministrationChange::InvitationMade { invitation, entry } => {
            invite(moment, invitation, *entry)?;
        }
        AdministrationChange::InvitationUsed { invitation } => {
            let update = "UPDATE invitation SET used = used + 1 WHERE id = ?";
            moment.run(update, values![invitation.0.cast_signed()])?;
        }
        AdministrationChange::InvitationEnded { invitation, ended } => {
            let update = "UPDATE invitation SET ended = ? WHERE id = ?";
            moment.run(update, values![*ended, invitation.0.cast_signed()])?;
        }
        AdministrationChange::FilterSet { filter, entry } => set_filter(moment, filter, *entry)?,
        AdministrationChange::FilterRemoved { filter, removed } => {
            let update = "UPDATE word_filter SET removed = ? WHERE id = ?";
            moment.run(update, values![*removed, filter.0.cast_signed()])?;
        }
        AdministrationChange::MessageHeld { held, entry } => hold(moment, held, *entry)?,
        AdministrationChange::HeldDecided { held, decided } => {
            let update = "UPDATE held_message SET decided = ? WHERE id = ?";
            moment.run(update, values![*decided, held.0.cast_signed()])?;
        }
        AdministrationChange::Alerted {
            text,
            steady,
            entry,
        } => {
            let insert = "INSERT INTO alert (entry, steady, text) VALUES (?, ?, ?)";
            moment.run(insert, values![*entry, *steady, text])?;
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
        "INSERT INTO sanction (id, kind, account, network, mask, room, reason, decided_by, role, since, until, entry)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values![
            sanction.id.0.cast_signed(),
            sanction.kind.name(),
            account,
            network.as_ref(),
            mask,
            sanction.room.map(|room| room.0.cast_signed()),
            &sanction.reason,
            &sanction.by,
            sanction.role.name(),
            sanction.since,
            sanction.until,
            entry,
        ],
    )?;
    Ok(())
}

fn invite(moment: &Moment<'_>, invitation: &Invitation, entry: i64) -> Result<(), Fault> {
    moment.run(
        "INSERT INTO invitation (id, hash, room, uses, used, made_by, since, until, entry) VALUES (?, ?, ?, ?, 0, ?, ?, ?, ?)",
        values![
            invitation.id.0.cast_signed(),
            &invitation.hash.0,
            invitation.room.map(|room| room.0.cast_signed()),
            i64::from(invitation.uses),
            &invitation.by,
            invitation.since,
            invitation.until,
            entry,
        ],
    )?;
    Ok(())
}

fn set_filter(moment: &Moment<'_>, filter: &Filter, entry: i64) -> Result<(), Fault> {
    moment.run(
        "INSERT INTO word_filter (id, pattern, action, room, reason, decided_by, since, entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        values![
            filter.id.0.cast_signed(),
            &filter.pattern,
            filter.action.name(),
            filter.room.map(|room| room.0.cast_signed()),
            &filter.reason,
            &filter.by,
            filter.since,
            entry,
        ],
    )?;
    Ok(())
}

fn hold(moment: &Moment<'_>, held: &HeldMessage, entry: i64) -> Result<(), Fault> {
    let tags = held.tags.to_string();
    let account = held.account.as_ref().map(|name| name.as_str().to_owned());
    let notice = held.verb == Verb::Notice;
    moment.run(
        "INSERT INTO held_message (id, room, author, source, account, notice, text, tags, filter, since, entry)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values![
            held.id.0.cast_signed(),
            held.room.0.cast_signed(),
            held.author,
            &held.source,
            account.as_ref(),
            notice,
            &held.text,
            &tags,
            held.filter.0.cast_signed(),
            held.since,
            entry,
        ],
    )?;
    Ok(())
}

/// What is left of a room's words and messages that wait when it is no more.
pub(super) fn forget_room(moment: &Moment<'_>, room: i64, closed: Timestamp) -> Result<(), Fault> {
    for sql in [
        "UPDATE sanction SET lifted = ? WHERE room = ? AND lifted IS NULL",
        "UPDATE word_filter SET removed = ? WHERE room = ? AND removed IS NULL",
        "UPDATE held_message SET decided = ? WHERE room = ? AND decided IS NULL",
    ] {
        moment.run(sql, values![closed, room])?;
    }
    Ok(())
}
