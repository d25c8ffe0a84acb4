//! Files: who may upload, find, fetch, send and remove them, by HTTP and with FileServ.

mod coming;
mod kept;
mod many;
mod table;

use crate::settings::settings;
use crate::uploads::*;
use crate::world::World;
use causette_core::file::{
    Arrived, Audience, Digest, FileKey, FileRef, Listed, Listing, PermitKey,
};
use causette_core::id::{FileId, SessionId};
use causette_core::input::{FileWish, Input};
use causette_core::output::{Done, Fault, Undone};
use causette_core::record::{Fact, Record};
use causette_core::right::Role;
use causette_text::Language;

fn listed(world: &mut World, by: &'static str, which: Listed) -> Vec<u64> {
    let listing = Listing {
        which,
        pattern: "".into(),
        before: None,
        count: 50,
    };
    match ask(world, By::Account(by), FileWish::List(listing)) {
        Ok(Done::Files { files, .. }) => files.iter().map(|file| file.file.id.0).collect(),
        other => panic!("no list: {other:?}"),
    }
}

fn fetches(world: &World) -> usize {
    let is_fetch = |record: &&Record| matches!(record.fact, Fact::FileFetched { .. });
    let log = world.log.as_ref().unwrap();
    log.iter().filter(is_fetch).count()
}

/// Alice and bob are in #tea, carol is not.
fn people() -> (World, [SessionId; 3]) {
    let mut world = World::new(settings());
    world.log = Some(Vec::new());
    let sessions = ["alice", "bob", "carol"].map(|name| world.arrive(name, "message-tags"));
    for session in &sessions[..2] {
        world.say(*session, "JOIN #tea");
    }
    world.settle();
    world.clear();
    (world, sessions)
}

#[test]
fn who_sees_a_file_depends_on_for_whom_it_is() {
    use By::{Account, Nobody};
    let (mut world, _) = people();
    let audiences = [
        Audience::Public,
        Audience::Room("#tea".into()),
        Audience::Link,
        Audience::Private,
        Audience::To("bob".into()),
    ];
    for (number, audience) in (1..).zip(audiences) {
        upload(&mut world, "alice", number, audience);
    }
    // Who, and which of the five: public, for the room, by link, private, sent to bob.
    for (by, sees) in [
        (Account("alice"), [true; 5]),
        (Account("bob"), [true, true, true, false, true]),
        (Account("carol"), [true, false, true, false, false]),
        (Nobody, [false, false, true, false, false]),
    ] {
        for (number, sees) in (1..).zip(sees) {
            let fetched = fetch(&mut world, by, number);
            match sees {
                true => assert_eq!(file(fetched).file.size, u64::from(number)),
                false => assert_eq!(fault(fetched), Fault::NotFound),
            }
        }
    }
    assert_eq!(listed(&mut world, "carol", Listed::Public), [1]);
    assert_eq!(listed(&mut world, "bob", Listed::Room("#tea".into())), [2]);
    assert_eq!(listed(&mut world, "bob", Listed::Sent), [5]);
    assert_eq!(listed(&mut world, "alice", Listed::Own), [5, 4, 3, 2, 1]);
    assert_eq!(listed(&mut world, "carol", Listed::Own), [0; 0]);
    // Each fetching is entered once, however many requests it has.
    let before = fetches(&world);
    fetch(&mut world, Account("bob"), 1).unwrap();
    assert_eq!(fetches(&world), before);
    world.pass(3_601_000_000);
    fetch(&mut world, Account("bob"), 1).unwrap();
    assert_eq!(fetches(&world), before + 1);
}

#[test]
fn only_an_owner_says_who_sees_a_file() {
    let (mut world, _) = people();
    upload(&mut world, "alice", 1, Audience::Public);
    let id = || FileRef::Id(FileId(1));
    let others = [
        FileWish::Send {
            file: id(),
            to: "carol".into(),
        },
        FileWish::Share {
            file: id(),
            audience: Audience::Private,
        },
        FileWish::Remove {
            file: id(),
            reason: "".into(),
        },
    ];
    for wish in others.clone() {
        assert_eq!(
            fault(ask(&mut world, By::Account("bob"), wish)),
            Fault::Forbidden
        );
    }
    let [_, share, remove] = others;
    let private = file(ask(&mut world, By::Account("alice"), share));
    assert_eq!(private.file.visibility.name(), "private");
    assert_eq!(
        fault(fetch(&mut world, By::Account("bob"), 1)),
        Fault::NotFound
    );
    let sent = FileWish::Send {
        file: id(),
        to: "bob".into(),
    };
    assert_eq!(
        file(ask(&mut world, By::Account("alice"), sent)).granted,
        ["bob"]
    );
    // Whom it was sent to besides is nobody else's to know.
    assert_eq!(
        file(fetch(&mut world, By::Account("bob"), 1)).granted,
        [""; 0]
    );
    let back = FileWish::TakeBack {
        file: id(),
        from: "bob".into(),
    };
    ask(&mut world, By::Account("alice"), back).unwrap();
    assert_eq!(
        fault(fetch(&mut world, By::Account("bob"), 1)),
        Fault::NotFound
    );
    let removed = ask(&mut world, By::Account("alice"), remove);
    assert_eq!(removed, Ok(Done::FileRemoved));
    assert_eq!(
        fault(fetch(&mut world, By::Account("alice"), 1)),
        Fault::NotFound
    );
    assert!(world.memory.files.rows.is_empty());
}

#[test]
fn what_is_sent_to_who_is_absent_is_found_at_their_return() {
    let (mut world, [_, bob, _]) = people();
    world.drop_session(bob);
    world.settle();
    upload(&mut world, "alice", 1, Audience::To("bob".into()));
    let bob = world.connect("bob2");
    for line in [
        "PASS bob:correct-horse-battery",
        "CAP REQ :message-tags batch draft/chathistory",
        "NICK bob",
        "USER bob 0 * :bob",
        "CAP END",
        "CHATHISTORY LATEST alice * 10",
    ] {
        world.say(bob, line);
        world.settle();
    }
    let lines = &world.inboxes[&bob];
    let told = lines
        .iter()
        .find(|line| line.contains("📎 notes.txt (1 B)"));
    let told = told.unwrap_or_else(|| panic!("{lines:#?}"));
    assert!(
        told.contains("+causette/file=1") && told.contains(" PRIVMSG bob "),
        "{told}"
    );
    assert!(
        told.contains("/files/01010101010101010101010101010101/notes.txt?t="),
        "{told}"
    );
}

#[test]
fn nobody_uploads_more_than_there_is_room_for() {
    let mut settings = settings();
    settings.files.file_bytes = 100;
    settings.files.account_bytes = 250;
    settings.files.account_files = 4;
    settings.files.day_bytes = 400;
    let mut world = World::new(settings);
    world.log = Some(Vec::new());
    world.arrive("alice", "");
    let begin = |world: &mut World, number, bytes| {
        let wish = wanted(number, "a", bytes, Audience::Private);
        ask(world, By::Account("alice"), wish)
    };
    let too_large = fault(begin(&mut world, 1, 101));
    assert_eq!(too_large, Fault::TooLarge { bytes_max: 100 });
    // What is on its way has its place, whether it has come or not.
    begin(&mut world, 1, 100).unwrap();
    begin(&mut world, 2, 100).unwrap();
    assert_eq!(fault(begin(&mut world, 3, 100)), Fault::NoRoom);
    begin(&mut world, 3, 50).unwrap();
    assert_eq!(fault(begin(&mut world, 4, 1)), Fault::NoRoom);
    arrive(&mut world, 1, 100).unwrap();
    assert_eq!(fault(begin(&mut world, 4, 1)), Fault::NoRoom);
    // What is given up makes room, and nothing is there of it.
    let given_up = Input::Arrived {
        ticket: None,
        permit: PermitKey([2; 16]),
        arrived: Arrived::GivenUp,
        from: None,
        language: Language::En,
    };
    world.input(given_up);
    world.settle();
    assert_eq!(fault(arrive(&mut world, 2, 100)), Fault::NotFound);
    begin(&mut world, 4, 100).unwrap();
    arrive(&mut world, 4, 100).unwrap();
    arrive(&mut world, 3, 50).unwrap();
    let sizes: Vec<u64> = world.memory.files.rows.iter().map(|row| row.size).collect();
    assert_eq!(sizes, [100, 100, 50]);
    // A start counts what is there of today.
    let mut memory = world.memory.clone();
    memory.close_sessions();
    let mut again = World::restored(world.core.settings().clone(), memory, world.now);
    let usage = |world: &mut World| match ask(world, By::Account("alice"), FileWish::Usage) {
        Ok(Done::Usage(usage)) => usage.today,
        other => panic!("{other:?}"),
    };
    assert_eq!(usage(&mut world), 150);
    assert_eq!(usage(&mut again), 150);
    // Each refusal is entered.
    let log = world.log.as_ref().unwrap();
    let refused = log
        .iter()
        .filter(|record| matches!(record.fact, Fact::FileRefused { .. }));
    assert_eq!(refused.count(), 4);
}

#[test]
fn bytes_are_forgotten_with_the_last_file_that_has_them() {
    let (mut world, _) = people();
    upload(&mut world, "alice", 1, Audience::Private);
    let wish = wanted(2, "copy.txt", 1, Audience::Private);
    ask(&mut world, By::Account("bob"), wish).unwrap();
    world.input(Input::Arrived {
        ticket: None,
        permit: PermitKey([2; 16]),
        arrived: Arrived::Whole {
            key: FileKey([2; 16]),
            media_type: "text/plain".into(),
            size: 1,
            sha256: Digest([1; 32]),
            says_beside: false,
            verdict: None,
        },
        from: None,
        language: Language::En,
    });
    world.settle();
    for (by, id, left) in [("alice", 1, 0), ("bob", 2, 1)] {
        let remove = FileWish::Remove {
            file: FileRef::Id(FileId(id)),
            reason: "".into(),
        };
        ask(&mut world, By::Account(by), remove).unwrap();
        assert_eq!(world.unused.len(), left);
    }
}
