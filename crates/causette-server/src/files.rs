//! The bytes of files: what is kept, and what is still arriving. What is known of files, and who may have them, is the core's.

pub(crate) mod chores;
pub(crate) mod depot;
pub(crate) mod incoming;
pub(crate) mod kind;
pub(crate) mod offered;
pub(crate) mod picture;
pub(crate) mod scan;

use causette_core::file::{Digest, FileKey, Permit, PermitKey};
use depot::Depot;
use incoming::Incoming;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

/// An upload that several requests may ask for: one at a time sends bytes.
pub(crate) type Upload = Arc<Mutex<Incoming>>;

/// The files of a server. All of it blocks: it waits for the disk.
#[derive(Debug)]
pub(crate) struct Files {
    depot: Depot,
    uploads: Mutex<HashMap<PermitKey, Upload>>,
}

impl Files {
    /// Opens the folder, and finds the uploads that were under way.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn open(root: &Path) -> io::Result<(Self, Vec<Permit>)> {
        let depot = Depot::open(root)?;
        let permits = incoming::left_over(&depot)?;
        let mut uploads = HashMap::new();
        for permit in &permits {
            let resumed = Incoming::resume(&depot, permit.clone())?;
            uploads.insert(permit.key, Arc::new(Mutex::new(resumed)));
        }
        let uploads = Mutex::new(uploads);
        Ok((Self { depot, uploads }, permits))
    }

    fn uploads(&self) -> MutexGuard<'_, HashMap<PermitKey, Upload>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets bytes come by a permit; it may have been let before.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn begin(&self, permit: &Permit) -> io::Result<Upload> {
        match self.uploads().entry(permit.key) {
            Entry::Occupied(upload) => Ok(upload.get().clone()),
            Entry::Vacant(place) => {
                let begun = Incoming::begin(&self.depot, permit.clone())?;
                Ok(place.insert(Arc::new(Mutex::new(begun))).clone())
            }
        }
    }

    /// The upload of a permit, where there is one.
    pub(crate) fn upload(&self, permit: PermitKey) -> Option<Upload> {
        self.uploads().get(&permit).cloned()
    }

    /// Keeps what has come as a content. The upload is over only when the core says that there is a file of it.
    ///
    /// # Errors
    /// What the system of files refuses; all bytes are still there then.
    pub(crate) fn keep(&self, upload: &Incoming) -> io::Result<Digest> {
        upload.sync()?;
        let sha256 = upload.sha256();
        self.depot.keep(upload.path(), sha256)?;
        Ok(sha256)
    }

    /// An upload is over: its file is there, or it was given up.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn end(&self, permit: PermitKey) -> io::Result<()> {
        self.uploads().remove(&permit);
        incoming::forget(&self.depot, permit)
    }

    /// Opens the bytes of a file to be read.
    ///
    /// # Errors
    /// They are not there, or cannot be read.
    pub(crate) fn content(&self, sha256: Digest) -> io::Result<File> {
        self.depot.open_content(sha256)
    }

    /// Removes what no file has any more.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn forget(&self, sha256: Digest) -> io::Result<()> {
        self.depot.forget(sha256)
    }
}

/// The upload, unless somebody else sends its bytes right now.
pub(crate) fn alone(upload: &Upload) -> Option<MutexGuard<'_, Incoming>> {
    match upload.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// A new name of a permit.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn permit_key() -> anyhow::Result<PermitKey> {
    random().map(PermitKey)
}

/// A new address of a file.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn file_key() -> anyhow::Result<FileKey> {
    random().map(FileKey)
}

fn random() -> anyhow::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use causette_core::file::Visibility;
    use causette_core::id::AccountId;
    use causette_proto::{FileName, Timestamp};
    use std::io::Read as _;

    #[test]
    fn an_upload_becomes_a_content_once_though_it_is_asked_twice() {
        let folder = crate::data_dir::tests::Folder::new();
        let permit = Permit {
            key: permit_key().unwrap(),
            owner: AccountId(2),
            name: FileName::nearest("a.txt"),
            bytes: 5,
            visibility: Visibility::Public,
            to: None,
            since: Timestamp(0),
        };
        let (files, left) = Files::open(&folder.0).unwrap();
        assert_eq!(left, []);
        let upload = files.begin(&permit).unwrap();
        assert!(Arc::ptr_eq(&upload, &files.begin(&permit).unwrap()));
        let mut guard = alone(&upload).unwrap();
        assert!(alone(&upload).is_none(), "somebody sends");
        guard.append(b"hello").unwrap();
        let sha256 = files.keep(&guard).unwrap();
        // The server ends before the core was told.
        assert_eq!(files.keep(&guard).unwrap(), sha256);
        drop(guard);
        let mut text = String::new();
        files
            .content(sha256)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "hello");
        files.end(permit.key).unwrap();
        assert!(files.upload(permit.key).is_none());
        files.forget(sha256).unwrap();
        assert!(files.content(sha256).is_err());
    }
}
