//! Tests of the core as a whole: conversations written down, and the seeded simulator, both in the same small world.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod memory;
mod simulate;
mod transcript;
mod world;

use causette_core::limits::SESSIONS_PER_USER;
use world::{World, settings};

#[test]
fn the_sessions_of_one_account_are_bounded() {
    let mut world = World::new(settings());
    world.arrive("alice", "");
    let plain = "AGFsaWNlAGNvcnJlY3QtaG9yc2UtYmF0dGVyeQ==";
    let mut refused = 0;
    // None of them completes its registration before all have signed in.
    for number in 1..=SESSIONS_PER_USER {
        let session = world.connect(&format!("session {number}"));
        for line in [
            "CAP REQ :sasl",
            "AUTHENTICATE PLAIN",
            &format!("AUTHENTICATE {plain}"),
        ] {
            world.say(session, line);
        }
        world.settle();
        refused += world.inboxes[&session]
            .iter()
            .filter(|line| line.contains(" 904 "))
            .count();
    }
    assert_eq!(refused, 1, "the one beyond the bound");
    let first = world.names["session 1"];
    world.drop_session(first);
    let another = world.connect("another");
    for line in [
        "CAP REQ :sasl",
        "AUTHENTICATE PLAIN",
        &format!("AUTHENTICATE {plain}"),
    ] {
        world.say(another, line);
    }
    world.settle();
    assert!(
        world.inboxes[&another]
            .iter()
            .any(|line| line.contains(" 903 "))
    );
}
