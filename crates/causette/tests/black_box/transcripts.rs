//! Transcripts of the rules, played by clients of the real program: what each is shown, whatever engine keeps the record.
//!
//! Steps and lines are those of `causette-core/tests/transcripts`, where time, addresses and answers are a test's own. Here they are
//! the machine's: so only conversations are played that depend on none, and what differs by itself (times, numbers of messages,
//! the version) is compared as such.

use crate::engines::Place;
use crate::support::{Client, Server};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::path::Path;

/// What is played: conversations that are kept, and found again.
const PLAYED: [&str; 14] = [
    "chathistory",
    "redact",
    "redact_anywhere",
    "markread",
    "multiline",
    "nickserv",
    "chanserv",
    "rename_room",
    "replay",
    "restart",
    "sign_up",
    "setname",
    "statusmsg",
    "talk",
];

/// The configuration in which the transcripts are written.
const STAGE: &str = "[server]\nname = \"irc.test\"\n";

/// Plays all of them, each on a server that begins with nothing.
pub(crate) fn play_all(place: &Place) {
    let mut different = Vec::new();
    for name in PLAYED {
        if let Err(difference) = play(place.another(), name) {
            different.push(format!("{name}: {difference}"));
        }
    }
    let different = different.join("\n");
    assert!(different.is_empty(), "{}:\n{different}", place.name());
}

/// A step and what each is shown then.
struct Step<'a> {
    line: &'a str,
    shown: BTreeMap<&'a str, Vec<&'a str>>,
}

fn steps(transcript: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for line in transcript.lines() {
        let seen = line.split_once("< ");
        let seen = seen.filter(|(name, _)| !name.contains([' ', '#', '>']));
        match (seen, steps.last_mut()) {
            (Some((name, seen)), Some(step)) => step.shown.entry(name).or_default().push(seen),
            _ if line.is_empty() || line.starts_with('#') => {}
            _ => steps.push(Step {
                line,
                shown: BTreeMap::new(),
            }),
        }
    }
    steps
}

/// Plays one.
fn play(place: Place, name: &str) -> Result<(), String> {
    let file = format!("../causette-core/tests/transcripts/{name}.txt");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let transcript = std::fs::read_to_string(file).unwrap();
    let configuration = place.configuration(STAGE);
    let server = Server::start(place.folder.path(), &configuration);
    let mut stage = Stage {
        place,
        server,
        clients: BTreeMap::new(),
        msgids: Vec::new(),
        last_msgid: String::new(),
    };
    for step in steps(&transcript) {
        stage.act(step.line);
        if step.line.starts_with("arrive ") {
            stage.settle();
            continue;
        }
        let names: Vec<String> = stage.clients.keys().cloned().collect();
        for name in names {
            let nothing = Vec::new();
            let expected = step.shown.get(&*name).unwrap_or(&nothing);
            let seen = stage.see(&name, expected.len());
            let expected: Vec<String> = expected.iter().map(|line| plainly(line)).collect();
            let plain: Vec<String> = seen.iter().map(|line| plainly(line)).collect();
            if plain != expected {
                let told = format!("{:#?}\nand not {:#?}", seen, expected);
                return Err(format!("{}\n{name} is shown {told}", step.line));
            }
        }
    }
    Ok(())
}

/// A server, and those who speak to it.
struct Stage {
    place: Place,
    server: Server,
    clients: BTreeMap<String, Client>,
    /// What stands for the number of a message.
    msgids: Vec<(String, String)>,
    last_msgid: String,
}

impl Stage {
    fn act(&mut self, line: &str) {
        let said = line.split_once("> ");
        if let Some((name, said)) = said.filter(|(name, _)| !name.contains(' ')) {
            let mut said = said.to_owned();
            // The years in which the transcripts are played are not those of their clock.
            said = said.replace("timestamp=2027", "timestamp=2999");
            for (word, msgid) in &self.msgids {
                said = said.replace(&format!("{{{word}}}"), msgid);
            }
            self.client(name).send(&said);
            return;
        }
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "connect" => {
                let client = self.server.tls();
                self.clients.insert(rest.to_owned(), client);
            }
            "arrive" => {
                let (name, capabilities) = rest.split_once(' ').unwrap_or((rest, ""));
                self.arrive(name, capabilities);
            }
            "drop" => drop(self.clients.remove(rest)),
            "@msgid" => {
                let msgid = self.last_msgid.clone();
                self.msgids.push((rest.to_owned(), msgid));
            }
            "restart" => {
                self.clients.clear();
                self.server.signal(Signal::KILL);
                let configuration = self.place.configuration(STAGE);
                let folder = self.place.folder.path();
                self.server = Server::start(folder, &configuration);
            }
            _ => panic!("{line} cannot be played here"),
        }
    }

    fn client(&mut self, name: &str) -> &mut Client {
        let client = self.clients.get_mut(name);
        client.unwrap_or_else(|| panic!("{name} is not connected"))
    }

    /// Connects, signs up and lands.
    fn arrive(&mut self, name: &str, capabilities: &str) {
        let mut client = self.server.tls();
        if !capabilities.is_empty() {
            client.send("CAP LS 302");
            client.send(&format!("CAP REQ :{capabilities}"));
        }
        client.send(&format!("NICK {name}"));
        client.send(&format!("USER {name} 0 * :{name} of the tests"));
        if !capabilities.is_empty() {
            client.send("CAP END");
        }
        client.send("REGISTER * * correct-horse-battery");
        self.clients.insert(name.to_owned(), client);
    }

    /// Passes over what everybody is shown.
    fn settle(&mut self) {
        let names: Vec<String> = self.clients.keys().cloned().collect();
        for name in names {
            self.see(&name, 0);
        }
    }

    /// What somebody is shown, at least so many lines; they say nothing more until the server has answered all they said.
    fn see(&mut self, name: &str, least: usize) -> Vec<String> {
        let client = self.client(name);
        let mut seen = Vec::new();
        let mut is_open = true;
        while is_open && seen.len() < least {
            match client.line() {
                Some(line) => seen.push(line),
                None => {
                    seen.push("(closed)".to_owned());
                    is_open = false;
                }
            }
        }
        if is_open {
            seen.extend(client.ask(""));
        } else {
            self.clients.remove(name);
        }
        for line in &seen {
            let msgid = line.split("msgid=").nth(1);
            let msgid = msgid.and_then(|rest| rest.split([';', ' ']).next());
            if let Some(msgid) = msgid.filter(|_| !line.contains("batch=")) {
                self.last_msgid = msgid.to_owned();
            }
        }
        seen
    }
}

/// A line without what is another each time.
fn plainly(line: &str) -> String {
    let words = line.split(' ').map(|word| {
        let tags = word.strip_prefix('@').map(|tags| {
            let tags = tags.split(';').map(|tag| match tag.split_once('=') {
                Some((key @ ("time" | "msgid"), _)) => format!("{key}=…"),
                _ => tag.to_owned(),
            });
            format!("@{}", tags.collect::<Vec<_>>().join(";"))
        });
        tags.unwrap_or_else(|| match word {
            _ if is_msgid(word) || is_time(word) || word.starts_with("causette-") => "…".to_owned(),
            word => word.to_owned(),
        })
    });
    let words: Vec<String> = words.collect();
    match words.get(1).map(String::as_str) {
        // When it was started, and since when somebody says nothing.
        Some("003" | "317" | "329" | "333") => words[..3].join(" "),
        _ => words.join(" "),
    }
}

fn is_msgid(word: &str) -> bool {
    word.len() == 24
        && word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

fn is_time(word: &str) -> bool {
    let word = word.strip_prefix("timestamp=").unwrap_or(word);
    word.len() == 24 && word.ends_with('Z') && word.starts_with("20")
}
