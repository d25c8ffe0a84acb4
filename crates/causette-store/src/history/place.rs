//! Where in a room something lies. A room is ordered by `seq`, over messages and what it shares with other rooms; times agree
//! with that order within an era only, so a time is sought in each era that can matter.

use super::era::{Eras, Span};
use crate::engine::{Moment, Row, values};
use crate::error::Fault;
use causette_core::event::Reach;
use causette_core::history::{Bound, Readable};
use causette_proto::Timestamp;

/// A room in which places are sought.
pub(super) struct Places<'a> {
    moment: &'a Moment<'a>,
    eras: &'a Eras,
    room: i64,
    last_seq: i64,
}

/// Where a bound lies: what is smaller than `before` is before it, what is greater than `after` is after it. Where the clock
/// went back, something can be both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) before: i64,
    pub(super) after: i64,
}

/// The last moment of the millisecond that begins with a time: people are shown no more of it, so a bound means all of it.
pub(super) fn end_of(time: Timestamp) -> Timestamp {
    Timestamp(time.0.saturating_add(999))
}

/// When something of the room was, and by which entry.
#[derive(Clone, Copy)]
struct When {
    time: Timestamp,
    entry: i64,
}

impl<'a> Places<'a> {
    pub(super) fn new(moment: &'a Moment<'a>, eras: &'a Eras, room: i64, last_seq: i64) -> Self {
        Self {
            moment,
            eras,
            room,
            last_seq,
        }
    }

    /// Where a bound lies; `None` at a message that the room does not have.
    pub(super) fn of(&self, bound: &Bound) -> Result<Option<Place>, Fault> {
        Ok(match bound {
            Bound::Time(time) => {
                let time = time.whole_millisecond();
                Some(Place {
                    before: self.before(time)? + 1,
                    after: self.after(time)? - 1,
                })
            }
            Bound::Msgid(msgid) => {
                let of_room = "SELECT seq FROM message WHERE msgid = ? AND room = ?";
                let seq = |row: &Row<'_>| row.int(0);
                let found = self.moment.first(of_room, values![msgid, self.room], seq)?;
                let found = match found {
                    Some(found) => Some(found),
                    None => self.moment.first(
                        "SELECT p.seq FROM shared_event s JOIN shared_place p ON p.entry = s.entry
                         WHERE s.msgid = ? AND p.room = ?",
                        values![msgid, self.room],
                        seq,
                    )?,
                };
                found.map(|seq| Place {
                    before: seq,
                    after: seq,
                })
            }
        })
    }

    /// The first behind the millisecond that begins with this time. Where something was said just then, the earliest of it counts: whoever reads on from
    /// there misses nothing, also where the clock went back behind it. Else the first moment at which the clock showed it does.
    pub(super) fn after(&self, time: Timestamp) -> Result<i64, Fault> {
        let spans = self.eras.spans();
        let number = match self.said_in(time, &spans, 0..spans.len())? {
            Some(number) => number,
            None => spans.iter().position(|span| span.holds(time)).unwrap_or(0),
        };
        let (low, high) = self.range(&spans, number)?;
        self.first(low, high, |when| when.time > end_of(time))
    }

    /// The last before the millisecond that begins with this time. Where something was said just then, the latest of it counts: whoever reads back from
    /// there misses nothing, also where the clock went back before it. Else the last moment at which the clock showed it does.
    pub(super) fn before(&self, time: Timestamp) -> Result<i64, Fault> {
        let spans = self.eras.spans();
        let number = match self.said_in(time, &spans, (0..spans.len()).rev())? {
            Some(number) => number,
            None => spans.iter().rposition(|span| span.holds(time)).unwrap_or(0),
        };
        let (low, high) = self.range(&spans, number)?;
        Ok(self.first(low, high, |when| when.time >= time)? - 1)
    }

    /// The first of some spans in which something lies in the millisecond that begins with this time. Where there is only one it need not be asked.
    fn said_in(
        &self,
        time: Timestamp,
        spans: &[Span],
        numbers: impl Iterator<Item = usize>,
    ) -> Result<Option<usize>, Fault> {
        let end = end_of(time);
        for number in numbers.filter(|_| spans.len() > 1) {
            if spans[number].end < time.0 || spans[number].start > end.0 {
                continue;
            }
            let (low, high) = self.range(spans, number)?;
            let first = self.first(low, high, |when| when.time >= time)?;
            let when = if first < high {
                self.when(first)?
            } else {
                None
            };
            if when.is_some_and(|when| when.time <= end) {
                return Ok(Some(number));
            }
        }
        Ok(None)
    }

    /// The first that is not before a steady time, or one behind the last.
    pub(super) fn since(&self, steady: Timestamp) -> Result<i64, Fault> {
        self.first(1, self.last_seq + 1, |when| {
            self.eras.steady(when.entry, when.time) >= steady
        })
    }

    /// Between which places lies what may be read of what has a reach.
    pub(super) fn readable(
        &self,
        readable: Readable,
        reach: Reach,
    ) -> Result<Vec<(i64, i64)>, Fault> {
        let Some(since) = readable.from(reach) else {
            return Ok(vec![(0, i64::MAX)]);
        };
        let behind = self.since(since)? - 1;
        let Some(opened) = readable.opened else {
            return Ok(vec![(behind, i64::MAX)]);
        };
        let opened = self.since(opened)?;
        Ok(if opened > behind {
            vec![(0, i64::MAX)]
        } else {
            vec![(0, opened), (behind, i64::MAX)]
        })
    }

    /// What of the room lies in a span: the first, and one behind the last.
    fn range(&self, spans: &[Span], number: usize) -> Result<(i64, i64), Fault> {
        let end = self.last_seq + 1;
        let first_of = |span: &Span| match span.entry {
            i64::MIN => Ok(1),
            entry => self.first(1, end, |when| when.entry >= entry),
        };
        let high = match spans.get(number + 1) {
            Some(next) => first_of(next)?,
            None => end,
        };
        Ok((first_of(&spans[number])?, high))
    }

    /// The first between `low` and `high` of which something is true that is true of all behind it; else `high`. Of what is
    /// gone from the beginning it is not.
    fn first(
        &self,
        mut low: i64,
        mut high: i64,
        is_true: impl Fn(When) -> bool,
    ) -> Result<i64, Fault> {
        while low < high {
            let middle = low + (high - low) / 2;
            if self.when(middle)?.is_some_and(&is_true) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(low)
    }

    fn when(&self, seq: i64) -> Result<Option<When>, Fault> {
        let when = |row: &Row<'_>| {
            Ok(When {
                time: row.time(0)?,
                entry: row.int(1)?,
            })
        };
        let select = "SELECT time, entry FROM message WHERE room = ? AND seq = ?";
        if let Some(when) = self.moment.first(select, values![self.room, seq], when)? {
            return Ok(Some(when));
        }
        self.moment.first(
            "SELECT s.time, p.entry FROM shared_place p JOIN shared_event s ON s.entry = p.entry
             WHERE p.room = ? AND p.class IN (0, 4, 6) AND p.seq = ?",
            values![self.room, seq],
            when,
        )
    }
}
