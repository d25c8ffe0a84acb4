//! What has to be done with the bytes of files once the core has said so: on a thread of its own, since it waits for the disk.

use super::Files;
use crate::engine::work::WorkQueue;
use causette_core::file::{Digest, Permit, PermitKey};
use std::sync::Arc;

/// Uploads that wait for their note. Those behind them get it with their first bytes.
const WAITING: usize = 4096;

/// What the core has said of files, on its way to the disk.
#[derive(Debug)]
pub(crate) struct Chores {
    files: Arc<Files>,
    begun: WorkQueue<PermitKey>,
}

impl Chores {
    /// None yet.
    pub(crate) fn new(files: Arc<Files>) -> Self {
        Self {
            files,
            begun: WorkQueue::new(WAITING),
        }
    }

    /// Lets bytes come by a permit, from now on. Never waits.
    pub(crate) fn begin(&self, permit: Permit) {
        let key = permit.key;
        self.files.admit(permit);
        // Whoever sends the first bytes makes the note too.
        let _ = self.begun.push(key);
    }

    /// No file has a content any more. Never waits.
    pub(crate) fn doubt(&self, sha256: Digest) {
        self.files.doubts.doubt(sha256);
    }

    /// Does what is queued, until the end.
    pub(crate) fn run(&self) {
        while let Some(permit) = self.begun.take() {
            // Where it is gone, or somebody sends already, it has its note.
            let Some(mut sending) = self.files.upload(permit).and_then(|upload| upload.take())
            else {
                continue;
            };
            if let Err(error) = self.files.open(&mut sending) {
                tracing::error!(event = "files.upload_failed", error = %error, "an upload cannot be kept; look at the folder of files");
            }
        }
    }

    /// Nothing more is done.
    pub(crate) fn end(&self) {
        self.begun.end();
    }
}
