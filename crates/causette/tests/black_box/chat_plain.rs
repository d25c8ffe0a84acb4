//! The plain face of the client, with the habits of the two programs that came before, on terminals that can do little, and
//! through pipes.

use crate::chat::{PASSWORD, Person, alice_and_bob};
use crate::programs::installed;
use crate::support::{Folder, QUICK, Server};
use crate::terminal::{Desk, Terminal, within_deadline};
use std::path::Path;

const SIZE: (u16, u16) = (110, 60);

/// The words of one language, as the two older programs had them.
struct Words {
    language: &'static str,
    sign_up: [&'static str; 2],
    nick: &'static str,
    password: &'static str,
    again: &'static str,
    me: &'static str,
    to_bob: &'static str,
    with_bob: &'static str,
    back: &'static str,
    help: [&'static str; 3],
    here: &'static str,
}

const FRENCH: Words = Words {
    language: "fr",
    sign_up: ["Voulez-vous vous inscrire ? [o/N]", "o"],
    nick: "Pseudo :",
    password: "Mot de passe (12 caractères au moins) :",
    again: "Encore une fois :",
    me: "Moi :",
    to_bob: "Moi → bob :",
    with_bob: "Conversation privée avec bob.",
    back: "Vous êtes maintenant dans #general.",
    help: ["#Help", "#ListU", "Quitte. (#Exit)"],
    here: "2 ici : alice, bob",
};

const ENGLISH: Words = Words {
    language: "en",
    sign_up: ["Would you like to sign up? [y/N]", "y"],
    nick: "Nickname:",
    password: "Password (at least 12 characters):",
    again: "Once more:",
    me: "Me:",
    to_bob: "Me → bob:",
    with_bob: "Private conversation with bob.",
    back: "You are in #general now.",
    help: ["#Help", "#ListU", "Leaves. (#Exit)"],
    here: "2 here: alice, bob",
};

fn the_two_older_programs_find_their_habits(words: &Words) {
    if !installed("the habits of the older programs", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut bob = server.plain();
    bob.sign_up("bob");
    let desk = Desk::new(folder.path());
    let address = server.address.to_string();
    let arguments = ["chat", "--classic", "--lang", words.language, &address];
    let alice = Person::new(&folder, "alice");
    let mut terminal = desk.open(&alice.program("screen", &arguments), SIZE);
    terminal.see(words.sign_up[0]);
    terminal.enter(words.sign_up[1]);
    terminal.see(words.nick);
    terminal.enter("alice");
    terminal.see(words.password);
    terminal.enter(PASSWORD);
    terminal.see(words.again);
    terminal.enter(PASSWORD);
    terminal.see_prompt(words.me);

    terminal.enter("#Help");
    for text in words.help {
        terminal.see(text);
    }
    terminal.enter("#ListU");
    terminal.see(words.here);
    terminal.enter("#private bob");
    terminal.see(words.with_bob);
    terminal.see_prompt(words.to_bob);
    terminal.enter("pour toi seul");
    bob.expect(":alice!alice@account/alice PRIVMSG bob :pour toi seul");
    bob.ask("PRIVMSG alice :je le garde");
    terminal.see("je le garde");
    terminal.enter("#Private");
    terminal.see(words.back);
    terminal.see_prompt(words.me);
    terminal.enter("#help est un salon, je crois");
    bob.expect(" PRIVMSG #general :#help est un salon, je crois");
    terminal.enter("bye");
    assert_eq!(terminal.see_the_end(), 0);
    assert!(!alice.keeps(PASSWORD));
    let scroll = terminal.scroll();
    let is_asked = |line: &str| line.trim_end() == words.me;
    assert!(
        !scroll.lines().any(is_asked),
        "nobody is there to type: {scroll}"
    );

    // What was private stands in nobody else's way, and is found again by the one it was for.
    let by_bob = Person::new(&folder, "bob");
    by_bob.sign_in(&address);
    let private = by_bob.does(&["tail", "--lang", words.language, "alice"]);
    assert!(private.contains("pour toi seul"), "{private}");
}

#[test]
fn the_two_older_programs_find_their_habits_in_french() {
    the_two_older_programs_find_their_habits(&FRENCH);
}

#[test]
fn the_two_older_programs_find_their_habits_in_english() {
    the_two_older_programs_find_their_habits(&ENGLISH);
}

#[test]
fn bye_is_only_a_word_where_nobody_asked_for_the_old_habits() {
    let (_folder, _server, alice, mut bob) = alice_and_bob();
    let mut client = alice.start(&["chat", "--commands", "--to", "#general"]);
    client.say("bye");
    bob.expect(" PRIVMSG #general :bye");
    client.say("and hello again");
    bob.expect(" PRIVMSG #general :and hello again");
    assert_eq!(client.end().0, Some(0));
}

/// What a program has written to its terminal so far.
fn record(file: &Path) -> Vec<u8> {
    std::fs::read(file).unwrap_or_default()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// Waits until a text was written to a terminal; gives all that was.
fn see_written(file: &Path, text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = within_deadline(|| {
        bytes = record(file);
        holds(&bytes, text)
    });
    let all = String::from_utf8_lossy(&bytes);
    assert!(written, "{text:?} was not written: {all:?}");
    bytes
}

/// A line that comes while somebody is in the middle of a word waits for Enter, and nothing ever moves the cursor.
fn a_line_that_comes_breaks_no_word(terminal_kind: &str, option: &str) {
    if !installed("a terminal that can do little", &["tmux", "script"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let alice = alice.french();
    let desk = Desk::new(folder.path());
    let (program, file) = alice.recorded(terminal_kind, &["chat", option]);
    let mut terminal = desk.open(&program, SIZE);
    see_written(&file, "Connecté à");
    bob.ask("PRIVMSG #general :avant le mot");
    see_written(&file, "bob : avant le mot");

    terminal.write("anticonsti");
    see_written(&file, "Moi : anticonsti");
    bob.ask("PRIVMSG #general :au milieu du mot");
    bob.ask("PRIVMSG #general :et encore");
    // The bell, once: something waits.
    see_written(&file, "Moi : anticonsti\u{7}");
    terminal.write("tutionnellement");
    let written = see_written(&file, "Moi : anticonsti\u{7}tutionnellement");
    assert!(!holds(&written, "au milieu du mot"));
    terminal.press("Enter");
    see_written(&file, "bob : au milieu du mot");
    bob.expect(" PRIVMSG #general :anticonstitutionnellement");
    see_written(&file, "bob : et encore");
    // Taken back whole, a line holds up nothing.
    terminal.write("é");
    see_written(&file, "Moi : é");
    terminal.press("BSpace");
    bob.ask("PRIVMSG #general :après le mot");
    see_written(&file, "bob : après le mot");
    // What is heard of behind a setting was sent once it held.
    terminal.enter("/set times off");
    see_written(&file, "/set times off\r\n");
    terminal.enter("sans l'heure");
    bob.expect(" PRIVMSG #general :sans l'heure");
    bob.ask("PRIVMSG #general :sans heure");
    see_written(&file, "\nbob : sans heure");
    terminal.enter("/set times on");
    see_written(&file, "/set times on\r\n");
    terminal.enter("avec l'heure");
    bob.expect(" PRIVMSG #general :avec l'heure");
    bob.ask("PRIVMSG #general :à son heure");
    see_written(&file, "] bob : à son heure");
    terminal.enter("/quit");
    assert_eq!(terminal.see_the_end(), 0);
    let written = record(&file);
    assert!(
        !written.contains(&0x1b),
        "{:?}",
        String::from_utf8_lossy(&written)
    );
    let text = String::from_utf8(written).unwrap();
    for said in [
        "avant le mot",
        "au milieu du mot",
        "et encore",
        "après le mot",
    ] {
        assert_eq!(text.matches(said).count(), 1, "{said}: {text}");
    }
}

#[test]
fn a_terminal_that_can_do_nothing_is_asked_nothing() {
    a_line_that_comes_breaks_no_word("dumb", "--lang=fr");
}

#[test]
fn a_screen_reader_hears_whole_lines_on_any_terminal() {
    a_line_that_comes_breaks_no_word("screen-256color", "--screen-reader");
}

#[test]
fn an_unfinished_line_stays_below_what_comes() {
    if !installed("the editor of lines", &["tmux"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let desk = Desk::new(folder.path());
    let mut terminal = desk.open(&alice.program("screen", &["chat", "--plain"]), SIZE);
    terminal.see_prompt("Me:");
    terminal.write("half a sen");
    terminal.see_prompt("Me: half a sen");
    bob.ask("PRIVMSG #general :me first");
    terminal.see("bob: me first");
    terminal.see_prompt("Me: half a sen");
    terminal.enter("tence");
    bob.expect(" PRIVMSG #general :half a sentence");
    // Ctrl+D on an empty line leaves.
    terminal.see_prompt("Me:");
    terminal.press("C-d");
    assert_eq!(terminal.see_the_end(), 0);
}

/// Ctrl+C empties a line that is begun, these keys bring it back, and on an empty one asks whether to leave.
fn ctrl_c_loses_no_line(option: &str, keys: &[&str]) {
    if !installed("Ctrl+C without a screen", &["tmux"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let desk = Desk::new(folder.path());
    let mut terminal = desk.open(&alice.program("screen", &["chat", option]), SIZE);
    terminal.see("Connected to");
    terminal.write("half a sen");
    terminal.see_prompt("Me: half a sen");
    // Between two lines of the editor the terminal makes a signal of it, which ends the program.
    let waits = |terminal: &Terminal<'_>| {
        if option == "--plain" {
            terminal.see_prompt("Me:");
        }
    };
    terminal.press("C-c");
    waits(&terminal);
    terminal.press("C-c");
    terminal.see("Leave? y/N");
    terminal.enter("no");
    for key in keys {
        terminal.press(key);
    }
    terminal.see_so("the line does not come back", |screen| {
        screen.matches("Me: half a sen").count() == 2
    });
    terminal.enter("tence");
    bob.expect(" PRIVMSG #general :half a sentence");
    waits(&terminal);
    terminal.press("C-c");
    terminal.see_so("it is not asked again", |screen| {
        screen.matches("Leave? y/N").count() == 2
    });
    // What is neither a yes nor a no is said to nobody.
    terminal.enter("maybe");
    terminal.see_so("it is not asked once more", |screen| {
        screen.matches("Leave? y/N").count() == 3
    });
    assert_eq!(alice.texts("#general", "").len(), 1);
    // A command is what it always is, and then the question is over.
    terminal.enter("/who");
    terminal.see("2 here: alice, bob");
    terminal.enter("still here");
    bob.expect(" PRIVMSG #general :still here");
    waits(&terminal);
    terminal.press("C-c");
    terminal.see_so("it is not asked at last", |screen| {
        screen.matches("Leave? y/N").count() == 4
    });
    terminal.enter("Oui");
    assert_eq!(terminal.see_the_end(), 0);
}

#[test]
fn ctrl_c_loses_no_line_in_the_editor() {
    ctrl_c_loses_no_line("--plain", &["Up", "Up"]);
}

#[test]
fn ctrl_c_loses_no_line_of_who_listens() {
    ctrl_c_loses_no_line("--screen-reader", &["C-y"]);
}

#[test]
fn lines_that_come_together_are_one_text_that_is_asked_about() {
    if !installed("lines that come together", &["tmux"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let desk = Desk::new(folder.path());
    for (kind, option) in [("screen", "--screen-reader"), ("dumb", "--lang=en")] {
        let mut terminal = desk.open(&alice.program(kind, &["chat", option]), SIZE);
        terminal.see("Connected to");
        let mut lines: Vec<String> = (1..=12).map(|line| format!("{option} {line}")).collect();
        lines.insert(6, "/topic pasted".to_owned());
        let pasted = format!("{}\r", lines.join("\r"));
        terminal.write(&pasted);
        terminal.see("13 lines were pasted. Send? y/N");
        terminal.enter("n");
        terminal.see("Not sent.");
        assert_eq!(alice.texts("#general", option), [""; 0]);
        terminal.write(&pasted);
        terminal.see_so("it is not asked again", |screen| {
            screen.matches("13 lines were pasted. Send? y/N").count() == 2
        });
        terminal.enter("y");
        bob.expect(&format!(" PRIVMSG #general :{option} 12"));
        assert_eq!(alice.texts("#general", option), [lines.join("\n")]);
        terminal.enter("/quit");
        assert_eq!(terminal.see_the_end(), 0);
    }
}

#[test]
fn lines_that_are_pasted_all_arrive() {
    if !installed("lines that are pasted", &["tmux"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let desk = Desk::new(folder.path());
    // Without the marks of a paste, which the editor asks the terminal for, they are lines that were typed.
    let mut terminal = desk.open(&alice.program("screen", &["chat", "--plain"]), SIZE);
    terminal.see("Connected to");
    let lines: Vec<String> = (1..=20).map(|line| format!("pasted {line}")).collect();
    terminal.write(&format!("{}\r", lines.join("\r")));
    bob.expect(" PRIVMSG #general :pasted 20");
    assert_eq!(alice.texts("#general", "pasted"), lines);
    terminal.enter("/quit");
    assert_eq!(terminal.see_the_end(), 0);
}

#[test]
fn every_line_of_a_pipe_is_a_message_and_all_are_stored_when_it_ends() {
    let (_folder, _server, alice, mut bob) = alice_and_bob();
    bob.ask("PRIVMSG #general :before");
    let mut lines: Vec<String> = (0..60).map(|number| format!("> line {number}")).collect();
    lines.push("> /quit is no command here".to_owned());
    let input = lines.join("\n") + "\n/nick eve\n#Exit\n";
    let told = alice.run(&["chat", "--to", "#general"], &input);
    assert_eq!(told.status.code(), Some(0), "{told:?}");
    assert!(!told.stdout.contains(&0x1b) && !told.stderr.contains(&0x1b));
    let output = String::from_utf8(told.stdout).unwrap();
    assert!(
        !output.contains("Me:"),
        "nobody is asked for anything: {output}"
    );
    assert_eq!(alice.texts("#general", ">"), lines);
    let all = alice.texts("#general", "");
    assert!(
        all.ends_with(&["/nick eve".to_owned(), "#Exit".to_owned()]),
        "{all:?}"
    );
}

#[test]
fn lines_of_a_pipe_are_commands_where_that_is_asked_for() {
    let (_folder, _server, alice, mut bob) = alice_and_bob();
    let alice = alice.french();
    let mut client = alice.start(&["chat", "--commands", "--to", "#general"]);
    client.say("#ListU");
    client.see("2 ici : alice, bob");
    client.say("/frobnicate secret");
    client.see("Il n'y a pas de commande /frobnicate ; rien n'a été envoyé.");
    client.say("//slash");
    bob.expect(" PRIVMSG #general :/slash");
    client.say("\\#Exit");
    bob.expect(" PRIVMSG #general :#Exit");
    bob.ask("PRIVMSG #general :entendu");
    client.see("bob : entendu");
    client.say("/join thé");
    client.say("/msg bob à part");
    bob.expect(" PRIVMSG bob :à part");
    client.say("dans le salon de thé");
    client.say("#Exit");
    let (status, said) = client.end();
    assert_eq!(status, Some(0));
    let said = said.join("\n");
    assert!(
        !said.contains("Moi :") && !said.contains('\u{1b}'),
        "{said}"
    );
    assert_eq!(alice.texts("#thé", ""), ["dans le salon de thé"]);
}

#[test]
fn who_comes_back_is_told_how_much_was_missed_and_the_newest_of_it() {
    if !installed("what was missed", &["tmux"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let desk = Desk::new(folder.path());
    bob.send("PRIVMSG #general :alice, are you there?");
    for number in 1..250 {
        bob.send(&format!("PRIVMSG #general :missed {number}."));
    }
    bob.ask("PRIVMSG alice :psst");
    let program = alice.program("screen", &["chat", "--plain"]);
    let mut plain = desk.open(&program, (100, 40));
    plain.see("#general: 250 unread, 1 for you");
    plain.see("bob (private): psst");
    let printed = plain.scroll();
    assert!(printed.contains("missed 230.") && printed.contains("missed 249."));
    assert!(!printed.contains("missed 229."), "{printed}");
    // What was not printed was not read, though something came behind it that was.
    bob.ask("PRIVMSG #general :missed not at all");
    plain.see("missed not at all");
    plain.enter("/quit");
    assert_eq!(plain.see_the_end(), 0);
    let mut plain = desk.open(&program, (100, 40));
    plain.see("#general: 251 unread, 1 for you");
    plain.enter("/last 100");
    plain.see(" 1. [");
    let printed = plain.scroll();
    assert!(printed.contains("missed 151."), "{printed}");
    plain.enter("/quit");
    assert_eq!(plain.see_the_end(), 0);
    let mut plain = desk.open(&program, (100, 40));
    plain.see("Me:");
    plain.enter("/who");
    let screen = plain.see("2 here: alice, bob");
    assert!(!screen.contains("unread"), "{screen}");
    plain.enter("/quit");
    assert_eq!(plain.see_the_end(), 0);
}
