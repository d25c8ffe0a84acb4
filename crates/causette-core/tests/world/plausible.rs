//! Random sequences of plausible commands from several sessions: whatever people send, nothing panics, what must hold between
//! two inputs holds, and nothing is shown before it is recorded.
//!
//! `CAUSETTE_PLAUSIBLE_INPUTS` says how many lines are tried, `CAUSETTE_PLAUSIBLE_SEED` plays one sequence again.

use crate::random::{Random, number};
use crate::roles::LINES;
use crate::settings::settings;
use crate::world::World;
use causette_core::commands::COMMANDS;
use causette_core::id::SessionId;
use causette_core::input::Input;
use causette_core::limits;
use causette_core::settings::{AccountNick, AlwaysOn, Settings};
use std::sync::atomic::{AtomicU64, Ordering};

/// Steps of one sequence: lines, arrivals, departures, commits and ticks.
const STEPS: u64 = 500;

/// Words that stand where names, modes, texts and numbers stand.
const WORDS: [&str; 84] = [
    // In Cyrillic letters, in part.
    "аnn",
    "ÉLO",
    "e\u{301}lo",
    "é*!*@*",
    "ann",
    "bea",
    "cid",
    "boss",
    "nobody",
    "NickServ",
    "Administration",
    "FILTER",
    "RELEASE",
    "CLOSE",
    "TAKEOVER",
    "RENAME",
    "#administration",
    "ChanServ",
    "FileServ",
    "UPLOAD",
    "SEND",
    "REVOKE",
    "#general",
    "#a",
    "#b",
    "#A",
    "#a,#b",
    "ann,#a",
    "@#a",
    "+#general",
    "%#b",
    "*",
    "0",
    "1",
    "-1",
    "99999999999",
    "5",
    "a*",
    "+o",
    "-o",
    "+v-v",
    "+bbb",
    "-b",
    "+eI",
    "+klS",
    "-klS",
    "+f",
    "+imnst",
    "-imnst",
    "+CMRUu",
    "-CMRUu",
    "+q",
    "+a",
    "+h",
    "+Bw-i",
    "~a:ann",
    "~m:*!*@*",
    "*!*@*",
    "ann!*@*",
    "key",
    "operator's secret",
    "password-of-ann",
    "0000-0000-0000-0001",
    "OWNER",
    "timestamp=2026-01-01T00:00:00.005Z",
    "msgid=nonsense",
    "LATEST",
    "BEFORE",
    "TARGETS",
    "REGISTER",
    "AMODE",
    "SET",
    "draft/multiline",
    "+x",
    "-x",
    "ADD",
    "DEL",
    "perm",
    "1s",
    "192.0.2.5",
    "PLAIN",
    "",
    "un texte accentué, assez long pour être coupé quelque part",
    ":",
];

const CAPABILITIES: [&str; 3] = [
    "",
    "batch labeled-response echo-message message-tags draft/multiline draft/chathistory draft/event-playback draft/message-redaction draft/read-marker draft/channel-rename sasl",
    "away-notify account-notify chghost setname extended-monitor extended-join multi-prefix invite-notify server-time account-tag draft/pre-away",
];

#[test]
fn whatever_people_send_nothing_breaks() {
    if let Some(seed) = number("CAUSETTE_PLAUSIBLE_SEED") {
        play(seed);
        return;
    }
    let inputs = number("CAUSETTE_PLAUSIBLE_INPUTS").unwrap_or(50_000);
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get() as u64);
    let said = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let said = &said;
            scope.spawn(move || {
                let mut seed = thread;
                while said.load(Ordering::Relaxed) < inputs {
                    let lines = std::panic::catch_unwind(|| play(seed)).unwrap_or_else(|_| {
                        panic!(
                            "sequence {seed} failed: CAUSETTE_PLAUSIBLE_SEED={seed} plays it again"
                        )
                    });
                    said.fetch_add(lines, Ordering::Relaxed);
                    seed += threads;
                }
            });
        }
    });
    println!("{} plausible lines: no panic", said.into_inner());
}

/// Plays one sequence, and says how many lines were said in it.
fn play(seed: u64) -> u64 {
    // Other seeds than the simulator's.
    let mut random = Random(seed ^ 0x5eed_0000_0000);
    let settings = Settings {
        accounts_required: random.chance(60),
        always_on: [AlwaysOn::OptOut, AlwaysOn::OptIn, AlwaysOn::Off][random.below(3)],
        account_nick: [AccountNick::Account, AccountNick::Client][random.below(2)],
        replay_on_join: random.below(3) * 3,
        casemap: crate::settings::casemap(seed),
        ..settings()
    };
    let mut world = World::new(settings);
    world.uploads_arrive = true;
    let mut sessions: Vec<SessionId> = Vec::new();
    let mut said = 0;
    for number in 0..STEPS {
        match random.below(100) {
            0..4 if sessions.len() < 8 => {
                let session = arrive(&mut world, &mut random, number);
                sessions.push(session);
            }
            4..6 => {
                world.pass(1_000_000 * random.below(90) as i64);
                world.input(Input::Tick);
            }
            6..7 if !sessions.is_empty() => {
                let session = sessions.swap_remove(random.below(sessions.len()));
                world.drop_session(session);
            }
            7..9 => world.recorder_works = random.chance(60),
            9..30 => world.settle(),
            _ if sessions.is_empty() => {}
            _ => {
                let session = sessions[random.below(sessions.len())];
                if world.core.held(session) + 1 < limits::LINES_IN_FLIGHT {
                    let line = line(&mut random, &world);
                    world.say(session, &line);
                    said += 1;
                }
            }
        }
        if random.chance(5) {
            // Nobody reads these here.
            world.clear();
        }
    }
    world.recorder_works = true;
    world.settle();
    said
}

fn arrive(world: &mut World, random: &mut Random, number: u64) -> SessionId {
    let name = random.one_of(&["ann", "bea", "cid"]);
    world.place = 1 + random.below(20) as u8;
    let session = world.connect(&format!("{name}-{number}"));
    let capabilities = random.one_of(&CAPABILITIES);
    let mut lines = vec![format!("CAP REQ :{capabilities}"), format!("NICK {name}")];
    lines.push(format!("USER {name} 0 * :{name}"));
    lines.push("CAP END".to_owned());
    if random.chance(90) {
        lines.push(format!("REGISTER {name} * password-of-{name}"));
        lines.push(format!("NS IDENTIFY {name} password-of-{name}"));
    }
    if random.chance(30) {
        // One of the first devices' tokens, whoever's it is and whether or not it was taken back.
        let token = format!("causette_{:A>43}", 1 + random.below(6));
        lines.insert(0, format!("PASS {name}:{token}"));
    }
    if random.chance(20) {
        lines.push("OPER boss :operator's secret".to_owned());
    }
    for line in lines {
        world.say(session, &line);
        world.settle();
    }
    session
}

/// A line of any command, with words that may or may not fit it.
fn line(random: &mut Random, world: &World) -> String {
    let mut line = String::new();
    if random.chance(20) {
        line.push_str(random.one_of(&[
            "@label=x ",
            "@batch=x ",
            "@+typing=active ",
            "@batch=x;draft/multiline-concat ",
        ]));
    }
    if random.chance(50) {
        // One that is well formed, about somebody and somewhere.
        let (room, nick) = (
            random.one_of(&["#general", "#a", "#b"]),
            random.one_of(&["ann", "bea", "cid"]),
        );
        let sample = random.one_of(LINES);
        if sample != "DIE" {
            line.push_str(&sample.replace("#room", room).replace("member", nick));
            return line;
        }
    }
    let command = &COMMANDS[random.below(COMMANDS.len())];
    // A server that stops is another story.
    let verb = if command.verb == "DIE" {
        "PRIVMSG"
    } else {
        command.verb
    };
    line.push_str(verb);
    let words = random.below(5);
    for place in 0..words {
        let word = if random.chance(5) {
            world.memory.any_msgid(random.below(1 << 16))
        } else {
            random.one_of(&WORDS).to_owned()
        };
        line.push(' ');
        if place + 1 == words || word.is_empty() || word.contains(' ') || word.starts_with(':') {
            line.push(':');
            line.push_str(&word);
            break;
        }
        line.push_str(&word);
    }
    line
}
