//! The end of what there is: who finds no place is told so, whatever they speak, and does not wait; health and the
//! administrator have places of their own.

use crate::support::{Client, DEADLINE, Folder, QUICK, Server, causette};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, prlimit};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Instant;

const FULL: &str = "ERROR :The server is full";

/// Somebody who is in, or the line by which they are kept out; nothing where even that was lost on the way.
fn knock(server: &Server, nick: &str) -> Result<Client, String> {
    let mut stream = server.connect();
    let hello = format!("NICK {nick}\r\nUSER test 0 * :Test\r\n");
    // Who is sent away at once may find the door closed already.
    let _ = stream.write_all(hello.as_bytes());
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    loop {
        let mut line = String::new();
        let read = reader.read_line(&mut line).unwrap_or(0);
        if line.contains(" 001 ") {
            return Ok(Client::new(stream));
        }
        if read == 0 || line.starts_with("ERROR") {
            return Err(line);
        }
    }
}

/// Fills a server, and says how many are in.
fn fill(server: &Server) -> Vec<Client> {
    let mut clients = Vec::new();
    loop {
        match knock(server, &format!("n{}", clients.len())) {
            Ok(client) => clients.push(client),
            Err(line) => {
                assert!(line.is_empty() || line.starts_with(FULL), "{line}");
                return clients;
            }
        }
    }
}

pub(crate) fn get(server: &Server, path: &str) -> String {
    let mut stream = server.connect();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn status(folder: &Path) -> std::process::Output {
    let status = causette(folder, &["admin", "status"]);
    crate::support::run_command(status, "")
}

#[test]
fn a_server_without_places_says_so_and_answers_for_its_health() {
    let folder = Folder::new();
    let server = Server::start_with_files(folder.path(), QUICK, 100);
    let mut clients = fill(&server);
    assert!((8..64).contains(&clients.len()), "{}", clients.len());
    // In the way in which each speaks; who says nothing is told as well.
    assert!(server.tls().expect("ERROR :").starts_with(FULL));
    let silent = Client::new(server.connect()).line();
    assert!(silent.is_some_and(|line| line.starts_with(FULL)));
    let page = get(&server, "/");
    assert!(page.starts_with("HTTP/1.1 503 "), "{page}");
    assert!(
        page.contains("retry-after: ") && page.contains("The server is full"),
        "{page}"
    );
    let health = get(&server, "/healthz");
    assert!(health.starts_with("HTTP/1.1 200 "), "{health}");
    // Who is answered is not turned away.
    let metrics = get(&server, "/metrics");
    assert!(
        metrics.contains("causette_turned_away_total{resource=\"connections\"} 4\n"),
        "{metrics}"
    );
    assert!(status(folder.path()).status.success());
    for client in &mut clients {
        client.ask("NOSUCH");
    }
    // One leaves, and the next finds a place.
    let mut leaving = clients.pop().unwrap();
    leaving.send("QUIT");
    while leaving.line().is_some() {}
    drop(leaving);
    let begun = Instant::now();
    while let Err(line) = knock(&server, "newcomer") {
        assert!(
            (line.is_empty() || line.starts_with(FULL)) && begun.elapsed() < DEADLINE,
            "{line}"
        );
    }
    server.signal(Signal::TERM);
    let (ended, log) = server.wait();
    assert_eq!(ended.code(), Some(0), "{log}");
    let count = |event: &str| log.matches(&format!("\"event\":\"{event}\"")).count();
    assert_eq!((count("files.few"), count("full.begun")), (1, 1), "{log}");
    assert!(log.contains("LimitNOFILE"), "{log}");
}

#[test]
fn who_finds_no_place_behind_a_proxy_is_heard_behind_its_header() {
    let folder = Folder::new();
    let configuration = "[[listener]]\naddress = \"127.0.0.1:0\"\nproxy_protocol = true\n\
                         [proxy]\ntrusted = [\"127.0.0.0/8\"]\n";
    let configuration = format!("{configuration}{QUICK}");
    let server = Server::start_with_files(folder.path(), &configuration, 100);
    let say = |bytes: &str| {
        let mut stream = server.connect();
        stream.write_all(bytes.as_bytes()).unwrap();
        stream
    };
    let mut inside = Vec::new();
    loop {
        let hello = format!(
            "PROXY UNKNOWN\r\nNICK n{}\r\nUSER a 0 * :a\r\n",
            inside.len()
        );
        let mut reader = BufReader::new(say(&hello));
        let mut line = String::new();
        while !line.contains(" 001 ") && !line.starts_with("ERROR") {
            line.clear();
            assert!(reader.read_line(&mut line).unwrap() > 0, "nothing is said");
        }
        if line.starts_with(FULL) {
            break;
        }
        inside.push(reader);
    }
    let mut health = say(
        "PROXY UNKNOWN\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\
                          Connection: close\r\n\r\n",
    );
    let mut answer = String::new();
    health.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let client = "PROXY TCP4 198.51.100.1 192.0.2.1 4711 6667\r\nNICK late\r\n";
    let told = Client::new(say(client)).line();
    assert!(told.is_some_and(|line| line.starts_with(FULL)));
}

#[test]
fn silent_connections_are_counted_like_all_that_take_places() {
    let folder = Folder::new();
    let server = Server::start_with_files(folder.path(), QUICK, 100);
    let silent: Vec<_> = (0..6).map(|_| server.connect()).collect();
    let begun = Instant::now();
    let told = loop {
        let told = String::from_utf8(status(folder.path()).stdout).unwrap();
        if told.contains("silent so far: 6") || begun.elapsed() > DEADLINE {
            break told;
        }
    };
    assert!(
        told.contains("connections: 0; over HTTP, or silent so far: 6\n"),
        "{told}"
    );
    let metrics = get(&server, "/metrics");
    for line in [
        "causette_connections{transport=\"unknown\"} 6\n",
        "causette_connections{transport=\"http\"} 1\n",
        "causette_connections{transport=\"irc\"} 0\n",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    drop(silent);
    while !String::from_utf8_lossy(&status(folder.path()).stdout).contains("silent so far: 0\n") {
        assert!(begun.elapsed() < DEADLINE * 2);
    }
}

#[test]
fn a_file_table_that_is_full_keeps_nobody_waiting() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut first = knock(&server, "first").unwrap();
    let limit = |current: u64| {
        let maximum = getrlimit(Resource::Nofile).maximum;
        let current = Some(current);
        let pid = Pid::from_raw(server.pid());
        prlimit(pid, Resource::Nofile, Rlimit { current, maximum }).unwrap()
    };
    // Nothing more can be opened than is open.
    let open = std::fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap();
    let numbers = open.map(|file| {
        file.unwrap()
            .file_name()
            .to_string_lossy()
            .parse::<u64>()
            .unwrap()
    });
    let before = limit(numbers.max().unwrap() + 1).current.unwrap();
    let inside = fill(&server);
    first.ask("NOSUCH");
    // Where the administrator knocks, too; who was refused last may be just giving back a file.
    let begun = Instant::now();
    let refused = loop {
        let told = status(folder.path());
        if !told.status.success() || begun.elapsed() > DEADLINE {
            break told;
        }
    };
    assert!(!refused.status.success(), "{refused:?}");
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("may open no more files"), "{said}");
    drop(inside);
    limit(before);
    let begun = Instant::now();
    while let Err(line) = knock(&server, "newcomer") {
        assert!(
            (line.is_empty() || line.starts_with(FULL)) && begun.elapsed() < DEADLINE,
            "{line}"
        );
    }
    server.signal(Signal::TERM);
    let (_, log) = server.wait();
    assert_eq!(log.matches("\"event\":\"full.begun\"").count(), 1, "{log}");
    assert!(log.contains("\"resource\":\"files\""), "{log}");
}

#[test]
fn who_connects_too_fast_is_told_and_costs_nothing_on_disk() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), "[flood]\nconnection_burst = 5\n");
    let knocked: Vec<_> = (0..60)
        .map(|number| knock(&server, &format!("n{number}")))
        .collect();
    let refused: Vec<&String> = knocked
        .iter()
        .filter_map(|knocked| knocked.as_ref().err())
        .collect();
    assert!(refused.len() < 56, "the burst goes through");
    assert!(refused.len() > 5, "and not all of them");
    for line in &refused {
        assert!(
            line.starts_with("ERROR :Too many connections in a short time"),
            "{line}"
        );
    }
    let metrics = get(&server, "/metrics");
    let counted = format!(
        "causette_turned_away_total{{resource=\"arrivals\"}} {}\n",
        refused.len()
    );
    assert!(metrics.contains(&counted), "{metrics}");
    // Nothing of it came to the engine, which alone has things recorded.
    assert!(
        metrics.contains("causette_inputs_total{kind=\"refused\"} 0\n"),
        "{metrics}"
    );
}

#[test]
fn an_administrator_who_finds_the_socket_full_is_told() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let socket = folder.path().join("causette-data/admin.sock");
    let held: Vec<UnixStream> = (0..16)
        .map(|_| UnixStream::connect(&socket).unwrap())
        .collect();
    let begun = Instant::now();
    let told = loop {
        let told = status(folder.path());
        if !told.status.success() || begun.elapsed() > DEADLINE {
            break told;
        }
    };
    let said = String::from_utf8_lossy(&told.stderr).into_owned();
    assert!(said.contains("Too many ask the server at once"), "{said}");
    drop(held);
    while !status(folder.path()).status.success() {
        assert!(begun.elapsed() < DEADLINE * 2);
    }
    server.plain().register("alice");
}
