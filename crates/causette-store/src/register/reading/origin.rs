//! From where a connection came: the entry that opened it tells.
//!
//! No index leads there. But the number of a connection holds the time at which it came, and its entry follows with its first
//! line: it is sought from that time on, among few entries.

use super::listed::Origin;
use super::seek;
use super::sought::Keys;
use super::whole::{self, Whole};
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::history::era::Eras;
use crate::register::words::SESSION_OUVERTURE;
use crate::register::{Subject, Tag};
use causette_core::id::SessionId;
use causette_core::limits::REGISTRATION_SECONDS;
use causette_proto::Timestamp;
use std::collections::HashMap;

/// Entries that are looked at for one connection.
const LOOKED: u64 = 10_000;

/// Connections that are remembered; when there are more, all are forgotten.
const REMEMBERED: usize = 65_536;

/// Bits of a connection's number that count; those above them are milliseconds.
const COUNT_BITS: u32 = 20;

/// Where a connection is sought at most.
const PLACES: usize = 16;

/// How much the clock that numbers connections may be ahead of that which is shown.
const AHEAD_SECONDS: i64 = 2;

/// Rows that are looked at to find a time in a place, about.
const SEEKING: u64 = 20;

/// Connections, and from where they came; `None` where that is not found.
#[derive(Default)]
pub(super) struct Origins {
    known: HashMap<SessionId, Option<Origin>>,
    /// Rows that were looked at to find them.
    pub(super) looked: u64,
}

impl Origins {
    /// From where a connection came, through which an entry tells that something happened.
    pub(super) fn of(
        &mut self,
        moment: &Moment<'_>,
        eras: &Eras,
        keys: &mut Keys,
        session: SessionId,
        whole: &Whole,
    ) -> Result<Option<Origin>, Fault> {
        let found = match self.known.get(&session) {
            Some(found) => *found,
            None if whole.kind == SESSION_OUVERTURE.text => Origin::of(whole),
            None => find(moment, eras, keys, session, &mut self.looked)?,
        };
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(session, found);
        Ok(found)
    }
}

fn find(
    moment: &Moment<'_>,
    eras: &Eras,
    keys: &mut Keys,
    session: SessionId,
    looked: &mut u64,
) -> Result<Option<Origin>, Fault> {
    let came = (session.0 >> COUNT_BITS).saturating_mul(1000);
    let came = Timestamp(i64::try_from(came).unwrap_or(i64::MAX));
    for (span, ahead) in places(&eras.shifts(), super::end(moment)?) {
        let came = Timestamp(came.0.saturating_add(ahead));
        let from = came.plus_seconds(-AHEAD_SECONDS);
        let until = came.plus_seconds(i64::from(REGISTRATION_SECONDS) + AHEAD_SECONDS);
        let start = seek::first_from(moment, span, from)?;
        let (opening, rows) = opening(moment, keys, session, (start, span.1), until)?;
        *looked += SEEKING + rows;
        if let Some(seq) = opening
            && let Some(whole) = whole::read(moment, seq)?
        {
            return Ok(Origin::of(&whole));
        }
    }
    Ok(None)
}

/// Where a connection may have been entered, the likeliest first: the entries of an era, and by how much its shown times are ahead
/// of the clock that numbers connections. That is the shown one as it was at the start of the server, whichever era that was in.
fn places(shifts: &[(i64, i64)], end: u64) -> Vec<((u64, u64), i64)> {
    let mut places = Vec::new();
    for (number, (entry, shift)) in shifts.iter().enumerate() {
        let start = u64::try_from(*entry).unwrap_or(0).min(end);
        let behind = shifts.get(number + 1).map_or(end, |(entry, _)| {
            u64::try_from(*entry).unwrap_or(0).min(end)
        });
        for (_, earlier) in shifts[..=number].iter().rev() {
            let place = ((start, behind), earlier.saturating_sub(*shift));
            if !places.contains(&place) {
                places.push(place);
            }
        }
    }
    // Most often the server has started since the last step.
    places.sort_by_key(|(_, ahead)| ahead.unsigned_abs());
    places.truncate(PLACES);
    places
}

/// The entry that opened a connection, among those of a span that are not later than a time; and how many were looked at.
fn opening(
    moment: &Moment<'_>,
    keys: &mut Keys,
    session: SessionId,
    (from, before): (u64, u64),
    until: Timestamp,
) -> Result<(Option<u64>, u64), Fault> {
    let subject = [Subject::Guest(session.0)];
    let select = "SELECT seq, time, type, target_tag FROM register_entry WHERE seq >= ? AND seq < ? ORDER BY seq";
    let (mut found, mut looked) = (None, 0);
    moment.prepare(select)?.each(values![from, before], |row| {
        let time = row.time(1)?;
        looked += 1;
        if time > until || looked > LOOKED {
            return Ok(false);
        }
        if row.text(2)? == SESSION_OUVERTURE.text
            && let Some(tag) = row.maybe_array(3)?
            && keys.are_of(moment, time, &subject, &[Tag(tag)])? == Some(true)
        {
            found = Some(row.id(0)?);
        }
        Ok(found.is_none())
    })?;
    Ok((found, looked))
}
