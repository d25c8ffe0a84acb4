//! Connections that never spoke: one entry for those of an address, once a minute.

use crate::memory::Memory;
use crate::settings::settings;
use crate::world::World;
use causette_core::input::{By, Ending, Input};
use causette_core::limits::{REGISTRATION_SECONDS, SILENT_SECONDS};

/// How many connections the record knows of: by an entry of their own, and counted.
fn known(memory: &Memory) -> (u64, Vec<(String, u32)>) {
    let silent = memory.silent.iter();
    let silent = silent.map(|(address, count)| (address.to_string(), *count));
    (memory.sessions_opened, silent.collect())
}

fn tick(world: &mut World, seconds: i64) {
    for _ in 0..seconds {
        world.pass(999_000);
        world.input(Input::Tick);
        world.settle();
    }
}

#[test]
fn who_says_nothing_is_counted_by_address_and_minute() {
    let mut world = World::new(settings());
    for (place, count) in [(1, 3), (2, 1)] {
        world.place = place;
        for number in 0..count {
            let session = world.connect(&format!("{place}-{number}"));
            world.drop_session(session);
        }
    }
    tick(&mut world, SILENT_SECONDS - 1);
    assert_eq!(known(&world.memory), (0, vec![]));
    let late = world.connect("late");
    world.drop_session(late);
    tick(&mut world, 1);
    let counted = vec![("192.0.2.1".to_owned(), 3), ("192.0.2.2".to_owned(), 2)];
    assert_eq!(known(&world.memory), (0, counted));
    // The next minute begins with the next one.
    let next = world.connect("next");
    world.drop_session(next);
    tick(&mut world, SILENT_SECONDS);
    assert_eq!(known(&world.memory).1.len(), 3);
}

#[test]
fn who_says_a_word_is_entered_once() {
    let mut world = World::new(settings());
    let session = world.connect("one");
    world.say(session, "NICK one");
    world.say(session, "NICK two");
    world.say(session, "\u{1}");
    world.drop_session(session);
    let flood = world.connect("flood");
    let reason = Ending::Flood;
    let session = flood;
    world.input(Input::Closed { session, reason });
    world.settle();
    assert_eq!(known(&world.memory), (2, vec![]));
    assert!(world.memory.open_sessions.is_empty());
    tick(&mut world, 2 * SILENT_SECONDS);
    assert_eq!(known(&world.memory), (2, vec![]));
}

#[test]
fn who_never_registers_and_who_is_there_at_the_stop_are_counted() {
    let mut world = World::new(settings());
    world.connect("patient");
    tick(&mut world, i64::from(REGISTRATION_SECONDS));
    world.connect("last");
    let (by, reason) = (By::Server, "for the night".into());
    world.input(Input::Stop { by, reason });
    world.settle();
    assert_eq!(known(&world.memory), (0, vec![("192.0.2.1".to_owned(), 2)]));
}

#[test]
fn what_is_said_while_nothing_can_be_recorded_is_entered_later() {
    let mut world = World::new(settings());
    let (spoke, silent) = (world.connect("spoke"), world.connect("silent"));
    let alice = world.arrive("alice", "");
    world.recorder_works = false;
    world.say(alice, "PRIVMSG #general :parked");
    world.settle();
    world.say(spoke, "NICK spoke");
    world.drop_session(spoke);
    world.drop_session(silent);
    world.recorder_works = true;
    world.settle();
    tick(&mut world, SILENT_SECONDS);
    assert_eq!(known(&world.memory), (2, vec![("192.0.2.1".to_owned(), 1)]));
}
