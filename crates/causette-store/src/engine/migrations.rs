//! The tables, as the numbered steps that made them. A step is never edited once released; a change is a new step.

mod beginning;
mod bound;

pub use beginning::{Beginning, Begun, Upgrade};

#[cfg(feature = "sql")]
use crate::engine::server::schema;
use crate::engine::shape::Shape;
use crate::engine::sqlite::{connection, copy, log, views};
use crate::engine::{Database, Moment, dialect};
use crate::error::{Fault, StoreError};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};
use std::cmp::Ordering;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// A step to a version of the tables.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    /// The version that it leads to.
    pub(crate) version: u32,
    /// Statements, in the words that all engines share.
    pub(crate) sql: &'static str,
    /// What is done behind them, which may take long: it changes rows, and no table.
    pub(crate) behind: Option<Behind>,
    /// Statements behind that.
    pub(crate) then: &'static str,
}

/// What is done in a step that statements alone cannot do.
pub(crate) type Behind = fn(&Moment<'_>, &mut dyn FnMut(Upgrade)) -> Result<(), Fault>;

/// A step of statements alone.
const fn step(version: u32, sql: &'static str) -> Step {
    Step {
        version,
        sql,
        behind: None,
        then: "",
    }
}

/// Every step, oldest first, numbered without holes.
pub(crate) const MIGRATIONS: &[Step] = &[
    step(1, include_str!("migrations/0001_record.sql")),
    step(2, include_str!("migrations/0002_session.sql")),
    step(3, include_str!("migrations/0003_base.sql")),
    step(4, include_str!("migrations/0004_device.sql")),
    Step {
        behind: Some(bound::bind),
        then: bound::REPLACE,
        ..step(5, include_str!("migrations/0005_order.sql"))
    },
    step(6, include_str!("migrations/0006_administration.sql")),
    step(7, include_str!("migrations/0007_moderation.sql")),
    // From here on there are the views, which are made anew behind the last step, whichever that is.
    step(8, ""),
];

/// Keeps which steps were taken.
pub(crate) const VERSIONS: &str =
    "CREATE TABLE IF NOT EXISTS schema_version (version {int} NOT NULL PRIMARY KEY) {table};";

/// Makes the database where there is none, and brings its tables to the present version. A database that holds something
/// is first copied to `<name>.before-<version>` beside it.
///
/// # Errors
/// Refuses what is not as expected, a newer database and one of another program; then, and when a step fails, nothing has been
/// changed.
pub(crate) fn migrate(
    database: &Database,
    beginning: Beginning,
    tell: &mut dyn FnMut(Upgrade),
) -> Result<Begun, StoreError> {
    match database {
        Database::File(file) => steps(file, beginning, MIGRATIONS, tell),
        #[cfg(feature = "sql")]
        Database::Server(address) => schema::migrate(address, beginning, MIGRATIONS, tell),
    }
}

fn steps(
    location: &Path,
    beginning: Beginning,
    migrations: &[Step],
    tell: &mut dyn FnMut(Upgrade),
) -> Result<Begun, StoreError> {
    let known = migrations.last().map_or(0, |step| step.version);
    let found = found(location, beginning)?;
    if found > known {
        return Err(StoreError::Newer {
            location: location.display().to_string(),
            found,
            known,
        });
    }
    if found == known {
        if known == self::known() {
            check(&connection::open_read_only(location)?, location)?;
        }
        return Ok(Begun::Unchanged);
    }
    let mut connection = connection::open(location)?;
    if found == 0 {
        apply(&mut connection, found, migrations, tell)?;
        return Ok(Begun::Made);
    }
    let copy = copy::make(&connection, location, known)?;
    tell(Upgrade::Copied);
    if let Err(error) = apply(&mut connection, found, migrations, tell) {
        drop(connection);
        // Where the database is as it was, a copy for each attempt would only fill the disk. But a commit that failed may be in
        // its log all the same, and then the copy is all that there is of what was before.
        let now = connection::open_read_only(location)
            .and_then(|connection| version(&connection, location));
        if now.is_ok_and(|now| now == found) {
            copy::discard(&copy);
        }
        return Err(error);
    }
    Ok(Begun::Migrated {
        from: found,
        to: known,
        copy: Some(copy),
    })
}

/// Refuses tables that somebody has changed by hand.
fn check(connection: &Connection, location: &Path) -> Result<(), StoreError> {
    let shape = Shape::of_file(&Moment::lent(connection))?;
    shape.check(&location.display().to_string())
}

/// The version to which a database is brought.
pub(crate) fn known() -> u32 {
    MIGRATIONS.last().map_or(0, |step| step.version)
}

/// Looks whether there is a database of the present version, and changes nothing.
///
/// # Errors
/// Where there is none, and where it is of another version or another program.
pub(crate) fn look(database: &Database) -> Result<(), StoreError> {
    let found = match database {
        Database::File(file) => {
            if length(file)?.is_none_or(|length| length == 0) {
                return Err(StoreError::Missing(database.to_string()));
            }
            version(&connection::open_read_only(file)?, file)?
        }
        #[cfg(feature = "sql")]
        Database::Server(address) => match schema::look(address)? {
            0 => return Err(StoreError::Missing(database.to_string())),
            found => found,
        },
    };
    let known = known();
    let location = database.to_string();
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Less => Err(StoreError::Older {
            location,
            found,
            known,
        }),
        Ordering::Greater => Err(StoreError::Newer {
            location,
            found,
            known,
        }),
    }
}

/// The version of the tables that are there, as expected; 0 for an empty database, whose file is made where it is missing.
fn found(location: &Path, beginning: Beginning) -> Result<u32, StoreError> {
    let length = length(location)?;
    let found = match length {
        None | Some(0) => {
            // SQLite removes the log of an empty file; what that still holds may be all that there is.
            let log = log::path(&fs::canonicalize(location).unwrap_or_else(|_| location.into()));
            if self::length(&log)?.is_some_and(|length| length > 0) {
                return Err(match beginning {
                    Beginning::New => StoreError::Present(log.display().to_string()),
                    Beginning::Any | Beginning::Existing => {
                        StoreError::Missing(location.display().to_string())
                    }
                });
            }
            0
        }
        // Opening for writing would already change the file of another program.
        Some(_) => version(&connection::open_read_only(location)?, location)?,
    };
    match beginning {
        Beginning::Existing if found == 0 => {
            return Err(StoreError::Missing(location.display().to_string()));
        }
        Beginning::New if found > 0 => {
            return Err(StoreError::Present(location.display().to_string()));
        }
        _ => {}
    }
    if length.is_none() {
        connection::make(location)?;
    }
    Ok(found)
}

/// How long a file is; `None` where there is none.
fn length(path: &Path) -> Result<Option<u64>, StoreError> {
    match fs::metadata(path) {
        Ok(file) => Ok(Some(file.len())),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(StoreError::Io(format!("{}: {error}", path.display()))),
    }
}

/// Takes the steps that are missing, all or none.
fn apply(
    connection: &mut Connection,
    found: u32,
    migrations: &[Step],
    tell: &mut dyn FnMut(Upgrade),
) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    views::drop_all(&transaction)?;
    transaction.execute_batch(&dialect::expand(VERSIONS))?;
    for step in migrations.iter().filter(|step| step.version > found) {
        transaction.execute_batch(&dialect::expand(step.sql))?;
        if let Some(behind) = step.behind {
            behind(&Moment::lent(&transaction), tell)?;
        }
        transaction.execute_batch(&dialect::expand(step.then))?;
        if step.version == known() {
            views::make(&transaction)?;
        }
        transaction.execute(
            "INSERT INTO schema_version (version) VALUES (?)",
            [step.version],
        )?;
        tell(Upgrade::Version(step.version));
    }
    transaction.commit()?;
    Ok(())
}

/// The version of a database's tables; 0 where there are none.
pub(crate) fn version(connection: &Connection, location: &Path) -> Result<u32, StoreError> {
    let has = |sql| connection.query_row(sql, [], |_| Ok(())).optional();
    let foreign = || StoreError::Foreign(location.display().to_string());
    if has("SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'")?.is_some() {
        // Other programs have a table of that name too.
        let others = "SELECT 1 FROM pragma_table_info('schema_version') WHERE name <> 'version'";
        let ours = "SELECT 1 FROM sqlite_schema WHERE name = 'register_entry'";
        if has(others)?.is_some() || has(ours)?.is_none() {
            return Err(foreign());
        }
        let version: Option<u32> =
            connection.query_row("SELECT max(version) FROM schema_version", [], |row| {
                row.get(0)
            })?;
        return Ok(version.unwrap_or(0));
    }
    match has("SELECT 1 FROM sqlite_schema LIMIT 1")? {
        Some(()) => Err(foreign()),
        None => Ok(0),
    }
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

    fn run(
        location: &Path,
        beginning: Beginning,
        migrations: &[Step],
    ) -> Result<Begun, StoreError> {
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

        let copy = location.with_file_name("causette.db.before-8");
        let migrated = Begun::Migrated {
            from: 1,
            to: 8,
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
        let taken = location.with_file_name("causette.db.before-8");
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
        let copies = ["before-8", "before-8.2", "before-8.3"];
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
}
