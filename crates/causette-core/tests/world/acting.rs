//! Who acts by what is recorded, and with which right, where something has changed since they asked.

use crate::settings::settings;
use crate::world::World;
use causette_core::id::AccountId;
use causette_core::input::{By, Input};
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
