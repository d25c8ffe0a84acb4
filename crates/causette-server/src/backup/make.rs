//! A backup is made: the database is copied as it is at one moment, then packed with the keys. Its file gets its name when it is
//! whole and on disk.

use super::archive::{NAME_BYTES, Packer, is_inside};
use super::contents::{self, Contents, Wanted};
use super::manifest::{self, DATABASE, Manifest};
use super::scratch::Scratch;
use super::{Undone, Words, beside, sync_folder_of};
use crate::aside::give_way;
use crate::beginning;
use crate::config::Config;
use crate::engine::now;
use crate::identity::{certificate, cloak};
use causette_core::limits::{BACKUP_FILE_BYTES, BACKUP_PAUSE_PERCENT, BACKUP_SYNC_BYTES};
use causette_core::settings::Settings;
use causette_proto::Timestamp;
use causette_store::{Store, StoreError, Uncopied};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

/// A backup that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Where it is, from the root on.
    pub file: PathBuf,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// Files of the server's that lie outside of the data folder and are not in it.
    pub elsewhere: Vec<PathBuf>,
    /// The contents of files that are in it.
    pub contents: Contents,
}

/// Whether a file that is there may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// It may.
    Allowed,
    /// It stays, and there is no backup.
    Refused,
}

/// Makes a backup of the server that the configuration describes, whether it runs or not. `go_on` hears again and again how far it
/// has come, in percent, and is asked whether it is still wanted. Blocks.
///
/// # Errors
/// Says what is in the way; then there is nothing new by the name of the file.
pub fn make(
    config: &Config,
    file: &Path,
    overwrite: Overwrite,
    mut go_on: impl FnMut(u64) -> bool,
) -> Result<Made, Undone> {
    let words = Words(config.settings.language);
    let file = std::path::absolute(file).map_err(|error| words.io(file, &error))?;
    look(config, &file, overwrite)?;
    let store = open(config)?;
    let (files, elsewhere) = files(config).map_err(|(path, error)| words.io(&path, &error))?;
    let part = beside(&file, ".part");
    let scratch = Scratch::make(part.clone()).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            words.refused("backup-under-way", &[("file", &part.display().to_string())])
        }
        _ => words.io(&part, &error),
    })?;

    let copy = scratch.path().join(DATABASE);
    let copied = store.copy_to(&copy, |copied| {
        go_on(percent(copied.parts, copied.of) * COPY_PERCENT / 100)
    });
    copied.map_err(|error| uncopied(config, &part, &error))?;
    let tally = Store::tally_of(&copy).map_err(|error| unread(config, &error))?;
    let wanted = Wanted::of(&copy, config).map_err(|error| unread(config, &error))?;
    let created = now();
    let manifest = Manifest {
        version: Settings::default().version.to_string(),
        created: created.to_string(),
        server: config.settings.server.to_string(),
        schema: tally.schema,
        tables: BTreeMap::new(),
        last_entry: None,
        last_commitment: None,
        elsewhere: elsewhere
            .iter()
            .map(|path| path.display().to_string())
            .collect(),
    };
    let manifest = manifest.with_tally(tally);
    let archive = scratch.path().join("backup.tar");
    let inside = Inside {
        manifest: &manifest,
        copy: &copy,
        files: &files,
        contents: &wanted,
    };
    let packed = pack(&archive, created, &inside, &mut go_on);
    let (bytes, sha256, mut contents) = packed.map_err(|error| match error.get_ref() {
        Some(inner) if inner.is::<GivenUp>() => Undone::GivenUp,
        _ => words.io(&part, &error),
    })?;
    contents::settle(&mut contents, &store).map_err(|error| unread(config, &error))?;
    if !go_on(100) {
        return Err(Undone::GivenUp);
    }
    look(config, &file, overwrite)?;
    fs::rename(&archive, &file)
        .and_then(|()| sync_folder_of(&file))
        .map_err(|error| words.io(&file, &error))?;
    Ok(Made {
        file,
        bytes,
        sha256,
        elsewhere,
        contents,
    })
}

/// Makes one from within a program that does something else too: in a thread that gives way to all others, which ends by telling
/// what came of it.
///
/// # Errors
/// The system allows no thread.
pub fn make_aside(
    config: Config,
    file: PathBuf,
    go_on: impl FnMut(u64) -> bool + Send + 'static,
    tell: impl FnOnce(Result<Made, Undone>) + Send + 'static,
) -> io::Result<()> {
    let work = move || {
        give_way();
        tell(make(&config, &file, Overwrite::Refused, go_on));
    };
    let thread = thread::Builder::new().name("backup".to_owned());
    thread.spawn(work).map(drop)
}

/// How much of the work it is to copy the database, in percent; to pack it is the rest.
const COPY_PERCENT: u64 = 40;

/// How much one number is of another, in percent.
fn percent(part: u64, of: u64) -> u64 {
    part.saturating_mul(100)
        .checked_div(of)
        .unwrap_or(0)
        .min(100)
}

/// Whether a backup may be written there.
fn look(config: &Config, file: &Path, overwrite: Overwrite) -> Result<(), Undone> {
    let words = Words(config.settings.language);
    let name = file.display().to_string();
    let folder = file.parent().unwrap_or(file);
    let real = fs::canonicalize(folder).map_err(|error| words.io(folder, &error))?;
    if in_data_dir(config, &real) {
        return Err(words.refused("backup-in-data-dir", &[("file", &name)]));
    }
    match fs::symlink_metadata(file) {
        Ok(found) if found.is_dir() || file.file_name().is_none() => {
            Err(words.io(file, &io::ErrorKind::IsADirectory.into()))
        }
        Ok(found) if !found.is_file() => {
            Err(words.refused("backup-not-a-file", &[("file", &name)]))
        }
        Ok(_) if overwrite == Overwrite::Refused => {
            Err(words.refused("backup-exists", &[("file", &name)]))
        }
        _ => Ok(()),
    }
}

/// Whether a folder is the data folder, or one in it.
pub(super) fn in_data_dir(config: &Config, folder: &Path) -> bool {
    let data_dir = fs::canonicalize(&config.data_dir);
    let folder = fs::canonicalize(folder);
    matches!((data_dir, folder), (Ok(data_dir), Ok(folder)) if folder.starts_with(&data_dir))
}

fn open(config: &Config) -> Result<Store, Undone> {
    let database = config.database();
    match Store::look(&database) {
        Err(StoreError::Missing(_)) => {
            let words = Words(config.settings.language);
            let database = database.to_string();
            Err(words.refused("audit-database-missing", &[("database", &database)]))
        }
        store => store.map_err(|error| unread(config, &error)),
    }
}

fn unread(config: &Config, error: &StoreError) -> Undone {
    let (database, language) = (config.database(), config.settings.language);
    Undone::Refused(beginning::words(
        error,
        &database,
        &config.data_dir,
        language,
    ))
}

/// Why the database was not copied: it cannot be read, or the copy not be written.
fn uncopied(config: &Config, part: &Path, error: &Uncopied) -> Undone {
    let words = Words(config.settings.language);
    match error {
        Uncopied::GivenUp => Undone::GivenUp,
        Uncopied::LogGrew(bytes) => {
            let mebibytes = (bytes >> 20).to_string();
            words.refused("backup-log-grew", &[("mebibytes", &mebibytes)])
        }
        // The database is only read, so that it is the copy which found no room.
        Uncopied::Store(StoreError::Full(_)) => words.io(part, &io::ErrorKind::StorageFull.into()),
        Uncopied::Store(error) => unread(config, error),
    }
}

/// The files of the data folder that go with the database, by their names in it, and those of the server's that lie elsewhere.
type Files = (Vec<(String, Vec<u8>)>, Vec<PathBuf>);

fn files(config: &Config) -> Result<Files, (PathBuf, io::Error)> {
    let own = [certificate::KEY, certificate::CERTIFICATE, cloak::KEY];
    let own = own.map(|name| config.data_dir.join(name));
    let given = config.certificate.iter();
    let given = given.flat_map(|files| [&files.certificate, &files.key]);
    let named = given.chain(&config.motd).chain(&config.file).cloned();
    let (mut inside, mut elsewhere) = (Vec::new(), Vec::new());
    let folder = fs::canonicalize(&config.data_dir).unwrap_or_else(|_| config.data_dir.clone());
    for path in own.into_iter().chain(named) {
        // Where a path leads out of the data folder, the file is not the folder's.
        let real = match fs::canonicalize(&path) {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err((path, error)),
        };
        let name = real.strip_prefix(&folder).ok().and_then(Path::to_str);
        match name.filter(|name| is_inside(name)) {
            Some(name) if !inside.iter().any(|(known, _)| known == name) => {
                let bytes = read(&real).map_err(|error| (path, error))?;
                inside.push((name.to_owned(), bytes));
            }
            Some(_) => {}
            None => elsewhere.push(path),
        }
    }
    Ok((inside, elsewhere))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(BACKUP_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > BACKUP_FILE_BYTES {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(bytes)
}

/// What a backup has in it.
struct Inside<'a> {
    manifest: &'a Manifest,
    /// The copy of the database.
    copy: &'a Path,
    files: &'a [(String, Vec<u8>)],
    contents: &'a Wanted,
}

/// Writes the archive and makes the disk keep it. Gives its length, its SHA-256 and the contents that are in it.
fn pack(
    archive: &Path,
    created: Timestamp,
    inside: &Inside<'_>,
    go_on: impl FnMut(u64) -> bool,
) -> io::Result<(u64, String, Contents)> {
    let mut options = File::options();
    let file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(archive)?;
    // Nobody has the copy open any more.
    let mut database = File::open(inside.copy)?;
    let size = database.metadata()?.len();
    let gentle = Gentle {
        file,
        go_on,
        written: 0,
        of: size + inside.contents.bytes,
        unkept: 0,
        begun: Instant::now(),
    };
    let mut packer = Packer::new(gentle, created.seconds().unsigned_abs());
    let told = serde_json::to_vec_pretty(inside.manifest)?;
    packer.add(&manifest::name(), told.len() as u64, &mut told.as_slice())?;
    packer.add(DATABASE, size, &mut database)?;
    for (name, bytes) in inside.files {
        debug_assert!(name.len() <= NAME_BYTES, "{name}");
        packer.add(name, bytes.len() as u64, &mut bytes.as_slice())?;
    }
    let contents = inside.contents.pack(&mut packer)?;
    let (bytes, sha256, gentle) = packer.finish()?;
    gentle.file.sync_all()?;
    Ok((bytes, sha256, contents))
}

/// Whoever asked for the backup wants it no more.
#[derive(Debug)]
struct GivenUp;

impl fmt::Display for GivenUp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("given up")
    }
}

impl std::error::Error for GivenUp {}

/// A file that is written a little at a time, so that what others want on disk does not wait behind all of it.
struct Gentle<F> {
    file: File,
    go_on: F,
    /// Bytes that were written so far.
    written: u64,
    /// Bytes that there will be, or few more.
    of: u64,
    /// Bytes that the disk was not yet made to keep.
    unkept: u64,
    begun: Instant,
}

impl<F: FnMut(u64) -> bool> Write for Gentle<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.unkept += written as u64;
        if self.unkept >= BACKUP_SYNC_BYTES {
            self.file.sync_data()?;
            self.written += self.unkept;
            let packed = percent(self.written, self.of) * (100 - COPY_PERCENT) / 100;
            if !(self.go_on)(COPY_PERCENT + packed) {
                return Err(io::Error::other(GivenUp));
            }
            thread::sleep(self.begun.elapsed() * BACKUP_PAUSE_PERCENT / 100);
            self.unkept = 0;
            self.begun = Instant::now();
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
