//! The bytes of files: what is kept, and what is still arriving. What is known of files, and who may have them, is the core's.

pub(crate) mod chores;
mod declared;
pub(crate) mod depot;
mod doubt;
pub(crate) mod guard;
mod incoming;
pub(crate) mod kind;
pub(crate) mod offered;
pub(crate) mod picture;
mod removed;
pub(crate) mod scan;
pub(crate) mod sweep;
mod upload;

pub(crate) use declared::Declared;
pub(crate) use doubt::Keeping;
pub(crate) use incoming::Mark;
pub(crate) use removed::open_to_read;
pub(crate) use upload::{Sending, Upload};

use aws_lc_rs::digest::{SHA256, digest};
use causette_core::file::{Digest, FileKey, Permit, PermitKey};
use depot::Depot;
use doubt::Doubts;
use incoming::Incoming;
use offered::Offered;
use rustix::fs::statvfs;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The folder of all this, in that of everything.
pub(crate) const FILES: &str = "files";

/// What the address of a file is made of, before its permit.
const KEY_PURPOSE: &[u8] = b"causette file\0";

/// The files of a server. All of it that can fail blocks: it waits for the disk.
#[derive(Debug)]
pub(crate) struct Files {
    depot: Depot,
    uploads: Mutex<HashMap<PermitKey, Arc<Upload>>>,
    /// What was declared of uploads that the core has not permitted yet.
    declared: Mutex<HashMap<PermitKey, Declared>>,
    doubts: Arc<Doubts>,
    /// The files of a folder of the administration.
    pub(crate) offered: Offered,
}

impl Files {
    /// Opens the folder, and finds the uploads that were under way.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn open_folder(root: &Path) -> io::Result<(Self, Vec<Permit>)> {
        let depot = Depot::open(root)?;
        let (mut uploads, mut permits) = (HashMap::new(), Vec::new());
        for (permit, declared, incoming) in incoming::left_over(&depot)? {
            permits.push(permit.clone());
            let key = permit.key;
            uploads.insert(key, Arc::new(Upload::new(permit, declared, incoming)));
        }
        Ok((Self::of(depot, uploads), permits))
    }

    fn of(depot: Depot, uploads: HashMap<PermitKey, Arc<Upload>>) -> Self {
        Self {
            depot,
            uploads: Mutex::new(uploads),
            declared: Mutex::default(),
            doubts: Arc::default(),
            offered: Offered::default(),
        }
    }

    /// None, for who needs no bytes.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn nowhere() -> Self {
        Self::of(Depot::nowhere(), HashMap::new())
    }

    fn uploads(&self) -> MutexGuard<'_, HashMap<PermitKey, Arc<Upload>>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn declarations(&self) -> MutexGuard<'_, HashMap<PermitKey, Declared>> {
        self.declared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers what is declared of an upload until it is permitted or [refused](Self::retract).
    pub(crate) fn declare(&self, permit: PermitKey, declared: Declared) {
        self.declarations().insert(permit, declared);
    }

    /// The upload is not permitted.
    pub(crate) fn retract(&self, permit: PermitKey) {
        self.declarations().remove(&permit);
    }

    /// Lets bytes come by a permit; it may have been let before. Never waits.
    pub(crate) fn admit(&self, permit: Permit) -> Arc<Upload> {
        let key = permit.key;
        let mut uploads = self.uploads();
        let place = uploads.entry(key).or_insert_with(|| {
            let declared = self.declarations().remove(&key);
            let declared = declared.unwrap_or_else(|| Declared {
                since: now_seconds(),
                ..Declared::default()
            });
            let incoming = Incoming::awaited(&self.depot, key);
            Arc::new(Upload::new(permit, declared, incoming))
        });
        place.clone()
    }

    /// Takes up the sending: what is there is counted, and what it is for is noted.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn open(&self, sending: &mut Sending) -> io::Result<()> {
        sending.open(&self.depot)
    }

    /// The upload of a permit, where there is one.
    pub(crate) fn upload(&self, permit: PermitKey) -> Option<Arc<Upload>> {
        self.uploads().get(&permit).cloned()
    }

    /// Keeps what has come as a content, or what is left of it, which is not removed before the core was told. The upload is over only
    /// when the core says that there is a file of it.
    ///
    /// # Errors
    /// What the system of files refuses; all bytes are still there then.
    pub(crate) fn keep(
        &self,
        sending: &Sending,
        clean: Option<&[u8]>,
    ) -> io::Result<(Digest, Keeping)> {
        let (path, sha256) = match clean {
            Some(bytes) => {
                let hash = digest(&SHA256, bytes);
                let mut sha256 = [0; 32];
                sha256.copy_from_slice(hash.as_ref());
                (sending.write_clean(bytes)?, Digest(sha256))
            }
            None => {
                sending.sync()?;
                (sending.path().to_owned(), sending.sha256()?)
            }
        };
        let keeping = self.doubts.keep(sha256);
        self.depot.keep(&path, sha256)?;
        Ok((sha256, keeping))
    }

    /// Where it is noted what is offered.
    fn offered_note(&self) -> PathBuf {
        self.depot.root().join("offered.json")
    }

    /// Opens the bytes of a file to be read, wherever they are.
    ///
    /// # Errors
    /// They are not there, or cannot be read; [`io::ErrorKind::InvalidData`] where they have changed in the folder that is offered.
    pub(crate) fn bytes_of(&self, file: &causette_core::file::File) -> io::Result<File> {
        match &file.path {
            Some(path) => self.offered.open(path),
            None => self.content(file.sha256),
        }
    }

    /// Lets no more bytes come by a permit; gives back the upload, where there was one. Never waits.
    pub(crate) fn withdraw(&self, permit: PermitKey) -> Option<Arc<Upload>> {
        self.uploads().remove(&permit)
    }

    /// Whether an upload is still under way.
    pub(crate) fn is_under_way(&self, upload: &Arc<Upload>) -> bool {
        let there = self.upload(upload.permit.key);
        there.is_some_and(|there| Arc::ptr_eq(&there, upload))
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

    /// Frees the bytes of what is removed, for as long as it is let.
    pub(crate) async fn free_removed(self: Arc<Self>) {
        removed::free(self.depot.removed().clone()).await;
    }

    /// Whether the disk has room for so many more bytes, and a share of it stays free, in percent.
    pub(crate) fn has_room(&self, bytes: u64, floor_percent: u8) -> bool {
        // Where the system does not say, writing will.
        let Ok(disk) = statvfs(self.depot.root()) else {
            return true;
        };
        has_room(
            (disk.f_bavail, disk.f_blocks, disk.f_frsize),
            bytes,
            floor_percent,
        )
    }
}

/// The same of a disk with so many free and so many blocks of a length.
fn has_room((free, all, block): (u64, u64, u64), bytes: u64, floor_percent: u8) -> bool {
    let floor = u128::from(all) * u128::from(block) * u128::from(floor_percent) / 100;
    u128::from(free) * u128::from(block) >= floor + u128::from(bytes)
}

/// The wall clock, in seconds since 1970.
pub(crate) fn now_seconds() -> i64 {
    crate::engine::now().0.div_euclid(1_000_000)
}

/// A new name of a permit.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn permit_key() -> anyhow::Result<PermitKey> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(PermitKey(bytes))
}

/// The address of the file that an upload becomes: always the same, so that finishing it twice makes one file; and nobody finds the
/// permit by it.
pub(crate) fn file_key(permit: PermitKey) -> FileKey {
    let hash = digest(&SHA256, &[KEY_PURPOSE, &permit.0].concat());
    let mut key = [0; 16];
    key.copy_from_slice(&hash.as_ref()[..16]);
    FileKey(key)
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
        let (files, left) = Files::open_folder(&folder.0).unwrap();
        assert_eq!(left, []);
        let declared = Declared {
            is_exact: true,
            ..Declared::default()
        };
        files.declare(permit.key, declared.clone());
        let upload = files.admit(permit.clone());
        assert_eq!(upload.declared, declared);
        assert!(Arc::ptr_eq(&upload, &files.admit(permit.clone())));
        let mut sending = upload.take().unwrap();
        assert!(upload.take().is_none(), "somebody sends");
        files.open(&mut sending).unwrap();
        sending.append(b"hello").unwrap();
        assert!(!upload.is_whole());
        let (sha256, keeping) = files.keep(&sending, None).unwrap();
        sending.announce();
        assert!(upload.is_whole());
        // The server ends before the core was told.
        assert_eq!(files.keep(&sending, None).unwrap().0, sha256);
        drop((sending, keeping));
        let mut text = String::new();
        let mut content = files.content(sha256).unwrap();
        content.read_to_string(&mut text).unwrap();
        assert_eq!(text, "hello");
        files.end(permit.key).unwrap();
        assert!(files.upload(permit.key).is_none());
        assert!(files.content(sha256).is_ok());
    }

    #[test]
    fn the_address_of_a_file_follows_from_its_permit() {
        let key = file_key(PermitKey([0; 16]));
        assert_eq!(key, file_key(PermitKey([0; 16])));
        assert_ne!(key, file_key(PermitKey([1; 16])));
    }

    #[test]
    fn a_share_of_the_disk_stays_free() {
        for (free, bytes, floor, has) in [
            (50, 0, 5, true),
            (5, 0, 5, true),
            (5, 1, 5, false),
            (4, 0, 5, false),
            (4, 4096, 0, true),
            (4, 4 * 4096 + 1, 0, false),
        ] {
            assert_eq!(has_room((free, 100, 4096), bytes, floor), has);
        }
    }
}
