//! Another program that has the server's database open: what people do with `sqlite3` while the server runs, and worse. To the
//! server, the process of the tests is one like that.

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags, ffi};
use rustix::fs::FlockOperation;
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// How long it waits for a lock.
const BUSY: Duration = Duration::from_secs(2);

/// How long it keeps a lock or a snapshot.
const KEPT: Duration = Duration::from_millis(150);

/// How long it may take until everything was done.
const DEADLINE: Duration = Duration::from_secs(60);

/// Something that a program does to a database of which it knows the path; an error where others did not let it.
pub(crate) type Act = fn(&Path) -> rusqlite::Result<()>;

/// What an administrator may do at any time.
pub(crate) const LOOKING: &[(&str, Act)] = &[
    ("read", read),
    ("read only", read_only),
    ("back up", back_up),
    ("copy", vacuum_into),
    ("check", check),
];

/// What nobody should do, and nobody must lose anything by.
pub(crate) const MEDDLING: &[(&str, Act)] = &[
    ("read", read),
    ("lock", lock),
    ("lock exclusively", lock_exclusively),
    ("set journal_mode", set_journal_mode),
    ("back up", back_up),
    ("keep a snapshot", keep_a_snapshot),
    ("write", write),
    ("checkpoint", checkpoint),
    ("copy", vacuum_into),
    ("vacuum", vacuum),
    ("check", check),
];

/// The same by the program that distributions have. Its SQLite is another than the server's, and older: that asks only the lock
/// on the database whether somebody else has it open.
pub(crate) const BY_SQLITE3: &[(&str, Act)] = &[
    ("sqlite3 select", |database| {
        sqlite3(database, &[], "SELECT count(*) FROM message").map(drop)
    }),
    ("sqlite3 check", |database| {
        let said = sqlite3(database, &[], "PRAGMA integrity_check")?;
        assert_eq!(said.trim(), "ok");
        Ok(())
    }),
    ("sqlite3 backup", |database| {
        let copy = database.with_extension("backup");
        let _ = fs::remove_file(&copy);
        sqlite3(database, &[], &format!(".backup '{}'", copy.display()))?;
        is_sound(&Connection::open(&copy)?)?;
        fs::remove_file(copy).unwrap();
        Ok(())
    }),
    ("sqlite3 copy", |database| {
        let copy = database.with_extension("copy");
        let command = format!("VACUUM INTO '{}'", copy.display());
        sqlite3(database, &["-readonly"], &command)?;
        is_sound(&Connection::open(&copy)?)?;
        fs::remove_file(copy).unwrap();
        Ok(())
    }),
    ("sqlite3 journal_mode", |database| {
        let said = sqlite3(database, &[], "PRAGMA journal_mode = DELETE");
        assert!(said.is_err() || said.unwrap().trim() == "wal");
        Ok(())
    }),
    ("sqlite3 update", |database| {
        sqlite3(database, &[], "UPDATE account SET nick = nick").map(drop)
    }),
    ("sqlite3 vacuum", |database| {
        sqlite3(database, &[], "VACUUM").map(drop)
    }),
];

/// Begins anew whenever others have written, and may never end while people talk.
const NEVER_ENDING: &str = "sqlite3 backup";

/// The status of `timeout` where it has ended a program.
const TIMED_OUT: i32 = 124;

fn sqlite3(database: &Path, arguments: &[&str], command: &str) -> rusqlite::Result<String> {
    let output = Command::new("timeout")
        .args(["5", "sqlite3"])
        .args(["-batch", "-init", "/dev/null", "-cmd", ".timeout 2000"])
        .args(arguments)
        .arg(database)
        .arg(command)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout).unwrap());
    }
    let given_up = output.status.code() == Some(TIMED_OUT);
    assert!(
        given_up || said.contains("locked") || said.contains("busy"),
        "{said}"
    );
    let busy = ffi::Error::new(ffi::SQLITE_BUSY);
    Err(rusqlite::Error::SqliteFailure(busy, Some(said)))
}

/// The program, running.
pub(crate) struct OtherProgram {
    ended: Arc<AtomicBool>,
    done: Arc<Done>,
    /// How many of the acts go through sooner or later.
    acts: usize,
    thread: Option<JoinHandle<()>>,
}

/// How often each act went through.
#[derive(Default)]
struct Done {
    counts: Mutex<BTreeMap<&'static str, u64>>,
    more: Condvar,
}

impl OtherProgram {
    /// Does the acts to a database in turn, until it is told to end, with a pause between them.
    pub(crate) fn start(database: PathBuf, acts: &'static [(&str, Act)], pause: Duration) -> Self {
        let (ended, done) = (Arc::new(AtomicBool::new(false)), Arc::new(Done::default()));
        let thread = std::thread::spawn({
            let (ended, done) = (ended.clone(), done.clone());
            move || {
                for (name, act) in acts.iter().cycle() {
                    if ended.load(Ordering::Relaxed) {
                        return;
                    }
                    match act(&database) {
                        Ok(()) => {
                            *done.counts.lock().unwrap().entry(*name).or_default() += 1;
                            done.more.notify_all();
                        }
                        Err(error) if is_busy(&error) => {}
                        Err(error) => panic!("{name}: {error}"),
                    }
                    std::thread::sleep(pause);
                }
            }
        });
        Self {
            ended,
            done,
            acts: acts
                .iter()
                .filter(|(name, _)| *name != NEVER_ENDING)
                .count(),
            thread: Some(thread),
        }
    }

    /// Waits until each act went through so many times since now.
    pub(crate) fn wait_for(&self, times: u64) {
        let begun = Instant::now();
        let mut counts = self.done.counts.lock().unwrap();
        let before = counts.clone();
        let missing = |counts: &BTreeMap<&'static str, u64>| {
            let more = |(name, count): (&&'static str, &u64)| {
                count - before.get(*name).unwrap_or(&0) >= times
            };
            let counts = counts.iter().filter(|(name, _)| **name != NEVER_ENDING);
            counts.filter(|entry| more(*entry)).count() < self.acts
        };
        while missing(&counts) {
            assert!(
                begun.elapsed() < DEADLINE && !self.thread.as_ref().unwrap().is_finished(),
                "only {counts:?} after {before:?}"
            );
            counts = self
                .done
                .more
                .wait_timeout(counts, Duration::from_millis(100))
                .unwrap()
                .0;
        }
    }

    /// Ends it; gives how often each act went through.
    pub(crate) fn end(mut self) -> BTreeMap<&'static str, u64> {
        self.ended.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
        std::mem::take(&mut *self.done.counts.lock().unwrap())
    }
}

impl Drop for OtherProgram {
    fn drop(&mut self) {
        // A test that fails has a reason of its own; its folder goes away only when nobody uses it.
        self.ended.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Whether somebody has the database open, as older programs find out: by the lock on it. To be asked only while this process has
/// no connection to it, since closing the file drops the locks of that too.
pub(crate) fn is_locked(database: &Path) -> bool {
    let file = OpenOptions::new().write(true).open(database).unwrap();
    rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).is_err()
}

/// What a database says of itself that has come to rest.
pub(crate) fn integrity(database: &Path) -> String {
    let connection = open(database).unwrap();
    connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap()
}

/// Opens the database as `sqlite3 causette.db` does.
pub(crate) fn open(database: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// As `sqlite3 -readonly causette.db` does.
fn open_read_only(database: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
    )
}

fn messages(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM message", [], |row| row.get(0))
}

/// Whoever closes a database that nobody else seems to have open moves its log into it and removes it.
fn read(database: &Path) -> rusqlite::Result<()> {
    messages(&open(database)?).map(drop)
}

fn read_only(database: &Path) -> rusqlite::Result<()> {
    messages(&open_read_only(database)?).map(drop)
}

fn check(database: &Path) -> rusqlite::Result<()> {
    is_sound(&open(database)?)
}

fn is_sound(connection: &Connection) -> rusqlite::Result<()> {
    let result: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    assert_eq!(result, "ok");
    Ok(())
}

/// As `.backup` of `sqlite3` does.
fn back_up(database: &Path) -> rusqlite::Result<()> {
    let copy = database.with_extension("backup");
    let from = open(database)?;
    let before = messages(&from)?;
    let mut to = Connection::open(&copy)?;
    let step = Backup::new(&from, &mut to)?.step(-1)?;
    if step == StepResult::Done {
        is_sound(&to)?;
        assert!(messages(&to)? >= before);
    }
    drop(to);
    fs::remove_file(copy).unwrap();
    Ok(())
}

/// As the documentation says.
fn vacuum_into(database: &Path) -> rusqlite::Result<()> {
    let copy = database.with_extension("copy");
    let from = open_read_only(database)?;
    let before = messages(&from)?;
    let copied = from.execute("VACUUM INTO ?", [copy.to_str().unwrap()]);
    let judged = copied.and_then(|_| {
        let to = Connection::open(&copy)?;
        is_sound(&to)?;
        assert!(messages(&to)? >= before);
        Ok(())
    });
    let _ = fs::remove_file(copy);
    judged
}

fn lock(database: &Path) -> rusqlite::Result<()> {
    keep(database, "BEGIN IMMEDIATE")
}

fn lock_exclusively(database: &Path) -> rusqlite::Result<()> {
    keep(database, "BEGIN EXCLUSIVE")
}

fn keep_a_snapshot(database: &Path) -> rusqlite::Result<()> {
    keep(database, "BEGIN; SELECT count(*) FROM message")
}

fn keep(database: &Path, begin: &str) -> rusqlite::Result<()> {
    let connection = open(database)?;
    connection.execute_batch(begin)?;
    std::thread::sleep(KEPT);
    connection.execute_batch("ROLLBACK")
}

/// While the server has the database open, nobody can take its log away.
fn set_journal_mode(database: &Path) -> rusqlite::Result<()> {
    let connection = open(database)?;
    connection.busy_timeout(Duration::ZERO)?;
    let set = |mode: &str| -> rusqlite::Result<String> {
        connection.query_row(&format!("PRAGMA journal_mode = {mode}"), [], |row| {
            row.get(0)
        })
    };
    match set("DELETE") {
        Err(error) if is_busy(&error) => {}
        other => assert_eq!(other?, "wal"),
    }
    assert_eq!(set("WAL")?, "wal");
    Ok(())
}

fn write(database: &Path) -> rusqlite::Result<()> {
    open(database)?.execute_batch("UPDATE account SET nick = nick; PRAGMA user_version = 7")
}

fn checkpoint(database: &Path) -> rusqlite::Result<()> {
    open(database)?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
}

fn vacuum(database: &Path) -> rusqlite::Result<()> {
    open(database)?.execute_batch("VACUUM")
}
