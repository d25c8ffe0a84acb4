//! Another process reads the database, locks it, changes it, removes it from under the server: nothing that anyone saw is lost,
//! and what cannot be kept is shown to nobody.

use crate::load::{
    Load, ROOM, Sighting, TALKERS, check, configuration, history_after, sign_in, sign_up,
};
use crate::other_program::{
    Act, BY_SQLITE3, LOOKING, MEDDLING, OtherProgram, integrity, is_locked, open,
};
use crate::programs::installed;
use crate::serve::fetch;
use crate::support::{DEADLINE, Folder, QUICK, Server, causette, run};
use causette_proto::Message;
use causette_store::Store;
use rustix::process::Signal;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

fn database(folder: &Folder) -> PathBuf {
    folder.path().join("causette-data/causette.db")
}

#[test]
fn what_another_process_does_to_the_database_loses_nothing() {
    for acts in [LOOKING, MEDDLING] {
        meddle(1, acts);
    }
}

#[test]
fn what_sqlite3_does_to_the_database_loses_nothing() {
    if installed("sqlite3", &["sqlite3"]) {
        meddle(1, BY_SQLITE3);
    }
}

#[test]
#[ignore = "takes minutes: cargo xtask other-process"]
fn what_another_process_does_many_times_loses_nothing() {
    let rounds = std::env::var("CAUSETTE_OTHER_PROCESS_ROUNDS").map(|rounds| rounds.parse());
    let (mut messages, begun) = (0, Instant::now());
    let rounds = rounds.map_or(100, Result::unwrap);
    let others = if installed("sqlite3", &["sqlite3"]) {
        &[MEDDLING, BY_SQLITE3][..]
    } else {
        &[MEDDLING]
    };
    for round in 1..=rounds {
        let said: u64 = others.iter().map(|acts| meddle(1, acts)).sum();
        messages += said;
        eprintln!("round {round}: {said} messages, none lost");
    }
    eprintln!(
        "other process: {rounds} rounds, {messages} messages, none lost, in {:.0?}",
        begun.elapsed()
    );
}

/// People talk while each act is done so many times, then the server is killed: how many messages were echoed.
fn meddle(times: u64, acts: &'static [(&str, Act)]) -> u64 {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &configuration());
    sign_up(&server);
    assert!(is_locked(&database(&folder)), "others take it for theirs");
    let load = Load::start(&server, "beside another");
    let other = OtherProgram::start(database(&folder), acts, Duration::ZERO);
    other.wait_for(times);
    load.wait_for(100);
    // It has the database open no more when the server dies: then nobody but the server could have kept the log.
    other.end();
    assert!(is_locked(&database(&folder)), "others take it for theirs");
    server.signal(Signal::KILL);
    let (status, log) = server.wait();
    assert_eq!(status.code(), None, "it ended by itself: {log}");
    let (echoes, seen) = load.end();
    assert_eq!(integrity(&database(&folder)), "ok");

    let server = Server::start(folder.path(), &configuration());
    check(
        &history_after(&mut sign_in(&server, TALKERS[0]), None),
        &seen,
    );
    Store::open(database(&folder))
        .and_then(|store| store.reader())
        .unwrap()
        .check_register()
        .unwrap();
    echoes
}

#[test]
fn a_lock_of_another_process_parks_what_is_said_and_loses_nothing() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &configuration());
    sign_up(&server);
    let [mut sender, mut other] = [0, 1].map(|who| sign_in(&server, TALKERS[who]));
    let lock = open(&database(&folder)).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    sender.send(&format!("PRIVMSG {ROOM} :parked"));
    let begun = Instant::now();
    while !fetch(server.connect(), "/healthz").starts_with("HTTP/1.1 503 ") {
        assert!(begun.elapsed() < DEADLINE, "a lock is not noticed");
        std::thread::sleep(Duration::from_millis(20));
    }
    other.send(&format!("PRIVMSG {ROOM} :refused"));
    other.expect("TEMPORARILY_UNAVAILABLE");
    lock.execute_batch("ROLLBACK").unwrap();
    // Its echo: who sees it knows that it is stored.
    sender.expect("parked");
    other.expect("parked");
    server.signal(Signal::KILL);
    server.wait();
    let server = Server::start(folder.path(), &configuration());
    let kept = history_after(&mut sign_in(&server, TALKERS[0]), None);
    let kept: Vec<String> = kept.into_iter().map(|sighting| sighting.text).collect();
    assert_eq!(kept, ["parked"]);
}

#[test]
fn a_server_that_is_killed_while_it_stops_has_not_stopped() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &configuration());
    sign_up(&server);
    // What holds up the stop, which has to be recorded.
    let lock = open(&database(&folder)).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut stop = causette(folder.path(), &["admin", "stop"]);
    stop.stdout(Stdio::piped()).stderr(Stdio::null());
    let mut stop = stop.spawn().unwrap();
    let mut said = String::new();
    let told = BufReader::new(stop.stdout.as_mut().unwrap()).read_line(&mut said);
    assert!(told.unwrap() > 0 && said.contains("stops"), "{said}");
    server.signal(Signal::KILL);
    assert_eq!(server.wait().0.code(), None);
    assert_eq!(stop.wait().unwrap().code(), Some(1));
}

#[test]
fn a_log_that_was_removed_ends_the_server_before_it_promises_anything() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &configuration());
    sign_up(&server);
    let mut sender = sign_in(&server, TALKERS[0]);
    fs::remove_file(database(&folder).with_extension("db-wal")).unwrap();
    sender.send(&format!("PRIVMSG {ROOM} :nowhere"));
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(70), "{log}");
    assert!(log.contains("removed or replaced"), "{log}");
    while let Some(line) = sender.line() {
        let message = Message::parse(line.as_bytes()).unwrap();
        assert_eq!(Sighting::new(&message), None);
    }
}

#[test]
fn a_database_that_is_missing_beside_keys_is_not_made_anew() {
    let folder = Folder::new();
    let listen = |arguments: &[&str]| {
        let arguments = [&["serve", "--listen", "127.0.0.1:0"], arguments].concat();
        run(folder.path(), &arguments, "")
    };
    let stop = |server: Server| {
        server.signal(Signal::TERM);
        let (status, log) = server.wait();
        assert!(status.success(), "{log}");
        log
    };
    // A first start that failed is none: nothing was made that the next one would take for a server's.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let failed = run(folder.path(), &["serve", "--listen", &address], "");
    assert!(!failed.status.success());
    let log = stop(Server::start(folder.path(), QUICK));
    assert!(log.contains("store.made"), "{log}");
    let log = stop(Server::start(folder.path(), QUICK));
    assert!(!log.contains("store.made"), "{log}");

    fs::remove_file(database(&folder)).unwrap();
    for empty in [false, true] {
        if empty {
            fs::write(database(&folder), "").unwrap();
        }
        for (language, words) in [("en", "missing or empty"), ("fr", "absente ou vide")] {
            // The server speaks the language of its configuration, where there is one.
            fs::write(
                folder.path().join("causette.toml"),
                format!("[server]\nlanguage = \"{language}\"\n"),
            )
            .unwrap();
            let refused = listen(&[]);
            let said = String::from_utf8(refused.stderr).unwrap();
            assert_eq!(refused.status.code(), Some(78), "{said}");
            assert!(said.contains(words) && said.contains("--new"), "{said}");
        }
        let length = fs::metadata(database(&folder)).map_or(0, |file| file.len());
        assert_eq!((database(&folder).exists(), length), (empty, 0));
    }
    let log = stop(Server::start_with(folder.path(), QUICK, &["--new"]));
    assert!(log.contains("store.made"), "{log}");
    let refused = listen(&["--new"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(78), "{said}");
    assert!(said.contains("is there already"), "{said}");
    stop(Server::start(folder.path(), QUICK));
}
