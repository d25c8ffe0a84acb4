//! What is shown of one room, and pages of it.
//!
//! A room's events are ordered by their `seq`, and in the index of each source every [`Class`] lies apart: a page takes as
//! many events as it may hold of each class that it shows, of the room's own and of what it shares with others, and keeps the
//! nearest of them. So it never steps over what it does not show, wherever in the room it lies.

use super::era::Eras;
use super::place::{Place, Places};
use super::{past, select_events, select_shared};
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::plan::class::Class;
use causette_core::event::Reach;
use causette_core::history::{Bound, Past, Readable, Selector};
use causette_core::limits::{REPLAY_EVENTS, REPLAYED_LINES};
use causette_proto::Timestamp;

/// The part of a class between two places of a room, from its beginning. Written so, it is sought in the index of the classes;
/// the primary key would step over the others.
const OLDEST: &str = select_events!(
    "{message_page} WHERE room = ? AND {behind} AND {before} ORDER BY class, seq LIMIT ?"
);

/// The same from its end.
const NEWEST: &str = select_events!(
    "{message_page} WHERE room = ? AND {behind} AND {before} ORDER BY class DESC, seq DESC LIMIT ?"
);

/// The same of what is shared with other rooms, whose primary key has the classes.
const OLDEST_SHARED: &str = select_shared!(
    "WHERE p.room = ? AND p.class = ? AND p.seq > ? AND p.class = ? AND p.seq < ?
     ORDER BY p.class, p.seq LIMIT ?"
);
const NEWEST_SHARED: &str = select_shared!(
    "WHERE p.room = ? AND p.class = ? AND p.seq > ? AND p.class = ? AND p.seq < ?
     ORDER BY p.class DESC, p.seq DESC LIMIT ?"
);

/// All of them.
#[cfg(test)]
pub(super) const STATEMENTS: [&str; 4] = [OLDEST, NEWEST, OLDEST_SHARED, NEWEST_SHARED];

/// Before all events of a room; none has a negative place.
const START: i64 = 0;
/// Behind all events of a room.
const END: i64 = i64::MAX;

/// What a reader is shown of one room.
pub(super) struct Shown<'a> {
    moment: &'a Moment<'a>,
    places: Places<'a>,
    room: i64,
    classes: Vec<Class>,
    /// Between which places lies what may be read of what was said while everyone could enter.
    open: Vec<(i64, i64)>,
    /// The same of what was said at closed times; nothing where no such class is among them.
    closed: Vec<(i64, i64)>,
    /// Whether only what a replay shows is meant.
    replayed: bool,
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
        eras: &'a Eras,
        (room, last_seq): (i64, i64),
        classes: impl Iterator<Item = Class>,
        readable: Readable,
    ) -> Result<Self, Fault> {
        let places = Places::new(moment, eras, room, last_seq);
        let classes: Vec<Class> = classes.collect();
        let open = places.readable(readable, Reach::Room)?;
        let closed = match classes.iter().any(|class| class.is_closed()) {
            true => places.readable(readable, Reach::Closed)?,
            false => Vec::new(),
        };
        Ok(Self {
            moment,
            places,
            room,
            classes,
            open,
            closed,
            replayed: false,
        })
    }

    /// Of all this what a replay shows: the rest counts for no limit.
    pub(super) fn replayed(self) -> Self {
        Self {
            replayed: true,
            ..self
        }
    }

    /// The newest events from one steady time on, if there is one, and before another, at most `limit`, oldest first.
    pub(super) fn within(
        &self,
        (from, before): (Option<Timestamp>, Timestamp),
        limit: usize,
    ) -> Result<Vec<Past>, Fault> {
        let low = match from {
            Some(from) => self.places.since(from)? - 1,
            None => START,
        };
        let high = self.places.since(before)?;
        self.between(low, high, End::Newest, limit)
    }

    /// The events that a selector means, at most `limit`, oldest first.
    pub(super) fn select(&self, selector: &Selector, limit: usize) -> Result<Vec<Past>, Fault> {
        let page = |low, high, from, limit| self.between(low, high, from, limit);
        let place = |bound: &Bound| self.places.of(bound);
        match selector {
            Selector::Latest(None) => page(START, END, End::Newest, limit),
            Selector::Latest(Some(bound)) => match place(bound)? {
                Some(place) => page(place.after, END, End::Newest, limit),
                None => Ok(Vec::new()),
            },
            Selector::Before(bound) => match place(bound)? {
                Some(place) => page(START, place.before, End::Newest, limit),
                None => Ok(Vec::new()),
            },
            Selector::After(bound) => match place(bound)? {
                Some(place) => page(place.after, END, End::Oldest, limit),
                None => Ok(Vec::new()),
            },
            Selector::Around(bound) => match place(bound)? {
                Some(place) => {
                    let mut events = page(START, place.before, End::Newest, limit / 2)?;
                    // What is at the bound comes with the later half.
                    let at = place.before - 1;
                    events.extend(page(at, END, End::Oldest, limit - limit / 2)?);
                    Ok(events)
                }
                None => Ok(Vec::new()),
            },
            Selector::Between(first, second) => match (place(first)?, place(second)?) {
                (Some(one), Some(other)) if is_older((first, one), (second, other)) => {
                    page(one.after, other.before, End::Oldest, limit)
                }
                (Some(one), Some(other)) => page(other.after, one.before, End::Newest, limit),
                _ => Ok(Vec::new()),
            },
        }
    }

    /// The events strictly between two places, at most `limit` counted from one end, oldest first.
    fn between(&self, low: i64, high: i64, from: End, limit: usize) -> Result<Vec<Past>, Fault> {
        let (own, shared) = match from {
            End::Oldest => (OLDEST, OLDEST_SHARED),
            End::Newest => (NEWEST, NEWEST_SHARED),
        };
        let mut page = Vec::new();
        for class in &self.classes {
            // No message is shared.
            let is_shared = matches!(
                class,
                Class::Event | Class::RestrictedEvent | Class::ClosedEvent
            );
            for sql in [own, shared].into_iter().take(1 + usize::from(is_shared)) {
                for (low, high) in self.parts(*class, (low, high)) {
                    self.read(sql, *class, (low, high), from, limit, &mut page)?;
                }
            }
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

    /// Between which places the reader is shown a class, of what lies between two.
    fn parts(
        &self,
        class: Class,
        (low, high): (i64, i64),
    ) -> impl Iterator<Item = (i64, i64)> + use<'_> {
        let parts = match class.is_closed() {
            true => &self.closed,
            false => &self.open,
        };
        let parts = parts.iter();
        let parts = parts.map(move |(behind, before)| ((*behind).max(low), (*before).min(high)));
        parts.filter(|(behind, before)| behind < before)
    }

    /// Reads of one class. A replay, which does not show all, goes on until it has enough: a server sends all rows that it is
    /// asked for.
    fn read(
        &self,
        sql: &str,
        class: Class,
        (mut low, mut high): (i64, i64),
        from: End,
        limit: usize,
        page: &mut Vec<Past>,
    ) -> Result<(), Fault> {
        let (mut left, chunk) = match self.replayed {
            true => (REPLAY_EVENTS, limit.max(REPLAYED_LINES)),
            false => (limit, limit),
        };
        let mut statement = self.moment.prepare(sql)?;
        let mut of_class = 0;
        while left > 0 && of_class < limit {
            let asked = chunk.min(left);
            left -= asked;
            let (mut rows, mut last) = (0, 0);
            statement.each(values![self.room, class, low, class, high, asked], |row| {
                let past = past(row)?;
                rows += 1;
                last = past.seq.cast_signed();
                if !self.replayed || past.is_replayed() {
                    page.push(past);
                    of_class += 1;
                }
                // No more rows are read than that takes.
                Ok(of_class < limit)
            })?;
            if rows < asked {
                break;
            }
            match from {
                End::Oldest => low = last,
                End::Newest => high = last,
            }
        }
        Ok(())
    }
}

/// Whether the first of two bounds is the older. Two times are compared as such: there may be nothing between them. Of one
/// millisecond, nothing is between them either way.
fn is_older((first, one): (&Bound, Place), (second, other): (&Bound, Place)) -> bool {
    match (first, second) {
        (Bound::Time(first), Bound::Time(second)) => {
            first.whole_millisecond() <= second.whole_millisecond()
        }
        _ => one.before <= other.before,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::{NEWEST, NEWEST_SHARED, OLDEST, OLDEST_SHARED};
    use crate::Store;
    use crate::engine::Value;

    /// A page deep in a room costs what one at its end costs: both places are sought in the index, nothing is sorted.
    #[test]
    fn pages_are_found_in_the_index() {
        let reader = Store::temporary().unwrap().reader().unwrap();
        let own = [
            "SEARCH message USING INDEX message_page (room=? AND (class,seq)>(?,?) AND (class,seq)<(?,?))",
        ];
        let shared = [
            "SEARCH p USING PRIMARY KEY (room=? AND class=? AND seq>? AND seq<?)",
            "SEARCH s USING INTEGER PRIMARY KEY (rowid=?)",
        ];
        for (sql, expected) in [
            (OLDEST, &own[..]),
            (NEWEST, &own[..]),
            (OLDEST_SHARED, &shared[..]),
            (NEWEST_SHARED, &shared[..]),
        ] {
            let explain = format!("EXPLAIN QUERY PLAN {sql}");
            let values = [Value::Int(0); 6];
            let plan = reader
                .reading
                .now()
                .unwrap()
                .all(&explain, &values, |row| row.text(3).map(str::to_owned))
                .unwrap();
            assert_eq!(plan, expected);
        }
    }
}
