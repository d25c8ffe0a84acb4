//! The files of a folder that whoever runs the server offers to all: they stay where they are, and are read from there.

use super::{Files, file_key, incoming, kind, permit_key};
use crate::aside;
use crate::config::live::Live;
use crate::engine::Arrival;
use causette_core::file::Digest;
use causette_core::input::{Input, OfferedFile};
use causette_core::limits;
use causette_proto::CompactString;
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, DirEntry, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, mpsc};

/// Folders in each other that are looked into.
const DEPTH: usize = 8;

/// What is known of the files that are offered.
#[derive(Debug, Default)]
pub(crate) struct Offered {
    found: Mutex<Found>,
    again: Notify,
}

#[derive(Debug, Default)]
struct Found {
    folder: Option<PathBuf>,
    files: BTreeMap<CompactString, Seen>,
}

/// A file as it was when its bytes were counted.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    stamp: Stamp,
    sha256: Digest,
    media_type: CompactString,
}

/// By what it is noticed that a file changed: its length, and when it last did, in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    changed: i128,
}

impl Stamp {
    fn of(metadata: &fs::Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            changed: i128::from(metadata.mtime()) * 1_000_000_000
                + i128::from(metadata.mtime_nsec()),
        }
    }
}

impl Offered {
    /// Has the folder looked through again.
    pub(crate) fn look_again(&self) {
        self.again.notify_one();
    }

    fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks through a folder, and counts the bytes of what is new or changed. What was counted is noted, so that it is not counted again
    /// behind a restart. What cannot be read is left out, and named in the log.
    ///
    /// # Errors
    /// The folder cannot be read at all: what was offered stays.
    pub(crate) fn look(&self, folder: Option<&Path>, note: &Path) -> io::Result<Vec<OfferedFile>> {
        let known = {
            let found = self.found();
            match found.folder.as_deref() == folder && !found.files.is_empty() {
                true => found.files.clone(),
                false => noted(note, folder),
            }
        };
        let mut files = BTreeMap::new();
        if let Some(folder) = folder {
            walk(
                folder,
                Path::new(""),
                0,
                &mut |path| match seen(folder, &path, &known) {
                    Ok(seen) => drop(files.insert(path, seen)),
                    Err(error) => {
                        tracing::warn!(event = "files.not_offered", path = %path.escape_debug(), error = %error, "a file of the folder that is offered cannot be read, and is left out");
                    }
                },
            )?;
        }
        let offered = files.iter().map(|(path, seen)| {
            let key = file_key(permit_key().map_err(io::Error::other)?);
            Ok(OfferedFile {
                path: path.clone(),
                key,
                media_type: seen.media_type.clone(),
                size: seen.stamp.bytes,
                sha256: seen.sha256,
            })
        });
        let offered = offered.collect::<io::Result<Vec<_>>>()?;
        if files != known {
            incoming::write(note, &to_note(folder, &files).to_string())?;
        }
        *self.found() = Found {
            folder: folder.map(Path::to_owned),
            files,
        };
        Ok(offered)
    }

    /// Opens one to be read.
    ///
    /// # Errors
    /// It is not there, cannot be read, or is not as it was when its bytes were counted: [`io::ErrorKind::InvalidData`].
    pub(crate) fn open(&self, path: &str) -> io::Result<File> {
        let (folder, stamp) = {
            let found = self.found();
            let folder = found.folder.clone();
            (folder, found.files.get(path).map(|seen| seen.stamp))
        };
        let (Some(folder), Some(stamp)) = (folder, stamp) else {
            return Err(io::ErrorKind::NotFound.into());
        };
        let file = open_below(&folder, path)?;
        match Stamp::of(&file.metadata()?) == stamp {
            true => Ok(file),
            false => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

/// What offers the files of the folder.
#[derive(Debug)]
pub(crate) struct Offering {
    pub(crate) files: Arc<Files>,
    pub(crate) live: Arc<Live>,
    pub(crate) inbox: mpsc::Sender<Arrival>,
}

impl Offering {
    /// Looks through the folder now, and whenever that is wanted, for as long as it is let.
    pub(crate) async fn run(self) {
        loop {
            let (files, folder) = (self.files.clone(), self.live.config().files.offered.clone());
            let look = move || files.offered.look(folder.as_deref(), &files.offered_note());
            match aside::run(look).await {
                Ok(Ok(offered)) => {
                    let input = Input::Offered(offered);
                    if self.inbox.send(Arrival::Input(input)).await.is_err() {
                        return;
                    }
                }
                Ok(Err(error)) => {
                    tracing::error!(event = "files.offered_failed", error = %error, "the folder of files that is offered cannot be read; what was offered stays");
                }
                Err(_) => {}
            }
            self.files.offered.again.notified().await;
        }
    }
}

/// Opens a file below a folder, and nothing that a link leads to.
fn open_below(folder: &Path, path: &str) -> io::Result<File> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = openat2(File::open(folder)?, path, flags, Mode::empty(), resolve)?;
    Ok(file.into())
}

fn seen(folder: &Path, path: &str, known: &BTreeMap<CompactString, Seen>) -> io::Result<Seen> {
    let mut file = open_below(folder, path)?;
    let stamp = Stamp::of(&file.metadata()?);
    if let Some(seen) = known.get(path)
        && seen.stamp == stamp
    {
        return Ok(seen.clone());
    }
    let media_type = kind::of(&file)?.into();
    let (sha256, bytes) = incoming::counted(&mut file)?;
    // What is being written meanwhile is offered when it is whole.
    if bytes != stamp.bytes || Stamp::of(&file.metadata()?) != stamp {
        return Err(io::Error::other("it changes"));
    }
    Ok(Seen {
        stamp,
        sha256,
        media_type,
    })
}

/// Names the files below a folder, in the order of their names. What is hidden, a link, or no file is passed over.
fn walk(
    folder: &Path,
    below: &Path,
    depth: usize,
    name: &mut impl FnMut(CompactString),
) -> io::Result<()> {
    let entries = fs::read_dir(folder.join(below))?;
    let mut entries = entries.collect::<io::Result<Vec<_>>>()?;
    entries.sort_unstable_by_key(DirEntry::file_name);
    for entry in entries.iter().take(limits::FILES) {
        let path = below.join(entry.file_name());
        let Some(text) = path.to_str() else {
            tracing::warn!(event = "files.not_offered", path = %path.to_string_lossy().escape_debug(), "the name of a file that would be offered is not UTF-8; it is left out");
            continue;
        };
        let kind = entry.file_type()?;
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if kind.is_file() {
            name(text.into());
        } else if kind.is_dir() && depth < DEPTH {
            walk(folder, &path, depth + 1, name)?;
        }
    }
    Ok(())
}

fn to_note(folder: Option<&Path>, files: &BTreeMap<CompactString, Seen>) -> Value {
    let files = files.iter().map(|(path, seen)| {
        json!([
            path.as_str(),
            seen.stamp.bytes,
            seen.stamp.changed.to_string(),
            seen.sha256.to_string(),
            seen.media_type.as_str(),
        ])
    });
    json!({ "folder": folder, "files": files.collect::<Vec<_>>() })
}

/// What was noted of a folder; nothing, where that is of another one or cannot be read.
fn noted(note: &Path, folder: Option<&Path>) -> BTreeMap<CompactString, Seen> {
    let note = fs::read(note).unwrap_or_default();
    let note: Value = serde_json::from_slice(&note).unwrap_or_default();
    if note["folder"].as_str().map(Path::new) != folder {
        return BTreeMap::new();
    }
    let file = |file: &Value| {
        let seen = Seen {
            stamp: Stamp {
                bytes: file[1].as_u64()?,
                changed: file[2].as_str()?.parse().ok()?,
            },
            sha256: Digest::parse(file[3].as_str()?)?,
            media_type: file[4].as_str()?.into(),
        };
        Some((file[0].as_str()?.into(), seen))
    };
    let files = note["files"].as_array().into_iter().flatten();
    files.filter_map(file).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::io::Read as _;
    use std::os::unix::fs::symlink;

    fn paths(offered: &[OfferedFile]) -> Vec<(&str, u64)> {
        let path = |file: &OfferedFile| file.size;
        offered
            .iter()
            .map(|file| (file.path.as_str(), path(file)))
            .collect()
    }

    #[test]
    fn what_is_in_the_folder_is_offered_and_nothing_that_leads_out_of_it() {
        let scratch = crate::data_dir::tests::Folder::new();
        let (folder, note) = (scratch.0.join("shared"), scratch.0.join("offered.json"));
        fs::create_dir_all(folder.join("b/c")).unwrap();
        fs::write(scratch.0.join("secret"), "secret").unwrap();
        for (path, text) in [("a.txt", "a"), ("b/c/d.txt", "deep"), (".hidden", "h")] {
            fs::write(folder.join(path), text).unwrap();
        }
        symlink(scratch.0.join("secret"), folder.join("link")).unwrap();
        symlink(&scratch.0, folder.join("up")).unwrap();
        let offered = Offered::default();
        let files = offered.look(Some(&folder), &note).unwrap();
        assert_eq!(paths(&files), [("a.txt", 1), ("b/c/d.txt", 4)]);
        let mut text = String::new();
        offered
            .open("b/c/d.txt")
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "deep");
        for wrong in ["link", "../secret", "up/secret", "b", ""] {
            assert!(offered.open(wrong).is_err(), "{wrong}");
        }
        // Swapped for a link meanwhile.
        fs::remove_file(folder.join("a.txt")).unwrap();
        symlink(scratch.0.join("secret"), folder.join("a.txt")).unwrap();
        assert!(offered.open("a.txt").is_err());
    }

    #[test]
    fn what_changed_is_not_given_until_it_was_counted_again() {
        let scratch = crate::data_dir::tests::Folder::new();
        let (folder, note) = (scratch.0.join("shared"), scratch.0.join("offered.json"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a"), "one").unwrap();
        let offered = Offered::default();
        let first = offered.look(Some(&folder), &note).unwrap();
        fs::write(folder.join("a"), "other").unwrap();
        let refused = offered.open("a").map(drop).map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::InvalidData));
        let second = offered.look(Some(&folder), &note).unwrap();
        assert_ne!(first[0].sha256, second[0].sha256);
        assert!(offered.open("a").is_ok());
        // A new server knows what was counted.
        let known = noted(&note, Some(&folder));
        assert_eq!(known.len(), 1);
        assert_eq!(noted(&note, Some(Path::new("/elsewhere"))), BTreeMap::new());
        // Nothing is offered any more.
        assert_eq!(offered.look(None, &note).unwrap(), []);
        assert!(offered.open("a").is_err());
        // A folder that is not there takes nothing away.
        assert!(offered.look(Some(Path::new("/nowhere")), &note).is_err());
    }
}
