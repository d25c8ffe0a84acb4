//! What the process uses of the machine, looked up when somebody asks. By paths and by /proc only: the files of the database
//! are never opened here, because closing one would take away the locks that SQLite holds on it.

use crate::config::Config;
use causette_core::limits::LOOK_SECONDS;
use rustix::fs::statvfs;
use rustix::process::{Resource, getrlimit};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// Looks, one at a time: on a disk that does not answer, those who ask wait for the first of them and not each for its own.
#[derive(Debug)]
pub(crate) struct Lookout(Arc<Semaphore>);

impl Default for Lookout {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Lookout {
    /// What is used now; nothing where the disk does not say it in time.
    pub(crate) async fn look(&self, config: &Config) -> Resources {
        let data_dir = config.data_dir.clone();
        let database = config.database().file().map(Path::to_owned);
        let look = async {
            let turn = self.0.clone().acquire_owned().await.ok()?;
            let looked = spawn_blocking(move || {
                let seen = Resources::look(&data_dir, database.as_deref());
                drop(turn);
                seen
            });
            looked.await.ok()
        };
        let seen = timeout(Duration::from_secs(LOOK_SECONDS), look).await;
        seen.ok().flatten().unwrap_or_default()
    }
}

/// What is used; `None` where the system does not say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Resources {
    /// Bytes of the database, where it is a file.
    pub(crate) database_bytes: Option<u64>,
    /// Bytes of the log that SQLite keeps beside it.
    pub(crate) database_log_bytes: Option<u64>,
    /// Bytes that the data folder may still grow by.
    pub(crate) disk_free_bytes: Option<u64>,
    /// Open descriptors: connections, files.
    pub(crate) descriptors: Option<u64>,
    /// How many there may be.
    pub(crate) descriptors_max: Option<u64>,
    /// Bytes of memory in use.
    pub(crate) memory_bytes: Option<u64>,
}

impl Resources {
    /// Looks, also at the database where it is a file. May wait for a disk.
    pub(crate) fn look(data_dir: &Path, database: Option<&Path>) -> Self {
        let size = |path: &Path| std::fs::metadata(path).ok().map(|found| found.len());
        let log = database.map(|database| {
            let mut log = database.as_os_str().to_owned();
            log.push("-wal");
            PathBuf::from(log)
        });
        Self {
            database_bytes: database.and_then(size),
            database_log_bytes: log.as_deref().and_then(size),
            disk_free_bytes: statvfs(data_dir)
                .ok()
                .map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize)),
            descriptors: descriptors(),
            descriptors_max: getrlimit(Resource::Nofile).current,
            memory_bytes: memory(),
        }
    }
}

fn descriptors() -> Option<u64> {
    let open = std::fs::read_dir("/proc/self/fd").ok()?.count() as u64;
    // One was open for counting.
    Some(open.saturating_sub(1))
}

fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;

    #[test]
    fn what_is_used_is_seen_and_what_is_not_there_is_not() {
        let folder = Folder::new();
        let database = folder.0.join("causette.db");
        std::fs::write(&database, [0; 4096]).unwrap();
        std::fs::write(folder.0.join("causette.db-wal"), [0; 32]).unwrap();
        let seen = Resources::look(&folder.0, Some(&database));
        assert_eq!(
            (seen.database_bytes, seen.database_log_bytes),
            (Some(4096), Some(32))
        );
        assert!(seen.disk_free_bytes.is_some());
        assert!(seen.memory_bytes.unwrap() > 1 << 20, "{seen:?}");
        assert!(seen.descriptors.unwrap() >= 3, "{seen:?}");
        assert!(
            seen.descriptors_max
                .is_none_or(|max| max >= seen.descriptors.unwrap())
        );
        let absent = folder.0.join("absent");
        let seen = Resources::look(&absent, Some(&absent.join("causette.db")));
        assert_eq!(
            (
                seen.database_bytes,
                seen.database_log_bytes,
                seen.disk_free_bytes
            ),
            (None, None, None)
        );
    }
}
