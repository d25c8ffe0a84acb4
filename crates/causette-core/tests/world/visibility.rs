//! Who may read what of a room: random people enter and leave one that is closed, opened, renamed and spoken of, and what each is shown of
//! its past, and of what is said of it under keys, is what a model without any cleverness says.

use crate::random::{Random, number};
use crate::settings::settings;
use crate::world::World;
use causette_core::id::SessionId;
use causette_core::limits::RENAME_SECONDS;
use std::collections::BTreeMap;

const CAPABILITIES: &str = "batch message-tags standard-replies draft/chathistory draft/metadata-3";
const PEOPLE: [&str; 4] = ["ann", "bea", "cyd", "dan"];
const NAMES: [&str; 3] = ["#a", "#b", "#thé"];
const STEPS: usize = 60;

/// Something that was said.
struct Said {
    text: String,
    /// Whether not everyone could enter then.
    closed: bool,
}

/// What somebody is in the room.
struct Member {
    /// How much had been said when they entered.
    entered: usize,
    /// Whether they moderate it.
    moderates: bool,
}

/// A room as one would remember it who was there all the time.
struct Model {
    name: usize,
    invite_only: bool,
    has_key: bool,
    said: Vec<Said>,
    /// How much of it was opened to everybody in it.
    opened: usize,
    status: Option<String>,
    members: BTreeMap<usize, Member>,
}

impl Model {
    fn name(&self) -> &'static str {
        NAMES[self.name]
    }

    fn is_closed(&self) -> bool {
        self.invite_only || self.has_key
    }

    /// What somebody may read of the past; `None` for who is not in it.
    fn readable(&self, person: usize) -> Option<Vec<&str>> {
        let member = self.members.get(&person)?;
        let said = self.said.iter().enumerate();
        let shown = said.filter(|(place, said)| {
            let was_there = *place >= member.entered;
            let in_the_open = !said.closed && !self.is_closed();
            member.moderates || was_there || *place < self.opened || in_the_open
        });
        Some(shown.map(|(_, said)| said.text.as_str()).collect())
    }
}

fn say(world: &mut World, session: SessionId, line: &str) -> Vec<String> {
    world.clear();
    world.say(session, line);
    world.settle();
    world.inboxes[&session].clone()
}

/// Whether somebody entered, by what they are shown.
fn enters(world: &mut World, session: SessionId, line: &str, nick: &str) -> bool {
    let shown = say(world, session, line);
    let came = format!(":{nick}!{nick}@account/{nick} JOIN ");
    shown.iter().any(|line| line.contains(&came))
}

fn step(world: &mut World, sessions: &[SessionId], model: &mut Model, random: &mut Random) {
    let person = random.below(PEOPLE.len());
    let (session, nick, room) = (sessions[person], PEOPLE[person], model.name());
    let (owner, other) = (sessions[0], PEOPLE[1 + random.below(PEOPLE.len() - 1)]);
    let place = PEOPLE.iter().position(|name| *name == other).unwrap();
    match random.below(13) {
        0..3 if model.members.contains_key(&person) => {
            let text = format!("m{}", model.said.len());
            say(world, session, &format!("PRIVMSG {room} :{text}"));
            let closed = model.is_closed();
            model.said.push(Said { text, closed });
        }
        0..4 if !model.members.contains_key(&person) => {
            let key = if random.chance(50) { " sesame" } else { "" };
            if enters(world, session, &format!("JOIN {room}{key}"), nick) {
                let member = Member {
                    entered: model.said.len(),
                    // What its owner is there is theirs whenever they come.
                    moderates: person == 0,
                };
                model.members.insert(person, member);
            }
        }
        4 => {
            say(world, session, &format!("PART {room}"));
            model.members.remove(&person);
        }
        // The rest is the owner's to do, who is there.
        _ if !model.members.contains_key(&0) => {}
        5 => {
            model.invite_only = !model.invite_only;
            let sign = if model.invite_only { '+' } else { '-' };
            say(world, owner, &format!("MODE {room} {sign}i"));
        }
        6 => {
            model.has_key = !model.has_key;
            let sign = if model.has_key { '+' } else { '-' };
            say(world, owner, &format!("MODE {room} {sign}k sesame"));
        }
        7 => {
            say(world, owner, &format!("INVITE {other} {room}"));
        }
        8 => {
            say(world, owner, &format!("KICK {room} {other}"));
            model.members.remove(&place);
        }
        9 => {
            if let Some(member) = model.members.get_mut(&place) {
                member.moderates = !member.moderates;
                let sign = if member.moderates { '+' } else { '-' };
                say(world, owner, &format!("MODE {room} {sign}h {other}"));
            }
        }
        10 => {
            let name = random.below(NAMES.len());
            world.pass(RENAME_SECONDS * 1_000_000);
            if name != model.name {
                say(world, owner, &format!("RENAME {room} {}", NAMES[name]));
                model.name = name;
            }
        }
        11 => {
            say(world, owner, &format!("CS REVEAL {room} {room}"));
            model.opened = model.said.len();
        }
        _ => {
            let status = random.chance(70).then(|| format!("s{}", model.said.len()));
            let value = status.as_deref().unwrap_or_default();
            say(
                world,
                owner,
                &format!("METADATA {room} SET status :{value}"),
            );
            model.status = status;
        }
    }
}

/// Compares what everybody is shown.
fn check(world: &mut World, sessions: &[SessionId], model: &Model) {
    for (person, session) in sessions.iter().enumerate() {
        let (nick, room) = (PEOPLE[person], model.name());
        let shown = say(
            world,
            *session,
            &format!("CHATHISTORY LATEST {room} * 1000"),
        );
        let refused = shown.iter().any(|line| line.contains(" FAIL CHATHISTORY "));
        let head = format!(" PRIVMSG {room} :");
        let texts = shown.iter().filter_map(|line| line.split(&head).nth(1));
        let texts: Vec<&str> = texts.collect();
        assert_eq!(
            (!refused).then_some(texts),
            model.readable(person),
            "{nick} of {room}: {shown:#?}"
        );
        for other in NAMES.iter().filter(|name| **name != room) {
            let gone = say(world, *session, &format!("CHATHISTORY LATEST {other} * 1"));
            let refused = gone.iter().any(|line| line.contains(" FAIL CHATHISTORY "));
            assert!(refused, "{nick} of {other}: {gone:?}");
        }
        let told = say(world, *session, &format!("METADATA {room} GET status"));
        let is_member = model.members.contains_key(&person);
        let value = told.iter().find(|line| line.contains(" 761 "));
        let value = value.and_then(|line| line.rsplit(" :").next());
        let readable = is_member || !model.is_closed();
        assert_eq!(
            value,
            model.status.as_deref().filter(|_| readable),
            "{nick} of {room}: {told:?}"
        );
    }
}

#[test]
fn everybody_reads_what_was_said_where_they_were_or_in_the_open_or_was_opened() {
    let seeds = number("CAUSETTE_VISIBILITY_SEEDS").unwrap_or(60);
    for seed in 0..seeds {
        let mut random = Random(seed + 1);
        let mut world = World::new(settings());
        let sessions = PEOPLE.map(|name| world.arrive(name, CAPABILITIES));
        say(&mut world, sessions[0], &format!("JOIN {}", NAMES[0]));
        say(
            &mut world,
            sessions[0],
            &format!("CS REGISTER {}", NAMES[0]),
        );
        let owner = Member {
            entered: 0,
            moderates: true,
        };
        let mut model = Model {
            name: 0,
            invite_only: false,
            has_key: false,
            said: Vec::new(),
            opened: 0,
            status: None,
            members: BTreeMap::from([(0, owner)]),
        };
        for _ in 0..STEPS {
            step(&mut world, &sessions, &mut model, &mut random);
            if random.chance(25) {
                check(&mut world, &sessions, &model);
            }
        }
        check(&mut world, &sessions, &model);
    }
}
