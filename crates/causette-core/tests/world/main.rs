//! Tests of the core as a whole: conversations written down, and the seeded simulator, both in the same small world.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod accounts;
mod acting;
mod administration;
mod answers;
mod ask;
mod cost;
mod crowd;
mod doors;
mod entering;
mod files;
mod invited;
mod logins;
mod memory;
mod metadata;
mod orders;
mod pages;
mod people;
mod plausible;
mod presence;
mod programs;
mod random;
mod restart;
mod roles;
mod sanctions;
mod security;
mod settings;
mod silent;
mod simulate;
mod transcript;
mod uploads;
mod visibility;
mod visits;
mod words;
mod world;

use causette_core::input::{By, Input};
use causette_core::limits::SESSIONS_PER_USER;
use causette_core::order::Order;
use causette_core::secret::Secret;
use causette_core::settings::Settings;
use settings::settings;
use world::World;

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

#[test]
fn a_page_is_judged_again_when_who_may_read_changes_meanwhile() {
    let mut world = World::new(settings());
    let alice = world.arrive("alice", "draft/chathistory batch");
    let bob = world.arrive("bob", "draft/chathistory batch");
    world.say(alice, "JOIN #tea");
    world.say(bob, "JOIN #tea");
    world.say(alice, "PRIVMSG #tea :milk first");
    world.settle();
    world.clear();
    // In one batch: the question, and then what may change the answer to it. First it does not.
    world.say(bob, "CHATHISTORY LATEST #tea * 10");
    world.say(alice, "MODE #tea +m");
    world.settle();
    let pages = |world: &World| {
        let inbox = &world.inboxes[&bob];
        inbox
            .iter()
            .filter(|line| line.contains("milk first"))
            .count()
    };
    assert_eq!(pages(&world), 1, "{:#?}", world.inboxes[&bob]);
    world.clear();
    world.say(bob, "CHATHISTORY LATEST #tea * 10");
    world.say(alice, "KICK #tea bob :no milk");
    world.settle();
    assert_eq!(pages(&world), 0, "{:#?}", world.inboxes[&bob]);
    let inbox = &world.inboxes[&bob];
    assert!(
        inbox
            .iter()
            .any(|line| line.contains("FAIL CHATHISTORY INVALID_TARGET")),
        "{inbox:#?}"
    );
}

#[test]
fn leaving_before_the_verdict_counts_and_holds_nothing() {
    let mut world = World::new(settings());
    world.arrive("alice", "");
    for number in 0..3 {
        let session = world.connect(&format!("guesser {number}"));
        for line in ["NICK guesser", "USER g 0 * :g", "NS IDENTIFY alice wrong"] {
            world.say(session, line);
        }
        world.commit();
        world.drop_session(session);
        world.settle();
    }
    // Three guesses are counted; two more, and the address waits. None is still being checked.
    let last = world.connect("last");
    for line in ["NICK last", "USER l 0 * :l"] {
        world.say(last, line);
    }
    for _ in 0..3 {
        world.say(last, "NS IDENTIFY alice wrong");
        world.settle();
    }
    let notices = &world.inboxes[&last];
    let count = |text: &str| notices.iter().filter(|line| line.contains(text)).count();
    assert_eq!(
        count("The name or the password is wrong"),
        2,
        "{notices:#?}"
    );
    assert_eq!(count("Too many failed attempts"), 1, "{notices:#?}");
}

#[test]
fn a_device_that_goes_on_with_a_token_that_was_taken_back_makes_nobody_wait() {
    let mut world = World::new(settings());
    let alice = world.arrive("alice", "");
    world.say(alice, "DEVICE ADD :lost");
    world.settle();
    world.say(alice, "DEVICE DEL 1");
    world.settle();
    let sign_in = |world: &mut World, place: u8, secret: &str| {
        world.place = place;
        let session = world.connect("again");
        for line in [&format!("PASS alice:{secret}"), "NICK a", "USER a 0 * :a"] {
            world.say(session, line);
        }
        world.settle();
        world.inboxes[&session].join("\n")
    };
    let token = format!("causette_{:A>43}", 1);
    for _ in 0..20 {
        let seen = sign_in(&mut world, 7, &token);
        assert!(seen.contains("The name or the password is wrong"), "{seen}");
    }
    // Nobody guesses one: nobody else at that address is slowed, and the register notes it ever more rarely.
    for place in [7, 8] {
        let seen = sign_in(&mut world, place, "correct-horse-battery");
        assert!(seen.contains(" 900 "), "{seen}");
    }
    let noted = world.memory.refused_sign_ins;
    assert!((5..20).contains(&noted), "{noted}");
}

#[test]
fn what_was_said_before_the_end_is_answered() {
    let mut world = World::new(settings());
    let alice = world.arrive("alice", "draft/chathistory batch");
    world.say(alice, "PRIVMSG #general :last words");
    world.settle();
    world.clear();
    // All at once: a question, another line, and the end of what is said.
    world.say(alice, "CHATHISTORY LATEST #general * 1");
    world.say(alice, "PING done");
    world.drop_session(alice);
    world.settle();
    let seen = world.inboxes[&alice].join("\n");
    assert!(
        seen.contains("last words") && seen.contains("PONG irc.test :done"),
        "{seen}"
    );
    assert!(seen.ends_with("(closed)"), "{seen}");
}

#[test]
fn answers_that_come_during_a_freeze_are_taken_in_their_order() {
    let mut world = World::new(settings());
    let alice = world.arrive("alice", "");
    let rivals = ["first", "second"].map(|name| {
        let session = world.connect(name);
        for line in [
            &*format!("NICK {name}"),
            "USER r 0 * :r",
            "REGISTER zed * correct-horse-battery",
        ] {
            world.say(session, line);
        }
        session
    });
    world.commit();
    world.recorder_works = false;
    world.say(alice, "PRIVMSG #general :is the disk full?");
    world.commit();
    while let Some(answer) = world.due.pop_front() {
        world.input(answer);
    }
    world.recorder_works = true;
    // One commit brings the thaw, the next what came of it.
    world.settle();
    world.settle();
    let has = |session, text: &str| {
        world.inboxes[&session]
            .iter()
            .any(|line| line.contains(text))
    };
    assert!(has(rivals[0], "REGISTER SUCCESS zed"));
    assert!(has(rivals[1], "FAIL REGISTER ACCOUNT_EXISTS zed"));
}

#[test]
fn nobody_signs_in_to_an_account_that_was_dropped_meanwhile() {
    let mut world = World::new(settings());
    let alice = world.arrive("alice", "");
    let late = world.connect("late");
    for line in ["NICK late", "USER l 0 * :l"] {
        world.say(late, line);
    }
    world.settle();
    world.say(late, "NS IDENTIFY alice correct-horse-battery");
    world.commit();
    world.say(alice, "NS DROP alice");
    world.settle();
    let seen = world.inboxes[&late].join("\n");
    assert!(seen.contains("The name or the password is wrong"), "{seen}");
}

#[test]
fn who_signs_in_again_is_still_one_session() {
    let mut world = World::new(settings());
    world.arrive("alice", "");
    let again = world.connect("again");
    for line in [
        "CAP REQ :sasl",
        "NICK again",
        "USER again 0 * :again",
        "AUTHENTICATE PLAIN",
        "AUTHENTICATE AGFsaWNlAGNvcnJlY3QtaG9yc2UtYmF0dGVyeQ==",
        "AUTHENTICATE PLAIN",
        "AUTHENTICATE AGFsaWNlAGNvcnJlY3QtaG9yc2UtYmF0dGVyeQ==",
        "CAP END",
        "NS DROP alice",
    ] {
        world.say(again, line);
        world.settle();
    }
    let seen = world.inboxes[&again].join("\n");
    assert_eq!(seen.matches(" 903 ").count(), 2, "{seen}");
    let other = world.arrive("alice", "");
    let seen = world.inboxes[&other].join("\n");
    assert!(seen.contains("REGISTER SUCCESS alice"), "{seen}");
}

#[test]
fn a_password_that_was_changed_meanwhile_does_not_come_back() {
    let mut world = World::new(settings());
    let alice = world.arrive("alice", "");
    let id = *world.memory.verifiers.keys().next().unwrap();
    // From now on a sign-in with the password completes what is kept of it.
    let scram = Settings {
        scram: true,
        ..settings()
    };
    world.input(Input::Reloaded {
        by: By::Server,
        result: Ok(Box::new(scram)),
    });
    world.say(
        alice,
        "NS SET PASSWORD correct-horse-battery tomorrow-never-knows",
    );
    world.commit();
    let checked = world.due.pop_front().unwrap();
    world.input(checked);
    let late = world.connect("late");
    for line in [
        "NICK late",
        "USER l 0 * :l",
        "NS IDENTIFY alice correct-horse-battery",
    ] {
        world.say(late, line);
    }
    // Both questions are answered by what was kept before the change; then the change comes first.
    world.settle();
    let seen = world.inboxes[&late].join("\n");
    assert!(!seen.contains(" 900 "), "it opens nothing: {seen}");
    assert!(seen.contains("try again"), "{seen}");
    let kept = &world.memory.verifiers[&id].0;
    assert!(kept.starts_with("tomorrow-never-knows"), "{kept}");
}

#[test]
fn the_administrator_makes_no_account_of_what_somebody_goes_by() {
    let mut world = World::new(settings());
    let alice = world.arrive("alice", "");
    world.say(alice, "NICK ally");
    world.settle();
    let make = |world: &mut World, name: &str| {
        let order = Order::CreateAccount {
            name: name.into(),
            password: Secret::new("correct-horse-battery"),
        };
        world.order(1, order);
        world.settle();
        world.memory.accounts.len()
    };
    assert_eq!(make(&mut world, "ally"), 1);
    assert_eq!(make(&mut world, "ALLY"), 1);
    assert_eq!(make(&mut world, "admin"), 2);
    // Nor of what somebody took while the password was being hashed.
    let order = Order::CreateAccount {
        name: "late".into(),
        password: Secret::new("correct-horse-battery"),
    };
    world.order(2, order);
    world.commit();
    world.say(alice, "NICK late");
    world.settle();
    assert_eq!(world.memory.accounts.len(), 2);
}
