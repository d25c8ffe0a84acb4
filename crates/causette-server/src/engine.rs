//! The thread of the core: takes what arrives, in turns, and gives what results to the pipe.
//!
//! Holds no rule of the chat. What it adds to the core: the clock, the room that sessions get back for their lines, and what
//! happens when a handler panics or the recorder fails.

pub(crate) mod answers;
pub(crate) mod delivery;
pub(crate) mod lookup;
pub(crate) mod pipe;
pub(crate) mod reads;
pub(crate) mod recorder;
pub(crate) mod ticket;
pub(crate) mod timepiece;
pub(crate) mod work;

use crate::engine::delivery::Newcomers;
use crate::engine::pipe::Pipe;
use crate::engine::timepiece::Timepiece;
pub(crate) use crate::engine::timepiece::now;
use crate::fault;
use crate::metrics::INPUTS;
use crate::net::session::SessionHandle;
use crate::status::Status;
use causette_core::Core;
use causette_core::core::Counts;
use causette_core::id::SessionId;
use causette_core::input::{Asker, By, Input, Moment, Peer};
use causette_core::limits::INPUTS_PER_TURN;
use causette_core::output::{Output, Outputs};
use rustc_hash::FxHashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// A turn that has made so many deliveries gives them before it goes on, so that the pipe's bound holds.
const DELIVERIES_PER_GIFT: usize = 1 << 15;

/// Longer than this, one input holds up everybody else.
const SLOW: Duration = Duration::from_millis(5);

/// What comes into the engine's inbox.
#[derive(Debug)]
pub(crate) enum Arrival {
    /// A connection that may speak.
    Opened {
        /// What is shared of it.
        session: Arc<SessionHandle>,
        /// From where and how.
        peer: Peer,
    },
    /// Something else for the core.
    Input(Input),
    /// The connection of a session that the core closed is gone.
    Ended(SessionId),
    /// Nothing; whether the recorder fails may have changed.
    Wake,
}

/// What the engine needs of the core.
pub(crate) trait Rules {
    /// Handles one input: appends to `out` what must happen.
    fn handle(&mut self, now: Moment, input: Input, out: &mut Outputs);
    /// How many lines of a session wait behind an answer.
    fn held(&self, session: SessionId) -> usize;
    /// Whether the last input changed anything, beside what is settled.
    fn mutated(&self) -> bool;
    /// How many lines the last input cost beyond its own.
    fn cost(&self) -> u32;
    /// How many of the outputs stand, whatever became of the rest of the last input.
    fn settled(&self) -> usize;
    /// How much there is now.
    fn counts(&self) -> Counts;
}

impl Rules for Core {
    fn handle(&mut self, now: Moment, input: Input, out: &mut Outputs) {
        Self::handle(self, now, input, out);
    }

    fn held(&self, session: SessionId) -> usize {
        Self::held(self, session)
    }

    fn mutated(&self) -> bool {
        Self::mutated(self)
    }

    fn cost(&self) -> u32 {
        Self::cost(self)
    }

    fn settled(&self) -> usize {
        Self::settled(self)
    }

    fn counts(&self) -> Counts {
        Self::counts(self)
    }
}

/// The core with what surrounds it.
pub(crate) struct Engine<C = Core> {
    core: C,
    pipe: Arc<Pipe>,
    newcomers: Arc<Newcomers>,
    /// The way around the pipe while the recorder fails.
    bypass: SyncSender<Vec<Output>>,
    /// The sessions whose lines need room.
    sessions: FxHashMap<SessionId, Arc<SessionHandle>>,
    /// How many lines the core holds, of the sessions of which it holds any: their room is still owed.
    held: FxHashMap<SessionId, usize>,
    outputs: Outputs,
    timepiece: Timepiece,
    /// Counts what is handled.
    status: Arc<Status>,
    /// What the core was told of the recorder.
    failing: bool,
}

impl<C: Rules> Engine<C> {
    /// An engine for a core that has started, by the same timepiece; `outputs` are what its start made.
    pub(crate) fn new(
        core: C,
        outputs: Outputs,
        timepiece: Timepiece,
        pipe: Arc<Pipe>,
        newcomers: Arc<Newcomers>,
        bypass: SyncSender<Vec<Output>>,
        status: Arc<Status>,
    ) -> Self {
        Self {
            core,
            pipe,
            newcomers,
            bypass,
            sessions: FxHashMap::default(),
            held: FxHashMap::default(),
            outputs,
            timepiece,
            status,
            failing: false,
        }
    }

    /// Handles what arrives until the core has stopped.
    pub(crate) fn run(mut self, mut inbox: mpsc::Receiver<Arrival>) {
        self.give();
        let mut turn = Vec::with_capacity(INPUTS_PER_TURN);
        while inbox.blocking_recv_many(&mut turn, INPUTS_PER_TURN) > 0 {
            for arrival in turn.drain(..) {
                if self.notice_recorder() || self.take(arrival) {
                    self.give();
                    self.pipe.end();
                    return;
                }
            }
            self.give();
        }
        self.pipe.end();
    }

    /// Takes one arrival; says whether the core has stopped.
    fn take(&mut self, arrival: Arrival) -> bool {
        match arrival {
            Arrival::Wake => {}
            Arrival::Ended(session) => {
                self.forget(session);
            }
            Arrival::Opened { session, peer } => {
                let id = session.id;
                // Delivery must know the outbox before the first line for it, whichever way that line goes.
                self.newcomers.push(session.clone());
                self.sessions.insert(id, session);
                self.handle(Input::Opened { session: id, peer });
            }
            Arrival::Input(input) => {
                let gone = if let Input::Closed { session, .. } = input {
                    Some(session)
                } else {
                    None
                };
                let stops = matches!(input, Input::Stop { .. });
                self.handle(input);
                if let Some(session) = gone {
                    self.forget(session);
                }
                return stops && self.has_stopped();
            }
        }
        if self.outputs.deliveries() >= DELIVERIES_PER_GIFT {
            self.give();
        }
        false
    }

    /// Tells the core what has become of the recorder. What it makes before and after goes different ways. Says whether the core
    /// has stopped: a stop waits where it cannot be recorded.
    fn notice_recorder(&mut self) -> bool {
        let failing = self.pipe.failing();
        if failing == self.failing {
            return false;
        }
        self.give();
        self.failing = failing;
        self.handle(Input::RecorderFailing(failing));
        self.has_stopped()
    }

    /// Whether the core has said so since its outputs were given.
    fn has_stopped(&self) -> bool {
        let mut outputs = self.outputs.as_slice().iter();
        outputs.any(|output| matches!(output, Output::Stopped))
    }

    /// Lets the core handle one input, and gives sessions room for the lines that it no longer holds.
    fn handle(&mut self, input: Input) {
        let session = session_of(&input);
        let lines = usize::from(matches!(input, Input::Line { .. } | Input::BadLine { .. }));
        let kind = kind_of(&input);
        let ticks = matches!(input, Input::Tick);
        let start = Instant::now();
        let now = self.timepiece.moment();
        let core = &mut self.core;
        let outputs = &mut self.outputs;
        if catch_unwind(AssertUnwindSafe(|| core.handle(now, input, outputs))).is_err() {
            self.contain(session);
        }
        let elapsed = start.elapsed();
        self.status.metrics.inputs[kind].increment();
        self.status.metrics.handling.observe(elapsed);
        if ticks {
            self.status.set_counts(self.core.counts());
        }
        if elapsed > SLOW {
            tracing::warn!(
                event = "engine.slow",
                input = INPUTS[kind],
                elapsed_us = crate::log::micros(elapsed),
                "slow input"
            );
        }
        match session {
            Some(session) => {
                self.charge(session);
                self.give_room(session, lines);
            }
            // What is nobody's may run the lines of many, as the end of a freeze does.
            None if !self.held.is_empty() => {
                let holders: Vec<SessionId> = self.held.keys().copied().collect();
                for session in holders {
                    self.give_room(session, 0);
                }
            }
            None => {}
        }
    }

    /// Lets a session owe what its input has cost. To be done before it is given room, so that its next line pays.
    fn charge(&self, session: SessionId) {
        let cost = self.core.cost();
        if cost > 0
            && let Some(session) = self.sessions.get(&session)
        {
            session.owe(cost);
        }
    }

    /// Gives a session room for those of its lines that the core held or just got, and holds no more.
    fn give_room(&mut self, session: SessionId, lines: usize) {
        let before = self.held.get(&session).copied().unwrap_or(0);
        let held = self.core.held(session);
        if held > 0 {
            self.held.insert(session, held);
        } else if before > 0 {
            self.held.remove(&session);
        }
        let room = (before + lines).saturating_sub(held);
        if room > 0
            && let Some(session) = self.sessions.get(&session)
        {
            session.window.add_permits(room);
        }
    }

    /// No more lines come from a session.
    fn forget(&mut self, session: SessionId) {
        self.sessions.remove(&session);
        self.held.remove(&session);
    }

    /// After a panic: closes the session where nothing was changed, else ends the program, which starts again from the
    /// record.
    fn contain(&mut self, session: Option<SessionId>) {
        let Some(session) = session.filter(|_| !self.core.mutated()) else {
            fault::exit(
                "engine.panicked",
                "a handler panicked after it had changed the state",
            );
        };
        tracing::error!(
            event = "engine.panic_contained",
            session = session.0,
            "a handler panicked; its session is closed"
        );
        self.outputs.truncate(self.core.settled());
        let now = self.timepiece.moment();
        let core = &mut self.core;
        let outputs = &mut self.outputs;
        if catch_unwind(AssertUnwindSafe(|| {
            core.handle(now, Input::Panicked { session }, outputs)
        }))
        .is_err()
        {
            fault::exit(
                "engine.panicked",
                "a handler panicked while it closed the session of another panic",
            );
        }
    }

    /// Gives what was made to the recorder, or while it fails past it: the core then makes only what reveals nothing.
    fn give(&mut self) {
        if !self.failing {
            self.pipe.give(&mut self.outputs);
        } else if !self.outputs.is_empty() && self.bypass.send(self.outputs.take()).is_err() {
            fault::exit("engine.delivery_ended", "delivery has ended");
        }
    }
}

/// Whose the input is.
fn session_of(input: &Input) -> Option<SessionId> {
    match input {
        Input::Opened { session, .. }
        | Input::Line { session, .. }
        | Input::BadLine { session, .. }
        | Input::Closed { session, .. }
        | Input::ReadDone { session, .. }
        | Input::Answer {
            asker: Asker::Session(session),
            ..
        }
        | Input::Panicked { session } => Some(*session),
        // A command that asks for it may have to wait as any other.
        Input::Reloaded {
            by: By::Session(session),
            ..
        } => Some(*session),
        Input::Answer {
            asker: Asker::Admin(_) | Asker::Visit(_),
            ..
        }
        | Input::Refused { .. }
        | Input::Reloaded { .. }
        | Input::Tick
        | Input::RecorderFailing(_)
        | Input::Admin { .. }
        | Input::Visit { .. }
        | Input::Arrived { .. }
        | Input::Contents { .. }
        | Input::Permits(_)
        | Input::Offered(_)
        | Input::Trusted { .. }
        | Input::Stop { .. } => None,
    }
}

/// The place of the input's name in [`INPUTS`]. The name never shows what a line says.
fn kind_of(input: &Input) -> usize {
    match input {
        Input::Opened { .. } => 0,
        Input::Refused { .. } => 1,
        Input::Line { .. } => 2,
        Input::BadLine { .. } => 3,
        Input::Closed { .. } => 4,
        Input::Answer { .. } => 5,
        Input::ReadDone { .. } => 6,
        Input::Tick => 7,
        Input::RecorderFailing(_) => 8,
        Input::Admin { .. } => 9,
        Input::Panicked { .. } => 10,
        Input::Reloaded { .. } => 11,
        Input::Stop { .. } => 12,
        Input::Visit { .. } => 13,
        Input::Trusted { .. } => 14,
        Input::Arrived { .. } => 15,
        Input::Permits(_) => 16,
        Input::Offered(_) => 17,
        Input::Contents { .. } => 18,
    }
}

#[cfg(test)]
mod tests;
