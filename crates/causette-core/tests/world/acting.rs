//! Who acts by what is recorded, and with which right, where something has changed since they asked.

use crate::settings::settings;
use crate::world::World;
use causette_core::event::What;
use causette_core::id::{AccountId, UserId};
use causette_core::input::{By, Input};
use causette_core::limits::{ALERT_SECONDS, ALERTS_KEPT};
use causette_core::order::Order;
use causette_core::record::{Fact, Who};
use causette_core::settings::Settings;

#[test]
fn an_account_that_is_given_up_goes_by_its_own_hand() {
    let mut world = World::new(settings());
    world.arrive("alice", "");
    for line in ["JOIN #room", "CS REGISTER #room", "NS DROP"] {
        world.say_all("alice", line);
    }
    world.log = Some(Vec::new());
    world.say_all("alice", "NS DROP alice");
    let log = world.log.take().unwrap();
    let dropped = log.iter().find_map(|record| match record.fact {
        Fact::AccountDropped { account, .. } => Some(account),
        _ => None,
    });
    let account: AccountId = dropped.unwrap();
    let of_owner = |fact: &Fact| {
        matches!(
            fact,
            Fact::RoomUnregistered { .. } | Fact::AccountDropped { .. }
        )
    };
    let acts: Vec<_> = log.iter().filter(|record| of_owner(&record.fact)).collect();
    assert_eq!(acts.len(), 2, "{log:?}");
    for act in acts {
        assert_eq!(act.by, Who::Account(account), "{act:?}");
    }
}

#[test]
fn an_operator_who_is_none_any_more_makes_no_account() {
    let mut world = World::new(settings());
    let boss = world.arrive("boss", "");
    world.say_all("boss", "OPER boss :operator's secret");
    world.say(boss, "NS SAREGISTER carol correct-horse-battery");
    world.commit();
    let hashed = world.due.pop_front().unwrap();
    let without = Settings {
        operators: Vec::new(),
        ..settings()
    };
    let (by, result) = (By::Server, Ok(Box::new(without)));
    world.input(Input::Reloaded { by, result });
    world.settle();
    world.clear();
    world.log = Some(Vec::new());
    world.input(hashed);
    world.settle();
    assert_eq!(world.log.take(), Some(Vec::new()));
    let told = world.inboxes[&boss].join("\n");
    assert!(told.contains("NickServ"), "{told}");
    assert!(
        told.contains("needs the role administrator or owner"),
        "{told}"
    );
}

#[test]
fn what_people_are_made_to_do_is_the_act_of_who_decided_it() {
    let mut world = World::new(settings());
    for name in ["alice", "bob", "boss"] {
        world.arrive(name, "");
    }
    world.say_all("boss", "OPER boss :operator's secret");
    world.say_all("bob", "JOIN #den");
    let account = |world: &World, name: &str| {
        let mut accounts = world.memory.accounts.values();
        let found = accounts.find(|account| account.name.as_str() == name);
        found.unwrap().id
    };
    let (alice, boss) = (account(&world, "alice"), account(&world, "boss"));
    world.log = Some(Vec::new());
    for line in [
        "SAJOIN alice #den",
        "SANICK alice ally",
        "SANICK ally ally",
        "SANICK ally alice",
        "NS RENAME alice alicia that is her name",
    ] {
        world.say_all("boss", line);
    }
    let log = world.log.take().unwrap();
    let moves = log.iter().filter_map(|record| match &record.fact {
        Fact::Event { event, .. } => match &event.what {
            What::Joined { .. } => Some(("JOIN", event.author, &record.by)),
            What::Renamed { .. } => Some(("NICK", event.author, &record.by)),
            _ => None,
        },
        _ => None,
    });
    let (alice, boss) = (UserId::from(alice), Who::Account(boss));
    let nick = ("NICK", alice, &boss);
    let moves: Vec<_> = moves.collect();
    assert_eq!(moves, [("JOIN", alice, &boss), nick, nick, nick]);
}

/// Of two who were connected when an alert was told, one leaves and the other is found to be gone.
#[test]
fn an_alert_is_shown_again_to_who_may_not_have_been_told() {
    let mut world = World::new(settings());
    for name in ["alice", "bob", "boss"] {
        world.arrive(name, "");
    }
    for _ in 0..100 {
        world.pass(1_000_000);
        world.input(Input::Tick);
    }
    world.obey(Order::Alert {
        text: "hear".into(),
        kept: true,
    });
    world.drop_session(world.names["alice"]);
    for _ in 0..100 {
        world.pass(1_000_000);
        world.input(Input::Tick);
        world.settle();
    }
    assert_eq!(alerts_missed(&mut world, "alice"), 0);
    assert_eq!(alerts_missed(&mut world, "bob"), 1);
}

#[test]
fn of_many_alerts_the_last_are_shown_and_none_that_is_old() {
    let mut world = World::new(settings());
    for name in ["alice", "bob"] {
        world.arrive(name, "");
        world.drop_session(world.names[name]);
    }
    for number in 0..ALERTS_KEPT + 3 {
        let text = format!("hear {number}").into();
        world.obey(Order::Alert { text, kept: true });
    }
    // What was of the moment takes no place among them.
    let text = "in 3 s".into();
    world.obey(Order::Alert { text, kept: false });
    assert_eq!(alerts_missed(&mut world, "alice"), ALERTS_KEPT);
    world.pass((ALERT_SECONDS + 1) * 1_000_000);
    world.input(Input::Tick);
    assert_eq!(alerts_missed(&mut world, "bob"), 0);
}

/// Lets somebody come back, and counts the alerts from before that they are shown.
fn alerts_missed(world: &mut World, name: &str) -> usize {
    let client = format!("{name}'s");
    let session = world.connect(&client);
    let (nick, sign_in) = (
        format!("NICK {name}"),
        format!("NS IDENTIFY {name} correct-horse-battery"),
    );
    for line in [&nick, "USER x 0 * :x", &sign_in] {
        world.say_all(&client, line);
    }
    let shown = world.inboxes[&session].iter();
    shown.filter(|line| line.contains("ALERT of")).count()
}
