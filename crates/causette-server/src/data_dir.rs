//! The folder of everything that is kept: private to its owner, and to one server at a time.

use crate::config::Unusable;
use crate::trouble;
use anyhow::{Context as _, bail};
use causette_text::{Language, text_with};
use rustix::fs::FlockOperation;
use rustix::io::Errno;
use std::fs::{self, DirBuilder, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// The mode of a folder that only its owner may enter.
const PRIVATE: u32 = 0o700;
/// The bits by which others than the owner may do something with a folder.
const OTHERS: u32 = 0o077;
/// The bit of a folder that many share, as `/tmp`.
const STICKY: u32 = 0o1000;

/// The file that a running server holds locked, with its process id in it.
const LOCK: &str = "lock";

/// How often a lock that is held is asked for again, and after how long: a tenth of a second in all.
const MOMENTS: usize = 10;
const MOMENT: Duration = Duration::from_millis(10);

/// The file with the addresses that the server listens on, one a line, while it runs.
pub(crate) const ADDRESS: &str = "address";

/// The database's name, unless the configuration gives it another.
pub(crate) const DATABASE: &str = "causette.db";

/// The data folder, held by this server until dropped.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    /// The lock goes with the open file.
    _lock: File,
    _database: Option<File>,
}

impl DataDir {
    /// Makes the folder where there is none, closes it to others, and locks it. A folder that may be somebody else's is left
    /// as it is.
    ///
    /// # Errors
    /// [`Unusable`] when others can enter the folder and it is not clearly ours, or the system refuses; another error when
    /// another server holds it.
    pub(crate) fn claim(path: &Path, language: Language) -> anyhow::Result<Self> {
        let refused = |error| refused(path, &error, language);
        match look(path, language)? {
            None => {
                let mut folder = DirBuilder::new();
                let made = folder.recursive(true).mode(PRIVATE).create(path);
                made.map_err(|error| not_made(path, &error, language))?;
            }
            Some(mode) if mode & OTHERS != 0 => {
                let private = fs::Permissions::from_mode(PRIVATE);
                fs::set_permissions(path, private).map_err(refused)?;
            }
            Some(_) => {}
        }
        let lock = match hold(&path.join(LOCK)).map_err(refused)? {
            Holding::Ours(lock) => lock,
            Holding::Anothers(pid) => {
                let folder = path.display().to_string();
                let variables = [("folder", folder.as_str()), ("pid", &pid)];
                bail!(text_with(language, "start-data-dir-locked", &variables));
            }
        };
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
            _database: None,
        })
    }

    /// Holds the file of the database as well: another server, with a folder of its own, may have been given the same one.
    ///
    /// # Errors
    /// When that server has it, or the system refuses.
    pub(crate) fn hold_database(&mut self, file: &Path, language: Language) -> anyhow::Result<()> {
        let mut lock = file.as_os_str().to_owned();
        lock.push(".lock");
        match hold(Path::new(&lock)) {
            Ok(Holding::Ours(lock)) => self._database = Some(lock),
            Ok(Holding::Anothers(pid)) => {
                let database = file.display().to_string();
                let variables = [("database", database.as_str()), ("pid", &pid)];
                bail!(text_with(language, "start-database-held", &variables));
            }
            // What is wrong with the folder of the database is told of the database.
            Err(_) => {}
        }
        Ok(())
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The file that tells where the server listens.
    pub(crate) fn address_file(&self) -> PathBuf {
        self.path.join(ADDRESS)
    }

    /// Writes the addresses that the server listens on. Who waits for the file finds it whole.
    pub(crate) fn tell_addresses(&self, addresses: &[SocketAddr]) -> anyhow::Result<()> {
        let path = self.address_file();
        let temporary = self.path.join("address.new");
        let mut options = fs::OpenOptions::new();
        let options = options.write(true).create(true).truncate(true);
        let mut file = options.mode(0o600).open(&temporary)?;
        for address in addresses {
            writeln!(file, "{address}")?;
        }
        fs::rename(&temporary, &path).with_context(|| path.display().to_string())
    }
}

/// Looks whether a folder can be the server's, and changes nothing. Gives its mode, where there is one.
///
/// # Errors
/// When others can enter the folder and it is not clearly ours, or the system refuses.
pub(crate) fn look(path: &Path, language: Language) -> Result<Option<u32>, Unusable> {
    let refused = |error| refused(path, &error, language);
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        found => found.map_err(refused)?,
    };
    if !found.is_dir() {
        return Err(refused(io::ErrorKind::NotADirectory.into()));
    }
    let mode = found.permissions().mode();
    if mode & OTHERS != 0 && (mode & STICKY != 0 || !is_ours(path).map_err(refused)?) {
        let folder = path.display().to_string();
        let variables = [("folder", folder.as_str())];
        let told = text_with(language, "start-data-dir-foreign", &variables);
        return Err(Unusable::because(told));
    }
    Ok(Some(mode))
}

fn refused(path: &Path, error: &io::Error, language: Language) -> Unusable {
    let told = trouble::of_io(error, language);
    Unusable::refused(
        error,
        format_args!("server.data_dir: {}: {told}", path.display()),
    )
}

/// That it is not there is why it had to be made.
fn not_made(path: &Path, error: &io::Error, language: Language) -> Unusable {
    let folder = path.display().to_string();
    let error_told = trouble::of_io(error, language);
    let variables = [("folder", folder.as_str()), ("error", &error_told)];
    let told = text_with(language, "start-data-dir-not-made", &variables);
    Unusable::refused(error, told)
}

/// Locks the folder's file. Who waits for the end of a server holds the lock for a moment, when it has ended: so one that is
/// held is asked for again, after a `pause` each time. The system has no lock that is waited for up to a time.
fn take(lock: &File, mut pause: impl FnMut()) -> Result<(), Errno> {
    for _ in 0..MOMENTS {
        match rustix::fs::flock(lock, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => pause(),
            taken => return taken,
        }
    }
    rustix::fs::flock(lock, FlockOperation::NonBlockingLockExclusive)
}

/// Whose a lock is.
enum Holding {
    Ours(File),
    /// That of a process with this number, as far as is known.
    Anothers(String),
}

/// Takes the lock that is a file.
fn hold(path: &Path) -> io::Result<Holding> {
    let mut options = fs::OpenOptions::new();
    let mut lock = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    match take(&lock, || thread::sleep(MOMENT)) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => {
            let mut pid = String::new();
            // The id only helps; without it the refusal still stands.
            let _ = lock.read_to_string(&mut pid);
            return Ok(Holding::Anothers(pid.trim().to_owned()));
        }
        Err(error) => return Err(error.into()),
    }
    lock.set_len(0)?;
    lock.rewind()?;
    writeln!(lock, "{}", std::process::id())?;
    Ok(Holding::Ours(lock))
}

/// Waits until no server holds the folder, for so long at most, and says whether that came to be. Blocks.
///
/// # Errors
/// When the system refuses.
pub fn wait_until_free(path: &Path, patience: Duration) -> io::Result<bool> {
    let lock = match File::open(path.join(LOCK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(true),
        opened => opened?,
    };
    let (free, freed) = mpsc::sync_channel(1);
    // A wait for a lock has no end of its own; where it lasts too long, this thread goes with the process.
    thread::spawn(move || {
        let locked = rustix::fs::flock(&lock, FlockOperation::LockShared);
        // Before anybody hears of it: the next server may be about to start.
        drop(lock);
        let _ = free.send(locked);
    });
    match freed.recv_timeout(patience) {
        Ok(locked) => locked.map(|()| true).map_err(Into::into),
        Err(_) => Ok(false),
    }
}

/// Whether a server holds the folder. One that cannot be told is taken for none.
pub(crate) fn is_held(path: &Path) -> bool {
    let Ok(lock) = File::open(path.join(LOCK)) else {
        return false;
    };
    // Where there is none, the lock is held for this moment, which a start that comes meanwhile lets pass.
    let taken = rustix::fs::flock(&lock, FlockOperation::NonBlockingLockShared);
    taken == Err(Errno::WOULDBLOCK)
}

/// Writes a file that only its owner may read. It is whole or not there, whenever the machine stops.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

/// Whether a folder is empty, or holds what a server left there.
fn is_ours(path: &Path) -> io::Result<bool> {
    if path.join(DATABASE).is_file() {
        return Ok(true);
    }
    match fs::read_to_string(path.join(LOCK)) {
        // Other programs have files of that name too, but not with one number in them.
        Ok(pid) if pid.trim_end().parse::<u32>().is_ok() => Ok(true),
        _ => Ok(fs::read_dir(path)?.next().is_none()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    /// A folder that goes away with the test.
    pub(crate) struct Folder(pub(crate) PathBuf);

    impl Folder {
        pub(crate) fn new() -> Self {
            let folder = std::env::temp_dir().join(format!(
                "causette-server-{:016x}",
                getrandom::u64().unwrap()
            ));
            fs::create_dir(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn one_server_at_a_time_holds_the_folder() {
        let folder = Folder::new();
        let path = folder.0.join("inside/data");
        let first = DataDir::claim(&path, Language::En).unwrap();
        assert_eq!(
            fs::metadata(first.path()).unwrap().permissions().mode() & 0o777,
            0o700
        );
        assert!(DataDir::claim(&path, Language::En).is_err());
        drop(first);
        DataDir::claim(&path, Language::En).unwrap();
    }

    #[test]
    fn one_server_at_a_time_holds_the_file_of_a_database() {
        let folder = Folder::new();
        let file = folder.0.join("shared.db");
        let mut nodes = ["one", "other"]
            .map(|node| DataDir::claim(&folder.0.join(node), Language::En).unwrap());
        nodes[0].hold_database(&file, Language::En).unwrap();
        let refused = nodes[1].hold_database(&file, Language::En).unwrap_err();
        assert!(
            refused.to_string().contains("another Causette"),
            "{refused}"
        );
        let [first, mut second] = nodes;
        drop(first);
        second.hold_database(&file, Language::En).unwrap();
    }

    #[test]
    fn who_waits_for_the_end_of_a_server_is_in_nobodys_way() {
        let folder = Folder::new();
        let path = folder.0.join(LOCK);
        fs::write(&path, "").unwrap();
        let open = || File::open(&path).unwrap();
        let waiter = open();
        rustix::fs::flock(&waiter, FlockOperation::LockShared).unwrap();
        let (mut pauses, mut waiter) = (0, Some(waiter));
        let lock = open();
        let taken = take(&lock, || {
            pauses += 1;
            if pauses == 3 {
                drop(waiter.take());
            }
        });
        assert_eq!((taken, pauses), (Ok(()), 3));
        let mut pauses = 0;
        let refused = take(&open(), || pauses += 1);
        assert_eq!((refused, pauses), (Err(Errno::WOULDBLOCK), MOMENTS));
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_folder_with_other_things_is_left_as_it_is() {
        let folder = Folder::new();
        set_mode(&folder.0, 0o755);
        fs::write(folder.0.join("letters"), "").unwrap();
        // A lock, but not a server's.
        fs::write(folder.0.join(LOCK), "").unwrap();
        for (language, advice) in [
            (Language::En, "another folder"),
            (Language::Fr, "un autre dossier"),
        ] {
            let error = DataDir::claim(&folder.0, language).unwrap_err().to_string();
            assert!(error.starts_with("server.data_dir"), "{error}");
            assert!(error.contains(advice), "{error}");
            assert!(error.contains("chmod 700 "), "{error}");
        }
        assert_eq!(mode(&folder.0), 0o755);
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2);
    }

    #[test]
    fn a_folder_that_many_share_is_never_closed() {
        let folder = Folder::new();
        set_mode(&folder.0, 0o1777);
        assert!(DataDir::claim(&folder.0, Language::En).is_err());
        fs::write(folder.0.join(DATABASE), "").unwrap();
        assert!(DataDir::claim(&folder.0, Language::En).is_err());
        assert_eq!(mode(&folder.0), 0o1777);
    }

    #[test]
    fn a_folder_that_is_empty_or_ours_is_closed_to_others() {
        let folder = Folder::new();
        for _ in 0..2 {
            set_mode(&folder.0, 0o755);
            drop(DataDir::claim(&folder.0, Language::En).unwrap());
            assert_eq!(mode(&folder.0), PRIVATE);
        }
        // Without a lock, the database tells.
        fs::remove_file(folder.0.join(LOCK)).unwrap();
        fs::write(folder.0.join(DATABASE), "").unwrap();
        set_mode(&folder.0, 0o755);
        DataDir::claim(&folder.0, Language::En).unwrap();
        assert_eq!(mode(&folder.0), PRIVATE);
    }

    #[test]
    fn a_private_folder_may_hold_other_things() {
        let folder = Folder::new();
        fs::write(folder.0.join("letters"), "").unwrap();
        set_mode(&folder.0, PRIVATE);
        DataDir::claim(&folder.0, Language::En).unwrap();
    }
}
