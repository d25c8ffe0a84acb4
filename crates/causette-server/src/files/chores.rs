//! What has to be done with the bytes of files once the core has said so: on a thread of its own, since it waits for the disk.

use super::Files;
use crate::engine::work::WorkQueue;
use causette_core::file::{Digest, Permit};
use std::sync::Arc;

/// Chores that wait at a time. More are forgotten: bytes that nobody needs are found by the clean-up, and whoever sends bytes by a permit
/// that was not noted is told that there is none.
const WAITING: usize = 4096;

/// Something to be done.
#[derive(Debug)]
pub(crate) enum Chore {
    /// Let bytes come by a permit.
    Begin(Box<Permit>),
    /// Remove what no file has any more.
    Forget(Digest),
}

/// An empty queue.
pub(crate) fn queue() -> Arc<WorkQueue<Chore>> {
    Arc::new(WorkQueue::new(WAITING))
}

/// Does what is queued, until the queue ends.
pub(crate) fn run(files: &Files, chores: &WorkQueue<Chore>) {
    while let Some(chore) = chores.take() {
        let done = match &chore {
            Chore::Begin(permit) => files.begin(permit).map(drop),
            Chore::Forget(sha256) => files.forget(*sha256),
        };
        if let Err(error) = done {
            tracing::error!(event = "files.chore_failed", error = %error, "what is kept of files cannot be changed; look at their folder");
        }
    }
}
