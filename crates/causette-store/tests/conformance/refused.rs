//! Databases that are refused at a start, each with what to do.

use crate::scribe::stores;
use causette_store::{Access, Beginning, Database, Store, StoreError};
use causette_testbed::urls_from_environment;

fn place(url: &str) -> Database {
    Database::parse(url, &Access::default()).unwrap()
}

fn refused(url: &str) -> StoreError {
    Store::open(place(url)).unwrap_err()
}

/// Name and password, and where the server is, of a URL with all of them.
fn parts(url: &str) -> (&str, &str, &str, &str) {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (user, host) = rest.split_once('@').unwrap();
    let (_, password) = user.split_once(':').unwrap();
    (scheme, user, password, host)
}

#[test]
fn a_wrong_url_is_refused_with_what_is_wrong_and_without_the_password() {
    for server in urls_from_environment().unwrap() {
        let database = server.create_database("refused").unwrap();
        let url = database.url();
        let (scheme, user, password, host) = parts(&url);
        let (_, name) = host.split_once('/').unwrap();
        let wrong = refused(&url.replace(password, "s3cret%2F"));
        assert!(matches!(wrong, StoreError::Denied(_)), "{wrong}");
        let absent = refused(&format!("{url}_absent"));
        assert!(matches!(absent, StoreError::NoSuchDatabase(_)), "{absent}");
        let nobody = refused(&format!("{scheme}://{user}@127.0.0.1:1/{name}"));
        assert!(matches!(nobody, StoreError::Unreachable(_)), "{nobody}");
        let nowhere = refused(&format!("{scheme}://{user}@nowhere.invalid/{name}"));
        assert!(matches!(nowhere, StoreError::Unreachable(_)), "{nowhere}");
        let none = Store::begin(place(&url), Beginning::Existing).unwrap_err();
        assert!(matches!(none, StoreError::Missing(_)), "{none}");
        for error in [wrong, absent, nobody, nowhere, none] {
            let (told, shown) = (error.to_string(), format!("{error:?}"));
            for secret in [password, "s3cret"] {
                assert!(!told.contains(secret) && !shown.contains(secret), "{told}");
            }
            assert!(told.contains(name), "{told}");
        }
    }
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    for server in urls_from_environment().unwrap() {
        for theirs in [
            "CREATE TABLE users (id INT)",
            "CREATE TABLE schema_version (version VARCHAR(50), description VARCHAR(200))",
        ] {
            let database = server.create_database("theirs").unwrap();
            database.query(theirs).unwrap();
            let error = refused(&database.url());
            assert!(matches!(error, StoreError::Foreign(_)), "{error}");
        }
    }
}

/// A view is nobody's data.
#[test]
fn views_beside_ours_are_allowed() {
    for server in urls_from_environment().unwrap() {
        let database = server.create_database("views").unwrap();
        database
            .query("CREATE VIEW one AS SELECT 1 AS one")
            .unwrap();
        Store::open(place(&database.url())).unwrap();
        database.query("CREATE TABLE theirs (id INT)").unwrap();
        Store::open(place(&database.url())).unwrap();
    }
}

#[test]
fn who_may_make_no_tables_is_told_so() {
    for server in urls_from_environment().unwrap() {
        let database = server.create_database("rights").unwrap();
        let (url, name) = (database.url(), database.name());
        let (scheme, _, password, host) = parts(&url);
        let (make, drop) = if server.is_postgres() {
            (
                format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'"),
                format!("DROP ROLE {name}"),
            )
        } else {
            (
                format!(
                    "CREATE USER {name}@'%' IDENTIFIED BY '{password}'; GRANT SELECT ON {name}.* TO {name}@'%'"
                ),
                format!("DROP USER {name}@'%'"),
            )
        };
        database.query(&make).unwrap();
        let error = refused(&format!("{scheme}://{name}:{password}@{host}"));
        database.query(&drop).unwrap();
        assert!(matches!(error, StoreError::NoRights(_)), "{error}");
    }
}

#[test]
fn a_table_that_was_changed_by_hand_is_named() {
    for change in [
        "ALTER TABLE account ADD COLUMN birthday INTEGER",
        "ALTER TABLE alert DROP COLUMN steady",
        "ALTER TABLE room RENAME COLUMN topic_at TO at",
        "DROP TABLE word_filter",
    ] {
        for store in stores() {
            store.alter(change);
            let error = Store::open(store.database().clone()).unwrap_err();
            let word = change.split(' ').nth(2).unwrap();
            assert!(
                matches!(&error, StoreError::Altered { table, .. } if table == word),
                "{change}: {error}"
            );
        }
    }
    for server in urls_from_environment().unwrap() {
        let database = server.create_database("altered").unwrap();
        drop(Store::open(place(&database.url())).unwrap());
        // Names would be compared as people do.
        database
            .query(if server.is_postgres() {
                "ALTER TABLE account ALTER COLUMN folded TYPE TEXT COLLATE \"default\""
            } else {
                "ALTER TABLE account CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
            })
            .unwrap();
        let error = refused(&database.url());
        assert!(matches!(error, StoreError::Altered { .. }), "{error}");
    }
}
