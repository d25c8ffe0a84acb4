//! irc-framework, on which web clients and bots are built: over TCP, and over WebSocket with its transport for browsers. What it
//! does there is in `tests/clients/irc_framework.mjs`; node's modules are where `.ci/run` installs them.

use crate::programs::{installed, not_installed};
use crate::support::{Client, DEADLINE, Folder, QUICK, Server};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

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

fn sign_up_talk_and_look_back(server: &Server, transport: Transport) {
    let mut alice = Framework::start(server, transport, None);
    alice.expect("registered alice");
    alice.send(&format!("raw REGISTER * * :{PASSWORD}"));
    alice.expect("signed in alice");
    alice.expect("joined alice #general");
    alice.send("quit");
    alice.expect("closed");

    let mut alice = Framework::start(server, transport, Some(PASSWORD));
    alice.expect(match transport {
        Transport::Tcp => "connected tcp",
        Transport::WebSocket => "connected text.ircv3.net",
    });
    alice.expect("signed in alice");
    alice.expect("registered alice");
    alice.send("join #café");
    alice.expect("joined alice #café");

    let mut bob = server.tls();
    bob.sign_up("bob");
    bob.send("JOIN #café");
    alice.expect("joined bob #café");
    bob.send("PRIVMSG #café :Émile l'a dit : « à midi » 🫖");
    alice.expect("said bob #café Émile l'a dit : « à midi » 🫖");
    alice.send("say #café Le café est ouvert ☕");
    alice.expect("said alice #café Le café est ouvert ☕");
    bob.expect(" PRIVMSG #café :Le café est ouvert ☕");
    alice.send("say bob le gâteau est pour Émile");
    alice.expect("said alice bob le gâteau est pour Émile");
    bob.expect(" PRIVMSG bob :le gâteau est pour Émile");
    bob.send("PRIVMSG alice :je ne dirai rien");
    alice.expect("said bob alice je ne dirai rien");

    alice.send("raw CHATHISTORY LATEST #café * 10");
    alice.expect("history bob #café Émile l'a dit : « à midi » 🫖");
    alice.expect("history alice #café Le café est ouvert ☕");
    alice.expect("end of history #café");
    alice.send("raw CHATHISTORY LATEST bob * 10");
    alice.expect("history alice bob le gâteau est pour Émile");
    alice.expect("history bob alice je ne dirai rien");
    alice.expect("end of history bob");
    alice.send("quit");
    alice.expect("closed");
}

#[derive(Clone, Copy)]
enum Transport {
    Tcp,
    WebSocket,
}

/// Whether node and irc-framework are installed.
fn has_irc_framework() -> bool {
    if !installed("irc-framework", &["node"]) {
        return false;
    }
    let (modules, scripts) = (modules(), scripts());
    let has = ["irc-framework", "ws"]
        .iter()
        .all(|module| modules.join("node_modules").join(module).is_dir());
    if !has {
        let (modules, scripts) = (modules.display(), scripts.display());
        let how = format!("cp {scripts}/package*.json {modules} && npm ci --prefix {modules}");
        not_installed(
            "irc-framework",
            &format!("irc-framework (mkdir -p {modules} && {how})"),
        );
    }
    has
}

/// The folder in which `node_modules` is.
fn modules() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients")
}

/// The folder of the script, and of the list of what it needs.
fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Alice, by irc-framework: a process that does what it is sent, and says what happens.
struct Framework {
    process: Child,
    lines: Client,
}

impl Framework {
    /// Starts it and lets it connect; with a password it signs in.
    fn start(server: &Server, transport: Transport, password: Option<&str>) -> Self {
        // A socket, since one can wait at it with a deadline.
        let (here, there) = UnixStream::pair().unwrap();
        here.set_read_timeout(Some(DEADLINE)).unwrap();
        let output = there.try_clone().unwrap();
        let process = Command::new("node")
            .arg(scripts().join("irc_framework.mjs"))
            .arg(modules())
            .arg(match transport {
                Transport::Tcp => "tcp",
                Transport::WebSocket => "websocket",
            })
            .arg(server.address.port().to_string())
            .arg("alice")
            .args(password)
            .stdin(OwnedFd::from(there))
            .stdout(OwnedFd::from(output))
            .spawn()
            .unwrap();
        Self {
            process,
            lines: Client::new(here),
        }
    }

    fn send(&mut self, order: &str) {
        self.lines.send(order);
    }

    fn expect(&mut self, text: &str) {
        self.lines.expect(text);
    }
}

impl Drop for Framework {
    fn drop(&mut self) {
        // It may have ended already; either way no process outlives its test.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
