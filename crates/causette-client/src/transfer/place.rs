//! Where a file is put that is fetched: under its own name, or one that is free, and never over what is there.

use rustix::fs::{CWD, OFlags, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Names that are tried for one file.
const NAMES_MAX: usize = 10_000;

/// Bytes of a name, with what is put behind it: what every system of files takes.
const NAME_BYTES: usize = 255;

/// What a file is called while it arrives.
const PART: &str = ".part";

/// A name with a number in it, before its extension: `photo (1).jpg`. The first has none.
fn numbered(name: &str, number: usize, behind: &str) -> String {
    let (stem, extension) = match name.rfind('.') {
        // What begins with a dot has no extension, and one of a sentence is none.
        Some(dot) if dot > 0 && name.len() - dot <= 16 => name.split_at(dot),
        _ => (name, ""),
    };
    let mark = match number {
        0 => String::new(),
        number => format!(" ({number})"),
    };
    let room = NAME_BYTES.saturating_sub(mark.len() + extension.len() + behind.len());
    let stem = causette_proto::split::cut(stem, room);
    format!("{stem}{mark}{extension}{behind}")
}

/// A new file for what arrives, which nobody else writes. Nobody may execute it.
pub(crate) fn new_part(folder: &Path, name: &str) -> std::io::Result<(PathBuf, File)> {
    for number in 0..NAMES_MAX {
        let path = folder.join(numbered(name, number, PART));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o644);
        match options.open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// The file again of which a part has arrived; nothing where it is gone, or something else is there.
pub(crate) fn open_part(path: &Path) -> std::io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    let no_link = i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0);
    options.read(true).write(true).custom_flags(no_link);
    match options.open(path) {
        Ok(file) => Ok(file.metadata()?.is_file().then_some(file)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Gives what has arrived its own name, or the first that is free.
pub(crate) fn settle(part: &Path, folder: &Path, name: &str) -> std::io::Result<PathBuf> {
    for number in 0..NAMES_MAX {
        let path = folder.join(numbered(name, number, ""));
        match put(part, &path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(ErrorKind::AlreadyExists.into())
}

/// Gives a file another name, unless there is something of that name.
pub(crate) fn put(from: &Path, to: &Path) -> std::io::Result<()> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(()),
        // Not every system of files can do that in one step.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => put_by_link(from, to),
        Err(error) => Err(error.into()),
    }
}

fn put_by_link(from: &Path, to: &Path) -> std::io::Result<()> {
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // Some have no second names either: what is left is to look, and be quick.
        Err(_) if to.symlink_metadata().is_ok() => Err(Error::from(ErrorKind::AlreadyExists)),
        Err(_) => std::fs::rename(from, to),
    }
}

/// Where this person's downloads are: as their desktop says, else `Downloads` at home, else home.
/// <https://www.freedesktop.org/wiki/Software/xdg-user-dirs/>
pub(crate) fn downloads() -> Option<PathBuf> {
    let of = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let home = of("HOME").filter(|home| home.is_absolute())?;
    let named = of("XDG_DOWNLOAD_DIR").filter(|folder| folder.is_absolute());
    let config = of("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
    let written = || {
        let text = std::fs::read_to_string(config.join("user-dirs.dirs")).ok()?;
        user_folder(&text, &home)
    };
    let folder = named
        .or_else(written)
        .unwrap_or_else(|| home.join("Downloads"));
    Some(if folder.is_dir() { folder } else { home })
}

/// What the file of a desktop says of the folder of downloads: `XDG_DOWNLOAD_DIR="$HOME/Téléchargements"`.
fn user_folder(text: &str, home: &Path) -> Option<PathBuf> {
    let mut lines = text.lines().map(str::trim);
    let value = lines.find_map(|line| line.strip_prefix("XDG_DOWNLOAD_DIR="))?;
    let value = value.trim_matches('"');
    match value.strip_prefix("$HOME/") {
        Some(rest) => Some(home.join(rest)),
        None => Some(PathBuf::from(value)).filter(|path| path.is_absolute()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::folder::Folder;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_number_stands_before_the_extension_and_a_long_name_keeps_it() {
        assert_eq!(numbered("photo.jpg", 0, ""), "photo.jpg");
        assert_eq!(numbered("photo.jpg", 2, ".part"), "photo (2).jpg.part");
        assert_eq!(numbered("README", 1, ""), "README (1)");
        assert_eq!(numbered(".env", 1, ""), ".env (1)");
        let long = format!("{}.jpg", "é".repeat(125));
        let named = numbered(&long, 12, ".part");
        assert!(named.len() <= NAME_BYTES && named.ends_with("é (12).jpg.part"));
    }

    #[test]
    fn nothing_is_ever_written_over() {
        let folder = Folder::for_test();
        let at = folder.path("");
        std::fs::create_dir_all(&at).unwrap();
        let held = |name: &str| std::fs::read_to_string(at.join(name)).unwrap();
        std::fs::write(at.join("a.txt"), "old").unwrap();
        std::os::unix::fs::symlink("/nowhere/else", at.join("a (1).txt")).unwrap();
        let (part, file) = new_part(&at, "a.txt").unwrap();
        std::fs::write(&part, "new").unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o111, 0);
        let (other, _) = new_part(&at, "a.txt").unwrap();
        assert_eq!(other, at.join("a (1).txt.part"));
        assert_eq!(settle(&part, &at, "a.txt").unwrap(), at.join("a (2).txt"));
        assert_eq!(
            (held("a.txt"), held("a (2).txt")),
            ("old".to_owned(), "new".to_owned())
        );
        assert!(put_by_link(&other, &at.join("a.txt")).is_err());
        put_by_link(&other, &at.join("b.txt")).unwrap();
        assert!(open_part(&other).unwrap().is_none());
        assert!(
            open_part(&at.join("a (1).txt")).is_err(),
            "a link is not followed"
        );
        std::fs::remove_dir_all(at).unwrap();
    }

    #[test]
    fn the_folder_of_downloads_is_what_the_desktop_says() {
        let text = "# comment\nXDG_DESKTOP_DIR=\"$HOME/Bureau\"\nXDG_DOWNLOAD_DIR=\"$HOME/Téléchargements\"\n";
        let home = Path::new("/home/a");
        let of = |text: &str| user_folder(text, home);
        assert_eq!(of(text), Some("/home/a/Téléchargements".into()));
        assert_eq!(of("XDG_DOWNLOAD_DIR=\"/data\""), Some("/data".into()));
        assert_eq!(of("XDG_DOWNLOAD_DIR=\"data\""), None);
    }
}
