//! From every earlier version to this one, also where that is interrupted.

use crate::earlier::{Earlier, START, TEA};
use crate::scribe::{page_query, texts};
use causette_core::history::Selector;
use causette_core::id::{Room, RoomId};
use causette_proto::Timestamp;
use causette_store::{Access, Beginning, Begun, Database, Started, Store};
use std::fs;
use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Names the database that a process of its own brings to this version.
const DATABASE: &str = "CAUSETTE_TEST_MIGRATE";

/// How often a migration is killed at a write.
const MOMENTS: u64 = 25;

/// Bytes of a block, in which a shell bounds files.
const BLOCK: u64 = 512;

/// How the process says that it has come a step further.
const STEP: &[u8] = b"a step\n";

/// Messages of a database whose migration takes a while.
const MESSAGES: usize = 4000;

/// A folder that is removed when it is dropped.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder =
            std::env::temp_dir().join(format!("causette-register-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("causette.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What people said in the channel, and nothing of what was taken back.
fn said(store: &Store) -> Vec<String> {
    let room = Room::Channel(RoomId(TEA.cast_unsigned()));
    let all = page_query(room, Selector::Latest(None), 1_000_000, false);
    let page = store.reader().unwrap().page(&all).unwrap();
    texts(&page.events).into_iter().map(str::to_owned).collect()
}

/// What takes away again what a step made, with the version that it leads to.
const UNDONE: [(u32, &str); 8] = [
    (
        13,
        "ALTER TABLE room DROP COLUMN was_closed;
         ALTER TABLE file DROP COLUMN closed;",
    ),
    (12, "DROP TABLE account_metadata; DROP TABLE room_metadata;"),
    (
        11,
        "DROP TABLE room_invited;
         ALTER TABLE room DROP COLUMN opened;",
    ),
    (10, "DROP TABLE file_grant; DROP TABLE file;"),
    (9, ""),
    (8, "DROP VIEW connexion; DROP VIEW authentification;"),
    (
        7,
        "DROP TABLE invitation;
         DROP TABLE held_message;
         DROP TABLE word_filter;
         DROP TABLE alert;
         ALTER TABLE sanction DROP COLUMN role;
         ALTER TABLE account DROP COLUMN renamed;
         ALTER TABLE room DROP COLUMN renamed;
         ALTER TABLE device DROP COLUMN scopes;
         ALTER TABLE device DROP COLUMN until;",
    ),
    (
        6,
        "DROP TABLE sanction;
         DROP TABLE server_setting;
         ALTER TABLE account DROP COLUMN role;
         ALTER TABLE account DROP COLUMN waiting;",
    ),
];

/// What makes a database again as it was before the last steps.
pub(crate) fn before(steps: usize) -> String {
    let undone = UNDONE[..steps].iter().map(|(version, undo)| {
        format!("{undo} DELETE FROM schema_version WHERE version = {version};")
    });
    undone.collect()
}

/// Databases of an earlier version, on every engine there is.
pub(crate) fn earlier(version: usize) -> impl Iterator<Item = Origins> {
    let servers = causette_testbed::urls_from_environment().unwrap();
    let on_servers = servers.into_iter().map(move |server| {
        let database = server.create_database("earlier").unwrap();
        Earlier::make_on(&database, version).close();
        Origins::Server(database)
    });
    // Several tests have one of the same version at a time.
    static MADE: AtomicU32 = AtomicU32::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let folder = Folder::new(&format!("from-{version}-{number}"));
    Earlier::make(&folder.database(), version).close();
    std::iter::once(Origins::File(folder)).chain(on_servers)
}

/// Where one of them is.
pub(crate) enum Origins {
    File(Folder),
    Server(causette_testbed::Database),
}

impl Origins {
    pub(crate) fn place(&self) -> Database {
        match self {
            Self::File(folder) => folder.database().into(),
            Self::Server(database) => Database::parse(&database.url(), &Access::default()).unwrap(),
        }
    }

    fn alter(&self, sql: &str) {
        match self {
            Self::File(folder) => {
                let connection = rusqlite::Connection::open(folder.database()).unwrap();
                let sql = format!("PRAGMA foreign_keys = OFF; {sql}");
                connection.execute_batch(&sql).unwrap();
            }
            Self::Server(database) => drop(database.query(sql).unwrap()),
        }
    }
}

/// A database as the versions before this one left it: what the last steps made is taken away again.
#[test]
fn the_versions_before_come_to_this_one_as_they_were() {
    for origin in earlier(4) {
        let (store, _) = Store::begin(origin.place(), Beginning::Existing).unwrap();
        let before = store.snapshot().unwrap();
        drop(store);
        for steps in 1..=UNDONE.len() {
            for (version, undo) in &UNDONE[..steps] {
                let delete = format!("DELETE FROM schema_version WHERE version = {version}");
                origin.alter(&format!("{undo} {delete}"));
            }
            let (store, begun) = Store::begin(origin.place(), Beginning::Existing).unwrap();
            let left = UNDONE[steps - 1].0 - 1;
            assert!(
                matches!(begun, Begun::Migrated { from, to: 13, .. } if from == left),
                "{begun:?}"
            );
            assert_eq!(store.snapshot().unwrap(), before);
            store.reader().unwrap().check_register().unwrap();
        }
    }
}

#[test]
fn every_earlier_version_comes_to_this_one_whole() {
    for (version, origin) in (1..=4).flat_map(|version| earlier(version).map(move |o| (version, o)))
    {
        let (mut store, begun) = Store::begin(origin.place(), Beginning::Existing).unwrap();
        assert!(
            matches!(&begun, Begun::Migrated { from, to: 13, .. } if *from as usize == version),
            "{begun:?}"
        );
        let mut reader = store.reader().unwrap();
        let counts = reader.check_register().unwrap();
        let first = counts.bound_from;
        assert_eq!(counts.entries, first + 1, "one entry binds all before it");
        let binding = reader.entries(first, 1).unwrap().remove(0);
        assert_eq!(binding.kind, "registre.liaison");
        let taken_back = u64::from(version >= 3);
        assert_eq!(counts.messages, 5 + taken_back);
        let slip = if version >= 3 { None } else { Some("a slip") };
        let expected: Vec<&str> = ["first"].into_iter().chain(slip).collect();
        assert_eq!(said(&store), expected);
        let snapshot = store.snapshot().unwrap();
        assert_eq!(snapshot.accounts.len(), 2);
        assert_eq!(snapshot.last_steady, snapshot.last_time);
        assert_eq!(snapshot.channels[0].members.len(), 1);

        // All goes on, and what was said before can be taken back now.
        let started = store.start(Timestamp(START + 60_000_000)).unwrap();
        let (closed, altered) = (usize::from(version >= 2), Vec::new());
        assert_eq!(started, Started { closed, altered });
        let mut scribe = crate::scribe::Scribe {
            time: START + 60_000_000,
            ..crate::scribe::Scribe::new(&store)
        };
        let alice = crate::scribe::Author {
            id: causette_core::id::UserId(2),
            source: "Alice!a@h",
            account: Some("Alice"),
        };
        let what = causette_core::event::What::Redacted {
            msgid: causette_core::id::Msgid("earlier 3".into()),
            reason: "".into(),
            said_by: alice.id,
            reach: causette_core::event::Reach::Room,
        };
        let room = Room::Channel(RoomId(TEA.cast_unsigned()));
        scribe.happens(&alice, &[room], what);
        scribe.says(
            &alice,
            Room::direct(alice.id, causette_core::id::UserId(6)),
            "again",
        );
        let expected: Vec<&str> = slip.into_iter().collect();
        assert_eq!(said(&store), expected);
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.bound_from, first);
    }
}

/// Runs where another test starts it as a process of its own, and else does nothing. It says how far it has come, and goes on
/// when it is told to.
#[test]
fn migrates_as_a_process_of_its_own() {
    let Some(database) = std::env::var_os(DATABASE) else {
        return;
    };
    let begun = Store::begin_telling(Path::new(&database), Beginning::Any, |_| {
        stdout().write_all(STEP).unwrap();
        let mut answer = String::new();
        stdin().read_line(&mut answer).unwrap();
    });
    begun.unwrap();
}

/// Migrates in a process that ends, without being asked, with the first write beyond so many blocks of a file.
fn migrating(database: &Path, blocks: &str) -> Command {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("ulimit -c 0; ulimit -f {blocks}; exec \"$@\""))
        .arg("sh")
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "migration::migrates_as_a_process_of_its_own"])
        .env(DATABASE, database)
        .stderr(Stdio::null());
    command
}

/// A database of an earlier version, of which a migration takes a while.
struct Origin {
    folder: Folder,
    origin: PathBuf,
}

impl Origin {
    fn new(name: &str) -> Self {
        let folder = Folder::new(name);
        let origin = folder.database().with_file_name("origin.db");
        let mut earlier = Earlier::make(&origin, 4);
        earlier.says_many(MESSAGES);
        earlier.close();
        Self { folder, origin }
    }

    /// A copy of it beside which there is nothing.
    fn anew(&self) -> PathBuf {
        for file in fs::read_dir(&self.folder.0).unwrap().flatten() {
            if file.path() != self.origin {
                fs::remove_file(file.path()).unwrap();
            }
        }
        let database = self.folder.database();
        fs::copy(&self.origin, &database).unwrap();
        database
    }

    /// The next start makes it whole. Whether something was left to do.
    fn is_finished(&self) -> bool {
        let (mut store, begun) = Store::begin(self.folder.database(), Beginning::Existing).unwrap();
        store.start(Timestamp(START + 3_600_000_000)).unwrap();
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.messages as usize, MESSAGES + 6);
        assert_eq!(said(&store).len(), MESSAGES + 1);
        begun != Begun::Unchanged
    }
}

/// It waits at each step, and is killed there.
#[test]
fn a_migration_that_is_killed_at_any_step_is_finished_by_the_next_start() {
    let origin = Origin::new("killed-steps");
    let mut steps = 0;
    loop {
        let mut child = migrating(&origin.anew(), "unlimited")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut go_on = child.stdin.take().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap()).split(b'\n');
        let told = told
            .map(Result::unwrap)
            .filter(|line| line.ends_with(STEP.trim_ascii_end()));
        let mut told = told.peekable();
        for _ in 0..steps {
            told.next().unwrap();
            go_on.write_all(b"\n").unwrap();
        }
        let is_at_a_step = told.peek().is_some();
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(origin.is_finished(), is_at_a_step, "at {steps}");
        if !is_at_a_step {
            break;
        }
        steps += 1;
    }
    println!("killed at {steps} steps");
    assert!(steps > MESSAGES / 1000 + 1, "{steps}");
}

/// What a process that is killed leaves is decided by how far it has come with writing. So it is killed at its writes: of the
/// copy that is made first, and of the log and the database that have the new tables.
#[test]
fn a_migration_that_is_killed_at_any_write_is_finished_by_the_next_start() {
    let origin = Origin::new("killed-writes");
    let length = fs::metadata(&origin.origin).unwrap().len();
    let (mut killed, mut unfinished) = (0, 0);
    for moment in 1..=MOMENTS {
        let blocks = length * 3 / 2 * moment / MOMENTS / BLOCK;
        let mut command = migrating(&origin.anew(), &blocks.to_string());
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
        let is_killed = !status.unwrap().success();
        let is_unfinished = origin.is_finished();
        assert!(is_killed || !is_unfinished, "at {moment}");
        killed += u32::from(is_killed);
        unfinished += u32::from(is_unfinished);
    }
    println!("{killed} of {MOMENTS} migrations were killed, {unfinished} before they were done");
    assert!(
        unfinished > 12 && killed > unfinished,
        "{killed}, {unfinished}"
    );
}
