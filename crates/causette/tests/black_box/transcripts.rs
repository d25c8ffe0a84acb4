//! Transcripts of the rules, played by clients of the real program: what each is shown, whatever engine keeps the record.
//!
//! Steps and lines are those of `causette-core/tests/transcripts`, where time, addresses and answers are a test's own. Here they are
//! the machine's: so only conversations are played that depend on none, and what differs by itself (times, numbers of messages,
//! the version) is compared as such.

use crate::engines::Place;
use crate::support::{Client, Server, tls_over};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::net::{Shutdown, TcpStream};
use std::path::Path;

/// What is played: all that show neither addresses nor what the tests of the rules alone can do.
const PLAYED: [&str; 56] = [
    "account_name_worn",
    "administration_name",
    "auditorium",
    "auditorium_answers",
    "away",
    "away_said",
    "bad_lines",
    "ban_and_rights",
    "cap",
    "channel",
    "chanserv",
    "chathistory",
    "cut_where_done",
    "dropped",
    "invitation_as_pass",
    "invite",
    "language",
    "leaving_in_french",
    "list",
    "lists",
    "lobby",
    "long_answers",
    "long_lines",
    "long_masks",
    "long_texts",
    "markread",
    "monitor",
    "monitor_full",
    "multiclient",
    "multiclient_refuse",
    "multiline",
    "multiline_ctcp",
    "multiline_given_up",
    "multiline_notice",
    "multiline_opened_twice",
    "multiline_refused",
    "nick",
    "nick_held",
    "nick_of_account",
    "no_echo_ack",
    "no_implicit_names",
    "pass",
    "passwords",
    "presence_stays",
    "rank_on_joining",
    "register",
    "replay_ctcp",
    "replay_dated",
    "restart",
    "rights_taken_away",
    "sign_up",
    "statusmsg",
    "statusmsg_typing",
    "tagmsg_nobody",
    "talk",
    "user_modes",
];

/// The configuration in which the transcripts are written.
const STAGE: &str = "[server]\nname = \"irc.test\"\n[files]\nurl = \"https://irc.test\"\n";

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

/// What a transcript's comments configure of accounts.
fn accounts(transcript: &str) -> impl Iterator<Item = &'static str> {
    let settings = transcript
        .lines()
        .filter_map(|line| line.strip_prefix("#! "));
    settings.map(|setting| match setting {
        "not always on" => "always_on = \"off\"\n",
        _ => panic!("{setting} cannot be set here"),
    })
}

/// Plays one.
fn play(place: Place, name: &str) -> Result<(), String> {
    let file = format!("../causette-core/tests/transcripts/{name}.txt");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let transcript = std::fs::read_to_string(file).unwrap();
    let accounts: String = accounts(&transcript).collect();
    let configuration = place.configuration(STAGE);
    let configuration =
        configuration.replacen("[accounts]\n", &format!("[accounts]\n{accounts}"), 1);
    let server = Server::start(place.folder.path(), &configuration);
    let mut stage = Stage {
        place,
        configuration,
        server,
        clients: BTreeMap::new(),
        sockets: BTreeMap::new(),
        msgids: Vec::new(),
        last_msgid: String::new(),
    };
    for step in steps(&transcript) {
        stage.act(step.line);
        let arrives = step.line.starts_with("arrive ");
        for name in stage.names(step.line) {
            if arrives {
                // Unseen, as everybody else's line of it.
                stage.see(&name, 0);
                continue;
            }
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
    configuration: String,
    server: Server,
    clients: BTreeMap<String, Client>,
    /// Through which they speak.
    sockets: BTreeMap<String, TcpStream>,
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
                let client = self.connect(rest);
                self.clients.insert(rest.to_owned(), client);
            }
            "arrive" => {
                let (name, capabilities) = rest.split_once(' ').unwrap_or((rest, ""));
                self.arrive(name, capabilities);
            }
            "drop" => self.drop(rest),
            "@msgid" => {
                let msgid = self.last_msgid.clone();
                self.msgids.push((rest.to_owned(), msgid));
            }
            "restart" => {
                self.clients.clear();
                self.server.signal(Signal::KILL);
                let folder = self.place.folder.path();
                self.server = Server::start(folder, &self.configuration);
            }
            _ => panic!("{line} cannot be played here"),
        }
    }

    fn client(&mut self, name: &str) -> &mut Client {
        let client = self.clients.get_mut(name);
        client.unwrap_or_else(|| panic!("{name} is not connected"))
    }

    fn connect(&mut self, name: &str) -> Client {
        let socket = self.server.connect();
        self.sockets
            .insert(name.to_owned(), socket.try_clone().unwrap());
        Client::new(tls_over(socket, &self.server.fingerprint))
    }

    /// Ends a connection without a word. The next step comes when the server knows of it: it closes its side behind that.
    fn drop(&mut self, name: &str) {
        let (client, socket) = (self.clients.remove(name), self.sockets.remove(name));
        let (mut client, socket) = (client.unwrap(), socket.unwrap());
        socket.shutdown(Shutdown::Write).unwrap();
        while let Ok(Some(_)) = client.line_in_time() {}
    }

    /// Connects, signs up and lands.
    fn arrive(&mut self, name: &str, capabilities: &str) {
        let mut client = self.connect(name);
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

    /// Who is connected; first whose step it is: what it causes for others is shown to them before that one is answered.
    fn names(&self, line: &str) -> Vec<String> {
        let actor = match line.split_once("> ") {
            Some((name, _)) if !name.contains(' ') => name,
            _ => line.split(' ').nth(1).unwrap_or_default(),
        };
        let mut names: Vec<String> = self.clients.keys().cloned().collect();
        names.sort_by_key(|name| name != actor);
        names
    }

    /// What somebody is shown, at least so many lines; they say nothing more until the server has answered all they said.
    fn see(&mut self, name: &str, least: usize) -> Vec<String> {
        let client = self.client(name);
        let mut seen = Vec::new();
        let mut is_asked = false;
        loop {
            if seen.len() >= least && !is_asked {
                client.send("PING barrier");
                is_asked = true;
            }
            match client.line_in_time() {
                Ok(Some(line)) if line.ends_with("PONG irc.test :barrier") => break,
                Ok(Some(line)) => seen.push(line),
                Ok(None) => {
                    seen.push("(closed)".to_owned());
                    self.clients.remove(name);
                    break;
                }
                // What is missing is told by whoever compares.
                Err(_) => break,
            }
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

/// A line without what is another each time: times, numbers of messages, the version.
fn plainly(line: &str) -> String {
    let words: Vec<&str> = line.split(' ').collect();
    let line = match words.get(1) {
        // When it was started, and since when somebody says nothing.
        Some(&("003" | "317" | "329")) => words[..3].join(" "),
        _ => line.trim_end().to_owned(),
    };
    let mut plain = String::new();
    let mut rest = &*line;
    while !rest.is_empty() {
        let length = time(rest).or_else(|| msgid(rest)).or_else(|| version(rest));
        match length {
            Some(length) => {
                plain.push('…');
                rest = &rest[length..];
            }
            None => {
                // What is within a word begins none.
                let of_word = rest.len() - rest.trim_start_matches(is_of_word).len();
                let next = rest.chars().next().map_or(0, char::len_utf8);
                let (passed, behind) = rest.split_at(of_word.max(next));
                plain.push_str(passed);
                rest = behind;
            }
        }
    }
    plain
}

fn is_of_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
}

/// How long the time is with which a text begins: `2026-01-01`, with an hour behind it or not, or seconds since 1970.
fn time(text: &str) -> Option<usize> {
    let digits = text.len()
        - text
            .trim_start_matches(|letter: char| letter.is_ascii_digit())
            .len();
    if digits == 10 {
        return Some(digits);
    }
    if digits != 4 || text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let is_of_time = |letter: char| letter.is_ascii_digit() || "-T:.Z".contains(letter);
    let day = text.len() - text.trim_start_matches(is_of_time).len();
    let hour = text.get(day..day + 6).filter(|hour| {
        hour.starts_with(' ') && hour.as_bytes()[3] == b':' && !hour[1..].contains(' ')
    });
    (day >= 10).then(|| day + hour.map_or(0, str::len))
}

fn msgid(text: &str) -> Option<usize> {
    let length = text.len() - text.trim_start_matches(is_of_word).len();
    (length == 24 && text.starts_with("06")).then_some(length)
}

fn version(text: &str) -> Option<usize> {
    let rest = text.strip_prefix("causette-")?;
    let of_version = |letter: char| letter.is_ascii_alphanumeric() || letter == '.';
    Some(text.len() - rest.trim_start_matches(of_version).len())
}

#[test]
fn what_is_another_each_time_is_told_apart() {
    for (line, plain) in [
        (
            "@time=2026-01-01T00:00:00.020Z;msgid=06dqdpn81w0000000w000003 :a!a@h PRIVMSG #a :2026",
            "@time=…;msgid=… :a!a@h PRIVMSG #a :2026",
        ),
        (
            ":irc.test 002 a :Your host is irc.test, running causette-0.1.0",
            ":irc.test 002 a :Your host is irc.test, running …",
        ),
        (
            ":a PRIVMSG #a :[2026-11-29 00:38] é hello ",
            ":a PRIVMSG #a :[…] é hello",
        ),
        (
            ":irc.test 333 a #tea alice!a@h 1795912763",
            ":irc.test 333 a #tea alice!a@h …",
        ),
        ("@batch=+06dqdpn81w0000000w000003 x", "@batch=+… x"),
        (
            ":irc.test 003 a :This server was started",
            ":irc.test 003 a",
        ),
    ] {
        assert_eq!(plainly(line), plain);
    }
}
