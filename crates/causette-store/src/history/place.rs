//! Where in a room something lies. A room is ordered by `seq`, over messages and what it shares with other rooms; times agree
//! with that order within an era only, so a time is sought in each era that can matter.

use super::era::{Eras, Span};
use crate::engine::{Moment, Row, values};
use crate::error::Fault;
use causette_core::history::Bound;
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

/// A shown time is told in milliseconds: a bound at one means all of it.
const MILLISECOND: i64 = 1000;

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
            Bound::Time(time) => Some(Place {
                before: self.before(*time)? + 1,
                after: self.after(*time)? - 1,
            }),
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

    /// The first behind what has this time, where something has, the earliest of it: whoever reads on from there misses nothing,
    /// also where the clock went back behind it. Else the first that has a later time, or one behind the last.
    pub(super) fn after(&self, time: Timestamp) -> Result<i64, Fault> {
        let spans = self.eras.spans();
        for number in 0..spans.len() {
            if let Some((low, high)) = self.said_at(time, &spans, number)? {
                return self.first(low, high, |when| when.time > time);
            }
        }
        for (number, span) in spans.iter().enumerate() {
            if span.end <= time.0 {
                continue;
            }
            let (low, high) = self.range(span, spans.get(number + 1))?;
            let first = if span.start > time.0 {
                low
            } else {
                self.first(low, high, |when| when.time > time)?
            };
            if first < high {
                return Ok(first);
            }
        }
        Ok(self.last_seq + 1)
    }

    /// The last before what has this time, where something has, the latest of it: whoever reads back from there misses nothing,
    /// also where the clock went back before it. Else the last that has an earlier time, or 0.
    pub(super) fn before(&self, time: Timestamp) -> Result<i64, Fault> {
        let spans = self.eras.spans();
        for number in (0..spans.len()).rev() {
            if let Some((low, high)) = self.said_at(time, &spans, number)? {
                return Ok(self.first(low, high, |when| when.time >= time)? - 1);
            }
        }
        for (number, span) in spans.iter().enumerate().rev() {
            if span.start >= time.0 {
                continue;
            }
            let (low, high) = self.range(span, spans.get(number + 1))?;
            let first = self.first(low, high, |when| when.time >= time)?;
            if first > low {
                return Ok(first - 1);
            }
        }
        Ok(0)
    }

    /// What of the room lies in a span, where the clock went back and something in it has this time.
    fn said_at(
        &self,
        time: Timestamp,
        spans: &[Span],
        number: usize,
    ) -> Result<Option<(i64, i64)>, Fault> {
        let (span, end) = (&spans[number], time.0.saturating_add(MILLISECOND));
        if spans.len() == 1 || span.end < time.0 || span.start >= end {
            return Ok(None);
        }
        let (low, high) = self.range(span, spans.get(number + 1))?;
        let first = self.first(low, high, |when| when.time >= time)?;
        if first == high {
            return Ok(None);
        }
        let when = self.when(first)?;
        Ok(when
            .is_some_and(|when| when.time.0 < end)
            .then_some((low, high)))
    }

    /// The first that is not before a steady time, or one behind the last.
    pub(super) fn since(&self, steady: Timestamp) -> Result<i64, Fault> {
        self.first(1, self.last_seq + 1, |when| {
            self.eras.steady(when.entry, when.time) >= steady
        })
    }

    /// What of the room lies in a span: the first, and one behind the last.
    fn range(&self, span: &Span, next: Option<&Span>) -> Result<(i64, i64), Fault> {
        let end = self.last_seq + 1;
        let first_of = |span: &Span| match span.entry {
            i64::MIN => Ok(1),
            entry => self.first(1, end, |when| when.entry >= entry),
        };
        let high = match next {
            Some(next) => first_of(next)?,
            None => end,
        };
        Ok((first_of(span)?, high))
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
             WHERE p.room = ? AND p.class IN (0, 4) AND p.seq = ?",
            values![self.room, seq],
            when,
        )
    }
}
