//! The channel of those who run the server, where another has its name or somebody loses the right to be in it.

use crate::settings::settings;
use crate::world::World;
use causette_core::id::{Room, UserId};
use causette_core::input::{By, Input};
use causette_core::order::Order;
use causette_core::record::{Fact, Record};
use causette_core::right::Role;
use causette_core::settings::Settings;

fn reload(world: &mut World, settings: Settings) {
    let (by, result) = (By::Server, Ok(Box::new(settings)));
    world.input(Input::Reloaded { by, result });
    world.settle();
}

/// Something that those who run the server are told.
fn act(world: &mut World) {
    let text = "hear".into();
    world.obey(Order::Alert { text, kept: true });
}

fn members(world: &World) -> Option<usize> {
    let snapshot = world.core.snapshot();
    let mut channels = snapshot.channels.iter();
    let found = channels.find(|channel| channel.name.as_str() == "#administration");
    found.map(|channel| channel.members.len())
}

#[test]
fn a_channel_that_people_had_before_is_theirs_until_they_leave() {
    let without = Settings {
        administration_room: None,
        ..settings()
    };
    let mut world = World::new(without.clone());
    world.arrive("alice", "");
    world.arrive("boss", "");
    world.say_all("boss", "OPER boss :operator's secret");
    world.say_all("alice", "JOIN #administration");
    act(&mut world);
    assert_eq!(members(&world), Some(1), "there was to be none");
    world.clear();
    reload(&mut world, settings());
    let told = world.inboxes[&world.names["boss"]].join("\n");
    assert!(
        told.contains("#administration is in use by others"),
        "{told}"
    );
    let kept = |world: &mut World| {
        world.log = Some(Vec::new());
        act(world);
        let log = world.log.take().unwrap();
        let said = |record: &Record| match &record.fact {
            Fact::Event { rooms, event } => {
                event.author == UserId::ADMINISTRATION && matches!(rooms[..], [Room::Channel(_)])
            }
            _ => false,
        };
        log.iter().any(said)
    };
    assert!(!kept(&mut world));
    // Also after a restart.
    let mut memory = world.memory.clone();
    memory.close_sessions();
    let mut world = World::restored(settings(), memory, world.now);
    assert!(!kept(&mut world));
    assert_eq!(members(&world), Some(1));
    world.connect("alice");
    for line in [
        "NICK alice",
        "USER alice 0 * :Alice",
        "NS IDENTIFY alice correct-horse-battery",
        "PART #administration",
    ] {
        world.say_all("alice", line);
    }
    assert!(kept(&mut world));
    assert_eq!(members(&world), Some(0));
    let told = world.say_all("alice", "JOIN #administration");
    assert!(told.contains("those who run this server"), "{told}");
    // Where there is to be none any more, it goes.
    reload(&mut world, without);
    assert_eq!(members(&world), None);
}

#[test]
fn nobody_stays_in_it_who_loses_the_right_to_be_there() {
    let mut world = World::new(settings());
    for name in ["alice", "bob", "boss"] {
        world.arrive(name, "");
    }
    let give = |world: &mut World, account: &str, role| {
        world.obey(Order::GiveRole {
            account: account.into(),
            role,
            reason: "why".into(),
        });
    };
    give(&mut world, "alice", Role::Moderator);
    give(&mut world, "bob", Role::Auditor);
    world.say_all("boss", "OPER boss :operator's secret");
    for name in ["alice", "bob", "boss"] {
        world.say_all(name, "JOIN #administration");
    }
    assert_eq!(members(&world), Some(2), "the auditor is not told");
    // While absent; by the configuration; with the connection.
    world.drop_session(world.names["alice"]);
    world.settle();
    assert_eq!(members(&world), Some(2), "who is always on stays");
    give(&mut world, "alice", Role::User);
    assert_eq!(members(&world), Some(1));
    let without = Settings {
        operators: Vec::new(),
        ..settings()
    };
    reload(&mut world, without);
    assert_eq!(members(&world), Some(0));
    reload(&mut world, settings());
    world.say_all("boss", "OPER boss :operator's secret");
    world.say_all("boss", "JOIN #administration");
    assert_eq!(members(&world), Some(1));
    world.drop_session(world.names["boss"]);
    world.settle();
    assert_eq!(members(&world), Some(0));
}
