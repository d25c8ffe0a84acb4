//! How the server is, for `/healthz` and the administrator.

use crate::pipe::Pipe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What is counted while the server runs.
#[derive(Debug)]
pub(crate) struct Status {
    started: Instant,
    sessions: AtomicUsize,
    pipe: Arc<Pipe>,
}

/// One session that counts, until dropped.
#[derive(Debug)]
pub(crate) struct Counted(Arc<Status>);

impl Status {
    /// A server that starts now.
    pub(crate) fn new(pipe: Arc<Pipe>) -> Self {
        Self { started: Instant::now(), sessions: AtomicUsize::new(0), pipe }
    }

    /// Counts one more session.
    pub(crate) fn count(self: &Arc<Self>) -> Counted {
        self.sessions.fetch_add(1, Ordering::Relaxed);
        Counted(self.clone())
    }

    /// IRC connections at this moment.
    pub(crate) fn sessions(&self) -> usize {
        self.sessions.load(Ordering::Relaxed)
    }

    /// Since when it runs.
    pub(crate) fn up(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether nothing can be recorded at the moment.
    pub(crate) fn recorder_failing(&self) -> bool {
        self.pipe.failing()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.sessions.fetch_sub(1, Ordering::Relaxed);
    }
}
