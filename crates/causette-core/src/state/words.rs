//! The words that are looked for in what is said, as they are compared: made of a filter once, when it is set or found again at a
//! start.

mod fold;
mod pattern;

pub(crate) use self::fold::plain;
pub(crate) use self::pattern::Pattern;

use crate::filter::{Filter, FilterAction};
use crate::id::{FilterId, RoomId};
use crate::state::State;
use core::cmp::Reverse;

/// The words of all filters, the strictest first, and of the same severity the oldest.
#[derive(Debug, Default)]
pub(crate) struct Patterns(Vec<Held>);

#[derive(Debug)]
struct Held {
    filter: FilterId,
    action: FilterAction,
    room: Option<RoomId>,
    pattern: Pattern,
}

impl Patterns {
    /// Those of filters.
    pub(super) fn of<'a>(filters: impl Iterator<Item = &'a Filter>) -> Self {
        let mut patterns = Self::default();
        filters.for_each(|filter| patterns.insert(filter));
        patterns
    }

    pub(super) fn insert(&mut self, filter: &Filter) {
        // One that an older version took and that finds nothing any more is shown and does nothing.
        if let Some(pattern) = Pattern::of(&filter.pattern) {
            let held = Held {
                filter: filter.id,
                action: filter.action,
                room: filter.room,
                pattern,
            };
            let rank = |held: &Held| (Reverse(held.action), held.filter);
            let place = self.0.partition_point(|other| rank(other) < rank(&held));
            self.0.insert(place, held);
        }
    }

    pub(super) fn remove(&mut self, filter: FilterId) {
        self.0.retain(|held| held.filter != filter);
    }

    /// Forgets those of a room.
    pub(super) fn forget(&mut self, room: RoomId) {
        self.0.retain(|held| held.room != Some(room));
    }

    /// The filter of a place whose words are the same.
    pub(crate) fn same(&self, room: Option<RoomId>, pattern: &Pattern) -> Option<FilterId> {
        let mut held = self.0.iter();
        let found = held.find(|held| held.room == room && held.pattern.is_same(pattern));
        found.map(|held| held.filter)
    }

    /// The strictest filter whose words a text has that is said in some rooms, and in which of them it strikes.
    pub(crate) fn find(&self, rooms: &[RoomId], text: &str) -> Option<(FilterId, RoomId)> {
        let first = *rooms.first()?;
        let place = |held: &Held| match held.room {
            None => Some(first),
            Some(room) => rooms.contains(&room).then_some(room),
        };
        let mut concerned = self.0.iter().filter_map(|held| Some((held, place(held)?)));
        let mut next = concerned.next()?;
        let words = fold::words(text, false);
        loop {
            let (held, room) = next;
            if held.pattern.fits(&words) {
                return Some((held.filter, room));
            }
            next = concerned.next()?;
        }
    }

    /// The numbers of the filters that have words to look for, in their order.
    pub(super) fn filters(&self) -> Vec<u64> {
        let mut filters: Vec<u64> = self.0.iter().map(|held| held.filter.0).collect();
        filters.sort_unstable();
        filters
    }
}

impl State {
    /// The words that are looked for, as they are compared.
    pub(crate) fn patterns(&self) -> &Patterns {
        &self.patterns
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use causette_proto::Timestamp;

    fn filter(id: u64, pattern: &str, action: FilterAction, room: Option<u64>) -> Filter {
        Filter {
            id: FilterId(id),
            pattern: pattern.into(),
            action,
            room: room.map(RoomId),
            reason: "why".into(),
            by: "boss".into(),
            since: Timestamp(1),
        }
    }

    #[test]
    fn the_strictest_comes_first_and_of_its_like_the_oldest() {
        let filters = [
            filter(1, "spam", FilterAction::Warn, None),
            filter(2, "spam", FilterAction::Mute, Some(7)),
            filter(3, "spa?", FilterAction::Drop, None),
            filter(4, "sp*", FilterAction::Drop, None),
            filter(5, "ham", FilterAction::Hold, None),
        ];
        let mut patterns = Patterns::of(filters.iter());
        let found = |patterns: &Patterns, rooms: &[u64], text| {
            let rooms: Vec<RoomId> = rooms.iter().copied().map(RoomId).collect();
            let found = patterns.find(&rooms, text);
            found.map(|(filter, room)| (filter.0, room.0))
        };
        assert_eq!(found(&patterns, &[7], "SPAM"), Some((2, 7)));
        assert_eq!(found(&patterns, &[8], "SPAM"), Some((3, 8)));
        assert_eq!(found(&patterns, &[8, 7], "SPAM"), Some((2, 7)));
        assert_eq!(found(&patterns, &[8], "ham and spawn"), Some((4, 8)));
        assert_eq!(found(&patterns, &[8], "ham"), Some((5, 8)));
        assert_eq!(found(&patterns, &[8], "eggs"), None);
        assert_eq!(found(&patterns, &[], "spam"), None);
        patterns.forget(RoomId(7));
        patterns.remove(FilterId(3));
        patterns.remove(FilterId(4));
        assert_eq!(found(&patterns, &[7], "spam"), Some((1, 7)));
        assert_eq!(patterns.filters(), [1, 5]);
        let same = |text| patterns.same(None, &Pattern::of(text).unwrap());
        assert_eq!(same("S.P.A.M"), None);
        assert_eq!(same(" \u{2}SPAM!"), Some(FilterId(1)));
    }
}
