//! The files that people exchanged through program A: they lie in one folder, for everyone.

use super::old::{Exchanged, Old, Place};
use super::plan::Plan;
use super::report::Problem;
use crate::trouble;
use aws_lc_rs::digest::{Context, SHA256};
use causette_core::file::Digest;
use causette_core::id::FileId;
use causette_core::limits::FILES;
use causette_core::plain;
use causette_core::snapshot::Snapshot;
use causette_proto::{FileName, Timestamp};
use causette_text::Language;
use std::collections::HashMap;
use std::fs::{self, DirEntry, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Bytes that are read at a time.
const CHUNK: usize = 1 << 18;

#[cfg(test)]
mod tests;

/// How a folder is read.
pub(super) struct Reading {
    /// Bytes of the largest file that is taken.
    pub(super) max: u64,
    pub(super) language: Language,
    pub(super) now: Timestamp,
}

/// Reads what lies in a folder, in the order of the dates.
///
/// # Errors
/// The folder itself cannot be read.
pub(super) fn read(folder: &Path, reading: &Reading, old: &mut Old) -> io::Result<()> {
    let entries: Vec<DirEntry> = fs::read_dir(folder)?.collect::<io::Result<_>>()?;
    let mut names: Vec<_> = entries.iter().map(DirEntry::file_name).collect();
    names.sort();
    let mut found = Vec::new();
    for name in names {
        let place = Place {
            file: plain(&name.to_string_lossy()),
            line: 0,
        };
        match one(&folder.join(&name), &place, reading) {
            Ok(file) => found.push(file),
            Err(problem) => old.problems.push(problem),
        }
    }
    found.sort_by_key(|file| file.time);
    old.exchanged.extend(found);
    Ok(())
}

/// What is to be known of a file, unless it is none that is taken.
fn one(path: &Path, place: &Place, reading: &Reading) -> Result<Exchanged, Problem> {
    let left_out = |key| Problem::left_out(place, key);
    let unread = |error: io::Error| {
        let told = trouble::of_io(&error, reading.language);
        left_out("import-file-unread").with("error", told)
    };
    let kind = fs::symlink_metadata(path).map_err(unread)?.file_type();
    if kind.is_symlink() {
        return Err(left_out("import-file-link"));
    }
    if kind.is_dir() {
        return Err(left_out("import-file-folder"));
    }
    if !kind.is_file() {
        return Err(left_out("import-file-special"));
    }
    let mut file = open(path).map_err(unread)?;
    let found = file.metadata().map_err(unread)?;
    if found.len() > reading.max {
        let max = (reading.max >> 20).to_string();
        return Err(left_out("import-file-too-large").with("max", max));
    }
    let (sha256, bytes) = copy(&mut file, &mut io::sink()).map_err(unread)?;
    let written = found.modified().map_err(unread)?;
    Ok(Exchanged {
        place: place.clone(),
        path: path.to_owned(),
        bytes,
        sha256,
        time: timestamp(written).min(reading.now),
    })
}

/// Opens a file, and neither follows a link nor waits for whoever is at the other end of what is none.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
    let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
    let file = File::options().read(true).custom_flags(flags).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// Copies all bytes; gives their SHA-256 and how many they were.
pub(super) fn copy(from: &mut File, to: &mut impl Write) -> io::Result<(Digest, u64)> {
    let mut context = Context::new(&SHA256);
    let mut chunk = vec![0; CHUNK];
    let mut bytes = 0;
    loop {
        let read = match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        context.update(&chunk[..read]);
        to.write_all(&chunk[..read])?;
        bytes += read as u64;
    }
    Ok((Digest(super::old::finished(context)), bytes))
}

fn timestamp(time: SystemTime) -> Timestamp {
    let passed = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(passed.as_micros()).unwrap_or(i64::MAX))
}

/// A file that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct NewFile {
    pub(super) id: FileId,
    pub(super) name: FileName,
    pub(super) old: Exchanged,
    /// When it was written last, on the clock that never goes back.
    pub(super) since: Timestamp,
}

/// Which files are made: those that no earlier import has made, by their names and what is in them.
pub(super) fn plan(
    exchanged: Vec<Exchanged>,
    mut known: HashMap<(Digest, String), bool>,
    snapshot: &Snapshot,
    plan: &mut Plan,
) {
    let mut there = snapshot.files.rows.len();
    for old in exchanged {
        let name = FileName::nearest(&old.path.file_name().unwrap_or_default().to_string_lossy());
        match known.insert((old.sha256, name.as_str().to_owned()), true) {
            None => {}
            Some(true) => {
                plan.totals.files_known += 1;
                continue;
            }
            Some(false) => {
                plan.totals.files_gone += 1;
                continue;
            }
        }
        if there >= FILES {
            let problem = Problem::left_out(&old.place, "import-file-many");
            plan.problems.push(problem.with("max", FILES.to_string()));
            continue;
        }
        if name.as_str() != old.place.file {
            let problem = Problem::noted(&old.place, "import-file-name");
            plan.problems.push(problem.with("name", name.as_str()));
        }
        there += 1;
        plan.totals.files += 1;
        plan.exchanged.push(NewFile {
            id: FileId(snapshot.files.last + plan.totals.files),
            since: steady(snapshot, old.time),
            name,
            old,
        });
    }
}

/// The time on the clock that never goes back at which a time was shown: before all that was recorded it is the same, but for what the
/// first step tells.
fn steady(snapshot: &Snapshot, time: Timestamp) -> Timestamp {
    let mut end = snapshot.last_time;
    for step in snapshot.steps.iter().rev() {
        if (step.to..=end).contains(&time) {
            return Timestamp(time.0 + (step.steady.0 - step.to.0));
        }
        end = step.from;
    }
    let shift = snapshot
        .steps
        .first()
        .map_or(0, |first| first.steady.0 - first.from.0);
    Timestamp(time.0 + shift)
}
