//! irc-framework, on which web clients and bots are built: over TCP, and over WebSocket with its transport for browsers. What it
//! does there is in `tests/clients/irc_framework.mjs`; node's modules are where `.ci/run` installs them.

use crate::chat::{self, Running};
use crate::house::{House, LOG, ROOMS, again};
use crate::programs::{has_modules, installed, modules, scripts};
use crate::support::{Folder, QUICK, Server};
use std::process::Command;

const PASSWORD: &str = "quiet-river-blue-stone";

#[test]
fn irc_framework_signs_up_talks_and_finds_the_conversation() {
    if !has_irc_framework() {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    sign_up_talk_and_look_back(&server, Transport::Tcp);
}

#[test]
fn irc_framework_does_the_same_over_websocket() {
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    if has_irc_framework() {
        sign_up_talk_and_look_back(&server, Transport::WebSocket);
    }
}

#[test]
fn irc_framework_is_in_ten_rooms_and_is_again_when_the_server_was_killed() {
    if !has_irc_framework() {
        return;
    }
    let mut house = House::open();
    house.sign_up("alice");
    let mut alice = start(house.server(), Transport::Tcp, Some(chat::PASSWORD));
    alice.see("signed in alice");
    alice.see("registered alice");
    alice.say(&format!("join {}", ROOMS.join(",")));
    house.sees_come("alice");
    alice.see("joined alice #dix");
    alice.say("raw CHATHISTORY LATEST #un * 10");
    alice.see("history bob #un Le café est ouvert ☕");
    alice.see("history of an action bob #un sert le café");
    alice.see("end of history #un");
    house.writes_a_log();
    for line in LOG {
        alice.see(&format!("notice carole #un {line}"));
    }

    // It comes back to none that it has lost within seconds of its first words.
    alice.see("settled");
    house.is_killed_and_comes_back();
    alice.see("reconnecting");
    alice.see("registered alice");
    alice.say(&format!("join {}", ROOMS.join(",")));
    for room in ROOMS {
        alice.say(&format!("raw CHATHISTORY LATEST {room} * 10"));
        alice.see(&format!("history bob {room} {}", again(room)));
    }
    alice.say("say #dix me revoilà");
    house.reads("alice", "#dix", "me revoilà");
}

#[test]
fn irc_framework_follows_reactions_and_what_people_say_of_themselves() {
    if !has_irc_framework() {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let mut bob = server.tls();
    bob.sign_up("bob");
    bob.send("CAP REQ :message-tags echo-message draft/metadata-3");
    bob.expect(" ACK :message-tags echo-message draft/metadata-3");
    bob.send("METADATA * SET display-name :Bob Martin");
    bob.expect(" 761 bob bob display-name * :Bob Martin");
    server.tls().sign_up("alice");
    let capabilities = "draft/event-playback draft/metadata-3 draft/channel-rename";
    let mut alice = start_with(&server, Transport::Tcp, Some(chat::PASSWORD), capabilities);
    alice.see("joined alice #general");
    alice.say("raw METADATA * SUB display-name status");
    alice.see("metadata bob display-name Bob Martin");
    bob.send("METADATA * SET status :en réunion");
    alice.see("metadata bob status en réunion");
    bob.send("METADATA * SET status");
    alice.see("no metadata bob status");

    bob.send("PRIVMSG #general :un café ?");
    let echo = bob.expect(" PRIVMSG #general :un café ?");
    let msgid = echo.split("msgid=").nth(1).unwrap();
    let msgid = msgid.split([';', ' ']).next().unwrap();
    alice.see("said bob #general un café ?");
    for tag in ["react", "unreact"] {
        bob.send(&format!("@+reply={msgid};+draft/{tag}=☕ TAGMSG #general"));
    }
    alice.see("reaction bob #general gives ☕");
    alice.see("reaction bob #general takes ☕");
    alice.say("raw CHATHISTORY LATEST #general * 2");
    alice.see("history of a reaction bob #general gives ☕");
    alice.see("history of a reaction bob #general takes ☕");

    alice.say("join #un");
    alice.see("joined alice #un");
    alice.say("raw CS REGISTER #un");
    alice.say("raw RENAME #un #deux :plus juste");
    alice.see("renamed #un #deux plus juste");
    alice.say("quit");
    alice.see("closed");
}

fn sign_up_talk_and_look_back(server: &Server, transport: Transport) {
    let mut alice = start(server, transport, None);
    alice.see("registered alice");
    alice.say(&format!("raw REGISTER * * :{PASSWORD}"));
    alice.see("signed in alice");
    alice.see("joined alice #general");
    alice.say("quit");
    alice.see("closed");

    let mut alice = start(server, transport, Some(PASSWORD));
    alice.see(match transport {
        Transport::Tcp => "connected tcp",
        Transport::WebSocket => "connected text.ircv3.net",
    });
    alice.see("signed in alice");
    alice.see("registered alice");
    alice.say("join #café");
    alice.see("joined alice #café");

    let mut bob = server.tls();
    bob.sign_up("bob");
    bob.send("JOIN #café");
    alice.see("joined bob #café");
    bob.send("PRIVMSG #café :Émile l'a dit : « à midi » 🫖");
    alice.see("said bob #café Émile l'a dit : « à midi » 🫖");
    alice.say("say #café Le café est ouvert ☕");
    alice.see("said alice #café Le café est ouvert ☕");
    bob.expect(" PRIVMSG #café :Le café est ouvert ☕");
    alice.say("say bob le gâteau est pour Émile");
    alice.see("said alice bob le gâteau est pour Émile");
    bob.expect(" PRIVMSG bob :le gâteau est pour Émile");
    bob.send("PRIVMSG alice :je ne dirai rien");
    alice.see("said bob alice je ne dirai rien");

    alice.say("raw CHATHISTORY LATEST #café * 10");
    alice.see("history bob #café Émile l'a dit : « à midi » 🫖");
    alice.see("history alice #café Le café est ouvert ☕");
    alice.see("end of history #café");
    alice.say("raw CHATHISTORY LATEST bob * 10");
    alice.see("history alice bob le gâteau est pour Émile");
    alice.see("history bob alice je ne dirai rien");
    alice.see("end of history bob");
    alice.say("quit");
    alice.see("closed");
}

#[derive(Clone, Copy)]
enum Transport {
    Tcp,
    WebSocket,
}

/// Whether node and irc-framework are installed.
fn has_irc_framework() -> bool {
    let names = ["irc-framework", "ws"];
    installed("irc-framework", &["node"])
        && has_modules("irc-framework", &scripts(), &modules("clients"), &names)
}

/// Starts irc-framework for alice and lets it connect; with a password it signs in.
fn start(server: &Server, transport: Transport, password: Option<&str>) -> Running {
    start_with(server, transport, password, "")
}

/// The same, asking for more capabilities.
fn start_with(
    server: &Server,
    transport: Transport,
    password: Option<&str>,
    capabilities: &str,
) -> Running {
    let mut command = Command::new("node");
    command
        .env("CAUSETTE_TEST_CAPABILITIES", capabilities)
        .arg(scripts().join("irc_framework.mjs"))
        .arg(modules("clients"))
        .arg(match transport {
            Transport::Tcp => "tcp",
            Transport::WebSocket => "websocket",
        })
        .arg(server.address.port().to_string())
        .arg("alice")
        .args(password);
    Running::new(command)
}
