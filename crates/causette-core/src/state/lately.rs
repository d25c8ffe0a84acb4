//! Who spoke lately in a slow room. Passing: a start knows nothing of it.

use crate::id::{RoomId, UserId};
use crate::limits;
use crate::state::State;
use causette_proto::Timestamp;
use rustc_hash::FxHashMap;
use std::collections::VecDeque;

/// When each of those who spoke lately did, by the steady time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lately {
    at: FxHashMap<UserId, Timestamp>,
    /// The same, the oldest first.
    order: VecDeque<(Timestamp, UserId)>,
}

impl Lately {
    /// For how many seconds somebody must still be silent who says something every so many seconds at most; `None` where they
    /// may speak.
    pub(crate) fn left(&self, user: UserId, seconds: u32, now: Timestamp) -> Option<u64> {
        let again = self.at.get(&user)?.plus_seconds(seconds.into());
        let micros = u64::try_from(again.0 - now.0).ok()?;
        Some(micros.div_ceil(1_000_000)).filter(|left| *left > 0)
    }

    /// Somebody speaks. What no longer counts is forgotten, and of too many the oldest.
    pub(crate) fn note(&mut self, user: UserId, seconds: u32, now: Timestamp) {
        self.forget(now.plus_seconds(-i64::from(seconds)));
        if self.at.contains_key(&user) {
            return;
        }
        self.at.insert(user, now);
        self.order.push_back((now, user));
    }

    /// Forgets who spoke last at a moment or before, and those who are too many for one more.
    fn forget(&mut self, until: Timestamp) {
        while let Some((at, user)) = self.order.front().copied()
            && (at <= until || self.order.len() >= limits::SLOW_SPEAKERS)
        {
            self.order.pop_front();
            self.at.remove(&user);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.at.is_empty()
    }
}

impl State {
    /// Somebody spoke in a channel that may be slow. No fact: a start knows nothing of it.
    pub(crate) fn spoke(&mut self, room: RoomId, user: UserId) {
        let now = self.clock.steady();
        if let Some(channel) = self.channels.get_mut(&room)
            && let Some(seconds) = channel.modes.slow
        {
            channel.spoken.note(user, seconds, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp(0).plus_seconds(second)
    }

    #[test]
    fn who_spoke_waits_and_is_forgotten() {
        let mut lately = Lately::default();
        let (one, other) = (UserId(1), UserId(2));
        assert_eq!(lately.left(one, 30, second(5)), None);
        lately.note(one, 30, second(5));
        assert_eq!(lately.left(one, 30, second(5)), Some(30));
        assert_eq!(lately.left(one, 30, Timestamp(second(34).0 + 1)), Some(1));
        assert_eq!(lately.left(one, 30, second(35)), None);
        assert_eq!(lately.left(other, 30, second(6)), None);
        // A shorter time counts at once.
        assert_eq!(lately.left(one, 10, second(20)), None);
        lately.note(other, 30, second(40));
        assert_eq!((lately.at.len(), lately.order.len()), (1, 1));
    }

    #[test]
    fn so_many_are_known_and_no_more() {
        let mut lately = Lately::default();
        for number in 0..=limits::SLOW_SPEAKERS as u64 {
            lately.note(UserId(number), 60, second(1));
        }
        assert_eq!(lately.at.len(), limits::SLOW_SPEAKERS);
        assert_eq!(lately.left(UserId(0), 60, second(1)), None);
        assert_eq!(lately.left(UserId(1), 60, second(1)), Some(60));
    }
}
