//! What other servers had to mend, one test each: the lessons that Ergo's security advisories and issues teach.

use crate::roles;
use crate::settings::settings;
use crate::world::World;
use causette_core::commands::COMMANDS;
use causette_core::id::SessionId;
use causette_proto::Capability;

fn say(world: &mut World, session: SessionId, line: &str) -> Vec<String> {
    world.clear();
    world.say(session, line);
    world.settle();
    let seen = world.delivered.iter();
    seen.filter(|(to, _)| *to == session)
        .map(|(_, line)| line.clone())
        .collect()
}

fn says(lines: &[String], text: &str) -> bool {
    lines.iter().any(|line| line.contains(text))
}

/// Suspended and unverified accounts could be used all the same (GHSA-x6wg-9hcg-fc9v).
#[test]
fn an_account_that_is_no_more_opens_by_no_door() {
    let mut world = World::new(settings());
    let alice = world.connect("certified");
    for line in [
        "CAP REQ :sasl",
        "NICK alice",
        "USER a 0 * :a",
        "CAP END",
        "REGISTER * * correct-horse-battery",
        "NS CERT ADD",
    ] {
        say(&mut world, alice, line);
    }
    say(&mut world, alice, "NS DROP alice");
    let doors: [&[&str]; 5] = [
        &[
            "PASS alice:correct-horse-battery",
            "NICK a",
            "USER a 0 * :a",
        ],
        &[
            "NICK a",
            "USER a 0 * :a",
            "NS IDENTIFY alice correct-horse-battery",
        ],
        &[
            "CAP REQ sasl",
            "AUTHENTICATE PLAIN",
            "AUTHENTICATE AGFsaWNlAGNvcnJlY3QtaG9yc2UtYmF0dGVyeQ==",
        ],
        &["CAP REQ sasl", "AUTHENTICATE EXTERNAL", "AUTHENTICATE +"],
        &["NICK alice", "USER a 0 * :a", "VERIFY alice 000000"],
    ];
    for door in doors {
        let session = world.connect("certified");
        let mut seen = Vec::new();
        for line in door {
            seen.extend(say(&mut world, session, line));
        }
        assert!(!says(&seen, " 900 "), "{door:?}: {seen:#?}");
        world.drop_session(session);
        world.settle();
    }
}

/// Who may take back what was judged by the wrong room or the wrong person (GHSA-8cmp-fc56-7g44).
#[test]
fn rights_in_one_room_take_nothing_back_in_another() {
    let capabilities = "message-tags draft/message-redaction standard-replies";
    let mut world = World::new(settings());
    let [alice, bob, carol] =
        ["alice", "bob", "carol"].map(|name| world.arrive(name, capabilities));
    // Bob rules in a room of his own, and is nobody in the common one.
    say(&mut world, bob, "JOIN #bobs");
    let msgid_of = |world: &mut World, author, target: &str| {
        say(world, author, &format!("PRIVMSG {target} :a message"));
        world.memory.last_msgid()
    };
    let public = msgid_of(&mut world, alice, "#general");
    let private = msgid_of(&mut world, alice, "carol");
    for (target, msgid, code) in [
        ("#general", &public, "REDACT_FORBIDDEN"),
        // The message is not where he may take back.
        ("#bobs", &public, "UNKNOWN_MSGID"),
        ("alice", &public, "UNKNOWN_MSGID"),
        // Whether two others have talked is not for him to learn.
        ("alice", &private, "UNKNOWN_MSGID"),
        ("carol", &private, "UNKNOWN_MSGID"),
        ("#bobs", &private, "UNKNOWN_MSGID"),
    ] {
        let seen = say(&mut world, bob, &format!("REDACT {target} {msgid}"));
        assert!(says(&seen, code), "{target}: {seen:#?}");
    }
    let theirs = msgid_of(&mut world, carol, "alice");
    let seen = say(&mut world, alice, &format!("REDACT carol {theirs}"));
    assert!(says(&seen, "REDACT_FORBIDDEN"), "{seen:#?}");
    // Rights that are lost while the message is looked up are lost.
    say(&mut world, alice, "JOIN #bobs");
    let here = msgid_of(&mut world, alice, "#bobs");
    say(&mut world, carol, "JOIN #bobs");
    say(&mut world, bob, "MODE #bobs +o carol");
    world.clear();
    world.say(bob, &format!("REDACT #bobs {here}"));
    world.commit();
    assert_eq!(world.due.len(), 1, "the message is being looked up");
    world.say(carol, "MODE #bobs -o bob");
    world.settle();
    assert!(
        says(&world.inboxes[&bob], "REDACT_FORBIDDEN"),
        "{:#?}",
        world.inboxes[&bob]
    );
}

/// Addresses that clients gave were fetched from inside the network (GHSA-7pw8-m2w2-f545). Those that METADATA keeps are told as they
/// are: nothing among the outputs of the core opens one.
#[test]
fn nothing_that_a_client_says_makes_the_server_call_an_address() {
    let words = ["WEBPUSH", "FILEHOST", "EXTJWT"];
    assert!(
        COMMANDS
            .iter()
            .all(|command| !words.contains(&command.verb))
    );
    assert!(
        Capability::ALL
            .iter()
            .all(|capability| !capability.name().contains("webpush"))
    );
}

/// What non-members could read of a channel (Ergo issue 2382): of a secret one they must learn nothing at all.
#[test]
fn to_those_outside_a_secret_channel_is_one_that_does_not_exist() {
    for line in roles::LINES {
        // To enter is to find out; what else names the room must not tell it from one that is not there.
        if !line.contains("#room") || line.starts_with("JOIN") {
            continue;
        }
        let secret = roles::answers_after("founder", "MODE #room +s", "outsider", line);
        let elsewhere = line.replace("#room", "#none");
        let none = roles::answers_after("founder", "MODE #room +s", "outsider", &elsewhere);
        let none: Vec<String> = none
            .iter()
            .map(|line| line.replace("#none", "#room"))
            .collect();
        assert_eq!(secret, none, "{line}");
    }
}

/// Secret channels were named in the information on their founders (Ergo issue 2405).
#[test]
fn what_is_told_of_a_founder_names_no_secret_channel() {
    for line in [
        "NS INFO founder",
        "WHOIS founder",
        "WHO founder",
        "WHO * %cn",
        "LIST",
        "NAMES #room",
    ] {
        let seen = roles::answers_after("founder", "MODE #room +s", "outsider", line);
        let named = seen
            .iter()
            .filter(|seen| seen.contains("#room") && !seen.contains(" 366 "));
        assert_eq!(named.count(), 0, "{line}: {seen:#?}");
    }
}

/// One client could stop the server for all (Ergo issue 2149).
#[test]
fn an_answer_that_never_comes_holds_up_nobody_else() {
    let mut world = World::new(settings());
    let alice = world.arrive("alice", "");
    let bob = world.arrive("bob", "");
    world.clear();
    let waiting = world.connect("waiting");
    world.say(waiting, "CAP REQ sasl");
    world.say(waiting, "AUTHENTICATE PLAIN");
    world.say(
        waiting,
        "AUTHENTICATE AGFsaWNlAGNvcnJlY3QtaG9yc2UtYmF0dGVyeQ==",
    );
    world.commit();
    let asked = world.due.len();
    assert_eq!(asked, 1, "its password is being checked, for ever");
    world.say(waiting, "PING mine");
    world.say(alice, "PRIVMSG #general :still here");
    world.say(alice, "PRIVMSG bob :and here");
    world.commit();
    assert!(says(&world.inboxes[&bob], "PRIVMSG #general :still here"));
    assert!(says(&world.inboxes[&bob], "PRIVMSG bob :and here"));
    assert!(
        !says(&world.inboxes[&waiting], "PONG"),
        "its own lines wait"
    );
}
