//! The system's clock is set while the server runs, and while it does not: by libfaketime, which shows it to the server alone.

use crate::programs::not_installed;
use crate::serve::fetch;
use crate::support::{Client, Folder, QUICK, Server, causette, run_command};
use causette_proto::{Message, Timestamp};
use causette_store::Store;
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
    library: PathBuf,
    server: Server,
    /// The logs of those before it.
    logs: String,
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
    /// Starts one whose clock is ahead by so many seconds. `None` where the library is not installed.
    fn start(ahead: i64) -> Option<Self> {
        let Some(library) = library() else {
            not_installed("a clock that is set", "libfaketime (faketime)");
            return None;
        };
        let folder = Folder::new();
        set(&folder, ahead);
        let server = serve(&folder, &library);
        Some(Self {
            folder,
            library,
            server,
            logs: String::new(),
            said: Vec::new(),
        })
    }

    /// Sets the clock to be ahead by so many seconds.
    fn set(&self, ahead: i64) {
        set(&self.folder, ahead);
    }

    /// Stops it and starts another on the same folder, under a clock that is ahead by so many seconds.
    fn restart(mut self, ahead: i64) -> Self {
        self.server.signal(Signal::TERM);
        let (status, log) = self.server.wait();
        assert!(status.success(), "{log}");
        self.logs.push_str(&log);
        set(&self.folder, ahead);
        self.server = serve(&self.folder, &self.library);
        self
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

    fn sign_in(&self, name: &str) -> Client {
        let mut client = self.client(name);
        client.send("NS IDENTIFY :correct horse battery staple");
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

    /// Lets one of them take back what they said, some messages ago.
    fn take_back(&mut self, client: &mut Client, ago: usize) {
        let message = self.said.remove(self.said.len() - 1 - ago);
        let answer = client.ask(&format!("REDACT #general {}", message.msgid));
        let redacted = |line: &String| line.contains(" REDACT #general ");
        assert!(answer.iter().any(redacted), "{answer:?}");
    }

    /// Reads all that was said, page by page: by message each comes once and in order, by time none is missing.
    fn read(&self, client: &mut Client) {
        let all = &self.said;
        let mut read = page(client, "LATEST #general * 3");
        assert_eq!(read, all[all.len() - 3..]);
        while read.len() < all.len() {
            let first = read[0].msgid.clone();
            let mut before = page(client, &format!("BEFORE #general msgid={first} 3"));
            assert!(!before.is_empty(), "{read:?}");
            before.append(&mut read);
            read = before;
        }
        assert_eq!(&read, all);
        let mut read = all[..1].to_vec();
        while read.len() < all.len() {
            let last = &read[read.len() - 1].msgid;
            let after = page(client, &format!("AFTER #general msgid={last} 3"));
            assert!(!after.is_empty(), "{read:?}");
            read.extend(after);
        }
        assert_eq!(&read, all);
        // A time means all of its millisecond.
        for (place, Said { time, .. }) in all.iter().enumerate() {
            let after = page(client, &format!("AFTER #general timestamp={time} 100"));
            let before = page(client, &format!("BEFORE #general timestamp={time} 100"));
            let elsewhen = |message: &&Said| message.time != *time;
            for message in all[place + 1..].iter().filter(elsewhen) {
                assert!(after.contains(message), "{message:?} is behind {time}");
            }
            for message in all[..place].iter().filter(elsewhen) {
                assert!(before.contains(message), "{message:?} is before {time}");
            }
        }
    }

    /// Stops it; gives the steps in the log, by how many seconds each.
    fn stop(mut self) -> Vec<i64> {
        self.server.signal(Signal::TERM);
        let (status, log) = self.server.wait();
        assert!(status.success(), "{log}");
        self.logs.push_str(&log);
        let database = self.folder.path().join("causette-data/causette.db");
        let reader = Store::open(&database).and_then(|store| store.reader());
        reader.unwrap().check_register().unwrap();
        let events = self.logs.lines().map(|line| {
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

/// The messages of a page.
fn page(client: &mut Client, asked: &str) -> Vec<Said> {
    let lines = client.ask(&format!("CHATHISTORY {asked}"));
    let messages = lines.iter().filter(|line| line.contains(" PRIVMSG "));
    messages.map(|line| said(line)).collect()
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
    let Some(mut faked) = Faked::start(0) else {
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
    faked.take_back(&mut alice, 9);
    faked.read(&mut bob);
    let metrics = fetch(faked.server.connect(), "/metrics");
    assert!(
        metrics.contains("\ncausette_clock_steps_total 4\n"),
        "{metrics}"
    );

    // It starts an hour back, and is right again.
    drop((alice, bob));
    faked = faked.restart(-HOUR);
    let (mut alice, mut bob) = (faked.sign_in("alice"), faked.sign_in("bob"));
    faked.say(&mut alice, &mut bob, "after the restart", -HOUR);
    assert_eq!(present(&mut bob), 3);
    faked.set(0);
    faked.say(&mut bob, &mut alice, "right again", 0);
    // Of the hour back, before the restart.
    faked.take_back(&mut alice, 5);
    faked.read(&mut alice);

    let steps = faked.stop();
    assert_eq!(steps.len(), 6, "{steps:?}");
    let expected = [CENTURY, -CENTURY, -HOUR, HOUR, -HOUR, HOUR];
    for (step, expected) in steps.iter().zip(expected) {
        assert!((step - expected).abs() < 60, "{steps:?}");
    }
}

#[test]
fn a_start_in_another_century_is_undone_when_the_clock_is_right() {
    let Some(mut faked) = Faked::start(0) else {
        return;
    };
    let (mut alice, mut bob) = (faked.sign_up("alice"), faked.sign_up("bob"));
    drop(faked.sign_up("carol"));
    faked.say(&mut alice, &mut bob, "before", 0);
    drop((alice, bob));
    faked = faked.restart(CENTURY);
    let (mut alice, mut bob) = (faked.sign_in("alice"), faked.sign_in("bob"));
    faked.say(&mut alice, &mut bob, "in 2099", CENTURY);
    assert_eq!(present(&mut bob), 2, "it may have been a stop of 73 years");
    faked.set(0);
    faked.say(&mut bob, &mut alice, "right", 0);
    assert_eq!(present(&mut bob), 3);
    faked.take_back(&mut alice, 2);
    // So it stays.
    drop((alice, bob));
    faked = faked.restart(0);
    let (mut alice, mut bob) = (faked.sign_in("alice"), faked.sign_in("bob"));
    faked.say(&mut bob, &mut alice, "and later", 0);
    assert_eq!(present(&mut bob), 3);
    faked.read(&mut bob);
    let steps = faked.stop();
    assert_eq!(steps.len(), 1, "{steps:?}");
}

#[test]
fn a_record_ahead_of_the_clock_goes_on_at_the_next_start() {
    let Some(mut faked) = Faked::start(CENTURY) else {
        return;
    };
    let (mut alice, mut bob) = (faked.sign_up("alice"), faked.sign_up("bob"));
    faked.say(&mut alice, &mut bob, "ahead", CENTURY);
    // The first start finds the record ahead, the second finds nothing any more.
    for _ in 0..2 {
        drop((alice, bob));
        faked = faked.restart(0);
        (alice, bob) = (faked.sign_in("alice"), faked.sign_in("bob"));
        faked.say(&mut alice, &mut bob, "now", 0);
        faked.say(&mut bob, &mut alice, "and then", 0);
        assert_eq!(present(&mut bob), 2);
        faked.read(&mut bob);
    }
    faked.take_back(&mut alice, 4);
    let steps = faked.stop();
    assert_eq!(steps.len(), 1, "{steps:?}");
}

/// Nothing here can count from a time before 1970: it says so, and leaves the folder as it is.
#[test]
fn a_clock_before_all_time_is_refused() {
    let Some(library) = library() else {
        not_installed("a clock that is set", "libfaketime (faketime)");
        return;
    };
    let folder = Folder::new();
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data",
        "causette-data",
    ];
    let mut serve = causette(folder.path(), &arguments);
    serve
        .env("LD_PRELOAD", library)
        .env("FAKETIME", "1960-01-01 00:00:00")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let output = run_command(serve, "");
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("a time before 1970"), "{error}");
    assert!(!error.contains("panic"), "{error}");
    assert!(!folder.path().join("causette-data/causette.db").exists());
}
