//! What those who run the server have decided, and what holds of it.

use super::{name, word};
use crate::engine::{Moment, Row, values};
use crate::error::Fault;
use causette_core::event::Verb;
use causette_core::filter::{Filter, FilterAction, HeldMessage};
use causette_core::id::{AccountId, FilterId, HeldId, InvitationId, RoomId, SanctionId, UserId};
use causette_core::invitation::Invitation;
use causette_core::limits::ALERTS_KEPT;
use causette_core::right::Role;
use causette_core::sanction::{Sanction, SanctionKind, Whom};
use causette_core::secret::Verifier;
use causette_core::settings::Registration;
use causette_core::snapshot::{AlertRow, Numbered};
use causette_proto::{AccountName, Casemap, Tags, Timestamp};

/// The greatest number in a table; 0 for none.
pub(super) fn last(moment: &Moment<'_>, table: &str) -> Result<u64, Fault> {
    let select = format!("SELECT COALESCE(MAX(id), 0) FROM {table}");
    moment.only(&select, &[], |row| row.id(0))
}

/// The sanctions that hold.
pub(super) fn sanctions(moment: &Moment<'_>) -> Result<Vec<Sanction>, Fault> {
    let select =
        "SELECT id, kind, account, network, mask, room, reason, decided_by, role, since, until
         FROM sanction WHERE lifted IS NULL ORDER BY id";
    moment.all(select, &[], |row| {
        let whom = match (row.maybe_int(2)?, row.maybe_text(3)?, row.maybe_text(4)?) {
            (Some(account), ..) => Whom::Account(AccountId(account.cast_unsigned())),
            (None, Some(network), _) => Whom::Network(word(network, |text| text.parse().ok())?),
            (None, None, Some(mask)) => Whom::Mask(mask.into()),
            (None, None, None) => {
                return Err(Fault::corrupt("a sanction that is for nobody".to_owned()));
            }
        };
        Ok(Sanction {
            id: SanctionId(row.id(0)?),
            kind: word(row.text(1)?, SanctionKind::of)?,
            whom,
            room: room(row, 5)?,
            reason: row.compact(6)?,
            by: row.compact(7)?,
            role: word(row.text(8)?, Role::of)?,
            since: row.time(9)?,
            until: row.maybe_int(10)?.map(Timestamp),
        })
    })
}

/// The invitations with which somebody can still sign up.
pub(super) fn invitations(moment: &Moment<'_>) -> Result<Numbered<Invitation>, Fault> {
    let select = "SELECT id, hash, room, uses - used, made_by, since, until
         FROM invitation WHERE ended IS NULL AND used < uses ORDER BY id";
    let rows = moment.all(select, &[], |row| {
        Ok(Invitation {
            id: InvitationId(row.id(0)?),
            hash: Verifier(row.text(1)?.to_owned()),
            room: room(row, 2)?,
            uses: u32::try_from(row.int(3)?).unwrap_or(u32::MAX),
            by: row.compact(4)?,
            since: row.time(5)?,
            until: row.maybe_int(6)?.map(Timestamp),
        })
    })?;
    let last = last(moment, "invitation")?;
    Ok(Numbered { rows, last })
}

/// The words that are looked for.
pub(super) fn filters(moment: &Moment<'_>) -> Result<Numbered<Filter>, Fault> {
    let select = "SELECT id, pattern, action, room, reason, decided_by, since
         FROM word_filter WHERE removed IS NULL ORDER BY id";
    let rows = moment.all(select, &[], |row| {
        Ok(Filter {
            id: FilterId(row.id(0)?),
            pattern: row.compact(1)?,
            action: word(row.text(2)?, FilterAction::of)?,
            room: room(row, 3)?,
            reason: row.compact(4)?,
            by: row.compact(5)?,
            since: row.time(6)?,
        })
    })?;
    let last = last(moment, "word_filter")?;
    Ok(Numbered { rows, last })
}

/// The messages that wait.
pub(super) fn held(moment: &Moment<'_>, casemap: Casemap) -> Result<Numbered<HeldMessage>, Fault> {
    let select = "SELECT id, room, author, source, account, notice, text, tags, filter, since
         FROM held_message WHERE decided IS NULL ORDER BY id";
    let rows = moment.all(select, &[], |row| {
        let account = match row.maybe_text(4)? {
            Some(account) => Some(name(account, AccountName::kept, casemap)?),
            None => None,
        };
        Ok(HeldMessage {
            id: HeldId(row.id(0)?),
            room: RoomId(row.id(1)?),
            author: UserId(row.id(2)?),
            source: row.compact(3)?,
            account,
            verb: if row.flag(5)? {
                Verb::Notice
            } else {
                Verb::Privmsg
            },
            text: row.compact(6)?,
            tags: word(row.text(7)?, |text| Tags::parse(text).ok())?,
            filter: FilterId(row.id(8)?),
            since: row.time(9)?,
        })
    })?;
    let last = last(moment, "held_message")?;
    Ok(Numbered { rows, last })
}

/// The last alerts, the oldest first.
pub(super) fn alerts(moment: &Moment<'_>) -> Result<Vec<AlertRow>, Fault> {
    let select = "SELECT text, steady FROM alert ORDER BY entry DESC LIMIT ?";
    let mut alerts = moment.all(select, values![ALERTS_KEPT], |row| {
        Ok(AlertRow {
            text: row.compact(0)?,
            steady: row.time(1)?,
        })
    })?;
    alerts.reverse();
    Ok(alerts)
}

/// The name under which it is kept who may sign up.
pub(crate) const REGISTRATION: &str = "registration";

pub(super) fn registration(moment: &Moment<'_>) -> Result<Option<Registration>, Fault> {
    let select = "SELECT value FROM server_setting WHERE name = ?";
    let found = moment.all(select, values![REGISTRATION], |row| {
        word(row.text(0)?, Registration::of)
    })?;
    Ok(found.first().copied())
}

pub(super) fn room(row: &Row<'_>, column: usize) -> Result<Option<RoomId>, Fault> {
    Ok(row
        .maybe_int(column)?
        .map(|room| RoomId(room.cast_unsigned())))
}
