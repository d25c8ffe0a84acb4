//! Words that are looked for in the simulation.

use super::{ROOMS, Simulation};
use causette_core::filter::FilterAction;
use causette_core::id::{FilterId, HeldId};
use causette_core::order::Order;

impl Simulation {
    /// What the administrator does about words that are looked for.
    pub(super) fn look_for_words(&mut self) {
        let number = 1 + self.random.below(3) as u64;
        let held = self.world.core.snapshot().held;
        let waiting = held.rows.first().map(|held| held.id.0);
        let reason = "mind your words".into();
        let order = match self.random.below(8) {
            0 => Order::RemoveFilter {
                filter: FilterId(number),
                reason,
            },
            1..5 => Order::DecideHeld {
                held: HeldId(waiting.unwrap_or(number)),
                release: self.random.chance(70),
            },
            _ => Order::SetFilter {
                // Each finds some of what people say here.
                pattern: self
                    .random
                    .one_of(&["m*", "m??", "m*1*", "topic", "out"])
                    .into(),
                action: match self.random.below(6) {
                    action @ 0..4 => FilterAction::ALL[action],
                    _ => FilterAction::Hold,
                },
                room: self
                    .random
                    .chance(30)
                    .then(|| self.random.one_of(&ROOMS).into()),
                reason,
            },
        };
        self.world.order(1, order);
    }
}
