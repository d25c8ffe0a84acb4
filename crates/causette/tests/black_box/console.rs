//! The administrator's console on a terminal, and its verbs as a script writes them.

use crate::support::{Client, Folder, QUICK, Server, causette, connect, run, run_command};
use crate::terminal::{Desk, Terminal, within_deadline};
use rustix::process::Signal;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Output, Stdio};

/// The user that has nothing.
const NOBODY: u32 = 65_534;

fn complained(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A server that is started on a terminal of its own, with its console.
fn serve<'a>(desk: &'a Desk, language: &str) -> Terminal<'a> {
    let configuration = format!("[server]\nlanguage = \"{language}\"\n{QUICK}");
    std::fs::write(desk.folder().join("causette.toml"), configuration).unwrap();
    let program = env!("CARGO_BIN_EXE_causette");
    let program = format!("'{program}' --lang {language} serve --listen 127.0.0.1:0");
    // As high as its help and what comes behind that.
    desk.open(&program, (100, 70))
}

/// What is seen of a server's end, in each language.
struct Words {
    language: &'static str,
    prompt: &'static str,
    unknown: &'static str,
    code: &'static str,
    nothing: &'static str,
    stops: &'static str,
}

const WORDS: [Words; 2] = [
    Words {
        language: "en",
        prompt: "Your action on the server:",
        unknown: "There is no command \"nosuch\"",
        code: "Give alice this code",
        nothing: "Nothing was done.",
        stops: "The server stops in 1 s",
    },
    Words {
        language: "fr",
        prompt: "Votre action sur le serveur :",
        unknown: "Il n'y a pas de commande « nosuch »",
        code: "Donnez ce code à alice",
        nothing: "Rien n'a été fait.",
        stops: "Le serveur s'arrête dans 1 s",
    },
];

#[test]
fn whoever_starts_the_server_on_a_terminal_runs_it_from_there() {
    for words in WORDS {
        let folder = Folder::new();
        let desk = Desk::new(folder.path());
        let mut terminal = serve(&desk, words.language);
        let screen = terminal.see(words.prompt);
        assert!(screen.contains("causette-data/causette.log"), "{screen}");
        let create = ["account", "create", "--password-stdin", "alice"];
        let made = run(folder.path(), &create, "correct horse battery\n");
        assert!(made.status.success(), "{made:?}");

        terminal.enter("#HELP");
        terminal.see("#ResetPassword");
        terminal.enter("nosuch");
        terminal.see(words.unknown);
        // What is missing is asked for, what harms is asked again.
        terminal.enter("#resetpassword");
        terminal.enter("alice");
        terminal.enter("n");
        terminal.see(words.nothing);
        terminal.enter("#ResetPassword alice");
        terminal.enter("y");
        terminal.see(words.code);
        // Nobody stops the server by a key.
        terminal.press("C-z");
        terminal.press("C-c");
        terminal.enter("");
        let told = |screen: &str| screen.matches(words.nothing).count() == 2;
        terminal.see_so("the stop is not given up", told);
        terminal.press("C-d");
        terminal.enter("");
        let told = |screen: &str| screen.matches(words.nothing).count() == 3;
        terminal.see_so("the stop is not given up", told);
        terminal.enter("close 1s");
        terminal.enter("o");
        terminal.see(words.stops);
        assert_eq!(terminal.see_the_end(), 0);
        let log = std::fs::read_to_string(folder.path().join("causette-data/causette.log"));
        assert!(log.unwrap().contains("server.stopped"));
    }
}

#[test]
fn a_console_elsewhere_is_left_without_the_server_s_end() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let desk = Desk::new(folder.path());
    let program = env!("CARGO_BIN_EXE_causette");
    let mut terminal = desk.open(&format!("'{program}' --lang fr admin"), (100, 40));
    terminal.see("Votre action sur le serveur :");
    terminal.enter("#ListF");
    terminal.see("Fichiers : 0");
    terminal.press("C-d");
    assert_eq!(terminal.see_the_end(), 0);
    // One that is there when the server ends is told.
    let terminal = desk.open(&format!("'{program}' --lang fr admin"), (100, 40));
    terminal.see("Votre action sur le serveur :");
    server.signal(Signal::TERM);
    terminal.see("Le serveur s'est arrêté.");
    assert_eq!(terminal.see_the_end(), 0);
    assert_eq!(server.wait().0.code(), Some(0));
}

#[test]
fn a_wrong_verb_says_what_to_do_and_ends_with_its_own_code() {
    let folder = Folder::new();
    let kick = ["admin", "kick", "bob", "--reason", "spam"];
    let absent = run(folder.path(), &kick, "");
    assert_eq!(absent.status.code(), Some(3), "{absent:?}");
    assert!(complained(&absent).contains("causette serve"), "{absent:?}");

    let _server = Server::start(folder.path(), QUICK);
    for (line, part) in [
        (&["kick", "bob"][..], "--reason"),
        (&["ban", "bob", "--for", "soon", "--reason", "spam"], "soon"),
        (&["role", "bob", "king", "--reason", "spam"], "king"),
        (&["lift", "first", "--reason", "spam"], "first"),
        (&["frobnicate"], "frobnicate"),
        (&["alert", "a\nb"], "text"),
    ] {
        let refused = run(folder.path(), &[&["admin"], line].concat(), "");
        assert_eq!(refused.status.code(), Some(2), "{line:?}: {refused:?}");
        assert!(complained(&refused).contains(part), "{line:?}: {refused:?}");
    }
    let none = run(folder.path(), &["admin", "stop", "--cancel"], "");
    assert_eq!(none.status.code(), Some(5), "{none:?}");
    let shown = run(folder.path(), &["admin", "fingerprint", "--json"], "");
    let shown: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert!(shown["ok"] == true && shown["entry"].is_u64(), "{shown}");
    let reset = ["admin", "account", "password", "nobody", "--json"];
    let reset = run(folder.path(), &reset, "");
    assert_eq!(reset.status.code(), Some(5), "{reset:?}");
    let refused: serde_json::Value = serde_json::from_slice(&reset.stdout).unwrap();
    assert_eq!(
        (&refused["ok"], &refused["kind"]),
        (&false.into(), &"refused".into())
    );
}

#[test]
fn another_user_of_the_machine_is_refused() {
    if !rustix::process::geteuid().is_root() {
        // Nobody else can be somebody else.
        return;
    }
    let folder = Folder::new();
    let _server = Server::start(folder.path(), QUICK);
    let program = folder.path().join("causette");
    std::fs::copy(env!("CARGO_BIN_EXE_causette"), &program).unwrap();
    let mut other = std::process::Command::new(&program);
    other.args(["--data", "causette-data", "admin", "status"]);
    other
        .current_dir(folder.path())
        .env("LANG", "C")
        .uid(NOBODY)
        .gid(NOBODY);
    let refused = run_command(other, "");
    assert_eq!(refused.status.code(), Some(5), "{refused:?}");
    assert!(
        complained(&refused).contains("another user's"),
        "{refused:?}"
    );
}

#[test]
fn a_stop_is_announced_called_off_and_waited_for() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut watching = causette(folder.path(), &["admin", "watch", "--json"]);
    let mut watching = watching.stdout(Stdio::piped()).spawn().unwrap();
    let mut stop = causette(
        folder.path(),
        &["admin", "stop", "--in", "2h", "--reason", "a new disk"],
    );
    let mut stop = stop
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = String::new();
    BufReader::new(stop.stdout.take().unwrap())
        .read_line(&mut said)
        .unwrap();
    assert!(said.contains("in 7200 s"), "{said}");
    // Whoever comes meanwhile knows what they come to.
    let mut newcomer = server.plain();
    newcomer.send("CAP LS 302");
    newcomer.expect("NOTICE * :The server stops in 7");
    let cancelled = || {
        run(folder.path(), &["admin", "stop", "--cancel"], "")
            .status
            .success()
    };
    assert!(within_deadline(cancelled));
    assert_eq!(stop.wait().unwrap().code(), Some(1), "the server goes on");
    server.plain().register("alice");
    let stopped = run(folder.path(), &["admin", "stop", "--in", "1s"], "");
    assert_eq!(stopped.status.code(), Some(0), "{stopped:?}");
    assert_eq!(server.wait().0.code(), Some(0));
    assert_eq!(watching.wait().unwrap().code(), Some(0));
}

#[test]
fn what_happens_is_seen_and_the_people_are_spoken_with() {
    let folder = Folder::new();
    let desk = Desk::new(folder.path());
    let mut terminal = serve(&desk, "fr");
    terminal.see("Votre action sur le serveur :");
    let address = std::fs::read_to_string(folder.path().join("causette-data/address")).unwrap();
    let mut alice = Client::new(connect(address.trim().parse().unwrap()));
    alice.sign_up("alice");
    terminal.see("+ alice est là (127.0.0.1)");
    let mut eve = Client::new(connect(address.trim().parse().unwrap()));
    eve.sign_up("eve");
    let mut mallory = Client::new(connect(address.trim().parse().unwrap()));
    mallory.register("mallory");
    mallory.send("NS IDENTIFY alice not-her-password");
    // Whoever tried is not told what was wrong.
    terminal.see("mot de passe faux");
    terminal.enter("#listu");
    let screen = terminal.see("Connectés : 2");
    assert!(
        screen.contains("PSEUDO") && screen.contains("#general"),
        "{screen}"
    );

    terminal.enter("#Private alice");
    terminal.enter("peux-tu fermer #test ?");
    alice.expect("peux-tu fermer #test ?");
    alice.send("PRIVMSG Administration :oui, tout de suite");
    terminal.see("oui, tout de suite");
    terminal.enter("#Private");
    terminal.enter("#Alert Maintenance à 18 h");
    alice.expect("Maintenance à 18 h");

    let people = run(folder.path(), &["admin", "people", "--json"], "");
    let people: serde_json::Value = serde_json::from_slice(&people.stdout).unwrap();
    assert_eq!(people["data"]["people"][0]["nick"], "alice", "{people}");
    assert_eq!(
        people["data"]["people"][0]["sessions"][0]["address"],
        "127.0.0.1"
    );
    terminal.enter("#Exit 1s");
    terminal.enter("o");
    alice.expect("ERROR :");
    assert_eq!(terminal.see_the_end(), 0);
}

#[test]
fn who_asks_is_answered_in_their_language_and_form() {
    let folder = Folder::new();
    let absent = run(folder.path(), &["admin", "people", "--json"], "");
    assert_eq!(absent.status.code(), Some(3), "{absent:?}");
    let _server = Server::start(folder.path(), QUICK);
    let people = run(folder.path(), &["--lang", "fr", "admin", "people"], "");
    let people = String::from_utf8(people.stdout).unwrap();
    assert!(people.contains("Connectés : 0"), "{people}");
    let kick = ["--lang", "fr", "admin", "kick", "bob", "--reason", "x"];
    let kicked = run(folder.path(), &kick, "");
    assert_eq!(kicked.status.code(), Some(5), "{kicked:?}");
    assert!(
        complained(&kicked).contains("Personne ne porte"),
        "{kicked:?}"
    );
    let unfit = run(folder.path(), &["admin", "kick", "bob", "--json"], "");
    assert_eq!(unfit.status.code(), Some(2), "{unfit:?}");
    for (output, part, kind) in [
        (absent, "causette serve", serde_json::Value::Null),
        (unfit, "--reason", "malformed".into()),
    ] {
        assert!(output.stderr.is_empty(), "{output:?}");
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(told["ok"] == false && told["kind"] == kind, "{told}");
        assert!(told["text"].as_str().unwrap().contains(part), "{told}");
    }
}

#[test]
fn a_backup_is_made_from_the_console_and_what_does_not_fit_is_not_asked_for_for_ever() {
    let folder = Folder::new();
    let desk = Desk::new(folder.path());
    let mut terminal = serve(&desk, "fr");
    terminal.see("Votre action sur le serveur :");
    terminal.enter("#backup");
    terminal.see("#Backup FICHIER");
    terminal.enter("#Backup du soir.tar");
    let screen = terminal.see("C'est l'inscription");
    assert!(screen.contains("SHA-256"), "{screen}");
    let file = folder.path().join("du soir.tar");
    let verified = run(
        folder.path(),
        &["backup", "--verify", file.to_str().unwrap()],
        "",
    );
    assert_eq!(verified.status.code(), Some(0), "{verified:?}");
    terminal.enter("#Role bob king");
    terminal.see("« king » n'est aucun de : owner");
    terminal.enter("king");
    terminal.enter("king");
    terminal.see("Rien n'a été fait.");
    terminal.enter("#Exit 1s");
    terminal.enter("o");
    assert_eq!(terminal.see_the_end(), 0);
}

#[test]
fn a_terminal_is_as_it_was_when_the_server_was_killed() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let desk = Desk::new(folder.path());
    let program = env!("CARGO_BIN_EXE_causette");
    let script = format!("stty -g > before; '{program}' --lang en admin; stty -g > after\n");
    std::fs::write(folder.path().join("around"), script).unwrap();
    let terminal = desk.open("sh around", (100, 40));
    terminal.see("Your action on the server:");
    server.signal(Signal::KILL);
    assert_eq!(terminal.see_the_end(), 0);
    let modes = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(modes("before"), modes("after"));
}
