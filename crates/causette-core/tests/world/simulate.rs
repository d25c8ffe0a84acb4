//! The seeded simulator: random people, clocks, store failures and crashes around the core.
//!
//! Each seed is one world of a few people in a few rooms. After every input the state is checked; every delivery is checked
//! against the record; at the end every session's view of a room must be in the room's order, each message once.
//! `CAUSETTE_SIMULATE_SEEDS` says how many seeds, `CAUSETTE_SIMULATE_SEED` plays a single one again.

mod delivered;
mod orders;
mod words;

use crate::entering;
use crate::random::{Random, number};
use crate::world::World;
use causette_core::id::SessionId;
use causette_core::input::Input;
use causette_core::limits;
use causette_core::settings::{AccountNick, AlwaysOn, Settings};
use delivered::check_delivered;

const STEPS: u32 = 150;
const YEAR: usize = 365 * 86_400;
const PEOPLE: [&str; 6] = ["ann", "bea", "cyd", "dan", "eve", "fay"];
const ROOMS: [&str; 4] = ["#general", "#a", "#b", "#thé"];
const CAPABILITIES: [&str; 5] = [
    "",
    "echo-message",
    "message-tags server-time batch echo-message labeled-response",
    "message-tags server-time batch draft/chathistory draft/event-playback standard-replies draft/pre-away",
    "extended-join away-notify multi-prefix account-tag draft/pre-away",
];

#[test]
fn seeds() {
    if let Some(seed) = number("CAUSETTE_SIMULATE_SEED") {
        return play(seed);
    }
    let seeds = number("CAUSETTE_SIMULATE_SEEDS").unwrap_or(300);
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            scope.spawn(move || {
                for seed in (thread..seeds).step_by(threads as usize) {
                    let outcome = std::panic::catch_unwind(|| play(seed));
                    assert!(
                        outcome.is_ok(),
                        "seed {seed} failed: CAUSETTE_SIMULATE_SEED={seed} plays it again"
                    );
                }
            });
        }
    });
    println!("{seeds} seeds of {STEPS} steps: 0 violations");
}

/// One person's connection in the simulation.
struct Client {
    session: SessionId,
    person: usize,
    open: bool,
    /// Whether pages of history come as batches, so that they are told from what is new.
    batches: bool,
    /// The token of a PING on its way.
    ping: Option<String>,
}

struct Simulation {
    world: World,
    random: Random,
    clients: Vec<Client>,
    said: u64,
    pings: u64,
    /// By how many microseconds the wall clock is wrong.
    wrong: i64,
    settings: Settings,
}

fn play(seed: u64) {
    let mut random = Random(seed);
    let settings = Settings {
        always_on: [AlwaysOn::OptOut, AlwaysOn::OptIn, AlwaysOn::Off][random.below(3)],
        account_nick: [AccountNick::Account, AccountNick::Client][random.below(2)],
        replay_on_join: if random.chance(50) { 5 } else { 0 },
        casemap: crate::settings::casemap(seed),
        ..crate::settings::settings()
    };
    let mut world = World::new(settings.clone());
    world.audited = true;
    let mut simulation = Simulation {
        world,
        random,
        clients: Vec::new(),
        said: 0,
        pings: 0,
        wrong: 0,
        settings,
    };
    for _ in 0..STEPS {
        simulation.step();
    }
    simulation.world.recorder_works = true;
    simulation.world.settle();
    simulation.check_views();
}

impl Simulation {
    fn step(&mut self) {
        match self.random.below(100) {
            0..8 => self.arrive(),
            8..10 => self.tick(),
            10..13 => self.end_one(),
            13..15 => self.world.recorder_works = self.random.chance(40),
            15..16 => self.crash(),
            16..18 => self.administer(),
            18..40 => self.world.commit(),
            40..50 => {
                if let Some(input) = self.world.due.pop_front() {
                    self.world.input(input);
                }
            }
            50..54 => self.set_clock(),
            54..59 => self.look_for_words(),
            _ => self.speak(),
        }
        for client in &self.clients {
            assert!(
                self.world.core.held(client.session) <= limits::LINES_IN_FLIGHT,
                "too many lines are held"
            );
        }
        self.check_pongs();
    }

    fn arrive(&mut self) {
        if self.clients.iter().filter(|client| client.open).count() >= 10 {
            return;
        }
        let person = self.random.below(PEOPLE.len());
        let session = self
            .world
            .connect(&format!("{person}-{}", self.clients.len()));
        let capabilities = self.random.one_of(&CAPABILITIES);
        let name = PEOPLE[person];
        self.clients.push(Client {
            session,
            person,
            open: true,
            batches: capabilities.contains(" batch "),
            ping: None,
        });
        if !capabilities.is_empty() {
            self.world.say(session, &format!("CAP REQ :{capabilities}"));
        }
        if self.random.chance(25) {
            self.world.say(session, "AWAY *");
        }
        self.world.say(session, &format!("NICK {name}"));
        self.world.say(session, &format!("USER {name} 0 * :{name}"));
        self.world.say(session, "CAP END");
        let code = entering::code(&self.world, &mut self.random);
        let line = format!("REGISTER {name} {code} password-of-{name}");
        self.world.say(session, &line);
        self.world
            .say(session, &format!("NS IDENTIFY {name} password-of-{name}"));
    }

    fn tick(&mut self) {
        self.world.pass(1_000_000);
        self.world.input(Input::Tick);
    }

    /// Somebody sets the wall clock: by a little, by years, or right again.
    fn set_clock(&mut self) {
        let spans = [1, 3600, 86_400, 50 * YEAR, 4000 * YEAR];
        let span = spans[self.random.below(spans.len())];
        let seconds = self.random.below(4 * span) as i64 - span as i64;
        let by = match self.random.below(4) {
            0 => -self.wrong,
            1 => seconds * 1000,
            _ => seconds * 1_000_000,
        };
        self.wrong += by;
        self.world.now.0 += by;
    }

    fn end_one(&mut self) {
        let Some(index) = self.open_client() else {
            return;
        };
        let session = self.clients[index].session;
        self.clients[index].open = false;
        if self.random.chance(50) {
            self.world.drop_session(session);
        } else {
            self.world.say(session, "QUIT :bye");
        }
    }

    /// The program is killed: what was not committed never was. The next start finds what was.
    fn crash(&mut self) {
        let mut memory = self.world.memory.clone();
        memory.close_sessions();
        if self.random.chance(40) {
            self.set_clock();
        }
        let now = self.world.now;
        let delivered = std::mem::take(&mut self.world.delivered);
        check_delivered(&self.world, &delivered);
        self.world = World::restored(self.settings.clone(), memory, now);
        self.world.audited = true;
        self.clients.clear();
        self.world.core.check().unwrap();
    }

    fn open_client(&mut self) -> Option<usize> {
        let open: Vec<usize> = (0..self.clients.len())
            .filter(|index| self.clients[*index].open)
            .collect();
        (!open.is_empty()).then(|| open[self.random.below(open.len())])
    }

    fn speak(&mut self) {
        let Some(index) = self.open_client() else {
            return;
        };
        let session = self.clients[index].session;
        if self.world.core.held(session) + 1 >= limits::LINES_IN_FLIGHT {
            return;
        }
        let (room, other) = (self.random.one_of(&ROOMS), self.random.one_of(&PEOPLE));
        let line = match self.random.below(20) {
            0..8 => {
                self.said += 1;
                format!("@label=l{0} PRIVMSG {room} :m{0}", self.said)
            }
            8 => {
                self.said += 1;
                format!("PRIVMSG {other},{room} :m{}", self.said)
            }
            9 => {
                self.said += 1;
                format!("PRIVMSG @{room} :m{}", self.said)
            }
            10..12 => format!("JOIN {room}"),
            12 => format!("PART {room} :enough"),
            13 => format!("KICK {room} {other} :out"),
            14 => {
                let modes = [
                    "+v",
                    "-v",
                    "+o",
                    "-o",
                    "+b",
                    "-b",
                    "+m",
                    "-m",
                    "+s",
                    "+nt",
                    "-i",
                    "+l 3",
                    "+S 3",
                    "-S",
                    "-l",
                    "+h",
                    "+e",
                    "+U",
                    "-U",
                    "+u",
                    "-u",
                    "+R",
                    "-R",
                    "+k key",
                    "+b ~a:ann",
                    "+I ~a:fay",
                    "+e *!*@account/bea",
                ];
                format!("MODE {room} {} {other}", self.random.one_of(&modes))
            }
            15 if self.random.chance(10) => {
                format!("NS DROP {}", PEOPLE[self.clients[index].person])
            }
            15 => format!(
                "NICK {}",
                self.random.one_of(&["ann", "zoe", "yan", "xav", "dan"])
            ),
            16 if self.clients[index].batches => format!("CHATHISTORY LATEST {room} * 5"),
            17 => format!("TOPIC {room} :topic {}", self.said),
            18 => self
                .random
                .one_of(&[
                    "NAMES #general",
                    "WHO #a",
                    "WHOIS bea",
                    "LUSERS",
                    "NONSENSE",
                    "TAGMSG ann",
                    "AWAY :tea",
                    "AWAY *",
                    "AWAY",
                    "SETNAME :another",
                    "MONITOR + ann,zoe",
                    "MARKREAD #a timestamp=2030-01-01T00:00:00.000Z",
                    "MARKREAD #a timestamp=2026-01-01T00:00:01.000Z",
                    "METADATA * SET status :tea",
                    "METADATA * SET status",
                    "METADATA * SUB status avatar",
                    "METADATA #a SET avatar https://example.org/a.png",
                    "METADATA *ALL SYNC",
                    "CS REGISTER #a",
                    "CS AMODE #a +o ann",
                    "NS SET always-on off",
                    "NS SET always-on on",
                    "LIST",
                    "INVITE bea #b",
                    "CS AMODE #a -o ann",
                    "CS UNREGISTER #a #a",
                    "CS TRANSFER #a bea",
                    "DEVICE ADD :desk",
                    "DEVICE DEL 1",
                    "DEVICE DEL 2",
                    "NS CERT ADD",
                    "NS SET language fr",
                    "NS SET language",
                    "NS SET replay 10",
                    "NS SET multiclient off",
                    "NS OWNER 0000000000000001",
                    "NS SET multiclient on",
                    "NS SET login here",
                    "NS SET login pin-first",
                    "NS SET login any",
                    "NS SET PASSWORD password-of-ann password-of-ann",
                    "MODE ann +i",
                    "OPER boss :operator's secret",
                    "PRIVMSG Administration :may I",
                    "SAJOIN bea #b",
                    "SAMODE #a +m",
                    "SANICK cyd zoe",
                    "NS RENAME bea BEA why",
                    "RENAME #a #c",
                    "RENAME #c #a",
                    "RENAME #b #A :why",
                    "JOIN #administration",
                    "MARKREAD Administration timestamp=2026-01-01T00:00:01.000Z",
                ])
                .to_owned(),
            _ => {
                self.pings += 1;
                let token = format!("p{}", self.pings);
                self.clients[index].ping = Some(token.clone());
                format!("PING {token}")
            }
        };
        self.world.say(session, &line);
    }

    /// The barrier: a PONG that passed the pipe finds everything that its session said before committed.
    fn check_pongs(&mut self) {
        let world = &self.world;
        for client in self.clients.iter_mut().filter(|client| client.open) {
            let Some(token) = &client.ping else { continue };
            let Some(inbox) = world.inboxes.get(&client.session) else {
                continue;
            };
            let end = format!(":{token}");
            if inbox
                .iter()
                .any(|line| line.contains(" PONG ") && line.ends_with(&end))
            {
                client.ping = None;
                assert!(
                    world.passed(client.session),
                    "{} got PONG before its own records",
                    PEOPLE[client.person]
                );
            }
        }
    }

    fn check_views(&self) {
        check_delivered(&self.world, &self.world.delivered);
    }
}
