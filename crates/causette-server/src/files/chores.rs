//! What has to be done with the bytes of files once the core has said so: on a thread of its own, since it waits for the disk.

use super::{Files, Upload};
use crate::engine::work::WorkQueue;
use causette_core::file::{Digest, Permit, PermitKey};
use std::sync::Arc;

/// Uploads that wait for their note, or to be removed. Those behind them get it with their first bytes, or are left to the clean-up.
const WAITING: usize = 4096;

/// What the core has said of files, on its way to the disk.
#[derive(Debug)]
pub(crate) struct Chores {
    files: Arc<Files>,
    due: WorkQueue<Chore>,
}

/// What has to be done for an upload.
#[derive(Debug)]
enum Chore {
    /// It begins: what it is for is noted.
    Begin(PermitKey),
    /// It was cancelled: nothing of it is kept.
    End(Arc<Upload>),
}

impl Chores {
    /// None yet.
    pub(crate) fn new(files: Arc<Files>) -> Self {
        Self {
            files,
            due: WorkQueue::new(WAITING),
        }
    }

    /// Lets bytes come by a permit, from now on. Never waits.
    pub(crate) fn begin(&self, permit: Permit) {
        let key = permit.key;
        self.files.admit(permit);
        // Whoever sends the first bytes makes the note too.
        let _ = self.due.push(Chore::Begin(key));
    }

    /// Lets no more bytes come by a permit, from now on. Never waits.
    pub(crate) fn cancel(&self, permit: PermitKey) {
        if let Some(upload) = self.files.withdraw(permit) {
            // What is not removed now is by the next clean-up.
            let _ = self.due.push(Chore::End(upload));
        }
    }

    /// No file has a content any more. Never waits.
    pub(crate) fn doubt(&self, sha256: Digest) {
        self.files.doubts.doubt(sha256);
    }

    /// Does what is queued, until the end.
    pub(crate) fn run(&self) {
        while let Some(chore) = self.due.take() {
            self.carry_out(chore);
        }
    }

    fn carry_out(&self, chore: Chore) {
        match chore {
            Chore::Begin(permit) => self.note(permit),
            Chore::End(upload) => self.remove(&upload),
        }
    }

    fn note(&self, permit: PermitKey) {
        // Where it is gone, or somebody sends already, it has its note.
        let Some(mut sending) = self.files.upload(permit).and_then(|upload| upload.take()) else {
            return;
        };
        if let Err(error) = self.files.open(&mut sending) {
            tracing::error!(event = "files.upload_failed", error = %error, "an upload cannot be kept; look at the folder of files");
        }
    }

    /// Removes what has come of an upload that was cancelled. Who sends at this moment still has it open: that is left to the clean-up.
    fn remove(&self, upload: &Arc<Upload>) {
        let Some(_sending) = upload.take() else {
            return;
        };
        if let Err(error) = self.files.end(upload.permit.key) {
            tracing::warn!(event = "files.upload_left", error = %error, "what is left of an upload cannot be removed");
        }
    }

    /// Nothing more is done.
    pub(crate) fn end(&self) {
        self.due.end();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use causette_core::file::Visibility;
    use causette_core::id::AccountId;
    use causette_proto::{FileName, Timestamp};
    use std::path::Path;

    fn permit() -> Permit {
        Permit {
            key: crate::files::permit_key().unwrap(),
            owner: AccountId(2),
            name: FileName::nearest("a.txt"),
            bytes: 5,
            visibility: Visibility::Private,
            to: None,
            since: Timestamp(0),
        }
    }

    fn count(folder: &Path) -> usize {
        std::fs::read_dir(folder.join("incoming")).unwrap().count()
    }

    #[test]
    fn nothing_is_left_of_an_upload_that_is_cancelled() {
        let folder = crate::data_dir::tests::Folder::new();
        let (files, _) = Files::open_folder(&folder.0).unwrap();
        let chores = Chores::new(Arc::new(files));
        let next = || chores.carry_out(chores.due.take().unwrap());
        let permit = permit();
        chores.begin(permit.clone());
        next();
        assert_eq!(count(&folder.0), 2, "bytes and note");
        chores.cancel(permit.key);
        // From then on, and not only once its bytes are removed.
        assert!(chores.files.upload(permit.key).is_none());
        next();
        assert_eq!(count(&folder.0), 0);
        // Where it was over, there is nothing to be done.
        chores.cancel(permit.key);
        chores.end();
        assert!(chores.due.take().is_none());
    }

    #[test]
    fn who_sends_what_is_cancelled_is_not_disturbed() {
        let folder = crate::data_dir::tests::Folder::new();
        let (files, _) = Files::open_folder(&folder.0).unwrap();
        let chores = Chores::new(Arc::new(files));
        let permit = permit();
        let upload = chores.files.admit(permit.clone());
        let mut sending = upload.take().unwrap();
        chores.files.open(&mut sending).unwrap();
        assert!(chores.files.is_under_way(&upload));
        chores.cancel(permit.key);
        chores.carry_out(chores.due.take().unwrap());
        assert!(!chores.files.is_under_way(&upload));
        sending.append(b"hello").unwrap();
        sending.sync().unwrap();
        assert_eq!(count(&folder.0), 2);
    }
}
