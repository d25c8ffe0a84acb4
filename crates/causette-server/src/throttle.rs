//! How fast one session may speak: some lines at once, then a steady rate. Lines beyond it wait; none is dropped.

use std::time::{Duration, Instant};

/// The bucket of one session, kept as the moment at which it would be full again.
#[derive(Debug)]
pub(crate) struct Throttle {
    full_at: Instant,
    interval: Duration,
    burst: u32,
}

impl Throttle {
    /// A full bucket of `burst` lines that refills by `rate` lines each second.
    pub(crate) fn new(now: Instant, rate: usize, burst: usize) -> Self {
        let rate = u32::try_from(rate.max(1)).unwrap_or(u32::MAX);
        let burst = u32::try_from(burst.max(1)).unwrap_or(u32::MAX);
        Self {
            full_at: now,
            interval: Duration::from_secs(1) / rate,
            burst,
        }
    }

    /// Takes a token for one line, and says how long the line must wait for it.
    pub(crate) fn take(&mut self, now: Instant) -> Duration {
        self.full_at = self.full_at.max(now) + self.interval;
        self.full_at
            .saturating_duration_since(now)
            .saturating_sub(self.interval * self.burst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_goes_through_and_the_rest_waits_its_turn() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start, 4, 3);
        for _ in 0..3 {
            assert_eq!(throttle.take(start), Duration::ZERO);
        }
        assert_eq!(throttle.take(start), Duration::from_millis(250));
        assert_eq!(
            throttle.take(start + Duration::from_millis(250)),
            Duration::from_millis(250)
        );
    }

    #[test]
    fn silence_refills_the_bucket_and_no_more() {
        let start = Instant::now();
        let mut throttle = Throttle::new(start, 4, 2);
        throttle.take(start);
        throttle.take(start);
        let later = start + Duration::from_secs(60);
        assert_eq!(throttle.take(later), Duration::ZERO);
        assert_eq!(throttle.take(later), Duration::ZERO);
        assert_eq!(throttle.take(later), Duration::from_millis(250));
    }
}
