//! What people say of themselves and of channels under keys: who hears a change, against a model without any cleverness; how a long
//! answer comes in parts; and what the bounds are.

use crate::random::{Random, number};
use crate::settings::settings;
use crate::world::World;
use causette_core::id::SessionId;
use causette_core::limits::{METADATA_LINES, METADATA_RESUME_SECONDS, MetadataLimits};
use causette_core::settings::Settings;
use std::collections::{BTreeMap, BTreeSet};

const CAPABILITIES: &str = "batch draft/metadata-3 standard-replies";
const PEOPLE: [&str; 5] = ["ann", "bea", "cyd", "dan", "eve"];
const ROOMS: [&str; 3] = ["#a", "#b", "#c"];
const KEYS: [&str; 3] = ["status", "avatar", "homepage"];

/// What a session is given for a line.
fn answer(world: &mut World, session: SessionId, line: &str) -> Vec<String> {
    world.clear();
    world.say(session, line);
    world.settle();
    world.inboxes[&session].clone()
}

fn with_limits(metadata: MetadataLimits) -> World {
    World::new(Settings {
        metadata,
        ..settings()
    })
}

/// How many values are in lines, and whether more is to be asked for.
fn counted(lines: &[String]) -> (usize, bool) {
    let values = lines.iter().filter(|line| line.contains(" 761 "));
    let more = lines.iter().any(|line| line.contains(" 774 "));
    (values.count(), more)
}

#[test]
fn a_long_answer_comes_in_parts_and_each_value_once() {
    // As many as one line names.
    let keys = 12;
    let people = METADATA_LINES * 5 / 2 / keys;
    let mut world = with_limits(MetadataLimits {
        subs: keys,
        keys,
        ..MetadataLimits::default()
    });
    for person in 0..people {
        world.place = 100 + u8::try_from(person).unwrap();
        let session = world.arrive(&format!("person{person}"), "");
        for key in 0..keys {
            world.say(session, &format!("METADATA * SET key{key} :{person}"));
        }
        world.settle();
    }
    world.place = 1;
    let reader = world.arrive("reader", CAPABILITIES);
    let words: Vec<String> = (0..keys).map(|key| format!("key{key}")).collect();
    // Too much to be shown unasked.
    let subscribed = answer(
        &mut world,
        reader,
        &format!("METADATA * SUB {}", words.join(" ")),
    );
    assert_eq!(counted(&subscribed), (0, true), "{subscribed:?}");
    // Each goes on by itself, also where one asks for both in turns.
    let mut parts = ["#general", "*ALL"].map(|target| (target, BTreeSet::new(), 0, true));
    while parts.iter().any(|(.., more)| *more) {
        for (target, seen, count, more) in parts.iter_mut().filter(|(.., more)| *more) {
            let lines = answer(&mut world, reader, &format!("METADATA {target} SYNC"));
            let (values, goes_on) = counted(&lines);
            assert!(values <= METADATA_LINES, "{values} at a time");
            *count += 1;
            *more = goes_on;
            for line in lines.iter().filter(|line| line.contains(" 761 ")) {
                let told: Vec<&str> = line.split(' ').skip(4).take(2).collect();
                assert!(seen.insert(told.join(" ")), "{line} came twice");
            }
        }
    }
    for (target, seen, count, _) in parts {
        assert_eq!((seen.len(), count), (people * keys, 3), "{target}");
    }
    // Who does not go on in time begins anew; so does who comes into the channel.
    let first = answer(&mut world, reader, "METADATA #general SYNC");
    world.pass((METADATA_RESUME_SECONDS + 1) * 1_000_000);
    let again = answer(&mut world, reader, "METADATA #general SYNC");
    let values = |lines: &[String]| -> Vec<String> {
        let told = lines
            .iter()
            .filter_map(|line| Some(line.split_once(" 761 ")?.1.to_owned()));
        told.collect()
    };
    assert_eq!(values(&first), values(&again));
    answer(&mut world, reader, "PART #general");
    let joined = answer(&mut world, reader, "JOIN #general");
    assert_eq!(counted(&joined), (0, true), "{joined:?}");
}

#[test]
fn so_many_keys_are_followed_and_have_something_and_no_more() {
    let mut world = with_limits(MetadataLimits {
        subs: 2,
        keys: 2,
        ..MetadataLimits::default()
    });
    let alice = world.arrive("alice", CAPABILITIES);
    let lines = answer(&mut world, alice, "METADATA * SUB a b c a");
    assert!(lines[0].ends_with(" 770 alice a b"), "{lines:?}");
    assert!(
        lines[1].contains(" FAIL METADATA LIMIT_REACHED SUB c 2 :"),
        "{lines:?}"
    );
    assert!(answer(&mut world, alice, "METADATA * SUB a")[0].ends_with(" 770 alice a"));
    answer(&mut world, alice, "JOIN #tea");
    for target in ["*", "#tea"] {
        let set = |key: &str| format!("METADATA {target} SET {key} :x");
        answer(&mut world, alice, &set("a"));
        answer(&mut world, alice, &set("b"));
        let full = answer(&mut world, alice, &set("c"));
        let refused = format!(" FAIL METADATA LIMIT_REACHED SET {target} 2 :");
        assert!(full[0].contains(&refused), "{full:?}");
        // One that is there already may change, and one that goes makes room.
        assert!(answer(&mut world, alice, &set("b"))[0].contains(" 761 "));
        answer(&mut world, alice, &format!("METADATA {target} SET a"));
        assert!(answer(&mut world, alice, &set("c"))[0].contains(" 761 "));
    }
    let early = world.connect("early");
    for key in ["a", "b"] {
        assert!(
            answer(&mut world, early, &format!("METADATA * SET {key} :x"))[0].contains(" 761 ")
        );
    }
    let full = answer(&mut world, early, "METADATA * SET c :x");
    assert!(
        full[0].contains(" FAIL METADATA LIMIT_REACHED SET * 2 :"),
        "{full:?}"
    );
}

/// With the longest names that there may be, the longest value is read whole.
#[test]
fn the_longest_value_is_told_whole() {
    let mut settings = settings();
    settings.server = "s".repeat(63).into();
    settings.limits.channel = 200;
    let key = "k".repeat(settings.metadata.key_bytes);
    let nick = "n".repeat(settings.limits.nick);
    let room = format!("#{}", "r".repeat(settings.limits.channel - 1));
    let mut world = World::new(settings);
    let session = world.arrive(&nick, "");
    world.clear();
    world.say(session, "CAP LS 302");
    world.settle();
    let listed = world.inboxes[&session].concat();
    let max = listed.split("max-value-bytes=").nth(1).unwrap();
    let max: String = max.chars().take_while(char::is_ascii_digit).collect();
    let max: usize = max.parse().unwrap();
    assert!(max < MetadataLimits::default().value_bytes, "{max}");
    answer(&mut world, session, &format!("JOIN {room}"));
    let value = "v".repeat(max);
    let told = answer(
        &mut world,
        session,
        &format!("METADATA {room} SET {key} :{value}"),
    );
    assert!(told[0].ends_with(&format!(" * :{value}")), "{told:?}");
    let long = answer(
        &mut world,
        session,
        &format!("METADATA {room} SET {key} :{value}v"),
    );
    assert!(long[0].contains(" INVALID_VALUE "), "{long:?}");
}

/// Who is where, monitors whom and follows what, as plainly as it can be said.
#[derive(Default)]
struct Model {
    inside: BTreeSet<(usize, usize)>,
    monitors: BTreeSet<(usize, usize)>,
    follows: BTreeSet<(usize, usize)>,
    said: BTreeMap<(String, usize), String>,
}

impl Model {
    fn sees(&self, who: usize, other: usize) -> bool {
        let shared = (0..ROOMS.len())
            .any(|room| self.inside.contains(&(who, room)) && self.inside.contains(&(other, room)));
        shared || self.monitors.contains(&(who, other))
    }

    /// Who hears a change of a key of a person or a room, without who made it.
    fn hearers(&self, by: usize, room: Option<usize>, key: usize) -> BTreeSet<usize> {
        let people = 0..PEOPLE.len();
        people
            .filter(|who| *who != by && self.follows.contains(&(*who, key)))
            .filter(|who| match room {
                Some(room) => self.inside.contains(&(*who, room)),
                None => self.sees(*who, by),
            })
            .collect()
    }
}

#[test]
fn a_change_is_heard_by_who_follows_the_key_and_sees_who_it_is_of_and_by_nobody_else() {
    let seeds = number("METADATA_SEEDS").unwrap_or(20);
    for seed in 0..seeds {
        let mut random = Random(seed);
        let mut world = World::new(settings());
        let sessions = PEOPLE.map(|name| {
            world.place += 1;
            let session = world.arrive(name, CAPABILITIES);
            world.say(session, "PART #general");
            world.settle();
            session
        });
        let mut model = Model::default();
        for _ in 0..150 {
            step(&mut world, &sessions, &mut model, &mut random);
        }
        assert!(!model.said.is_empty(), "seed {seed} says nothing");
    }
}

/// Whether NAMES shows somebody as one who rules in a room.
fn rules_in(world: &mut World, session: SessionId, room: &str, nick: &str) -> bool {
    let names = answer(world, session, &format!("NAMES {room}"));
    let ruler = format!("@{nick}");
    names
        .iter()
        .any(|line| line.contains(" 353 ") && line.split([' ', ':']).any(|name| name == ruler))
}

fn step(world: &mut World, sessions: &[SessionId], model: &mut Model, random: &mut Random) {
    let (by, other) = (random.below(PEOPLE.len()), random.below(PEOPLE.len()));
    let (room, key) = (random.below(ROOMS.len()), random.below(KEYS.len()));
    let value = format!("https://example.org/{}", random.below(1000));
    let (mut changed, mut hears) = (None, BTreeSet::new());
    let line = match random.below(9) {
        0 | 1 => {
            model.inside.insert((by, room));
            format!("JOIN {}", ROOMS[room])
        }
        2 if random.chance(40) => {
            model.inside.remove(&(by, room));
            // An empty room is closed, and what was said of it gone.
            if !model.inside.iter().any(|(_, inside)| *inside == room) {
                model.said.retain(|(target, _), _| target != ROOMS[room]);
            }
            format!("PART {}", ROOMS[room])
        }
        3 => {
            model.monitors.insert((by, other));
            format!("MONITOR + {}", PEOPLE[other])
        }
        4 if random.chance(50) => {
            model.monitors.remove(&(by, other));
            format!("MONITOR - {}", PEOPLE[other])
        }
        5 => {
            model.follows.insert((by, key));
            format!("METADATA * SUB {}", KEYS[key])
        }
        6 if random.chance(30) => {
            model.follows.remove(&(by, key));
            format!("METADATA * UNSUB {}", KEYS[key])
        }
        of => {
            let value = if random.chance(25) {
                ""
            } else {
                value.as_str()
            };
            let own = of != 8;
            let target = if own { PEOPLE[by] } else { ROOMS[room] };
            let before = model.said.get(&(target.to_owned(), key));
            let rules = own || rules_in(world, sessions[by], ROOMS[room], PEOPLE[by]);
            if rules && before.map_or("", String::as_str) != value {
                hears = model.hearers(by, (!own).then_some(room), key);
                changed = Some((target.to_owned(), value.to_owned()));
            }
            format!("METADATA {target} SET {} :{value}", KEYS[key])
        }
    };
    world.clear();
    world.say(sessions[by], &line);
    world.settle();
    if let Some((target, value)) = changed {
        let (numeric, end) = match value.as_str() {
            "" => (766, " :".to_owned()),
            value => (761, format!(" * :{value}")),
        };
        let told = format!(" {numeric} * {target} {}{end}", KEYS[key]);
        let heard = (0..PEOPLE.len()).filter(|who| {
            let inbox = &world.inboxes[&sessions[*who]];
            inbox.iter().filter(|seen| seen.contains(&told)).count() == 1
        });
        assert_eq!(
            heard.collect::<BTreeSet<_>>(),
            hears,
            "{} says {line}",
            PEOPLE[by]
        );
        if value.is_empty() {
            model.said.remove(&(target, key));
        } else {
            model.said.insert((target, key), value);
        }
    } else if line.contains(" SET ") {
        let others = sessions.iter().filter(|session| **session != sessions[by]);
        for other in others {
            assert_eq!(
                world.inboxes[other],
                Vec::<String>::new(),
                "{line} changes nothing"
            );
        }
    }
    let listed = answer(
        world,
        sessions[by],
        &format!("METADATA {} LIST", PEOPLE[other]),
    );
    let said =
        (0..KEYS.len()).filter(|key| model.said.contains_key(&(PEOPLE[other].to_owned(), *key)));
    assert_eq!(counted(&listed).0, said.count(), "{listed:?}");
}
