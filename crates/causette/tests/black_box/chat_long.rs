//! Much at once: long inputs of scripts, long pastes, long absences. Nothing is lost, doubled or out of order, and nothing is
//! said that the person did not want to say.

use crate::chat::{Person, alice_and_bob};
use crate::programs::installed;
use crate::proxy::Proxy;
use crate::support::{Folder, QUICK, Server};
use crate::terminal::{Desk, within_deadline};
use serde_json::Value;

fn numbered(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("n° {number}")).collect()
}

/// The texts of a channel from its beginning on.
fn all(reader: &Person, channel: &str) -> Vec<String> {
    let told = reader.does(&["tail", "--json", "--since", "2000-01-01", channel]);
    let lines = told.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        line["text"].as_str().unwrap().to_owned()
    });
    lines.collect()
}

#[test]
fn a_long_input_is_stored_whole_in_few_messages_and_each_id_is_told() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let input = numbered(3_000);
    let told = alice.run(&["send", "#general"], &input.join("\n"));
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    let ids = String::from_utf8(told.stdout).unwrap();
    assert_eq!(ids.lines().count(), 15, "{ids}");
    let texts = all(&alice, "#general");
    assert_eq!(texts.len(), 15);
    let lines: Vec<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    assert_eq!(lines, input);
    let first = ids.lines().next().unwrap();
    let behind = alice.does(&["tail", "--since", first, "#general"]);
    assert_eq!(behind.lines().count(), 14);
    let newest = alice.does(&["tail", "--since", "1h", "-n", "2", "#general"]);
    assert_eq!(newest.lines().count(), 2);
}

#[test]
fn a_place_that_is_none_is_said_to_be_none() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    alice.does(&["send", "#general", "hello"]);
    assert_eq!(alice.fails(&["tail", "--since", "3x", "#general"], "").0, 2);
    let unknown = ["tail", "--since", "06h11t3qssar95tc10zzzzzz", "#general"];
    let (status, error) = alice.fails(&unknown, "");
    assert_eq!(status, 6, "{error}");
    assert!(error.contains("no message"), "{error}");
    assert_eq!(alice.does(&["tail", "-n", "0", "#general"]), "");
    assert!(
        alice
            .does(&["tail", "-n", "1", "#general"])
            .contains("hello")
    );
}

#[test]
fn reactions_are_no_messages_to_tail() {
    let (_folder, _server, alice, mut bob) = alice_and_bob();
    bob.ask("CAP REQ message-tags");
    let id = alice.does(&["send", "#general", "the question"]);
    for _ in 0..12 {
        let id = id.trim();
        bob.ask(&format!(
            "@+draft/reply={id};+draft/react=👍 TAGMSG #general"
        ));
    }
    let shown = alice.does(&["tail", "-n", "10", "#general"]);
    assert!(shown.contains("the question"), "{shown}");
}

#[test]
fn who_follows_through_a_long_absence_misses_nothing() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let proxy = Proxy::to(server.address);
    let alice = Person::known_by(&folder, &server, "alice", &proxy.address.to_string());
    let bob = Person::known(&folder, &server, "bob");
    bob.does(&["send", "#general", "before"]);
    let mut tail = alice.start(&["tail", "--follow", "--json", "-n", "1", "#general"]);
    tail.see("before");
    proxy.cut();
    let mut on_bobs = server.plain();
    on_bobs.sign_up("carol");
    for line in numbered(1_200) {
        on_bobs.send(&format!("PRIVMSG #general :{line}"));
    }
    on_bobs.ask("PING done");
    proxy.mend();
    tail.see("n° 1199");
    on_bobs.ask("PRIVMSG #general :the end");
    tail.see("the end");
    tail.signal(rustix::process::Signal::INT);
    let (status, seen) = tail.end();
    assert_eq!(status, Some(130));
    let texts: Vec<String> = seen
        .iter()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["text"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .filter(|text| text.starts_with("n° "))
        .collect();
    assert_eq!(texts, numbered(1_200));
}

#[test]
fn a_pipe_that_nobody_reads_ends_tail_as_it_ends_other_tools() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    for _ in 0..3 {
        alice.does(&["send", "#general", "hello"]);
    }
    for verb in [&["tail", "--follow", "#general"][..], &["tail", "#general"]] {
        let program = alice.program("dumb", verb);
        let script = format!(
            "{{ {program}; echo $? > status; }} | head -n 1; while ! test -s status; do sleep 0.1; done"
        );
        let told = std::process::Command::new("timeout")
            .args(["30", "sh", "-c", &script])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(told.stderr.is_empty(), "{told:?}");
        let file = folder.path().join("status");
        let status = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        // What fits into the pipe before its reader ends may be all there is.
        assert!(["141\n", "0\n"].contains(&&*status), "{status}");
        assert!(verb.len() == 2 || status == "141\n", "{status}");
    }
}

#[test]
fn a_long_paste_is_asked_about_and_can_be_stopped_and_lets_others_pass() {
    if !installed("a long paste", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    // Slow enough that the paste is on its way for a while; who looks at what came connects often.
    let slow = QUICK.replace(
        "[flood]\nexempt = [\"127.0.0.0/8\"]\n",
        "[flood]\nrate = 4\nburst = 20\nconnection_burst = 10000\n",
    );
    let server = Server::start(folder.path(), &slow);
    let desk = Desk::new(folder.path());
    let alice = Person::known(&folder, &server, "alice");
    let bob = Person::known(&folder, &server, "bob");
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), (90, 30));
    screen.see("#general ❯");
    screen.paste(&numbered(201).join("\n"));
    screen.see("n° 200");
    screen.press("Enter");
    screen.see("201 lines, sent as 5 messages");
    // Enter once more sends nothing, and what is typed goes on with the text.
    screen.press("Enter");
    screen.write("!");
    screen.see_so("the question is still there", |shown| {
        !shown.contains("sent as 5 messages")
    });
    screen.see("n° 200!");
    screen.press("BSpace");
    screen.press("Enter");
    screen.see("sent as 5 messages");
    screen.write("s");
    screen.enter("/msg bob urgent");
    assert!(within_deadline(|| !bob.texts("alice", "urgent").is_empty()));
    let stored = || all(&bob, "#general").len();
    assert!(stored() < 5, "the whole paste went before");
    screen.press("Escape");
    assert!(within_deadline(|| !alice.kept().contains("n° 200")));
    screen.enter("behind it");
    assert!(within_deadline(|| !bob
        .texts("#general", "behind it")
        .is_empty()));
    screen.enter("/quit");
    screen.see_the_end();
    // Nor does the next run bring the rest.
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), (90, 30));
    screen.see("behind it");
    screen.enter("and later");
    assert!(within_deadline(|| !bob
        .texts("#general", "and later")
        .is_empty()));
    let texts = all(&bob, "#general");
    let lines: Vec<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    let parts = lines.iter().filter(|line| line.starts_with("n° ")).count();
    assert!(parts < 201, "{parts}");
    assert_eq!(lines[..parts], numbered(parts)[..]);
    assert_eq!(lines[parts..], ["behind it", "and later"]);
}

#[test]
fn a_password_that_is_said_to_nickserv_stands_nowhere() {
    if !installed("a password on the screen", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let desk = Desk::new(folder.path());
    let alice = Person::known(&folder, &server, "alice");
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), (90, 30));
    screen.see("#general ❯");
    screen.write("/msg NickServ IDENTIFY alice hunter2hunter2");
    screen.see("/msg NickServ IDENTIFY •••");
    screen.press("Enter");
    screen.see_so("the line is still there", |shown| {
        !shown.contains("IDENTIFY •••") || shown.contains("••••••")
    });
    screen.press("Up");
    screen.enter("said");
    screen.see(" said");
    screen.enter("/query NickServ");
    screen.see("NickServ ❯");
    screen.write("SET PASSWORD hunter2hunter2");
    screen.see("SET PASSWORD •••");
    assert!(!screen.scroll().contains("hunter2"), "{}", screen.scroll());
    screen.press("C-c");
    screen.write("REGISTER hunter2hunter2");
    screen.see("REGISTER •••");
    rustix::process::kill_process(screen.pid(), rustix::process::Signal::TERM).unwrap();
    screen.see_the_end();
    assert!(!alice.kept().contains("hunter2"), "{}", alice.kept());
}

#[test]
fn only_a_yes_sends_a_long_text_and_what_is_neither_is_asked_again() {
    if !installed("the question of long texts", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let desk = Desk::new(folder.path());
    // What was begun on the screen is still there after the question was answered elsewhere.
    let lines: Vec<String> = (1..=12).map(|line| format!("line {line}.")).collect();
    let long = lines.join("\n");
    let mut screen = desk.open(&alice.program("screen", &["chat"]), (110, 60));
    screen.see("#general ❯");
    screen.write("half a thought");
    screen.see("❯ half a thought");
    screen.press("M-Up");
    screen.enter("/quit");
    assert_eq!(screen.see_the_end(), 0);
    let mut plain = desk.open(&alice.program("screen", &["chat", "--plain"]), (110, 60));
    // A terminal says where a paste begins and ends while the editor reads, and not between its lines.
    plain.see_prompt("Me:");
    plain.paste(&long);
    plain.press("Enter");
    plain.see("Send? y/N");
    for (asked, unclear) in [(2, "maybe"), (3, "yess"), (4, "yet another line")] {
        plain.enter(unclear);
        plain.see_so("it is not asked again", |screen| {
            screen.matches("Send? y/N").count() == asked
        });
    }
    // A command is what it always is, and the text is not sent.
    plain.enter("/me is here");
    plain.see("Not sent.");
    assert!(within_deadline(|| alice.texts("#general", "").len() == 1));
    plain.see_prompt("Me:");
    plain.paste(&long);
    plain.press("Enter");
    plain.see_so("another is not asked about", |screen| {
        screen.matches("Send? y/N").count() == 5
    });
    plain.enter("non");
    plain.enter("still here");
    assert!(within_deadline(|| alice.texts("#general", "").len() == 2));
    plain.see_prompt("Me:");
    plain.paste(&long);
    plain.press("Enter");
    plain.enter("YES");
    assert!(within_deadline(|| alice.texts("#general", "").len() == 3));
    plain.enter("/quit");
    assert_eq!(plain.see_the_end(), 0);
    let texts = alice.texts("#general", "");
    assert_eq!(texts, ["is here", "still here", &long]);
    let mut screen = desk.open(&alice.program("screen", &["chat"]), (110, 60));
    screen.see("❯ half a thought");
    screen.press("M-Up");
    screen.enter("/quit");
    assert_eq!(screen.see_the_end(), 0);
}
