//! Rows of which no entry tells: they are sought where there are more of them than the register tells of.

use super::names;
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::register::finding::RowName;
use crate::register::members::Members;
use crate::register::words::{self, Word};
use std::collections::BTreeSet;

/// Ids that are compared with the entries at a time, all of which are read for them.
const IDS: usize = 100_000;

/// A row, and the column that is without an entry where the row itself has one.
type Untold = (RowName, Option<&'static str>);

/// The rows of one of the tables of [`names`].
pub(super) fn rows(moment: &Moment<'_>, counted: usize) -> Result<Vec<Untold>, Fault> {
    match counted {
        names::ACCOUNTS => made(
            moment,
            "SELECT id FROM account WHERE id > ? ORDER BY id LIMIT ?",
            (words::COMPTE_CREATION, "account"),
            None,
        ),
        names::DROPPED => made(
            moment,
            "SELECT id FROM account WHERE id > ? AND dropped IS NOT NULL ORDER BY id LIMIT ?",
            (words::COMPTE_SUPPRESSION, "account"),
            Some("dropped"),
        ),
        names::CHANNELS => made(
            moment,
            "SELECT id FROM room WHERE id > ? AND name IS NOT NULL ORDER BY id LIMIT ?",
            (words::SALON_CREATION, "room"),
            None,
        ),
        names::CLOSED => made(
            moment,
            "SELECT id FROM room WHERE id > ? AND closed IS NOT NULL ORDER BY id LIMIT ?",
            (words::SALON_FERMETURE, "room"),
            Some("closed"),
        ),
        names::CONVERSATIONS => numbers(
            moment,
            "SELECT r.id FROM room r
             LEFT JOIN message m ON m.room = r.id AND m.seq = 1
             LEFT JOIN register_payload p ON p.seq = m.entry AND p.room = m.room AND p.message = m.seq
             WHERE r.name IS NULL AND p.seq IS NULL ORDER BY r.id",
        ),
        names::STEPS => numbers(
            moment,
            "SELECT c.entry FROM clock_step c
             LEFT JOIN register_entry e ON e.seq = c.entry AND e.type = 'horloge.saut'
             WHERE e.seq IS NULL ORDER BY c.entry",
        ),
        names::SHARED => Ok(numbers(
            moment,
            "SELECT s.entry FROM shared_event s LEFT JOIN register_entry e ON e.seq = s.entry
             WHERE e.seq IS NULL ORDER BY s.entry",
        )?),
        names::SANCTIONS => numbers(
            moment,
            "SELECT s.id FROM sanction s
             LEFT JOIN register_entry e ON e.seq = s.entry AND e.type = 'sanction.prononce'
             WHERE e.seq IS NULL ORDER BY s.id",
        ),
        names::INVITATIONS => numbers(
            moment,
            "SELECT i.id FROM invitation i
             LEFT JOIN register_entry e ON e.seq = i.entry AND e.type = 'administration.invitation.code'
             WHERE e.seq IS NULL ORDER BY i.id",
        ),
        names::FILTERS => numbers(
            moment,
            "SELECT f.id FROM word_filter f
             LEFT JOIN register_entry e ON e.seq = f.entry AND e.type = 'filtre.pose'
             WHERE e.seq IS NULL ORDER BY f.id",
        ),
        names::HELD => numbers(
            moment,
            "SELECT h.id FROM held_message h
             LEFT JOIN register_entry e ON e.seq = h.entry AND e.type = 'message.retenue'
             WHERE e.seq IS NULL ORDER BY h.id",
        ),
        names::ALERTS => numbers(
            moment,
            "SELECT a.entry FROM alert a
             LEFT JOIN register_entry e ON e.seq = a.entry AND e.type = 'alerte.emise'
             WHERE e.seq IS NULL ORDER BY a.entry",
        ),
        names::FILES => numbers(
            moment,
            "SELECT f.id FROM file f
             LEFT JOIN register_entry e ON e.seq = f.entry AND e.type = 'fichier.depot'
             WHERE e.seq IS NULL ORDER BY f.id",
        ),
        _ => participants(moment),
    }
}

/// Those of a table whose rows are made by an entry that names them.
fn made(
    moment: &Moment<'_>,
    select: &str,
    (word, sort): (Word, &str),
    column: Option<&'static str>,
) -> Result<Vec<Untold>, Fault> {
    let mut untold = Vec::new();
    let mut after = i64::MIN;
    loop {
        let ids = moment.all(select, values![after, IDS], |row| row.int(0))?;
        let Some(last) = ids.last() else {
            return Ok(untold);
        };
        after = *last;
        let mut left: BTreeSet<i64> = ids.into_iter().collect();
        let metas = "SELECT p.meta FROM register_entry e JOIN register_payload p ON p.seq = e.seq WHERE e.type = ?";
        moment.each(metas, values![word.text], |row| {
            let meta = row.maybe_text(0)?.unwrap_or_default();
            let id: Option<i64> = Members::parse(meta).and_then(|meta| meta.id("cible", sort));
            if let Some(id) = id {
                left.remove(&id);
            }
            Ok(())
        })?;
        untold.extend(left.into_iter().map(|id| (RowName::Number(id), column)));
    }
}

fn numbers(moment: &Moment<'_>, select: &str) -> Result<Vec<Untold>, Fault> {
    moment.all(select, &[], |row| Ok((RowName::Number(row.int(0)?), None)))
}

/// Those who are none of the two of their conversation.
fn participants(moment: &Moment<'_>) -> Result<Vec<Untold>, Fault> {
    let select = "SELECT person, room FROM participant ORDER BY room, person";
    let mut untold = Vec::new();
    moment.each(select, &[], |row| {
        let (person, room) = (row.id(0)?, row.int(1)?);
        let people = names::people_of(moment, room)?;
        if people.is_none_or(|(low, high)| person != low && person != high) {
            untold.push((RowName::Person { room, person }, None));
        }
        Ok(())
    })?;
    Ok(untold)
}
