//! Whatever signal reaches the client, the terminal is as it was before; and a lost mark does not lock its keyboard.

use crate::chat::{Person, alice_and_bob};
use crate::programs::installed;
use crate::support::{Folder, QUICK, Server};
use crate::terminal::{Desk, within_deadline};
use rustix::process::{Pid, Signal, kill_process};

/// Runs the client from a shell that tells afterwards in what state it finds the terminal; gives the status and the modes.
#[track_caller]
fn end_by(
    folder: &Folder,
    alice: &Person,
    arguments: &[&str],
    sign: &str,
    signal: Signal,
) -> (i32, String) {
    let desk = Desk::new(folder.path());
    let file = |name: &str| folder.path().join(name);
    let program = alice.program("screen-256color", arguments);
    let inner = format!("echo $$ > inner.pid\nexec {program}\n");
    std::fs::write(file("inner.sh"), inner).unwrap();
    let outer = "sh inner.sh; echo $? > inner.status; stty -a > modes.part; mv modes.part modes\n";
    std::fs::write(file("outer.sh"), outer).unwrap();
    for old in ["modes", "inner.pid"] {
        let _ = std::fs::remove_file(file(old));
    }
    let screen = desk.open("sh outer.sh", (80, 24));
    screen.see(sign);
    let pid = std::fs::read_to_string(file("inner.pid")).unwrap();
    let pid = pid.trim().parse().ok().and_then(Pid::from_raw).unwrap();
    kill_process(pid, signal).unwrap();
    assert!(
        within_deadline(|| file("modes").exists()),
        "{}",
        screen.screen()
    );
    let status = std::fs::read_to_string(file("inner.status")).unwrap();
    let modes = std::fs::read_to_string(file("modes")).unwrap();
    screen.see_so("the client's screen stays", |shown| !shown.contains("❯"));
    screen.see_the_cursor();
    (status.trim().parse().unwrap(), modes)
}

#[test]
fn no_signal_leaves_the_terminal_unusable() {
    if !installed("signals", &["tmux", "stty"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let faces: [(&[&str], &str); 3] = [
        (&["chat"], "#general ❯"),
        (&["chat", "--plain"], "Me:"),
        (&["chat", "--screen-reader"], "Connected"),
    ];
    for (arguments, sign) in faces {
        for (signal, expected) in [
            (Signal::TERM, 0),
            (Signal::INT, 0),
            (Signal::HUP, 0),
            (Signal::QUIT, 131),
            (Signal::ABORT, 134),
            (Signal::USR1, 138),
        ] {
            let (status, modes) = end_by(&folder, &alice, arguments, sign, signal);
            assert_eq!(status, expected, "{arguments:?} {signal:?}");
            for mode in ["icanon", "echo", "isig"] {
                let is_on = modes.split_whitespace().any(|word| word == mode);
                assert!(is_on, "{arguments:?} {signal:?}: {modes}");
            }
        }
    }
}

#[test]
fn the_client_is_suspended_and_comes_back() {
    if !installed("a shell with jobs", &["tmux", "bash"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let desk = Desk::new(folder.path());
    let faces: [(&[&str], &str, &str); 3] = [
        (&["chat"], "#general ❯", "#general ❯ begun"),
        (&["chat", "--plain"], "Me:", "Me: begun"),
        (&["chat", "--screen-reader"], "Connected", "Me: begun"),
    ];
    for (arguments, sign, begun) in faces {
        let program = alice.program("screen-256color", arguments);
        std::fs::write(folder.path().join("client.sh"), format!("exec {program}\n")).unwrap();
        let mut shell = desk.open("env PS1='shell> ' bash --norc --noprofile -i", (80, 24));
        shell.see("shell>");
        shell.enter("sh client.sh");
        shell.see(sign);
        shell.write("begun");
        shell.see(begun);
        shell.press("C-z");
        shell.see("Stopped");
        shell.enter("echo it works; stty -a | grep -c ' icanon'");
        shell.see("it works\n1");
        shell.see_the_cursor();
        // What was begun is not what was left of it before.
        shell.enter("clear");
        shell.see_prompt("shell>");
        shell.see_so("it is not cleared", |shown| !shown.contains(begun));
        shell.enter("fg");
        shell.see(begun);
        shell.enter(" and back again");
        bob.expect("begun and back again");
        shell.enter("/quit");
        shell.see_prompt("shell>");
        shell.enter("exit");
        shell.see_the_end();
    }
}

#[test]
fn nothing_is_stopped_that_nobody_would_continue() {
    if !installed("a client without a shell", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let mut bob = server.plain();
    bob.sign_up("bob");
    let desk = Desk::new(folder.path());
    let faces: [(&[&str], &str, &str); 3] = [
        (&["chat"], "#general ❯", "#general ❯ begun"),
        (&["chat", "--plain"], "Me:", "Me: begun"),
        (&["chat", "--screen-reader"], "Connected", "Me: begun"),
    ];
    for (arguments, sign, begun) in faces {
        let mut screen = desk.open(&alice.program("screen-256color", arguments), (80, 24));
        screen.see(sign);
        screen.write("begun");
        screen.see(begun);
        screen.press("C-z");
        // What is read together with Enter could be a paste.
        screen.write(" and sent");
        screen.see("begun and sent");
        screen.press("Enter");
        bob.expect("begun and sent");
        screen.write("/quit");
        screen.see("/quit");
        screen.press("Enter");
        assert_eq!(screen.see_the_end(), 0);
    }
}

#[test]
fn what_a_killed_client_left_on_the_screen_is_cleared() {
    if !installed("a client that is killed", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let alice = Person::known(&folder, &server, "alice");
    let desk = Desk::new(folder.path());
    let program = alice.program("screen-256color", &["chat"]);
    // What a killed program leaves: the second screen, with its cells, its colours and no cursor.
    let script = format!(
        "printf '\\033[?1049h\\033[?25l\\033[41m'\nfor row in $(seq 24); do printf 'leftover of before\\r\\n'; done\n\
         exec {program}\n"
    );
    std::fs::write(folder.path().join("again.sh"), script).unwrap();
    let screen = desk.open("sh again.sh", (80, 24));
    let shown = screen.see("#general ❯");
    assert!(!shown.contains("leftover"), "{shown}");
}

#[test]
fn a_paste_whose_end_is_lost_does_not_lock_the_keyboard() {
    if !installed("a paste", &["tmux"]) {
        return;
    }
    let (folder, _server, alice, mut bob) = alice_and_bob();
    let desk = Desk::new(folder.path());
    let mut screen = desk.open(&alice.program("screen-256color", &["chat"]), (80, 24));
    screen.see("#general ❯");
    screen.send_bytes(b"\x1b[200~pasted");
    screen.see("❯ pasted");
    // Seen before Enter is pressed: an Enter that is read together with other keys is taken for the rest of the paste.
    screen.write(" and typed");
    screen.see("❯ pasted and typed");
    screen.press("Enter");
    bob.expect("PRIVMSG #general :pasted and typed");
}

#[test]
fn a_device_that_is_signed_out_while_talking_is_told_so() {
    if !installed("a device that is taken back", &["tmux"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut on_web = server.plain();
    on_web.sign_up("alice");
    let address = server.address.to_string();
    for (person, words) in [
        (
            Person::new(&folder, "alice"),
            "does not let this device sign in",
        ),
        (Person::new(&folder, "amelie").french(), "jeton"),
    ] {
        // The same account from two homes.
        let told = person.run(
            &["login", "--account", "alice", "--password-stdin", &address],
            &format!("{}\n", crate::chat::PASSWORD),
        );
        assert_eq!(told.status.code(), Some(0), "{told:?}");
        let desk = Desk::new(folder.path());
        let screen = desk.open(&person.program("screen-256color", &["chat"]), (80, 24));
        screen.see("#general ❯");
        let file = std::fs::read_to_string(person.file("credentials.toml")).unwrap();
        let id = file
            .lines()
            .find_map(|line| line.strip_prefix("id = "))
            .unwrap();
        on_web.ask(&format!("DEVICE DEL {}", id.trim_matches('"')));
        screen.see(words);
        assert_eq!(screen.see_the_end(), 4);
        assert!(!person.keeps("token = "));
    }
}
