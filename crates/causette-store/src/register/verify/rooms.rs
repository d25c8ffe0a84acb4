//! That no room has anything that no entry tells of: one event at each of its places, as many as its row says, and none beside.

use crate::engine::sqlite::Reading;
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::register::mismatch::Mismatch;

/// Places that are counted in one transaction.
const CHUNK: i64 = 50_000;

/// What there must not be of a room whose last place is known: each is sought in an index.
const BESIDE: [&str; 5] = [
    "SELECT seq FROM message WHERE room = ? AND seq > ? LIMIT 1",
    "SELECT seq FROM message WHERE room = ? AND seq < 1 AND ? >= 0 LIMIT 1",
    "SELECT seq FROM shared_place WHERE room = ? AND class IN (0, 4) AND seq > ? LIMIT 1",
    "SELECT seq FROM shared_place WHERE room = ? AND class IN (0, 4) AND seq < 1 AND ? >= 0 LIMIT 1",
    "SELECT seq FROM shared_place WHERE room = ? AND (class < 0 OR class > 4 OR class IN (1, 2, 3)) AND ? >= 0 LIMIT 1",
];

/// The next room that there is in any table.
pub(super) fn next(moment: &Moment<'_>, room: Option<i64>) -> Result<Option<i64>, Fault> {
    let mut next: Option<i64> = None;
    for select in [
        "SELECT min(id) FROM room WHERE id > ?",
        "SELECT min(room) FROM message WHERE room > ?",
        "SELECT min(room) FROM shared_place WHERE room > ?",
    ] {
        let least = moment.only(select, values![room.unwrap_or(i64::MIN)], |row| {
            row.maybe_int(0)
        })?;
        next = match (next, least) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    Ok(next)
}

/// Verifies the places of a room.
pub(super) fn verify(reading: &mut Reading, room: i64) -> Result<(), Mismatch> {
    let last = last(&reading.moment()?, room)?;
    let mut from = 1;
    while from <= last {
        let to = last.min(from + CHUNK - 1);
        let bounds = values![room, from, to];
        let moment = reading.moment()?;
        let count = |select: &str| moment.only(select, bounds, |row| row.int(0));
        let own = count("SELECT count(*) FROM message WHERE room = ? AND seq >= ? AND seq <= ?")?;
        let shared = count(
            "SELECT count(*) FROM shared_place WHERE room = ? AND class IN (0, 4) AND seq >= ? AND seq <= ?",
        )?;
        let both = count(
            "SELECT count(*) FROM shared_place p JOIN message m ON m.room = p.room AND m.seq = p.seq
             WHERE p.room = ? AND p.class IN (0, 4) AND p.seq >= ? AND p.seq <= ?",
        )?;
        if own + shared != to - from + 1 || both != 0 {
            return Err(Mismatch::Places { room, from, to });
        }
        // An entry finds its row; here each row must find an entry that means it.
        let meant = count(
            "SELECT count(*) FROM message m JOIN register_payload p ON p.seq = m.entry AND p.room = m.room AND p.message = m.seq
             WHERE m.room = ? AND m.seq >= ? AND m.seq <= ?",
        )?;
        let shared_meant = count(
            "SELECT count(*) FROM shared_place p JOIN shared_event s ON s.entry = p.entry
             WHERE p.room = ? AND p.class IN (0, 4) AND p.seq >= ? AND p.seq <= ?",
        )?;
        for (table, found, told) in [
            ("message", own, meant),
            ("shared_place", shared, shared_meant),
        ] {
            if found != told {
                let (found, told) = (found.cast_unsigned(), told.cast_unsigned());
                return Err(Mismatch::Unrecorded { table, found, told });
            }
        }
        from = to + 1;
    }
    Ok(())
}

/// The last place of a room, as its row says, behind which there is nothing.
fn last(moment: &Moment<'_>, room: i64) -> Result<i64, Mismatch> {
    let select = "SELECT last_seq FROM room WHERE id = ?";
    let last = moment.first(select, values![room], |row| row.int(0))?;
    let last = last.unwrap_or(0);
    for select in BESIDE {
        if moment
            .first(select, values![room, last], |_| Ok(()))?
            .is_some()
        {
            let (from, to) = (1, last);
            return Err(Mismatch::Places { room, from, to });
        }
    }
    Ok(last)
}
