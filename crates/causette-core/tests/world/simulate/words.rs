//! Words that are looked for in the simulation.

use super::{ROOMS, Simulation};
use causette_core::filter::FilterAction;
use causette_core::id::{FilterId, HeldId};
use causette_core::order::Order;

impl Simulation {
    /// What the administrator does about words that are looked for.
    pub(super) fn look_for_words(&mut self) -> Order {
        let number = 1 + self.random.below(8) as u64;
        let reason = "mind your words".into();
        match self.random.below(8) {
            0 => Order::RemoveFilter {
                filter: FilterId(number),
                reason,
            },
            1..5 => Order::DecideHeld {
                held: HeldId(number),
                release: self.random.chance(70),
            },
            _ => Order::SetFilter {
                // Each finds some of what people say here.
                pattern: self
                    .random
                    .one_of(&["m?", "m*1*", "topic", "m?5", "out"])
                    .into(),
                action: FilterAction::ALL[self.random.below(4)],
                room: self
                    .random
                    .chance(30)
                    .then(|| self.random.one_of(&ROOMS).into()),
                reason,
            },
        }
    }
}
