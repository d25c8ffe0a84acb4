//! What an input costs beyond the line that it is: as many lines as it is told in fours of rooms.

use crate::settings::settings;
use crate::world::World;
use causette_core::limits::{CHANNELS_PER_USER, LINES_OWED};

/// What a line costs beyond itself.
fn cost(world: &mut World, line: &str) -> u32 {
    let session = world.names["alice"];
    world.say(session, line);
    let cost = world.core.cost();
    world.settle();
    cost
}

#[test]
fn what_is_told_in_many_rooms_costs_as_many_fours() {
    let mut world = World::new(settings());
    world.arrive("alice", "");
    // She is in #general too.
    for (rooms, lines) in [(4, 0), (5, 1), (8, 1), (9, 2), (CHANNELS_PER_USER, 24)] {
        let held = |world: &World| world.memory.channels.len();
        while held(&world) < rooms {
            let room = format!("JOIN #{}", held(&world));
            assert_eq!(cost(&mut world, &room), 0, "a list is paid for by its line");
        }
        for (line, expected) in [
            ("NICK zoe", lines),
            ("NICK alice", lines),
            ("NICK alice", 0),
            ("AWAY :tea", lines),
            ("AWAY :tea", 0),
            ("AWAY", lines),
            ("SETNAME :somebody", lines),
            ("PRIVMSG #general :to all", 0),
            ("LIST", 0),
        ] {
            assert_eq!(cost(&mut world, line), expected, "{line} in {rooms} rooms");
        }
    }
    assert!(cost(&mut world, "NICK zoe") < LINES_OWED);
}

#[test]
fn a_guest_pays_for_leaving_as_for_entering() {
    let mut settings = settings();
    settings.accounts_required = false;
    let mut world = World::new(settings);
    let alice = world.connect("alice");
    for line in ["NICK alice", "USER alice 0 * :alice", "JOIN #a,#b,#c,#d,#e"] {
        world.say(alice, line);
    }
    world.settle();
    // Nobody is left who could owe it; whoever comes again pays for each room again.
    assert_eq!(cost(&mut world, "QUIT"), 1);
    world.arrive("bob", "");
    assert_eq!(world.core.cost(), 0);
}

#[test]
fn who_is_seen_to_go_and_come_by_a_word_pays_for_each_room() {
    let mut world = World::new(settings());
    world.arrive("alice", "draft/pre-away");
    world.say_all("alice", "JOIN #a,#b,#c,#d,#e,#f,#g,#h");
    for stays in ["on", "off"] {
        world.say_all("alice", &format!("NS SET always-on {stays}"));
        // She is in #general too.
        for line in ["AWAY *", "AWAY"] {
            assert_eq!(cost(&mut world, line), 2, "{line} with always-on {stays}");
            assert_eq!(cost(&mut world, line), 0, "{line} is so already");
        }
    }
}
