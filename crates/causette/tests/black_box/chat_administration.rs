//! What those who run the server do, as people see it with the client: accounts that wait to be approved, alerts, being put
//! out.

use crate::chat::{PASSWORD, Person};
use crate::programs::installed;
use crate::support::{Folder, QUICK, Server, run};
use crate::terminal::{Desk, Terminal};
use serde_json::Value;

const SIZE: (u16, u16) = (100, 40);

/// Does something in the name of those who run the server.
#[track_caller]
fn administer(folder: &Folder, arguments: &[&str]) {
    let arguments: Vec<&str> = ["admin"].iter().chain(arguments).copied().collect();
    let told = run(folder.path(), &arguments, "");
    assert_eq!(told.status.code(), Some(0), "{arguments:?}: {told:?}");
}

/// A server where somebody has to approve who signs up.
fn approving(folder: &Folder) -> Server {
    let rules = QUICK.replacen(
        "[accounts]\n",
        "[accounts]\nregistration = \"approve\"\n",
        1,
    );
    assert!(rules.contains("approve"));
    let rules = format!("{rules}[server]\ncontact = \"the town hall\"\n");
    Server::start(folder.path(), &rules)
}

fn sign_up(terminal: &mut Terminal<'_>, [question, yes, nick, password, again]: [&str; 5]) {
    terminal.see(question);
    terminal.enter(yes);
    terminal.see(nick);
    terminal.enter("alice");
    terminal.see(password);
    terminal.enter(PASSWORD);
    terminal.see(again);
    terminal.enter(PASSWORD);
}

const ENGLISH: [&str; 5] = [
    "Would you like to sign up? [y/N]",
    "y",
    "Nickname:",
    "Password (at least 12 characters):",
    "Once more:",
];

const FRENCH: [&str; 5] = [
    "Voulez-vous vous inscrire ? [o/N]",
    "o",
    "Pseudo :",
    "Mot de passe (12 caractères au moins) :",
    "Encore une fois :",
];

#[test]
fn who_waits_to_be_approved_is_in_once_they_are() {
    if !installed("an account that waits", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = approving(&folder);
    let desk = Desk::new(folder.path());
    let address = server.address.to_string();
    let alice = Person::new(&folder, "alice").french();
    let program = alice.program("screen-256color", &["chat", &address]);
    let mut terminal = desk.open(&program, SIZE);
    sign_up(&mut terminal, FRENCH);
    terminal.see("Ce programme attend avec vous");
    let screen = terminal.see("the town hall");
    assert!(!screen.contains("Code :"), "{screen}");
    administer(&folder, &["alert", "On ferme à 18 h"]);
    terminal.see("*** ALERTE : On ferme à 18 h");
    administer(&folder, &["account", "approve", "alice"]);
    terminal.see("#general ❯");
    terminal.see("en ligne");
    // The alert was told where she could not see the conversation.
    let screen = terminal.see("Échap : vu");
    assert!(screen.contains("Message de l'administration"), "{screen}");
    terminal.press("Escape");
    terminal.see_so("the alert stays", |screen| !screen.contains("Échap : vu"));
    terminal.enter("me voilà");
    terminal.see("me voilà");
    terminal.enter("/quit");
    assert_eq!(terminal.see_the_end(), 0);
    assert!(!alice.keeps(PASSWORD));
    assert!(alice.does(&["whoami"]).starts_with("alice"));
}

#[test]
fn who_is_not_approved_reads_why_and_is_asked_again() {
    if !installed("an account that is not approved", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = approving(&folder);
    let desk = Desk::new(folder.path());
    let address = server.address.to_string();
    let alice = Person::new(&folder, "alice");
    let program = alice.program("screen", &["chat", "--plain", &address]);
    let mut terminal = desk.open(&program, SIZE);
    sign_up(&mut terminal, ENGLISH);
    terminal.see("This program waits with you");
    let refuse = ["account", "refuse", "alice", "--reason", "nobody knows you"];
    administer(&folder, &refuse);
    terminal.see("nobody knows you");
    terminal.see("The name or the password is wrong");
    let screen = terminal.scroll();
    assert_eq!(screen.matches("is wrong").count(), 1, "one try: {screen}");
    terminal.press("C-c");
    assert_eq!(terminal.see_the_end(), 130);
}

#[test]
fn who_comes_back_while_the_account_waits_waits_on() {
    if !installed("an account that waits", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = approving(&folder);
    let desk = Desk::new(folder.path());
    let address = server.address.to_string();
    let alice = Person::new(&folder, "alice");
    let program = alice.program("screen", &["chat", "--plain", &address]);
    let mut terminal = desk.open(&program, SIZE);
    sign_up(&mut terminal, ENGLISH);
    terminal.see("This program waits with you");
    terminal.press("C-c");
    assert_eq!(terminal.see_the_end(), 130);
    // A script does not wait.
    let login = ["login", "--account", "alice", "--password-stdin", &address];
    let (status, error) = alice.fails(&login, &format!("{PASSWORD}\n"));
    assert!(
        status == 4 && error.contains("waits to be approved"),
        "{status} {error}"
    );

    let mut terminal = desk.open(&program, SIZE);
    terminal.see(ENGLISH[0]);
    terminal.enter("n");
    terminal.see("Nickname:");
    terminal.enter("alice");
    terminal.see("Password:");
    terminal.enter(PASSWORD);
    terminal.see("waits to be approved");
    terminal.see("This program waits with you");
    administer(&folder, &["account", "approve", "alice"]);
    terminal.see("Me:");
    terminal.enter("/quit");
    assert_eq!(terminal.see_the_end(), 0);
    assert!(alice.does(&["whoami"]).starts_with("alice"));
}

#[test]
fn an_alert_reaches_every_face_once() {
    if !installed("an alert", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let bob = Person::known(&folder, &server, "bob");
    let carol = Person::known(&folder, &server, "carol");
    let desk = Desk::new(folder.path());
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), (80, 24));
    screen.see("#general ❯");
    let mut plain = desk.open(&bob.program("screen", &["chat", "--plain"]), SIZE);
    plain.see("Me:");
    let mut script = carol.start(&["tail", "--follow", "--json", "-n", "1", "#general"]);
    bob.does(&["send", "#general", "good morning"]);
    script.see("good morning");
    administer(&folder, &["alert", "The server moves tonight"]);
    let shown = screen.see("ALERT: The server moves tonight");
    assert!(
        shown.contains("╔═ Message from the administration"),
        "{shown}"
    );
    assert_eq!(shown.matches("moves tonight").count(), 1, "{shown}");
    let shown = plain.see("*** ALERT: The server moves tonight");
    assert_eq!(shown.matches("moves tonight").count(), 1, "{shown}");
    let line: Value = serde_json::from_str(&script.see("moves tonight")).unwrap();
    assert_eq!(
        (&line["type"], &line["target"], &line["text"]),
        (
            &"alert".into(),
            &"*".into(),
            &"ALERT: The server moves tonight".into()
        )
    );
    screen.enter("/quit");
    plain.enter("/quit");
    assert_eq!((screen.see_the_end(), plain.see_the_end()), (0, 0));
}

#[test]
fn who_is_banned_reads_why_and_the_client_ends_and_keeps_its_token() {
    if !installed("a ban", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(
        folder.path(),
        &format!("{QUICK}[server]\ncontact = \"the town hall\"\n"),
    );
    let alice = Person::known(&folder, &server, "alice");
    let bob = Person::known(&folder, &server, "bob").french();
    let desk = Desk::new(folder.path());
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), SIZE);
    screen.see("#general ❯");
    let mut plain = desk.open(&bob.program("screen", &["chat", "--plain"]), SIZE);
    plain.see("Moi :");
    for name in ["alice", "bob"] {
        administer(&folder, &["ban", name, "--for", "12h", "--reason", "spam"]);
    }
    for (terminal, words) in [
        (
            &mut screen,
            [
                "until",
                "the town hall",
                "Reason: spam",
                "does not try again",
            ],
        ),
        (
            &mut plain,
            [
                "jusqu'au",
                "the town hall",
                "Motif : spam",
                "ne réessaie pas",
            ],
        ),
    ] {
        assert_eq!(terminal.see_the_end(), 5);
        let left = terminal.scroll().replace('\n', " ");
        for word in words {
            assert!(left.contains(word), "{word:?} is not in {left}");
        }
    }
    // Who begins anew is told the same, and the device is not forgotten for it.
    let (status, error) = alice.fails(&["whoami"], "");
    assert!(
        status == 5 && error.contains("Reason: spam"),
        "{status} {error}"
    );
    let plain = desk.open(&bob.program("screen", &["chat", "--plain"]), SIZE);
    plain.see("Motif : spam");
    assert_eq!(plain.see_the_end(), 5);
    for (person, name) in [(&alice, "alice"), (&bob, "bob")] {
        administer(&folder, &["unban", name, "--reason", "enough"]);
        assert!(person.does(&["whoami"]).starts_with(name));
    }
}

#[test]
fn who_is_put_out_reads_why_and_may_come_back() {
    if !installed("being put out", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let desk = Desk::new(folder.path());
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), SIZE);
    screen.see("#general ❯");
    screen.see("online");
    administer(&folder, &["kick", "alice", "--reason", "a quarrel"]);
    screen.see("The server has ended the connection");
    screen.see("Reason: a quarrel");
    screen.see("press Enter to try");
    screen.press("Enter");
    screen.see("online");
    screen.enter("I am sorry");
    screen.see_so("it is not said", |screen| {
        screen.contains("I am sorry") && !screen.contains('◌')
    });
    screen.enter("/quit");
    assert_eq!(screen.see_the_end(), 0);
}

#[test]
fn a_missed_alert_is_shown_on_coming_back_with_its_day() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let bob = Person::known(&folder, &server, "bob");
    administer(&folder, &["alert", "The server moves tonight"]);
    let desk = Desk::new(folder.path());
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), (80, 24));
    screen.see("#general ❯");
    let shown = screen.see("The server moves tonight");
    assert_eq!(shown.matches("moves tonight").count(), 1, "{shown}");
    screen.press("Escape");
    screen.see_so("the alert stays", |screen| !screen.contains("Esc: seen"));
    screen.enter("/quit");
    assert_eq!(screen.see_the_end(), 0);
    let mut plain = desk.open(&bob.program("screen", &["chat", "--plain"]), SIZE);
    let shown = plain.see("The server moves tonight");
    assert_eq!(shown.matches("moves tonight").count(), 1, "{shown}");
    plain.enter("/quit");
    assert_eq!(plain.see_the_end(), 0);
}

#[test]
fn who_has_no_invitation_is_asked_for_its_code() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    administer(&folder, &["registration", "invite"]);
    let desk = Desk::new(folder.path());
    let link = format!("irc://{}/#general?code=K7QM-2XHD-9RTP-4WJC", server.address);
    for address in [server.address.to_string(), link] {
        let alice = Person::new(
            &folder,
            if address.contains("code") {
                "alice"
            } else {
                "amy"
            },
        )
        .french();
        let program = alice.program("screen", &["chat", "--plain", &address]);
        let mut terminal = desk.open(&program, SIZE);
        sign_up(&mut terminal, FRENCH);
        terminal.see("Code d'invitation");
        terminal.enter("k7qm 2xhd 9rtp 4wjx");
        terminal.see_so("asked again", |screen| {
            screen.matches("Code d'invitation").count() == 2
        });
        terminal.press("C-c");
        assert_eq!(terminal.see_the_end(), 130);
        assert!(!alice.keeps("4WJC"));
    }
}
