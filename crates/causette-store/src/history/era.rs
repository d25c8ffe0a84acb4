//! The eras of the shown time: what lies between two steps of the wall clock. Within one, times rise with the numbers of the
//! entries; over all of them only the steady time does.

use crate::engine::Moment;
use crate::error::Fault;
use causette_core::snapshot::ClockStepRow;
use causette_proto::Timestamp;

/// All eras, oldest first. There is always one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Eras(Vec<Era>);

/// What lies between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Era {
    /// Its first entry.
    entry: i64,
    /// Nothing in it has an earlier time.
    start: i64,
    /// Nothing in it has a later time.
    end: i64,
    /// What its times lack of the steady ones.
    shift: i64,
    /// Nothing in it has a later steady time: of what was taken over from elsewhere, years have passed in no time.
    steady_end: i64,
}

/// Eras between which the clock only went forwards: within one, times rise too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Its first entry.
    pub(crate) entry: i64,
    /// Nothing in it has an earlier time.
    pub(crate) start: i64,
    /// Nothing in it has a later time.
    pub(crate) end: i64,
}

impl Span {
    /// Whether the clock showed a time in it, as far as its ends tell.
    pub(crate) fn holds(&self, time: Timestamp) -> bool {
        (self.start..=self.end).contains(&time.0)
    }
}

/// The eras as they were read last: they are read again once another step was recorded.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    /// The entry of the last step; `None` where there was none.
    last: Option<i64>,
    eras: Eras,
}

impl Remembered {
    /// The eras as of a moment.
    pub(crate) fn of(&mut self, moment: &Moment<'_>) -> Result<&Eras, Fault> {
        let last = "SELECT max(entry) FROM clock_step";
        let last = moment.only(last, &[], |row| row.maybe_int(0))?;
        if last != self.last {
            self.eras = Eras::read(moment)?;
            self.last = last;
        }
        Ok(&self.eras)
    }
}

impl Default for Eras {
    /// There was no step.
    fn default() -> Self {
        Self::of(&[])
    }
}

impl Eras {
    pub(crate) fn read(moment: &Moment<'_>) -> Result<Self, Fault> {
        let steps = steps(moment)?;
        Ok(Self::of(&steps))
    }

    fn of(steps: &[(i64, ClockStepRow)]) -> Self {
        let mut eras = vec![Era {
            entry: i64::MIN,
            start: i64::MIN,
            end: i64::MAX,
            shift: 0,
            steady_end: i64::MAX,
        }];
        for (entry, step) in steps {
            if let Some(last) = eras.last_mut() {
                last.end = step.from.0;
                let steady = |time: i64| time.saturating_add(last.shift);
                if (steady(last.start)..steady(last.end)).contains(&step.steady.0) {
                    last.steady_end = step.steady.0;
                }
            }
            eras.push(Era {
                entry: *entry,
                start: step.to.0,
                end: i64::MAX,
                shift: step.steady.0.saturating_sub(step.to.0),
                steady_end: i64::MAX,
            });
        }
        Self(eras)
    }

    /// The steady time of what an entry tells of.
    pub(crate) fn steady(&self, entry: i64, time: Timestamp) -> Timestamp {
        let later = self.0.partition_point(|era| era.entry <= entry);
        // The first era begins before every entry.
        let era = self.0[later.saturating_sub(1)];
        Timestamp(time.0.saturating_add(era.shift).min(era.steady_end))
    }

    /// A steady time that is certain to be before all that has a later shown time than `time`.
    pub(crate) fn steady_after(&self, time: Timestamp) -> Timestamp {
        let earliest = self
            .0
            .iter()
            .filter(|era| era.end > time.0)
            .map(|era| {
                time.0
                    .max(era.start.saturating_sub(1))
                    .saturating_add(era.shift)
                    .min(era.steady_end.saturating_sub(1))
            })
            .min();
        Timestamp(earliest.unwrap_or(i64::MAX))
    }

    /// Whether the clock never went back.
    pub(crate) fn is_one_span(&self) -> bool {
        self.0.windows(2).all(|pair| pair[1].start >= pair[0].end)
    }

    /// The first entry of each era, oldest first, and what its times lack of the steady ones.
    pub(crate) fn shifts(&self) -> Vec<(i64, i64)> {
        self.0.iter().map(|era| (era.entry, era.shift)).collect()
    }

    /// The eras, those together between which times rise.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        for era in &self.0 {
            match spans.last_mut() {
                Some(span) if era.start >= span.end => span.end = era.end,
                _ => spans.push(Span {
                    entry: era.entry,
                    start: era.start,
                    end: era.end,
                }),
            }
        }
        spans
    }
}

/// Every step of the clock with its entry, the earliest first.
pub(crate) fn steps(moment: &Moment<'_>) -> Result<Vec<(i64, ClockStepRow)>, Fault> {
    let select = "SELECT entry, from_time, to_time, steady FROM clock_step ORDER BY entry";
    moment.all(select, &[], |row| {
        let step = ClockStepRow {
            from: row.time(1)?,
            to: row.time(2)?,
            steady: row.time(3)?,
        };
        Ok((row.int(0)?, step))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::engine::{change, values};

    fn step(entry: i64, from: i64, to: i64, steady: i64) -> (i64, ClockStepRow) {
        let step = ClockStepRow {
            from: Timestamp(from),
            to: Timestamp(to),
            steady: Timestamp(steady),
        };
        (entry, step)
    }

    #[test]
    fn steps_back_part_the_time_and_steps_forwards_only_shift_it() {
        // At 100 the clock goes to 1000, at 1100 it comes back to 200, at 250 it goes back once more.
        let eras = Eras::of(&[
            step(10, 100, 1000, 101),
            step(20, 1100, 200, 202),
            step(30, 250, 240, 253),
        ]);
        for (entry, time, steady) in [
            (9, 100, 100),
            (10, 1000, 101),
            (19, 1100, 201),
            (20, 200, 202),
            (31, 245, 258),
        ] {
            assert_eq!(
                eras.steady(entry, Timestamp(time)),
                Timestamp(steady),
                "{entry}"
            );
        }
        assert!(!eras.is_one_span() && Eras::of(&[]).is_one_span());
        let spans: Vec<_> = eras
            .spans()
            .iter()
            .map(|span| (span.entry, span.start, span.end))
            .collect();
        assert_eq!(
            spans,
            [
                (i64::MIN, i64::MIN, 1100),
                (20, 200, 250),
                (30, 240, i64::MAX)
            ]
        );
        // 50 is over in none of them, 120 in the first of which nothing is that late, 1050 only before the way back.
        for (time, steady) in [(50, 50), (120, 100), (1050, 151), (1200, 1213)] {
            assert_eq!(
                eras.steady_after(Timestamp(time)),
                Timestamp(steady),
                "{time}"
            );
        }
    }

    #[test]
    fn years_that_pass_in_no_time_end_where_the_next_step_is() {
        // At 1000 somebody takes over what was said from 200 to 300; then it is 1000 again.
        let eras = Eras::of(&[step(10, 1000, 200, 1001), step(20, 300, 1000, 1003)]);
        for (entry, time, steady) in [
            (9, 1000, 1000),
            (10, 200, 1001),
            (11, 201, 1002),
            (12, 300, 1003),
            (20, 1000, 1003),
            (21, 1010, 1013),
        ] {
            let found = eras.steady(entry, Timestamp(time));
            assert_eq!(found, Timestamp(steady), "{entry}");
        }
        for (time, steady) in [(100, 100), (200, 200), (250, 250), (1000, 1003)] {
            let found = eras.steady_after(Timestamp(time));
            assert_eq!(found, Timestamp(steady), "{time}");
        }
    }

    #[test]
    fn eras_are_read_again_behind_another_step() {
        let store = crate::Store::temporary().unwrap();
        let read = |moment: &Moment<'_>| {
            let mut remembered = Remembered::default();
            assert!(remembered.of(moment)?.is_one_span());
            for entry in [3_i64, 9] {
                let insert = "INSERT INTO clock_step (entry, from_time, to_time, steady) VALUES (?, 100, 50, 101)";
                moment.run(insert, values![entry])?;
                let spans = remembered.of(moment)?.spans();
                assert_eq!(spans.last().unwrap().entry, entry);
                assert_eq!(*remembered.of(moment)?, Eras::read(moment)?);
            }
            Ok(())
        };
        change(store.database(), read).unwrap();
    }
}
