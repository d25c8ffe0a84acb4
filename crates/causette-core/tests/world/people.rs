//! What those who run the server do with people and rooms, where a transcript would not show it.

use crate::settings::settings;
use crate::world::World;
use causette_core::id::{Room, UserId};
use causette_core::input::Input;
use causette_core::order::{Order, Portion};
use causette_core::output::{Output, Outputs};
use causette_core::record::{Fact, Who};
use causette_core::report::Report;
use causette_core::settings::Settings;
use causette_proto::{AccountName, Casemap, Nick, Timestamp};
use std::time::Duration;

/// An account may have had the name before it was kept: who writes to it means the administration, and it signs in as ever.
#[test]
fn an_account_that_has_the_name_from_before_goes_by_another() {
    let mut world = World::new(settings());
    world.arrive("zoe", "");
    world.arrive("alice", "");
    let mut memory = world.memory.clone();
    memory.close_sessions();
    let row = memory.accounts.values_mut();
    let row = row.into_iter().find(|row| row.name.as_str() == "zoe");
    let row = row.unwrap();
    row.name = AccountName::parse("Administration", 32, Casemap::Ascii).unwrap();
    row.nick = Nick::from(&row.name);
    let zoe = row.id;
    let mut world = World::restored(settings(), memory, world.now);
    for name in ["administration", "alice"] {
        let session = world.connect(name);
        for line in [format!("NICK {name}x"), format!("USER {name} 0 * :x")] {
            world.say(session, &line);
        }
        world.say_all(name, &format!("NS IDENTIFY {name} correct-horse-battery"));
    }
    let nicks = world.core.snapshot().accounts.into_iter();
    let mut nicks = nicks.filter(|row| row.id == zoe).map(|row| row.nick);
    assert_eq!(nicks.next().unwrap().as_str(), "Administration2");
    let rooms = |world: &World| world.memory.rooms.keys().copied().collect::<Vec<_>>();
    let before = rooms(&world);
    world.say_all("alice", "PRIVMSG Administration :is it you?");
    let direct = rooms(&world)
        .into_iter()
        .find(|room| !before.contains(room));
    let Some(Room::Direct(_, UserId::ADMINISTRATION)) = direct else {
        panic!("{direct:?}");
    };
    world.say_all("alice", "PRIVMSG Administration2 :or you?");
    let inbox = &world.inboxes[&world.names["administration"]];
    assert!(inbox.last().unwrap().ends_with("Administration2 :or you?"));
}

/// What the administration says and does is on record as by whoever sat there.
#[test]
fn who_acts_as_the_administration_is_on_record() {
    let mut world = World::new(settings());
    world.arrive("alice", "");
    world.arrive("boss", "");
    world.say_all("boss", "OPER boss :operator's secret");
    world.say_all("alice", "JOIN #den");
    world.log = Some(Vec::new());
    let (to, text) = ("alice".into(), "hello".into());
    world.obey(Order::Write { to, text });
    world.say_all("boss", "CS CLOSE #den why");
    let log = world.log.take().unwrap();
    let by = log.iter().filter_map(|record| match &record.fact {
        Fact::Event { event, .. } => {
            assert_eq!(event.author, UserId::ADMINISTRATION);
            assert_eq!(event.account, None);
            Some(&record.by)
        }
        _ => None,
    });
    let by: Vec<&Who> = by.collect();
    // The last one keeps what was done where those who run the server read it.
    let [Who::System(root), Who::Account(boss), Who::Account(kept)] = by[..] else {
        panic!("{by:?}");
    };
    assert_eq!(boss, kept);
    assert_eq!(root, "root");
}

/// Each is told of themselves alone: a room of thousands is closed by as many lines as it has members.
#[test]
fn each_member_of_a_room_that_is_closed_hears_of_it_once() {
    let (mut world, people) = crowd(60);
    for name in &people {
        world.say_all(name, "JOIN #den");
    }
    world.clear();
    let (room, reason) = ("#den".into(), "enough".into());
    world.obey(Order::CloseRoom { room, reason });
    let kicks = world.delivered.iter();
    let mut kicked: Vec<_> = kicks
        .filter(|(_, line)| line.contains(" KICK #den "))
        .map(|(session, _)| *session)
        .collect();
    kicked.sort_unstable();
    let mut all: Vec<_> = people.iter().map(|name| world.names[name]).collect();
    all.sort_unstable();
    assert_eq!(kicked, all);
    let open = world.core.snapshot().channels;
    assert!(open.iter().all(|row| row.name.as_str() != "#den"));
}

/// A list of everybody is made while the others wait.
#[test]
fn who_and_what_there_is_is_listed_in_order() {
    let number = std::env::var("CAUSETTE_LISTED").map_or(50, |number| number.parse().unwrap());
    let (mut world, people) = crowd(number);
    world.say_all(&people[1], "JOIN #den");
    world.say_all(&people[1], "MODE #den +sk key");
    let mut list = |order| {
        let (mut out, now) = (Outputs::default(), world.now);
        let (ticket, by) = (1, "root".into());
        let moment = causette_core::input::Moment {
            wall: Timestamp(now.0 + 1_000_000),
            elapsed: Duration::from_secs(1_000_000),
        };
        let began = std::time::Instant::now();
        let input = Input::Admin {
            ticket,
            by,
            language: None,
            order,
        };
        world.core.handle(moment, input, &mut out);
        println!("{number} people: {:?}", began.elapsed());
        match out.take().pop() {
            Some(Output::Told { result, .. }) => result.unwrap().report,
            output => panic!("{output:?}"),
        }
    };
    let Report::People { people: listed, .. } = list(Order::ListPeople(all())) else {
        panic!("no list of people");
    };
    assert_eq!(listed.len(), people.len());
    assert!(listed.is_sorted_by_key(|person| person.nick.clone()));
    assert!(listed.iter().all(|person| person.sessions.len() == 1));
    assert!(
        listed
            .iter()
            .any(|person| person.rooms == ["#den", "#general"])
    );
    let Report::Rooms { rooms, .. } = list(Order::ListRooms(all())) else {
        panic!("no list of rooms");
    };
    let modes: Vec<_> = rooms.iter().map(|room| room.modes.as_str()).collect();
    assert_eq!(modes, ["+knst *", "+nt"], "the key is its members'");
}

/// As many as fit into one answer.
fn all() -> Portion {
    Portion {
        limit: usize::MAX,
        ..Portion::default()
    }
}

/// Guests in `#general`, each from elsewhere as far as that goes.
fn crowd(number: usize) -> (World, Vec<String>) {
    let settings = Settings {
        accounts_required: false,
        ..settings()
    };
    let mut world = World::new(settings);
    let people: Vec<String> = (0..number).map(|number| format!("guest{number}")).collect();
    for (number, name) in people.iter().enumerate() {
        world.place = u8::try_from(number % 200).unwrap();
        world.greet(name);
        world.clear();
    }
    (world, people)
}
