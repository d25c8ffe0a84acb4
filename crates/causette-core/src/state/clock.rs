//! The two times of the core. **Shown** time is what people read: it follows the wall clock, wherever somebody sets it. **Steady**
//! time only grows: it goes by the monotonic clock while the server runs and by the wall clock over a stop, so that no order,
//! right, window or absence depends on who sets the clock. Until the wall clock steps both are equal; each step changes by how
//! much they differ, and is a fact.

use crate::input::Moment;
use crate::limits;
use crate::snapshot::ClockStepRow;
use causette_proto::Timestamp;
use std::time::Duration;

/// What time it is, and by how much the wall clock was set when.
#[derive(Debug)]
pub(crate) struct Clock {
    shown: Timestamp,
    steady: Timestamp,
    /// The monotonic clock at the last input; `None` before the first.
    elapsed: Option<Duration>,
    /// The earliest first.
    steps: Vec<ClockStepRow>,
}

impl Clock {
    /// The clock as it stood at the end of the record.
    pub(crate) fn restored(shown: Timestamp, steady: Timestamp, steps: Vec<ClockStepRow>) -> Self {
        let mut clock = Self {
            shown,
            steady,
            elapsed: None,
            steps: Vec::new(),
        };
        for step in steps {
            ClockStepRow::note(&mut clock.steps, step);
        }
        if !clock.steps.is_empty() {
            clock.shown = clock.shown_at(steady);
        }
        clock
    }

    /// The time that people are shown.
    pub(crate) fn shown(&self) -> Timestamp {
        self.shown
    }

    /// The time that only grows: always after that of an earlier input, so that what came before an input is told by its time
    /// alone.
    pub(crate) fn steady(&self) -> Timestamp {
        self.steady
    }

    /// Where the wall clock was set.
    pub(crate) fn steps(&self) -> &[ClockStepRow] {
        &self.steps
    }

    /// Goes on to the next input. Where the wall clock was set since the last one, both times go on by the monotonic clock, and
    /// what the wall clock says is given back: the caller records the step, or leaves it, and is told again.
    ///
    /// Small deviations are followed without a word: forwards at once, backwards by standing still. A start that finds the wall
    /// clock ahead takes the difference for the time that the server stood still.
    pub(crate) fn advance(&mut self, moment: Moment) -> Option<Timestamp> {
        let wall = moment.wall.clamp(Timestamp::MIN, Timestamp::MAX);
        let before = self.elapsed.unwrap_or(moment.elapsed);
        let elapsed = before.max(moment.elapsed);
        let passed = i64::try_from((elapsed - before).as_micros()).unwrap_or(i64::MAX);
        let expected = Timestamp(self.shown.0.saturating_add(passed.max(1)));
        let ahead = wall.0.saturating_sub(expected.0);
        let most = Timestamp::MIN.plus_seconds(limits::CLOCK_STEP_SECONDS).0;
        let stepped = ahead < -most || (ahead > most && self.elapsed.is_some());
        self.elapsed = Some(elapsed);
        let next = if stepped {
            expected
        } else {
            wall.max(Timestamp(self.shown.0 + 1))
        };
        self.move_by(next.0 - self.shown.0);
        stepped.then_some(wall)
    }

    /// The wall clock was set.
    pub(crate) fn step(&mut self, from: Timestamp, to: Timestamp) {
        let step = ClockStepRow {
            from,
            to,
            steady: self.steady,
        };
        ClockStepRow::note(&mut self.steps, step);
        self.shown = to;
    }

    /// Goes on by the least that there is.
    pub(crate) fn tick(&mut self) {
        self.move_by(1);
    }

    fn move_by(&mut self, micros: i64) {
        self.shown.0 = self.shown.0.saturating_add(micros);
        self.steady.0 = self.steady.0.saturating_add(micros);
    }

    /// What people were shown at a steady time.
    pub(crate) fn shown_at(&self, steady: Timestamp) -> Timestamp {
        let steps = &self.steps;
        match steps.iter().rev().find(|step| step.steady <= steady) {
            Some(step) => Timestamp(step.to.0 + (steady.0 - step.steady.0)),
            None => match steps.first() {
                Some(first) => Timestamp(first.from.0 - (first.steady.0 - steady.0)),
                None => Timestamp(self.shown.0 - (self.steady.0 - steady.0)),
            },
        }
    }

    /// The last steady time at which a time was shown.
    pub(crate) fn last_shown(&self, time: Timestamp) -> Timestamp {
        let mut end = self.shown;
        for step in self.steps.iter().rev() {
            if (step.to..=end).contains(&time) {
                return Timestamp(time.0 + (step.steady.0 - step.to.0));
            }
            end = step.from;
        }
        let shift = self.steps.first().map_or_else(
            || self.steady.0 - self.shown.0,
            |first| first.steady.0 - first.from.0,
        );
        Timestamp(time.0 + shift)
    }

    /// From when on something counts that happened at a steady time. A step back shows that the clock had run ahead before: what
    /// was not shown as later than what it came back to is then as old as it is by what people were shown, if that is less. So a
    /// start under a wrong clock, which takes years for a stop, is undone when the clock is right again.
    pub(crate) fn counted_from(&self, steady: Timestamp) -> Timestamp {
        let shown = self.shown_at(steady);
        let back = self
            .steps
            .iter()
            .filter(|step| step.to < step.from && steady < step.steady && shown <= step.to);
        let corrected = back.map(|step| Timestamp(step.steady.0 - (step.to.0 - shown.0)));
        corrected.fold(steady, Timestamp::max)
    }

    /// A time that people were shown, or say, as it stands to the clock of now: where it lies ahead, because the clock was set back
    /// since, it comes before all that was shown since then; else it is no later than now.
    pub(crate) fn not_ahead(&self, time: Timestamp) -> Timestamp {
        let mut time = time;
        while time > self.shown {
            let mut steps = self.steps.iter().rev();
            let since = steps.find(|step| step.to < time && time <= step.from);
            // What it came back to lies ahead itself where it was set back again.
            match since {
                Some(step) => time = step.to,
                None => return self.shown,
            }
        }
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;
    const DAY: i64 = 24 * 3600;

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * SECOND)
    }

    fn moment(wall: i64, elapsed: u64) -> Moment {
        Moment {
            wall: at(wall),
            elapsed: Duration::from_secs(elapsed),
        }
    }

    /// A clock that has started at a time, and takes its steps.
    struct Run(Clock);

    impl Run {
        fn start(wall: i64) -> Self {
            let mut run = Self(Clock::restored(at(0), at(0), Vec::new()));
            run.pass(wall, 0);
            run
        }

        /// Says by how many seconds the clock stepped.
        fn pass(&mut self, wall: i64, elapsed: u64) -> Option<i64> {
            let to = self.0.advance(moment(wall, elapsed))?;
            let from = self.0.shown();
            self.0.step(from, to);
            Some(to.seconds() - from.seconds())
        }

        fn restart(self, wall: i64) -> Self {
            let Clock {
                shown,
                steady,
                steps,
                ..
            } = self.0;
            let mut run = Self(Clock::restored(shown, steady, steps));
            run.pass(wall, 0);
            run
        }

        fn both(&self) -> (i64, i64) {
            (self.0.shown().seconds(), self.0.steady().seconds())
        }
    }

    #[test]
    fn without_a_step_both_times_are_one() {
        let mut run = Run::start(1000);
        for (wall, elapsed, both) in [(1001, 1, 1001), (1004, 2, 1004), (1003, 3, 1004)] {
            assert_eq!(run.pass(wall, elapsed), None, "{wall}");
            assert_eq!(run.both(), (both, both), "{wall}");
        }
        let run = run.restart(5000);
        assert_eq!(run.both(), (5000, 5000));
        assert!(run.0.steps().is_empty());
    }

    #[test]
    fn a_step_moves_what_is_shown_and_nothing_else() {
        let mut run = Run::start(1000);
        assert_eq!(run.pass(9000, 1), Some(7999));
        assert_eq!(run.both(), (9000, 1001));
        assert_eq!(run.pass(1002, 2), Some(-7999));
        assert_eq!(run.both(), (1002, 1002));
        assert_eq!(run.pass(500, 3), Some(-503));
        assert_eq!(run.both(), (500, 1003));
        assert_eq!(run.0.shown_at(at(999)), at(999));
        assert_eq!(run.0.shown_at(at(1002)), at(1002));
        assert_eq!(run.0.shown_at(at(1003)), at(500));
        assert_eq!(run.0.last_shown(at(999)), at(999));
        assert_eq!(run.0.last_shown(at(9000)), at(1001));
        let run = run.restart(600);
        assert_eq!(run.both(), (600, 1103));
    }

    #[test]
    fn small_steps_back_add_up_to_one() {
        let mut run = Run::start(1000);
        assert_eq!(run.pass(999, 1), None);
        assert_eq!(run.pass(998, 2), Some(-3));
        assert_eq!(run.both(), (998, 1001));
    }

    #[test]
    fn a_step_that_is_not_recorded_is_told_again() {
        let mut clock = Clock::restored(at(1000), at(1000), Vec::new());
        assert_eq!(clock.advance(moment(1000, 0)), None);
        assert_eq!(clock.advance(moment(9001, 1)), Some(at(9001)));
        assert_eq!(clock.advance(moment(9002, 2)), Some(at(9002)));
        assert_eq!(clock.shown().seconds(), 1002);
        assert_eq!(clock.advance(moment(1003, 3)), None);
    }

    #[test]
    fn a_start_before_the_record_is_a_step() {
        let run = Run::start(9000).restart(1000);
        assert_eq!(run.0.steps().len(), 1);
        assert_eq!(run.both(), (1000, 9000));
    }

    #[test]
    fn what_came_before_a_start_under_a_wrong_clock_is_no_older_than_it_was() {
        let year = 365 * DAY;
        let mut run = Run::start(10 * DAY);
        let seen = run.0.steady();
        run = run.restart(73 * year);
        assert_eq!(run.0.counted_from(seen), seen);
        let while_wrong = run.0.steady();
        assert_eq!(run.pass(11 * DAY, 1), Some(11 * DAY - 73 * year - 1));
        let age = |of| (run.0.steady().0 - run.0.counted_from(of).0) / SECOND;
        assert_eq!(age(seen), DAY);
        assert_eq!(age(while_wrong), 1);
    }

    #[test]
    fn who_is_seen_while_the_clock_is_ahead_is_absent_from_then_on() {
        let mut run = Run::start(0);
        run.pass(60 * DAY, 1);
        let seen = run.0.steady();
        run.pass(2, 2);
        for day in 1..100 {
            run.pass(day * DAY, (day * DAY) as u64);
            let age = run.0.steady().seconds() - run.0.counted_from(seen).seconds();
            assert_eq!(age, day * DAY - 1, "{day}");
        }
    }

    #[test]
    fn what_lies_ahead_comes_before_the_step_back() {
        let mut run = Run::start(1000);
        run.pass(9000, 1);
        run.pass(1002, 2);
        run.pass(1010, 10);
        assert_eq!(run.0.not_ahead(at(1005)), at(1005));
        assert_eq!(run.0.not_ahead(at(8000)), at(1002));
        assert_eq!(run.0.not_ahead(at(9999)), at(1010), "nobody was shown that");
        // Back once more: what it came back to lies ahead then.
        run.pass(500, 11);
        run.pass(600, 111);
        assert_eq!(run.0.not_ahead(at(8000)), at(500));
        assert_eq!(run.0.not_ahead(at(1005)), at(500));
        assert_eq!(run.0.not_ahead(at(550)), at(550));
    }

    #[test]
    fn the_oldest_steps_become_one() {
        let mut run = Run::start(1000);
        for round in 1..=limits::CLOCK_STEPS as i64 {
            let elapsed = 2 * round;
            run.pass(100_000 + elapsed, elapsed as u64 - 1);
            run.pass(1000 + elapsed, elapsed as u64);
        }
        assert_eq!(run.0.steps().len(), limits::CLOCK_STEPS);
        let now = 2 * limits::CLOCK_STEPS as i64;
        assert_eq!(run.both(), (1000 + now, 1000 + now));
        assert_eq!(run.0.shown_at(at(1000)), at(1000));
        assert_eq!(run.0.shown_at(at(1000 + now - 2)), at(1000 + now - 2));
    }
}
