//! How fast bytes move, smoothed so that a number on the screen can be read.

use std::time::Duration;
use tokio::time::Instant;

/// Over about how long it is smoothed.
const OVER: Duration = Duration::from_secs(4);

/// How fast bytes move.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    at: Instant,
    done: u64,
    /// Bytes in a second; negative while nothing is known.
    rate: f64,
}

impl Pace {
    pub(crate) fn new(now: Instant, done: u64) -> Self {
        Self {
            at: now,
            done,
            rate: -1.0,
        }
    }

    /// So many bytes are done by now. Gives how many in a second that were lately.
    pub(crate) fn note(&mut self, now: Instant, done: u64) -> u64 {
        let passed = now.duration_since(self.at).as_secs_f64();
        if done < self.done {
            // It began anew.
            *self = Self::new(now, done);
            return 0;
        }
        if passed > 0.0 {
            let moved = (done - self.done) as f64;
            let lately = moved / passed;
            let share = 1.0 - (-passed / OVER.as_secs_f64()).exp();
            self.rate = if self.rate < 0.0 {
                lately
            } else {
                self.rate + (lately - self.rate) * share
            };
            (self.at, self.done) = (now, done);
        }
        self.rate.max(0.0) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_steady_pace_is_told_at_once_and_a_new_one_soon() {
        let begin = Instant::now();
        let at = |millis| begin + Duration::from_millis(millis);
        let mut pace = Pace::new(begin, 1_000);
        assert_eq!(pace.note(at(500), 2_000), 2_000);
        assert_eq!(pace.note(at(1_000), 3_000), 2_000);
        let mut done = 3_000;
        let mut told = 0;
        for step in 1..=40 {
            done += 500;
            told = pace.note(at(1_000 + step * 500), done);
        }
        assert!((1_000..1_020).contains(&told), "{told}");
        assert_eq!(pace.note(at(22_000), 0), 0);
    }
}
