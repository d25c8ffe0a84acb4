//! When the next backup is due, by a clock that nobody sets.

use causette_core::limits::BACKUP_RETRY_SECONDS;
use std::time::{Duration, Instant};

/// How long ago the last one was made, and when another attempt may be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// How long before `since` the last was made; as long as can be where there is none.
    before: Duration,
    since: Instant,
    not_before: Instant,
}

impl Pace {
    /// At a start, where the last one is so old; `None` where there is none.
    pub(super) fn after(age: Option<Duration>, now: Instant) -> Self {
        Self {
            before: age.unwrap_or(Duration::MAX),
            since: now,
            not_before: now,
        }
    }

    pub(super) fn is_due(&self, every: Duration, now: Instant) -> bool {
        let age = self
            .before
            .saturating_add(now.saturating_duration_since(self.since));
        age >= every && now >= self.not_before
    }

    pub(super) fn made(&mut self, now: Instant) {
        *self = Self::after(Some(Duration::ZERO), now);
    }

    /// What was in the way may pass.
    pub(super) fn failed(&mut self, every: Duration, now: Instant) {
        self.not_before = now + every.min(Duration::from_secs(BACKUP_RETRY_SECONDS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);
    const DAY: Duration = Duration::from_secs(24 * 3600);

    #[test]
    fn one_that_was_missed_while_the_server_was_off_is_due_at_the_start() {
        let now = Instant::now();
        assert!(Pace::after(None, now).is_due(DAY, now));
        assert!(Pace::after(Some(2 * DAY), now).is_due(DAY, now));
        let pace = Pace::after(Some(23 * HOUR), now);
        assert!(!pace.is_due(DAY, now));
        assert!(pace.is_due(DAY, now + HOUR));
        // Another pace is in force at once.
        assert!(pace.is_due(HOUR, now));
    }

    #[test]
    fn the_next_is_due_when_the_time_has_passed_and_one_that_failed_is_tried_again_sooner() {
        let now = Instant::now();
        let mut pace = Pace::after(None, now);
        pace.failed(DAY, now);
        assert!(!pace.is_due(DAY, now + Duration::from_secs(BACKUP_RETRY_SECONDS - 1)));
        assert!(pace.is_due(DAY, now + Duration::from_secs(BACKUP_RETRY_SECONDS)));
        pace.made(now + HOUR);
        assert!(!pace.is_due(DAY, now + DAY));
        assert!(pace.is_due(DAY, now + DAY + HOUR));
    }
}
