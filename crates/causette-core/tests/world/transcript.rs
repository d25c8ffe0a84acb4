//! Conversations as they are seen on the wire: every file of `tests/transcripts/`.
//!
//! A line `alice> JOIN #a` is sent, with the byte FF in place of `{ff}`, a line `alice< …` is what that session is given then. Other lines are steps:
//! `connect NAME`, `arrive NAME [capabilities]` (connects, signs up and lands, unseen), `guest NAME [capabilities]` (the same without signing up), `back NAME ACCOUNT [capabilities]` (a client of somebody who arrived, signed in and unseen), `drop NAME`, `place NUMBER` (where the next connections come from; `place NETWORK NUMBER` in a /64 of IPv6), `wait SECONDS`, `clock SECONDS` (time passes unnoticed), `set SECONDS` (the wall clock is set, backwards where they are negative),
//! `recorder fails`, `recorder works`, `restart`, `scram on`, `scram off`, `reserved NAME…`, `names NICK CHANNEL` (how long they may be: the configuration changes), `accounts required`, `accounts optional` (the configuration asks guests to sign up, or not), `operators none` (the configuration names none any more), `trusted on`, `trusted off` (the certificate is judged),
//! `unanswered NAME LINE` (sends it, and what is asked about it is answered at `answered`, after other things),
//! `order WORD …` (the administrator asks for something over the socket, and `root< …` is told what came of it: `ban WHOM [ROOM] DURATION reason`, `mute` alike,
//! `kick NICK [ROOM] reason`, `lift NUMBER reason`, `unban WHOM [ROOM] reason`, `suspend NAME TIME reason`, `resume NAME reason`, `unmute` alike, `filter ACTION [ROOM] "words" reason`, `release NUMBER`, `give-role NAME ROLE reason`, and what [`order`] reads besides; `#! watched` prints what is shown to who watches at a console), `role NAME ROLE` (a restart finds that role),
//! `upload OWNER NAME BYTES AUDIENCE` (a file comes), `@address WORD` (names the last address of a file that was shown), `open ADDRESS` (somebody comes by it),
//! `forgotten NAME [password]` (the administrator gives a code, or that password), `@msgid WORD` (names the last message, which `{WORD}` then stands for), and
//! comments after `#`. `UPDATE_EXPECT=1` writes what was seen.

use crate::memory::Memory;
use crate::uploads;
use crate::world::World;
use causette_core::client_tags::DeniedClientTags;
use causette_core::filter::FilterAction;
use causette_core::id::{FilterId, HeldId, SanctionId};
use causette_core::input::{By, Input};
use causette_core::limits::TooLong;
use causette_core::login::LoginPolicy;
use causette_core::order::{Order, Portion};
use causette_core::reserved::ReservedNames;
use causette_core::right::Role;
use causette_core::sanction::{Duration, SanctionKind};
use causette_core::secret::Secret;
use causette_core::settings::{AccountNick, AlwaysOn, Registration, Settings};
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
    let mut address = String::new();
    let mut late: Vec<Input> = Vec::new();
    let is_watched = transcript.lines().any(|line| line == "#! watched");
    for line in transcript.lines() {
        if is_seen(line) {
            continue;
        }
        let _ = writeln!(text, "{line}");
        let visited = world.visited.len();
        let obeyed = world.obeyed.len();
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
            let pieces: Vec<&[u8]> = sent.split("{ff}").map(str::as_bytes).collect();
            world.say_bytes(session, &pieces.join(&0xff));
        } else if let Some(word) = line.strip_prefix("@msgid ") {
            msgids.push((word.to_owned(), world.memory.last_msgid()));
        } else if let Some(word) = line.strip_prefix("@address ") {
            msgids.push((word.to_owned(), address.clone()));
        } else if let Some(word) = line.strip_prefix("open ") {
            let (_, address) = msgids.iter().rfind(|(name, _)| name == word).unwrap();
            // Whatever came of it is told below.
            let _ = uploads::open(&mut world, &address.clone());
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
        if ["arrive", "guest ", "back "]
            .iter()
            .any(|step| line.starts_with(step))
        {
            world.clear();
            world.watched.clear();
        }
        if line.starts_with("order ") {
            for told in &world.obeyed[obeyed..] {
                let (Ok(told) | Err(told)) = told;
                for line in told.lines() {
                    let _ = writeln!(text, "root< {line}");
                }
            }
        }
        for (_, result) in &world.visited[visited.min(world.visited.len())..] {
            let _ = writeln!(text, "http< {}", uploads::told(result));
        }
        for (session, seen) in std::mem::take(&mut world.delivered) {
            if let Some(shown) = seen.split(' ').rfind(|word| word.contains("/files/")) {
                address = shown.trim_start_matches(':').to_owned();
            }
            let _ = writeln!(text, "{}< {seen}", world.name(session));
        }
        for watched in world.watched.drain(..).filter(|_| is_watched) {
            let _ = writeln!(text, "console< {watched:?}");
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
            // Not a setting: what is shown at a console is printed.
            "watched" => {}
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
            "approve" => settings.registration = Registration::Approve,
            "invite" => settings.registration = Registration::Invite,
            "email" => settings.email_required = true,
            "weak passwords" => settings.weak_passwords = true,
            "contact" => settings.contact = "chat@irc.test".into(),
            "closed" => settings.registration = Registration::Closed,
            "pinned" => settings.login = LoginPolicy::PinFirst,
            "from 192.0.2.0/24" => settings.login = LoginPolicy::read("192.0.2.0/24").unwrap(),
            "no early sign-up" => settings.registration_before_connect = false,
            "not always on" => settings.always_on = AlwaysOn::Off,
            "always on if wanted" => settings.always_on = AlwaysOn::OptIn,
            "no replay" => settings.replay_on_join = 0,
            "no typing" => settings.client_tags_denied = DeniedClientTags::of(["typing"]).unwrap(),
            "few tags" => {
                settings.client_tags_denied = DeniedClientTags::of(["*", "-reply"]).unwrap();
            }
            "cut" => settings.limits.too_long = TooLong::Cut,
            "client nicks" => settings.account_nick = AccountNick::Client,
            "no reservation" => settings.nick_reservation = false,
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
        "back" => {
            let (name, rest) = rest.split_once(' ').unwrap();
            let (account, capabilities) = rest.split_once(' ').unwrap_or((rest, ""));
            world.come_back(name, account, capabilities);
        }
        "guest" => {
            let (name, capabilities) = rest.split_once(' ').unwrap_or((rest, ""));
            world.come(name, capabilities);
        }
        "drop" => world.drop_session(world.names[rest]),
        "upload" => uploads::step(world, rest),
        "wait" => {
            for _ in 0..rest.parse::<u32>().unwrap() {
                world.pass(999_000);
                world.input(Input::Tick);
                world.settle();
            }
        }
        "place" => {
            let (network, place) = rest.split_once(' ').unzip();
            world.network = network.map(|network| network.parse().unwrap());
            world.place = place.unwrap_or(rest).parse().unwrap();
        }
        "recorder" => world.recorder_works = rest == "works",
        "clock" => world.pass(rest.parse::<i64>().unwrap() * 1_000_000),
        "set" => world.now.0 += rest.parse::<i64>().unwrap() * 1_000_000,
        "scram" => {
            let scram = rest == "on";
            reload(world, |settings| settings.scram = scram);
        }
        "keys" => {
            let keys = rest.parse().unwrap();
            reload(world, |settings| settings.metadata.keys = keys);
        }
        "reserved" => {
            let names = ReservedNames::of(rest.split(' '));
            reload(world, |settings| settings.reserved_names = names);
        }
        "accounts" => {
            let required = rest == "required";
            reload(world, |settings| settings.accounts_required = required);
        }
        "operators" => reload(world, |settings| settings.operators.clear()),
        "forgotten" => {
            let (name, password) = rest.split_once(' ').unzip();
            let order = Order::ResetPassword {
                name: name.unwrap_or(rest).into(),
                password: password.map(Secret::new),
            };
            world.order(1, order);
        }
        "order" => world.order(1, order_about_words(rest).unwrap_or_else(|| order(rest))),
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
        "restart" => restart(world, |_| ()),
        "role" => {
            let (name, role) = rest.split_once(' ').unwrap();
            restart(world, |memory| {
                let mut accounts = memory.accounts.values_mut();
                let account = accounts.find(|account| account.name.as_str() == name);
                account.unwrap().role = Role::of(role).unwrap();
            });
        }
        _ => panic!("no such step: {line}"),
    }
}

/// As many as fit into one answer.
fn all() -> Portion {
    Portion {
        limit: usize::MAX,
        ..Portion::default()
    }
}

/// What the administrator asks for about words that are looked for: `filter ACTION [#room] "words" reason` and what follows.
fn order_about_words(line: &str) -> Option<Order> {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (first, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let number = || first.parse().unwrap();
    Some(match word {
        "filters" => Order::ListFilters,
        "filter" => {
            let (room, words) = match text.split_once(' ') {
                Some((room, words)) if room.starts_with('#') => (Some(room.into()), words),
                _ => (None, text),
            };
            let (pattern, reason) = words[1..].split_once('"').unwrap();
            Order::SetFilter {
                pattern: pattern.into(),
                action: FilterAction::of(first).unwrap(),
                room,
                reason: reason.trim().into(),
            }
        }
        "unfilter" => Order::RemoveFilter {
            filter: FilterId(number()),
            reason: text.into(),
        },
        "held" => Order::ListHeld,
        "release" | "discard" => Order::DecideHeld {
            held: HeldId(number()),
            release: word == "release",
        },
        _ => return None,
    })
}

/// What the administrator asks for, in words.
fn order(line: &str) -> Order {
    if let Some(order) = crate::orders::read(line) {
        return order;
    }
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let (first, text) = rest.split_once(' ').unwrap_or((rest, ""));
    match word {
        "people" => Order::ListPeople(all()),
        "rooms" => Order::ListRooms(all()),
        "alert" | "alert-now" => Order::Alert {
            text: rest.into(),
            kept: word == "alert",
        },
        "write" => Order::Write {
            to: first.into(),
            text: text.replace("\\n", "\n").into(),
        },
        "close" => Order::CloseRoom {
            room: first.into(),
            reason: text.into(),
        },
        "rename" if first.starts_with('#') => {
            let (name, reason) = text.split_once(' ').unwrap_or((text, ""));
            Order::RenameRoom {
                room: first.into(),
                name: name.into(),
                reason: reason.into(),
            }
        }
        "rename" => {
            let (name, reason) = text.split_once(' ').unwrap_or((text, ""));
            Order::RenameAccount {
                account: first.into(),
                name: name.into(),
                reason: reason.into(),
            }
        }
        "takeover" => {
            let (to, reason) = text.split_once(' ').unwrap_or((text, ""));
            Order::TakeOverRoom {
                room: first.into(),
                to: to.into(),
                reason: reason.into(),
            }
        }
        _ => order_about(line),
    }
}

/// What the administrator asks for by a word, and whose account is next; the reason is the rest.
fn order_about(text: &str) -> Order {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (name, reason) = rest.split_once(' ').unwrap_or((rest, ""));
    let (account, reason) = (name.into(), reason.into());
    match verb {
        "give-role" => {
            let rest = rest[name.len()..].trim();
            let (role, reason) = rest.split_once(' ').unwrap_or((rest, ""));
            Order::GiveRole {
                account,
                role: Role::of(role).unwrap(),
                reason: reason.into(),
            }
        }
        "end-sessions" => Order::EndSessions { account, reason },
        "drop-account" => Order::DropAccount { account, reason },
        "approve" => Order::Approve { account },
        "refuse" => Order::Refuse { account, reason },
        "registration" => Order::SetRegistration {
            registration: Registration::of(name),
        },
        _ => order_of(text),
    }
}

/// Starts the server again, from a record that may have been written to meanwhile.
fn restart(world: &mut World, change: impl FnOnce(&mut Memory)) {
    let mut memory = world.memory.clone();
    memory.close_sessions();
    change(&mut memory);
    *world = World::restored(world.core.settings().clone(), memory, world.now);
}

/// Reads an order.
fn order_of(text: &str) -> Order {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (first, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let (room, rest) = match rest.split_once(' ') {
        Some((room, rest)) if room.starts_with('#') => (Some(room.into()), rest),
        _ => (None, rest),
    };
    match verb {
        "sanctions" => Order::ListSanctions,
        "kick" => Order::Kick {
            nick: first.into(),
            room,
            reason: rest.into(),
        },
        "unban" | "unmute" => Order::LiftFrom {
            kind: SanctionKind::of(&verb[2..]).unwrap(),
            whom: first.into(),
            room,
            reason: rest.into(),
        },
        "suspend" => {
            let (duration, reason) = rest.split_once(' ').unwrap_or((rest, ""));
            Order::Suspend {
                account: first.into(),
                seconds: Duration::parse(duration).unwrap().seconds(),
                reason: reason.into(),
            }
        }
        "resume" => Order::Resume {
            account: first.into(),
            reason: rest.into(),
        },
        "lift" => Order::Lift {
            sanction: SanctionId(first.parse().unwrap()),
            reason: rest.into(),
        },
        verb => {
            let (duration, reason) = rest.split_once(' ').unwrap_or((rest, ""));
            Order::Sanction {
                kind: SanctionKind::of(verb).unwrap(),
                whom: first.into(),
                room,
                seconds: Duration::parse(duration).unwrap().seconds(),
                reason: reason.into(),
            }
        }
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
