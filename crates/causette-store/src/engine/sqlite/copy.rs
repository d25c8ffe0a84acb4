//! The copy of a database that is made before its tables are changed, so that one can go back.

use crate::error::StoreError;
use rusqlite::Connection;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How often an upgrade may be made again, with all copies kept, until one of them has to go.
const COPIES_MAX: u32 = 1000;

/// Copies the database to `<name>.before-<version>`, or with a number behind where that is taken: an older copy is never
/// overwritten. The copy gets its name only once it is whole and on disk, so that an interrupted one is never taken for it.
///
/// # Errors
/// When there is no room for it, or the disk refuses; then nothing is left of it.
pub(crate) fn make(
    connection: &Connection,
    location: &Path,
    version: u32,
) -> Result<PathBuf, StoreError> {
    let part = beside(location, ".part");
    // What a process that was killed left of an earlier one.
    discard(&part);
    let copied = write(connection, &part).and_then(|()| name(&part, location, version));
    if copied.is_err() {
        discard(&part);
    }
    copied
}

/// Removes a copy, or what there is of it, and the journal that SQLite may have made for it.
pub(crate) fn discard(copy: &Path) {
    for file in [copy.to_owned(), beside(copy, "-journal")] {
        // Mostly it is not there; and where it cannot be removed, the next step fails and says why.
        let _ = fs::remove_file(file);
    }
}

fn write(connection: &Connection, part: &Path) -> Result<(), StoreError> {
    let io = |error| failed(part, &error);
    // SQLite writes into an empty file that exists, which keeps the rights that we gave it.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(part)
        .map_err(io)?;
    let target = part
        .to_str()
        .ok_or_else(|| StoreError::Io(format!("{} is not a UTF-8 path", part.display())))?;
    connection.execute("VACUUM INTO ?", [target])?;
    // No connection has the copy open: `VACUUM INTO` closes it.
    File::open(part)
        .and_then(|file| file.sync_all())
        .map_err(io)
}

fn name(part: &Path, location: &Path, version: u32) -> Result<PathBuf, StoreError> {
    let copy = (1..=COPIES_MAX)
        .map(|number| match number {
            1 => beside(location, &format!(".before-{version}")),
            _ => beside(location, &format!(".before-{version}.{number}")),
        })
        .find(|copy| fs::symlink_metadata(copy).is_err())
        .ok_or_else(|| {
            let taken = io::Error::new(ErrorKind::AlreadyExists, "too many copies");
            failed(&beside(location, &format!(".before-{version}")), &taken)
        })?;
    let named = fs::rename(part, &copy).and_then(|()| match copy.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    });
    match named {
        Ok(()) => Ok(copy),
        Err(error) => {
            discard(&copy);
            Err(failed(&copy, &error))
        }
    }
}

fn failed(path: &Path, error: &io::Error) -> StoreError {
    let text = format!("{}: {error}", path.display());
    if error.kind() == ErrorKind::StorageFull {
        StoreError::Full(text)
    } else {
        StoreError::Io(text)
    }
}

fn beside(location: &Path, suffix: &str) -> PathBuf {
    let mut name = location.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
