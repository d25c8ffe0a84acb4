//! The first run of the client, in a terminal as most people have it: whether the key is trusted, whether one would like to
//! sign up, and then the screen on which people talk.

use crate::chat::{PASSWORD, Person};
use crate::programs::installed;
use crate::support::{Folder, QUICK, Server, run};
use crate::terminal::{Desk, Terminal};

/// The size of a terminal that nobody has made larger.
const SIZE: (u16, u16) = (80, 24);

/// A server at which one may be called Amélie.
fn precis() -> String {
    format!("{QUICK}[server]\ncasemapping = \"precis\"\nrules = \"be kind\"\n")
}

/// The server's address, for a client that must not come in clear.
fn over_tls(server: &Server) -> String {
    format!("ircs://{}", server.address)
}

/// The fingerprint as the administrator tells it, a row of it for each line.
fn rows_of_fingerprint(folder: &Folder) -> Vec<String> {
    let told = run(folder.path(), &["admin", "fingerprint"], "");
    let told = String::from_utf8(told.stdout).unwrap();
    let rows = told.lines().filter(|line| line.matches(' ').count() > 7);
    rows.map(|row| row.trim().to_owned())
        .filter(|row| row.split_whitespace().all(|group| group.len() == 4))
        .collect()
}

/// Types a password, twice.
fn choose(terminal: &mut Terminal<'_>, question: &str, again: &str, passwords: [&str; 2]) {
    terminal.see(question);
    terminal.enter(passwords[0]);
    terminal.see(again);
    terminal.enter(passwords[1]);
}

#[test]
fn two_people_sign_up_and_each_sees_the_other_write() {
    if !installed("the client's screen", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), &precis());
    let desk = Desk::new(folder.path());
    let address = over_tls(&server);
    let name = server.address.to_string();
    let rows = rows_of_fingerprint(&folder);
    assert_eq!(rows.len(), 2, "{rows:?}");

    let amelie = Person::new(&folder, "amelie").french();
    let program = amelie.program("screen-256color", &["chat", &address]);
    let mut on_amelies = desk.open(&program, SIZE);
    let screen = on_amelies.see("Faire confiance à cette clé désormais ? [oui/non/une fois]");
    assert!(
        screen.contains(&format!("Connexion à {name} …")),
        "{screen}"
    );
    assert!(rows.iter().all(|row| screen.contains(row)), "{screen}");
    on_amelies.enter("o");
    on_amelies.see("Vous ne faites pas confiance");
    assert_eq!(on_amelies.see_the_end(), 7, "half a word is no trust");

    let mut on_amelies = desk.open(&program, SIZE);
    on_amelies.see("[oui/non/une fois]");
    on_amelies.enter("oui");
    let screen = on_amelies.see("Voulez-vous vous inscrire ? [o/N]");
    assert!(screen.contains("The rules here: be kind"), "{screen}");
    on_amelies.enter("o");
    on_amelies.see("Pseudo :");
    on_amelies.enter("Amélie");
    on_amelies.see("Mot de passe (12 caractères au moins) :");
    on_amelies.write(PASSWORD);
    on_amelies.press("Enter");
    let screen = on_amelies.see("Encore une fois :");
    assert!(!screen.contains(PASSWORD), "{screen}");
    on_amelies.enter(PASSWORD);
    on_amelies.see("#general ❯");
    on_amelies.see("en ligne");

    let bob = Person::new(&folder, "bob");
    let program = bob.program("screen-256color", &["chat", &address]);
    let mut on_bobs = desk.open(&program, SIZE);
    on_bobs.see("Trust this key from now on? [yes/no/once]");
    on_bobs.enter("yes");
    on_bobs.see("Would you like to sign up? [y/N]");
    on_bobs.enter("y");
    on_bobs.see("Nickname:");
    on_bobs.enter("bob");
    choose(
        &mut on_bobs,
        "Password (at least 12 characters):",
        "Once more:",
        [PASSWORD; 2],
    );
    on_bobs.see("#general ❯");
    on_bobs.see("online");

    on_amelies.enter("Bonjour Bob !");
    on_bobs.see("Bonjour Bob !");
    on_bobs.write("good day to y");
    on_amelies.see("bob écrit…");
    on_bobs.enter("ou");
    let screen = on_amelies.see("good day to you");
    assert!(!screen.contains("bob écrit…"), "{screen}");
    // She looks at it: nothing is unread.
    on_amelies.see_so("something is unread", |screen| !screen.contains("non lu"));
    on_amelies.write("et à to");
    on_bobs.see("Amélie is typing…");
    on_amelies.enter("i");
    on_bobs.see("et à toi");

    assert!(!amelie.keeps(PASSWORD) && !bob.keeps(PASSWORD));

    // Bob's device is known now, and so is his server.
    on_bobs.enter("/quit");
    assert_eq!(on_bobs.see_the_end(), 0);
    let screen = on_bobs.scroll();
    assert!(screen.contains("Account \"bob\" created."), "{screen}");
    assert!(screen.contains("credentials.toml"), "{screen}");
    let mut on_bobs = desk.open(&bob.program("screen-256color", &["chat"]), SIZE);
    on_bobs.see("et à toi");
    on_bobs.enter("here I am again");
    on_amelies.see("here I am again");
    on_bobs.enter("/quit");
    assert_eq!(on_bobs.see_the_end(), 0);
    let screen = on_bobs.scroll();
    assert!(screen.contains("TLS 1.3 ✓"), "{screen}");
    assert!(!screen.contains('?'), "nothing was asked: {screen}");
}

#[test]
fn who_mistypes_is_asked_again_only_what_was_wrong() {
    if !installed("the client's questions", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    server.plain().sign_up("alice");
    let desk = Desk::new(folder.path());
    let carol = Person::new(&folder, "carol");
    let program = carol.program("screen", &["chat", "--plain", &server.address.to_string()]);
    let (new, again) = ("Password (at least 12 characters):", "Once more:");
    let asked = |screen: &str, question: &str| screen.matches(question).count();

    let mut terminal = desk.open(&program, SIZE);
    terminal.see("Would you like to sign up?");
    terminal.enter("y");
    terminal.see("Nickname:");
    terminal.enter("carol");
    choose(
        &mut terminal,
        new,
        again,
        [PASSWORD, "another one, by mistake"],
    );
    let screen = terminal.see_so("the passwords are not asked again", |screen| {
        asked(screen, new) == 2
    });
    assert!(screen.contains("The two passwords differ"), "{screen}");
    terminal.enter("short");
    // What is typed before it is asked for is not taken.
    terminal.see_so("it is not asked for once more", |screen| {
        asked(screen, again) == 2
    });
    terminal.enter("short");
    let screen = terminal.see_so("the password is not asked a third time", |screen| {
        asked(screen, new) == 3
    });
    assert_eq!(asked(&screen, "Nickname:"), 1, "{screen}");
    terminal.enter(PASSWORD);
    terminal.see_so("it is not asked once more", |screen| {
        asked(screen, again) == 3
    });
    terminal.enter(PASSWORD);
    terminal.see("Account \"carol\" created.");
    terminal.enter("/quit");
    assert_eq!(terminal.see_the_end(), 0);

    let dora = Person::new(&folder, "dora");
    let program = dora.program("screen", &["chat", "--plain", &server.address.to_string()]);
    let mut terminal = desk.open(&program, SIZE);
    terminal.see("Would you like to sign up?");
    terminal.enter("y");
    terminal.see("Nickname:");
    terminal.enter("alice");
    choose(&mut terminal, new, again, [PASSWORD; 2]);
    let screen = terminal.see_so("the name is not asked again", |screen| {
        asked(screen, "Nickname:") == 2
    });
    assert_eq!(asked(&screen, new), 1, "{screen}");
    terminal.enter("dora");
    let screen = terminal.see("Account \"dora\" created.");
    assert_eq!(asked(&screen, new), 1, "{screen}");
    assert_eq!(asked(&screen, "sign up?"), 1, "{screen}");
}

#[test]
fn three_wrong_passwords_end_it_with_4() {
    if !installed("wrong passwords", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    server.plain().sign_up("alice");
    let desk = Desk::new(folder.path());
    let alice = Person::new(&folder, "alice");
    let program = alice.program("screen", &["chat", &server.address.to_string()]);
    let mut terminal = desk.open(&program, SIZE);
    terminal.see("Would you like to sign up? [y/N]");
    terminal.enter("");
    for time in 1..=3 {
        terminal.see_so("the name is not asked", |screen| {
            screen.matches("Nickname:").count() == time
        });
        // A wrong name and a wrong password are told apart by nothing.
        terminal.enter(if time == 2 { "nobody" } else { "alice" });
        terminal.see_so("the password is not asked", |screen| {
            screen.matches("Password:").count() == time
        });
        terminal.enter("not the password");
    }
    terminal.see("That was the third try.");
    assert_eq!(terminal.see_the_end(), 4);
    let screen = terminal.scroll();
    let refusals = screen.lines().filter(|line| {
        !["Password:", "Nickname:", "Connecting", "Error", "Would"]
            .iter()
            .any(|other| line.contains(other))
            && !line.is_empty()
    });
    let mut refusals: Vec<&str> = refusals.collect();
    assert_eq!(refusals.len(), 3, "{screen}");
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{screen}");
}

#[test]
fn who_names_no_server_is_asked_and_who_gives_up_finds_the_terminal_as_it_was() {
    if !installed("questions that are interrupted", &["tmux", "stty"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let desk = Desk::new(folder.path());
    let alice = Person::new(&folder, "alice").french();
    let program = alice.program("screen", &["chat"]);
    let mut terminal = desk.open(
        &format!("sh -c \"trap : INT; {program}; echo \\$?; stty -a\""),
        SIZE,
    );
    terminal.see("Bienvenue dans Causette.");
    terminal.see("Adresse du serveur :");
    terminal.enter(&over_tls(&server));
    terminal.see("[oui/non/une fois]");
    terminal.enter("une fois");
    terminal.see("Voulez-vous vous inscrire ?");
    terminal.enter("n");
    terminal.see("Pseudo :");
    terminal.enter("alice");
    terminal.see("Mot de passe :");
    terminal.write("not shown");
    terminal.press("C-c");
    let screen = terminal.see("icanon");
    assert!(screen.contains("\n130\n"), "{screen}");
    assert!(!screen.contains("not shown"), "{screen}");
    for set in [" echo ", " isig ", " icanon ", " opost "] {
        assert!(screen.replace('\n', " ").contains(set), "{set}: {screen}");
    }
    // Once is once.
    let mut terminal = desk.open(
        &alice.program("screen", &["chat", &over_tls(&server)]),
        SIZE,
    );
    terminal.see("[oui/non/une fois]");
    terminal.enter("");
    assert_eq!(terminal.see_the_end(), 7);
}

/// How the client is started, what it shows then, and how it is left.
type Way = (&'static [&'static str], &'static str, fn(&mut Terminal<'_>));

#[test]
fn every_way_out_gives_the_terminal_back() {
    if !installed("ways out", &["tmux", "stty"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let desk = Desk::new(folder.path());
    let alice = Person::known(&folder, &server, "alice");
    let ways: [Way; 5] = [
        (&["chat"], "#general ❯", |screen| screen.enter("/quit")),
        (&["chat"], "#general ❯", |screen| {
            screen.press("C-c");
            screen.see("Leave? y/N");
            screen.press("y");
        }),
        (&["chat", "--plain"], "Me:", |plain| plain.enter("/quit")),
        (&["chat", "--plain"], "Me:", |plain| {
            plain.press("C-c");
            plain.see("Leave? y/N");
            plain.press("C-c");
        }),
        (&["chat", "--screen-reader"], "Connected to", |plain| {
            plain.press("C-d");
        }),
    ];
    for (arguments, greeting, leave) in ways {
        let program = alice.program("screen", arguments);
        let mut terminal = desk.open(&format!("sh -c \"{program}; echo; stty -a\""), SIZE);
        terminal.see(greeting);
        leave(&mut terminal);
        let screen = terminal.see("icanon");
        for set in [" echo ", " isig ", " icanon ", " opost "] {
            let flat = screen.replace('\n', " ");
            assert!(flat.contains(set), "{arguments:?}, {set}: {screen}");
        }
    }
}
