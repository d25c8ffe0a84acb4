//! `causette audit tail` and `search`: the register of a running server, of which each reading is entered; and `causette admin
//! doctor`, beside a server and without one.

use crate::support::{Folder, QUICK, Server, causette, run};
use rustix::process::Signal;
use std::io::{BufRead as _, BufReader};
use std::process::{Output, Stdio};

/// What a command says, and how it ends.
fn told(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let arguments = [&["--data", "causette-data"], arguments].concat();
    let Output {
        status,
        stdout,
        stderr,
    } = run(folder.path(), &arguments, "");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn the_register_is_read_and_each_reading_is_entered() {
    let folder = Folder::new();
    let (code, out, error) = told(&folder, &["audit", "tail"]);
    assert_eq!((code, out.as_str()), (Some(3), ""), "{error}");
    assert!(error.contains("No server runs") && error.contains("is entered in it first"));

    let server = Server::start(folder.path(), QUICK);
    let mut alice = server.tls();
    alice.sign_up("alice");
    alice.ask("JOIN #tea");
    alice.ask("PRIVMSG #tea :=SUM(A1), hello");
    alice.ask("PRIVMSG #general :the minutes are adopted");

    let (code, out, error) = told(&folder, &["audit", "tail", "-n", "1"]);
    assert_eq!((code, error.as_str()), (Some(0), ""));
    assert!(
        out.contains("the minutes are adopted") && out.contains("#general"),
        "{out}"
    );
    assert!(out.contains("This reading is entry "), "{out}");
    let (_, out, _) = told(&folder, &["audit", "tail", "-n", "1", "--lang", "fr"]);
    assert!(out.contains("last=1"), "the reading before: {out}");
    assert!(
        out.contains("registre lu") && out.contains("une inscription"),
        "{out}"
    );

    let (code, csv, _) = told(
        &folder,
        &["audit", "search", "--account", "ALICE", "--format", "csv"],
    );
    assert_eq!(code, Some(0));
    assert!(
        csv.starts_with("date_time,type,ip,port,donnée\r\n"),
        "{csv}"
    );
    let said = csv.lines().find(|line| line.contains("SUM")).unwrap();
    let cells: Vec<&str> = said.splitn(5, ',').collect();
    assert_eq!((cells[1], cells[2]), ("client_alice", "127.0.0.1"));
    assert!(cells[3].parse::<u16>().is_ok(), "{said}");
    assert_eq!(cells[4], "\"'=SUM(A1), hello\"");

    let search = ["audit", "search", "--kind", "message", "--format", "jsonl"];
    let (_, lines, _) = told(&folder, &search);
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!(lines[0]["content"]["text"], "=SUM(A1), hello");
    assert_eq!(lines[0]["rooms"][0]["name"], "#tea");
    let readings = [
        "audit",
        "search",
        "--kind",
        "registre.lecture",
        "--format",
        "jsonl",
    ];
    let (_, readings, _) = told(&folder, &readings);
    assert_eq!(readings.lines().count(), 4, "{readings}");

    for (arguments, code, part) in [
        (&["--account", "nobody"][..], 5, "nobody"),
        (&["--room", "#nowhere"], 5, "#nowhere"),
        (&["--from", "soon"], 2, "soon"),
        (&["--address", "here"], 2, "here"),
        (&["--kind", "nonsense"], 2, "nonsense"),
        (&["--limit", "0"], 2, "at least one"),
        (&["--limit", "x"], 2, "x"),
        (&["--format", "pdf"], 2, "pdf"),
    ] {
        let arguments = [&["audit", "search"], arguments].concat();
        let (ended, out, error) = told(&folder, &arguments);
        assert_eq!((ended, out.as_str()), (Some(code), ""), "{error}");
        assert!(error.contains(part), "{error}");
    }
    let (code, out, _) = told(&folder, &["audit", "verify"]);
    assert_eq!(code, Some(0), "{out}");
}

#[test]
fn whoever_follows_the_register_sees_what_comes_until_the_server_ends() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut alice = server.tls();
    alice.sign_up("alice");
    let arguments = [
        "audit",
        "tail",
        "-f",
        "--format",
        "jsonl",
        "--data",
        "causette-data",
    ];
    let mut following = causette(folder.path(), &arguments)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    let mut until = |part: &str| {
        let found = lines.find(|line| line.as_ref().unwrap().contains(part));
        assert!(found.is_some(), "{part} never comes");
    };
    until("compte.creation");
    alice.ask("PRIVMSG #general :said while it is followed");
    until("said while it is followed");
    server.signal(Signal::TERM);
    assert_eq!(server.wait().0.code(), Some(0));
    assert_eq!(following.wait().unwrap().code(), Some(0));
}

#[test]
fn the_doctor_looks_at_a_server_that_runs_and_at_one_that_does_not() {
    let folder = Folder::new();
    let (code, out, error) = told(&folder, &["admin", "doctor"]);
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.contains("No server runs there"), "{out}");
    let server = Server::start(folder.path(), QUICK);
    let (code, out, error) = told(&folder, &["admin", "doctor"]);
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.contains(" answers") && out.contains("✓"), "{out}");
    let (code, out, error) = told(&folder, &["admin", "doctor", "--lang", "fr"]);
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.contains(" répond"), "{out}");
    let (_, out, _) = told(&folder, &["admin", "doctor", "--json"]);
    let reply: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(reply["data"]["well"], true, "{out}");
    server.signal(Signal::TERM);
    assert_eq!(server.wait().0.code(), Some(0));

    // Somebody has opened the folder, and overwritten the database.
    let data = folder.path().join("causette-data");
    std::fs::write(data.join("causette.db"), "no database").unwrap();
    let (code, out, error) = told(&folder, &["admin", "doctor", "--lang", "fr"]);
    assert_eq!((code, error.as_str()), (Some(1), ""), "{out}");
    assert!(
        out.contains("✗") && out.contains("causette restore"),
        "{out}"
    );
    let (code, out, _) = told(&folder, &["admin", "doctor", "--json"]);
    let reply: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &reply["data"]["well"]), (Some(1), &false.into()));
}
