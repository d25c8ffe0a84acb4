//! From every earlier version to this one, also where that is interrupted.

use crate::earlier::{Earlier, START, TEA};
use crate::scribe::{page_query, texts};
use causette_core::history::Selector;
use causette_core::id::{Room, RoomId};
use causette_proto::Timestamp;
use causette_store::{Beginning, Begun, Started, Store};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Names the database that a process of its own brings to this version.
const DATABASE: &str = "CAUSETTE_TEST_MIGRATE";

/// How often a migration is killed, at moments that are spread over how long it takes.
const MOMENTS: u32 = 25;

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

#[test]
fn every_earlier_version_comes_to_this_one_whole() {
    for version in 1..=4 {
        let folder = Folder::new(&format!("from-{version}"));
        Earlier::make(&folder.database(), version).close();
        let (mut store, begun) = Store::begin(&folder.database(), Beginning::Existing).unwrap();
        assert!(
            matches!(&begun, Begun::Migrated { from, to: 5, .. } if *from as usize == version),
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

/// Runs where another test starts it as a process of its own, and else does nothing.
#[test]
fn migrates_as_a_process_of_its_own() {
    if let Some(database) = std::env::var_os(DATABASE) {
        Store::open(Path::new(&database)).unwrap();
    }
}

fn migrating(database: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "migration::migrates_as_a_process_of_its_own"])
        .env(DATABASE, database)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_migration_that_is_killed_at_any_moment_is_finished_by_the_next_start() {
    let folder = Folder::new("killed");
    let origin = folder.database().with_file_name("origin.db");
    let mut earlier = Earlier::make(&origin, 4);
    earlier.says_many(MESSAGES);
    earlier.close();
    let database = folder.database();
    let anew = || {
        for file in fs::read_dir(&folder.0).unwrap().flatten() {
            if file.path() != origin {
                fs::remove_file(file.path()).unwrap();
            }
        }
        fs::copy(&origin, &database).unwrap();
    };
    // Other processes may have had the processor; the shortest time is that of the migration.
    let durations = (0..3).map(|_| {
        anew();
        let begun = Instant::now();
        assert!(migrating(&database).wait().unwrap().success());
        begun.elapsed()
    });
    let duration = durations.min().unwrap();
    let mut unfinished = 0;
    for moment in 0..MOMENTS {
        anew();
        let mut child = migrating(&database);
        sleep(duration * moment / MOMENTS + Duration::from_micros(u64::from(moment) * 37));
        child.kill().unwrap();
        child.wait().unwrap();
        let (mut store, begun) = Store::begin(&database, Beginning::Existing).unwrap();
        unfinished += u32::from(begun != Begun::Unchanged);
        store.start(Timestamp(START + 3_600_000_000)).unwrap();
        let counts = store.reader().unwrap().check_register().unwrap();
        assert_eq!(counts.messages as usize, MESSAGES + 6, "at {moment}");
        assert_eq!(said(&store).len(), MESSAGES + 1);
    }
    println!(
        "{unfinished} of {MOMENTS} migrations of {duration:?} were killed before they were done"
    );
    assert!(
        unfinished > MOMENTS / 2,
        "most are killed before they are done"
    );
}
