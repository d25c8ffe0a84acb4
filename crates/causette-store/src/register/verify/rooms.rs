//! That no room has anything that no entry tells of: one event at each of its places, as many as its row says, and none beside.

use super::findings::Findings;
use crate::engine::{Moment, Reading, values};
use crate::error::Fault;
use crate::register::finding::{Finding, Kind, RowName};

/// Places that are counted in one transaction.
const CHUNK: i64 = 50_000;

/// Where the events of a room are, up to a place.
const PLACES: [&str; 4] = [
    "FROM message WHERE room = ? AND seq >= ? AND seq <= ?",
    "FROM shared_place WHERE room = ? AND class = 0 AND seq >= ? AND seq <= ?",
    "FROM shared_place WHERE room = ? AND class = 4 AND seq >= ? AND seq <= ?",
    "FROM shared_place WHERE room = ? AND class = 6 AND seq >= ? AND seq <= ?",
];

/// What can be at no place.
const BESIDE: [(&str, &str); 3] = [
    (
        "message",
        "SELECT seq FROM message WHERE room = ? AND seq < 1",
    ),
    (
        "shared_place",
        "SELECT seq FROM shared_place WHERE room = ? AND class IN (0, 4, 6) AND seq < 1",
    ),
    (
        "shared_place",
        "SELECT seq FROM shared_place WHERE room = ? AND (class < 0 OR class > 6 OR class IN (1, 2, 3, 5))",
    ),
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

/// Whether anything of a room is from a closed time. Without its row saying so, nobody would be shown that.
fn was_ever_closed(moment: &Moment<'_>, room: i64) -> Result<bool, Fault> {
    for select in [
        "SELECT 1 FROM message WHERE room = ? AND class IN (5, 6) LIMIT 1",
        "SELECT 1 FROM shared_place WHERE room = ? AND class = 6 LIMIT 1",
    ] {
        if moment.first(select, values![room], |_| Ok(()))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Verifies the places of a room.
pub(super) fn verify(
    reading: &mut Reading,
    room: i64,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let mut verified = Verified { room, findings };
    let (last, by_row) = verified.ends(&reading.moment()?)?;
    let mut from = 1;
    while from <= last {
        from = verified.go_on(&reading.moment()?, from, last)?;
    }
    if let Some(by_row) = by_row {
        if by_row > last {
            verified.is_empty(last + 1, by_row);
        }
        if by_row < last {
            let (from, to) = (by_row + 1, last);
            let row = RowName::Places { room, from, to };
            verified
                .findings
                .tell(Finding::new(Kind::PlaceBeyond, "room", row).column("last_seq"));
        }
    }
    Ok(())
}

struct Verified<'a> {
    room: i64,
    findings: &'a mut Findings,
}

impl Verified<'_> {
    /// The last place at which there is something, and the last by the room's row.
    fn ends(&mut self, moment: &Moment<'_>) -> Result<(i64, Option<i64>), Fault> {
        let room = self.room;
        let select = "SELECT last_seq, was_closed FROM room WHERE id = ?";
        let by_row = moment.first(select, values![room], |row| Ok((row.int(0)?, row.int(1)?)))?;
        let of_row = |kind| Finding::new(kind, "room", RowName::Number(room));
        match by_row {
            Some((_, was_closed)) if was_closed != i64::from(was_ever_closed(moment, room)?) => {
                let altered = of_row(Kind::ColumnAltered);
                self.findings.tell(altered.column("was_closed"));
            }
            Some(_) => {}
            None => self.findings.tell_once(of_row(Kind::RowMissing)),
        }
        for (table, select) in BESIDE {
            for seq in moment.all(select, values![room], |row| row.int(0))? {
                let row = RowName::Place { room, seq };
                self.findings
                    .tell_once(Finding::new(Kind::PlaceBeyond, table, row));
            }
        }
        let mut last = 0;
        for places in PLACES {
            let select = format!("SELECT max(seq) {places}");
            let found = moment.only(&select, values![room, 1i64, i64::MAX], |row| {
                row.maybe_int(0)
            })?;
            last = last.max(found.unwrap_or(0));
        }
        Ok((last, by_row.map(|(last, _)| last)))
    }

    /// Verifies the next places, and returns with which to go on. There is something at the last.
    fn go_on(&mut self, moment: &Moment<'_>, from: i64, last: i64) -> Result<i64, Fault> {
        let room = self.room;
        let mut least = last;
        for places in PLACES {
            let select = format!("SELECT min(seq) {places}");
            let found = moment.only(&select, values![room, from, last], |row| row.maybe_int(0))?;
            least = least.min(found.unwrap_or(last));
        }
        if least > from {
            self.is_empty(from, least - 1);
        }
        let to = last.min(least.saturating_add(CHUNK - 1));
        let bounds = values![room, least, to];
        let count = |select: &str| moment.only(select, bounds, |row| row.int(0));
        let own = count("SELECT count(*) FROM message WHERE room = ? AND seq >= ? AND seq <= ?")?;
        let shared = count(
            "SELECT count(*) FROM shared_place WHERE room = ? AND class IN (0, 4, 6) AND seq >= ? AND seq <= ?",
        )?;
        let both = count(
            "SELECT count(*) FROM shared_place p JOIN message m ON m.room = p.room AND m.seq = p.seq
             WHERE p.room = ? AND p.class IN (0, 4, 6) AND p.seq >= ? AND p.seq <= ?",
        )?;
        if own + shared != to - least + 1 || both != 0 {
            self.each_place(moment, (least, to))?;
        }
        // An entry finds its row; here each row must find an entry that means it.
        let meant = count(
            "SELECT count(*) FROM message m JOIN register_payload p ON p.seq = m.entry AND p.room = m.room AND p.message = m.seq
             WHERE m.room = ? AND m.seq >= ? AND m.seq <= ?",
        )?;
        let shared_meant = count(
            "SELECT count(*) FROM shared_place p JOIN shared_event s ON s.entry = p.entry
             WHERE p.room = ? AND p.class IN (0, 4, 6) AND p.seq >= ? AND p.seq <= ?",
        )?;
        if own != meant {
            self.unmeant(moment, "message", (least, to))?;
        }
        if shared != shared_meant {
            self.unmeant(moment, "shared_place", (least, to))?;
        }
        Ok(to + 1)
    }

    /// Tells which of some places have nothing, or two things.
    fn each_place(&mut self, moment: &Moment<'_>, (from, to): (i64, i64)) -> Result<(), Fault> {
        let room = self.room;
        let mut places = Vec::new();
        for select in PLACES {
            let select = format!("SELECT seq {select}");
            places.extend(moment.all(&select, values![room, from, to], |row| row.int(0))?);
        }
        places.sort_unstable();
        let mut next = from;
        for seq in places {
            if seq < next {
                let row = RowName::Place { room, seq };
                self.findings
                    .tell(Finding::new(Kind::PlaceTwice, "shared_place", row));
            }
            if seq > next {
                self.is_empty(next, seq - 1);
            }
            next = seq + 1;
        }
        if next <= to {
            self.is_empty(next, to);
        }
        Ok(())
    }

    /// There is nothing at some places. Where an entry tells of one of them, that was said already.
    fn is_empty(&mut self, from: i64, to: i64) {
        let room = self.room;
        let mut begun = from;
        // Of more than that each place is not looked at.
        for seq in from..=to.min(from.saturating_add(CHUNK)) {
            if self.findings.is_told(("message", room, seq)) {
                self.are_empty(begun, seq - 1);
                begun = seq + 1;
            }
        }
        self.are_empty(begun, to);
    }

    fn are_empty(&mut self, from: i64, to: i64) {
        let room = self.room;
        let row = match to - from {
            ..0 => return,
            0 => RowName::Place { room, seq: from },
            1.. => RowName::Places { room, from, to },
        };
        self.findings
            .tell(Finding::new(Kind::PlaceEmpty, "message", row));
    }

    /// Tells of the rows that no entry means. Where the payload of theirs is gone, that was said already.
    fn unmeant(
        &mut self,
        moment: &Moment<'_>,
        table: &'static str,
        (from, to): (i64, i64),
    ) -> Result<(), Fault> {
        let room = self.room;
        let select = if table == "message" {
            "SELECT m.seq, m.entry FROM message m
             LEFT JOIN register_payload p ON p.seq = m.entry AND p.room = m.room AND p.message = m.seq
             WHERE m.room = ? AND m.seq >= ? AND m.seq <= ? AND p.seq IS NULL ORDER BY m.seq"
        } else {
            "SELECT p.seq, p.entry FROM shared_place p LEFT JOIN shared_event s ON s.entry = p.entry
             WHERE p.room = ? AND p.class IN (0, 4, 6) AND p.seq >= ? AND p.seq <= ? AND s.entry IS NULL ORDER BY p.seq"
        };
        moment.each(select, values![room, from, to], |row| {
            let (seq, entry) = (row.int(0)?, row.int(1)?);
            let told = ["register_payload", "shared_event"];
            if !told
                .iter()
                .any(|table| self.findings.is_told((table, entry, 0)))
            {
                let row = RowName::Place { room, seq };
                let unmeant = Finding::new(Kind::RowWithoutEntry, table, row);
                self.findings.tell_once(unmeant.by(entry.cast_unsigned()));
            }
            Ok(())
        })
    }
}
