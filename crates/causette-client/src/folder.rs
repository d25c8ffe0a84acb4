//! The folder in which the client keeps what must outlive it: whom it trusts, the tokens of this device, drafts and messages
//! that were not stored. Nobody else may read it.

use anyhow::{Context as _, bail};
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Bytes of a file of ours at most; a larger one is not ours.
const FILE_BYTES_MAX: u64 = 16 * 1_024 * 1_024;

/// The folder.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// `$XDG_STATE_HOME/causette`, else `~/.local/state/causette`.
    /// <https://specifications.freedesktop.org/basedir-spec/latest/>
    ///
    /// # Errors
    /// There is no home.
    pub fn of_person() -> anyhow::Result<Self> {
        let absolute = |name: &str| {
            std::env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let state = absolute("XDG_STATE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".local/state")));
        let state = state.context("neither XDG_STATE_HOME nor HOME is set")?;
        Ok(Self(state.join("causette")))
    }

    /// A folder.
    pub fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Where a file of it is.
    pub fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    /// A file, if there is one.
    ///
    /// # Errors
    /// It cannot be read, it belongs to somebody else, or others may read it.
    pub fn read(&self, file: &str) -> anyhow::Result<Option<String>> {
        let path = self.path(file);
        let metadata = match std::fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            bail!("{}: the file belongs to somebody else", path.display());
        }
        if metadata.mode() & 0o077 != 0 {
            bail!("{}: others may read the file; chmod 600 it", path.display());
        }
        if metadata.len() > FILE_BYTES_MAX {
            bail!("{}: the file is too large", path.display());
        }
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        Ok(Some(text))
    }

    /// Writes a file whole: who crashes meanwhile finds the old one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, file: &str, text: &str) -> anyhow::Result<()> {
        let path = self.path(file);
        let parent = self.make_parent_of(&path)?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.new", std::process::id()));
        let new = parent.join(name);
        let write = || -> std::io::Result<()> {
            let mut options = OpenOptions::new();
            let mut handle = options
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&new)?;
            handle.write_all(text.as_bytes())?;
            handle.sync_data()?;
            std::fs::rename(&new, &path)
        };
        let written = write();
        if written.is_err() {
            // What was begun is of no use to anybody.
            let _ = std::fs::remove_file(&new);
        }
        written.with_context(|| path.display().to_string())
    }

    /// A file that is there to be locked: the lock goes with it, however the process ends.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn lock_file(&self, file: &str) -> anyhow::Result<File> {
        let path = self.path(file);
        self.make_parent_of(&path)?;
        File::options()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .with_context(|| path.display().to_string())
    }

    /// Makes the folder in which a file of ours is to stand.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make_parent_of<'a>(&'a self, path: &'a Path) -> anyhow::Result<&'a Path> {
        let parent = path.parent().unwrap_or(&self.0);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(parent);
        made.with_context(|| parent.display().to_string())?;
        Ok(parent)
    }

    /// A folder of its own for one test.
    #[cfg(test)]
    pub(crate) fn for_test() -> Self {
        let name = format!(
            "causette-client-{:016x}",
            getrandom::u64().unwrap_or_default()
        );
        Self(std::env::temp_dir().join(name))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn nobody_else_reads_what_is_kept() {
        let folder = Folder::for_test();
        assert_eq!(folder.read("state/a.json").unwrap(), None);
        folder.write("state/a.json", "one").unwrap();
        folder.write("state/a.json", "two").unwrap();
        assert_eq!(folder.read("state/a.json").unwrap().as_deref(), Some("two"));
        let path = folder.path("state/a.json");
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(
            std::fs::metadata(path.parent().unwrap()).unwrap().mode() & 0o777,
            0o700
        );
        assert_eq!(
            std::fs::read_dir(path.parent().unwrap()).unwrap().count(),
            1
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(
            folder
                .read("state/a.json")
                .unwrap_err()
                .to_string()
                .contains("chmod 600")
        );
        std::fs::remove_dir_all(folder.path("")).unwrap();
    }
}
