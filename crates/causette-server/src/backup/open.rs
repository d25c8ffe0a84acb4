//! A backup is verified, or put back: unpacked into a folder beside, compared with what it says of itself, and its register
//! verified. What is put back gets its name when all of that is well.

use super::archive::{Member, Unpacker};
use super::contents::{self, Contents};
use super::manifest::{self, DATABASE, FORMAT, Manifest};
use super::scratch::Scratch;
use super::{Broken, Undone, Words, beside, sync_folder_of};
use crate::audit;
use crate::config::Config;
use crate::data_dir::is_held;
use causette_core::file::Digest;
use causette_core::limits::BACKUP_FILE_BYTES;
use causette_store::register::Progress;
use causette_store::{Beginning, Store, StoreError};
use causette_text::Language;
use std::collections::HashSet;
use std::fs::{self, DirBuilder, File};
use std::io::{self, BufReader, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};

/// What a backup was found to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The version of the program that made it.
    pub version: String,
    /// When it was made.
    pub created: String,
    /// The server's name.
    pub server: String,
    /// Entries of the register, all of which agree with what they tell of.
    pub entries: u64,
    /// Files of the server's that lay outside of the data folder and are not in it.
    pub elsewhere: Vec<String>,
    /// The contents of files that are in it.
    pub contents: Contents,
}

/// Verifies a backup: each byte of it, what it says of itself, and the whole register in it. It is unpacked into the folder that
/// `TMPDIR` names, else beside the file, and what is unpacked goes away again. Blocks.
///
/// # Errors
/// Says what is wrong with it, or what is in the way.
pub fn verify(
    file: &Path,
    language: Language,
    progress: impl FnMut(Progress),
) -> Result<Held, Undone> {
    let words = Words(language);
    let name = file.file_name().unwrap_or_default();
    let place = std::env::var_os("TMPDIR").filter(|folder| !folder.is_empty());
    let place = place.map_or_else(|| file.to_owned(), |folder| Path::new(&folder).join(name));
    let scratch = scratch(&beside(&place, ".verify"), words)?;
    // What files have is read and not kept: it may be much.
    let unpacked = unpack(file, scratch.path(), KeepContents::No, words)?;
    check(file, scratch.path(), unpacked, words, progress)
}

/// Puts a backup into the data folder that the configuration names, which must be empty or absent. Blocks.
///
/// # Errors
/// Says what is wrong with it, or what is in the way; then the folder is as it was.
pub fn restore(
    file: &Path,
    config: &Config,
    progress: impl FnMut(Progress),
) -> Result<Held, Undone> {
    let words = Words(config.settings.language);
    let (folder, owner) = destination(&config.data_dir, words)?;
    let scratch = scratch(&beside(&folder, ".restore"), words)?;
    let unpacked = unpack(file, scratch.path(), KeepContents::Yes, words)?;
    let held = check(file, scratch.path(), unpacked, words, progress)?;
    settle(scratch.path(), owner)
        .and_then(|()| scratch.keep_as(&folder))
        .and_then(|()| sync_folder_of(&folder))
        .map_err(|error| words.io(&folder, &error))?;
    Ok(held)
}

fn scratch(path: &Path, words: Words) -> Result<Scratch, Undone> {
    Scratch::make(path.to_owned()).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => {
            words.refused("backup-under-way", &[("file", &path.display().to_string())])
        }
        _ => words.io(path, &error),
    })
}

/// Where a backup is put, and whose the folder is where there is one already.
fn destination(data_dir: &Path, words: Words) -> Result<(PathBuf, Option<(u32, u32)>), Undone> {
    let refused = |error| words.io(data_dir, &error);
    let folder = match fs::canonicalize(data_dir) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok((std::path::absolute(data_dir).map_err(refused)?, None));
        }
        folder => folder.map_err(refused)?,
    };
    let name = folder.display().to_string();
    if is_held(&folder) {
        return Err(words.refused("restore-running", &[("folder", &name)]));
    }
    if fs::read_dir(&folder).map_err(refused)?.next().is_some() {
        return Err(words.refused("restore-not-empty", &[("folder", &name)]));
    }
    let found = fs::metadata(&folder).map_err(refused)?;
    Ok((folder, Some((found.uid(), found.gid()))))
}

/// Whether the contents of files are unpacked too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeepContents {
    Yes,
    No,
}

/// What was unpacked.
struct Unpacked {
    manifest: Manifest,
    /// The contents of files that are what their names say, and those that are not.
    whole: HashSet<Digest>,
    damaged: HashSet<Digest>,
}

/// Unpacks all files of a backup into a folder, but the one in which it tells of itself, and contents that are not what they were.
fn unpack(
    file: &Path,
    folder: &Path,
    keep: KeepContents,
    words: Words,
) -> Result<Unpacked, Undone> {
    let broken = |broken| match broken {
        Broken::Refused(error) => words.io(folder, &error),
        broken => words.broken(file, &broken),
    };
    let archive = File::open(file).map_err(|error| words.io(file, &error))?;
    let mut unpacker = Unpacker::new(BufReader::with_capacity(1 << 18, archive));
    let first = unpacker.next().map_err(broken)?;
    let format = first
        .as_ref()
        .and_then(|first| manifest::format_of(&first.name));
    let Some((first, format)) = first.zip(format) else {
        return Err(broken(Broken::Foreign));
    };
    if format == 0 || format > FORMAT {
        let (found, known) = (format.to_string(), FORMAT.to_string());
        let variables = [("found", &*found), ("known", &known)];
        return Err(words.refused("backup-newer-format", &variables));
    }
    if first.size > BACKUP_FILE_BYTES {
        return Err(broken(Broken::Header));
    }
    let mut told = Vec::new();
    unpacker.body(&first, &mut told).map_err(broken)?;
    let (mut whole, mut damaged) = (HashSet::new(), HashSet::new());
    while let Some(member) = unpacker.next().map_err(broken)? {
        let content = contents::of(&member.name);
        if content.is_some() && keep == KeepContents::No {
            let sha256 = unpacker.body(&member, &mut io::sink()).map_err(broken)?;
            note(content, &sha256, &mut whole, &mut damaged);
            continue;
        }
        let refused = |error| broken(Broken::Refused(error));
        let mut to = create(folder, &member).map_err(refused)?;
        let sha256 = unpacker.body(&member, &mut to).map_err(broken)?;
        if !note(content, &sha256, &mut whole, &mut damaged) {
            fs::remove_file(folder.join(&member.name)).map_err(refused)?;
        }
    }
    // Not before: until here what it says may have been changed.
    let manifest = serde_json::from_slice(&told).map_err(|_| broken(Broken::Header))?;
    Ok(Unpacked {
        manifest,
        whole,
        damaged,
    })
}

/// Notes whether a content is what its name says; what is none is as it should be.
fn note(
    content: Option<Digest>,
    sha256: &str,
    whole: &mut HashSet<Digest>,
    damaged: &mut HashSet<Digest>,
) -> bool {
    let Some(content) = content else {
        return true;
    };
    let is_whole = content.to_string() == sha256;
    match is_whole {
        true => whole.insert(content),
        false => damaged.insert(content),
    };
    is_whole
}

fn create(folder: &Path, member: &Member) -> io::Result<File> {
    let path = folder.join(&member.name);
    if let Some(parent) = path.parent() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(parent)?;
    }
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Compares the database with what is said of it, brings it to the present version, and verifies its register.
fn check(
    file: &Path,
    folder: &Path,
    unpacked: Unpacked,
    words: Words,
    progress: impl FnMut(Progress),
) -> Result<Held, Undone> {
    let Unpacked {
        manifest,
        whole,
        damaged,
    } = unpacked;
    if manifest.schema > Store::schema() {
        let (found, known) = (manifest.schema.to_string(), Store::schema().to_string());
        let variables = [("found", &*found), ("known", &known)];
        return Err(words.refused("backup-newer-schema", &variables));
    }
    let name = file.display().to_string();
    let contradicts =
        |what: String| words.damaged("backup-contradicts", &[("file", &name), ("what", &what)]);
    let unread = |error: StoreError| match error {
        StoreError::Full(_) => words.io(folder, &ErrorKind::StorageFull.into()),
        error => contradicts(error.to_string()),
    };
    let database = folder.join(DATABASE);
    let tally = Store::tally_of(&database).map_err(unread)?;
    if let Some((table, found, told)) = manifest.difference(tally) {
        let variables = [
            ("file", &*name),
            ("table", &table),
            ("found", &found),
            ("told", &told),
        ];
        return Err(words.damaged("backup-differs", &variables));
    }
    let (store, _) = Store::begin(&database, Beginning::Existing).map_err(unread)?;
    let mut reader = store.reader().map_err(unread)?;
    let verified = reader.verify(progress).map_err(unread)?;
    if let Some(finding) = verified.findings.first() {
        return Err(contradicts(audit::words(finding, words.0)));
    }
    let named = reader.contents().map_err(unread)?;
    drop(reader);
    store.fold().map_err(unread)?;
    Ok(Held {
        version: manifest.version,
        created: manifest.created,
        server: manifest.server,
        entries: verified.counts.entries,
        elsewhere: manifest.elsewhere,
        contents: contents::found(&named, &whole, &damaged),
    })
}

/// Gives everything in a folder to its owner to be, and makes the disk keep it.
fn settle(folder: &Path, owner: Option<(u32, u32)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            settle(&path, owner)?;
        } else {
            give(&path, owner)?;
            File::open(&path)?.sync_all()?;
        }
    }
    give(folder, owner)?;
    File::open(folder)?.sync_all()
}

fn give(path: &Path, owner: Option<(u32, u32)>) -> io::Result<()> {
    let found = fs::metadata(path)?;
    match owner {
        Some((user, group)) if (found.uid(), found.gid()) != (user, group) => {
            chown(path, Some(user), Some(group))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
