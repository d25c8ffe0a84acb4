//! The crash test: the server, or the server of its database, is killed under load, again and again, on one database. Where that
//! is a file, another process reads and copies it meanwhile. What anyone saw is kept.

use crate::load::{
    Load, Sighting, TALKERS, check, history_after, history_backwards, sign_in, sign_up,
};
use crate::other_program::{LOOKING, OtherProgram, integrity};
use crate::own_database::{On, configuration, own};
use crate::support::{Folder, Server};
use causette_store::{Access, Database, Store};
use causette_testbed::Options;
use rustix::process::Signal;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Messages that come back before something is killed: at least, and at most; and where starting what was killed takes longer than
/// all else.
const MESSAGES: (u64, u64) = (200, 3000);
const MESSAGES_ON_SERVERS: (u64, u64) = (100, 1000);

/// How much later than the last of them it is killed at most, in microseconds: within a batch or between two.
const MICROS_MAX: u64 = 5_000;

/// How long the other process rests between two things that it does.
const REST: Duration = Duration::from_millis(100);

/// The load that makes the test worth something, in messages a second.
const RATE_MIN: f64 = 1000.0;

#[test]
fn what_anyone_saw_survives_kill_9() {
    crash(On::Sqlite, &[Kill::Server], 3);
}

#[test]
fn what_anyone_saw_survives_kill_9_of_server_and_database() {
    for on in On::SERVERS {
        crash(on, &[Kill::Server, Kill::Database], 2);
    }
}

#[test]
#[ignore = "takes minutes: cargo xtask crash"]
fn what_anyone_saw_survives_many_kill_9() {
    let words =
        |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let kills = words("CAUSETTE_CRASH_KILLS", "server");
    let kills: Vec<Kill> = kills.split_whitespace().map(Kill::named).collect();
    let engines = words("CAUSETTE_CRASH_ENGINES", "sqlite");
    for on in engines.split_whitespace().map(On::named) {
        let rounds = from_environment("CAUSETTE_CRASH_ROUNDS").unwrap_or(50);
        crash(on, &kills, rounds);
    }
}

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kill {
    /// The server; it is started again, and whoever was there comes back.
    Server,
    /// Its database, and whoever is there stays.
    Database,
}

impl Kill {
    fn named(name: &str) -> Self {
        match name {
            "server" => Self::Server,
            "database" => Self::Database,
            other => panic!("{other:?} cannot be killed"),
        }
    }
}

/// A server, and where it records.
struct Place {
    folder: Folder,
    database: Option<(causette_testbed::Database, causette_testbed::Server)>,
    configuration: String,
}

impl Place {
    /// `None` where the engine is not installed.
    fn new(on: On) -> Option<Self> {
        let database = match on {
            On::Sqlite => None,
            On::Server(engine) => {
                let server = own(engine, &Options::default())?;
                Some((server.create_database("crash").unwrap(), server))
            }
        };
        let url = database.as_ref().map(|(database, _)| database.url());
        Some(Self {
            folder: Folder::new(),
            configuration: configuration(url.as_deref()),
            database,
        })
    }

    fn start(&self) -> Server {
        Server::start(self.folder.path(), &self.configuration)
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("causette-data/causette.db")
    }

    /// The database, as somebody sees it who only reads.
    fn store(&self) -> Store {
        let database = match &self.database {
            None => self.file().into(),
            Some((database, _)) => Database::parse(&database.url(), &Access::default()).unwrap(),
        };
        Store::look(database).unwrap()
    }
}

fn crash(on: On, kills: &[Kill], rounds: u64) {
    let seed = from_environment("CAUSETTE_CRASH_SEED").unwrap_or_else(|| getrandom::u64().unwrap());
    eprintln!("crash test on {on}: CAUSETTE_CRASH_SEED={seed}");
    let mut random = Random(seed | 1);
    let Some(mut place) = Place::new(on) else {
        return;
    };
    let mut server = place.start();
    sign_up(&server);
    let other = (on == On::Sqlite).then(|| OtherProgram::start(place.file(), LOOKING, REST));
    let (least, most) = match on {
        On::Sqlite => MESSAGES,
        On::Server(_) => MESSAGES_ON_SERVERS,
    };
    let mut record: Vec<Sighting> = Vec::new();
    let (mut messages, mut talked, begun) = (0, Duration::ZERO, Instant::now());
    for (round, kill) in (1..=rounds).flat_map(|round| kills.iter().map(move |kill| (round, *kill)))
    {
        let load = Load::start(&server, &format!("round {round} {kill:?}"));
        load.wait_for(least + random.below(most - least));
        std::thread::sleep(Duration::from_micros(random.below(MICROS_MAX)));
        messages += load.tally().echoes;
        talked += load.elapsed();
        let (echoes, seen);
        (server, echoes, seen) = match kill {
            Kill::Server => kill_server(&place, server, load),
            Kill::Database => kill_database(&mut place, server, load),
        };

        let mut reader = sign_in(&server, TALKERS[0]);
        let last = record.last().map(|sighting| sighting.msgid.clone());
        let since = history_after(&mut reader, last.as_deref());
        check(&since, &seen);
        record.extend(since);
        eprintln!(
            "round {round}, {kill:?} killed: {echoes} messages echoed, {} kept, {:.1?} in all",
            record.len(),
            begun.elapsed()
        );
        // The server runs: whoever audits the register need not stop it. From a server of databases each entry is a question.
        if on == On::Sqlite || round == rounds {
            let counts = place.store().reader().unwrap().check_register().unwrap();
            assert!(
                counts.messages >= record.len() as u64,
                "{counts:?} for {} messages",
                record.len()
            );
            eprintln!("the register has {} entries, and is whole", counts.entries);
        }
    }
    let mut reader = sign_in(&server, TALKERS[1]);
    assert!(
        history_after(&mut reader, None) == record,
        "history read at once is not what was read round by round"
    );
    assert!(
        history_backwards(&mut reader) == record,
        "history read backwards is another"
    );
    let looks = other.map(|other| {
        other.wait_for(1);
        other.end()
    });
    server.signal(Signal::KILL);
    server.wait();
    if let Some(looks) = looks {
        assert_eq!(integrity(&place.file()), "ok");
        eprintln!("the other process meanwhile: {looks:?}");
    }
    let rate = messages as f64 / talked.as_secs_f64();
    eprintln!(
        "crash test on {on}: {rounds} rounds of {kills:?}, {messages} messages, {rate:.0} messages a second"
    );
    // Without optimisation the machine may be too slow for it, and the promises hold all the same.
    assert!(
        rate >= RATE_MIN || cfg!(debug_assertions) || on != On::Sqlite,
        "{rate:.0} messages a second are too few"
    );
}

type Outcome = (Server, u64, Vec<Vec<Sighting>>);

fn kill_server(place: &Place, server: Server, load: Load) -> Outcome {
    server.signal(Signal::KILL);
    assert_eq!(
        server.wait().0.code(),
        None,
        "the server ended before it was killed"
    );
    let (echoes, seen) = load.end();
    (place.start(), echoes, seen)
}

/// Nobody is put out: what was said and not recorded is recorded once it can be, and comes back then.
fn kill_database(place: &mut Place, server: Server, load: Load) -> Outcome {
    let (_, database) = place.database.as_mut().expect("a file cannot be killed");
    database.kill();
    let before = load.tally().echoes;
    database.restart().unwrap();
    load.wait_for(before + MESSAGES_ON_SERVERS.0);
    let (tally, seen) = load.finish();
    (server, tally.echoes, seen)
}

fn from_environment(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")),
    )
}

/// Xorshift: the same seed gives the same rounds.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}
