//! Invitations and the first owner, beside what the transcripts show.

use crate::settings::settings;
use crate::world::World;
use causette_core::id::InvitationId;
use causette_core::input::Input;
use causette_core::limits::{ENDED_PER_TICK, INVITATION_SECONDS, INVITATIONS, OWNER_CODE_MINUTES};
use causette_core::order::{InvitationTerms, Order};
use causette_core::record::Fact;
use causette_core::right::Role;
use causette_core::settings::{Registration, Settings};
use causette_text::Language;

const CODE: &str = "0000-0000-0000-0001";

fn by_invitation() -> World {
    World::new(Settings {
        registration: Registration::Invite,
        ..settings()
    })
}

fn invite(world: &mut World, uses: u32, seconds: Option<u64>) -> String {
    world.obey(Order::Invite {
        address: "irc.test".into(),
        room: None,
        public_key: Some("00ff".into()),
        terms: Some(InvitationTerms { uses, seconds }),
    })
}

fn tick(world: &mut World) {
    world.pass(1_000_000);
    world.input(Input::Tick);
    world.settle();
}

#[test]
fn a_link_bears_the_code_and_the_record_does_not() {
    let mut world = by_invitation();
    world.log = Some(Vec::new());
    let told = invite(&mut world, 3, Some(60));
    let link = format!("causette://irc.test/#general?sha256=00ff&code={CODE}");
    assert!(told.contains(&link), "{told}");
    let log = format!("{:?}", world.log.take().unwrap());
    assert!(
        log.contains("link: \"causette://irc.test/#general?sha256=00ff\""),
        "{log}"
    );
    let (bare, digits) = (CODE.replace('-', ""), CODE);
    assert!(!log.contains(&bare) && !log.contains(digits), "{log}");
    let watched = format!("{:?}", world.watched);
    assert!(
        watched.contains("Acted") && !watched.contains(digits),
        "{watched}"
    );
}

#[test]
fn where_nobody_signs_up_without_a_code_a_link_bears_one_whoever_asks() {
    let mut world = by_invitation();
    let bare = Order::Invite {
        address: "irc.test".into(),
        room: None,
        public_key: None,
        terms: None,
    };
    let input = Input::Admin {
        ticket: 1,
        by: "root".into(),
        language: Some(Language::Fr),
        order: bare.clone(),
    };
    world.input(input);
    world.settle();
    let Ok(told) = world.obeyed.last().unwrap().clone() else {
        panic!("{:?}", world.obeyed);
    };
    // In the language of who asks, also when the answer had to wait for the code.
    for part in [CODE, "Une personne peut"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let mut open = World::new(settings());
    let told = open.obey(bare);
    assert!(
        told.contains("causette://") && !told.contains("code="),
        "{told}"
    );
}

/// Of two who sign up at the same moment with the last use of a code one comes second, and loses nothing but the moment.
#[test]
fn of_two_who_race_for_the_last_use_one_signs_up() {
    let mut world = by_invitation();
    invite(&mut world, 1, None);
    for name in ["alice", "bob"] {
        world.greet(name);
    }
    let (alice, bob) = (world.names["alice"], world.names["bob"]);
    for session in [alice, bob] {
        world.say(session, &format!("REGISTER * {CODE} correct-horse-battery"));
        world.commit();
    }
    // Both codes are right before either password is hashed.
    let codes: Vec<Input> = world.due.drain(..).collect();
    assert_eq!(codes.len(), 2);
    for code in codes {
        world.input(code);
        world.commit();
    }
    assert_eq!(world.due.len(), 2);
    world.clear();
    world.settle();
    let seen = world.inboxes[&alice].join("\n");
    assert!(seen.contains("REGISTER SUCCESS alice"), "{seen}");
    let seen = world.inboxes[&bob].join("\n");
    assert!(
        seen.contains("FAIL REGISTER INVALID_INVITATION bob"),
        "{seen}"
    );
    assert_eq!(world.memory.accounts.len(), 1);
    // The second has all tries left that one address has.
    invite(&mut world, 1, None);
    for _ in 0..3 {
        let told = world.say_all(
            "bob",
            "REGISTER * 1111-1111-1111-1111 correct-horse-battery",
        );
        assert!(told.starts_with("This code lets nobody"), "{told}");
    }
    world.say_all(
        "bob",
        "REGISTER * 0000-0000-0000-0002 correct-horse-battery",
    );
    let seen = world.inboxes[&bob].join("\n");
    assert!(seen.contains("REGISTER SUCCESS bob"), "{seen}");
}

#[test]
fn nobody_tries_many_codes() {
    let mut world = by_invitation();
    invite(&mut world, 1, None);
    world.greet("guesser");
    let told = (0..7).map(|_| {
        world.say_all(
            "guesser",
            "NS REGISTER correct-horse-battery 1111-1111-1111-1111",
        )
    });
    let told: Vec<String> = told.collect();
    assert!(told[4].starts_with("This code lets nobody"), "{told:?}");
    assert!(told[5].contains("try again in some minutes"), "{told:?}");
    // Nor does the right one help then.
    let told = world.say_all(
        "guesser",
        &format!("NS REGISTER correct-horse-battery {CODE}"),
    );
    assert!(told.contains("try again in some minutes"), "{told}");
}

#[test]
fn an_invitation_ends_by_itself_and_a_tick_ends_only_so_many() {
    let mut world = by_invitation();
    for _ in 0..ENDED_PER_TICK + 1 {
        invite(&mut world, 1, Some(600));
    }
    world.pass(700_000_000);
    // Before the tick already it lets nobody in, and is shown no more.
    world.greet("late");
    let told = world.say_all("late", &format!("REGISTER * {CODE} correct-horse-battery"));
    assert!(told.starts_with("This code lets nobody"), "{told}");
    assert_eq!(world.obey(Order::ListInvitations), "Invitations([])");
    world.log = Some(Vec::new());
    tick(&mut world);
    let ended = |world: &World| {
        let facts = world.log.iter().flatten();
        let ended = |fact: &Fact| matches!(fact, Fact::InvitationEnded { reason: None, .. });
        facts.filter(|record| ended(&record.fact)).count()
    };
    assert_eq!(ended(&world), ENDED_PER_TICK);
    tick(&mut world);
    assert_eq!(ended(&world), ENDED_PER_TICK + 1);
    tick(&mut world);
    assert_eq!(ended(&world), ENDED_PER_TICK + 1);
}

#[test]
fn there_are_so_many_invitations_and_no_more() {
    let mut world = by_invitation();
    for (uses, seconds) in [
        (0, None),
        (u32::MAX, None),
        (1, Some(0)),
        (1, Some(INVITATION_SECONDS + 1)),
    ] {
        let told = invite(&mut world, uses, seconds);
        assert!(told.starts_with("An invitation is for 1 to"), "{told}");
    }
    for _ in 0..INVITATIONS {
        invite(&mut world, 1, None);
    }
    let told = invite(&mut world, 1, None);
    assert!(told.contains("already: end some first"), "{told}");
    let (invitation, reason) = (InvitationId(7), "enough".into());
    world.obey(Order::EndInvitation { invitation, reason });
    assert!(invite(&mut world, 1, None).contains("code="));
    let (invitation, reason) = (InvitationId(7), "enough".into());
    let told = world.obey(Order::EndInvitation { invitation, reason });
    assert_eq!(told, "There is no invitation 7 that holds");
}

#[test]
fn a_restart_keeps_how_often_an_invitation_may_be_used() {
    let mut world = by_invitation();
    invite(&mut world, 2, None);
    world.greet("alice");
    world.say_all(
        "alice",
        &format!("NS REGISTER correct-horse-battery {CODE}"),
    );
    let mut memory = world.memory.clone();
    memory.close_sessions();
    let mut world = World::restored(world.core.settings().clone(), memory, world.now);
    let left = world.obey(Order::ListInvitations);
    assert!(left.contains("uses: 1,"), "{left}");
    for (name, done) in [("bob", true), ("carol", false)] {
        world.greet(name);
        let told = world.say_all(name, &format!("NS REGISTER correct-horse-battery {CODE}"));
        assert_eq!(!told.starts_with("This code"), done, "{told}");
    }
    assert_eq!(world.memory.accounts.len(), 2);
    // The number of what was used up does not come again.
    invite(&mut world, 1, None);
    assert!(
        world
            .obey(Order::ListInvitations)
            .contains("InvitationId(2)")
    );
}

#[test]
fn the_code_of_the_owner_works_once_and_for_so_long() {
    let mut world = World::new(settings());
    for name in ["alice", "bob"] {
        world.arrive(name, "");
    }
    let role = |world: &World| {
        let mut accounts = world.memory.accounts.values();
        accounts
            .find(|account| account.name.as_str() == "alice")
            .unwrap()
            .role
    };
    // None was shown yet.
    let told = world.say_all("alice", "NS OWNER 0000-0000-0000-0001");
    assert!(told.starts_with("This code opens nothing"), "{told}");
    let told = world.obey(Order::ShowOwnerCode);
    assert!(
        told.contains("/msg NickServ OWNER 0000-0000-0000-0001"),
        "{told}"
    );
    world.obey(Order::ShowOwnerCode);
    // A new one has taken its place.
    let told = world.say_all("alice", "NS OWNER 0000-0000-0000-0001");
    assert!(told.starts_with("This code opens nothing"), "{told}");
    world.pass(OWNER_CODE_MINUTES * 60 * 1_000_000);
    let told = world.say_all("alice", "NS OWNER 0000-0000-0000-0002");
    assert!(told.starts_with("This code opens nothing"), "{told}");
    assert_eq!(role(&world), Role::User);
    world.obey(Order::ShowOwnerCode);
    world.log = Some(Vec::new());
    world.say_all("alice", "NS OWNER 0000 0000");
    world.say_all("alice", "NS OWNER 0000000000000003");
    assert_eq!(role(&world), Role::Owner);
    let given = world.log.iter().flatten();
    let mut given = given.filter(|record| matches!(record.fact, Fact::RoleGiven { .. }));
    let given = given.next().unwrap();
    assert!(
        format!("{:?}", given.by).starts_with("Account"),
        "{given:?}"
    );
    let told = world.say_all("bob", "NS OWNER 0000-0000-0000-0003");
    assert!(told.starts_with("This code opens nothing"), "{told}");
    assert_eq!(
        world.obey(Order::ShowOwnerCode),
        "This server has an owner already: they give roles"
    );
}

#[test]
fn nobody_guesses_the_code_of_the_owner() {
    let mut world = World::new(settings());
    world.arrive("alice", "");
    world.obey(Order::ShowOwnerCode);
    world.log = Some(Vec::new());
    let told = (0..100).map(|_| world.say_all("alice", "NS OWNER 9999-9999-9999-9999"));
    let told: Vec<String> = told.collect();
    assert!(told[0].starts_with("This code opens nothing"), "{told:?}");
    assert!(told[9].contains("seconds"), "{told:?}");
    let noted = world.log.iter().flatten().count();
    assert!((1..40).contains(&noted), "{noted}");
}

/// Somebody may become the owner by another way while a code is looked at, or made.
#[test]
fn there_is_one_first_owner() {
    let mut world = World::new(settings());
    for name in ["alice", "bob"] {
        world.arrive(name, "");
    }
    world.obey(Order::ShowOwnerCode);
    let alice = world.names["alice"];
    world.say(alice, "NS OWNER 0000-0000-0000-0001");
    world.order(7, Order::ShowOwnerCode);
    world.commit();
    let answers: Vec<Input> = world.due.drain(..).collect();
    let (account, reason) = ("bob".into(), "the first".into());
    let role = Role::Admin;
    let told = world.obey(Order::GiveRole {
        account,
        role,
        reason,
    });
    assert!(
        told.contains("bob is the first to run this server"),
        "{told}"
    );
    world.clear();
    world.due.extend(answers);
    world.settle();
    let seen = world.inboxes[&alice].join("\n");
    assert!(seen.contains("This code opens nothing"), "{seen}");
    assert_eq!(
        world.obeyed.last().unwrap(),
        &Err("This server has an owner already: they give roles".to_owned())
    );
}
