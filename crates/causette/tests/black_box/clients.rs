//! The clients that people have: Debian's WeeChat and irssi in the terminals of a tmux, over TLS with the certificate
//! pinned, and WeeChat in clear beside its server. People sign up, enter a room, talk, leave and find the conversation; what
//! counts is what is on their screens.

use crate::programs::installed;
use crate::support::{Folder, QUICK, Server, with_colons};
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// How long a text may take to appear. irssi spaces out the lines that it sends after joining by seconds.
const DEADLINE: Duration = Duration::from_secs(20);

/// Between two looks at a screen, since a terminal does not tell when it has changed.
const LOOK: Duration = Duration::from_millis(50);

#[test]
fn two_people_sign_up_talk_leave_and_find_the_conversation() {
    if !installed("WeeChat and irssi", &["tmux", "weechat", "irssi"]) {
        return;
    }
    let folder = Folder::new();
    let server = Server::start(folder.path(), QUICK);
    let desk = Desk::new(folder.path());

    let mut alice = desk.weechat();
    let (port, sha256) = (server.address.port(), &server.fingerprint);
    let tls = weechat_tls();
    alice.enter(&format!(
        "/server add causette 127.0.0.1/{port} -{tls} -{tls}_fingerprint={sha256} -nicks=alice"
    ));
    alice.enter("/connect causette");
    alice.see("/msg NickServ REGISTER");
    alice.enter("/msg NickServ REGISTER quiet-river-blue-stone");
    alice.see("alice) has joined #general");

    let mut bob = desk.irssi();
    bob.enter("/set nick bob");
    bob.enter("/network add causette");
    bob.enter(&format!(
        "/server add -network causette -tls -notls_verify -tls_pinned_cert {} 127.0.0.1 {port}",
        with_colons(sha256)
    ));
    bob.enter("/connect causette");
    bob.see("/msg NickServ REGISTER");
    bob.enter("/quote REGISTER * * seven-old-maps-of-brest");
    bob.see("REGISTER SUCCESS bob");
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

    let mut bob = desk.irssi();
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

    let mut alice = desk.weechat();
    let (port, tls) = (server.address.port(), weechat_tls());
    alice.enter(&format!(
        "/server add causette 127.0.0.1/{port} -no{tls} -nicks=alice"
    ));
    alice.enter("/connect causette");
    alice.see("/msg NickServ REGISTER");
    alice.enter("/msg NickServ REGISTER quiet-river-blue-stone");
    alice.see("alice) has joined #general");
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

/// What WeeChat calls TLS: its options were renamed in version 4.
fn weechat_tls() -> &'static str {
    let version = Command::new("weechat").arg("--version").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let major: u32 = version.split('.').next().unwrap().trim().parse().unwrap();
    if major < 4 { "ssl" } else { "tls" }
}

/// The terminals: a tmux of its own, with its socket and the clients' settings in the test's folder.
struct Desk {
    folder: PathBuf,
}

impl Desk {
    fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    fn weechat(&self) -> Terminal<'_> {
        // What is typed here arrives too fast for a person, and WeeChat would ask whether to paste it.
        let typed = "weechat -r '/set weechat.look.paste_max_lines -1' --dir";
        self.open("weechat", typed, "WeeChat")
    }

    fn irssi(&self) -> Terminal<'_> {
        self.open("irssi", "irssi --home", "Irssi v")
    }

    /// Starts a client in a terminal, and waits until it greets.
    fn open(&self, name: &'static str, command: &str, greeting: &str) -> Terminal<'_> {
        let home = self.folder.join(name);
        let command = format!("exec {command} '{}'", home.display());
        let opened = self.tmux(&[
            "new-session",
            "-d",
            "-s",
            name,
            "-x",
            "160",
            "-y",
            "40",
            &command,
        ]);
        assert!(opened.status.success(), "{opened:?}");
        let terminal = Terminal { desk: self, name };
        terminal.see(greeting);
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> Output {
        Command::new("tmux")
            .arg("-S")
            .arg(self.folder.join("tmux.sock"))
            .args(["-u", "-f", "/dev/null"])
            .args(arguments)
            .current_dir(&self.folder)
            .env_remove("TMUX")
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm")
            .env("TZ", "UTC")
            .output()
            .unwrap()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        // Killed and waited for: a client that is asked to end writes its settings while the folder is being removed.
        let clients = self.tmux(&["list-panes", "-a", "-F", "#{pane_pid}"]);
        for client in String::from_utf8_lossy(&clients.stdout).lines() {
            if let Some(pid) = client.parse().ok().and_then(Pid::from_raw) {
                let _ = kill_process(pid, Signal::KILL);
            }
        }
        within_deadline(|| !self.tmux(&["list-sessions"]).status.success());
        self.tmux(&["kill-server"]);
    }
}

/// A client on its screen, and the person before it.
struct Terminal<'a> {
    desk: &'a Desk,
    name: &'static str,
}

impl Terminal<'_> {
    /// Types a line.
    fn enter(&mut self, line: &str) {
        self.desk
            .tmux(&["send-keys", "-t", self.name, "-l", "--", line]);
        self.desk.tmux(&["send-keys", "-t", self.name, "Enter"]);
    }

    /// Waits until a text is on the screen.
    fn see(&self, text: &str) {
        let mut screen = String::new();
        let seen = within_deadline(|| {
            screen = self.screen();
            screen.contains(text)
        });
        assert!(
            seen,
            "{text:?} is not on the screen of {}:\n{screen}",
            self.name
        );
    }

    /// Waits until the client has ended.
    fn see_the_end(self) {
        let ended = || {
            let session = self.desk.tmux(&["has-session", "-t", self.name]);
            !session.status.success()
        };
        assert!(
            within_deadline(ended),
            "{} goes on:\n{}",
            self.name,
            self.screen()
        );
    }

    fn screen(&self) -> String {
        let captured = self
            .desk
            .tmux(&["capture-pane", "-p", "-J", "-t", self.name]);
        String::from_utf8_lossy(&captured.stdout).into_owned()
    }
}

/// Looks again and again until something is so, or the deadline has passed.
fn within_deadline(mut is_so: impl FnMut() -> bool) -> bool {
    let deadline = Instant::now() + DEADLINE;
    while !is_so() {
        if Instant::now() > deadline {
            return false;
        }
        std::thread::sleep(LOOK);
    }
    true
}
