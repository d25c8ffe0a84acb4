//! What is under way: its owner sees it and gives it up, and nobody else.

use super::*;
use causette_core::file::ComingRef;

#[test]
fn what_is_cancelled_is_never_there_and_holds_no_room() {
    let mut settings = settings();
    settings.files.account_bytes = 100;
    let mut world = World::new(settings);
    world.arrive("alice", "");
    world.place += 1;
    world.arrive("bob", "");
    let begin = |world: &mut World, number, by| {
        let wish = wanted(number, "notes.txt", 100, Audience::Private);
        ask(world, By::Account(by), wish)
    };
    begin(&mut world, 1, "alice").unwrap();
    assert_eq!(fault(begin(&mut world, 2, "alice")), Fault::NoRoom);
    begin(&mut world, 3, "bob").unwrap();
    // Nobody finds that of another.
    let one = || FileWish::Cancel(ComingRef::Number(1));
    let others = ask(&mut world, By::Account("bob"), one());
    assert_eq!(fault(others), Fault::NotFound);
    assert!(world.cancelled.is_empty());
    let cancelled = ask(&mut world, By::Account("alice"), one());
    let Ok(Done::Coming(coming)) = cancelled else {
        panic!("{cancelled:?}");
    };
    assert_eq!((coming.len(), coming[0].number), (1, 1));
    assert_eq!(world.cancelled, [PermitKey([1; 16])]);
    begin(&mut world, 2, "alice").unwrap();
    // Its last bytes came meanwhile: they are no file, and need not be kept.
    assert_eq!(fault(arrive(&mut world, 1, 100)), Fault::NotFound);
    assert_eq!(world.unused, [Digest([1; 32])]);
    let all = ask(
        &mut world,
        By::Account("alice"),
        FileWish::Cancel(ComingRef::All),
    );
    assert!(matches!(all, Ok(Done::Coming(coming)) if coming.len() == 1));
    let none = ask(&mut world, By::Account("alice"), FileWish::Coming);
    assert_eq!(none, Ok(Done::Coming(Vec::new())));
    assert!(arrive(&mut world, 3, 100).is_ok());
}

#[test]
fn what_goes_on_behind_a_restart_is_numbered_in_the_order_in_which_it_began() {
    let (mut world, _) = people();
    let mut permits = Vec::new();
    // Their keys are in the other order.
    for (number, name) in (1..=3).rev().zip(["first", "second", "third"]) {
        let wish = wanted(number, name, 1, Audience::Private);
        match ask(&mut world, By::Account("alice"), wish) {
            Ok(Done::Permitted(permit)) => permits.insert(0, *permit),
            other => panic!("{other:?}"),
        }
    }
    let begun = ask(&mut world, By::Account("alice"), FileWish::Coming);
    let Ok(Done::Coming(coming)) = &begun else {
        panic!("{begun:?}");
    };
    let told: Vec<_> = coming.iter().map(|upload| upload.name.as_str()).collect();
    assert_eq!(told, ["third", "second", "first"]);
    let mut memory = world.memory.clone();
    memory.close_sessions();
    let mut again = World::restored(settings(), memory, world.now);
    again.input(Input::Permits(permits));
    let after = ask(&mut again, By::Account("alice"), FileWish::Coming);
    assert_eq!(after, begun);
}
