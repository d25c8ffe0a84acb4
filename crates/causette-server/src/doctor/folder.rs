//! The data folder, its disk, the contents of files and the socket in it.

use super::{Finding, in_folder, shown};
use crate::admin;
use crate::config::Config;
use crate::files::FILES;
use crate::files::depot;
use crate::identity::cloak;
use crate::trouble;
use causette_store::{Content, Store, StoreError};
use rustix::fs::statvfs;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

/// Bytes that are few on a disk, and too few.
const BYTES_FEW: u64 = 1 << 30;
const BYTES_TOO_FEW: u64 = 64 << 20;

/// Files that may still be made: few, and too few.
const FILES_FEW: u64 = 5000;
const FILES_TOO_FEW: u64 = 50;

/// The file that is written to find out whether one can be.
const PROBE: &str = "doctor.probe";

pub(super) fn examine(config: &Config) -> Vec<Finding> {
    let folder = &config.data_dir;
    let found = match fs::metadata(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return vec![
                Finding::hint("folder", "doctor-folder-none").with("folder", shown(folder)),
            ];
        }
        Err(error) => return vec![unreachable(config, &error)],
        Ok(found) => found,
    };
    let us = rustix::process::geteuid().as_raw();
    let mut findings = vec![owner(folder, (found.mode(), found.uid()), us)];
    findings.push(
        match write(folder) {
            Ok(()) => Finding::well("write", "doctor-write"),
            Err(error) => {
                let told = trouble::of_io(&error, config.settings.language);
                Finding::wrong("write", "doctor-write-refused").with("error", told)
            }
        }
        .with("folder", shown(folder)),
    );
    if let Ok(disk) = statvfs(folder) {
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        findings.push(space(free).with("folder", shown(folder)));
        // Some file systems have no such bound, and say 0.
        if disk.f_files > 0 {
            findings.push(files(disk.f_favail).with("folder", shown(folder)));
        }
    }
    let names = in_folder(config, cloak::KEY);
    if config.database().file().is_some_and(Path::exists) && !names.exists() {
        findings.push(Finding::wrong("cloak", "doctor-cloak-none").with("file", shown(&names)));
    }
    let socket = in_folder(config, admin::SOCKET);
    if let Ok(found) = fs::symlink_metadata(&socket) {
        findings.push(self::socket(found.mode()).with("file", shown(&socket)));
    }
    findings
}

fn unreachable(config: &Config, error: &io::Error) -> Finding {
    Finding::wrong("folder", "doctor-folder-refused")
        .with("folder", shown(&config.data_dir))
        .with("error", trouble::of_io(error, config.settings.language))
}

/// Whose the folder is, and who else may look into it.
pub(super) fn owner(folder: &Path, (mode, uid): (u32, u32), us: u32) -> Finding {
    let folder = shown(folder);
    // Root may look at everybody's.
    if us != 0 && uid != us {
        return Finding::wrong("folder", "doctor-folder-foreign").with("folder", folder);
    }
    match mode & 0o077 {
        0 => Finding::well("folder", "doctor-folder"),
        _ => Finding::wrong("folder", "doctor-folder-open"),
    }
    .with("folder", folder)
    .with("mode", format!("{:03o}", mode & 0o777))
}

/// Whether something can be written there, and reaches the disk.
fn write(folder: &Path) -> io::Result<()> {
    let probe = folder.join(PROBE);
    let written = File::options()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&probe)
        .and_then(|mut file| {
            file.write_all(&[0; 4096])?;
            file.sync_all()
        });
    let removed = fs::remove_file(&probe);
    written.and(removed)
}

/// How much room there is.
pub(super) fn space(free: u64) -> Finding {
    let mebibytes = free >> 20;
    match free {
        ..BYTES_TOO_FEW => Finding::wrong("disk", "doctor-disk-full"),
        BYTES_TOO_FEW..BYTES_FEW => Finding::hint("disk", "doctor-disk-low"),
        _ => Finding::well("disk", "doctor-disk"),
    }
    .with("mebibytes", mebibytes)
}

/// How many files can still be made.
pub(super) fn files(free: u64) -> Finding {
    match free {
        ..FILES_TOO_FEW => Finding::wrong("inodes", "doctor-inodes-full"),
        FILES_TOO_FEW..FILES_FEW => Finding::hint("inodes", "doctor-inodes-low"),
        _ => Finding::well("inodes", "doctor-inodes"),
    }
    .with("count", free)
}

/// Whether the contents of all files are there that people keep; nothing where there are none.
pub(super) fn contents(config: &Config) -> Option<Finding> {
    let folder = in_folder(config, FILES);
    let is_there = |content: &Content| folder.join(depot::name_of(content.sha256)).exists();
    let named = || -> Result<Vec<Content>, StoreError> {
        Store::look(config.database())?.reader()?.contents()
    };
    // Where it cannot be read, that is told of the database.
    let mut contents = named().ok()?;
    let count = contents.len();
    contents.retain(|content| !is_there(content));
    if !contents.is_empty() {
        // Somebody may have removed the file meanwhile.
        let still = named().ok()?;
        contents.retain(|content| still.contains(content));
    }
    let finding = kept(count, &contents)?;
    Some(finding.with("folder", shown(&folder)))
}

/// Of so many contents, some are not there.
pub(super) fn kept(count: usize, lost: &[Content]) -> Option<Finding> {
    let finding = match lost.first() {
        None if count == 0 => return None,
        None => Finding::well("contents", "doctor-contents"),
        Some(first) => Finding::wrong("contents", "doctor-contents-lost")
            .with("lost", lost.len())
            .with("file", first.file.0)
            .with("name", &first.name),
    };
    Some(finding.with("count", count))
}

/// Who may ask at the socket.
pub(super) fn socket(mode: u32) -> Finding {
    match mode & 0o077 {
        0 => Finding::well("socket", "doctor-socket"),
        _ => Finding::wrong("socket", "doctor-socket-open"),
    }
    .with("mode", format!("{:03o}", mode & 0o777))
}
