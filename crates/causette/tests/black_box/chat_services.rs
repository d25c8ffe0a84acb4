//! What is said to services with the client: it is answered, and done once.

use crate::chat::Person;
use crate::proxy::Proxy;
use crate::support::{Folder, QUICK, Server};
use crate::terminal::within_deadline;
use serde_json::Value;

#[test]
fn send_prints_what_a_service_answers() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let told = alice.does(&["send", "NickServ", "DEVICE ADD truck"]);
    assert!(told.contains("truck"), "{told}");
    let devices = alice.does(&["send", "NickServ", "DEVICE LIST"]);
    assert!(
        devices.contains("truck") && devices.lines().count() > 1,
        "{devices}"
    );
    let lines = alice.does(&["send", "--json", "ChanServ", "HELP"]);
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["text"], "HELP");
    assert_eq!(
        (&lines[1]["type"], &lines[1]["from"]),
        (&"notice".into(), &"ChanServ".into())
    );
    // A notice to a service is refused.
    let (status, error) = alice.fails(&["send", "--notice", "NickServ", "DEVICE LIST"], "");
    assert_eq!(status, 5, "{error}");
}

#[test]
fn what_a_service_was_told_before_the_line_was_cut_is_done_once() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let proxy = Proxy::to(server.address);
    let alice = Person::known_by(&folder, &server, "alice", &proxy.address.to_string());
    let desk = Person::new(&folder, "desk");
    let mut client = alice.start(&["chat", "--commands", "--to", "#general"]);
    client.say("/msg NickServ DEVICE ADD tractor");
    client.see("tractor");
    // Done, and the client never hears of it.
    proxy.swallow();
    client.say("/msg NickServ DEVICE ADD truck");
    let address = server.address.to_string();
    let as_alice = ["login", "--account", "alice", "--password-stdin", &address];
    let password = format!("{}\n", crate::chat::PASSWORD);
    assert_eq!(desk.run(&as_alice, &password).status.code(), Some(0));
    let trucks = || {
        let devices = desk.does(&["send", "NickServ", "DEVICE LIST"]);
        devices.matches("truck").count()
    };
    assert!(within_deadline(|| trucks() == 1));
    proxy.cut();
    proxy.mend();
    client.see("before NickServ answered");
    client.say("/msg NickServ DEVICE LIST");
    client.see("truck");
    assert!(!alice.kept().contains("DEVICE"));
    client.end();
    assert_eq!(trucks(), 1);
}

#[test]
fn a_chat_goes_on_when_its_device_signs_in_anew() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let bob = Person::known(&folder, &server, "bob");
    let mut client = alice.start(&["chat", "--commands", "--to", "#general"]);
    bob.does(&["send", "#general", "before"]);
    client.see("bob: before");
    let credentials = || std::fs::read_to_string(alice.file("credentials.toml")).unwrap();
    for round in ["first", "second"] {
        let old = credentials();
        alice.sign_in(&server.address.to_string());
        let new = credentials();
        assert_ne!(old, new);
        // The chat's own token is gone, and it comes back with the one that took its place.
        bob.does(&["send", "#general", round]);
        client.see(&format!("bob: {round}"));
        client.say(&format!("I am here after the {round}"));
        client.see(&format!("I am here after the {round}"));
        assert_eq!(credentials(), new);
    }
    assert!(alice.does(&["whoami"]).starts_with("alice"));
    assert_eq!(client.end().0, Some(0));
}
