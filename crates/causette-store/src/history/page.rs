//! What is shown of one room, and pages of it.
//!
//! A room's events are ordered by their `seq`, and their times agree with that order, so a page is found by (time, seq) in
//! one index, wherever in the room it lies. In that index each [`Class`] lies apart: a page takes as many events as it may
//! hold of each class that it shows, and keeps the nearest of them.

use super::{past, select_events};
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::plan::class::Class;
use causette_core::history::{Bound, Past, Selector};
use causette_core::id::Msgid;
use causette_core::limits::REPLAY_EVENTS;
use causette_proto::Timestamp;

/// The part of a room between two edges, from its beginning.
const OLDEST: &str = select_events!(
    "WHERE room = ? AND class = ? AND (time, seq) > (?, ?) AND (time, seq) < (?, ?)
     ORDER BY time, seq LIMIT ?"
);

/// The same from its end.
const NEWEST: &str = select_events!(
    "WHERE room = ? AND class = ? AND (time, seq) > (?, ?) AND (time, seq) < (?, ?)
     ORDER BY time DESC, seq DESC LIMIT ?"
);

/// What a reader is shown of one room.
pub(super) struct Shown<'a> {
    moment: &'a Moment<'a>,
    room: i64,
    classes: Vec<Class>,
    /// Nothing before it.
    since: Edge,
    /// Whether only what a replay shows is meant.
    replayed: bool,
}

/// A point between two events of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    time: i64,
    seq: i64,
}

impl Edge {
    const START: Self = Self {
        time: i64::MIN,
        seq: i64::MIN,
    };
    const END: Self = Self {
        time: i64::MAX,
        seq: i64::MAX,
    };

    /// Before everything that happened at a time or later.
    fn since(Timestamp(time): Timestamp) -> Self {
        Self { time, seq: 0 }
    }
}

/// Where a bound lies: what is smaller than `before` is before it, what is greater than `after` is after it.
#[derive(Clone, Copy, Debug)]
struct Place {
    before: Edge,
    after: Edge,
}

/// From which end a page is counted.
#[derive(Clone, Copy, Debug)]
enum End {
    Oldest,
    Newest,
}

impl<'a> Shown<'a> {
    pub(super) fn new(
        moment: &'a Moment<'a>,
        room: i64,
        classes: impl Iterator<Item = Class>,
        since: Option<Timestamp>,
    ) -> Self {
        Self {
            moment,
            room,
            classes: classes.collect(),
            since: since.map_or(Edge::START, Edge::since),
            replayed: false,
        }
    }

    /// Of all this what a replay shows: the rest counts for no limit.
    pub(super) fn replayed(self) -> Self {
        Self {
            replayed: true,
            ..self
        }
    }

    /// The events that a selector means, at most `limit`, oldest first.
    pub(super) fn select(&self, selector: &Selector, limit: usize) -> Result<Vec<Past>, Fault> {
        let page = |low, high, from, limit| self.between(low, high, from, limit);
        let place = |bound| self.place(bound);
        match selector {
            Selector::Latest(None) => page(Edge::START, Edge::END, End::Newest, limit),
            Selector::Latest(Some(bound)) => match place(bound)? {
                Some(place) => page(place.after, Edge::END, End::Newest, limit),
                None => Ok(Vec::new()),
            },
            Selector::Before(bound) => match place(bound)? {
                Some(place) => page(Edge::START, place.before, End::Newest, limit),
                None => Ok(Vec::new()),
            },
            Selector::After(bound) => match place(bound)? {
                Some(place) => page(place.after, Edge::END, End::Oldest, limit),
                None => Ok(Vec::new()),
            },
            Selector::Around(bound) => match place(bound)? {
                Some(place) => {
                    let mut events = page(Edge::START, place.before, End::Newest, limit / 2)?;
                    // What is at the bound comes with the later half.
                    let at = Edge {
                        seq: place.before.seq - 1,
                        ..place.before
                    };
                    events.extend(page(at, Edge::END, End::Oldest, limit - limit / 2)?);
                    Ok(events)
                }
                None => Ok(Vec::new()),
            },
            Selector::Between(first, second) => match (place(first)?, place(second)?) {
                (Some(first), Some(second)) if first.before <= second.before => {
                    page(first.after, second.before, End::Oldest, limit)
                }
                (Some(first), Some(second)) => page(second.after, first.before, End::Newest, limit),
                _ => Ok(Vec::new()),
            },
        }
    }

    /// Where a bound lies in a room; `None` at a message that the room does not have.
    fn place(&self, bound: &Bound) -> Result<Option<Place>, Fault> {
        match bound {
            // No seq is negative, so the edges enclose all that happened at that time.
            Bound::Time(Timestamp(time)) => Ok(Some(Place {
                before: Edge {
                    time: *time,
                    seq: 0,
                },
                after: Edge {
                    time: *time,
                    seq: i64::MAX,
                },
            })),
            Bound::Msgid(Msgid(msgid)) => {
                let select = "SELECT time, seq FROM message WHERE msgid = ? AND room = ?";
                let values = values![msgid.as_str(), self.room];
                let edge = self.moment.first(select, values, |row| {
                    Ok(Edge {
                        time: row.int(0)?,
                        seq: row.int(1)?,
                    })
                })?;
                Ok(edge.map(|edge| Place {
                    before: edge,
                    after: edge,
                }))
            }
        }
    }

    /// The events strictly between two edges, at most `limit` counted from one end, oldest first.
    fn between(&self, low: Edge, high: Edge, from: End, limit: usize) -> Result<Vec<Past>, Fault> {
        let low = low.max(self.since);
        let mut statement = self.moment.prepare(match from {
            End::Oldest => OLDEST,
            End::Newest => NEWEST,
        })?;
        let read_max = if self.replayed { REPLAY_EVENTS } else { limit };
        let mut page = Vec::new();
        for class in &self.classes {
            let bounds = values![
                self.room, *class, low.time, low.seq, high.time, high.seq, read_max
            ];
            let mut of_class = 0;
            statement.each(bounds, |row| {
                let past = past(row)?;
                if !self.replayed || past.is_replayed() {
                    page.push(past);
                    of_class += 1;
                }
                // No more rows are read than that takes.
                Ok(of_class < limit)
            })?;
        }
        page.sort_by_key(|past| past.seq);
        match from {
            End::Oldest => page.truncate(limit),
            End::Newest => {
                page.drain(..page.len().saturating_sub(limit));
            }
        }
        Ok(page)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::{NEWEST, OLDEST};
    use crate::Store;
    use crate::engine::Value;

    /// A page deep in a room costs what one at its end costs: both edges are sought in the index, nothing is sorted.
    #[test]
    fn pages_are_found_in_the_index() {
        let reader = Store::temporary().unwrap().reader().unwrap();
        for sql in [OLDEST, NEWEST] {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let values = [Value::Int(0); 7];
            let plan = reader
                .reading
                .now()
                .all(&explain, &values, |row| row.text(3).map(str::to_owned))
                .unwrap();
            assert_eq!(
                plan,
                [
                    "SEARCH message USING INDEX message_page (room=? AND class=? AND (time,seq)>(?,?) AND (time,seq)<(?,?))"
                ]
            );
        }
    }
}
