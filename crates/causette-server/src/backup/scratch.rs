//! The folder in which a backup is made or looked into, beside the file that it is about. It goes away with whoever made it; one that
//! a process left which was killed is taken over.

use rustix::fs::FlockOperation;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The file by whose lock a folder that is in use is told from one that was left.
const LOCK: &str = "lock";

/// The folders of this process.
static OURS: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A folder for its owner only, removed when dropped unless it is kept.
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// Makes the folder.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] where another process is at work in it, or it is none of ours; otherwise what the system refuses.
    pub(super) fn make(path: PathBuf) -> io::Result<Self> {
        // One that is left is removed once; whoever makes it again meanwhile is at work.
        if path.symlink_metadata().is_ok() {
            remove_left(&path)?;
        }
        DirBuilder::new().mode(0o700).create(&path)?;
        ours(|ours| ours.push(path.clone()));
        let lock = lock(&path, OpenOptions::new().write(true).create_new(true));
        match lock {
            Ok(lock) => Ok(Self { path, _lock: lock }),
            Err(error) => {
                remove(&path);
                Err(error)
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives the folder another name, by which it stays.
    pub(super) fn keep_as(self, name: &Path) -> io::Result<()> {
        fs::remove_file(self.path.join(LOCK))?;
        fs::rename(&self.path, name)?;
        ours(|ours| ours.retain(|path| *path != self.path));
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes what this process has begun and will not end, before it ends itself: somebody interrupts it.
pub fn abandon() {
    let paths = ours(|ours| ours.clone());
    // Whoever is still at work there may make a file while others are removed.
    for path in paths.iter().cycle().take(paths.len() * 3) {
        remove(path);
    }
}

fn ours<T>(change: impl FnOnce(&mut Vec<PathBuf>) -> T) -> T {
    change(&mut OURS.lock().unwrap_or_else(PoisonError::into_inner))
}

fn remove(path: &Path) {
    // It may have another name by now. Where it cannot be removed, the next one says why.
    let mine = ours(|ours| ours.iter().any(|ours| ours == path));
    if mine && fs::remove_dir_all(path).is_ok() {
        ours(|ours| ours.retain(|ours| ours != path));
    }
}

/// Removes a folder in which nobody is at work any more.
pub(super) fn remove_left(path: &Path) -> io::Result<()> {
    let lock = lock(path, OpenOptions::new().write(true)).map_err(|error| match error.kind() {
        ErrorKind::NotFound | ErrorKind::WouldBlock => ErrorKind::AlreadyExists.into(),
        _ => error,
    })?;
    fs::remove_dir_all(path)?;
    drop(lock);
    Ok(())
}

fn lock(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    let file = options.mode(0o600).open(path.join(LOCK))?;
    rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;

    #[test]
    fn a_folder_goes_with_its_owner_and_one_that_was_left_is_taken_over() {
        let folder = Folder::new();
        let path = folder.0.join("backup.tar.part");
        let first = Scratch::make(path.clone()).unwrap();
        let second = Scratch::make(path.clone()).unwrap_err();
        assert_eq!(second.kind(), ErrorKind::AlreadyExists);
        drop(first);
        assert!(!path.exists());
        // As a process that was killed leaves it.
        fs::create_dir(&path).unwrap();
        fs::write(path.join(LOCK), "").unwrap();
        fs::write(path.join("causette.db"), "half").unwrap();
        let taken = Scratch::make(path.clone()).unwrap();
        assert!(!path.join("causette.db").exists());
        taken.keep_as(&folder.0.join("kept")).unwrap();
        assert!(folder.0.join("kept").exists() && !path.exists());
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_as_it_is() {
        let folder = Folder::new();
        let path = folder.0.join("backup.tar.part");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("letter"), "").unwrap();
        let refused = Scratch::make(path.clone()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
        assert!(path.join("letter").exists());
    }
}
