//! What a file goes through when it is begun.

#![allow(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::Store;
use causette_core::event::Reach;
use causette_core::history::{PageQuery, Readable, Selector};
use causette_core::id::{AccountId, Room, RoomId};
use causette_core::snapshot::MaskRow;
use causette_proto::Timestamp;
use std::os::unix::fs::PermissionsExt;

fn run(location: &Path, beginning: Beginning, migrations: &[Step]) -> Result<Begun, StoreError> {
    steps(location, beginning, migrations, &mut |_| {})
}

/// A database as the first version left it, with one account.
fn database_of_version_1(location: &Path) {
    run(location, Beginning::Any, &MIGRATIONS[..1]).unwrap();
    connection::open(location)
        .unwrap()
        .execute_batch(
            "INSERT INTO account (id, name, folded, nick, verifier, created, last_seen)
             VALUES (7, 'Alice', 'alice', 'Alice', 'phc', 1, 2)",
        )
        .unwrap();
}

#[test]
fn steps_are_numbered_without_holes() {
    for (index, step) in MIGRATIONS.iter().enumerate() {
        assert_eq!(step.version as usize, index + 1);
    }
}

#[test]
fn an_older_database_is_copied_then_migrated() {
    let folder = crate::store::Temporary::new().unwrap();
    let location = folder.location();
    database_of_version_1(&location);

    let (store, begun) = Store::begin(&location, Beginning::Existing).unwrap();
    let accounts = store.snapshot().unwrap().accounts;
    assert_eq!(accounts.len(), 1);
    assert_eq!(accounts[0].id, AccountId(7));

    let copy = location.with_file_name("causette.db.before-13");
    let migrated = Begun::Migrated {
        from: 1,
        to: 13,
        copy: Some(copy.clone()),
    };
    assert_eq!(begun, migrated);
    assert_eq!(
        fs::metadata(&copy).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let copy = connection::open(&copy).unwrap();
    assert_eq!(version(&copy, &location).unwrap(), 1);
    let names: String = copy
        .query_row("SELECT name FROM account", [], |row| row.get(0))
        .unwrap();
    assert_eq!(names, "Alice");
    assert!(!location.with_file_name("causette.db.part").exists());
}

/// A channel with a ban and a message, as the second version left them.
#[test]
fn bans_and_messages_of_an_older_database_are_kept() {
    let folder = crate::store::Temporary::new().unwrap();
    let location = folder.location();
    run(&location, Beginning::Any, &MIGRATIONS[..2]).unwrap();
    connection::open(&location)
        .unwrap()
        .execute_batch(
            "INSERT INTO room (id, room_key, name, permanent, modes, acl_version, last_seq, last_time, created)
             VALUES (4, '#tea', '#tea', 0, '+nt', 0, 2, 9, 1);
             INSERT INTO ban (room, mask, set_by, set_at) VALUES (4, '*!*@bad', 'a!a@h', 5);
             INSERT INTO message (room, seq, time, msgid, kind, spoken, author, source, text, tags, entry)
             VALUES (4, 1, 8, 'm1', 7, 0, 2, 'a!a@h', 'topic', '', 0),
                    (4, 2, 9, 'm2', 0, 1, 2, 'a!a@h', 'said', '', 1);",
        )
        .unwrap();

    let store = Store::open(&location).unwrap();
    let channel = store.snapshot().unwrap().channels.remove(0);
    let ban = MaskRow {
        mode: 'b',
        mask: "*!*@bad".into(),
        by: "a!a@h".into(),
        at: Timestamp(5),
    };
    assert_eq!(channel.masks, [ban]);
    assert_eq!((channel.founder, channel.access), (None, Vec::new()));
    let mut reader = store.reader().unwrap();
    for (events, texts) in [(false, &["said"][..]), (true, &["topic", "said"])] {
        let query = PageQuery {
            room: Room::Channel(RoomId(4)),
            target: "#tea".into(),
            name: "#tea".into(),
            selector: Selector::Latest(None),
            limit: 10,
            events,
            readable: Readable::default(),
            restricted: false,
            acl_version: None,
        };
        let page = reader.page(&query).unwrap().events;
        assert!(
            page.iter()
                .map(|past| past.text.as_str())
                .eq(texts.iter().copied())
        );
        assert!(page.iter().all(|past| past.reach == Reach::Room));
    }
}

#[test]
fn a_new_database_is_private_and_needs_no_copy() {
    let folder = crate::store::Temporary::new().unwrap();
    let location = folder.location();
    drop(Store::open(&location).unwrap());
    assert_eq!(
        fs::metadata(&location).unwrap().permissions().mode() & 0o777,
        0o600
    );
    drop(Store::open(&location).unwrap());
    let files = fs::read_dir(location.parent().unwrap()).unwrap();
    assert!(
        files
            .flatten()
            .all(|file| !file.file_name().to_string_lossy().contains("before"))
    );
}

#[test]
fn a_newer_database_is_refused_and_left_alone() {
    let folder = crate::store::Temporary::new().unwrap();
    let location = folder.location();
    drop(Store::open(&location).unwrap());
    let connection = connection::open(&location).unwrap();
    connection
        .execute("INSERT INTO schema_version (version) VALUES (99)", [])
        .unwrap();
    drop(connection);

    let error = Store::open(&location).unwrap_err();
    assert!(
        matches!(error, StoreError::Newer { found: 99, known, .. } if known == MIGRATIONS.len() as u32)
    );
    assert!(error.to_string().contains("version 99"));
}

#[test]
fn a_database_of_another_program_is_refused() {
    let folder = crate::store::Temporary::new().unwrap();
    let location = folder.location();
    connection::make(&location).unwrap();
    let connection = connection::open(&location).unwrap();
    connection
        .execute_batch("CREATE TABLE users (name TEXT)")
        .unwrap();
    assert!(matches!(
        Store::open(&location),
        Err(StoreError::Foreign(_))
    ));
}

/// A second step that cannot be taken.
const FAILING: [Step; 2] = [
    MIGRATIONS[0],
    step(2, "CREATE TABLE half (id {int}) {table}; SELECT nonsense;"),
];

fn files(location: &Path) -> Vec<String> {
    let mut files: Vec<String> = fs::read_dir(location.parent().unwrap())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|file| !file.ends_with("-wal") && !file.ends_with("-shm"))
        .collect();
    files.sort_unstable();
    files
}

#[test]
fn a_step_that_fails_changes_nothing() {
    let folder = crate::store::Temporary::new().unwrap();
    let location = folder.location();
    assert!(run(&location, Beginning::Any, &FAILING).is_err());
    let connection = connection::open(&location).unwrap();
    assert_eq!(version(&connection, &location).unwrap(), 0);
}

#[test]
fn an_upgrade_that_fails_leaves_no_copy() {
    let folder = crate::store::Temporary::new().unwrap();
    let location = folder.location();
    database_of_version_1(&location);
    for _ in 0..2 {
        assert!(run(&location, Beginning::Existing, &FAILING).is_err());
        assert_eq!(files(&location), ["causette.db"]);
    }
    // What cannot be copied is not changed either.
    let connection = connection::open(&location).unwrap();
    connection.execute_batch("BEGIN").unwrap();
    assert!(copy::make(&connection, &location, 2).is_err());
    assert_eq!(files(&location), ["causette.db"]);
}

#[test]
fn an_upgrade_that_fails_when_it_was_done_leaves_its_copy() {
    let folder = crate::store::Temporary::new().unwrap();
    let location = folder.location();
    database_of_version_1(&location);
    // As where the disk fails after the log was written.
    let done = "INSERT INTO schema_version (version) VALUES (2); COMMIT; and then";
    let migrations = [MIGRATIONS[0], step(2, done)];
    run(&location, Beginning::Any, &migrations).unwrap_err();
    assert!(location.with_file_name("causette.db.before-2").exists());
}

#[test]
fn a_copy_is_never_overwritten() {
    let folder = crate::store::Temporary::new().unwrap();
    let location = folder.location();
    let taken = location.with_file_name("causette.db.before-13");
    fs::write(&taken, "of last year").unwrap();
    // Somebody went back to the first version and up again.
    for _ in 0..2 {
        database_of_version_1(&location);
        // As a process that was killed while it copied leaves it.
        fs::write(location.with_file_name("causette.db.part"), "half").unwrap();
        let begun = Store::begin(&location, Beginning::Existing).unwrap().1;
        assert!(
            matches!(begun, Begun::Migrated { from: 1, .. }),
            "{begun:?}"
        );
        fs::remove_file(&location).unwrap();
    }
    assert_eq!(fs::read_to_string(&taken).unwrap(), "of last year");
    let copies = ["before-13", "before-13.2", "before-13.3"];
    assert_eq!(
        files(&location),
        copies.map(|copy| format!("causette.db.{copy}"))
    );
}

#[test]
fn a_database_is_made_only_where_one_is_meant() {
    let folder = crate::store::Temporary::new().unwrap();
    let location = folder.location();
    let begin = |beginning| Store::begin(&location, beginning).map(|(_, begun)| begun);
    for empty in [false, true] {
        if empty {
            fs::write(&location, "").unwrap();
        }
        assert!(matches!(
            begin(Beginning::Existing),
            Err(StoreError::Missing(_))
        ));
        assert_eq!(location.exists(), empty);
    }
    assert_eq!(begin(Beginning::New).unwrap(), Begun::Made);
    assert!(matches!(begin(Beginning::New), Err(StoreError::Present(_))));
    assert_eq!(begin(Beginning::Existing).unwrap(), Begun::Unchanged);
    assert_eq!(begin(Beginning::Any).unwrap(), Begun::Unchanged);
}

/// As after a crash, where somebody has removed or emptied the database alone. SQLite would remove the log.
#[test]
fn a_log_without_its_database_is_kept() {
    let folder = crate::store::Temporary::new().unwrap();
    let location = folder.location();
    let log = location.with_file_name("causette.db-wal");
    fs::write(&log, "messages").unwrap();
    for empty in [false, true] {
        if empty {
            fs::write(&location, "").unwrap();
        }
        for beginning in [Beginning::Any, Beginning::Existing, Beginning::New] {
            assert!(Store::begin(&location, beginning).is_err());
        }
    }
    assert_eq!(fs::read_to_string(&log).unwrap(), "messages");
}
