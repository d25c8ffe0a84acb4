//! How the server is: what is counted, whether it accepts and whether it records.

use crate::log;
use crate::metrics::{Gauges, Metrics, place_of};
use crate::pipe::Pipe;
use crate::shortage::Resource;
use causette_core::core::Counts;
use causette_core::input::Transport;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What is known while the server runs.
#[derive(Debug)]
pub(crate) struct Status {
    started: Instant,
    /// Sessions by transport.
    sessions: [AtomicUsize; 4],
    /// The last session has gone. Kept for the one who stops the server.
    empty: Notify,
    accepting: AtomicBool,
    stopping: AtomicBool,
    pipe: Arc<Pipe>,
    /// What the core had at its last tick.
    counts: Mutex<Counts>,
    /// What only grows.
    pub(crate) metrics: Metrics,
}

/// One session that counts, until dropped.
#[derive(Debug)]
pub(crate) struct Counted {
    status: Arc<Status>,
    transport: Transport,
}

impl Status {
    /// A server that starts now.
    pub(crate) fn new(pipe: Arc<Pipe>) -> Self {
        Self {
            started: Instant::now(),
            sessions: Default::default(),
            empty: Notify::new(),
            accepting: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            pipe,
            counts: Mutex::default(),
            metrics: Metrics::new(),
        }
    }

    /// Counts one more session.
    pub(crate) fn count(self: &Arc<Self>, transport: Transport) -> Counted {
        self.sessions[place_of(transport)].fetch_add(1, Ordering::SeqCst);
        Counted {
            status: self.clone(),
            transport,
        }
    }

    /// IRC connections at this moment.
    pub(crate) fn sessions(&self) -> usize {
        self.by_transport().iter().sum()
    }

    fn by_transport(&self) -> [usize; 4] {
        std::array::from_fn(|place| self.sessions[place].load(Ordering::SeqCst))
    }

    /// Waits until there is no session.
    pub(crate) async fn empty(&self) {
        while self.sessions() > 0 {
            self.empty.notified().await;
        }
    }

    /// Since when it runs.
    pub(crate) fn up(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether nothing can be recorded at the moment.
    pub(crate) fn recorder_failing(&self) -> bool {
        self.pipe.failing()
    }

    /// Says whether every listener accepts connections.
    pub(crate) fn set_accepting(&self, accepting: bool) {
        self.accepting.store(accepting, Ordering::Relaxed);
    }

    /// Whether every listener accepts connections. Not while the server stops.
    pub(crate) fn accepting(&self) -> bool {
        self.accepting.load(Ordering::Relaxed) && !self.stopping()
    }

    /// Says that the server stops.
    pub(crate) fn set_stopping(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the server stops.
    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Keeps what the core has.
    pub(crate) fn set_counts(&self, counts: Counts) {
        let mut held = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *held, counts).checks_turned_away;
        drop(held);
        let more = counts.checks_turned_away.saturating_sub(before);
        let more = usize::try_from(more).unwrap_or(usize::MAX);
        let shortages = &self.metrics.shortages;
        shortages.turn_away_all(Resource::Checks, more, Instant::now());
    }

    /// Everything that is counted, as Prometheus wants it.
    pub(crate) fn render(&self) -> String {
        self.metrics.render(Gauges {
            connections: self.by_transport(),
            counts: *self.counts.lock().unwrap_or_else(PoisonError::into_inner),
            recorder_failing: self.recorder_failing(),
            log_lines_lost: log::lost(),
        })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        // In one order for all: of the last two, which may be of two transports, one must see that none is left.
        self.status.sessions[place_of(self.transport)].fetch_sub(1, Ordering::SeqCst);
        if self.status.sessions() == 0 {
            self.status.empty.notify_one();
        }
    }
}
