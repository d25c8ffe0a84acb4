//! Backups: one file with everything that a server needs to be the same server, from which it can be brought back.
//!
//! - `archive`: the container
//! - `contents`: the contents of files
//! - `manifest`: what a backup says of itself
//! - `scratch`: the folders in which backups are made and looked into
//! - `make`: a backup is made, beside a running server or where none runs
//! - `open`: a backup is verified, or put back
//! - `state`: what came of the last one
//! - `schedule`: the server makes them by itself

mod archive;
mod contents;
mod make;
mod manifest;
mod open;
mod schedule;
mod scratch;
mod state;

pub use contents::{Contents, Lacking, Why};
pub use make::{Made, Overwrite, make, make_aside};
pub use open::{Held, restore, verify};
pub(crate) use schedule::{Schedule, last_made};
pub use scratch::abandon;
pub(crate) use state::Backups;

use crate::config::{Config, Unusable};
use crate::trouble;
use causette_text::{Language, text, text_with};
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no backup, or none that can be used: in the person's language, what is wrong and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undone {
    /// Something is in the way.
    Refused(String),
    /// The backup is not what was written.
    Damaged(String),
    /// Whoever asked for it wants it no more.
    GivenUp,
}

/// What is wrong with an archive.
#[derive(Debug)]
enum Broken {
    /// It is no backup.
    Foreign,
    /// It ends too early.
    Cut,
    /// What stands between its files is not as it was written.
    Header,
    /// A file in it is not as it was written.
    Digest(String),
    /// What ends it is not as it was written, or something follows.
    Trailer,
    /// It cannot be read.
    Unread(io::Error),
    /// What is in it cannot be written elsewhere.
    Refused(io::Error),
}

/// What is said to a person, in their language.
#[derive(Clone, Copy, Debug)]
struct Words(Language);

impl Words {
    fn refused(self, key: &str, variables: &[(&str, &str)]) -> Undone {
        Undone::Refused(text_with(self.0, key, variables))
    }

    fn damaged(self, key: &str, variables: &[(&str, &str)]) -> Undone {
        Undone::Damaged(text_with(self.0, key, variables))
    }

    /// What the system refuses at a place.
    fn io(self, path: &Path, error: &io::Error) -> Undone {
        let path = path.display().to_string();
        let told = trouble::of_io(error, self.0);
        self.refused("backup-refused", &[("file", &path), ("error", &told)])
    }

    fn broken(self, file: &Path, broken: &Broken) -> Undone {
        let name = file.display().to_string();
        let what = match broken {
            Broken::Unread(error) | Broken::Refused(error) => return self.io(file, error),
            Broken::Foreign => {
                return self.damaged("backup-foreign", &[("file", &name)]);
            }
            Broken::Cut => text(self.0, "backup-broken-cut"),
            Broken::Header => text(self.0, "backup-broken-header"),
            Broken::Digest(member) => {
                text_with(self.0, "backup-broken-digest", &[("member", member)])
            }
            Broken::Trailer => text(self.0, "backup-broken-trailer"),
        };
        self.damaged("backup-damaged", &[("file", &name), ("what", &what)])
    }
}

/// Looks whether there is the folder for the backups that the server makes by itself, and changes nothing.
///
/// # Errors
/// Names the key and the folder.
pub(crate) fn look_for_schedule(config: &Config) -> Result<(), Unusable> {
    let Some(folder) = &config.backup.folder else {
        return Ok(());
    };
    let language = config.settings.language;
    if make::in_data_dir(config, folder) {
        let folder = folder.display().to_string();
        let told = text_with(language, "backup-in-data-dir", &[("file", &folder)]);
        return Err(Unusable::because(format!("backup.folder: {told}")));
    }
    let looked = match std::fs::metadata(folder) {
        Ok(found) if !found.is_dir() => Err(io::ErrorKind::NotADirectory.into()),
        Ok(_) => Ok(()),
        Err(error) => Err(error),
    };
    looked.map_err(|error| {
        let told = trouble::of_io(&error, language);
        Unusable::refused(
            &error,
            format_args!("backup.folder: {}: {told}", folder.display()),
        )
    })
}

/// Where a backup that is made now goes if nobody says where: into the folder that the configuration names, under the time of now.
pub fn usual_file(config: &Config) -> Option<PathBuf> {
    let folder = config.backup.folder.as_ref()?;
    Some(schedule::unused(folder, crate::engine::now()))
}

/// A path with something behind its last name.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// Makes the folder keep the names that it has got.
fn sync_folder_of(file: &Path) -> io::Result<()> {
    match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => std::fs::File::open(folder)?.sync_all(),
        _ => std::fs::File::open(".")?.sync_all(),
    }
}
