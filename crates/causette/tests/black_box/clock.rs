//! The system's clock is set while the server runs: by libfaketime, which shows it to the server alone.

use crate::programs::not_installed;
use crate::serve::fetch;
use crate::support::{Client, Folder, QUICK, Server};
use causette_proto::{Message, Timestamp};
use rustix::process::Signal;
use std::fs;
use std::path::{Path, PathBuf};

/// From 2026 this is in 2099.
const CENTURY: i64 = 73 * 365 * 24 * 3600;
const HOUR: i64 = 3600;

/// What the client of somebody who reads wants to know.
const CAPABILITIES: &str = "CAP REQ :server-time message-tags echo-message batch draft/chathistory draft/message-redaction sasl";

/// A server that is shown another time than it is.
struct Faked {
    folder: Folder,
    server: Server,
    /// What was said, in order.
    said: Vec<Said>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    text: String,
    msgid: String,
    time: Timestamp,
}

impl Faked {
    /// Starts one whose clock is right. `None` where the library is not installed.
    fn start() -> Option<Self> {
        let Some(library) = library() else {
            not_installed("a clock that is set", "libfaketime (faketime)");
            return None;
        };
        let folder = Folder::new();
        set(&folder, 0);
        let server = serve(&folder, &library);
        Some(Self {
            folder,
            server,
            said: Vec::new(),
        })
    }

    /// Sets the clock to be ahead by so many seconds.
    fn set(&self, ahead: i64) {
        set(&self.folder, ahead);
    }

    /// Somebody's client, signed in.
    fn client(&self, name: &str) -> Client {
        let mut client = self.server.plain();
        for line in [CAPABILITIES, &format!("NICK {name}"), "USER test 0 * :Test"] {
            client.send(line);
        }
        client.send("CAP END");
        client.expect(" 001 ");
        client
    }

    fn sign_up(&self, name: &str) -> Client {
        let mut client = self.client(name);
        client.send("REGISTER * * :correct horse battery staple");
        client.expect("REGISTER SUCCESS");
        client.expect(" 366 ");
        client
    }

    /// One says something, which another reads, under a clock that is ahead by so many seconds.
    fn say(&mut self, by: &mut Client, to: &mut Client, text: &str, ahead: i64) {
        by.send(&format!("PRIVMSG #general :{text}"));
        let echo = said(&by.expect(&format!(" PRIVMSG #general :{text}")));
        let read = said(&to.expect(&format!(" PRIVMSG #general :{text}")));
        assert_eq!(echo, read);
        let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let off = echo.time.seconds() - now - ahead;
        assert!(
            off.abs() < 60,
            "{echo:?} is {off} s from what the clock shows"
        );
        self.said.push(echo);
    }

    /// Stops it; gives the steps in the log, by how many seconds each.
    fn stop(self) -> Vec<i64> {
        self.server.signal(Signal::TERM);
        let (status, log) = self.server.wait();
        assert!(status.success(), "{log}");
        let events = log.lines().map(|line| {
            let event: serde_json::Value = serde_json::from_str(line).unwrap();
            event
        });
        let steps = events.filter(|event| event["event"] == "clock.stepped");
        steps
            .map(|step| step["seconds"].as_i64().unwrap())
            .collect()
    }
}

fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?;
    let library = |folder: fs::DirEntry| folder.path().join("faketime/libfaketimeMT.so.1");
    let mut found = folders.flatten().map(library);
    found.find(|library| library.exists())
}

/// Whole at once: the library reads it whenever the server asks for the time.
fn set(folder: &Folder, ahead: i64) {
    let (new, offset) = (folder.path().join("offset.new"), offset(folder));
    fs::write(&new, format!("{ahead:+}\n")).unwrap();
    fs::rename(new, offset).unwrap();
}

fn offset(folder: &Folder) -> PathBuf {
    folder.path().join("offset")
}

fn serve(folder: &Folder, library: &Path) -> Server {
    let (offset, yes) = (offset(folder), Path::new("1"));
    let environment = [
        ("LD_PRELOAD", library),
        ("FAKETIME_TIMESTAMP_FILE", &offset),
        ("FAKETIME_NO_CACHE", yes),
        // Nobody can set it.
        ("FAKETIME_DONT_FAKE_MONOTONIC", yes),
    ];
    Server::start_in(folder.path(), QUICK, &environment)
}

/// A message as its reader sees it.
fn said(line: &str) -> Said {
    let message = Message::parse(line.as_bytes()).unwrap();
    let tag = |key| {
        message
            .tags
            .get(key)
            .unwrap_or_else(|| panic!("no {key}: {line}"))
    };
    Said {
        text: message.params[1].to_string(),
        msgid: tag("msgid").to_owned(),
        time: Timestamp::parse(tag("time")).unwrap(),
    }
}

/// Says that somebody's message is taken back by themselves.
fn take_back(client: &mut Client, message: &Said) {
    let answer = client.ask(&format!("REDACT #general {}", message.msgid));
    let redacted = |line: &String| line.contains(" REDACT #general ");
    assert!(answer.iter().any(redacted), "{answer:?}");
}

/// How many are shown present.
fn present(client: &mut Client) -> u32 {
    let answer = client.ask("LIST");
    let listed = answer.iter().find(|line| line.contains(" 322 ")).unwrap();
    let count = listed.split(" #general ").nth(1).unwrap();
    count.split(' ').next().unwrap().parse().unwrap()
}

#[test]
fn a_moment_in_another_century_and_an_hour_back_change_no_other_time() {
    let Some(mut faked) = Faked::start() else {
        return;
    };
    let (mut alice, mut bob) = (faked.sign_up("alice"), faked.sign_up("bob"));
    drop(faked.sign_up("carol"));
    for (number, ahead) in [0, CENTURY, 0, -HOUR, 0].into_iter().enumerate() {
        faked.set(ahead);
        faked.say(&mut alice, &mut bob, &format!("one {number}"), ahead);
        faked.say(&mut bob, &mut alice, &format!("two {number}"), ahead);
        assert_eq!(present(&mut bob), 3);
    }
    take_back(&mut alice, &faked.said[0].clone());
    let metrics = fetch(faked.server.connect(), "/metrics");
    assert!(
        metrics.contains("\ncausette_clock_steps_total 4\n"),
        "{metrics}"
    );
    let steps = faked.stop();
    assert_eq!(steps.len(), 4, "{steps:?}");
    let expected = [CENTURY, -CENTURY, -HOUR, HOUR];
    for (step, expected) in steps.iter().zip(expected) {
        assert!((step - expected).abs() < 60, "{steps:?}");
    }
}
