//! The tables, as the numbered steps that made them. A step is never edited once released; a change is a new step.

use crate::error::StoreError;
use crate::{connection, dialect};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Every step, oldest first, numbered without holes.
const MIGRATIONS: &[(u32, &str)] = &[
    (1, include_str!("migrations/0001_record.sql")),
    (2, include_str!("migrations/0002_session.sql")),
    (3, include_str!("migrations/0003_base.sql")),
    (4, include_str!("migrations/0004_device.sql")),
];

/// Makes the database where there is none, and brings its tables to the present version. A database that holds something
/// is first copied to `<name>.before-<version>` beside it.
///
/// # Errors
/// Refuses a newer database and one of another program; then, and when a step fails, nothing has been changed.
pub(crate) fn migrate(location: &Path) -> Result<(), StoreError> {
    run(location, MIGRATIONS)
}

fn run(location: &Path, migrations: &[(u32, &str)]) -> Result<(), StoreError> {
    let known = migrations.last().map_or(0, |(version, _)| *version);
    let found = if location.exists() {
        // Opening for writing would already change the file of another program.
        version(&connection::open_read_only(location)?, location)?
    } else {
        0
    };
    if found > known {
        return Err(StoreError::Newer {
            location: location.to_owned(),
            found,
            known,
        });
    }
    if found == known {
        return Ok(());
    }
    let mut connection = connection::open(location)?;
    if found > 0 {
        copy(&connection, location, known)?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(&dialect::expand(
        "CREATE TABLE IF NOT EXISTS schema_version (version {int} NOT NULL PRIMARY KEY) {table};",
    ))?;
    for (version, sql) in migrations.iter().filter(|(version, _)| *version > found) {
        transaction.execute_batch(&dialect::expand(sql))?;
        transaction.execute("INSERT INTO schema_version (version) VALUES (?)", [version])?;
    }
    transaction.commit()?;
    Ok(())
}

/// The version of a database's tables; 0 where there are none.
fn version(connection: &Connection, location: &Path) -> Result<u32, StoreError> {
    let has_table = |sql| connection.query_row(sql, [], |_| Ok(())).optional();
    if has_table("SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'")?.is_some() {
        let version: Option<u32> =
            connection.query_row("SELECT max(version) FROM schema_version", [], |row| {
                row.get(0)
            })?;
        return Ok(version.unwrap_or(0));
    }
    match has_table("SELECT 1 FROM sqlite_schema LIMIT 1")? {
        Some(()) => Err(StoreError::Foreign(location.to_owned())),
        None => Ok(0),
    }
}

/// Copies the database to `<name>.before-<version>`. The copy gets its name only once it is whole and on disk, so that an
/// interrupted one is never taken for it.
fn copy(connection: &Connection, location: &Path, version: u32) -> Result<(), StoreError> {
    let beside = |suffix: &str| {
        let mut name = location.as_os_str().to_owned();
        name.push(suffix);
        PathBuf::from(name)
    };
    let part = beside(".part");
    let copy = beside(&format!(".before-{version}"));
    let io = |error: std::io::Error| StoreError::Io(format!("{}: {error}", copy.display()));
    // SQLite writes into an empty file that exists, which keeps the rights that we gave it.
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&part)
        .map_err(io)?;
    let target = part
        .to_str()
        .ok_or_else(|| StoreError::Io(format!("{} is not a UTF-8 path", location.display())))?;
    connection.execute("VACUUM INTO ?", [target])?;
    File::open(&part)
        .and_then(|file| file.sync_all())
        .map_err(io)?;
    fs::rename(&part, &copy).map_err(io)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::Store;
    use causette_core::event::Reach;
    use causette_core::history::{PageQuery, Selector};
    use causette_core::id::{AccountId, Room, RoomId};
    use causette_core::snapshot::MaskRow;
    use causette_proto::Timestamp;
    use std::os::unix::fs::PermissionsExt;

    /// A database as the first version left it, with one account.
    fn database_of_version_1(location: &Path) {
        run(location, &MIGRATIONS[..1]).unwrap();
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
        for (index, (version, _)) in MIGRATIONS.iter().enumerate() {
            assert_eq!(*version as usize, index + 1);
        }
    }

    #[test]
    fn an_older_database_is_copied_then_migrated() {
        let folder = crate::store::Temporary::new().unwrap();
        let location = folder.location();
        database_of_version_1(&location);

        let store = Store::open(&location).unwrap();
        let accounts = store.snapshot().unwrap().accounts;
        assert_eq!(accounts.len(), 1);
        assert_eq!(accounts[0].id, AccountId(7));

        let copy = location.with_file_name("causette.db.before-4");
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
        run(&location, &MIGRATIONS[..2]).unwrap();
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
                selector: Selector::Latest(None),
                limit: 10,
                events,
                since: None,
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
        let connection = connection::open(&location).unwrap();
        connection
            .execute_batch("CREATE TABLE users (name TEXT)")
            .unwrap();
        assert!(matches!(
            Store::open(&location),
            Err(StoreError::Foreign(_))
        ));
    }

    #[test]
    fn a_step_that_fails_changes_nothing() {
        let folder = crate::store::Temporary::new().unwrap();
        let location = folder.location();
        let steps = [
            MIGRATIONS[0],
            (2, "CREATE TABLE half (id {int}) {table}; SELECT nonsense;"),
        ];
        assert!(run(&location, &steps).is_err());
        let connection = connection::open(&location).unwrap();
        assert_eq!(version(&connection, &location).unwrap(), 0);
    }
}
