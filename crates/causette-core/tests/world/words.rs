//! What is bounded and what it costs where words are looked for.

use crate::settings::settings;
use crate::world::World;
use causette_core::filter::FilterAction;
use causette_core::id::HeldId;
use causette_core::input::Input;
use causette_core::limits::{
    FILTERS, HELD_ENDED_AT_ONCE, HELD_SECONDS, MESSAGES_HELD, MESSAGES_HELD_BY_ONE,
};
use causette_core::order::Order;
use causette_core::record::{Fact, Who};
use causette_text::Language;
use std::time::{Duration, Instant};

fn world() -> World {
    let mut settings = settings();
    settings.language = Language::En;
    World::new(settings)
}

fn look_for(world: &mut World, pattern: &str, action: FilterAction) -> String {
    world.obey(Order::SetFilter {
        pattern: pattern.into(),
        action,
        room: None,
        reason: "why".into(),
    })
}

/// Has messages wait: of so many people, as many each as one may have.
fn let_wait(world: &mut World, people: usize) {
    look_for(world, "secret", FilterAction::Hold);
    for number in 0..people {
        // One address may not sign up so many.
        world.place += 1;
        let name = format!("p{number}");
        world.arrive(&name, "");
        for message in 0..MESSAGES_HELD_BY_ONE {
            let line = format!("PRIVMSG #general :secret {message}");
            let told = world.say_all(&name, &line);
            assert!(told.contains("waits until"), "{told}");
        }
    }
}

#[test]
fn so_many_messages_of_one_wait_and_so_many_of_all() {
    let mut world = world();
    let people = MESSAGES_HELD / MESSAGES_HELD_BY_ONE;
    let_wait(&mut world, people - 1);
    let told = world.say_all("p0", "PRIVMSG #general :secret");
    assert!(told.contains("too many"), "{told}");
    let told = world.say_all("p0", "PRIVMSG #general :as usual");
    assert!(told.is_empty(), "{told}");
    let mut world = self::world();
    let_wait(&mut world, people);
    world.place += 1;
    world.arrive("late", "");
    let told = world.say_all("late", "PRIVMSG #general :secret");
    assert!(told.contains("too many"), "{told}");
    assert_eq!(world.core.snapshot().held.rows.len(), MESSAGES_HELD);
}

#[test]
fn what_nobody_decided_about_is_given_up_a_few_at_a_tick() {
    let mut world = world();
    let_wait(&mut world, 2);
    let waiting = |world: &World| world.core.snapshot().held.rows.len();
    world.pass(HELD_SECONDS * 1_000_000);
    world.log = Some(Vec::new());
    for tick in 1..=2 {
        world.input(Input::Tick);
        world.settle();
        let expected = 2 * MESSAGES_HELD_BY_ONE - tick * HELD_ENDED_AT_ONCE;
        assert_eq!(waiting(&world), expected);
    }
    let decided = world.log.take().unwrap();
    let numbers = decided.iter().filter_map(|record| match record.fact {
        Fact::HeldDecided { held, released } => {
            assert!(!released && record.by == Who::Server);
            Some(held.0)
        }
        _ => None,
    });
    let in_order: Vec<u64> = (1..=2 * MESSAGES_HELD_BY_ONE as u64).collect();
    assert_eq!(numbers.collect::<Vec<_>>(), in_order);
}

#[test]
fn what_is_let_pass_is_the_act_of_who_let_it_pass() {
    let mut world = world();
    let_wait(&mut world, 1);
    world.log = Some(Vec::new());
    let (held, release) = (HeldId(1), true);
    world.obey(Order::DecideHeld { held, release });
    let records = world.log.take().unwrap();
    // Between them those who run the server are told, in their room.
    let [decided, .., said] = &records[..] else {
        panic!("{records:?}");
    };
    assert_eq!(decided.by, Who::System("root".into()));
    assert_eq!(said.by, decided.by);
    let Fact::Event { event, .. } = &said.fact else {
        panic!("{said:?}");
    };
    assert_eq!(event.source, "p0!p0@account/p0");
    assert_eq!(event.account.as_ref().map(|name| name.as_str()), Some("p0"));
    assert_eq!(event.time, said.time);
}

#[test]
fn there_are_so_many_filters_and_each_is_tried() {
    let mut world = world();
    for number in 0..FILTERS {
        let told = look_for(&mut world, &format!("*a*a*a*{number}b"), FilterAction::Drop);
        assert!(told.contains("is set"), "{told}");
    }
    let told = look_for(&mut world, "more", FilterAction::Drop);
    assert!(told.contains("already, their bound"), "{told}");
    world.arrive("alice", "batch draft/multiline");
    // The longest message that there is.
    let line = format!("@batch=m PRIVMSG #general :{}", "a".repeat(400));
    world.say_all("alice", "BATCH +m draft/multiline #general");
    for _ in 0..40 {
        world.say_all("alice", &line);
    }
    let begun = Instant::now();
    let told = world.say_all("alice", "BATCH -m");
    let took = begun.elapsed();
    assert!(!told.contains("does not let"), "{told}");
    println!("{FILTERS} filters over 16 kB: {took:?}");
    // Without optimisation, and on a machine that does other things.
    assert!(took < Duration::from_secs(5), "{took:?}");
    let told = world.say_all("alice", "PRIVMSG #general :aa17a aaa aaa17b");
    assert!(told.contains("does not let"), "{told}");
}
