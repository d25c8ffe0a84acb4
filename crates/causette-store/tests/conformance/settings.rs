//! What servers are set to, and those that are refused because of it.

use crate::scribe::{Scribe, TEA, stores};
use causette_store::{Access, Database, Keeps, Pages, Setting, Store, StoreError};
use causette_testbed::{Engine, Options, Server, StartError};
use std::time::Duration;

#[test]
fn a_server_says_what_it_is_set_to() {
    for store in stores() {
        let settings = store.settings().unwrap();
        assert_eq!(settings.is_empty(), store.file().is_ok());
        for setting in &settings {
            assert!(!setting.is_refused(), "{setting}");
        }
        if !settings.is_empty() {
            for keeps in [Keeps::Words, Keeps::Commits, Keeps::Characters] {
                assert!(settings.iter().any(|setting| setting.keeps == keeps));
            }
        }
    }
}

#[test]
fn the_health_of_a_database_is_known_wherever_it_is() {
    for store in stores() {
        let mut scribe = Scribe::new(&store);
        let opened = scribe.opens(TEA, "#tea");
        let health = store.health(Duration::from_secs(60)).unwrap();
        assert_eq!(health.last_time, Some(opened));
        assert_eq!((health.owners, health.registration), (0, None));
        let pages = match store.file() {
            Ok(_) => Pages::Whole,
            Err(_) => Pages::OnServer,
        };
        assert_eq!(health.pages, pages);
    }
}

/// A server with one setting of its own; `None` where it is not installed.
#[expect(clippy::print_stdout, reason = "what is left out is told")]
fn set(engine: Engine, name: &str, value: &str) -> Option<Server> {
    let options = Options {
        settings: vec![(name.to_owned(), value.to_owned())],
        ..Options::default()
    };
    match Server::start(engine, &options) {
        Ok(server) => Some(server),
        Err(StartError::Missing(missing)) => {
            println!("SKIPPED: {missing}");
            None
        }
        Err(error) => panic!("{error:#}"),
    }
}

/// What a start on such a server is refused for.
fn refused(engine: Engine, name: &str, value: &str) -> Option<Setting> {
    let server = set(engine, name, value)?;
    let database = server.create_database("unsafe").unwrap();
    let place = Database::parse(&database.url(), &Access::default()).unwrap();
    let error = Store::open(place.clone()).unwrap_err();
    let tables = match engine {
        Engine::Postgres => {
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        }
        _ => "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()",
    };
    assert_eq!(
        database.query(tables).unwrap().trim(),
        "0",
        "it is left alone"
    );
    match error {
        StoreError::Unsafe { setting, .. } => Some(setting),
        error => panic!("{error}"),
    }
}

#[test]
fn a_server_that_does_not_keep_what_it_commits_is_refused() {
    for (engine, name, value) in [
        (Engine::Postgres, "fsync", "off"),
        (Engine::MariaDb, "innodb_flush_log_at_trx_commit", "2"),
        (Engine::MariaDb, "max_allowed_packet", "1M"),
    ] {
        if let Some(setting) = refused(engine, name, value) {
            assert_eq!(setting.name, name);
            assert!(setting.is_refused());
        }
    }
}

/// That is for a connection to say.
#[test]
fn a_server_that_does_not_wait_for_commits_is_told_to() {
    let Some(server) = set(Engine::Postgres, "synchronous_commit", "off") else {
        return;
    };
    let database = server.create_database("waiting").unwrap();
    let place = Database::parse(&database.url(), &Access::default()).unwrap();
    let settings = Store::open(place).unwrap().settings().unwrap();
    let mut names = settings.iter();
    let found = names.find(|setting| setting.name == "synchronous_commit");
    assert_eq!(found.unwrap().found, "on");
}
