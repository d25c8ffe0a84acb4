//! Verbs of scripts, at which nobody is: nobody sees their person come, and what waits for them goes on waiting.

use crate::backup::done;
use crate::chat::{PASSWORD, Person, alice_and_bob};
use crate::support::{Client, Folder, QUICK, Server};
use std::thread;
use std::time::{Duration, Instant};

/// How long the server may take to notice that somebody has gone.
const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until somebody is seen to have no connection any more.
#[track_caller]
fn wait_until_gone(who: &mut Client, nick: &str) {
    let until = Instant::now() + PATIENCE;
    let whois = format!("WHOIS {nick}");
    while !who.ask(&whois).iter().any(|line| line.contains(" 301 ")) {
        assert!(Instant::now() < until, "{nick} does not go");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Comes with another client than ours, and gives back what that is shown.
fn comes(server: &Server, name: &str) -> (Client, String) {
    let mut client = server.plain();
    client.send(&format!("PASS {name}:{PASSWORD}"));
    client.register(name);
    let shown = client.ask("PING shown").join("\n");
    (client, shown)
}

#[test]
fn what_waits_for_somebody_goes_on_waiting_while_their_scripts_run() {
    let (folder, server, alice, mut bob) = alice_and_bob();
    bob.ask("CAP REQ :away-notify extended-monitor");
    wait_until_gone(&mut bob, "alice");
    bob.ask("MONITOR + alice");

    std::fs::write(alice.folder().join("notes.txt"), "the notes").unwrap();
    alice.does(&["upload", "notes.txt"]);
    let line = ["file", "quarantine", "1", "--reason", "looks bad"];
    done(&folder, &[&["admin"], &line[..]].concat());
    done(&folder, &["admin", "alert", "the server moves tonight"]);
    bob.ask("PRIVMSG alice :read this later");

    alice.does(&["send", "#general", "the backup is done"]);
    alice.does(&["send", "bob", "and so are you"]);
    alice.does(&["tail", "#general"]);
    assert!(alice.does(&["who", "#general"]).contains("alice"));
    alice.does(&["files"]);
    alice.does(&["whoami"]);
    let seen = bob.ask("WHOIS alice").join("\n");
    assert!(seen.contains("PRIVMSG #general :the backup is done"));
    assert!(seen.contains("PRIVMSG bob :and so are you"));
    // Of alice herself there is nothing but that she is away.
    for shown in [" AWAY", " JOIN ", " 730 ", " 317 "] {
        assert!(!seen.contains(shown), "{shown}: {seen}");
    }
    assert!(seen.contains(" 301 bob alice :Disconnected"), "{seen}");

    let (client, shown) = comes(&server, "alice");
    for kept in [
        "the server moves tonight",
        "your file notes.txt (#1) aside",
        "read this later",
    ] {
        assert!(shown.contains(kept), "{kept}: {shown}");
    }
    bob.expect(":alice!alice@account/alice AWAY");
    drop(client);
    wait_until_gone(&mut bob, "alice");
    let (_client, shown) = comes(&server, "alice");
    for told in ["moves tonight", "aside", "read this later"] {
        assert!(!shown.contains(told), "{told} again: {shown}");
    }
}

#[test]
fn who_uses_scripts_alone_is_never_there_and_speaks_all_the_same() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut bob = server.plain();
    bob.sign_up("bob");
    let create = ["account", "create", "backup", "--password-stdin"];
    let told = crate::support::run(folder.path(), &create, &format!("{PASSWORD}\n"));
    assert!(told.status.success(), "{told:?}");
    let backup = Person::new(&folder, "backup");
    backup.sign_in(&server.address.to_string());
    backup.does(&["send", "#general", "the backup is done"]);
    let seen = bob.ask("NAMES #general").join("\n");
    let theirs: Vec<&str> = seen
        .lines()
        .filter(|line| line.contains("backup"))
        .collect();
    let said = ":backup!backup@account/backup PRIVMSG #general :the backup is done";
    assert_eq!(theirs, [said], "{seen}");
}
