//! The client's screen: what its keys do to messages that others see too.

use crate::chat::{Person, alice_and_bob};
use crate::programs::installed;
use crate::terminal::Desk;

#[test]
fn the_message_that_was_pointed_at_is_taken_back_whatever_is_said_meanwhile() {
    if !installed("pointing at messages", &["tmux"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let desk = Desk::new(folder.path());
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), (80, 24));
    screen.see("#general ❯");
    for said in ["that stays", "that goes"] {
        screen.enter(said);
        bob.expect(&format!(" PRIVMSG #general :{said}"));
    }
    // It is out of the line and in the room: bob may have it before it is drawn here.
    screen.see_so("something is not stored", |shown| {
        shown.contains("that goes") && !shown.contains("❯ that goes") && !shown.contains('◌')
    });
    screen.press("BTab");
    screen.press("d");
    screen.see("❯ /delete 1");
    bob.ask("PRIVMSG #general :said meanwhile");
    screen.see("said meanwhile");
    screen.press("Enter");
    let shown = screen.see_so("it is still there", |shown| !shown.contains("that goes"));
    for said in ["that stays", "message deleted by alice", "said meanwhile"] {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    screen.enter("/quit");
    assert_eq!(screen.see_the_end(), 0);
}

#[test]
fn what_was_missed_is_counted_to_its_end_and_begins_with_a_line() {
    if !installed("unread messages", &["tmux"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let desk = Desk::new(folder.path());
    let program = |person: &Person| person.program("screen-256color", &["chat"]);
    bob.ask("JOIN #dev");
    // She was there, and has read what was said.
    let mut screen = desk.open(&program(&alice), (80, 24));
    screen.see("#general ❯");
    screen.enter("/join #dev");
    screen.see("#dev ❯");
    screen.enter("/quit");
    assert_eq!(screen.see_the_end(), 0);
    for room in ["#general", "#dev"] {
        for number in 1..=200 {
            bob.send(&format!("PRIVMSG {room} :early {number}."));
        }
        bob.send(&format!("PRIVMSG {room} :alice, are you there?"));
        for number in 1..=200 {
            bob.send(&format!("PRIVMSG {room} :late {number}."));
        }
        bob.ask("PING :said");
    }
    bob.ask("PRIVMSG alice :psst");
    for _ in 0..2 {
        // Nothing of it is read by being counted, nor by being begun and left.
        let mut screen = desk.open(&program(&alice), (80, 24));
        let words = [
            "803 unread, 3 for you",
            "401 new messages",
            "early 1.",
            "newer below",
        ];
        screen.see_so("it is not counted to its end", |shown| {
            words.iter().all(|word| shown.contains(word))
        });
        screen.enter("/quit");
        assert_eq!(screen.see_the_end(), 0);
    }
    let mut screen = desk.open(&program(&alice), (80, 24));
    screen.see("803 unread, 3 for you");
    screen.press("End");
    screen.see("late 200.");
    screen.see("402 unread, 2 for you");
    screen.enter("/go bob");
    screen.see("psst");
    screen.see("401 unread, 1 for you");
    screen.enter("/quit");
    assert_eq!(screen.see_the_end(), 0);
    let screen = desk.open(&program(&alice), (80, 24));
    screen.see("401 unread, 1 for you");
}

#[test]
fn a_room_whose_newest_events_are_reactions_shows_what_is_before_them() {
    if !installed("a room of reactions", &["tmux"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let desk = Desk::new(folder.path());
    bob.ask("PRIVMSG #general :something that people like");
    bob.ask("CAP REQ :message-tags echo-message");
    bob.send("PRIVMSG #general :and that");
    let echo = bob.expect(" PRIVMSG #general :and that");
    let msgid = echo
        .split([';', '@', ' '])
        .find_map(|tag| tag.strip_prefix("msgid="))
        .unwrap();
    for number in 0..230 {
        bob.send(&format!(
            "@+draft/react={number};+reply={msgid} TAGMSG #general"
        ));
    }
    bob.ask("PING :felt");
    let screen = desk.open(&alice.program("screen-256color", &["chat"]), (80, 24));
    let shown = screen.see("something that people like");
    assert!(shown.contains("and that"), "{shown}");
}

#[test]
fn who_was_away_before_one_came_is_shown_away() {
    if !installed("who is away", &["tmux"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let desk = Desk::new(folder.path());
    bob.ask("AWAY :lunch");
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), (104, 24));
    screen.see("○ bob");
    screen.enter("/who");
    screen.see("bob (away)");
    bob.ask("AWAY");
    screen.see("● bob");
}
