//! The recorder: commits the records of a batch, then hands the rest of it on. Nothing behind a record leaves before.

use crate::engine::pipe::Pipe;
use crate::metrics::Metrics;
use causette_core::event::What;
use causette_core::id::BatchId;
use causette_core::limits::COMMIT_RETRY_SECONDS;
use causette_core::output::{Done, Entry, Output, Outputs};
use causette_core::record::{Fact, Record};
use causette_proto::Timestamp;
use causette_store::{AppendError, Grown, Writer};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

/// The first pause before a batch is tried again; each further one is twice as long, up to [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Longer than this, one commit holds up everybody: the disk is busy with something else, or too slow.
const SLOW: Duration = Duration::from_millis(20);

/// Takes batches out of the pipe until it ends. `append` commits; `deliver` gets the outputs in order, without the records;
/// `wake` makes the engine look at [`Pipe::failing`].
///
/// # Errors
/// Says why a batch could not be committed. Everything from that batch on is lost, and must not be shown: the program ends.
pub(crate) fn run(
    pipe: &Pipe,
    mut append: impl FnMut(BatchId, &[Record]) -> Result<Numbers, AppendError>,
    deliver: &SyncSender<Vec<Output>>,
    wake: impl Fn(),
    metrics: &Metrics,
) -> Result<(), String> {
    let mut batch = BatchId(0);
    while let Some(outputs) = pipe.take() {
        let mut parts = split(outputs);
        let records = std::mem::take(&mut parts.records);
        if !records.is_empty() {
            batch.0 += 1;
            let begun = Instant::now();
            let numbers = commit(pipe, || append(batch, &records), &wake)?;
            number(&mut parts, &numbers);
            let elapsed = begun.elapsed();
            tracing::debug!(
                event = "recorder.committed",
                records = records.len(),
                elapsed_us = crate::log::micros(elapsed),
                "committed"
            );
            metrics.commits.observe(elapsed);
            metrics.batches.increment();
            metrics.messages.add(messages(&records));
            for record in &records {
                note(record, metrics);
            }
        }
        if !parts.rest.is_empty() && deliver.send(parts.rest).is_err() {
            return Err("delivery has ended".to_owned());
        }
    }
    Ok(())
}

/// Commits a batch, and tells the administrator when another program lets the database's log grow.
///
/// # Errors
/// Those of [`Writer::append`].
pub(crate) fn append(
    writer: &mut Writer,
    batch: BatchId,
    records: &[Record],
) -> Result<Numbers, AppendError> {
    let appended = writer.append(batch, records);
    if let Some(Grown {
        bytes,
        bytes_max,
        reason,
    }) = writer.take_grown()
    {
        tracing::warn!(
            event = "store.log_grown",
            bytes,
            bytes_max,
            reason,
            "the database's log grows; end the program that reads the database"
        );
    }
    appended
}

/// Keeps the time of a record, and tells the administrator where the wall clock was set.
fn note(record: &Record, metrics: &Metrics) {
    metrics.recorded_until(record.time);
    if let Fact::ClockStepped { from, to } = record.fact {
        metrics.clock_steps.increment();
        tell_step(from, to);
    }
}

/// Tells the administrator that the wall clock was set.
pub(crate) fn tell_step(from: Timestamp, to: Timestamp) {
    tracing::warn!(
        event = "clock.stepped",
        from = %from,
        to = %to,
        seconds = to.seconds() - from.seconds(),
        "the system's clock was set; times of messages follow it, their order does not"
    );
}

/// How many of the facts are something that someone said.
fn messages(records: &[Record]) -> usize {
    let says = |record: &&Record| match &record.fact {
        Fact::Event { event, .. } => matches!(event.what, What::Said { .. }),
        _ => false,
    };
    records.iter().filter(says).count()
}

/// The number of each record's entry in the register, where it has one.
type Numbers = Vec<Option<u64>>;

/// A batch, taken apart.
struct Parts {
    records: Vec<Record>,
    /// What is handed on, in order.
    rest: Vec<Output>,
    /// What is told of records: the place of the answer in the rest, and that of its record.
    told: Vec<(usize, usize)>,
}

fn split(mut outputs: Outputs) -> Parts {
    let mut parts = Parts {
        records: Vec::with_capacity(outputs.records()),
        rest: Vec::with_capacity(outputs.len() - outputs.records()),
        told: Vec::new(),
    };
    for output in outputs.take() {
        match output {
            Output::Record(record) => parts.records.push(record),
            mut other => {
                if let Some(Entry::Before(back)) = entry_of(&mut other)
                    && let Some(place) = parts.records.len().checked_sub(*back)
                {
                    parts.told.push((parts.rest.len(), place));
                }
                parts.rest.push(other);
            }
        }
    }
    parts
}

/// Puts the numbers of entries in their places, now that they are known.
fn number(parts: &mut Parts, numbers: &[Option<u64>]) {
    for (answer, record) in parts.told.drain(..) {
        if let Some(entry) = entry_of(&mut parts.rest[answer]) {
            let number = numbers.get(record).copied().flatten();
            *entry = number.map_or(Entry::None, Entry::Number);
        }
    }
}

fn entry_of(output: &mut Output) -> Option<&mut Entry> {
    match output {
        Output::Told {
            result: Ok(told), ..
        }
        | Output::Visited {
            result: Ok(Done::Told(told)),
            ..
        } => Some(&mut told.entry),
        _ => None,
    }
}

/// Commits one batch, unchanged as often as it takes. Where one attempt takes too long, [`Pipe::look`] finds it out.
fn commit(
    pipe: &Pipe,
    mut append: impl FnMut() -> Result<Numbers, AppendError>,
    wake: &impl Fn(),
) -> Result<Numbers, String> {
    let begun = Instant::now();
    let mut pause = PAUSE_MIN;
    pipe.commits();
    let mut told = String::new();
    let numbers = loop {
        let reason = match append() {
            Ok(numbers) => break numbers,
            Err(AppendError::Fatal(reason)) => return Err(reason),
            Err(AppendError::Retry(reason)) => reason,
        };
        if !pipe.failing() {
            pipe.set_failing(true);
            wake();
        }
        // Once for each reason: it is tried again every second.
        if told != reason {
            tracing::error!(
                event = "recorder.failing",
                reason,
                since_ms = crate::log::millis(begun.elapsed()),
                "cannot commit"
            );
            told.clone_from(&reason);
        }
        if begun.elapsed() >= Duration::from_secs(COMMIT_RETRY_SECONDS) {
            return Err(format!(
                "nothing could be recorded for {COMMIT_RETRY_SECONDS} s: {reason}"
            ));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(PAUSE_MAX);
    };
    if pipe.committed() {
        wake();
        tracing::info!(
            event = "recorder.recovered",
            since_ms = crate::log::millis(begun.elapsed()),
            "commits again"
        );
    } else if begun.elapsed() > SLOW {
        tracing::warn!(
            event = "recorder.slow",
            elapsed_us = crate::log::micros(begun.elapsed()),
            "slow commit"
        );
    }
    Ok(numbers)
}

/// Tells the administrator that a commit has not ended in the time in which one should.
pub(crate) fn tell_stall(patience: Duration) {
    tracing::error!(
        event = "recorder.failing",
        reason = "the database does not answer",
        since_ms = crate::log::millis(patience),
        "cannot commit"
    );
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use causette_core::id::SessionId;
    use causette_core::output::Told;
    use causette_core::record::Who;
    use causette_core::report::Report;
    use std::sync::Mutex;
    use std::sync::mpsc;

    fn batch() -> Outputs {
        let mut outputs = Outputs::default();
        outputs.push(Output::Close {
            session: SessionId(1),
        });
        outputs.push(Output::Record(Record {
            time: Timestamp(0),
            steady: Timestamp(0),
            session: None,
            by: Who::Server,
            fact: Fact::ServerStarted {
                version: "test".into(),
                name: "irc.test".into(),
            },
        }));
        outputs
    }

    #[test]
    fn a_batch_is_retried_unchanged_and_shown_only_then() {
        let pipe = Pipe::default();
        pipe.give(&mut batch());
        pipe.end();
        let (deliver, delivered) = mpsc::sync_channel(1);
        let mut attempts = Vec::new();
        let seen = Mutex::new(Vec::new());
        let append = |id: BatchId, records: &[Record]| {
            assert!(
                delivered.try_recv().is_err(),
                "nothing may leave before the commit"
            );
            attempts.push((id, records.len()));
            if attempts.len() < 3 {
                Err(AppendError::Retry("full".to_owned()))
            } else {
                Ok(vec![Some(1)])
            }
        };
        let wake = || seen.lock().unwrap().push(pipe.failing());
        run(&pipe, append, &deliver, wake, &Metrics::new()).unwrap();
        assert_eq!(attempts, [(BatchId(1), 1); 3]);
        assert_eq!(*seen.lock().unwrap(), [true, false]);
    }

    #[test]
    fn nothing_of_a_batch_that_cannot_be_committed_is_shown() {
        let pipe = Pipe::default();
        pipe.give(&mut batch());
        let (deliver, delivered) = mpsc::sync_channel(1);
        let result = run(
            &pipe,
            |_, _| Err(AppendError::Fatal("broken disk".to_owned())),
            &deliver,
            || (),
            &Metrics::new(),
        );
        assert_eq!(result, Err("broken disk".to_owned()));
        drop(deliver);
        assert!(delivered.recv().is_err());
    }

    #[test]
    fn what_is_told_carries_the_number_of_its_own_entry() {
        let told = |ticket, back| {
            let (text, entry) = ("done".to_owned(), Entry::Before(back));
            let report = Report::Done(text);
            let result = Ok(Told { report, entry });
            Output::Told { ticket, result }
        };
        let pipe = Pipe::default();
        // Two inputs fill one batch: three records, of which the second tells of the first that is its own.
        let mut first = batch();
        first.push(told(1, 1));
        pipe.give(&mut first);
        let mut second = batch();
        for record in batch().take().into_iter().skip(1) {
            second.push(record);
        }
        second.push(told(2, 2));
        pipe.give(&mut second);
        pipe.end();
        let (deliver, delivered) = mpsc::sync_channel(1);
        let append = |_, records: &[Record]| {
            assert_eq!(records.len(), 3);
            Ok(vec![Some(70), Some(71), None])
        };
        run(&pipe, append, &deliver, || (), &Metrics::new()).unwrap();
        let entries = delivered.recv().unwrap().into_iter();
        let entries = entries.filter_map(|output| match output {
            Output::Told { ticket, result } => Some((ticket, result.unwrap().entry)),
            _ => None,
        });
        let entries: Vec<(u64, Entry)> = entries.collect();
        assert_eq!(entries, [(1, Entry::Number(70)), (2, Entry::Number(71))]);
    }

    #[test]
    fn a_batch_without_records_passes_without_the_store() {
        let pipe = Pipe::default();
        let mut outputs = Outputs::default();
        outputs.push(Output::Stopped);
        pipe.give(&mut outputs);
        pipe.end();
        let (deliver, delivered) = mpsc::sync_channel(1);
        run(
            &pipe,
            |_, _| panic!("there is nothing to append"),
            &deliver,
            || (),
            &Metrics::new(),
        )
        .unwrap();
        assert!(matches!(delivered.recv().unwrap()[..], [Output::Stopped]));
    }
}
