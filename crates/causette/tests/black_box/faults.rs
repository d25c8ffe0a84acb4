//! What goes wrong around a server: a reader that stops, a stop under load, a full disk, somebody who guesses passwords.
//! Death without notice has a file of its own, `crash.rs`.

use crate::load::{
    Load, ROOM, Sighting, TALKERS, check, configuration, greeting, history_after, sign_in, sign_up,
};
use crate::support::{Folder, QUICK, Server, run};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use causette_proto::Message;
use rustix::process::Signal;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

/// How long a verdict may take, and what a full disk delays.
const DEADLINE: Duration = Duration::from_secs(30);

#[test]
fn a_reader_that_stops_is_closed_and_the_others_read_on() {
    const MESSAGES: usize = 10_000;
    const AT_ONCE: usize = 100;
    let folder = Folder::new();
    // Who is closed must be seen to leave, which an always-on account is not.
    let always_on = "[accounts]\nalways_on = \"off\"\n";
    let configuration =
        configuration().replacen("[accounts]\n", always_on, 1) + "[limits]\nsendq_bytes = 524288\n";
    let server = Server::start(folder.path(), &configuration);
    sign_up(&server);
    let mut slow = sign_in(&server, TALKERS[0]);
    let mut sender = sign_in(&server, TALKERS[1]);
    let mut witness = sign_in(&server, TALKERS[2]);
    let text = |number: usize| format!("{number} {}", "x".repeat(400));
    let mut closed_after = None;
    for first in (0..MESSAGES).step_by(AT_ONCE) {
        for number in first..first + AT_ONCE {
            sender.send(&format!("PRIVMSG {ROOM} :{}", text(number)));
        }
        for other in [&mut sender, &mut witness] {
            let mut expected = first;
            while expected < first + AT_ONCE {
                let message = parse(&other.line().expect("who reads stays connected"));
                if let Some(sighting) = Sighting::new(&message) {
                    assert_eq!(sighting.text, text(expected));
                    expected += 1;
                } else if message.command == "QUIT"
                    && message
                        .source
                        .is_some_and(|who| who.starts_with(TALKERS[0]))
                {
                    closed_after.get_or_insert(expected);
                }
            }
        }
    }
    let closed_after = closed_after.expect("the slow reader is closed");
    // What it finds when it reads again are the first messages, in order.
    let mut read = 0;
    while let Some(line) = slow.line() {
        if let Some(sighting) = Sighting::new(&parse(&line)) {
            assert_eq!(sighting.text, text(read));
            read += 1;
        }
    }
    assert!(
        read < MESSAGES,
        "all {read} messages were read after it was closed at {closed_after}"
    );
}

#[test]
fn a_stop_under_load_takes_a_second_and_loses_nothing() {
    // The promise is made for the released program.
    let stop_max = Duration::from_secs(if cfg!(debug_assertions) { 5 } else { 1 });
    let folder = Folder::new();
    let server = Server::start(folder.path(), &configuration());
    sign_up(&server);
    let load = Load::start(&server, "stop");
    load.wait_for(1000);
    let asked = Instant::now();
    server.signal(Signal::TERM);
    let (status, log) = server.wait();
    let took = asked.elapsed();
    assert_eq!(status.code(), Some(0), "{log}");
    assert!(took < stop_max, "the stop took {took:?}");
    let (echoes, seen) = load.end();
    assert!(echoes >= 1000);
    let server = Server::start(folder.path(), &configuration());
    check(
        &history_after(&mut sign_in(&server, TALKERS[0]), None),
        &seen,
    );
}

#[test]
fn a_stop_that_cannot_be_recorded_is_no_success() {
    let folder = Folder::new();
    let Some(disk) = Disk::mount(&folder.path().join("causette-data")) else {
        return;
    };
    let server = Server::start(folder.path(), &configuration());
    sign_up(&server);
    let mut sender = Listener::sign_in(&server, TALKERS[0]);
    let _filling = disk.fill();
    let text = "x".repeat(300);
    for number in 0.. {
        assert!(number < 10_000, "the disk does not fill");
        sender.send(&format!("PRIVMSG {ROOM} :{text}"));
        if !matches!(
            sender.verdict(Duration::from_secs(1)),
            Some(Verdict::Echo(_))
        ) {
            break;
        }
    }
    let stop = run(folder.path(), &["admin", "stop"], "");
    let (ended, log) = server.wait();
    assert_eq!(ended.code(), Some(1), "{log}");
    assert_eq!(stop.status.code(), Some(1), "{stop:?}");
    let said = String::from_utf8_lossy(&stop.stderr);
    assert!(said.contains("without recording its stop"), "{said}");
}

#[test]
fn a_full_disk_refuses_and_service_returns_with_the_disk() {
    let folder = Folder::new();
    let Some(disk) = Disk::mount(&folder.path().join("causette-data")) else {
        return;
    };
    let server = Server::start(folder.path(), &configuration());
    sign_up(&server);
    let [mut sender, mut other, mut witness] =
        [0, 1, 2].map(|who| Listener::sign_in(&server, TALKERS[who]));
    let filling = disk.fill();

    // Until the record needs a page that the disk does not have, messages go through.
    let mut said = Vec::new();
    let parked = loop {
        let text = format!("message {} {}", said.len(), "x".repeat(300));
        sender.send(&format!("PRIVMSG {ROOM} :{text}"));
        match sender.verdict(Duration::from_secs(1)) {
            Some(Verdict::Echo(echo)) => {
                assert_eq!(echo, text);
                said.push(text);
            }
            Some(Verdict::Refused) => break None,
            // No verdict: it waits to be recorded.
            None => break Some(text),
        }
        assert!(said.len() < 10_000, "the disk does not fill");
    };
    assert_eq!(other.barrier(), said);
    other.send(&format!("PRIVMSG {ROOM} :refused"));
    assert!(
        matches!(other.verdict(DEADLINE), Some(Verdict::Refused)),
        "a full disk is told"
    );
    let status = run(folder.path(), &["admin", "status"], "");
    assert_eq!(status.status.code(), Some(1), "{status:?}");
    assert!(String::from_utf8_lossy(&status.stderr).contains("nothing can be recorded"));
    // Nobody has been shown what is not recorded, and everyone is answered.
    let mut shown: Vec<String> = witness.barrier();
    assert_eq!(shown, said, "the witness saw what the sender was echoed");
    assert_eq!(sender.barrier(), [""; 0]);

    drop(filling);
    if let Some(parked) = parked {
        let echo = sender.verdict(DEADLINE);
        assert!(
            matches!(&echo, Some(Verdict::Echo(text)) if *text == parked),
            "parked, then {echo:?}"
        );
        said.push(parked);
    }
    let begun = Instant::now();
    let mut heard = Vec::new();
    while heard.last().is_none_or(|text| text != "after") {
        assert!(begun.elapsed() < DEADLINE, "service does not return");
        other.send(&format!("PRIVMSG {ROOM} :after"));
        loop {
            match other
                .verdict(DEADLINE)
                .expect("there is room on the disk, and there is a verdict")
            {
                Verdict::Refused => break,
                Verdict::Echo(text) => heard.push(text),
            }
            if heard.last().is_some_and(|text| text == "after") {
                break;
            }
        }
    }
    said.push("after".to_owned());
    let status = run(folder.path(), &["admin", "status"], "");
    assert_eq!(status.status.code(), Some(0), "{status:?}");
    shown.extend(witness.barrier());
    assert_eq!(shown, said);
    assert!(said.ends_with(&heard));
    let kept = history_after(&mut sign_in(&server, TALKERS[3]), None);
    let kept: Vec<String> = kept.into_iter().map(|sighting| sighting.text).collect();
    assert_eq!(kept, said);
}

#[test]
fn a_stranger_learns_nothing_from_a_refused_sign_in() {
    const ATTEMPTS: usize = 15;
    /// A stranger must not tell the two apart by time; a busy machine must not fail the test.
    const RATIO_MAX: f64 = 1.5;
    let folder = Folder::new();
    // The real cost of a password: it is what a difference would show in.
    let server = Server::start(folder.path(), "[flood]\nexempt = [\"127.0.0.0/8\"]\n");
    sign_up(&server);
    let (mut wrong, mut unknown) = (Vec::new(), Vec::new());
    for _ in 0..ATTEMPTS {
        let (wrong_password, wrong_time) = refused_sign_in(&server, TALKERS[0]);
        let (unknown_account, unknown_time) = refused_sign_in(&server, "nobody");
        assert_eq!(wrong_password, unknown_account);
        wrong.push(wrong_time);
        unknown.push(unknown_time);
    }
    wrong.sort_unstable();
    unknown.sort_unstable();
    let ratio = wrong[ATTEMPTS / 2].as_secs_f64() / unknown[ATTEMPTS / 2].as_secs_f64();
    assert!(
        (1.0 / RATIO_MAX..RATIO_MAX).contains(&ratio),
        "wrong password to unknown account: {ratio:.2}"
    );
}

#[test]
fn who_guesses_passwords_must_wait() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), &QUICK.replace("127.0.0.0/8", "192.0.2.0/24"));
    let answers: Vec<String> = (0..7)
        .map(|_| refused_sign_in(&server, "nobody").0)
        .collect();
    let must_wait: Vec<bool> = answers
        .iter()
        .map(|answer| answer.contains("try again in"))
        .collect();
    assert_eq!(
        must_wait,
        [false, false, false, false, false, true, true],
        "{answers:#?}"
    );
}

/// Tries to sign in with a password that nobody has: the answer, and how long it took.
fn refused_sign_in(server: &Server, account: &str) -> (String, Duration) {
    let mut client = server.plain();
    for line in [
        "CAP REQ :sasl",
        "NICK stranger",
        "USER stranger 0 * :Stranger",
        "AUTHENTICATE PLAIN",
    ] {
        client.send(line);
    }
    client.expect("AUTHENTICATE +");
    let secret = BASE64_STANDARD.encode(format!("\0{account}\0not anybody's password"));
    let asked = Instant::now();
    client.send(&format!("AUTHENTICATE {secret}"));
    // 904 where it was wrong, 906 where it was not looked at.
    (client.expect(" 90"), asked.elapsed())
}

fn parse(line: &str) -> Message {
    Message::parse(line.as_bytes()).unwrap()
}

/// Somebody in the room whose lines can be waited for without a failure when none comes.
struct Listener {
    stream: TcpStream,
    messages: Receiver<Message>,
}

/// What became of a message.
#[derive(Debug)]
enum Verdict {
    /// It was recorded, and shown with this text.
    Echo(String),
    /// It was refused because nothing can be recorded.
    Refused,
}

impl Listener {
    fn sign_in(server: &Server, name: &str) -> Self {
        let stream = server.connect();
        let (sender, messages) = sync_channel(1024);
        let mut listener = Self {
            stream: stream.try_clone().unwrap(),
            messages,
        };
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if sender.send(parse(&line)).is_err() {
                    return;
                }
            }
        });
        for line in greeting(name) {
            listener.send(&line);
        }
        listener.barrier();
        listener
    }

    fn send(&mut self, line: &str) {
        self.stream
            .write_all(format!("{line}\r\n").as_bytes())
            .unwrap();
    }

    /// The next message of the room, or refusal of one, within a time.
    fn verdict(&self, within: Duration) -> Option<Verdict> {
        let begun = Instant::now();
        loop {
            let message = match self
                .messages
                .recv_timeout(within.saturating_sub(begun.elapsed()))
            {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => return None,
                Err(RecvTimeoutError::Disconnected) => panic!("the server closed the connection"),
            };
            if let Some(sighting) = Sighting::new(&message) {
                return Some(Verdict::Echo(sighting.text));
            }
            if message.command == "FAIL" {
                assert_eq!(message.params[..2], ["PRIVMSG", "TEMPORARILY_UNAVAILABLE"]);
                return Some(Verdict::Refused);
            }
        }
    }

    /// The room's messages up to the answer to a PING.
    fn barrier(&mut self) -> Vec<String> {
        self.send("PING barrier");
        let mut texts = Vec::new();
        loop {
            let message = self
                .messages
                .recv_timeout(DEADLINE)
                .expect("PING is answered");
            if message.command == "PONG" {
                return texts;
            }
            texts.extend(Sighting::new(&message).map(|sighting| sighting.text));
        }
    }
}

/// A small disk of its own for a data folder.
struct Disk(PathBuf);

impl Disk {
    /// Mounts one, or says why the test is left out: it takes root. In CI, root must be able to.
    fn mount(path: &Path) -> Option<Self> {
        fs::create_dir(path).unwrap();
        let is_root = rustix::process::geteuid().is_root();
        let mut mount = Command::new("mount");
        // More than the write-ahead log takes, so that only this test fills it.
        mount
            .args(["-t", "tmpfs", "-o", "size=48m,mode=700", "tmpfs"])
            .arg(path);
        if is_root && mount.status().is_ok_and(|status| status.success()) {
            return Some(Self(path.to_owned()));
        }
        let must_work = is_root && std::env::var_os("CI").is_some_and(|ci| ci == "true");
        assert!(!must_work, "root cannot mount a tmpfs here");
        // The test harness keeps what `eprintln!` writes to itself. A closed stderr is no reason to fail.
        let _ = writeln!(
            io::stderr(),
            "full disk: SKIPPED: mounting a small tmpfs needs root"
        );
        None
    }

    /// Takes all the room that is left, until dropped.
    fn fill(&self) -> Filling {
        let filling = Filling(self.0.join("filling"));
        let mut file = File::create(&filling.0).unwrap();
        // From large to small, so that not even a page is left.
        for bytes in [1 << 16, 1 << 12, 1] {
            let piece = vec![0; bytes];
            while file.write_all(&piece).is_ok() {}
        }
        filling
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a server that a failed test leaves is killed a moment later.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// What fills a disk.
struct Filling(PathBuf);

impl Drop for Filling {
    fn drop(&mut self) {
        fs::remove_file(&self.0).unwrap();
    }
}
