//! What becomes of uploads that are finished twice, of what comes from one network, of what is kept for a while, and of what belonged to who is
//! no more.

use super::*;
use causette_core::limits::ACCOUNTS_PER_NETWORK;
use causette_core::order::Order;
use causette_core::settings::Keep;

fn arrive_as(world: &mut World, number: u8, key: FileKey) -> Result<Done, Undone> {
    let ticket = world.visited.len() as u64;
    world.input(Input::Arrived {
        ticket: Some(ticket),
        permit: PermitKey([number; 16]),
        arrived: Arrived::Whole {
            key,
            media_type: "text/plain".into(),
            size: 3,
            sha256: Digest([number; 32]),
            says_beside: false,
            verdict: None,
        },
        from: Some(FROM),
        language: Language::En,
    });
    world.settle();
    world.visited.last().unwrap().1.clone()
}

#[test]
fn what_is_finished_twice_is_one_file() {
    let (mut world, _) = people();
    let permit = PermitKey([4; 16]);
    let key = FileKey::of(permit);
    let arrival = FileWish::Arrival(permit);
    let asked = ask(&mut world, By::Nobody, arrival.clone());
    assert_eq!(fault(asked), Fault::NotFound);
    ask(
        &mut world,
        By::Account("alice"),
        wanted(4, "a", 3, Audience::Public),
    )
    .unwrap();
    // It is not over yet.
    assert_eq!(
        fault(ask(&mut world, By::Nobody, arrival.clone())),
        Fault::NotFound
    );
    let first = file(arrive_as(&mut world, 4, key));
    let records = world.log.as_ref().unwrap().len();
    // Whoever has sent it asks again, also behind a restart, which knows no permit.
    for _ in 0..2 {
        assert_eq!(file(arrive_as(&mut world, 4, key)), first);
        assert_eq!(file(ask(&mut world, By::Nobody, arrival.clone())), first);
        assert_eq!(world.log.as_ref().map_or(records, Vec::len), records);
        let mut memory = world.memory.clone();
        memory.close_sessions();
        world = World::restored(settings(), memory, world.now);
        assert!(world.memory.files.rows.len() == 1 && world.unused.is_empty());
    }
    // Nor by a permit that the server tells of again.
    let Ok(Done::Permitted(permitted)) = ask(
        &mut world,
        By::Account("alice"),
        wanted(4, "a", 3, Audience::Public),
    ) else {
        panic!("it is permitted");
    };
    assert_eq!(file(arrive_as(&mut world, 4, key)), first);
    assert_eq!(permitted.key, permit);
    // Another has not the same by the same key.
    ask(
        &mut world,
        By::Account("bob"),
        wanted(5, "a", 3, Audience::Public),
    )
    .unwrap();
    assert_eq!(fault(arrive_as(&mut world, 5, key)), Fault::NotFound);
    assert_eq!(world.memory.files.rows.len(), 1);
}

#[test]
fn those_of_one_network_upload_so_much_in_a_day() {
    let mut settings = settings();
    settings.files.day_bytes = 10;
    let mut world = World::new(settings);
    world.log = Some(Vec::new());
    let names: Vec<String> = (0..=ACCOUNTS_PER_NETWORK)
        .map(|n| format!("user{n}"))
        .collect();
    let mut number = 0;
    for name in &names {
        world.place += 1;
        world.arrive(name, "");
    }
    let (last, others) = names.split_last().unwrap();
    let mut upload = |world: &mut World, name: &str, exempt| {
        number += 1;
        let wish = FileWish::Upload {
            permit: PermitKey([number; 16]),
            name: causette_proto::FileName::nearest("a"),
            bytes: Some(10),
            audience: Audience::Private,
            from: FROM,
        };
        ask_from(world, By::Account(name), exempt, wish)?;
        arrive(world, number, 10)
    };
    for name in others {
        upload(&mut world, name, false).unwrap();
        assert_eq!(fault(upload(&mut world, name, false)), Fault::NoRoom);
    }
    let told = upload(&mut world, last, false).unwrap_err();
    assert!(told.text.contains("your network"), "{told:?}");
    // From where no limits apply it is counted for the account alone.
    upload(&mut world, last, true).unwrap();
    world.pass(24 * 3600 * 1_000_000 + 1_000_000);
    upload(&mut world, &names[0], false).unwrap();
    let log = world.log.as_ref().unwrap().iter();
    let refused = log.filter(|record| matches!(record.fact, Fact::FileRefused { .. }));
    assert_eq!(refused.count(), others.len() + 1);
}

/// A minute passes, and what is due is done.
fn minute(world: &mut World) {
    for _ in 0..60 {
        world.pass(1_000_000);
        world.input(Input::Tick);
    }
    world.settle();
}

#[test]
fn files_are_kept_for_as_long_as_the_configuration_says() {
    let mut settings = settings();
    let day = 24 * 3600;
    settings.files.keep = Keep {
        public: day,
        ..Keep::default()
    };
    let mut world = World::new(settings);
    world.arrive("alice", "");
    let public = upload(&mut world, "alice", 1, Audience::Public);
    let private = upload(&mut world, "alice", 2, Audience::Private);
    let until = public
        .until
        .map(|until| until.seconds() - public.since.seconds());
    assert_eq!(until, Some(day.cast_signed()));
    assert_eq!(private.until, None);
    world.pass(day.cast_signed() * 1_000_000);
    // It would be gone at once.
    let share = FileWish::Share {
        file: FileRef::Id(FileId(2)),
        audience: Audience::Public,
    };
    assert_eq!(
        fault(ask(&mut world, By::Account("alice"), share)),
        Fault::NoRoom
    );
    world.log = Some(Vec::new());
    minute(&mut world);
    assert_eq!(world.memory.files.rows.len(), 1);
    assert_eq!(world.unused, [Digest([1; 32])]);
    let log = world.log.as_ref().unwrap();
    let [record] = &log[..] else {
        panic!("{log:?}")
    };
    let told = format!("{record:?}");
    assert!(
        told.contains("Removed") && told.contains("Server"),
        "{told}"
    );
}

#[test]
fn with_an_account_go_its_files_and_what_was_sent_to_it() {
    let (mut world, _) = people();
    upload(&mut world, "alice", 1, Audience::To("bob".into()));
    upload(&mut world, "bob", 2, Audience::To("alice".into()));
    upload(&mut world, "carol", 3, Audience::To("bob".into()));
    // One is on its way.
    ask(
        &mut world,
        By::Account("bob"),
        wanted(9, "late", 3, Audience::Private),
    )
    .unwrap();
    world.obey(Order::DropAccount {
        account: "bob".into(),
        reason: "as he wished".into(),
    });
    assert_eq!(fault(arrive(&mut world, 9, 3)), Fault::NotFound);
    let rows: Vec<_> = world
        .memory
        .files
        .rows
        .iter()
        .map(|row| (row.id.0, row.granted.len()))
        .collect();
    assert_eq!(rows, [(1, 0), (3, 0)]);
    assert_eq!(world.unused, [Digest([2; 32]), Digest([9; 32])]);
    // Whoever has the name next finds nothing of his.
    world.place += 1;
    world.arrive("bob", "");
    assert_eq!(listed(&mut world, "bob", Listed::Sent), [0; 0]);
    assert_eq!(listed(&mut world, "bob", Listed::Own), [0; 0]);
    assert_eq!(
        fault(fetch(&mut world, By::Account("bob"), 1)),
        Fault::NotFound
    );
}

#[test]
fn what_was_for_a_room_is_its_owners_alone_when_the_room_is_gone() {
    let (mut world, _) = people();
    upload(&mut world, "alice", 1, Audience::Room("#tea".into()));
    ask(
        &mut world,
        By::Account("alice"),
        wanted(2, "late", 2, Audience::Room("#tea".into())),
    )
    .unwrap();
    world.obey(Order::CloseRoom {
        room: "#tea".into(),
        reason: "spam".into(),
    });
    file(arrive(&mut world, 2, 2));
    let private = world
        .memory
        .files
        .rows
        .iter()
        .map(|row| row.visibility.name());
    assert_eq!(private.collect::<Vec<_>>(), ["private"; 2]);
    // A room that has the name next shows nothing of it.
    world.say_all("bob", "JOIN #tea");
    assert_eq!(
        listed(&mut world, "bob", Listed::Room("#tea".into())),
        [0; 0]
    );
    assert_eq!(
        fault(fetch(&mut world, By::Account("bob"), 1)),
        Fault::NotFound
    );
    assert!(fetch(&mut world, By::Account("alice"), 1).is_ok());
}

#[test]
fn a_device_does_with_files_what_its_owner_does_and_a_program_what_its_token_says() {
    let (mut world, _) = people();
    world.say_all("alice", "DEVICE ADD :telephone");
    let device = format!("causette_{:A>43}", world.tokens);
    let wish = wanted(1, "a", 1, Audience::Public);
    assert!(ask(&mut world, By::Token(&device), wish).is_ok());
    file(arrive(&mut world, 1, 1));
    world.obey(Order::GiveRole {
        account: "alice".into(),
        role: Role::Moderator,
        reason: "trusted".into(),
    });
    let program = |world: &mut World, scope: &str| {
        world.obey(Order::GiveToken {
            account: "alice".into(),
            name: scope.into(),
            scopes: causette_core::right::Scopes::read(scope).unwrap(),
            seconds: 3600,
        });
        format!("causette_{:A>43}", world.tokens)
    };
    let (files, other) = (program(&mut world, "files"), program(&mut world, "read"));
    let wish = wanted(2, "b", 1, Audience::Private);
    assert!(ask(&mut world, By::Token(&files), wish.clone()).is_ok());
    assert_eq!(
        fault(ask(&mut world, By::Token(&other), wish)),
        Fault::Forbidden
    );
    assert_eq!(
        fault(fetch(&mut world, By::Token(&other), 1)),
        Fault::Forbidden
    );
    assert!(fetch(&mut world, By::Token(&files), 1).is_ok());
}

/// Somebody who writes what looks like a message of a file has nobody's address signed for them but on this server.
#[test]
fn nobody_has_an_address_signed_that_leads_elsewhere() {
    let (mut world, _) = people();
    upload(&mut world, "alice", 1, Audience::Private);
    let key = FileKey([1; 16]);
    for base in ["https://evil.test", "https://irc.test"] {
        let said = format!("@+causette/file=1 PRIVMSG bob :📎 x (1 B) {base}/files/{key}/x");
        world.say_all("carol", &said);
    }
    world.clear();
    let bob = world.connect("bob2");
    for line in [
        "PASS bob:correct-horse-battery",
        "CAP REQ :message-tags batch draft/chathistory",
        "NICK bob2",
        "USER bob 0 * :bob",
        "CAP END",
        "CHATHISTORY LATEST carol * 10",
    ] {
        world.say(bob, line);
        world.settle();
    }
    let lines = &world.inboxes[&bob];
    let shown: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("/files/"))
        .collect();
    let [evil, own] = shown[..] else {
        panic!("{lines:#?}")
    };
    assert!(!evil.contains("?t="), "{evil}");
    // It is signed for bob, who may not see the file: it opens nothing.
    let address = own.split(' ').next_back().unwrap().to_owned();
    assert!(address.contains("?t="), "{own}");
    assert_eq!(fault(open(&mut world, &address)), Fault::NotFound);
}

/// A name as long as it may be, in letters that take six characters each in an address.
#[test]
fn the_message_of_a_file_with_a_long_name_is_one_line() {
    let (mut world, _) = people();
    let name = format!("{}.pdf", "é".repeat(120));
    let file = (1, name.as_str(), 3);
    upload_named(&mut world, "alice", file, audience("bob")).unwrap();
    let bob = world.names["bob"];
    let lines = &world.inboxes[&bob];
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("PRIVMSG bob"))
        .collect();
    let [told] = told[..] else {
        panic!("{lines:#?}")
    };
    let (_, body) = told.split_once(" :alice").unwrap();
    assert!(body.len() < 505, "{}", body.len());
    let address = told.split(' ').next_back().unwrap().to_owned();
    assert!(address.contains(".pdf?t="), "{address}");
    assert!(open(&mut world, &address).is_ok());
}
