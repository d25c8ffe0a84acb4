//! The database that is not there for a while: killed, behind a cut network, full, or locked by somebody else. Who says something
//! is refused and told why, nothing is shown that is not recorded, and when the database is back so is everything else, without
//! anybody doing anything. The lengths that people meet take minutes: `cargo xtask faults`.

use crate::load::{
    Load, ROOM, Sighting, TALKERS, check, greeting, history_after, sign_in, sign_up,
};
use crate::own_database::{On, by_port, configuration, database, own};
use crate::serve::fetch;
use crate::support::{Folder, Server, run};
use crate::wire::Wire;
use causette_proto::Message;
use causette_testbed::{Database, Engine, Held, Options};
use rustix::process::Signal;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// Where people are beside the room in which they talk, and what it is about.
const OTHER_ROOM: &str = "#salon";
const TOPIC: &str = "ce qui reste";

/// In how much time who says something must be told that nothing can be recorded; and where a disk has to fill before.
const TOLD: Duration = Duration::from_secs(12);
const FULL: Duration = Duration::from_secs(60);

/// Who says something now and then, and when.
pub(crate) const BYSTANDER: &str = "eve";
const NOW_AND_THEN: Duration = Duration::from_millis(100);

/// In how much time everything must be as before when the trouble has passed.
const BACK: Duration = Duration::from_secs(30);

/// Messages that come back before the trouble, and again after it.
const MESSAGES: u64 = 200;

/// How long a trouble takes: as long as people meet it where the long ones are asked for.
pub(crate) fn takes(short: u64, long: u64) -> Duration {
    let is_long = std::env::var_os("CAUSETTE_FAULTS").is_some_and(|which| which == "long");
    Duration::from_secs(if is_long { long } else { short })
}

/// A server with people on it, who can be in any trouble.
pub(crate) struct Scene {
    folder: Folder,
    configuration: String,
    server: Server,
    title: String,
    /// In how much time who says something must be told that nothing can be recorded.
    patience: Duration,
}

impl Scene {
    pub(crate) fn new(title: &str, url: Option<&str>) -> Self {
        let (folder, configuration) = (Folder::new(), configuration(url));
        let server = Server::start(folder.path(), &configuration);
        sign_up(&server);
        server.plain().sign_up(BYSTANDER);
        let mut alice = sign_in(&server, TALKERS[0]);
        alice.ask(&format!("JOIN {OTHER_ROOM}"));
        alice.ask(&format!("TOPIC {OTHER_ROOM} :{TOPIC}"));
        alice.ask(&format!("MODE {OTHER_ROOM} +b nobody!*@*"));
        Self {
            folder,
            configuration,
            server,
            title: title.to_owned(),
            patience: TOLD,
        }
    }

    /// People talk, and a trouble begins, lasts and ends, while all that must be true of it is looked at.
    fn endure<T>(self, lasts: Duration, begin: impl FnOnce() -> T, end: impl FnOnce(T)) -> Self {
        let load = Load::start(&self.server, &self.title);
        load.wait_for(MESSAGES);
        let bystander = Bystander::sign_in(&self.server);
        let begun = Instant::now();
        let trouble = begin();
        let told = self.refuses(bystander, begun);
        // What the trouble is.
        std::thread::sleep(lasts.saturating_sub(begun.elapsed()));
        let before = load.tally();
        let ended = Instant::now();
        end(trouble);
        load.wait_until(BACK, |tally| tally.echoes >= before.echoes + MESSAGES);
        let back = ended.elapsed();
        let (tally, seen) = load.finish();
        eprintln!(
            "{}: told after {told:.2?}, lasted {:.1?}, back after {back:.1?}; {} messages, {} refused",
            self.title,
            ended - begun,
            tally.echoes,
            tally.refusals
        );
        self.keeps(&seen)
    }

    /// Whoever says something is refused, whoever comes is sent away, and who asks is told.
    fn refuses(&self, mut bystander: Bystander, begun: Instant) -> Duration {
        let words = bystander.refused(self.patience);
        let told = begun.elapsed();
        assert!(words.contains("cannot record anything"), "{words}");
        let mut stranger = self.server.plain();
        stranger.send("NICK stranger");
        stranger.expect("ERROR :The server cannot record anything");
        let health = fetch(self.server.connect(), "/healthz");
        assert!(health.starts_with("HTTP/1.1 503 "), "{health}");
        let status = run(self.folder.path(), &["admin", "status"], "");
        assert_eq!(status.status.code(), Some(1), "{status:?}");
        let said = String::from_utf8_lossy(&status.stderr).into_owned();
        assert!(said.contains("nothing can be recorded"), "{said}");
        told
    }

    /// Nobody saw what is not kept, or otherwise than it is kept; and a server that is started anew says what this one says.
    fn keeps(self, seen: &[Vec<Sighting>]) -> Self {
        let status = run(self.folder.path(), &["admin", "status"], "");
        assert_eq!(status.status.code(), Some(0), "{status:?}");
        let before = View::of(&self.server);
        check(&before.said, seen);
        for (name, seen) in TALKERS.iter().zip(seen) {
            // They were there all the time.
            let is_title = |sighting: &&Sighting| sighting.text.starts_with(&self.title);
            let said: Vec<_> = before.said.iter().filter(is_title).collect();
            let seen: Vec<_> = seen.iter().filter(is_title).collect();
            assert!(
                said == seen,
                "{}: {name} has seen {} of {}, and not {:#?}",
                self.title,
                seen.len(),
                said.len(),
                said.iter().find(|said| !seen.contains(said)),
            );
        }
        self.server.signal(Signal::KILL);
        let (status, log) = self.server.wait();
        assert_eq!(status.code(), None, "it ended by itself: {log}");
        let server = Server::start(self.folder.path(), &self.configuration);
        let after = View::of(&server);
        assert!(before == after, "before: {before:#?}\nafter: {after:#?}");
        Self { server, ..self }
    }
}

/// Somebody who says something now and then.
pub(crate) struct Bystander {
    stream: BufReader<TcpStream>,
    line: Vec<u8>,
}

impl Bystander {
    pub(crate) fn sign_in(server: &Server) -> Self {
        let mut stream = server.connect();
        stream.set_read_timeout(Some(NOW_AND_THEN)).unwrap();
        let lines = greeting(BYSTANDER).join("\r\n") + "\r\n";
        stream.write_all(lines.as_bytes()).unwrap();
        let mut bystander = Self {
            stream: BufReader::new(stream),
            line: Vec::new(),
        };
        let begun = Instant::now();
        while bystander
            .hears()
            .is_none_or(|message| message.command != "001")
        {
            assert!(begun.elapsed() < BACK, "nobody is let in");
        }
        bystander
    }

    /// Says something until it is refused: with which words.
    pub(crate) fn refused(&mut self, within: Duration) -> String {
        let begun = Instant::now();
        for number in 0.. {
            let text = format!("PRIVMSG {ROOM} :is anybody there? {number}\r\n");
            self.stream.get_mut().write_all(text.as_bytes()).unwrap();
            let said = Instant::now();
            while said.elapsed() < NOW_AND_THEN {
                if let Some(message) = self.hears().filter(|message| message.command == "FAIL") {
                    let params: Vec<&str> =
                        message.params.iter().map(|param| param.as_str()).collect();
                    assert_eq!(params[..2], ["PRIVMSG", "TEMPORARILY_UNAVAILABLE"]);
                    return params[2].to_owned();
                }
            }
            assert!(begun.elapsed() < within, "nobody is refused");
        }
        unreachable!()
    }

    /// The next line, unless none comes now.
    fn hears(&mut self) -> Option<Message> {
        match self.stream.read_until(b'\n', &mut self.line) {
            Ok(0) => panic!("the server closed the connection"),
            Ok(_) => {}
            // What has come of the line is kept.
            Err(_) => return None,
        }
        let line = std::mem::take(&mut self.line);
        Some(Message::parse(line.strip_suffix(b"\r\n")?).unwrap())
    }
}

/// What a client sees of a server.
#[derive(Debug, PartialEq, Eq)]
struct View {
    rooms: Vec<String>,
    said: Vec<Sighting>,
}

impl View {
    fn of(server: &Server) -> Self {
        let mut client = sign_in(server, TALKERS[0]);
        let said = history_after(&mut client, None);
        let mut rooms = Vec::new();
        for room in [ROOM, OTHER_ROOM] {
            for question in ["NAMES", "TOPIC", "MODE"] {
                rooms.extend(client.ask(&format!("{question} {room}")));
            }
            rooms.extend(client.ask(&format!("MODE {room} b")));
        }
        for line in &mut rooms {
            // Without the time at which it was asked.
            *line = line.split_once(" :").unwrap().1.to_owned();
        }
        let has = |text: &str| rooms.iter().any(|line| line.contains(text));
        assert!(has(TOPIC) && has("nobody!*@*"), "{rooms:#?}");
        Self { rooms, said }
    }
}

/// A database that many use, behind a network of the test's own.
pub(crate) struct Behind {
    pub(crate) database: Database,
    pub(crate) wire: Wire,
    pub(crate) url: String,
}

impl Behind {
    pub(crate) fn new(engine: Engine, what_for: &str) -> Option<Self> {
        let database = database(engine, what_for)?;
        let wire = Wire::to(database.server().port);
        let url = by_port(&database.url(), wire.port());
        Some(Self {
            database,
            wire,
            url,
        })
    }
}

/// Does something on each engine that has a server, at once.
pub(crate) fn on_servers(what: fn(Engine)) {
    std::thread::scope(|scope| {
        for on in On::SERVERS {
            if let On::Server(engine) = on {
                scope.spawn(move || what(engine));
            }
        }
    });
}

#[test]
fn a_database_that_is_killed_comes_back_with_everything() {
    on_servers(|engine| {
        let Some(mut server) = own(engine, &Options::default()) else {
            return;
        };
        let database = server.create_database("killed").unwrap();
        let title = format!("{engine} killed");
        Scene::new(&title, Some(&database.url())).endure(
            takes(2, 30),
            || {
                server.kill();
                &mut server
            },
            |server| server.restart().unwrap(),
        );
    });
}

#[test]
fn a_network_that_loses_everything_is_waited_for() {
    on_servers(|engine| {
        let Some(behind) = Behind::new(engine, "lost") else {
            return;
        };
        let wire = &behind.wire;
        let title = format!("{engine} behind a network that loses everything");
        Scene::new(&title, Some(&behind.url)).endure(
            takes(7, 30),
            || wire.lose(),
            |()| wire.mend(),
        );
    });
}

#[test]
fn a_network_that_puts_everybody_out_is_waited_for() {
    on_servers(|engine| {
        let Some(behind) = Behind::new(engine, "refused") else {
            return;
        };
        let wire = &behind.wire;
        let title = format!("{engine} behind a network that refuses");
        Scene::new(&title, Some(&behind.url)).endure(
            takes(3, 30),
            || wire.refuse(),
            |()| wire.mend(),
        );
    });
}

#[test]
fn a_lock_of_somebody_else_is_waited_for() {
    on_servers(|engine| {
        for lock in Lock::ALL {
            let Some(database) = database(engine, "locked") else {
                return;
            };
            let title = format!("{engine} with {lock:?} locked");
            Scene::new(&title, Some(&database.url())).endure(
                takes(8, 30),
                || lock.take(&database),
                drop,
            );
        }
    });
}

#[test]
fn a_full_disk_of_the_database_is_waited_for() {
    on_servers(|engine| {
        let options = Options {
            settings: match engine {
                Engine::Postgres => vec![("max_wal_size".to_owned(), "32MB".to_owned())],
                Engine::MariaDb | Engine::MySql => {
                    vec![("innodb_log_file_size".to_owned(), "8M".to_owned())]
                }
            },
            disk: Some(160),
            tls: None,
        };
        let Some(mut server) = own(engine, &options) else {
            return;
        };
        let database = server.create_database("full").unwrap();
        let title = format!("{engine} on a full disk");
        let filler = server.data().join("filler");
        let mut scene = Scene::new(&title, Some(&database.url()));
        let server = &mut server;
        scene.patience = FULL;
        scene.endure(
            takes(4, 30),
            || fill(&filler),
            |()| {
                fs::remove_file(&filler).unwrap();
                // PostgreSQL may end where it cannot write its log, and MariaDB crashes where it cannot take back a transaction.
                if let Err(error) = server.superuser().query("", "SELECT 1") {
                    eprintln!("{engine} has ended: {error}");
                    server.restart().unwrap();
                }
            },
        );
    });
}

/// Takes all the room that is left on a disk.
fn fill(filler: &Path) {
    let mut file = File::create(filler).unwrap();
    // From large to small, so that not even a page is left.
    for bytes in [1 << 20, 1 << 16, 1 << 12, 1] {
        let piece = vec![0; bytes];
        while file.write_all(&piece).is_ok() {}
    }
}

/// What somebody else has locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lock {
    /// The table of what is said.
    Message,
    /// The row by which those who append keep each other apart.
    Lane,
}

impl Lock {
    pub(crate) const ALL: [Self; 2] = [Self::Message, Self::Lane];

    pub(crate) fn take(self, database: &Database) -> Held {
        let statements = match (self, database.server().is_postgres()) {
            (Self::Message, true) => "BEGIN; LOCK TABLE message IN ACCESS EXCLUSIVE MODE",
            (Self::Message, false) => "LOCK TABLES message WRITE",
            (Self::Lane, _) => "BEGIN; SELECT * FROM lane FOR UPDATE",
        };
        database.hold(statements).unwrap()
    }
}
