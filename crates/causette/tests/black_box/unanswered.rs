//! A COMMIT of which nobody knows the outcome, connections that the database keeps although they are lost, and a trouble that
//! lasts longer than a server waits.

use crate::load::{Load, ROOM, TALKERS, check, history_after, sign_in, sign_up};
use crate::outage::{BYSTANDER, Behind, Bystander, Lock, on_servers, takes};
use crate::own_database::{configuration, database};
use crate::support::{Folder, Server};
use crate::wire::Trap;
use causette_testbed::{Database, Engine};
use std::time::{Duration, Instant};

/// Somebody's message is in history once, whatever became of its COMMIT.
#[test]
fn a_commit_whose_outcome_is_not_known_is_resolved_by_its_batch() {
    on_servers(|engine| {
        let Some(behind) = Behind::new(engine, "unanswered") else {
            return;
        };
        let folder = Folder::new();
        let server = Server::start(folder.path(), &configuration(Some(&behind.url)));
        sign_up(&server);
        let [mut sender, mut reader] = [0, 1].map(|who| sign_in(&server, TALKERS[who]));
        let mut said = Vec::new();
        for round in 0..3 {
            for trap in [Trap::Answer, Trap::Question] {
                let text = format!("{trap:?} {round}");
                behind.wire.set(trap);
                sender.send(&format!("PRIVMSG {ROOM} :{text}"));
                behind.wire.wait_for_trap();
                for client in [&mut sender, &mut reader] {
                    client.expect(&text);
                }
                said.push(text);
            }
        }
        let kept = history_after(&mut reader, None);
        let kept: Vec<String> = kept.into_iter().map(|sighting| sighting.text).collect();
        assert_eq!(kept, said, "{engine}");
    });
}

/// The connection that appends is lost in the middle of a transaction, as by a router that forgets it: the database keeps what it
/// has locked for two minutes, unless somebody ends it.
#[test]
fn a_lost_connection_that_keeps_its_locks_is_ended_by_the_next() {
    on_servers(|engine| {
        let Some(behind) = Behind::new(engine, "lingering") else {
            return;
        };
        let folder = Folder::new();
        let server = Server::start(folder.path(), &configuration(Some(&behind.url)));
        sign_up(&server);
        let mut sender = sign_in(&server, TALKERS[0]);
        let lane = Lock::Lane.take(&behind.database);
        sender.send(&format!("PRIVMSG {ROOM} :lingering"));
        wait_until(|| waiting(&behind.database, engine));
        behind.wire.forget();
        let begun = Instant::now();
        drop(lane);
        wait_until(|| holding(&behind.database, engine));
        // In the time in which a server waits for its database, and long before the database gives up by itself.
        let mut echo = String::new();
        while !echo.contains("PRIVMSG") {
            assert!(begun.elapsed() < Duration::from_secs(45), "{engine}");
            echo = sender.ask("PING still").join("\n");
        }
        eprintln!(
            "{engine} ended a lost connection after {:.1?}",
            begun.elapsed()
        );
        assert!(echo.contains("lingering"), "{echo}");
        assert!(!holding(&behind.database, engine));
    });
}

/// Whether a transaction waits for the row of the lane.
fn waiting(database: &Database, engine: Engine) -> bool {
    let question = match engine {
        Engine::Postgres => {
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        }
        Engine::MariaDb | Engine::MySql => {
            "SELECT count(*) FROM information_schema.INNODB_TRX JOIN information_schema.PROCESSLIST ON ID = trx_mysql_thread_id WHERE DB = DATABASE() AND trx_state = 'LOCK WAIT'"
        }
    };
    database.query(question).unwrap().trim() != "0"
}

/// Whether a transaction that has locked something waits for its client.
fn holding(database: &Database, engine: Engine) -> bool {
    let question = match engine {
        Engine::Postgres => {
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'causette' AND state = 'idle in transaction'"
        }
        Engine::MariaDb | Engine::MySql => {
            "SELECT count(*) FROM information_schema.INNODB_TRX JOIN information_schema.PROCESSLIST ON ID = trx_mysql_thread_id WHERE DB = DATABASE() AND COMMAND = 'Sleep' AND trx_rows_locked > 0"
        }
    };
    database.query(question).unwrap().trim() != "0"
}

fn wait_until(mut wanted: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !wanted() {
        assert!(begun.elapsed() < Duration::from_secs(20));
    }
}

#[test]
#[ignore = "takes minutes: cargo xtask faults"]
fn a_lock_that_lasts_ends_the_server_until_a_supervisor_finds_it_gone() {
    on_servers(|engine| {
        std::thread::scope(|scope| {
            for lock in Lock::ALL {
                scope.spawn(move || outlast(engine, lock));
            }
        });
    });
}

/// A lock that is kept for longer than a server waits.
fn outlast(engine: Engine, lock: Lock) {
    let Some(database) = database(engine, "outlasted") else {
        return;
    };
    let folder = Folder::new();
    let configuration = configuration(Some(&database.url()));
    let server = Server::start(folder.path(), &configuration);
    sign_up(&server);
    server.plain().sign_up(BYSTANDER);
    let load = Load::start(&server, "before the end");
    load.wait_for(200);
    let mut bystander = Bystander::sign_in(&server);
    let begun = Instant::now();
    let held = lock.take(&database);
    let words = bystander.refused(Duration::from_secs(12));
    let told = begun.elapsed();
    let (status, log) = server.wait();
    let ended = begun.elapsed();
    let (echoes, seen) = load.end();
    // What systemd restarts with Restart=on-failure.
    assert_eq!(status.code(), Some(70), "{log}");
    let last = log
        .lines()
        .rfind(|line| line.contains("\"reason\""))
        .unwrap();
    eprintln!(
        "{engine}, {lock:?} locked: told after {told:.1?}, ended after {ended:.1?}, {echoes} messages before: {last}"
    );
    assert!(words.contains("cannot record anything"), "{words}");
    for words in [
        "nothing could be recorded for 60 s",
        "look for another program",
    ] {
        assert!(last.contains(words), "{last}");
    }
    assert!((60..80).contains(&ended.as_secs()), "{ended:?}");

    let lasts = takes(75, 90);
    let mut attempts = 0;
    let mut held = Some(held);
    let server = loop {
        if begun.elapsed() >= lasts {
            held.take();
        }
        attempts += 1;
        match Server::attempt(folder.path()) {
            Ok(server) => break server,
            Err((status, said)) => {
                // 78 is what no supervisor starts again.
                assert_eq!(status.code(), Some(1), "{said}");
                eprintln!("{engine}, {lock:?} locked: a start was refused: {said}");
                assert!(held.is_some(), "nothing is locked any more: {said}");
            }
        }
    };
    // It starts where nothing of the start needs what is locked, and then waits for that as before.
    std::thread::sleep(lasts.saturating_sub(begun.elapsed()));
    held.take();
    let mut client = sign_in(&server, TALKERS[0]);
    client.send(&format!("PRIVMSG {ROOM} :again"));
    client.expect("again");
    eprintln!(
        "{engine}, {lock:?} locked: serves again {:.1?} after the beginning, at start {attempts}",
        begun.elapsed()
    );
    check(&history_after(&mut client, None), &seen);
}
