//! The client at the servers of others: Debian's InspIRCd and ngIRCd, which know less than ours. A guest talks there, comes
//! back when the server does, and is told what cannot be had.

use crate::chat::Person;
use crate::programs::installed;
use crate::support::{Client, Folder, connect, free_address};
use crate::terminal::{Desk, within_deadline};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const SIZE: (u16, u16) = (100, 40);

/// A server of others.
struct Elsewhere {
    program: &'static str,
    folder: PathBuf,
    address: SocketAddr,
    child: Child,
}

impl Elsewhere {
    fn inspircd(folder: &Path) -> Self {
        let address = free_address();
        let place = folder.display();
        let configuration = format!(
            r##"<server name="irc.test" description="Test" id="1AA" network="Test">
<admin name="Test" nick="test" email="test@irc.test">
<bind address="127.0.0.1" port="{}" type="clients">
<connect allow="127.0.0.0/8" resolvehostnames="no" useident="no" localmax="100" globalmax="100" fakelag="no">
<dns server="127.0.0.1" timeout="1">
<pid file="{place}/pid">
<log method="file" type="*" level="default" target="{place}/log">
<path datadir="{place}" logdir="{place}" runtimedir="{place}">
<options defaultmodes="nt">
<module name="cap">
<module name="ircv3">
<module name="ircv3_batch">
<module name="ircv3_ctctags">
<module name="ircv3_echomessage">
<module name="ircv3_labeledresponse">
<module name="ircv3_msgid">
<module name="ircv3_servertime">
"##,
            address.port()
        );
        std::fs::write(folder.join("server.conf"), configuration).unwrap();
        Self::start("inspircd", folder, address)
    }

    fn ngircd(folder: &Path) -> Self {
        let address = free_address();
        let configuration = format!(
            "[Global]\nName = irc.test\nInfo = Test\nListen = 127.0.0.1\nPorts = {}\nMotdPhrase = Welcome\n\
             ServerUID = nobody\nServerGID = nogroup\n\
             [Limits]\nMaxConnectionsIP = 0\n[Options]\nDNS = no\nIdent = no\nPAM = no\n",
            address.port()
        );
        std::fs::write(folder.join("server.conf"), configuration).unwrap();
        Self::start("ngircd", folder, address)
    }

    fn start(program: &'static str, folder: &Path, address: SocketAddr) -> Self {
        let configuration = folder.join("server.conf");
        let configuration = configuration.display();
        let arguments = match program {
            "inspircd" => vec![
                "--nofork".to_owned(),
                "--runasroot".to_owned(),
                format!("--config={configuration}"),
            ],
            _ => vec!["-n".to_owned(), "-f".to_owned(), configuration.to_string()],
        };
        let child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let elsewhere = Self {
            program,
            folder: folder.to_owned(),
            address,
            child,
        };
        let listens = within_deadline(|| TcpStream::connect(address).is_ok());
        assert!(listens, "{program} does not listen");
        elsewhere
    }

    /// Somebody else there, in a room.
    fn somebody(&self, nick: &str) -> Client {
        let mut client = Client::new(connect(self.address));
        client.register(nick);
        client.send("JOIN #room");
        client.expect(" 366 ");
        client
    }

    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn start_again(mut self) -> Self {
        self.kill();
        Self::start(self.program, &self.folder.clone(), self.address)
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        // It may have ended already; either way no process outlives its test.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A guest on the plain face, who is asked for a name and for nothing else.
fn a_guest_talks_and_comes_back(elsewhere: Elsewhere, folder: &Folder) {
    let mut bob = elsewhere.somebody("bob");
    let desk = Desk::new(folder.path());
    let guest = Person::new(folder, "guest");
    let address = format!("irc://{}/#room", elsewhere.address);
    let mut terminal = desk.open(
        &guest.program("screen", &["chat", "--plain", &address]),
        SIZE,
    );
    terminal.see("Nickname:");
    terminal.enter("guest");
    terminal.see("Password:");
    terminal.enter("");
    terminal.see("You are here as guest, without an account.");
    bob.expect("JOIN");
    bob.ask("PRIVMSG #room :welcome, guest");
    terminal.see("bob: welcome, guest");
    terminal.enter("thank you");
    bob.expect(" PRIVMSG #room :thank you");
    terminal.enter("/query bob");
    terminal.see("Private conversation with bob.");
    terminal.enter("and in private");
    bob.expect(" PRIVMSG bob :and in private");
    bob.ask("PRIVMSG guest :in private too");
    terminal.see("bob (private): in private too");
    terminal.enter("/query");

    // What this server cannot do is said, and nothing is sent for it.
    terminal.enter("/search welcome");
    terminal.see("This server has no search.");
    terminal.enter("/delete 1");
    terminal.see("This server cannot do that.");
    terminal.enter("#ListU");
    terminal.see("2 here: bob, guest");

    drop(bob);
    let elsewhere = elsewhere.start_again();
    let mut bob = elsewhere.somebody("bob");
    terminal.see("The connection is back.");
    let mut is_back = || bob.ask("NAMES #room").concat().contains("guest");
    assert!(
        within_deadline(&mut is_back),
        "the guest is not in the room"
    );
    bob.ask("PRIVMSG #room :you are back");
    terminal.see("bob: you are back");
    terminal.enter("so I am");
    bob.expect(" PRIVMSG #room :so I am");
    let screen = terminal.scroll();
    assert!(!screen.contains("essage of the day"), "{screen}");
    for text in ["welcome, guest", "thank you", "so I am"] {
        assert_eq!(screen.matches(text).count(), 1, "{text}: {screen}");
    }
    terminal.enter("/quit");
    assert_eq!(terminal.see_the_end(), 0);

    // A script talks there as well; no id is printed where there is none.
    let address = format!("irc://{}", elsewhere.address);
    let script = Person::new(folder, "script");
    let send = [
        "send",
        "-s",
        &address,
        "--guest",
        "script",
        "bob",
        "from a script",
    ];
    script.does(&send);
    bob.expect(" PRIVMSG bob :from a script");
    let (status, error) = script.fails(
        &[
            "send", "-s", &address, "--guest", "script", "nobody", "hello",
        ],
        "",
    );
    assert_eq!(status, 6, "{error}");
}

#[test]
fn a_guest_talks_at_inspircd_and_comes_back_with_it() {
    if !installed("InspIRCd", &["tmux", "inspircd"]) {
        return;
    }
    let folder = Folder::new();
    let elsewhere = Elsewhere::inspircd(folder.path());
    a_guest_talks_and_comes_back(elsewhere, &folder);
}

#[test]
fn a_guest_talks_at_ngircd_and_comes_back_with_it() {
    if !installed("ngIRCd", &["tmux", "ngircd"]) {
        return;
    }
    let folder = Folder::new();
    let elsewhere = Elsewhere::ngircd(folder.path());
    a_guest_talks_and_comes_back(elsewhere, &folder);
}
