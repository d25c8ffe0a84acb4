//! The client's screen: what its keys do to messages that others see too.

use crate::chat::Person;
use crate::programs::installed;
use crate::support::{Folder, QUICK, Server};
use crate::terminal::Desk;

#[test]
fn the_message_that_was_pointed_at_is_taken_back_whatever_is_said_meanwhile() {
    if !installed("pointing at messages", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let desk = Desk::new(folder.path());
    let alice = Person::known(&folder, &server, "alice");
    let mut bob = server.plain();
    bob.sign_up("bob");
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), (80, 24));
    screen.see("#general ❯");
    for said in ["that stays", "that goes"] {
        screen.enter(said);
        bob.expect(&format!(" PRIVMSG #general :{said}"));
    }
    screen.see_so("something is not stored", |shown| !shown.contains('◌'));
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
