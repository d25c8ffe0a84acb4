//! The verbs of the client, as scripts use them: what they print, and how they end.

use crate::chat::{PASSWORD, Person, alice_and_bob};
use crate::support::{Folder, QUICK, Server, free_address, run};
use rustix::process::Signal;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// The number of this device, and its token.
fn credential(person: &Person) -> (String, String) {
    let file = std::fs::read_to_string(person.file("credentials.toml")).unwrap();
    let value = |key: &str| {
        let line = file
            .lines()
            .find_map(|line| line.strip_prefix(key))
            .unwrap();
        line.trim_matches([' ', '=', '"']).to_owned()
    };
    (value("id"), value("token"))
}

#[test]
fn what_was_sent_is_found_by_the_id_that_send_prints() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let printed = alice.does(&["send", "#general", "le compte rendu : « voilà »"]);
    let id = printed.trim();
    assert_eq!(printed.lines().count(), 1, "{printed}");
    let history = alice.history("#general");
    let message = history.iter().find(|message| message["id"] == id).unwrap();
    assert_eq!(message["v"], 1);
    assert_eq!(message["type"], "message");
    assert_eq!(message["text"], "le compte rendu : « voilà »");
    assert_eq!(message["target"], "#general");
    assert_eq!(message["from"], "alice");
    assert_eq!(message["account"], "alice");
    assert_eq!(message["server"], "127.0.0.1");
    let time = message["time"].as_str().unwrap();
    assert!(time.starts_with("20") && time.ends_with('Z'), "{time}");

    // From standard input, as an answer, as JSON.
    let told = alice.run(
        &["send", "--reply-to", id, "--json", "#general", "-"],
        "two\nlines\n",
    );
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    let sent: Value = serde_json::from_slice(&told.stdout).unwrap();
    let history = alice.history("#general");
    let message = history.last().unwrap();
    assert_eq!(message["id"], sent["id"]);
    assert_eq!(message["text"], "two\nlines");
    assert_eq!(message["reply_to"], id);
    // From that message on.
    let since = alice.does(&["tail", "--json", "--since", id, "#general"]);
    assert_eq!(since.lines().count(), 1, "{since}");
    let newest = alice.does(&["tail", "-n", "1", "#general"]);
    assert!(newest.starts_with("#general "), "{newest}");
    assert!(newest.contains("two"), "{newest}");
}

#[test]
fn who_follows_sees_what_is_said_later_and_ends_with_130_when_interrupted() {
    let (_folder, _server, alice, mut bob) = alice_and_bob();
    bob.ask("PRIVMSG #general :before");
    let mut tail = alice.start(&["tail", "--follow", "--json", "#general"]);
    tail.see("before");
    bob.ask("PRIVMSG #general :later");
    let line: Value = serde_json::from_str(&tail.see("later")).unwrap();
    assert_eq!(
        (&line["from"], &line["type"]),
        (&"bob".into(), &"message".into())
    );
    // What is none of its business, and what is not said, it does not show.
    bob.ask("JOIN #elsewhere");
    bob.ask("PRIVMSG #elsewhere :elsewhere");
    bob.ask("NOTICE #general :the last");
    let line: Value = serde_json::from_str(&tail.see("the last")).unwrap();
    assert_eq!(line["type"], "notice");
    tail.signal(Signal::INT);
    let (status, seen) = tail.end();
    assert_eq!(status, Some(130));
    assert_eq!(seen.len(), 3, "{seen:#?}");
}

#[test]
fn a_verb_that_is_written_wrongly_ends_with_2_and_one_that_fails_with_1() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let status = |arguments: &[&str]| alice.fails(arguments, "").0;
    assert_eq!(status(&["send"]), 2);
    assert_eq!(status(&["send", "#general", "  "]), 2);
    assert_eq!(
        status(&["send", "-s", "no address", "#general", "hello"]),
        2
    );
    assert_eq!(status(&["tail", "-n", "many"]), 2);
    assert_eq!(status(&["whoami", "--fingerprint", "sha256:1234"]), 2);
    assert_eq!(status(&["login", "--account", "alice"]), 2);
    let stranger = Person::new(&folder, "stranger");
    assert_eq!(stranger.fails(&["send", "#general", "hello"], "").0, 2);
    // Others may read the token: it is not used.
    let token = alice.file("credentials.toml");
    std::fs::set_permissions(&token, PermissionsExt::from_mode(0o644)).unwrap();
    let (status, error) = alice.fails(&["whoami"], "");
    assert_eq!(status, 1, "{error}");
    assert!(error.contains("chmod 600"), "{error}");
}

#[test]
fn where_nothing_listens_a_verb_ends_with_3() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    server.signal(Signal::KILL);
    server.wait();
    for verb in [
        &["send", "#general", "hello"][..],
        &["tail", "#general"],
        &["tail", "--follow", "#general"],
        &["who"],
        &["whoami"],
        &["chat", "--to", "#general"],
    ] {
        let (status, error) = alice.fails(verb, "");
        assert_eq!(status, 3, "{verb:?}: {error}");
        assert!(error.contains("cannot be reached"), "{error}");
    }
}

#[test]
fn a_device_that_the_server_does_not_know_ends_a_verb_with_4() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let address = server.address.to_string();
    let stranger = Person::new(&folder, "stranger");
    let (status, error) = stranger.fails(&["send", "-s", &address, "#general", "hello"], "");
    assert_eq!(status, 4, "{error}");
    assert!(error.contains("causette login"), "{error}");
    let (status, error) = stranger.fails(
        &["login", "--account", "nobody", "--password-stdin", &address],
        "not the password\n",
    );
    assert_eq!(status, 4, "{error}");

    let mut on_web = server.plain();
    on_web.sign_up("alice");
    let alice = Person::new(&folder, "alice");
    alice.sign_in(&address);
    assert!(alice.does(&["whoami"]).contains("alice"));
    on_web.ask(&format!("DEVICE DEL {}", credential(&alice).0));
    let (status, error) = alice.fails(&["send", "#general", "hello"], "");
    assert_eq!(status, 4, "{error}");
    assert_eq!(alice.fails(&["tail", "#general"], "").0, 4);
    let mut bob = server.plain();
    bob.sign_up("bob");
    let history = bob.ask("CHATHISTORY LATEST #general * 10");
    assert!(
        !history.iter().any(|line| line.contains("hello")),
        "{history:#?}"
    );
}

#[test]
fn what_the_server_refuses_ends_with_5_and_who_is_not_there_with_6() {
    let (_folder, _server, alice, mut bob) = alice_and_bob();
    bob.ask("JOIN #closed");
    bob.ask("JOIN #moderated");
    bob.ask("MODE #moderated +m-n");
    bob.ask("JOIN #secret");
    bob.ask("MODE #secret +is");
    for channel in ["#closed", "#moderated"] {
        let (status, error) = alice.fails(&["send", channel, "hello"], "");
        assert_eq!(status, 5, "{channel}: {error}");
        assert!(error.len() > "Error: ".len(), "{error}");
    }
    let (status, error) = alice.fails(&["send", "nobody", "hello"], "");
    assert_eq!(status, 6, "{error}");
    let (status, error) = alice.fails(&["send", "#nowhere", "hello"], "");
    assert_eq!(status, 6, "{error}");
    let (status, error) = alice.fails(&["tail", "#secret"], "");
    assert!([5, 6].contains(&status), "{status}: {error}");
    assert_eq!(alice.fails(&["who", "nobody"], "").0, 6);
    assert_eq!(alice.fails(&["search", "words"], "").0, 5);
}

#[test]
fn a_notice_that_nobody_gets_ends_with_5_and_one_of_several_lines_is_kept() {
    let (_folder, _server, alice, mut bob) = alice_and_bob();
    bob.ask("JOIN #closed");
    bob.ask("JOIN #moderated");
    bob.ask("MODE #moderated +m-n");
    for target in ["#nope", "nobody", "#closed", "#moderated"] {
        for input in ["hello\n", "two\nlines\n"] {
            let (status, error) = alice.fails(&["send", "--notice", target, "-"], input);
            assert_eq!(status, 5, "{target}: {error}");
            assert!(error.len() > "Error: ".len(), "{error}");
        }
    }
    let log = "Nov 28 host kernel: one\nNov 28 host kernel: two\n";
    let told = alice.run(&["send", "--notice", "#general"], log);
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    bob.expect("NOTICE #general :Nov 28 host kernel: one");
    bob.expect("NOTICE #general :Nov 28 host kernel: two");
    let history = alice.history("#general");
    let notice = history.last().unwrap();
    assert_eq!(notice["type"], "notice");
    assert_eq!(notice["text"], log.trim_end());
}

/// The key of a server's certificate, as its administrator is told.
fn key_of(folder: &Folder) -> String {
    let told = run(folder.path(), &["admin", "fingerprint"], "");
    let told = String::from_utf8(told.stdout).unwrap();
    let key = told
        .lines()
        .map(str::trim)
        .find(|line| line.starts_with("sha256:"));
    key.unwrap().to_owned()
}

#[test]
fn a_key_that_nobody_vouches_for_ends_with_7() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    server.plain().sign_up("alice");
    let address = format!("ircs://{}", server.address);
    let alice = Person::new(&folder, "alice");
    let login = ["login", "--account", "alice", "--password-stdin", &address];
    let password = format!("{PASSWORD}\n");
    let (status, error) = alice.fails(&login, &password);
    assert_eq!(status, 7, "{error}");
    assert!(error.contains("causette trust"), "{error}");
    // Through a pipe nobody is asked.
    assert_eq!(alice.fails(&["trust", &address], "yes\n").0, 7);
    let wrong = format!("sha256:{}", "0".repeat(64));
    let trust = ["trust", "--fingerprint", &wrong, &address];
    assert_eq!(alice.fails(&trust, "").0, 7);
    // Who names the key is believed, and so is an invitation; each for this once.
    let key = key_of(&folder);
    let named = [&login[..], &["--fingerprint", &key]].concat();
    assert_eq!(alice.run(&named, &password).status.code(), Some(0));
    let link = format!("causette://{}/?{}", server.address, key.replace(':', "="));
    assert!(alice.does(&["whoami", &link]).starts_with("alice on "));
    let stranger = Person::new(&folder, "stranger");
    assert_eq!(stranger.fails(&["whoami", &link], "").0, 4);
}

#[test]
fn a_key_is_trusted_once_it_was_named_until_it_is_another() {
    let folder = Folder::new();
    let at = free_address();
    std::fs::write(folder.path().join("causette.toml"), QUICK).unwrap();
    let server = Server::start_at(folder.path(), at);
    server.plain().sign_up("alice");
    let address = format!("ircs://{at}");
    let alice = Person::new(&folder, "alice");
    alice.does(&["trust", "--fingerprint", &key_of(&folder), &address]);
    assert!(alice.does(&["trust", &address]).contains("already"));
    alice.sign_in(&address);
    alice.does(&["send", "#general", "hello"]);

    // Somebody else sits at the server's place.
    server.signal(Signal::KILL);
    server.wait();
    let other = Folder::new();
    std::fs::write(other.path().join("causette.toml"), QUICK).unwrap();
    let _other = Server::start_at(other.path(), at);
    let (status, error) = alice.fails(&["send", "#general", "for the real one"], "");
    assert_eq!(status, 7, "{error}");
    assert!(error.contains("--replace"), "{error}");
    assert_eq!(alice.fails(&["trust", &address], "").0, 7);
    let named = ["--fingerprint", &key_of(&other), &address];
    assert_eq!(alice.fails(&[&["trust"], &named[..]].concat(), "").0, 7);
    alice.does(&[&["trust", "--replace"], &named[..]].concat());
    // The token of the other server opens nothing here.
    assert_eq!(alice.fails(&["whoami"], "").0, 4);
}

#[test]
fn a_device_is_remembered_by_a_token_and_never_by_the_password() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let token = alice.file("credentials.toml");
    assert_eq!(mode(&token), 0o600);
    assert_eq!(mode(token.parent().unwrap()), 0o700);
    assert!(!alice.keeps(PASSWORD));
    assert!(alice.keeps(&credential(&alice).1));
    alice.does(&["send", "#general", "hello"]);

    let whoami = alice.does(&["whoami"]);
    assert_eq!(whoami, format!("alice on {}\n", server.address));
    let whoami: Value = serde_json::from_str(&alice.does(&["whoami", "--json"])).unwrap();
    assert_eq!(whoami["account"], "alice");
    let mut bob = server.plain();
    bob.sign_up("bob");
    bob.ask("AWAY :at the dentist's");
    let who = alice.does(&["who", "--json"]);
    let who: Vec<Value> = who
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let bob = who.iter().find(|person| person["nick"] == "bob").unwrap();
    assert_eq!(bob["away"], true);
    assert!(
        who.iter().any(|person| person["nick"] == "alice"),
        "{who:?}"
    );
    assert!(
        alice
            .does(&["who", "#general"])
            .lines()
            .any(|nick| nick == "bob")
    );
}

#[test]
fn logging_out_makes_the_server_forget_the_device() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let (_, token) = credential(&alice);
    let sign_in = || {
        let mut client = server.plain();
        client.send(&format!("PASS alice:{token}"));
        client.send("NICK alice");
        client.send("USER alice 0 * :Alice");
        client
    };
    sign_in().expect(" 001 alice ");
    let told = alice.does(&["logout"]);
    assert!(told.contains("forgotten each other"), "{told}");
    sign_in().expect(" 464 ");
    assert!(!alice.keeps(&token));
    assert_eq!(alice.fails(&["whoami"], "").0, 4);
    assert_eq!(alice.fails(&["logout"], "").0, 6);
}

#[test]
fn logging_out_while_the_server_is_down_is_half_done() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let (_, token) = credential(&alice);
    let at = server.address;
    server.signal(Signal::KILL);
    server.wait();
    let (status, error) = alice.fails(&["logout"], "");
    assert_eq!(status, 8, "{error}");
    assert!(error.contains("could not be told"), "{error}");
    assert!(!alice.keeps(&token));
    let server = Server::start_at(folder.path(), at);
    assert_eq!(alice.fails(&["whoami"], "").0, 4);
    let mut client = server.plain();
    client.send(&format!("PASS alice:{token}"));
    // The server still has the device in its list, as it was said.
    client.register("alice");
}

#[test]
fn commands_of_a_pipe_wait_for_what_they_need() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let bob = Person::known(&folder, &server, "bob");
    let enter = ["chat", "--plain", "--commands", "--to", "#tea"];
    assert_eq!(bob.run(&enter, "one\ntwo\n").status.code(), Some(0));
    let told = alice.run(&enter, "/last 2\n");
    let text = String::from_utf8_lossy(&told.stdout);
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    assert!(
        text.contains("two") && !text.contains("Nothing was said"),
        "{text}"
    );
    let told = alice.run(&enter, "/part\n/join #tea\nback again\n/last 1\n");
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    assert_eq!(alice.texts("#tea", "back"), ["back again"]);
}
