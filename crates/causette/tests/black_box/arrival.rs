//! Entering a room in which others talk: what was said before comes first, then what is said, each once.

use crate::support::{Client, Folder, QUICK, Server};

/// How often someone enters and leaves.
const VISITS: usize = 30;

fn arrive(server: &Server, name: &str) -> Client {
    let mut client = server.plain();
    client.sign_up(name);
    client.ask("LUSERS");
    client
}

#[test]
fn a_replay_and_what_is_said_meanwhile_are_one_conversation() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut talker = arrive(&server, "talker");
    let mut visitor = arrive(&server, "visitor");
    let mut said = 0;
    let mut live = 0;
    for _ in 0..VISITS {
        // The visitor's lines and the talker's are on their way at the same time.
        visitor.send("JOIN #busy");
        if said == 0 {
            visitor.ask("LUSERS");
            talker.ask("JOIN #busy");
        }
        for _ in 0..60 {
            said += 1;
            talker.send(&format!("PRIVMSG #busy :{said}"));
        }
        talker.ask("LUSERS");
        let mut before = 0;
        for line in visitor.ask("PART #busy") {
            let Some((_, text)) = line.split_once(" PRIVMSG #busy :") else {
                continue;
            };
            let (replayed, text) = match text.strip_prefix('[') {
                Some(text) => (true, text.split_once("] ").unwrap().1),
                None => (false, text),
            };
            live += usize::from(!replayed);
            let number: usize = text.parse().unwrap();
            assert!(before < number, "{number} came after {before}: {line}");
            before = number;
        }
        assert_eq!(before, said, "the last message of this visit");
    }
    assert!(live > 0, "the visitor never met the talker");
}
