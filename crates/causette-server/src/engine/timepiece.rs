//! The two clocks of the machine, read together: the wall clock, which people set, and the monotonic one, which nobody can.

use causette_core::input::Moment;
use causette_proto::Timestamp;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// The most that may pass between two looks for them to count as one. Who is held up longer in between, as a process that is
/// stopped, would take it for a step of the wall clock.
const TOGETHER: Duration = Duration::from_millis(50);

/// How often it looks again where more passed: on a machine under such load no better moment comes.
const LOOKS: usize = 8;

/// Counts from the start of the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timepiece {
    begun: Instant,
    wall: Timestamp,
}

impl Timepiece {
    /// Begins to count now.
    pub(crate) fn start() -> Self {
        Self {
            begun: Instant::now(),
            wall: now(),
        }
    }

    /// What both clocks say.
    pub(crate) fn moment(&self) -> Moment {
        self.read(Instant::now, now)
    }

    fn read(&self, monotonic: impl Fn() -> Instant, wall: impl Fn() -> Timestamp) -> Moment {
        let mut before = monotonic();
        let mut shown = wall();
        for _ in 1..LOOKS {
            let after = monotonic();
            if after - before <= TOGETHER {
                break;
            }
            before = after;
            shown = wall();
        }
        Moment {
            wall: shown,
            elapsed: before.saturating_duration_since(self.begun),
        }
    }

    /// The time of the start, and what has passed since: no step of the wall clock moves it.
    pub(crate) fn going(&self) -> Timestamp {
        let passed = i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX);
        self.wall.plus_millis(passed)
    }
}

/// The time of the system's clock: for what people are shown, and for what others measure by it, as certificates.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Whether the system's clock shows a time before 1970, from which all here counts. What is in TLS of time cannot be asked then.
pub(crate) fn is_before_all() -> bool {
    SystemTime::now() < UNIX_EPOCH
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// The thread is stopped for five seconds between its looks at the two clocks: both are looked at again.
    #[test]
    fn who_is_stopped_between_two_looks_takes_it_for_no_step() {
        let timepiece = Timepiece::start();
        let (looks, passed) = (Cell::new(0), Cell::new(Duration::ZERO));
        let monotonic = || {
            looks.set(looks.get() + 1);
            if looks.get() == 2 {
                passed.set(passed.get() + Duration::from_secs(5));
            }
            timepiece.begun + passed.get()
        };
        let wall = || timepiece.wall.plus_millis(passed.get().as_millis() as i64);
        let moment = timepiece.read(monotonic, wall);
        assert_eq!(moment.elapsed, Duration::from_secs(5));
        assert_eq!(moment.wall, timepiece.wall.plus_seconds(5));
    }

    #[test]
    fn it_looks_no_more_than_a_few_times() {
        let timepiece = Timepiece::start();
        let passed = Cell::new(Duration::ZERO);
        let monotonic = || {
            passed.set(passed.get() + Duration::from_secs(1));
            timepiece.begun + passed.get()
        };
        let moment = timepiece.read(monotonic, || timepiece.wall);
        assert_eq!(moment.elapsed, Duration::from_secs(LOOKS as u64));
    }
}
