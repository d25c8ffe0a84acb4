//! Where drafts and unsent messages to one server are kept. Each running client has a drawer of its own, so that two of them
//! do not write over each other; whoever starts takes over what others have left behind.

use crate::core::keepsake::Keepsake;
use crate::folder::Folder;
use anyhow::Context as _;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::File;

/// Clients of one person on one machine that keep something for the same server.
const DRAWERS: usize = 16;

/// A drawer, which nobody else has while this lives.
#[derive(Debug)]
pub struct Drawer {
    file: String,
    /// Locked; the lock goes with the process, however it ends.
    _lock: File,
}

impl Drawer {
    /// The first drawer for a server that is free, with what is in it and in the others that nobody has; `None` when all are
    /// taken.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn open(folder: &Folder, server: &str) -> anyhow::Result<Option<(Self, Keepsake)>> {
        let mut own: Option<(Self, Keepsake)> = None;
        for number in 1..=DRAWERS {
            let file = match number {
                1 => format!("state/{server}.json"),
                number => format!("state/{server}-{number}.json"),
            };
            let Some(drawer) = Self::lock(folder, file)? else {
                continue;
            };
            let Some(text) = folder.read(&drawer.file)? else {
                own.get_or_insert_with(|| (drawer, Keepsake::default()));
                continue;
            };
            // A file that is damaged must not keep the person from talking; it is written anew.
            let left: Keepsake = serde_json::from_str(&text).unwrap_or_default();
            match &mut own {
                None => own = Some((drawer, left)),
                Some((first, kept)) => {
                    kept.take_over(left);
                    // Written before the other is emptied: a crash in between doubles a draft and loses nothing.
                    first.write(folder, kept)?;
                    std::fs::remove_file(folder.path(&drawer.file))?;
                }
            }
        }
        Ok(own)
    }

    /// Writes what is to be kept.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, folder: &Folder, kept: &Keepsake) -> anyhow::Result<()> {
        folder.write(&self.file, &serde_json::to_string(kept)?)
    }

    fn lock(folder: &Folder, file: String) -> anyhow::Result<Option<Self>> {
        let name = format!("{}.lock", file.trim_end_matches(".json"));
        let lock = folder.lock_file(&name)?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { file, _lock: lock })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error).with_context(|| folder.path(&name).display().to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn kept(draft: &str) -> Keepsake {
        let mut kept = Keepsake::default();
        kept.drafts.insert("#general".to_owned(), draft.to_owned());
        kept
    }

    #[test]
    fn two_clients_have_two_drawers_and_the_next_one_takes_over_both() {
        let folder = Folder::for_test();
        let (one, empty) = Drawer::open(&folder, "a_1").unwrap().unwrap();
        assert_eq!(empty, Keepsake::default());
        let (two, _) = Drawer::open(&folder, "a_1").unwrap().unwrap();
        one.write(&folder, &kept("one")).unwrap();
        two.write(&folder, &kept("two")).unwrap();
        drop(two);
        // The first one still runs and keeps what is its own.
        let (two, found) = Drawer::open(&folder, "a_1").unwrap().unwrap();
        assert_eq!(found, kept("two"));
        drop((one, two));
        let (_one, found) = Drawer::open(&folder, "a_1").unwrap().unwrap();
        let mut both = kept("one");
        both.aside
            .insert("#general".to_owned(), vec!["two".to_owned()]);
        assert_eq!(found, both);
        assert!(!folder.path("state/a_1-2.json").exists());
        std::fs::remove_dir_all(folder.path("")).unwrap();
    }
}
