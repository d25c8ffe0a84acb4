//! An entry with the rows that it is about, as they are found.

use super::entry;
use crate::engine::{Moment, Row, values};
use crate::error::Fault;
use crate::register::Entry;
use crate::register::binding::{Content, FoundRow};
use causette_core::event::{Kind, Reach};
use causette_proto::Timestamp;

/// An entry and its rows.
pub(super) struct Found {
    pub(super) entry: Entry,
    pub(super) payload: Option<Payload>,
    pub(super) message: Option<EventRow>,
    pub(super) shared: Option<EventRow>,
    /// Where what several rooms share lies in each.
    pub(super) places: Vec<Place>,
}

/// Where a shared event lies.
pub(super) struct Place {
    pub(super) room: i64,
    pub(super) seq: i64,
    pub(super) class: i64,
}

/// What an entry commits to, as it is kept.
pub(super) struct Payload {
    pub(super) meta: Option<String>,
    pub(super) meta_salt: Option<Vec<u8>>,
    pub(super) content: Option<String>,
    pub(super) room: Option<i64>,
    pub(super) seq: Option<i64>,
    pub(super) content_salt: Option<Vec<u8>>,
    pub(super) erased: Option<i64>,
    pub(super) bound: Option<[u8; 32]>,
}

/// What happened in one room, or in several.
pub(super) struct EventRow {
    pub(super) entry: u64,
    pub(super) time: Timestamp,
    pub(super) msgid: String,
    pub(super) kind: i64,
    pub(super) author: u64,
    pub(super) source: String,
    pub(super) account: Option<String>,
    pub(super) text: String,
    pub(super) tags: String,
    pub(super) reach: String,
    /// Of a row of one room.
    pub(super) class: i64,
    pub(super) redacted: Option<i64>,
}

impl EventRow {
    pub(super) fn content(&self) -> Content<'_> {
        Content {
            account: self.account.as_deref(),
            source: &self.source,
            tags: &self.tags,
            text: &self.text,
        }
    }

    pub(super) fn kind(&self) -> Option<Kind> {
        let kind = usize::try_from(self.kind).ok()?;
        Kind::ALL.get(kind).copied()
    }

    /// Whether it may be taken back.
    pub(super) fn is_said(&self) -> bool {
        matches!(
            self.kind(),
            Some(Kind::Privmsg | Kind::Notice | Kind::Tagmsg)
        )
    }

    pub(super) fn reach(&self) -> Reach {
        Reach::from_letter(self.reach.chars().next())
    }

    /// As it is bound where it is of an earlier version.
    pub(super) fn found(&self, (room, seq): (i64, i64)) -> FoundRow<'_> {
        FoundRow {
            room,
            seq,
            time: self.time,
            msgid: &self.msgid,
            kind: self.kind,
            class: self.class,
            author: self.author,
            reach: &self.reach,
            redacted: self.redacted,
            content: self.content(),
        }
    }
}

/// Entries from a number to another, in order, at most `limit`, and only those before one that has what nobody writes.
///
/// # Errors
/// When the database refuses, and where the first of them is such a one.
pub(super) fn read(
    moment: &Moment<'_>,
    (from, to): (u64, u64),
    limit: usize,
) -> Result<Vec<Found>, Fault> {
    let mut entries = Vec::new();
    let read = moment.each(SELECT, values![from, to, limit], |row| {
        entries.push(found(row)?);
        Ok(())
    });
    match read {
        Err(fault) if !fault.is_value() || entries.is_empty() => return Err(fault),
        _ => {}
    }
    places(moment, &mut entries)?;
    Ok(entries)
}

/// Finds the places of entries that follow each other, by one question for all.
fn places(moment: &Moment<'_>, entries: &mut [Found]) -> Result<(), Fault> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Ok(());
    };
    let select = "SELECT entry, room, seq, class FROM shared_place WHERE entry >= ? AND entry <= ?";
    moment.each(select, values![first.entry.seq, last.entry.seq], |row| {
        let entry = row.id(0)?;
        let place = Place {
            room: row.int(1)?,
            seq: row.int(2)?,
            class: row.int(3)?,
        };
        if let Ok(found) = entries.binary_search_by_key(&entry, |found| found.entry.seq) {
            entries[found].places.push(place);
        }
        Ok(())
    })
}

const SELECT: &str = "SELECT e.seq, e.time, e.category, e.type, e.actor_tag, e.target_tag, e.meta_commitment, e.content_commitment,
                p.seq, p.meta, p.meta_salt, p.content, p.room, p.message, p.content_salt, p.erased, p.bound,
                m.entry, m.time, m.msgid, m.kind, m.author, m.source, m.account, m.text, m.reach, m.tags, m.class, m.redacted,
                s.entry, s.time, s.msgid, s.kind, s.author, s.source, s.account, s.text, s.reach
         FROM register_entry e
         LEFT JOIN register_payload p ON p.seq = e.seq
         LEFT JOIN message m ON m.room = p.room AND m.seq = p.message
         LEFT JOIN shared_event s ON s.entry = e.seq
         WHERE e.seq >= ? AND e.seq <= ? ORDER BY e.seq LIMIT ?";

fn found(row: &Row<'_>) -> Result<Found, Fault> {
    let bytes = |column| Ok::<_, Fault>(row.maybe_bytes(column)?.map(<[u8]>::to_owned));
    let text = |column| Ok::<_, Fault>(row.maybe_text(column)?.map(str::to_owned));
    let payload = match row.maybe_int(8)? {
        Some(_) => Some(Payload {
            meta: text(9)?,
            meta_salt: bytes(10)?,
            content: text(11)?,
            room: row.maybe_int(12)?,
            seq: row.maybe_int(13)?,
            content_salt: bytes(14)?,
            erased: row.maybe_int(15)?,
            bound: row.maybe_array(16)?,
        }),
        None => None,
    };
    let message = match row.maybe_int(17)? {
        Some(_) => Some(EventRow {
            tags: row.text(26)?.to_owned(),
            class: row.int(27)?,
            redacted: row.maybe_int(28)?,
            ..event(row, 17)?
        }),
        None => None,
    };
    let shared = match row.maybe_int(29)? {
        Some(_) => Some(event(row, 29)?),
        None => None,
    };
    Ok(Found {
        entry: entry(row)?,
        payload,
        message,
        shared,
        places: Vec::new(),
    })
}

/// The columns that both tables of events have.
fn event(row: &Row<'_>, from: usize) -> Result<EventRow, Fault> {
    Ok(EventRow {
        entry: row.id(from)?,
        time: row.time(from + 1)?,
        msgid: row.text(from + 2)?.to_owned(),
        kind: row.int(from + 3)?,
        author: row.id(from + 4)?,
        source: row.text(from + 5)?.to_owned(),
        account: row.maybe_text(from + 6)?.map(str::to_owned),
        text: row.text(from + 7)?.to_owned(),
        reach: row.text(from + 8)?.to_owned(),
        tags: String::new(),
        class: 0,
        redacted: None,
    })
}
