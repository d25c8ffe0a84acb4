//! Databases that are refused at a start, each with what to do.

use crate::scribe::stores;
use causette_store::{Access, Beginning, Database, Store, StoreError, Upgrade};
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

/// What a start refuses by, which who only asks is told too.
fn refused_and_foreseen(place: &Database) -> StoreError {
    let foreseen = Store::foresee(place, Beginning::Any).unwrap_err();
    let error = Store::open(place.clone()).unwrap_err();
    assert_eq!(foreseen.to_string(), error.to_string());
    error
}

#[test]
fn who_may_not_make_or_write_tables_is_told_so_before_anything_is_made() {
    const ALL_BUT_VIEWS: &str =
        "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES";
    for server in urls_from_environment().unwrap() {
        // Whether there are tables before, and what is given.
        let cases: &[(bool, &str)] = match server.is_postgres() {
            true => &[
                (false, ""),
                (true, "GRANT SELECT ON ALL TABLES IN SCHEMA public TO"),
                (true, "GRANT CREATE ON SCHEMA public TO"),
            ],
            false => &[
                (false, "GRANT SELECT"),
                (true, "GRANT SELECT"),
                (false, ALL_BUT_VIEWS),
                (false, "GRANT SELECT, INSERT, UPDATE, DELETE"),
            ],
        };
        for (is_made, given) in cases {
            let database = server.create_database("rights").unwrap();
            let (url, name) = (database.url(), database.name());
            let (scheme, _, password, host) = parts(&url);
            if *is_made {
                drop(Store::open(place(&url)).unwrap());
            }
            let (make, grant, drop) = match server.is_postgres() {
                true => (
                    format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'"),
                    match given.is_empty() {
                        true => "SELECT 1".to_owned(),
                        false => format!("{given} {name}"),
                    },
                    format!(
                        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}; REVOKE ALL ON SCHEMA public FROM {name}; DROP ROLE {name}"
                    ),
                ),
                false => (
                    format!("CREATE USER {name}@'%' IDENTIFIED BY '{password}'"),
                    format!(
                        "GRANT {} ON {name}.* TO {name}@'%'",
                        given.trim_start_matches("GRANT ")
                    ),
                    format!("DROP USER {name}@'%'"),
                ),
            };
            database.query(&make).unwrap();
            database.query(&grant).unwrap();
            let theirs = place(&format!("{scheme}://{name}:{password}@{host}"));
            let error = std::panic::catch_unwind(|| refused_and_foreseen(&theirs));
            database.query(&drop).unwrap();
            let error = error.unwrap();
            assert!(matches!(error, StoreError::NoRights(_)), "{given}: {error}");
            let tables =
                "SELECT count(*) FROM information_schema.tables WHERE table_name = 'schema_version'
                 AND (table_schema = 'public' OR table_schema = DATABASE_NAME)";
            let schema = match server.is_postgres() {
                true => "'public'",
                false => "DATABASE()",
            };
            let tables = tables.replace("DATABASE_NAME", schema);
            let expected = if *is_made { "1" } else { "0" };
            assert_eq!(database.query(&tables).unwrap().trim(), expected, "{given}");
        }
    }
}

#[test]
fn who_asks_beside_a_server_is_told_what_a_start_would_do() {
    let known = Store::schema();
    for store in stores() {
        let place = store.database().clone();
        let outlook = Store::foresee(&place, Beginning::Existing).unwrap();
        assert_eq!((outlook.found, outlook.known), (known, known));
        assert!(!outlook.lacks_views);
        let (name, number) = outlook.engine.split_once(' ').unwrap();
        assert!(["SQLite", "PostgreSQL", "MariaDB", "MySQL"].contains(&name));
        assert!(number.starts_with(|first: char| first.is_ascii_digit()));
    }
    for server in urls_from_environment().unwrap() {
        let database = server.create_database("empty").unwrap();
        let outlook = Store::foresee(&place(&database.url()), Beginning::Any).unwrap();
        assert_eq!((outlook.found, outlook.known), (0, known));
        let none = Store::begin(place(&database.url()), Beginning::Existing).unwrap_err();
        assert!(matches!(none, StoreError::Missing(_)), "{none}");
    }
    let folder = std::env::temp_dir().join(format!("causette-none-{}", std::process::id()));
    let outlook = Store::foresee(&folder.clone().into(), Beginning::Any).unwrap();
    assert_eq!((outlook.found, folder.exists()), (0, false));
}

#[test]
fn a_view_that_is_missing_is_made_and_a_table_in_its_place_refused() {
    for store in stores() {
        store.alter("DROP VIEW connexion");
        let place = store.database().clone();
        let outlook = Store::foresee(&place, Beginning::Existing).unwrap();
        assert!(outlook.lacks_views);
        let mut told = Vec::new();
        let begun =
            Store::begin_telling(place.clone(), Beginning::Any, |upgrade| told.push(upgrade));
        drop(begun.unwrap());
        assert_eq!(told, [Upgrade::Views]);
        store.alter("SELECT port FROM connexion");
        store.alter("SELECT mdp FROM authentification");
        drop(Store::open(place.clone()).unwrap());
        store.alter("DROP VIEW connexion");
        store.alter("CREATE TABLE connexion (id INT)");
        let error = refused_and_foreseen(&place);
        let is_it = |error: &StoreError| {
            matches!(
                error,
                StoreError::NoView {
                    view: "connexion",
                    ..
                }
            )
        };
        assert!(is_it(&error), "{error}");
        store.alter("DROP TABLE connexion");
        drop(Store::open(place).unwrap());
    }
}

#[test]
fn tables_without_their_version_are_no_empty_database() {
    for store in stores() {
        store.alter("DELETE FROM schema_version");
        let error = refused_and_foreseen(store.database());
        let is_it = |error: &StoreError| matches!(error, StoreError::Altered { table, .. } if table == "schema_version");
        assert!(is_it(&error), "{error}");
        let looked = Store::look(store.database()).unwrap_err();
        assert!(is_it(&looked), "{looked}");
    }
}

#[test]
fn a_schema_that_is_not_there_is_named() {
    for server in urls_from_environment().unwrap() {
        if !server.is_postgres() {
            continue;
        }
        let database = server.create_database("schema").unwrap();
        let set = format!(
            "ALTER DATABASE {} SET search_path = elsewhere",
            database.name()
        );
        database.query(&set).unwrap();
        let error = refused_and_foreseen(&place(&database.url()));
        assert!(matches!(error, StoreError::NoSchema { .. }), "{error}");
        assert!(error.to_string().contains("elsewhere"), "{error}");
    }
}

/// What MySQL and MariaDB alone can have otherwise, and the keys that have no name of ours.
#[test]
fn an_engine_without_transactions_and_a_key_that_is_gone_are_named() {
    for server in urls_from_environment().unwrap() {
        let cases: &[(&str, &str)] = match server.is_postgres() {
            true => &[
                (
                    "ALTER TABLE account DROP CONSTRAINT account_folded_key",
                    "account",
                ),
                ("DROP INDEX message_page", "message"),
            ],
            false => &[
                ("ALTER TABLE account DROP INDEX folded", "account"),
                (
                    "ALTER TABLE register_payload ENGINE = MyISAM",
                    "register_payload",
                ),
                ("DROP INDEX message_page ON message", "message"),
            ],
        };
        for (change, altered) in cases {
            let database = server.create_database("keys").unwrap();
            let place = place(&database.url());
            drop(Store::open(place.clone()).unwrap());
            database.query(change).unwrap();
            let error = refused_and_foreseen(&place);
            let is_it = |error: &StoreError| matches!(error, StoreError::Altered { table, .. } if table == altered);
            assert!(is_it(&error), "{change}: {error}");
            assert!(Store::altered(&place).is_some_and(|error| is_it(&error)));
        }
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
            let error = refused_and_foreseen(store.database());
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
