//! Each engine that is here: started, asked, killed, started again, stopped, and gone without a trace.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Write as _;
use std::net::TcpStream;

use causette_testbed::{Engine, Options, Server, StartError, Tls};

/// A server, or `None` where its programs are not installed; where nothing may be left out, that is a failure.
fn start(engine: Engine, options: &Options) -> Option<Server> {
    match Server::start(engine, options) {
        Ok(server) => Some(server),
        Err(StartError::Missing(missing)) => {
            let must_be_there = std::env::var("CI").as_deref() == Ok("true");
            assert!(!(must_be_there && engine.is_required()), "{missing}");
            if !must_be_there {
                let line = format!("SKIPPED the test of a throwaway server, {missing}\n");
                std::io::stderr().write_all(line.as_bytes()).unwrap();
            }
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn lives_and_dies(engine: Engine) {
    let Some(mut server) = start(engine, &Options::default()) else {
        return;
    };
    let database = server.create_database("Thé, été!").unwrap();
    assert!(
        database.name().starts_with("causette_test_tht_"),
        "{}",
        database.name()
    );
    database
        .query("CREATE TABLE said (text VARCHAR(50)); INSERT INTO said VALUES ('thé 🍵');")
        .unwrap();
    let error = database.query("SELECT nothing;").unwrap_err();
    assert!(error.to_string().contains("nothing"), "{error}");

    server.kill();
    assert!(TcpStream::connect(("127.0.0.1", server.admin().port)).is_err());
    server.restart().unwrap();
    assert_eq!(
        database.query("SELECT text FROM said;").unwrap(),
        "thé 🍵\n"
    );
    server.stop().unwrap();
    server.restart().unwrap();
    assert_eq!(
        database.query("SELECT text FROM said;").unwrap(),
        "thé 🍵\n"
    );

    let name = database.name().to_owned();
    drop(database);
    let databases = if server.admin().is_postgres() {
        "SELECT datname FROM pg_database;"
    } else {
        "SHOW DATABASES;"
    };
    let databases = server.superuser().query("", databases).unwrap();
    assert!(!databases.contains(&name), "{databases}");

    let (folder, port) = (server.data(), server.admin().port);
    assert!(folder.exists());
    drop(server);
    assert!(!folder.parent().unwrap().exists());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}

#[test]
fn postgres_keeps_what_it_has_committed() {
    lives_and_dies(Engine::Postgres);
}

#[test]
fn mariadb_keeps_what_it_has_committed() {
    lives_and_dies(Engine::MariaDb);
}

#[test]
fn mysql_keeps_what_it_has_committed() {
    lives_and_dies(Engine::MySql);
}

/// What clients see of a server with other settings, a small disk and a certificate.
fn has_options(engine: Engine, settings: &[(&str, &str)], questions: &[(&str, &str)]) {
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let options = Options {
        settings: settings.iter().map(own).collect(),
        disk: Some(160),
        tls: Some(Tls {
            certificate: certified.cert.pem(),
            key: certified.signing_key.serialize_pem(),
        }),
    };
    let Some(server) = start(engine, &options) else {
        return;
    };
    for (question, answer) in questions {
        let found = server.admin().query("", question).unwrap();
        assert_eq!(found.trim_end(), *answer, "{question}");
    }
    let disk = rustix::fs::statvfs(server.data()).unwrap();
    assert_eq!(disk.f_blocks * disk.f_frsize, 160 << 20);
}

#[test]
fn postgres_takes_settings_and_a_disk_and_a_certificate() {
    let questions = [
        ("SHOW idle_session_timeout;", "12s"),
        (
            "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid();",
            "t",
        ),
        ("SHOW fsync;", "on"),
        ("SHOW synchronous_commit;", "on"),
        ("SHOW full_page_writes;", "on"),
        ("SHOW server_encoding;", "UTF8"),
        // In the order of the bytes, the accent would come last.
        ("SELECT 'é' < 'f';", "t"),
        (
            "SELECT rolsuper FROM pg_roles WHERE rolname = current_user;",
            "f",
        ),
    ];
    has_options(
        Engine::Postgres,
        &[("idle_session_timeout", "12s")],
        &questions,
    );
}

#[test]
fn mariadb_takes_settings_and_a_disk_and_a_certificate() {
    let settings = [("innodb_log_file_size", "8M"), ("lock_wait_timeout", "12")];
    let questions = [
        ("SELECT @@lock_wait_timeout;", "12"),
        ("SELECT @@have_ssl;", "YES"),
        ("SELECT @@innodb_flush_log_at_trx_commit;", "1"),
        ("SELECT @@innodb_flush_method;", "O_DIRECT"),
        ("SELECT @@character_set_server;", "utf8mb4"),
    ];
    has_options(Engine::MariaDb, &settings, &questions);
}

/// Several tests may have one server, each on a thread of its own.
#[test]
fn a_server_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Server>();
}
