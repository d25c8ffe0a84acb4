//! Where the bytes of files are: whole contents by their SHA-256, each once however many files have it, and what is still arriving.
//!
//! What another backend has to do is what is public here: keep, open, forget and list contents.

use super::removed::{Removed, open_to_read};
use causette_core::file::{Digest, PermitKey};
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// The folder of whole contents, below it a folder for each first byte.
const BLOBS: &str = "blobs";

/// The folder of what is still arriving.
const INCOMING: &str = "incoming";

/// The folder of all bytes.
#[derive(Debug)]
pub(crate) struct Depot {
    root: PathBuf,
    removed: Arc<Removed>,
}

impl Depot {
    /// Makes the folders where there are none, for their owner only.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let mut make = DirBuilder::new();
        make.recursive(true).mode(0o700);
        for folder in [BLOBS, INCOMING] {
            make.create(root.join(folder))?;
        }
        let removed = Arc::new(Removed::open(root)?);
        sync(root)?;
        Ok(Self {
            root: root.to_owned(),
            removed,
        })
    }

    /// None at all, for who needs no bytes.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn nowhere() -> Self {
        Self {
            root: PathBuf::from("/nowhere"),
            removed: Arc::new(Removed::within(Path::new("/nowhere"))),
        }
    }

    /// The folder of everything.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where the bytes of an upload arrive.
    pub(crate) fn incoming(&self, permit: PermitKey) -> PathBuf {
        self.root.join(INCOMING).join(permit.expose())
    }

    /// The folder where all uploads arrive.
    pub(crate) fn arrivals(&self) -> PathBuf {
        self.root.join(INCOMING)
    }

    fn place(&self, content: Digest) -> PathBuf {
        self.root.join(name_of(content))
    }

    /// Keeps a file whose bytes are synced as a content. When it returns, the content survives a power cut under its name; it may have been
    /// there already. The file stays where it was too, as another name of the same bytes, until the core knows of them.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn keep(&self, file: &Path, content: Digest) -> io::Result<()> {
        let place = self.place(content);
        let folder = place.parent().unwrap_or(&self.root);
        match DirBuilder::new().mode(0o700).create(folder) {
            Ok(()) => sync(&self.root.join(BLOBS))?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
        match fs::hard_link(file, &place) {
            // The same bytes: some file has them already.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
            Ok(()) => sync(folder),
        }
    }

    /// Opens a content to be read.
    ///
    /// # Errors
    /// It is not there, or cannot be read.
    pub(crate) fn open_content(&self, content: Digest) -> io::Result<File> {
        open_to_read(&self.place(content))
    }

    /// Removes a content; it may be gone already.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn forget(&self, content: Digest) -> io::Result<()> {
        self.removed.take(&self.place(content))
    }

    /// What was removed, and is to be freed.
    pub(super) fn removed(&self) -> &Arc<Removed> {
        &self.removed
    }

    /// Whether a content is there.
    pub(crate) fn has(&self, content: Digest) -> bool {
        self.place(content).exists()
    }

    /// The contents whose bytes were written before a moment. What is called otherwise is somebody else's, and stays.
    ///
    /// # Errors
    /// What the system of files refuses.
    pub(crate) fn contents_before(&self, moment: SystemTime) -> io::Result<Vec<Digest>> {
        let mut contents = Vec::new();
        for folder in fs::read_dir(self.root.join(BLOBS))? {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in fs::read_dir(folder.path())? {
                let file = file?;
                let name = file.file_name();
                let Some(content) = name.to_str().and_then(Digest::parse) else {
                    continue;
                };
                // One that is removed at this moment needs no more.
                let written = file.metadata().and_then(|found| found.modified());
                if written.is_ok_and(|written| written <= moment) {
                    contents.push(content);
                }
            }
        }
        Ok(contents)
    }
}

/// Where a content is, from the folder of all bytes on.
pub(crate) fn name_of(content: Digest) -> String {
    let name = content.to_string();
    format!("{BLOBS}/{}/{name}", &name[..2])
}

/// Makes what was made, renamed and removed in a folder survive a power cut.
pub(super) fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::io::Read as _;

    #[test]
    fn a_content_is_kept_once_and_forgotten_once() {
        let folder = crate::data_dir::tests::Folder::new();
        let depot = Depot::open(&folder.0).unwrap();
        let content = Digest([0xab; 32]);
        assert!(depot.open_content(content).is_err());
        for number in [1, 2] {
            let incoming = depot.incoming(PermitKey([number; 16]));
            fs::write(&incoming, "bytes").unwrap();
            depot.keep(&incoming, content).unwrap();
            assert!(incoming.exists());
        }
        let all = || depot.contents_before(SystemTime::now()).unwrap();
        assert_eq!(all(), [content]);
        assert_eq!(depot.contents_before(SystemTime::UNIX_EPOCH).unwrap(), []);
        let mut text = String::new();
        let mut opened = depot.open_content(content).unwrap();
        // Who reads it already reads it to its end.
        depot.forget(content).unwrap();
        opened.read_to_string(&mut text).unwrap();
        assert_eq!(text, "bytes");
        depot.forget(content).unwrap();
        assert_eq!(all(), []);
    }
}
