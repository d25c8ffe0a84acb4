//! The folder of everything that is kept: private to its owner, and to one server at a time.

use anyhow::{Context as _, bail};
use causette_core::settings::Language;
use causette_core::text::text_with;
use rustix::fs::FlockOperation;
use std::fs::{self, DirBuilder, File};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// The file that a running server holds locked, with its process id in it.
const LOCK: &str = "lock";

/// The data folder, held by this server until dropped.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    /// The lock goes with the open file.
    _lock: File,
}

impl DataDir {
    /// Makes the folder where there is none, closes it to others, and locks it.
    ///
    /// # Errors
    /// When another server holds it, or the system refuses.
    pub(crate) fn claim(path: &Path, language: Language) -> anyhow::Result<Self> {
        let context = || format!("server.data_dir: {}", path.display());
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .with_context(context)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).with_context(context)?;
        let mut options = fs::OpenOptions::new();
        let mut lock = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path.join(LOCK))
            .with_context(context)?;
        match rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let mut pid = String::new();
                // The id only helps; without it the refusal still stands.
                let _ = lock.read_to_string(&mut pid);
                let folder = path.display().to_string();
                bail!(text_with(
                    language,
                    "start-data-dir-locked",
                    &[("folder", &folder), ("pid", pid.trim())]
                ));
            }
            Err(error) => return Err(error).with_context(context),
        }
        lock.set_len(0)
            .and_then(|()| lock.rewind())
            .with_context(context)?;
        writeln!(lock, "{}", std::process::id()).with_context(context)?;
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    /// A folder that goes away with the test.
    pub(crate) struct Folder(pub(crate) PathBuf);

    impl Folder {
        pub(crate) fn new() -> Self {
            let folder = std::env::temp_dir().join(format!(
                "causette-server-{:016x}",
                getrandom::u64().unwrap()
            ));
            fs::create_dir(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn one_server_at_a_time_holds_the_folder() {
        let folder = Folder::new();
        let path = folder.0.join("inside/data");
        let first = DataDir::claim(&path, Language::En).unwrap();
        assert_eq!(
            fs::metadata(first.path()).unwrap().permissions().mode() & 0o777,
            0o700
        );
        assert!(DataDir::claim(&path, Language::En).is_err());
        drop(first);
        DataDir::claim(&path, Language::En).unwrap();
    }
}
