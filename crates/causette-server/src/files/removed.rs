//! Bytes that nobody needs any more. A large file is freed piece by piece: where a system of files frees all of it at once, everybody
//! waits whose words are brought to the disk at that moment.

use crate::aside;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

/// The folder of what is being freed.
const REMOVED: &str = "removed";

/// Bytes that are freed at once.
const PIECE: u64 = 4 << 20;

/// How long the disk is left to others behind each.
const PAUSE: Duration = Duration::from_millis(5);

/// When to look again where nothing could be freed: somebody reads all that is left, or the disk refuses.
const AGAIN: Duration = Duration::from_secs(10);

/// Files that have lost their names.
#[derive(Debug)]
pub(super) struct Removed {
    folder: PathBuf,
    /// Told when there is one more.
    more: Notify,
}

/// What came of an attempt to free something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freed {
    /// A piece, and there may be more.
    Piece,
    /// Nothing: nothing is left but what is still being read.
    Nothing,
}

impl Removed {
    /// Makes the folder where there is none.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let removed = Self::within(root);
        let mut make = DirBuilder::new();
        make.recursive(true).mode(0o700).create(&removed.folder)?;
        Ok(removed)
    }

    /// In this folder, which may not be there.
    pub(super) fn within(root: &Path) -> Self {
        Self {
            folder: root.join(REMOVED),
            more: Notify::new(),
        }
    }

    /// Takes a file away from its place; it may be gone already. Its bytes are freed at once where they are few or have another name.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(super) fn take(&self, path: &Path) -> io::Result<()> {
        let taken = fs::symlink_metadata(path).and_then(|found| {
            if found.len() <= PIECE || found.nlink() > 1 {
                return fs::remove_file(path);
            }
            // No other file has that number as long as this one is there.
            fs::rename(path, self.folder.join(found.ino().to_string()))?;
            self.more.notify_one();
            Ok(())
        });
        match taken {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            taken => taken,
        }
    }

    /// Frees a piece of one of the files.
    fn free(&self) -> io::Result<Freed> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let file = OpenOptions::new().write(true).open(&path)?;
            match file.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => return Err(error),
            }
            let found = file.metadata()?;
            if found.len() <= PIECE || found.nlink() > 1 {
                fs::remove_file(&path)?;
            } else {
                file.set_len(found.len() - PIECE)?;
                file.sync_all()?;
            }
            return Ok(Freed::Piece);
        }
        Ok(Freed::Nothing)
    }
}

/// Frees what is taken away, for as long as it is let.
pub(super) async fn free(removed: Arc<Removed>) {
    loop {
        let of = removed.clone();
        match aside::run(move || of.free()).await {
            Ok(Ok(Freed::Piece)) => {
                sleep(PAUSE).await;
                continue;
            }
            Ok(Ok(Freed::Nothing)) => {}
            Ok(Err(error)) => {
                tracing::warn!(event = "files.not_freed", error = %error, "what was removed of files cannot be freed; look at their folder");
            }
            Err(_) => return,
        }
        // Whichever comes first.
        let _ = timeout(AGAIN, removed.more.notified()).await;
    }
}

/// Opens a file to be read to its end, also where it is taken away meanwhile.
///
/// # Errors
/// It is not there, or cannot be read.
pub(crate) fn open_to_read(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    match file.try_lock_shared() {
        Ok(()) => Ok(file),
        // Between its opening and now it was taken away, and is being freed.
        Err(TryLockError::WouldBlock) => Err(ErrorKind::NotFound.into()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Shortens a file, without keeping everybody waiting who brings something to the disk meanwhile. On a thread that may wait.
///
/// # Errors
/// What the system of files refuses.
pub(super) fn shorten(file: &File, bytes: u64) -> io::Result<()> {
    let mut length = file.metadata()?.len();
    while length > bytes.saturating_add(PIECE) {
        length -= PIECE;
        file.set_len(length)?;
        file.sync_all()?;
        std::thread::sleep(PAUSE);
    }
    file.set_len(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;
    use std::io::{Read as _, Write as _};

    fn large(path: &Path) {
        let mut file = File::create(path).unwrap();
        file.set_len(2 * PIECE).unwrap();
        file.write_all(b"begun").unwrap();
    }

    fn left(removed: &Removed) -> Vec<u64> {
        let files = fs::read_dir(&removed.folder).unwrap();
        files
            .map(|file| file.unwrap().metadata().unwrap().len())
            .collect()
    }

    #[test]
    fn a_large_file_loses_its_name_at_once_and_its_bytes_by_and_by() {
        let folder = Folder::new();
        let removed = Removed::open(&folder.0).unwrap();
        let path = folder.0.join("large");
        large(&path);
        let mut reader = open_to_read(&path).unwrap();
        removed.take(&path).unwrap();
        assert!(!path.exists());
        removed.take(&path).unwrap();

        // Who reads it already reads it to its end.
        assert_eq!(removed.free().unwrap(), Freed::Nothing);
        assert_eq!(left(&removed), [2 * PIECE]);
        let mut begun = [0; 5];
        reader.read_exact(&mut begun).unwrap();
        assert_eq!(&begun, b"begun");

        drop(reader);
        assert_eq!(removed.free().unwrap(), Freed::Piece);
        assert_eq!(left(&removed), [PIECE]);
        assert_eq!(removed.free().unwrap(), Freed::Piece);
        assert!(left(&removed).is_empty());
        assert_eq!(removed.free().unwrap(), Freed::Nothing);
    }

    #[test]
    fn who_opens_what_is_being_freed_finds_nothing() {
        let folder = Folder::new();
        let path = folder.0.join("large");
        large(&path);
        let frees = OpenOptions::new().write(true).open(&path).unwrap();
        frees.try_lock().unwrap();
        assert_eq!(open_to_read(&path).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[test]
    fn what_has_another_name_keeps_its_bytes() {
        let folder = Folder::new();
        let removed = Removed::open(&folder.0).unwrap();
        let (path, other) = (folder.0.join("large"), folder.0.join("other"));
        large(&path);
        fs::hard_link(&path, &other).unwrap();
        removed.take(&path).unwrap();
        assert!(left(&removed).is_empty());
        assert_eq!(fs::metadata(&other).unwrap().len(), 2 * PIECE);
    }

    #[test]
    fn a_file_is_shortened_to_what_is_asked_for() {
        let folder = Folder::new();
        let path = folder.0.join("large");
        large(&path);
        let file = OpenOptions::new().write(true).open(&path).unwrap();
        for bytes in [PIECE - 1, 5, 0] {
            shorten(&file, bytes).unwrap();
            assert_eq!(file.metadata().unwrap().len(), bytes);
        }
    }
}
