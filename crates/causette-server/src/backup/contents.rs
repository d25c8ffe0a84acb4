//! The contents of files in a backup: behind all else, each under the name that it has in the data folder.
//!
//! A content never changes, so that it is copied behind the database. One that is removed meanwhile is not in the backup, and the database in
//! that still has its file: whoever makes the backup is told so. One that cannot be read, or is not what it was, is told of too, and holds up
//! nothing: where a backup is put back, it is left out.

use super::archive::Packer;
use crate::config::Config;
use crate::files::FILES;
use crate::files::{depot, open_to_read};
use causette_core::file::Digest;
use causette_store::{Content, Store, StoreError};
use causette_text::{Language, text_with};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Contents that are named one by one.
const NAMED: usize = 20;

/// What a backup has of the contents of files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// How many are in it.
    pub count: u64,
    /// Those that are not, or not as they were.
    pub lacking: Vec<Lacking>,
}

/// A content that is not in a backup as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// The first of the files that have it.
    pub file: u64,
    /// What that is called.
    pub name: String,
    /// What became of it.
    pub why: Why,
}

/// Why a content is not in a backup as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It was removed while the backup was made.
    Removed,
    /// It is not there, and should be.
    Lost,
    /// It cannot be read, or is not what it was.
    Damaged,
}

impl Contents {
    /// Whether something is missing that nobody has removed.
    pub fn is_whole(&self) -> bool {
        self.lacking
            .iter()
            .all(|lacking| lacking.why == Why::Removed)
    }

    /// How many there are, and which are not in it: a sentence for each, up to a bound. Nothing, where there are no files.
    pub fn words(&self, language: Language) -> Vec<String> {
        let mut lines = Vec::new();
        if self.count > 0 {
            let count = self.count.to_string();
            lines.push(text_with(language, "backup-contents", &[("count", &count)]));
        }
        for lacking in self.lacking.iter().take(NAMED) {
            let key = match lacking.why {
                Why::Removed => "backup-content-removed",
                Why::Lost => "backup-content-lost",
                Why::Damaged => "backup-content-damaged",
            };
            let number = lacking.file.to_string();
            let variables = [("file", &*number), ("name", &lacking.name)];
            lines.push(text_with(language, key, &variables));
        }
        if let Some(more @ 1..) = self.lacking.len().checked_sub(NAMED) {
            let more = more.to_string();
            lines.push(text_with(
                language,
                "backup-contents-more",
                &[("count", &more)],
            ));
        }
        lines
    }

    fn lacks(&mut self, content: &Content, why: Why) {
        self.lacking.push(Lacking {
            file: content.file.0,
            name: content.name.clone(),
            why,
        });
    }
}

/// What a content is called in a backup.
fn name_of(content: Digest) -> String {
    format!("{FILES}/{}", depot::name_of(content))
}

/// The content that is called so in a backup; `None` for what is none.
pub(super) fn of(name: &str) -> Option<Digest> {
    let content = Digest::parse(name.rsplit('/').next()?)?;
    (name_of(content) == name).then_some(content)
}

/// The contents that a backup is to have.
pub(super) struct Wanted {
    folder: PathBuf,
    contents: Vec<Content>,
    /// Bytes of all that are there.
    pub(super) bytes: u64,
}

impl Wanted {
    /// Those of a copy of the database, in the folder of the server.
    ///
    /// # Errors
    /// When the copy cannot be read.
    pub(super) fn of(copy: &Path, config: &Config) -> Result<Self, StoreError> {
        let contents = Store::look(copy)?.reader()?.contents()?;
        let folder = config.data_dir.join(FILES);
        let sizes = contents.iter().filter_map(|content| {
            let found = fs::metadata(folder.join(depot::name_of(content.sha256)));
            found.ok().map(|found| found.len())
        });
        Ok(Self {
            bytes: sizes.sum(),
            folder,
            contents,
        })
    }

    /// Packs them.
    ///
    /// # Errors
    /// When the archive cannot be written.
    pub(super) fn pack<W: Write>(&self, packer: &mut Packer<W>) -> io::Result<Contents> {
        let mut packed = Contents::default();
        for content in &self.contents {
            let place = self.folder.join(depot::name_of(content.sha256));
            let opened = open_to_read(&place).and_then(|file| Ok((file.metadata()?.len(), file)));
            let (size, file) = match opened {
                Ok(opened) => opened,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    packed.lacks(content, Why::Lost);
                    continue;
                }
                Err(_) => {
                    packed.lacks(content, Why::Damaged);
                    continue;
                }
            };
            let mut whole = Whole {
                file,
                is_broken: false,
            };
            let sha256 = packer.add(&name_of(content.sha256), size, &mut whole)?;
            if whole.is_broken || sha256 != content.sha256.to_string() {
                packed.lacks(content, Why::Damaged);
            } else {
                packed.count += 1;
            }
        }
        Ok(packed)
    }
}

/// Of those that are not there, somebody may have removed the files meanwhile.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn settle(packed: &mut Contents, store: &Store) -> Result<(), StoreError> {
    if packed.is_whole() {
        return Ok(());
    }
    let there: HashSet<u64> = store
        .snapshot()?
        .files
        .rows
        .iter()
        .map(|file| file.id.0)
        .collect();
    for lacking in &mut packed.lacking {
        if lacking.why == Why::Lost && !there.contains(&lacking.file) {
            lacking.why = Why::Removed;
        }
    }
    Ok(())
}

/// Which of the contents that a database names were in a backup, as they were.
pub(super) fn found(
    named: &[Content],
    whole: &HashSet<Digest>,
    damaged: &HashSet<Digest>,
) -> Contents {
    let mut found = Contents::default();
    for content in named {
        if whole.contains(&content.sha256) {
            found.count += 1;
        } else if damaged.contains(&content.sha256) {
            found.lacks(content, Why::Damaged);
        } else {
            found.lacks(content, Why::Lost);
        }
    }
    found
}

/// A file that has as many bytes as it had: what cannot be read of it is nought. Its SHA-256 then tells that it is not what it was.
struct Whole {
    file: File,
    is_broken: bool,
}

impl Read for Whole {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if !self.is_broken {
            match self.file.read(bytes) {
                Ok(0) if !bytes.is_empty() => self.is_broken = true,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
                Err(_) => self.is_broken = true,
                read => return read,
            }
        }
        bytes.fill(0);
        Ok(bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_content_is_known_by_its_name() {
        let content = Digest([0xab; 32]);
        let name = name_of(content);
        assert_eq!(name, format!("files/blobs/ab/{}", "ab".repeat(32)));
        assert_eq!(of(&name), Some(content));
        for other in [
            "causette.db",
            &format!("files/blobs/ac/{}", "ab".repeat(32)),
            &format!("files/{}", "ab".repeat(32)),
            &"ab".repeat(32),
            "",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
