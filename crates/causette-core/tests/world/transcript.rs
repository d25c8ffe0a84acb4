//! Conversations as they are seen on the wire: every file of `tests/transcripts/`.
//!
//! A line `alice> JOIN #a` is sent, a line `alice< …` is what that session is given then. Other lines are steps:
//! `connect NAME`, `arrive NAME [capabilities]` (connects, signs up and lands, unseen), `drop NAME`, `place NUMBER` (where the next connections come from), `wait SECONDS`, `clock SECONDS` (time passes unnoticed), `set SECONDS` (the wall clock is set, backwards where they are negative),
//! `recorder fails`, `recorder works`, `restart`, `scram on`, `scram off`, `reserved NAME…`, `names NICK CHANNEL` (how long they may be: the configuration changes), `trusted on`, `trusted off` (the certificate is judged),
//! `unanswered NAME LINE` (sends it, and what is asked about it is answered at `answered`, after other things),
//! `forgotten NAME [password]` (the administrator gives a code, or that password), `@msgid WORD` (names the last message, which `{WORD}` then stands for), and
//! comments after `#`. `UPDATE_EXPECT=1` writes what was seen.

use crate::world::World;
use causette_core::input::{By, Input, Order};
use causette_core::limits::TooLong;
use causette_core::reserved::ReservedNames;
use causette_core::secret::Secret;
use causette_core::settings::{AlwaysOn, Settings};
use causette_proto::Casemap;
use causette_text::Language;
use std::fmt::Write;
use std::path::Path;

#[test]
fn transcripts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 10, "the transcripts are missing");
    let mut different = Vec::new();
    for file in files {
        let expected = std::fs::read_to_string(&file).unwrap();
        let seen = play(&expected);
        if seen == expected {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&file, seen).unwrap();
        } else {
            different.push(format!(
                "{}\n{}",
                file.display(),
                difference(&expected, &seen)
            ));
        }
    }
    assert!(
        different.is_empty(),
        "UPDATE_EXPECT=1 writes what is seen now:\n{}",
        different.join("\n")
    );
}

/// The first lines that differ.
fn difference(expected: &str, seen: &str) -> String {
    let pair = expected
        .lines()
        .zip(seen.lines())
        .enumerate()
        .find(|(_, (expected, seen))| expected != seen);
    match pair {
        Some((line, (expected, seen))) => format!(
            "line {}\n  expected {expected}\n  seen     {seen}",
            line + 1
        ),
        None => format!(
            "{} lines expected, {} seen",
            expected.lines().count(),
            seen.lines().count()
        ),
    }
}

/// Plays the steps of a transcript and writes it again with what is seen.
fn play(transcript: &str) -> String {
    let mut world = World::new(settings(transcript));
    let mut text = String::new();
    let mut msgids: Vec<(String, String)> = Vec::new();
    let mut late: Vec<Input> = Vec::new();
    for line in transcript.lines() {
        if is_seen(line) {
            continue;
        }
        let _ = writeln!(text, "{line}");
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some((name, sent)) = line
            .split_once("> ")
            .filter(|(name, _)| !name.contains(' '))
        {
            let session = world.names[name];
            let mut sent = sent.to_owned();
            for (word, msgid) in &msgids {
                sent = sent.replace(&format!("{{{word}}}"), msgid);
            }
            world.say(session, &sent);
        } else if let Some(word) = line.strip_prefix("@msgid ") {
            msgids.push((word.to_owned(), world.memory.last_msgid()));
        } else if let Some(said) = line.strip_prefix("unanswered ") {
            let (name, sent) = said.split_once(' ').unwrap();
            world.say(world.names[name], sent);
            world.commit();
            late.extend(world.due.drain(..));
        } else if line == "answered" {
            world.due.extend(late.drain(..));
        } else {
            step(&mut world, line);
        }
        world.settle();
        if line.starts_with("arrive") {
            world.clear();
        }
        for (session, seen) in std::mem::take(&mut world.delivered) {
            let _ = writeln!(text, "{}< {seen}", world.name(session));
        }
    }
    text
}

fn is_seen(line: &str) -> bool {
    line.split_once('<')
        .is_some_and(|(name, rest)| !name.contains([' ', '#', '>']) && rest.starts_with(' '))
}

/// Settings are written in comments: `#! french`, `#! guests`.
fn settings(transcript: &str) -> Settings {
    let mut settings = crate::settings::settings();
    for line in transcript
        .lines()
        .filter_map(|line| line.strip_prefix("#! "))
    {
        match line {
            "public" => settings.public_port = Some(6697),
            "house" => {
                settings.rules = "https://irc.test/rules".into();
                settings.privacy = "all that is said is kept for a year".into();
                settings.contact = "chat@irc.test".into();
                settings.motd = Some(vec!["Welcome to the school.".into(), "".into()]);
            }
            "french" => settings.language = Language::Fr,
            "scram" => settings.scram = true,
            "guests" => settings.accounts_required = false,
            "password" => settings.server_password = true,
            "closed" => settings.registration = causette_core::settings::Registration::Closed,
            "no early sign-up" => settings.registration_before_connect = false,
            "not always on" => settings.always_on = AlwaysOn::Off,
            "always on if wanted" => settings.always_on = AlwaysOn::OptIn,
            "no replay" => settings.replay_on_join = 0,
            "cut" => settings.limits.too_long = TooLong::Cut,
            "precis" => settings.casemap = Casemap::Precis,
            other => panic!("no such setting: {other}"),
        }
    }
    settings
}

fn step(world: &mut World, line: &str) {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    match verb {
        "connect" => {
            world.connect(rest);
        }
        "arrive" => {
            let (name, capabilities) = rest.split_once(' ').unwrap_or((rest, ""));
            world.arrive(name, capabilities);
        }
        "drop" => world.drop_session(world.names[rest]),
        "wait" => {
            for _ in 0..rest.parse::<u32>().unwrap() {
                world.pass(999_000);
                world.input(Input::Tick);
                world.settle();
            }
        }
        "place" => world.place = rest.parse().unwrap(),
        "recorder" => world.recorder_works = rest == "works",
        "clock" => world.pass(rest.parse::<i64>().unwrap() * 1_000_000),
        "set" => world.now.0 += rest.parse::<i64>().unwrap() * 1_000_000,
        "scram" => {
            let scram = rest == "on";
            reload(world, |settings| settings.scram = scram);
        }
        "reserved" => {
            let names = ReservedNames::of(rest.split(' '));
            reload(world, |settings| settings.reserved_names = names);
        }
        "forgotten" => {
            let (name, password) = rest.split_once(' ').unzip();
            let order = Order::ResetPassword {
                name: name.unwrap_or(rest).into(),
                password: password.map(Secret::new),
            };
            world.order(1, order);
        }
        "names" => {
            let (nick, channel) = rest.split_once(' ').unwrap();
            let (nick, channel) = (nick.parse().unwrap(), channel.parse().unwrap());
            reload(world, |settings| {
                settings.limits.nick = nick;
                settings.limits.channel = channel;
            });
        }
        "trusted" => world.input(Input::Trusted {
            public_port: (rest == "on").then_some(6697),
            withdrawn: rest == "off",
        }),
        "stop" => world.input(Input::Stop {
            by: By::Server,
            reason: rest.into(),
        }),
        "restart" => {
            let mut memory = world.memory.clone();
            memory.close_sessions();
            *world = World::restored(world.core.settings().clone(), memory, world.now);
        }
        _ => panic!("no such step: {line}"),
    }
}

fn reload(world: &mut World, change: impl FnOnce(&mut Settings)) {
    let mut settings = world.core.settings().clone();
    change(&mut settings);
    world.input(Input::Reloaded {
        by: By::Server,
        result: Ok(Box::new(settings)),
    });
}
