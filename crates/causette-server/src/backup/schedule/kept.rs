//! Which backups the server has made by itself, in the order in which it made them: nothing else is ever removed.

use causette_core::limits::BACKUPS_KEPT;
use causette_proto::Timestamp;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// The file in the data folder that lists them: for each a line with the microseconds since 1970 and the path.
const LIST: &str = "backups";

/// The backups that are kept, oldest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Kept(Vec<(Timestamp, PathBuf)>);

impl Kept {
    /// Those that are listed; a line that is none is left out.
    pub(super) fn read(data_dir: &Path) -> Self {
        let text = fs::read_to_string(data_dir.join(LIST)).unwrap_or_default();
        let lines = text.lines().filter_map(|line| {
            let (time, path) = line.split_once(' ')?;
            Some((Timestamp(time.parse().ok()?), PathBuf::from(path)))
        });
        Self(lines.collect())
    }

    pub(super) fn last(&self) -> Option<&(Timestamp, PathBuf)> {
        self.0.last()
    }

    pub(super) fn add(&mut self, time: Timestamp, file: PathBuf) {
        self.0.push((time, file));
    }

    /// Removes the oldest, until so many are left. One that cannot be removed stays in the list and is tried again.
    pub(super) fn remove_beyond(&mut self, keep: usize) {
        let mut surplus = self.0.len().saturating_sub(keep);
        self.0.retain(|(_, file)| {
            if surplus == 0 {
                return true;
            }
            surplus -= 1;
            match fs::remove_file(file) {
                Ok(()) => false,
                Err(error) if error.kind() == ErrorKind::NotFound => false,
                Err(error) => {
                    tracing::warn!(event = "backup.not_removed", file = %file.display(), error = %error, "an old backup cannot be removed");
                    true
                }
            }
        });
        // Of those that never can be, the list is not to grow for ever.
        let forgotten = self.0.len().saturating_sub(2 * BACKUPS_KEPT);
        self.0.drain(..forgotten);
    }

    pub(super) fn write(&self, data_dir: &Path) -> io::Result<()> {
        let (list, part) = (data_dir.join(LIST), data_dir.join("backups.new"));
        let mut options = File::options();
        let options = options.write(true).create(true).truncate(true);
        let mut file = options.mode(0o600).open(&part)?;
        for (time, path) in &self.0 {
            writeln!(file, "{} {}", time.0, path.display())?;
        }
        file.sync_all()?;
        fs::rename(part, list)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;

    #[test]
    fn the_oldest_of_our_own_go_in_the_order_in_which_they_were_made() {
        let folder = Folder::new();
        let mut kept = Kept::read(&folder.0);
        assert_eq!(kept.last(), None);
        // The clock was wrong when the first was made.
        for (time, name) in [(90, "a"), (10, "b"), (20, "c")] {
            let file = folder.0.join(name);
            fs::write(&file, "").unwrap();
            kept.add(Timestamp(time), file);
        }
        let foreign = folder.0.join("causette-2020-01-01-000000.tar");
        fs::write(&foreign, "").unwrap();
        kept.remove_beyond(2);
        kept.write(&folder.0).unwrap();
        assert_eq!(Kept::read(&folder.0), kept);
        let there = |name: &str| folder.0.join(name).exists();
        assert!(!there("a") && there("b") && there("c") && foreign.exists());
        // Somebody has moved one away.
        fs::remove_file(folder.0.join("b")).unwrap();
        kept.remove_beyond(1);
        assert_eq!(kept.last(), Some(&(Timestamp(20), folder.0.join("c"))));
        assert_eq!(kept.0.len(), 1);
    }
}
