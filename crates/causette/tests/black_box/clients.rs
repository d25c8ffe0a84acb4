//! The clients that people have: Debian's WeeChat and irssi in the terminals of a tmux, over TLS with the certificate
//! pinned, and WeeChat in clear beside its server. People sign up, enter a room, talk, leave and find the conversation; what
//! counts is what is on their screens.

use crate::house::{House, LOG, ROOMS, again};
use crate::programs::installed;
use crate::support::{Folder, QUICK, Server, with_colons};
use crate::terminal::{Desk, Terminal};
use std::process::Command;

#[test]
fn two_people_sign_up_talk_leave_and_find_the_conversation() {
    if !installed("WeeChat and irssi", &["tmux", "weechat", "irssi"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let desk = Desk::new(folder.path());

    let mut alice = weechat_signs_up(&desk, &by_weechat(&server));
    let mut bob = irssi_signs_up(&desk, &server, ("bob", "seven-old-maps-of-brest"), &[]);
    bob.see("[Act: 2]");
    bob.enter("/window goto 2");
    bob.see("bob@account/bob] has joined #general");

    alice.enter("/join #café");
    alice.see("alice) has joined #café");
    bob.enter("/join #café");
    bob.see("bob@account/bob] has joined #café");
    alice.see("bob) has joined #café");
    alice.enter("Le café est ouvert ☕");
    bob.see("<@alice> Le café est ouvert ☕");
    bob.enter("Émile l'a dit : « à midi »");
    alice.see("| Émile l'a dit : « à midi »");

    alice.enter("/query bob");
    alice.enter("le gâteau est pour Émile");
    bob.see("[Act: 4]");
    bob.enter("/window goto 4");
    bob.see("<alice> le gâteau est pour Émile");
    bob.enter("je ne dirai rien");
    alice.see("| je ne dirai rien");

    bob.enter(
        "/network add -sasl_mechanism PLAIN -sasl_username bob -sasl_password seven-old-maps-of-brest causette",
    );
    bob.enter("/save");
    bob.enter("/quit");
    bob.see_the_end();
    alice.enter("/msg #café Émile arrive à six heures");
    alice.enter("/msg bob ne rentre pas trop tôt");
    alice.see("| ne rentre pas trop tôt");

    let mut bob = irssi(&desk);
    bob.enter("/connect causette");
    bob.see("SASL authentication succeeded");
    bob.see("[Act: 2,3,4]");
    bob.enter("/window goto #café");
    bob.see("<@alice> Le café est ouvert ☕");
    bob.see("<@alice> Émile arrive à six heures");
    bob.enter("/window goto alice");
    bob.see("<alice> ne rentre pas trop tôt");

    alice.enter("/set irc.server.causette.sasl_username alice");
    alice.enter("/set irc.server.causette.sasl_password quiet-river-blue-stone");
    alice.enter("/disconnect causette");
    alice.enter("/buffer irc.causette.#café");
    alice.see("disconnected from server");
    bob.enter("/msg #café es-tu encore là ?");
    bob.enter("/msg alice je suis revenu");
    bob.see("<bob> je suis revenu");
    alice.enter("/connect causette");
    alice.see("| es-tu encore là ?");
    alice.enter("/buffer irc.causette.bob");
    alice.see("| je suis revenu");
    alice.enter("/buffer irc.server.causette");
    alice.see("SASL authentication successful");
}

#[test]
fn weechat_beside_its_server_does_the_same_in_clear() {
    if !installed("WeeChat in clear", &["tmux", "weechat"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut bob = server.tls();
    bob.send("CAP REQ :away-notify");
    bob.send("CAP END");
    bob.sign_up("bob");
    bob.send("JOIN #café");
    bob.expect(" 366 bob #café ");
    let desk = Desk::new(folder.path());

    let (port, tls) = (server.address.port(), weechat_tls());
    let mut alice = weechat_signs_up(&desk, &format!("127.0.0.1/{port} -no{tls}"));
    alice.enter("/join #café");
    alice.see("alice) has joined #café");
    alice.enter("Le café est ouvert ☕");
    bob.expect(" PRIVMSG #café :Le café est ouvert ☕");
    bob.send("PRIVMSG #café :Émile l'a dit : « à midi »");
    alice.see("| Émile l'a dit : « à midi »");
    alice.enter("/query bob le gâteau est pour Émile");
    bob.expect(" PRIVMSG bob :le gâteau est pour Émile");
    bob.send("PRIVMSG alice :je ne dirai rien");
    alice.see("| je ne dirai rien");

    alice.enter("/set irc.server.causette.sasl_username alice");
    alice.enter("/set irc.server.causette.sasl_password quiet-river-blue-stone");
    alice.enter("/disconnect causette");
    bob.expect(":alice!alice@account/alice AWAY :");
    bob.send("PRIVMSG #café :es-tu encore là ?");
    bob.ask("PRIVMSG alice :reviens vite");
    alice.enter("/connect causette");
    alice.see("| reviens vite");
    alice.enter("/buffer irc.causette.#café");
    alice.see("| es-tu encore là ?");
    alice.enter("/buffer irc.server.causette");
    alice.see("SASL authentication successful");
}

#[test]
fn weechat_is_in_ten_rooms_and_is_again_when_the_server_was_killed() {
    if !installed("WeeChat in ten rooms", &["tmux", "weechat"]) {
        return;
    }
    let mut house = House::open();
    let desk = Desk::new(house.folder.path());
    let place = format!("{} -autoreconnect_delay=1", by_weechat(house.server()));
    let mut alice = weechat_signs_up(&desk, &place);
    alice.enter("/set irc.server.causette.sasl_username alice");
    alice.enter("/set irc.server.causette.sasl_password quiet-river-blue-stone");
    alice.enter(&format!(
        "/set irc.server.causette.autojoin {}",
        ROOMS.join(",")
    ));
    // It enters them when it starts: later it looks which rooms it has open.
    alice.enter("/quit");
    alice.see_the_end();
    let mut alice = weechat(&desk);
    alice.enter("/connect causette");
    house.sees_come("alice");

    alice.enter("/buffer irc.causette.#un");
    alice.see("| Le café est ouvert ☕");
    alice.see(" * | bob sert le café");
    house.writes_a_log();
    for line in LOG {
        alice.see(&format!(" -- | Notice(carole): {line}"));
    }

    house.is_killed_and_comes_back();
    for room in ROOMS {
        alice.enter(&format!("/buffer irc.causette.{room}"));
        alice.see(&format!("| {}", again(room)));
    }
    alice.enter("me revoilà");
    house.reads("alice", "#dix", "me revoilà");
}

#[test]
fn irssi_is_in_ten_rooms_and_is_again_when_the_server_was_killed() {
    if !installed("irssi in ten rooms", &["tmux", "irssi"]) {
        return;
    }
    let mut house = House::open();
    let desk = Desk::new(house.folder.path());
    // It would let seconds pass between what it asks of one room and the next.
    let settings = ["server_reconnect_time 1s", "cmd_queue_speed 10msec"];
    let account = ("alice", "quiet-river-blue-stone");
    let mut alice = irssi_signs_up(&desk, house.server(), account, &settings);
    alice.enter(
        "/network add -sasl_mechanism PLAIN -sasl_username alice -sasl_password quiet-river-blue-stone causette",
    );
    for room in ROOMS {
        alice.enter(&format!("/channel add -auto {room} causette"));
    }
    alice.enter("/disconnect");
    alice.enter("/connect causette");
    house.sees_come("alice");

    alice.enter("/window goto #un");
    alice.see("<@bob> Le café est ouvert ☕");
    alice.see(" * bob sert le café");
    house.writes_a_log();
    for line in LOG {
        alice.see(&format!("-carole:#un- {line}"));
    }

    house.is_killed_and_comes_back();
    for room in ROOMS {
        alice.enter(&format!("/window goto {room}"));
        alice.see(&again(room));
    }
    alice.enter("me revoilà");
    house.reads("alice", "#dix", "me revoilà");

    // As an old client, which knows no times: what is of the past has its date inside. By another name, since what irssi knows of
    // an address goes before what it is told.
    alice.enter("/disconnect causette");
    alice.enter(&format!(
        "/connect -4 -nocap -tls -notls_verify -tls_pinned_cert {} localhost {} alice:quiet-river-blue-stone",
        with_colons(&house.server().fingerprint),
        house.server().address.port()
    ));
    // In windows behind those of before.
    alice.see(",23]");
    alice.enter("/window goto #un");
    alice.see("] Le café est ouvert ☕");
    let screen = alice.see("] sert le café");
    let dated = |line: &str| line.contains(" * bob [20") && line.contains("] sert le café");
    assert!(screen.lines().any(dated), "{screen}");
}

/// How WeeChat comes to a server over TLS, whose certificate it knows.
pub(crate) fn by_weechat(server: &Server) -> String {
    let (port, sha256, tls) = (server.address.port(), &server.fingerprint, weechat_tls());
    format!("127.0.0.1/{port} -{tls} -{tls}_fingerprint={sha256}")
}

/// alice signs up by WeeChat at a place, by a word to NickServ as she is told, and comes to where everybody does.
pub(crate) fn weechat_signs_up<'a>(desk: &'a Desk, place: &str) -> Terminal<'a> {
    let mut alice = weechat(desk);
    alice.enter(&format!("/server add causette {place} -nicks=alice"));
    alice.enter("/connect causette");
    alice.see("/msg NickServ REGISTER");
    alice.enter("/msg NickServ REGISTER quiet-river-blue-stone");
    alice.see("alice) has joined #general");
    alice
}

/// Somebody signs up by irssi, set like this, over TLS with the certificate pinned, by a command of the protocol.
pub(crate) fn irssi_signs_up<'a>(
    desk: &'a Desk,
    server: &Server,
    (name, password): (&str, &str),
    settings: &[&str],
) -> Terminal<'a> {
    let mut person = irssi(desk);
    person.enter(&format!("/set nick {name}"));
    for setting in settings {
        person.enter(&format!("/set {setting}"));
    }
    person.enter("/network add causette");
    person.enter(&format!(
        "/server add -network causette -tls -notls_verify -tls_pinned_cert {} 127.0.0.1 {}",
        with_colons(&server.fingerprint),
        server.address.port()
    ));
    person.enter("/connect causette");
    person.see("/msg NickServ REGISTER");
    person.enter(&format!("/quote REGISTER * * :{password}"));
    person.see(&format!("REGISTER SUCCESS {name}"));
    person
}

/// What WeeChat calls TLS: its options were renamed in version 4.
fn weechat_tls() -> &'static str {
    let version = Command::new("weechat").arg("--version").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let major: u32 = version.split('.').next().unwrap().trim().parse().unwrap();
    if major < 4 { "ssl" } else { "tls" }
}

/// WeeChat in a terminal, with its settings in the test's folder.
fn weechat(desk: &Desk) -> Terminal<'_> {
    // What is typed here arrives too fast for a person, and WeeChat would ask whether to paste it.
    let typed = "weechat -r '/set weechat.look.paste_max_lines -1' --dir";
    open(
        desk,
        &format!("{typed} '{}/weechat'", desk.folder().display()),
        "WeeChat",
    )
}

/// irssi in a terminal, with its settings in the test's folder.
fn irssi(desk: &Desk) -> Terminal<'_> {
    open(
        desk,
        &format!("irssi --home '{}/irssi'", desk.folder().display()),
        "Irssi v",
    )
}

/// Starts a client in a terminal, and waits until it greets.
fn open<'a>(desk: &'a Desk, program: &str, greeting: &str) -> Terminal<'a> {
    let terminal = desk.open(program, (160, 40));
    terminal.see(greeting);
    terminal
}
