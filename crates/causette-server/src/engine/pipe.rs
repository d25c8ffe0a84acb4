//! The pipe between engine and recorder: one batch fills while another commits.
//!
//! 1. The engine gives outputs, the recorder takes all that were given since: the slower the disk, the larger the batches.
//! 2. The pipe is bounded by what fills: deliveries, records and outputs. Past a bound the engine waits.
//! 3. While the recorder fails the engine does not wait, so that it can tell the core; the core then makes nothing that must
//!    be recorded, and what it makes goes around the pipe. A commit that does not come to an end fails too, for as long as it
//!    does not: a database behind a network that was cut answers nothing at all.

use causette_core::limits::{DELIVERIES_IN_FLIGHT, OUTPUTS_IN_FLIGHT, RECORDS_IN_FLIGHT};
use causette_core::output::Outputs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The batch that fills.
#[derive(Debug, Default)]
pub(crate) struct Pipe {
    filling: Mutex<Filling>,
    given: Condvar,
    taken: Condvar,
    failing: AtomicBool,
}

#[derive(Debug, Default)]
struct Filling {
    outputs: Outputs,
    ended: bool,
    /// Since when the recorder is at work on what it took.
    taken: Option<Instant>,
    /// Since when it commits that.
    committing: Option<Instant>,
}

impl Filling {
    fn has_room(&self) -> bool {
        self.outputs.deliveries() < DELIVERIES_IN_FLIGHT
            && self.outputs.records() < RECORDS_IN_FLIGHT
            && self.outputs.len() < OUTPUTS_IN_FLIGHT
    }
}

impl Pipe {
    /// Moves all outputs to the end of the batch that fills, once there is room.
    pub(crate) fn give(&self, outputs: &mut Outputs) {
        if outputs.is_empty() {
            return;
        }
        let mut filling = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        while !filling.has_room() && !self.failing() {
            filling = self
                .taken
                .wait(filling)
                .unwrap_or_else(PoisonError::into_inner);
        }
        if filling.outputs.is_empty() {
            std::mem::swap(&mut filling.outputs, outputs);
        } else {
            for output in outputs.take() {
                filling.outputs.push(output);
            }
        }
        drop(filling);
        self.given.notify_one();
    }

    /// Nothing more will be given.
    pub(crate) fn end(&self) {
        self.filling
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .ended = true;
        self.given.notify_one();
    }

    /// Waits for outputs and takes all that were given; `None` after the end.
    pub(crate) fn take(&self) -> Option<Outputs> {
        let mut filling = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        filling.taken = None;
        while filling.outputs.is_empty() {
            if filling.ended {
                return None;
            }
            filling = self
                .given
                .wait(filling)
                .unwrap_or_else(PoisonError::into_inner);
        }
        let outputs = std::mem::take(&mut filling.outputs);
        filling.taken = Some(Instant::now());
        drop(filling);
        self.taken.notify_one();
        Some(outputs)
    }

    /// For how long the recorder has been at work on what it took last.
    pub(crate) fn at_work(&self) -> Duration {
        let filling = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        filling
            .taken
            .map(|since| since.elapsed())
            .unwrap_or_default()
    }

    /// Whether the recorder cannot commit.
    pub(crate) fn failing(&self) -> bool {
        self.failing.load(Ordering::Acquire)
    }

    /// Says whether the recorder can commit, also to an engine that waits for room.
    pub(crate) fn set_failing(&self, failing: bool) {
        let filling = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        self.failing.store(failing, Ordering::Release);
        drop(filling);
        self.taken.notify_one();
    }

    /// The recorder begins to commit what it took.
    pub(crate) fn commits(&self) {
        let mut filling = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        filling.committing = Some(Instant::now());
    }

    /// The recorder has committed. Says whether it was failing.
    pub(crate) fn committed(&self) -> bool {
        let mut filling = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        filling.committing = None;
        self.failing.swap(false, Ordering::AcqRel)
    }

    /// Looks whether the recorder has been committing for longer than somebody waits for an answer: then it is failing. Says
    /// whether it is since now.
    pub(crate) fn look(&self, patience: Duration) -> bool {
        let filling = self.filling.lock().unwrap_or_else(PoisonError::into_inner);
        let stalls = |since: Instant| since.elapsed() >= patience;
        if self.failing() || !filling.committing.is_some_and(stalls) {
            return false;
        }
        self.failing.store(true, Ordering::Release);
        drop(filling);
        self.taken.notify_one();
        true
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use causette_core::id::SessionId;
    use causette_core::output::Output;
    use std::sync::mpsc;
    use std::thread;

    fn closing(session: u64) -> Outputs {
        let mut outputs = Outputs::default();
        outputs.push(Output::Close {
            session: SessionId(session),
        });
        outputs
    }

    fn sessions(outputs: &Outputs) -> Vec<u64> {
        let session = |output: &Output| match output {
            Output::Close { session } => session.0,
            other => panic!("{other:?}"),
        };
        outputs.as_slice().iter().map(session).collect()
    }

    #[test]
    fn a_commit_that_does_not_end_fails_until_it_does() {
        let pipe = Pipe::default();
        assert!(!pipe.look(Duration::ZERO));
        pipe.commits();
        assert!(!pipe.look(Duration::from_secs(3600)) && !pipe.failing());
        assert!(pipe.look(Duration::ZERO) && pipe.failing());
        assert!(!pipe.look(Duration::ZERO), "it is told once");
        assert!(pipe.committed() && !pipe.failing());
        assert!(!pipe.look(Duration::ZERO));
        pipe.commits();
        assert!(!pipe.committed());
    }

    #[test]
    fn what_was_given_since_is_one_batch() {
        let pipe = Pipe::default();
        for session in 1..=3 {
            let mut outputs = closing(session);
            pipe.give(&mut outputs);
            assert!(outputs.is_empty());
        }
        pipe.end();
        assert_eq!(sessions(&pipe.take().unwrap()), [1, 2, 3]);
        assert!(pipe.take().is_none());
    }

    fn fill(pipe: &Pipe) {
        let mut outputs = Outputs::default();
        for _ in 0..OUTPUTS_IN_FLIGHT {
            outputs.push(Output::Close {
                session: SessionId(0),
            });
        }
        pipe.give(&mut outputs);
    }

    #[test]
    fn a_full_pipe_makes_the_engine_wait_until_it_is_taken() {
        let pipe = Pipe::default();
        fill(&pipe);
        thread::scope(|scope| {
            let (sender, receiver) = mpsc::sync_channel(1);
            let pipe = &pipe;
            scope.spawn(move || {
                pipe.give(&mut closing(7));
                sender.send(()).unwrap();
            });
            assert!(receiver.try_recv().is_err());
            assert_eq!(pipe.take().unwrap().len(), OUTPUTS_IN_FLIGHT);
            receiver.recv().unwrap();
            assert_eq!(sessions(&pipe.take().unwrap()), [7]);
        });
    }

    #[test]
    fn a_recorder_is_at_work_until_it_comes_for_more() {
        let pipe = Pipe::default();
        assert_eq!(pipe.at_work(), Duration::ZERO);
        pipe.give(&mut closing(1));
        assert_eq!(pipe.at_work(), Duration::ZERO);
        pipe.take().unwrap();
        let first = pipe.at_work();
        assert!(pipe.at_work() > first);
        pipe.end();
        assert!(pipe.take().is_none());
        assert_eq!(pipe.at_work(), Duration::ZERO);
    }

    #[test]
    fn a_failing_recorder_lets_a_waiting_engine_go() {
        let pipe = Pipe::default();
        fill(&pipe);
        thread::scope(|scope| {
            let engine = scope.spawn(|| pipe.give(&mut closing(7)));
            pipe.set_failing(true);
            engine.join().unwrap();
        });
        assert_eq!(pipe.take().unwrap().len(), OUTPUTS_IN_FLIGHT + 1);
    }
}
