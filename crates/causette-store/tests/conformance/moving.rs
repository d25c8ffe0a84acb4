//! A database moves from each engine to each, whole, whatever cuts it off; and a copy in a file is the same.

use crate::scribe::*;
use crate::story;
use causette_core::id::{Room, RoomId};
use causette_store::moving::{self, Difference, Manner, Moving, Unmoved};
use causette_store::{Access, Beginning, Database, Store, StoreError};
use rusqlite::types::Value;
use std::path::Path;

/// An empty database, which goes away with this.
struct Empty {
    database: Database,
    on_server: Option<causette_testbed::Database>,
    _folder: Store,
}

impl Empty {
    fn alter(&self, sql: &str) {
        match &self.on_server {
            Some(database) => drop(database.query(sql).unwrap()),
            None => rusqlite::Connection::open(self.database.file().unwrap())
                .unwrap()
                .execute_batch(sql)
                .unwrap(),
        }
    }
}

fn empties() -> Vec<Empty> {
    let folder = Store::temporary().unwrap();
    let file = folder.file().unwrap().with_file_name("moved.db");
    let file = Empty {
        database: Database::from(file),
        on_server: None,
        _folder: folder,
    };
    let servers = causette_testbed::urls_from_environment().unwrap();
    let on_servers = servers.into_iter().map(|server| {
        let database = server.create_database("moved").unwrap();
        Empty {
            database: Database::parse(&database.url(), &Access::default()).unwrap(),
            on_server: Some(database),
            _folder: Store::temporary().unwrap(),
        }
    });
    std::iter::once(file).chain(on_servers).collect()
}

fn manner(rows: usize) -> Manner {
    Manner {
        rows,
        ..Manner::default()
    }
}

/// Everything that happens, and what is hard to carry: characters of four bytes, what ends in spaces, and text that looks like SQL.
fn tell(store: &Store) {
    let mut scribe = Scribe::new(store);
    scribe.time -= 400 * 86_400 * 1_000_000;
    for text in [
        "🦉 à l'œuvre 漢字 ",
        "'; DROP TABLE message; --",
        "\\x41\t%s",
        "",
    ] {
        scribe.says(&GUEST, Room::direct(ALICE.id, GUEST.id), text);
    }
    scribe.opens(RoomId(900), "#🦉");
    scribe.writer.close().unwrap();
    story::tell(store);
    store.reader().unwrap().check_register().unwrap();
}

type Rows = Vec<(String, Vec<Vec<Value>>)>;

/// All rows of all tables of a file.
fn rows_of_file(file: &Path) -> Rows {
    let connection = rusqlite::Connection::open(file).unwrap();
    let names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
    let mut names = connection.prepare(names).unwrap();
    let names: Vec<String> = names
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let rows = names.into_iter().map(|name| {
        let mut select = connection
            .prepare(&format!("SELECT * FROM {name}"))
            .unwrap();
        let width = select.column_count();
        let mut rows: Vec<Vec<Value>> = select
            .query_map([], |row| (0..width).map(|place| row.get(place)).collect())
            .unwrap()
            .map(Result::unwrap)
            .collect();
        rows.sort_by_key(|row| format!("{row:?}"));
        (name, rows)
    });
    rows.collect()
}

/// The same of any database, by a copy of it.
fn rows(store: &Store) -> Rows {
    let place = Store::temporary().unwrap();
    let copy = place.file().unwrap().with_file_name("copy.db");
    let mut last = None;
    store
        .copy_to(&copy, |copied| {
            assert!(copied.parts <= copied.of);
            last = Some(copied);
            true
        })
        .unwrap();
    assert!(last.is_some_and(|last| last.parts == last.of), "{last:?}");
    assert_eq!(Store::tally_of(&copy).unwrap(), store.tally().unwrap());
    rows_of_file(&copy)
}

#[test]
fn a_server_moves_from_each_engine_to_each() {
    let told = Store::temporary().unwrap();
    tell(&told);
    let expected = rows_of_file(told.file().unwrap());
    let snapshot = told.snapshot().unwrap();
    for from in empties() {
        // What is moved has been moved there itself, but for its own engine.
        moving::run(told.database(), &from.database, manner(50), |_| true).unwrap();
        for to in empties() {
            let mut told_of = 0;
            let moved = moving::run(&from.database, &to.database, manner(25), |step| {
                told_of += u64::from(matches!(step, Moving::Rows { .. }));
                true
            });
            let moved = moved
                .unwrap_or_else(|error| panic!("{} to {}: {error}", from.database, to.database));
            assert!(moved.is_whole(), "{moved:?}");
            let counts = moved.verified.unwrap().counts;
            assert!(told_of > counts.entries / 25);
            assert!(moved.tables.iter().all(|table| table.rows == table.brought));

            let (store, _) = Store::begin(&to.database, Beginning::Existing).unwrap();
            assert_eq!(rows(&store), expected);
            assert_eq!(store.snapshot().unwrap(), snapshot);
            // It is a server's database as any other.
            let mut scribe = Scribe::new(&store);
            scribe.time += 500 * 86_400 * 1_000_000;
            scribe.says(&GUEST, Room::Channel(RoomId(900)), "here");
            let now = store.reader().unwrap().check_register().unwrap();
            assert_eq!(now.entries, counts.entries + 1);
        }
    }
}

#[test]
fn a_move_that_is_cut_off_goes_on_where_it_was() {
    let told = Store::temporary().unwrap();
    tell(&told);
    let expected = rows_of_file(told.file().unwrap());
    for to in empties() {
        let (mut attempts, mut before) = (0, 0);
        let moved = loop {
            attempts += 1;
            let mut asked = 0;
            let mut brought = 0;
            // Each attempt keeps two pages, and is cut off in the middle of the third.
            let moved = moving::run(told.database(), &to.database, manner(40), |step| {
                match step {
                    Moving::Begun { brought: found, .. } => brought = found,
                    Moving::Rows { .. } => asked += 1,
                    Moving::Verified(_) => {}
                }
                asked < 3
            });
            assert!(brought >= before, "{brought} {before}");
            before = brought;
            match moved {
                Ok(moved) => break moved,
                Err(Unmoved::GivenUp) => {}
                Err(error) => panic!("{error}"),
            }
            // Nobody serves what is not whole.
            for refused in [
                Store::open(&to.database).unwrap_err(),
                Store::look(&to.database).unwrap_err(),
            ] {
                assert!(matches!(refused, StoreError::Moving(_)), "{refused}");
            }
        };
        assert!(attempts > 5, "{attempts}");
        assert!(
            moved.is_whole(),
            "{:?} {:?}",
            moved.differences,
            moved.verified
        );
        assert!(moved.tables.iter().any(|table| table.brought < table.rows));
        assert_eq!(rows(&Store::look(&to.database).unwrap()), expected);
    }
}

#[test]
fn what_is_not_empty_is_left_alone() {
    let told = Store::temporary().unwrap();
    tell(&told);
    for to in empties() {
        drop(Store::open(&to.database).unwrap());
        let refused = moving::run(told.database(), &to.database, manner(9), |_| true);
        assert!(matches!(refused, Err(Unmoved::Occupied(_))), "{refused:?}");
        Store::look(&to.database).unwrap();
    }
    for to in empties() {
        to.alter("CREATE TABLE letters (text INTEGER)");
        let refused = moving::run(told.database(), &to.database, manner(9), |_| true);
        assert!(matches!(refused, Err(Unmoved::Occupied(_))), "{refused:?}");
        to.alter("SELECT text FROM letters");
    }
    let refused = moving::run(told.database(), told.database(), manner(9), |_| true);
    assert!(matches!(refused, Err(Unmoved::Same(_))), "{refused:?}");
    let empty = empties().remove(0);
    let refused = moving::run(&empty.database, told.database(), manner(9), |_| true);
    assert!(
        matches!(refused, Err(Unmoved::From(StoreError::Missing(_)))),
        "{refused:?}"
    );
}

#[test]
fn a_source_that_is_served_meanwhile_is_told() {
    for to in empties() {
        let told = Store::temporary().unwrap();
        tell(&told);
        let mut asked = 0;
        let served = moving::run(told.database(), &to.database, manner(50), |step| {
            asked += u64::from(matches!(step, Moving::Rows { .. }));
            if asked == 3 {
                told.writer().unwrap().close().unwrap();
            }
            true
        });
        assert!(matches!(served, Err(Unmoved::Served(_))), "{served:?}");
        // What has come is no longer what there is.
        let again = moving::run(told.database(), &to.database, manner(50), |_| true);
        assert!(matches!(again, Err(Unmoved::AnotherSource(_))), "{again:?}");
    }
}

#[test]
fn what_differs_in_the_end_is_told_and_nobody_serves_it() {
    let told = Store::temporary().unwrap();
    tell(&told);
    for to in empties() {
        let cut = moving::run(told.database(), &to.database, manner(500), |step| {
            !matches!(step, Moving::Verified(_))
        });
        assert!(matches!(cut, Err(Unmoved::GivenUp)), "{cut:?}");
        to.alter("DELETE FROM account_setting");
        let moved = moving::run(told.database(), &to.database, manner(500), |_| true).unwrap();
        assert!(!moved.is_whole());
        assert!(
            matches!(&moved.differences[..], [Difference::Rows { table, found: 0, expected: 1.. }] if table == "account_setting"),
            "{:?}",
            moved.differences
        );
        assert!(matches!(
            Store::look(&to.database),
            Err(StoreError::Moving(_))
        ));
    }
}

#[test]
fn what_the_source_was_altered_in_is_found_where_it_has_come() {
    let told = Store::temporary().unwrap();
    tell(&told);
    let connection = rusqlite::Connection::open(told.file().unwrap()).unwrap();
    let altered = connection
        .execute(
            "UPDATE message SET text = text || '!' WHERE seq = 1 AND text <> ''",
            [],
        )
        .unwrap();
    assert!(altered > 0);
    drop(connection);
    for to in empties() {
        let moved = moving::run(told.database(), &to.database, manner(500), |_| true).unwrap();
        assert!(!moved.is_whole() && moved.differences.is_empty());
        assert!(matches!(
            Store::look(&to.database),
            Err(StoreError::Moving(_))
        ));
        // Who knows of it says that it is to be moved as it is.
        let manner = Manner {
            verify: false,
            rows: 500,
        };
        let moved = moving::run(told.database(), &to.database, manner, |_| true).unwrap();
        assert!(moved.is_whole());
        assert_eq!(
            Store::look(&to.database).unwrap().snapshot().unwrap(),
            told.snapshot().unwrap()
        );
    }
}
