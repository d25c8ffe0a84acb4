//! The crash test: the server is killed under load, again and again, on one folder, while another process reads its database
//! and copies it. What anyone saw is kept.

use crate::load::{
    Load, TALKERS, check, configuration, history_after, history_backwards, sign_in, sign_up,
};
use crate::other_program::{LOOKING, OtherProgram, integrity};
use crate::support::{Folder, Server};
use causette_store::Store;
use rustix::process::Signal;
use std::time::Duration;

/// Messages that come back before the server is killed: at least, and at most.
const MESSAGES: (u64, u64) = (200, 3000);

/// How much later than the last of them it is killed at most, in microseconds: within a batch or between two.
const MICROS_MAX: u64 = 5_000;

/// How long the other process rests between two things that it does.
const REST: Duration = Duration::from_millis(100);

/// The load that makes the test worth something, in messages a second.
const RATE_MIN: f64 = 1000.0;

#[test]
fn what_anyone_saw_survives_kill_9() {
    crash(3);
}

#[test]
#[ignore = "takes minutes: cargo xtask crash"]
fn what_anyone_saw_survives_many_kill_9() {
    crash(from_environment("CAUSETTE_CRASH_ROUNDS").unwrap_or(50));
}

fn crash(rounds: u64) {
    let seed = from_environment("CAUSETTE_CRASH_SEED").unwrap_or_else(|| getrandom::u64().unwrap());
    eprintln!("crash test: CAUSETTE_CRASH_SEED={seed}");
    let mut random = Random(seed | 1);
    let folder = Folder::new();
    let mut server = Server::start(folder.path(), &configuration());
    sign_up(&server);
    let database = folder.path().join("causette-data/causette.db");
    let other = OtherProgram::start(database.clone(), LOOKING, REST);
    let mut record = Vec::new();
    let (mut messages, mut talked) = (0, Duration::ZERO);
    for round in 1..=rounds {
        let load = Load::start(&server, &format!("round {round}"));
        load.wait_for(MESSAGES.0 + random.below(MESSAGES.1 - MESSAGES.0));
        std::thread::sleep(Duration::from_micros(random.below(MICROS_MAX)));
        let elapsed = load.elapsed();
        server.signal(Signal::KILL);
        assert_eq!(
            server.wait().0.code(),
            None,
            "the server ended before it was killed"
        );
        let (echoes, seen) = load.end();
        messages += echoes;
        talked += elapsed;

        server = Server::start(folder.path(), &configuration());
        let mut reader = sign_in(&server, TALKERS[0]);
        let last = record
            .last()
            .map(|sighting: &crate::load::Sighting| sighting.msgid.clone());
        let since = history_after(&mut reader, last.as_deref());
        check(&since, &seen);
        record.extend(since);
        // The server runs: whoever audits the register need not stop it.
        let counts = Store::open(&database)
            .and_then(|store| store.reader())
            .unwrap()
            .check_register()
            .unwrap();
        assert!(
            counts.messages >= record.len() as u64,
            "{counts:?} for {} messages",
            record.len()
        );
        eprintln!(
            "round {round}: {echoes} messages echoed in {elapsed:.2?}, {} kept, {} entries",
            record.len(),
            counts.entries
        );
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
    other.wait_for(1);
    let looks = other.end();
    server.signal(Signal::KILL);
    server.wait();
    assert_eq!(integrity(&database), "ok");
    eprintln!("the other process meanwhile: {looks:?}");
    let rate = messages as f64 / talked.as_secs_f64();
    eprintln!("crash test: {rounds} rounds, {messages} messages, {rate:.0} messages a second");
    // Without optimisation the machine may be too slow for it, and the promises hold all the same.
    assert!(
        rate >= RATE_MIN || cfg!(debug_assertions),
        "{rate:.0} messages a second are too few"
    );
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
