//! How the server is, for `/healthz` and the administrator.

use crate::pipe::Pipe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// What is counted while the server runs.
#[derive(Debug)]
pub(crate) struct Status {
    started: Instant,
    sessions: AtomicUsize,
    /// The last session has gone. Kept for the one who stops the server.
    empty: Notify,
    pipe: Arc<Pipe>,
}

/// One session that counts, until dropped.
#[derive(Debug)]
pub(crate) struct Counted(Arc<Status>);

impl Status {
    /// A server that starts now.
    pub(crate) fn new(pipe: Arc<Pipe>) -> Self {
        Self {
            started: Instant::now(),
            sessions: AtomicUsize::new(0),
            empty: Notify::new(),
            pipe,
        }
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
}

impl Drop for Counted {
    fn drop(&mut self) {
        if self.0.sessions.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.0.empty.notify_one();
        }
    }
}
