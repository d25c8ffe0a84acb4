//! `causette migrate`: a server moves from its file to each engine and back, killed on the way; and a database on a server is backed
//! up beside its server.

use crate::load::{TALKERS, configuration, sign_in, sign_up};
use crate::support::{Folder, Server, causette, run};
use causette_core::id::BatchId;
use causette_core::record::{Fact, Record, Who};
use causette_proto::Timestamp;
use causette_store::Store;
use rustix::process::Signal;
use serde_json::Value;
use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

/// How long what is waited for may take.
const WAIT: Duration = Duration::from_secs(120);

/// Entries that are in the record beside what people have said: more than go in one transaction.
const ENTRIES: u64 = 12_000;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn ended(output: &Output, code: i32) -> String {
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{error}");
    match code {
        0 => out,
        _ => error,
    }
}

/// Fills the record of a server that was stopped.
fn fill(database: &Path) {
    let store = Store::open(database).unwrap();
    let last = store.snapshot().unwrap().last_time;
    let mut writer = store.writer().unwrap();
    for batch in 1..=ENTRIES / 500 {
        let records: Vec<Record> = (0..500)
            .map(|_| Record {
                time: last,
                steady: last,
                session: None,
                by: Who::Server,
                fact: Fact::ServerStopped {
                    reason: "maintenance 🦉".into(),
                },
            })
            .collect();
        writer.append(BatchId(batch), &records).unwrap();
    }
    writer.close().unwrap();
}

/// Runs the move until some of the longest tables is there, and kills it.
fn killed(folder: &Path, arguments: &[&str], brought: impl Fn() -> bool) {
    let mut child = causette(folder, arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !brought() {
        let ended = child.try_wait().unwrap();
        assert!(ended.is_none(), "{:?}", child.wait_with_output());
        assert!(begun.elapsed() < WAIT);
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

fn said(server: &Server) -> Vec<String> {
    let mut client = sign_in(server, TALKERS[0]);
    let answer = client.ask("CHATHISTORY LATEST #general * 100");
    let said = answer.into_iter().filter(|line| line.contains(" PRIVMSG "));
    said.map(|line| line.rsplit(':').next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn a_file_of_tls_that_is_not_there_is_told_at_once() {
    let folder = Folder::new();
    for (url, file, named) in [
        (
            "postgres://a@127.0.0.1:1/b",
            "none.pem",
            "--to-ca-file: none.pem ",
        ),
        (
            "mysql://a@127.0.0.1:1/b?ssl-cert=own.pem&ssl-key=k.pem",
            "",
            "--to (ssl-cert): own.pem ",
        ),
    ] {
        let mut arguments = vec!["migrate", "--to", url];
        if !file.is_empty() {
            arguments.extend(["--to-ca-file", file]);
        }
        let told = ended(&run(folder.path(), &arguments, ""), 78);
        assert!(told.contains(named), "{told}");
    }
}

#[test]
fn a_server_moves_to_each_engine_and_back_although_it_is_killed_on_the_way() {
    let servers = causette_testbed::urls_from_environment().unwrap();
    if servers.is_empty() {
        eprintln!("SKIPPED: no database server to move to");
    }
    for place in servers {
        let folder = Folder::new();
        let server = Server::start(folder.path(), &configuration());
        sign_up(&server);
        sign_in(&server, TALKERS[0]).ask("PRIVMSG #general :on the file");
        let target = place.create_database("moved").unwrap();
        let move_there = ["migrate", "--to", &target.url(), "--json"];

        let refused = run(folder.path(), &move_there, "");
        let told = ended(&refused, 1);
        assert!(told.contains("A server runs on"), "{told}");
        assert!(text(&refused.stdout).contains("\"ok\":false"));
        server.signal(Signal::TERM);
        assert!(server.wait().0.success());
        let file = folder.path().join("causette-data/causette.db");
        fill(&file);

        let done = "SELECT 'brought' FROM moving WHERE name = 'register_entry' AND done > 0";
        killed(folder.path(), &move_there, || {
            target
                .query(done)
                .is_ok_and(|rows| rows.contains("brought"))
        });
        let url = format!(
            "{}[database]\nurl = \"{}\"\n",
            configuration(),
            target.url()
        );
        std::fs::write(folder.path().join("causette.toml"), &url).unwrap();
        let refused = run(folder.path(), &["serve", "--listen", "127.0.0.1:0"], "");
        assert!(ended(&refused, 78).contains("a move that has not ended"));

        let from = format!("sqlite:{}", file.display());
        let move_there = ["migrate", "--from", "sqlite:causette.db", "--to"];
        let there = target.url();
        let arguments = [&move_there[..], &[&there, "--json"]].concat();
        let moved = ended(&run(folder.path(), &arguments, ""), 0);
        let moved: Value = serde_json::from_str(&moved).unwrap();
        assert_eq!(
            (&moved["ok"], &moved["verified"]),
            (&true.into(), &true.into())
        );
        let entries = moved["tables"].as_array().unwrap().iter();
        let entries = entries
            .clone()
            .find(|table| table["table"] == "register_entry");
        let entries = entries.unwrap();
        let counts = ["rows", "brought"].map(|name| entries[name].as_u64().unwrap());
        assert!(counts[0] > ENTRIES && counts[1] < counts[0], "{counts:?}");

        // A second time, what is there is somebody's.
        let again = run(
            folder.path(),
            &["migrate", "--from", &from, "--to", &target.url()],
            "",
        );
        assert!(ended(&again, 1).contains("holds something already"));

        let server = Server::start(folder.path(), &url);
        assert_eq!(said(&server), ["on the file"]);
        sign_in(&server, TALKERS[0]).ask("PRIVMSG #general :on the server");
        back_up(&folder, &server);
        server.signal(Signal::TERM);
        assert!(server.wait().0.success());

        let back = run(folder.path(), &["migrate", "--to", "sqlite:back.db"], "");
        let told = ended(&back, 0);
        for part in [
            "url = \"sqlite:back.db\"",
            "start no server on it again",
            "as they were recorded",
        ] {
            assert!(told.contains(part), "{told}");
        }
        assert!(!told.contains(&target.url()), "{told}");
        let url = format!("{}[database]\nurl = \"sqlite:back.db\"\n", configuration());
        let server = Server::start(folder.path(), &url);
        assert_eq!(said(&server), ["on the file", "on the server"]);
    }
}

/// A backup beside a server on a database server is whole, and what is restored is a file that says how it goes on.
fn back_up(folder: &Folder, server: &Server) {
    let elsewhere = Folder::new();
    let file = elsewhere.path().join("backup.tar");
    let file = file.to_str().unwrap();
    ended(&run(folder.path(), &["backup", file], ""), 0);
    let whole = ended(&run(folder.path(), &["backup", "--verify", file], ""), 0);
    assert!(whole.contains("is whole"), "{whole}");
    let restored = run(folder.path(), &["restore", file, "--data", "restored"], "");
    let told = ended(&restored, 0);
    assert!(
        told.contains("causette migrate --from sqlite:causette.db --to URL"),
        "{told}"
    );
    let restored = Store::look(folder.path().join("restored/causette.db")).unwrap();
    assert!(restored.tally().unwrap().tables["register_entry"] > ENTRIES);
    assert!(!said(server).is_empty());
}

#[test]
fn what_is_no_database_is_refused() {
    let folder = Folder::new();
    for (arguments, code, part) in [
        (&["migrate"][..], 2, "--to"),
        (
            &["migrate", "--to", "oracle:x"],
            2,
            "--to: expected is \"sqlite:\"",
        ),
        (
            &[
                "migrate",
                "--to",
                "postgres://a:s3cret@127.0.0.1:1/x",
                "--to-password-file",
                "none",
            ],
            2,
            "--to-password-file",
        ),
        (&["migrate", "--to", "sqlite:causette.db"], 1, "already"),
        (
            &["migrate", "--to", "sqlite:other.db"],
            1,
            "there is no database",
        ),
    ] {
        let output = run(folder.path(), arguments, "");
        let told = ended(&output, code);
        assert!(told.contains(part) && !told.contains("s3cret"), "{told}");
    }
}

#[test]
fn a_file_moves_into_another_and_in_french() {
    let folder = Folder::new();
    let data = folder.path().join("causette-data");
    std::fs::create_dir(&data).unwrap();
    drop(Store::open(data.join("causette.db")).unwrap());
    let moved = run(
        folder.path(),
        &[
            "--lang",
            "fr",
            "migrate",
            "--to",
            "sqlite:autre.db",
            "--no-verify",
        ],
        "",
    );
    let told = ended(&moved, 0);
    assert!(told.contains("n'y démarrez plus de serveur"), "{told}");
    assert!(told.contains("n'y a pas été vérifié"), "{told}");
    assert!(Store::look(data.join("autre.db")).is_ok());
    assert_eq!(
        Store::look(data.join("autre.db"))
            .unwrap()
            .snapshot()
            .unwrap()
            .last_time,
        Timestamp(0)
    );
}
