//! Many who sign in at once from one address: those who are right get in, and who cannot be looked at is not told to be wrong.

use crate::settings::settings;
use crate::world::World;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use causette_core::id::SessionId;
use causette_core::input::{Credential, Input, Visit, Wish};
use causette_core::limits;
use causette_core::output::{Fault, Undone};
use causette_core::secret::Secret;
use causette_core::settings::Settings;
use causette_text::Language;
use std::net::IpAddr;

const PASSWORD: &str = "correct-horse-battery";

/// Sends the password of a name by SASL, and waits for nothing.
fn sign_in(world: &mut World, name: &str, password: &str) -> SessionId {
    let session = world.connect(name);
    let encoded = STANDARD.encode(format!("\0{name}\0{password}"));
    for line in [
        "CAP REQ :sasl",
        "AUTHENTICATE PLAIN",
        &format!("AUTHENTICATE {encoded}"),
    ] {
        world.say(session, line);
    }
    session
}

fn saw(world: &World, session: SessionId, text: &str) -> bool {
    let seen = &world.inboxes[&session];
    seen.iter().any(|line| line.contains(text))
}

/// As many sign-ins as may wait at one address, none of which has come to its turn.
fn crowd(world: &mut World) -> Vec<SessionId> {
    let waiting = limits::CHECKS_WAITING_OF_ADDRESS + limits::CHECKS_PER_ORIGIN;
    let sessions = (0..waiting).map(|number| sign_in(world, &format!("n{number}"), "wrong"));
    sessions.collect()
}

#[test]
fn all_who_are_right_get_in_and_who_is_wrong_is_told() {
    let mut world = World::new(settings());
    let people: Vec<String> = (0..40).map(|number| format!("person{number}")).collect();
    for (place, name) in people.iter().enumerate() {
        // Each signs up elsewhere.
        world.place = 100 + u8::try_from(place).unwrap();
        world.arrive(name, "");
    }
    world.place = 1;
    let wrong = sign_in(&mut world, "person7", "wrong-horse-battery");
    let right: Vec<SessionId> = people
        .iter()
        .map(|name| sign_in(&mut world, name, PASSWORD))
        .collect();
    world.settle();
    assert!(saw(&world, wrong, " 904 "));
    for session in right {
        let seen = &world.inboxes[&session];
        assert!(saw(&world, session, " 903 "), "{seen:#?}");
    }
}

#[test]
fn who_finds_the_queue_full_is_not_told_to_be_wrong() {
    let mut world = World::new(settings());
    let alice = world.arrive("alice", "");
    world.say(alice, "DEVICE ADD :phone");
    world.settle();
    let token = format!("causette_{:A>43}", 1);
    let crowd = crowd(&mut world);
    let late = sign_in(&mut world, "alice", PASSWORD);
    let by_token = sign_in(&mut world, "alice", &token);
    let pass = world.connect("pass");
    for line in [
        &*format!("PASS alice:{PASSWORD}"),
        "NICK p",
        "USER p 0 * :p",
    ] {
        world.say(pass, line);
    }
    let identify = world.connect("identify");
    for line in ["NICK i", "USER i 0 * :i", "NS IDENTIFY alice a-password"] {
        world.say(identify, line);
    }
    let newcomer = world.connect("newcomer");
    for line in ["NICK new", &format!("REGISTER new * {PASSWORD}")] {
        world.say(newcomer, line);
    }
    world.say(alice, "OPER boss guess");
    let visit = Visit {
        address: IpAddr::from([192, 0, 2, 1]),
        exempt: false,
        language: Language::En,
        credential: Credential::Password {
            name: "alice".into(),
            password: Secret::new(PASSWORD),
        },
        wish: Wish::Account,
    };
    world.input(Input::Visit { ticket: 1, visit });
    // Elsewhere nobody notices.
    world.place = 2;
    let elsewhere = sign_in(&mut world, "alice", PASSWORD);
    world.settle();
    let fail = "FAIL AUTHENTICATE TEMPORARILY_UNAVAILABLE :The server has too much to do";
    assert!(saw(&world, late, fail) && saw(&world, late, " 906 "));
    assert!(!saw(&world, late, " 904 "));
    assert!(saw(&world, by_token, " 903 "), "a token waits for nothing");
    assert!(saw(&world, pass, "FAIL PASS TEMPORARILY_UNAVAILABLE :"));
    assert!(saw(&world, pass, "(closed)") && !saw(&world, pass, " 464 "));
    assert!(saw(
        &world,
        identify,
        "NOTICE i :The server has too much to do"
    ));
    assert!(saw(
        &world,
        newcomer,
        "FAIL REGISTER TEMPORARILY_UNAVAILABLE new :"
    ));
    assert!(saw(&world, alice, "too much to do") && !saw(&world, alice, " 464 "));
    let (_, answered) = world.visited.last().unwrap();
    assert!(matches!(
        answered,
        Err(Undone {
            fault: Fault::Busy,
            ..
        })
    ));
    assert!(saw(&world, elsewhere, " 903 "));
    // The guesses behind the first failures wait for the end of the delay, and are put off when it is too long.
    for _ in 0..limits::CHECK_WAITING_SECONDS {
        world.input(Input::Tick);
        world.settle();
    }
    let count = |text: &str| {
        let seen = crowd.iter().filter(|session| saw(&world, **session, text));
        seen.count()
    };
    assert_eq!(count(" 904 "), 8);
    assert_eq!(count(" 906 "), crowd.len() - 8);
    let counts = world.core.counts();
    assert_eq!(counts.checks_waiting, 0);
    // Those that were put off at the end, and before them six at the door.
    assert_eq!(counts.checks_turned_away, crowd.len() as u64 - 8 + 6);
}

#[test]
fn scram_is_tried_with_its_proof_and_put_off_in_the_same_words() {
    let scram = Settings {
        scram: true,
        ..settings()
    };
    let mut world = World::new(scram);
    world.arrive("alice", "");
    let session = world.connect("scram");
    for line in [
        "CAP REQ :sasl",
        "AUTHENTICATE SCRAM-SHA-256",
        "AUTHENTICATE biwsbj1hbGljZSxyPWNsaWVudA==",
    ] {
        world.say(session, line);
    }
    world.settle();
    crowd(&mut world);
    let proof =
        "AUTHENTICATE Yz1iaXdzLHI9Y2xpZW50c2VydmVyLHA9WTI5eWNtVmpkQzFvYjNKelpTMWlZWFIwWlhKNQ==";
    world.say(session, proof);
    world.settle();
    assert!(saw(
        &world,
        session,
        "FAIL AUTHENTICATE TEMPORARILY_UNAVAILABLE :"
    ));
    assert!(saw(&world, session, " 906 "));
}

#[test]
fn who_leaves_the_queue_makes_room_in_it() {
    let mut world = World::new(settings());
    world.arrive("alice", "");
    let crowd = crowd(&mut world);
    // A broken connection waits for no answer.
    let reason = causette_core::input::Ending::SlowReader;
    let session = *crowd.last().unwrap();
    world.input(Input::Closed { session, reason });
    let late = sign_in(&mut world, "alice", PASSWORD);
    world.commit();
    assert!(!saw(&world, late, " 906 "));
}
