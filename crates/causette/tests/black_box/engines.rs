//! The real program on each engine: its file, and a database of its own on each server that the environment names.

use crate::support::{Client, Folder, QUICK, Server, causette, run, run_command};
use crate::transcripts;
use causette_testbed::{Database, urls_from_environment};
use rustix::process::Signal;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;
use std::time::{Duration, Instant};

/// Where a server of a test keeps its record: in its folder, or in a database that is gone behind it.
pub(crate) struct Place {
    pub(crate) folder: Folder,
    pub(crate) database: Option<Database>,
}

impl Place {
    /// What to call it when something goes wrong.
    pub(crate) fn name(&self) -> &str {
        self.database.as_ref().map_or("SQLite", Database::name)
    }

    /// The configuration, with more behind it.
    pub(crate) fn configuration(&self, more: &str) -> String {
        let database = self.database.as_ref().map(|database| {
            let url = database.url();
            format!("[database]\nurl = \"{url}\"\n")
        });
        format!("{}{QUICK}{more}", database.unwrap_or_default())
    }

    /// One like it, in which there is nothing.
    pub(crate) fn another(&self) -> Self {
        let database = self.database.as_ref();
        let another = |database: &Database| database.server().create_database("program").unwrap();
        Self {
            folder: Folder::new(),
            database: database.map(another),
        }
    }

    fn start(&self) -> Server {
        Server::start(self.folder.path(), &self.configuration(""))
    }

    /// What a command beside the server says, and how it ends.
    fn told(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        told(run(self.folder.path(), arguments, ""))
    }
}

fn told(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A place on each engine.
pub(crate) fn places() -> Vec<Place> {
    let mut places = on_servers("the real program on database servers");
    places.insert(
        0,
        Place {
            folder: Folder::new(),
            database: None,
        },
    );
    places
}

/// A place on each server.
fn on_servers(test: &str) -> Vec<Place> {
    let servers = urls_from_environment().unwrap();
    if servers.is_empty() {
        crate::programs::skip(test, "none is named: cargo xtask engines");
    }
    let places = servers.iter().map(|server| Place {
        folder: Folder::new(),
        database: Some(server.create_database("program").unwrap()),
    });
    places.collect()
}

/// Stops it as a service manager does, and says how long that took.
fn stop(server: Server) -> Duration {
    let begun = Instant::now();
    server.signal(Signal::TERM);
    let (status, log) = server.wait();
    assert_eq!(status.code(), Some(0), "{log}");
    begun.elapsed()
}

fn sign_in(server: &Server, nick: &str) -> Client {
    let mut client = server.tls();
    client.send("CAP REQ :batch message-tags draft/chathistory draft/message-redaction");
    client.send(&format!("PASS {nick}:correct horse battery staple"));
    client.send(&format!("NICK {nick}"));
    client.send("USER test 0 * :Test");
    client.send("CAP END");
    client.expect(" 366 ");
    client
}

#[test]
fn a_server_is_the_same_on_each_engine() {
    for place in places() {
        let name = place.name();
        let server = place.start();
        let mut alice = server.tls();
        alice.sign_up("alice");
        let mut bob = server.tls();
        bob.sign_up("bob");
        alice.ask("PRIVMSG #general :the minutes are adopted, à l'unanimité 🎉");
        alice.ask("PRIVMSG #general :said by mistake");
        alice.ask("PRIVMSG bob :between us");
        bob.expect("between us");
        let took = stop(server);
        assert!(took < Duration::from_secs(2), "{name}: {took:?}");

        let server = place.start();
        let mut alice = sign_in(&server, "alice");
        let page = alice.ask("CHATHISTORY LATEST #general * 10").join("\n");
        assert!(page.contains("à l'unanimité 🎉"), "{name}: {page}");
        let slip = page
            .lines()
            .find(|line| line.contains("by mistake"))
            .unwrap();
        let msgid = slip.split("msgid=").nth(1).unwrap();
        let msgid = msgid.split([';', ' ']).next().unwrap();
        alice.ask(&format!("REDACT #general {msgid} :a slip"));
        let page = alice.ask("CHATHISTORY LATEST #general * 10").join("\n");
        assert!(!page.contains("by mistake"), "{name}: {page}");
        let direct = alice.ask("CHATHISTORY LATEST bob * 10").join("\n");
        assert!(direct.contains("between us"), "{name}: {direct}");
        // Nothing of a wrong password is the database's fault.
        let mut other = server.tls();
        other.send("PASS alice:quite another");
        other.send("NICK alice");
        other.send("USER a 0 * :a");
        other.expect(" 464 ");

        let (code, out, error) = place.told(&["audit", "search", "--text", "minutes"]);
        assert_eq!((code, &*error), (Some(0), ""), "{name}: {out}");
        assert!(out.contains("the minutes are adopted"), "{name}: {out}");
        let (code, out, error) = place.told(&["audit", "verify"]);
        assert_eq!(code, Some(0), "{name}: {out}{error}");
        let (code, out, error) = place.told(&["admin", "doctor"]);
        assert_eq!(code, Some(0), "{name}: {out}{error}");
        stop(server);
        let (code, out, error) = place.told(&["admin", "doctor"]);
        assert_eq!(code, Some(0), "{name}: {out}{error}");
        let (code, out, error) = place.told(&["check"]);
        assert_eq!(code, Some(0), "{name}: {out}{error}");
    }
}

#[test]
fn transcripts_are_what_people_see_on_each_engine() {
    for place in places() {
        transcripts::play_all(&place);
    }
}

#[test]
fn a_database_has_one_server() {
    for place in on_servers("two servers of one database") {
        let name = place.name();
        let server = place.start();
        let mut alice = server.tls();
        alice.sign_up("alice");
        let second = Folder::new();
        let configuration = place.configuration("");
        std::fs::write(second.path().join("causette.toml"), configuration).unwrap();
        let (code, _, error) = told(run(
            second.path(),
            &["serve", "--listen", "127.0.0.1:0"],
            "",
        ));
        // The one that serves may end, so that another try may help.
        assert_eq!(code, Some(1), "{name}: {error}");
        assert!(
            error.contains("in use by another Causette"),
            "{name}: {error}"
        );
        alice.ask("PRIVMSG #general :still here");
        stop(server);
        drop(Server::start(second.path(), &place.configuration("")));
    }
}

#[test]
fn a_password_is_kept_out_of_the_configuration_and_of_what_is_said() {
    for place in on_servers("passwords of database servers") {
        let name = place.name().to_owned();
        let url = place.database.as_ref().unwrap().url();
        let (scheme, rest) = url.split_once("://").unwrap();
        let (account, host) = rest.rsplit_once('@').unwrap();
        let (user, password) = account.split_once(':').unwrap();
        let bare = format!("{scheme}://{user}@{host}");
        let folder = place.folder.path();
        let file = folder.join("password");
        let write = |text: &str, mode: u32| {
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        };
        let in_file = format!("[database]\nurl = {bare:?}\npassword_file = \"password\"\n{QUICK}");
        let check = || place.told(&["check"]);
        std::fs::write(folder.join("causette.toml"), &in_file).unwrap();
        write(&format!("{password}\n"), 0o644);
        let (code, _, error) = check();
        assert_eq!(code, Some(78), "{name}: {error}");
        assert!(error.contains("chmod 600"), "{name}: {error}");
        write(&format!("{password}\n"), 0o600);
        let (code, out, error) = check();
        assert_eq!(code, Some(0), "{name}: {out}{error}");
        let server = Server::start(folder, &in_file);
        server.signal(Signal::TERM);
        let (_, log) = server.wait();
        assert!(!log.contains(password), "{name}: {log}");

        write("quite another\n", 0o600);
        let (code, _, error) = check();
        assert_eq!(code, Some(78), "{name}: {error}");
        assert!(error.contains("name or the password"), "{name}: {error}");
        let alone = format!("[database]\nurl = {bare:?}\n{QUICK}");
        std::fs::write(folder.join("causette.toml"), alone).unwrap();
        let mut command = causette(folder, &["check"]);
        command.env("CAUSETTE_DATABASE_PASSWORD", password);
        let (code, out, error) = told(run_command(command, ""));
        assert_eq!(code, Some(0), "{name}: {out}{error}");
    }
}

#[test]
fn a_database_that_is_not_there_is_told_with_what_to_do() {
    for place in on_servers("databases that are not there") {
        let database = place.database.as_ref().unwrap();
        let (name, url) = (place.name(), database.url());
        let nowhere = url.replace(database.name(), "causette_nowhere");
        let configuration = format!("[database]\nurl = {nowhere:?}\n");
        std::fs::write(place.folder.path().join("causette.toml"), configuration).unwrap();
        for verb in [&["check"][..], &["serve", "--listen", "127.0.0.1:0"]] {
            let (code, _, error) = place.told(verb);
            assert_eq!(code, Some(78), "{name}: {error}");
            assert!(error.contains("database.url: "), "{name}: {error}");
        }
        // What is somebody else's is left alone.
        database.query("CREATE TABLE letters (a int)").unwrap();
        let configuration = place.configuration("");
        std::fs::write(place.folder.path().join("causette.toml"), configuration).unwrap();
        let (code, _, error) = place.told(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(code, Some(78), "{name}: {error}");
        assert!(error.contains("another program"), "{name}: {error}");
    }
}
