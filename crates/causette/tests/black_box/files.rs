//! Files by nothing but IRC and HTTP: sent, listed, fetched, sent to one who is not here; and what is kept of them when the server is
//! killed, or when many want the last room at once.

use crate::backup::done;
use crate::http::{Answer, ask, authorization, try_ask};
use crate::support::{Client, Folder, QUICK, Server};
use aws_lc_rs::digest::{SHA256, digest};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// People that upload at once while the server is killed.
const SENDERS: usize = 4;

/// How long the clean-up of a start may take.
const CLEAN_UP: Duration = Duration::from_secs(60);

fn sha256(bytes: &[u8]) -> String {
    let digest = digest(&SHA256, bytes);
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Bytes that are told from all others by a number.
fn content(number: u64, length: usize) -> Vec<u8> {
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Sends a file as an IRC client that knows FILEHOST.
fn post(server: SocketAddr, name: &str, file: &str, bytes: &[u8]) -> Answer {
    let name = authorization(name);
    let disposition = format!("Content-Disposition: attachment; filename=\"{file}\"");
    ask(server, "POST /upload", &[&name, &disposition], bytes)
}

/// All files that somebody has, page by page.
pub(crate) fn own(server: SocketAddr, name: &str) -> Vec<Value> {
    let (mut files, mut before) = (Vec::new(), String::new());
    loop {
        let line = format!("GET /api/v1/files?which=own{before}");
        let page = ask(server, &line, &[&authorization(name)], b"");
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.json();
        files.extend(page["files"].as_array().unwrap().iter().cloned());
        if page["more"] == false {
            return files;
        }
        before = format!("&before={}", files.last().unwrap()["id"]);
    }
}

/// The contents that are in the folder of files.
pub(crate) fn contents(folder: &Path) -> BTreeSet<String> {
    let blobs = folder.join("causette-data/files/blobs");
    let folders = std::fs::read_dir(blobs).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap());
    files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// What `causette admin` answers to a program, where it was done.
#[track_caller]
fn administered(folder: &Folder, line: &[&str]) -> Value {
    let answer = done(folder, &[&["admin"], line, &["--json"]].concat());
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn files_and_quotas_are_ruled_from_the_command_line() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    server.tls().sign_up("alice");
    for (name, bytes) in [("one.txt", &b"one"[..]), ("two.txt", b"two")] {
        assert_eq!(post(server.address, "alice", name, bytes).status, 201);
    }
    let listed = |line: &[&str]| administered(&folder, line)["data"]["files"].clone();
    assert_eq!(listed(&["files"]), listed(&["file", "list"]));
    let digest = sha256(b"two");
    let found = listed(&["file", "list", "--sha256", &digest]);
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    assert_eq!(found[0]["name"], "two.txt");
    let number = found[0]["id"].to_string();

    let is_aside =
        || administered(&folder, &["file", "show", &number])["data"]["quarantined"].clone();
    for (verb, aside) in [("quarantine", true), ("release", false)] {
        let line = ["file", verb, &number, "--reason", "a virus?"];
        assert!(administered(&folder, &line)["entry"].is_u64());
        assert_eq!(is_aside(), aside);
    }
    let line = ["file", "remove", &number, "--reason", "a virus"];
    assert!(administered(&folder, &line)["entry"].is_u64());
    assert_eq!(listed(&["file", "list", "--sha256", &digest]), json!([]));

    let quota = || administered(&folder, &["quota", "show", "alice"])["data"].clone();
    let everybody = quota();
    let set = ["quota", "set", "alice", "5GB", "--reason", "pictures"];
    assert!(administered(&folder, &set)["entry"].is_u64());
    assert_eq!(quota()["bytes_max"], 5_000_000_000_u64);
    let unset = ["quota", "unset", "alice", "--reason", "as everybody"];
    assert!(administered(&folder, &unset)["entry"].is_u64());
    assert_eq!(quota(), everybody);
}

#[test]
fn a_file_is_sent_to_one_who_is_not_here_and_nobody_else_learns_of_it() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut alice = server.tls();
    alice.sign_up("alice");
    let mut eve = server.tls();
    eve.sign_up("eve");
    server.tls().sign_up("bob");

    let sent = post(server.address, "alice", "secret.txt", b"le secret");
    assert_eq!(sent.status, 201, "{}", sent.text());
    let place = sent.header("Location").unwrap().to_owned();
    alice.send("PRIVMSG FileServ :SHARE 1 private");
    alice.expect("private");
    alice.send("PRIVMSG FileServ :SEND bob 1");
    alice.expect("bob");

    // Neither by its number nor by its address does somebody else learn that there is one.
    eve.send("PRIVMSG FileServ :INFO 1");
    let told = eve.expect("FileServ");
    eve.send("PRIVMSG FileServ :INFO 2");
    assert_eq!(told.replace('1', "2"), eve.expect("FileServ"));
    let get = format!("GET {place}");
    let fetched = ask(server.address, &get, &[&authorization("eve")], b"");
    let nothing = get.replace(|char: char| char.is_ascii_digit(), "0");
    let none = ask(server.address, &nothing, &[&authorization("eve")], b"");
    let without_digits = |answer: &Answer| {
        answer
            .text()
            .replace(|char: char| char.is_ascii_digit(), "0")
    };
    assert_eq!(fetched.status, 404);
    assert_eq!(without_digits(&fetched), without_digits(&none));

    let mut bob = back(&server, "bob");
    let line = bob.expect("📎 secret.txt (9 B) ");
    let address = line.trim_end().rsplit(" ").next().unwrap();
    let path = &address[address.find("/files/").unwrap()..];
    assert!(path.contains("?t="), "{line}");
    // By that address without a word, and by his own name.
    let fetched = ask(server.address, &format!("GET {path}"), &[], b"");
    assert_eq!(
        (fetched.status, &fetched.body[..]),
        (200, &b"le secret"[..])
    );
    let fetched = ask(server.address, &get, &[&authorization("bob")], b"");
    assert_eq!(
        (fetched.status, &fetched.body[..]),
        (200, &b"le secret"[..])
    );

    alice.send("PRIVMSG FileServ :REVOKE 1 bob");
    alice.expect("bob");
    for (line, headers) in [
        (format!("GET {path}"), vec![]),
        (get, vec![authorization("bob")]),
    ] {
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        assert_eq!(ask(server.address, &line, &headers, b"").status, 404);
    }
}

/// Somebody comes back, and is told what was said meanwhile.
fn back(server: &Server, name: &str) -> Client {
    let mut client = server.tls();
    client.send(&format!("PASS {name}:{}", crate::chat::PASSWORD));
    client.register(name);
    client
}

#[test]
fn fifty_at_once_never_have_more_than_the_quota() {
    let folder = Folder::new();
    let quota = "[files]\nquota = \"1 MiB\"\n";
    let server = Server::start(folder.path(), &format!("{QUICK}{quota}"));
    server.tls().sign_up("alice");
    let address = server.address;
    // Ten have room; each is a content of its own.
    let sending = (0..50).map(|number| {
        thread::spawn(move || {
            let bytes = content(number, 100 << 10);
            post(address, "alice", "file", &bytes).status
        })
    });
    let sending: Vec<_> = sending.collect();
    let mut statuses = BTreeMap::new();
    for one in sending {
        *statuses.entry(one.join().unwrap()).or_insert(0) += 1;
    }
    assert_eq!(statuses, BTreeMap::from([(201, 10), (507, 40)]));
    let files = own(address, "alice");
    let bytes = files.iter().map(|file| file["size"].as_u64());
    assert!(bytes.flatten().sum::<u64>() <= 1 << 20);
}

#[test]
fn what_is_the_same_is_kept_once_and_removed_with_the_last() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    for name in ["alice", "bob"] {
        server.tls().sign_up(name);
        let sent = post(server.address, name, "same", b"the same");
        assert_eq!(sent.status, 201, "{}", sent.text());
    }
    assert_eq!(
        contents(folder.path()),
        BTreeSet::from([sha256(b"the same")])
    );
    for name in ["alice", "bob"] {
        assert_eq!(contents(folder.path()).len(), 1);
        let id = own(server.address, name)[0]["id"].to_string();
        let line = format!("DELETE /api/v1/files/{id}");
        let removed = ask(server.address, &line, &[&authorization(name)], b"");
        assert_eq!(removed.status, 204, "{}", removed.text());
    }
    until(|| contents(folder.path()).is_empty());
}

#[test]
fn every_row_has_its_bytes_when_the_server_was_killed() {
    killed_while_uploading(5);
}

#[test]
#[ignore = "takes minutes: cargo xtask files"]
fn every_row_has_its_bytes_when_the_server_was_killed_many_times() {
    killed_while_uploading(100);
}

/// Kills the server while people upload; what they were told is there, and nothing else is left.
fn killed_while_uploading(rounds: u64) {
    let folder = Folder::new();
    let roomy = "[files]\nquota = \"10 GiB\"\nquota_files = 100000\ndaily = \"10 GiB\"\n";
    let configuration = format!("{QUICK}{roomy}");
    let mut server = Server::start(folder.path(), &configuration);
    for number in 0..SENDERS {
        server.tls().sign_up(&format!("sender{number}"));
    }
    let told: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    for round in 0..rounds {
        let seed = getrandom::u64().unwrap();
        let (over, count) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let sending = (0..SENDERS).map(|number| {
            let (address, told) = (server.address, told.clone());
            let (over, count) = (over.clone(), count.clone());
            thread::spawn(move || upload_until(address, number, seed, &over, &count, &told))
        });
        let sending: Vec<_> = sending.collect();
        // Within the first uploads, or later: wherever it is then.
        let wanted = (seed % 40) as usize;
        until(|| count.load(Ordering::Relaxed) >= wanted);
        thread::sleep(Duration::from_micros(seed >> 16 & 0x3fff));
        server.signal(Signal::KILL);
        server.wait();
        over.store(true, Ordering::Relaxed);
        for one in sending {
            one.join().unwrap();
        }
        server = Server::start(folder.path(), &configuration);
        let address = server.address;
        let rows: Vec<Value> = (0..SENDERS)
            .flat_map(|number| own(address, &format!("sender{number}")))
            .collect();
        let named = rows
            .iter()
            .map(|row| row["sha256"].as_str().unwrap().to_owned());
        let named: BTreeSet<String> = named.collect();
        let told = told.lock().unwrap();
        assert!(
            told.is_subset(&named),
            "round {round}: what was told is not there"
        );
        until(|| contents(folder.path()) == named);
    }
    let rows: Vec<Value> = (0..SENDERS)
        .flat_map(|number| own(server.address, &format!("sender{number}")))
        .collect();
    for row in &rows {
        let path = row["path"].as_str().unwrap();
        let fetched = ask(server.address, &format!("GET {path}"), &[], b"");
        assert_eq!(Some(sha256(&fetched.body).as_str()), row["sha256"].as_str());
    }
    eprintln!(
        "{rounds} rounds, {} files, {} told",
        rows.len(),
        told.lock().unwrap().len()
    );
}

fn upload_until(
    server: SocketAddr,
    sender: usize,
    seed: u64,
    over: &AtomicBool,
    count: &AtomicUsize,
    told: &Mutex<BTreeSet<String>>,
) {
    let name = authorization(&format!("sender{sender}"));
    for number in 0.. {
        if over.load(Ordering::Relaxed) {
            return;
        }
        let own_seed = seed ^ (sender as u64) << 32 ^ number;
        let bytes = content(own_seed, (own_seed % 300_000) as usize);
        // It is killed at some time.
        if let Ok(answer) = try_ask(server, "POST /upload", &[&name], &bytes) {
            assert_eq!(answer.status, 201, "{}", answer.text());
            told.lock().unwrap().insert(sha256(&bytes));
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Waits until something holds.
fn until(mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < CLEAN_UP, "it never holds");
        thread::sleep(Duration::from_millis(5));
    }
}
