//! Connections that are lost, servers and clients that are killed: what was typed is stored once, in the order of typing,
//! and what was said meanwhile is shown.

use crate::chat::{Person, alice_and_bob};
use crate::programs::installed;
use crate::proxy::Proxy;
use crate::support::{Folder, QUICK, Server, free_address};
use crate::terminal::{Desk, Terminal, within_deadline};
use rustix::process::{Signal, kill_process};

const SIZE: (u16, u16) = (80, 50);

/// Lines that are told apart by their number.
fn numbered(numbers: std::ops::Range<usize>) -> Vec<String> {
    numbers.map(|number| format!("n° {number}")).collect()
}

fn enter_all(terminal: &mut Terminal<'_>, numbers: std::ops::Range<usize>) {
    for line in numbered(numbers) {
        terminal.enter(&line);
    }
}

/// Waits until somebody can read all the lines in a channel, each once and in their order.
#[track_caller]
fn see_all_stored(reader: &Person, count: usize) {
    let expected = numbered(0..count);
    let mut texts = Vec::new();
    let stored = within_deadline(|| {
        texts = reader.texts("#general", "n° ");
        texts.len() >= count
    });
    assert!(stored && texts == expected, "{texts:?}");
}

#[test]
fn what_is_typed_while_the_server_is_killed_arrives_once_and_in_order() {
    if !installed("a server that is killed", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let at = free_address();
    std::fs::write(folder.path().join("causette.toml"), QUICK).unwrap();
    let server = Server::start_at(folder.path(), at);
    let alice = Person::known(&folder, &server, "alice");
    let bob = Person::known(&folder, &server, "bob");
    let desk = Desk::new(folder.path());
    let mut terminal = desk.open(&alice.program("screen", &["chat", "--plain"]), SIZE);
    terminal.see("Me:");
    enter_all(&mut terminal, 0..5);
    server.signal(Signal::KILL);
    enter_all(&mut terminal, 5..10);
    server.wait();
    enter_all(&mut terminal, 10..15);
    let server = Server::start_at(folder.path(), at);
    bob.does(&["send", "#general", "said while alice was away, perhaps"]);
    enter_all(&mut terminal, 15..20);
    terminal.see("bob: said while alice was away, perhaps");
    see_all_stored(&bob, 20);
    server.signal(Signal::KILL);
    server.wait();
    let _server = Server::start_at(folder.path(), at);
    enter_all(&mut terminal, 20..22);
    see_all_stored(&bob, 22);
    let screen = terminal.scroll();
    for (text, times) in [("perhaps", 1), ("Me: n° 12", 1), ("alice: n°", 0)] {
        assert_eq!(screen.matches(text).count(), times, "{text}: {screen}");
    }
    terminal.enter("/quit");
    assert_eq!(terminal.see_the_end(), 0);
}

#[test]
fn lines_of_a_pipe_survive_the_server_too() {
    let folder = Folder::new();
    let at = free_address();
    std::fs::write(folder.path().join("causette.toml"), QUICK).unwrap();
    let server = Server::start_at(folder.path(), at);
    let alice = Person::known(&folder, &server, "alice");
    let bob = Person::known(&folder, &server, "bob");
    let mut client = alice.start(&["chat", "--commands", "--to", "#general"]);
    for line in numbered(0..120) {
        client.say(&line);
    }
    client.see("n° 20");
    server.signal(Signal::KILL);
    server.wait();
    for line in numbered(120..250) {
        client.say(&line);
    }
    let _server = Server::start_at(folder.path(), at);
    bob.does(&["send", "#general", "between"]);
    client.see("bob: between");
    assert_eq!(client.end().0, Some(0));
    see_all_stored(&bob, 250);
}

#[test]
fn what_is_typed_while_the_line_is_cut_arrives_once_and_in_order() {
    if !installed("a line that is cut", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let proxy = Proxy::to(server.address);
    let alice = Person::known_by(&folder, &server, "alice", &proxy.address.to_string());
    let bob = Person::known(&folder, &server, "bob");
    let mut on_bobs = server.plain();
    on_bobs.sign_up("watcher");
    let desk = Desk::new(folder.path());
    let mut terminal = desk.open(&alice.program("screen", &["chat", "--plain"]), SIZE);
    terminal.see("Me:");
    terminal.enter("n° 0");
    on_bobs.expect("n° 0");

    // Stored, and alice never hears of it.
    proxy.swallow();
    enter_all(&mut terminal, 1..4);
    on_bobs.expect("n° 3");
    proxy.cut();
    enter_all(&mut terminal, 4..7);
    bob.does(&["send", "#general", "said meanwhile"]);
    proxy.mend();
    terminal.see("bob: said meanwhile");
    see_all_stored(&bob, 7);

    // Cut while she types, again and again.
    for round in 0..5 {
        enter_all(&mut terminal, 7 + 4 * round..9 + 4 * round);
        proxy.cut();
        enter_all(&mut terminal, 9 + 4 * round..11 + 4 * round);
        proxy.mend();
    }
    see_all_stored(&bob, 27);
    let screen = terminal.scroll();
    assert_eq!(screen.matches("said meanwhile").count(), 1, "{screen}");
    assert_eq!(screen.matches("alice: n°").count(), 0, "{screen}");
    terminal.enter("/quit");
    assert_eq!(terminal.see_the_end(), 0);
}

/// Waits until the client has written a text to its disk, or has not.
#[track_caller]
fn see_kept(person: &Person, text: &str, is_kept: bool) {
    let seen = within_deadline(|| person.kept().contains(text) == is_kept);
    assert!(seen, "{text:?} is kept: {}; {}", !is_kept, person.kept());
}

#[track_caller]
fn kill(terminal: &Terminal<'_>) {
    kill_process(terminal.pid(), Signal::KILL).unwrap();
    assert_eq!(terminal.see_the_end(), 137);
}

#[test]
fn a_draft_survives_the_end_of_the_client() {
    if !installed("drafts", &["tmux"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let alice = alice.french();
    let desk = Desk::new(folder.path());
    let program = alice.program("screen-256color", &["chat"]);
    let mut terminal = desk.open(&program, SIZE);
    terminal.see("#general ❯");
    terminal.write("Le début d'une phrase qui");
    see_kept(&alice, "Le début d'une phrase qui", true);
    kill(&terminal);

    let mut terminal = desk.open(&program, SIZE);
    terminal.see("#general ❯ Le début d'une phrase qui");
    terminal.enter(" finit");
    bob.expect(" PRIVMSG #general :Le début d'une phrase qui finit");
    see_kept(&alice, "Le début d'une phrase", false);
    terminal.enter("/quit");
    assert_eq!(terminal.see_the_end(), 0);
}

#[test]
fn what_was_typed_offline_survives_the_end_of_the_client_and_is_sent_once() {
    if !installed("messages typed offline", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let proxy = Proxy::to(server.address);
    let alice = Person::known_by(&folder, &server, "alice", &proxy.address.to_string());
    let mut bob = server.plain();
    bob.sign_up("bob");
    let desk = Desk::new(folder.path());
    let program = alice.program("screen-256color", &["chat"]);
    let mut terminal = desk.open(&program, SIZE);
    terminal.see("#general ❯");
    terminal.see("online");
    terminal.enter("n° 0");
    bob.expect("n° 0");

    // One that is stored without her knowing, one that never left.
    proxy.swallow();
    terminal.enter("n° 1");
    bob.expect("n° 1");
    proxy.cut();
    terminal.see("offline");
    terminal.enter("n° 2");
    terminal.see("◌ waiting");
    see_kept(&alice, "n° 2", true);
    kill(&terminal);
    assert!(alice.kept().contains("n° 1"), "{}", alice.kept());

    proxy.mend();
    let mut terminal = desk.open(&program, SIZE);
    terminal.see("n° 2");
    let screen = terminal.see_so("something is not sent yet", |screen| {
        !screen.contains('◌') && !screen.contains('✗')
    });
    bob.expect("n° 2");
    assert_eq!(screen.matches("n° 1").count(), 1, "{screen}");
    see_kept(&alice, "n° ", false);
    terminal.enter("n° 3");
    bob.expect("n° 3");
    see_all_stored(&alice, 4);
    terminal.enter("/quit");
    assert_eq!(terminal.see_the_end(), 0);
}
