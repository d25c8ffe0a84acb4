//! What tokens were refused lately, so that asking again and again does not fill the register. Passing: a start knows nothing of it.

use crate::id::{AccountId, TokenId};
use crate::limits;
use causette_proto::{CompactString, Timestamp};
use rustc_hash::FxHashSet;
use std::collections::VecDeque;

/// Which token, of which account, was refused what.
type Refused = (AccountId, TokenId, CompactString);

/// The refusals that were entered lately.
#[derive(Clone, Debug, Default)]
pub(crate) struct Refusals {
    entered: FxHashSet<Refused>,
    /// The same with when, by the steady time, the oldest first.
    order: VecDeque<(Timestamp, Refused)>,
}

impl Refusals {
    /// Whether a refusal is to be entered now, which is noted: not where the same was within
    /// [`REFUSALS_NOTED_SECONDS`](limits::REFUSALS_NOTED_SECONDS), nor while as many as may be were.
    pub(crate) fn enter(
        &mut self,
        (account, token): (AccountId, TokenId),
        act: &CompactString,
        now: Timestamp,
    ) -> bool {
        let until = now.plus_seconds(-limits::REFUSALS_NOTED_SECONDS);
        while let Some((at, _)) = self.order.front()
            && *at <= until
        {
            if let Some((_, refused)) = self.order.pop_front() {
                self.entered.remove(&refused);
            }
        }
        let refused = (account, token, act.clone());
        if self.order.len() >= limits::REFUSALS_NOTED || !self.entered.insert(refused.clone()) {
            return false;
        }
        self.order.push_back((now, refused));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp(0).plus_seconds(second)
    }

    #[test]
    fn the_same_is_entered_once_a_minute() {
        let mut refusals = Refusals::default();
        let (one, other) = ((AccountId(1), TokenId(1)), (AccountId(1), TokenId(2)));
        assert!(refusals.enter(one, &"kick".into(), second(0)));
        assert!(!refusals.enter(one, &"kick".into(), second(59)));
        assert!(refusals.enter(one, &"stop".into(), second(59)));
        assert!(refusals.enter(other, &"kick".into(), second(59)));
        assert!(refusals.enter(one, &"kick".into(), second(60)));
        assert!(!refusals.enter(one, &"kick".into(), second(61)));
    }

    #[test]
    fn no_more_are_entered_than_may_be() {
        let mut refusals = Refusals::default();
        let ask = |refusals: &mut Refusals, number: usize, now| {
            let token = (AccountId(1), TokenId(number as u64));
            refusals.enter(token, &"kick".into(), now)
        };
        for number in 0..limits::REFUSALS_NOTED {
            assert!(ask(&mut refusals, number, second(0)));
        }
        assert!(!ask(&mut refusals, limits::REFUSALS_NOTED, second(59)));
        assert!(ask(&mut refusals, limits::REFUSALS_NOTED, second(60)));
        assert_eq!((refusals.order.len(), refusals.entered.len()), (1, 1));
    }
}
