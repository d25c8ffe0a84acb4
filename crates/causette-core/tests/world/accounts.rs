//! What those who run the server do with accounts, and what becomes of those whose they are.

use crate::settings::settings;
use crate::world::World;
use causette_core::id::SessionId;
use causette_core::input::Input;
use causette_core::limits::{ACCOUNTLESS_SECONDS, ACCOUNTS_LISTED};
use causette_core::order::{Order, Portion};
use causette_core::record::{Fact, Factor};
use causette_core::right::Role;
use causette_core::secret::Secret;
use causette_core::settings::{Registration, Settings};
use std::collections::BTreeSet;

/// A world where who signs up waits to be approved.
fn approving() -> World {
    World::new(Settings {
        registration: Registration::Approve,
        ..settings()
    })
}

fn seen(world: &World, session: SessionId) -> String {
    world.inboxes[&session].join("\n")
}

/// Lets so many seconds pass, while everybody says something now and then.
fn pass_seconds(world: &mut World, seconds: u32) {
    for second in 0..seconds {
        world.pass(999_000);
        world.input(Input::Tick);
        if second % 60 == 0 {
            let sessions: Vec<SessionId> = world.inboxes.keys().copied().collect();
            sessions.iter().for_each(|id| world.say(*id, "PONG x"));
        }
        world.settle();
    }
}

#[test]
fn who_waits_to_be_approved_keeps_their_place_in_the_lobby_and_is_let_in() {
    let mut world = approving();
    world.greet("alice");
    world.greet("idle");
    world.say_all("alice", "NS REGISTER correct-horse-battery");
    pass_seconds(&mut world, ACCOUNTLESS_SECONDS + 10);
    let (alice, idle) = (world.names["alice"], world.names["idle"]);
    assert!(seen(&world, idle).contains("(closed)"));
    assert!(!seen(&world, alice).contains("(closed)"));
    let told = world.obey(Order::Approve {
        account: "alice".into(),
    });
    assert_eq!(told, "The account alice is approved");
    assert!(seen(&world, alice).contains("is approved. Sign in now"));
    // There is time for it.
    pass_seconds(&mut world, ACCOUNTLESS_SECONDS - 10);
    assert!(!seen(&world, alice).contains("(closed)"));
    world.say_all("alice", "NS IDENTIFY correct-horse-battery");
    assert!(seen(&world, alice).contains(" 900 "));
}

#[test]
fn only_who_knows_the_password_learns_that_an_account_waits() {
    let mut world = approving();
    world.greet("alice");
    world.say_all("alice", "NS REGISTER correct-horse-battery");
    world.place = 7;
    world.greet("guesser");
    world.log = Some(Vec::new());
    let wrong = world.say_all("guesser", "NS IDENTIFY alice wrong");
    assert_eq!(wrong, "The name or the password is wrong");
    let right = world.say_all("guesser", "NS IDENTIFY alice correct-horse-battery");
    assert!(right.contains("waits to be approved"), "{right}");
    let factors = world.log.iter().flatten();
    let factors = factors.filter_map(|record| match record.fact {
        Fact::SignInRefused { factor, .. } => Some(factor),
        _ => None,
    });
    let factors: Vec<Factor> = factors.collect();
    assert_eq!(factors, [Factor::Password, Factor::Waiting]);
    // However often they try, the record does not fill.
    for _ in 0..100 {
        world.say_all("guesser", "NS IDENTIFY alice correct-horse-battery");
    }
    let noted = world.log.iter().flatten().count();
    assert!(noted < 30, "{noted}");
}

#[test]
fn a_code_is_not_used_up_by_who_waits() {
    let mut world = approving();
    world.greet("alice");
    world.say_all("alice", "NS REGISTER correct-horse-battery");
    let name = "alice".into();
    world.obey(Order::ResetPassword {
        name,
        password: None,
    });
    let told = world.say_all("alice", "NS IDENTIFY 0000-0000-0000-0001");
    assert!(told.contains("waits to be approved"), "{told}");
    let account = "alice".into();
    world.obey(Order::Approve { account });
    world.say_all("alice", "NS IDENTIFY 0000-0000-0000-0001");
    let alice = world.names["alice"];
    assert!(
        seen(&world, alice).contains(" 900 "),
        "{}",
        seen(&world, alice)
    );
}

#[test]
fn a_restart_keeps_who_waits_who_has_a_role_and_who_may_sign_up() {
    let mut world = World::new(settings());
    world.arrive("boss", "");
    world.obey(Order::GiveRole {
        account: "boss".into(),
        role: Role::Owner,
        reason: "the first".into(),
    });
    let registration = Some(Registration::Approve);
    world.obey(Order::SetRegistration { registration });
    world.greet("alice");
    world.say_all("alice", "NS REGISTER correct-horse-battery");
    let mut memory = world.memory.clone();
    memory.close_sessions();
    let mut world = World::restored(settings(), memory, world.now);
    world.greet("again");
    let told = world.say_all("again", "NS IDENTIFY alice correct-horse-battery");
    assert!(told.contains("waits to be approved"), "{told}");
    world.say_all("again", "NS IDENTIFY boss correct-horse-battery");
    let again = world.names["again"];
    assert!(seen(&world, again).contains(" 381 "));
    let told = world.say_all("again", "NS REFUSE alice who are you");
    assert_eq!(told, "The account alice was not let in and is no more");
    assert_eq!(world.memory.accounts.len(), 1);
}

/// The names of a page, and whether more follow.
fn page(world: &mut World, like: &str, after: Option<&str>, limit: usize) -> (Vec<String>, bool) {
    let told = world.obey(Order::ListAccounts(Portion {
        like: like.into(),
        after: after.map(Into::into),
        limit,
    }));
    let names = told.split("AccountReport { name: \"").skip(1);
    let names = names.map(|rest| rest.split('"').next().unwrap().to_owned());
    (names.collect(), told.ends_with("more: true }"))
}

#[test]
fn a_list_of_accounts_goes_on_behind_any_name() {
    let mut world = World::new(settings());
    let names: BTreeSet<String> = (0..700).map(|number| format!("Account{number}")).collect();
    for name in &names {
        let (name, password) = (name.as_str().into(), Secret::new("correct-horse-battery"));
        world.obey(Order::CreateAccount { name, password });
    }
    let (mut listed, mut after, mut more) = (Vec::new(), None::<String>, true);
    while more {
        let found = page(&mut world, "", after.as_deref(), 300);
        assert!(found.0.len() <= 300);
        after = found.0.last().map(|name| name.to_uppercase());
        listed.extend(found.0);
        more = found.1;
    }
    assert_eq!(listed, names.iter().cloned().collect::<Vec<_>>());
    let (found, more) = page(&mut world, "", None, usize::MAX);
    assert_eq!((found.len(), more), (ACCOUNTS_LISTED, true));
    let (found, more) = page(&mut world, "COUNT69", None, 10);
    let expected = ["Account69"].into_iter().map(str::to_owned);
    let expected = expected.chain((690..699).map(|number| format!("Account{number}")));
    assert_eq!((found, more), (expected.collect(), true));
    assert_eq!(page(&mut world, "nobody", None, 10), (Vec::new(), false));
    assert_eq!(page(&mut world, "", Some("zzz"), 10), (Vec::new(), false));
}

#[test]
fn an_account_is_shown_with_what_belongs_to_it() {
    let mut world = World::new(settings());
    world.arrive("alice", "");
    for line in [
        "DEVICE ADD :telephone",
        "JOIN #b",
        "CS REGISTER #b",
        "JOIN #a",
        "CS REGISTER #a",
    ] {
        world.say_all("alice", line);
    }
    let name = "ALICE".into();
    let told = world.obey(Order::ShowAccount { name });
    for part in [
        "name: \"alice\", role: User",
        "last_seen: None, sessions: 1",
        "number: 1, name: \"telephone\", last_used: None",
        "rooms: [\"#a\", \"#b\"]",
        "certificates: 0",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let name = "nobody".into();
    let told = world.obey(Order::ShowAccount { name });
    assert_eq!(told, "There is no account nobody");
}

#[test]
fn an_account_that_is_dropped_leaves_nothing_behind() {
    let mut world = World::new(settings());
    let bob = world.arrive("bob", "");
    // She is always there, with a connection or without.
    let alice = world.arrive("alice", "");
    world.say_all("alice", "JOIN #room");
    world.say_all("alice", "CS REGISTER #room");
    world.drop_session(alice);
    world.settle();
    world.clear();
    world.log = Some(Vec::new());
    let told = world.obey(Order::DropAccount {
        account: "alice".into(),
        reason: "two\r\nQUIT :lines".into(),
    });
    assert!(told.starts_with("The account alice is no more"), "{told}");
    let dropped = world
        .log
        .iter()
        .flatten()
        .find_map(|record| match &record.fact {
            Fact::AccountDropped { reason, .. } => Some((record.by.clone(), reason.clone())),
            _ => None,
        });
    let (by, reason) = dropped.unwrap();
    assert_eq!(format!("{by:?}"), "System(\"root\")");
    assert_eq!(reason, "two  QUIT :lines");
    let left = seen(&world, bob);
    assert!(left.contains(" QUIT :The administration has given up this account"));
    assert_eq!(left.lines().count(), 1, "{left}");
    let other = world.arrive("alice", "");
    assert!(seen(&world, other).contains("REGISTER SUCCESS alice"));
}
