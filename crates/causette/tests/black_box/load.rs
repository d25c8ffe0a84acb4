//! Several people who talk in one room as fast as they are echoed, everything that they saw, and what history says of it.

use crate::support::{Client, QUICK, Server};
use causette_proto::Message;
use std::collections::{HashMap, HashSet};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Where everybody lands.
pub(crate) const ROOM: &str = "#general";

/// Those who talk.
pub(crate) const TALKERS: [&str; 4] = ["alice", "bob", "carol", "dave"];

/// Messages that each has on the way without having seen them echoed.
const WINDOW: usize = 64;

/// The largest page that a server gives by default.
const PAGE: usize = 1000;

/// How long a number of echoes may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// How long a connection may be silent: what waits for its database is answered by nobody.
const SILENCE: Duration = Duration::from_secs(120);

/// How long somebody waits who was refused, before they say the next thing.
const REFUSED: Duration = Duration::from_millis(20);

const PASSWORD: &str = "correct horse battery staple";

/// A message as someone saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    pub(crate) msgid: String,
    pub(crate) text: String,
}

impl Sighting {
    /// What a line shows, if it is a message to the room.
    pub(crate) fn new(message: &Message) -> Option<Self> {
        let ("PRIVMSG", [ROOM, text]) = (message.command.as_str(), &words(message)[..]) else {
            return None;
        };
        let msgid = message
            .tags
            .get("msgid")
            .expect("who asks for message-tags gets ids");
        Some(Self {
            msgid: msgid.to_owned(),
            text: (*text).to_owned(),
        })
    }
}

/// The configuration of a server under load: what came before is asked for, never replayed.
pub(crate) fn configuration() -> String {
    format!("{QUICK}[history]\nreplay_on_join = 0\n")
}

/// Makes the account of everyone who talks.
pub(crate) fn sign_up(server: &Server) {
    for name in TALKERS {
        let mut client = server.plain();
        client.register(name);
        client.send(&format!("REGISTER * * :{PASSWORD}"));
        client.expect("REGISTER SUCCESS");
        client.expect(&format!(" JOIN {ROOM}"));
    }
}

/// A client that has signed in and asked for capabilities.
pub(crate) fn sign_in(server: &Server, name: &str) -> Client {
    let mut client = server.plain();
    for line in greeting(name) {
        client.send(&line);
    }
    client.expect(" 001 ");
    // What is shown on arrival is not what a test waits for.
    client.ask("NAMES");
    client
}

/// What somebody says to sign in and to ask for capabilities.
pub(crate) fn greeting(name: &str) -> [String; 5] {
    [
        "CAP REQ :batch draft/chathistory echo-message labeled-response message-tags server-time standard-replies"
            .to_owned(),
        format!("PASS :{name}:{PASSWORD}"),
        format!("NICK {name}"),
        format!("USER {name} 0 * :{name}"),
        "CAP END".to_owned(),
    ]
}

/// Everyone talking at once.
pub(crate) struct Load {
    talkers: Vec<Talker>,
    verdicts: Arc<Verdicts>,
    has_ended: Arc<AtomicBool>,
    begun: Instant,
}

struct Talker {
    reader: JoinHandle<Heard>,
    writer: JoinHandle<Written>,
}

/// What one of them heard, until the connection or the talk ended.
struct Heard {
    seen: Vec<Sighting>,
    /// Whether everything was heard that there was to hear.
    to_the_end: bool,
}

/// What one of them said.
struct Written {
    stream: TcpStream,
    messages: u64,
}

/// What became of the messages.
#[derive(Default)]
struct Verdicts {
    tally: Mutex<Tally>,
    more: Condvar,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// How many came back to those who sent them.
    pub(crate) echoes: u64,
    /// How many were refused because nothing could be recorded, and the words of the first refusal.
    pub(crate) refusals: u64,
    pub(crate) words: String,
}

impl Verdicts {
    fn note(&self, change: impl FnOnce(&mut Tally)) {
        change(&mut self.tally.lock().unwrap());
        self.more.notify_all();
    }
}

impl Load {
    /// Signs everyone in, waits until all are there, and lets them talk until the server ends. Each says `title`, their name
    /// and a number.
    pub(crate) fn start(server: &Server, title: &str) -> Self {
        let verdicts = Arc::new(Verdicts::default());
        let has_ended = Arc::new(AtomicBool::new(false));
        let mut gates = Vec::new();
        let mut talkers = Vec::new();
        for name in TALKERS {
            let mut stream = server.connect();
            stream.set_nodelay(true).unwrap();
            stream.set_read_timeout(Some(SILENCE)).unwrap();
            let lines = greeting(name).join("\r\n") + "\r\nPING here\r\n";
            stream.write_all(lines.as_bytes()).unwrap();
            let (arrived, arrival) = sync_channel(1);
            let (permits, permitted) = sync_channel(WINDOW);
            let reader = std::thread::spawn({
                let (stream, verdicts, permits) = (
                    stream.try_clone().unwrap(),
                    verdicts.clone(),
                    permits.clone(),
                );
                move || read(name, stream, &arrived, &permits, &verdicts)
            });
            let (title, has_ended) = (title.to_owned(), has_ended.clone());
            let writer =
                std::thread::spawn(move || write(name, &title, stream, &permitted, &has_ended));
            gates.push((arrival, permits));
            talkers.push(Talker { reader, writer });
        }
        for (arrival, _) in &gates {
            arrival
                .recv_timeout(DEADLINE)
                .expect("everyone is signed in");
        }
        let begun = Instant::now();
        for (_, permits) in gates {
            for _ in 0..WINDOW {
                permits.send(Verdict::Echoed).unwrap();
            }
        }
        Self {
            talkers,
            verdicts,
            has_ended,
            begun,
        }
    }

    /// Waits until so many messages came back to their senders.
    pub(crate) fn wait_for(&self, echoes: u64) {
        self.wait_until(DEADLINE, |tally| tally.echoes >= echoes);
    }

    /// Waits until the tally is as wanted; gives it.
    pub(crate) fn wait_until(
        &self,
        within: Duration,
        mut wanted: impl FnMut(&Tally) -> bool,
    ) -> Tally {
        let tally = self.verdicts.tally.lock().unwrap();
        let (tally, waited) = self
            .verdicts
            .more
            .wait_timeout_while(tally, within, |tally| !wanted(tally))
            .unwrap();
        assert!(!waited.timed_out(), "only this in {within:?}: {tally:?}");
        tally.clone()
    }

    /// What became of the messages so far.
    pub(crate) fn tally(&self) -> Tally {
        self.verdicts.tally.lock().unwrap().clone()
    }

    /// How long they have been talking.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Waits for the end of every connection; gives how many messages came back, and what each saw, in order.
    pub(crate) fn end(self) -> (u64, Vec<Vec<Sighting>>) {
        let mut seen = Vec::new();
        for talker in self.talkers {
            seen.push(talker.reader.join().unwrap().seen);
            talker.writer.join().unwrap();
        }
        (self.verdicts.tally.lock().unwrap().echoes, seen)
    }

    /// Lets everyone come to the end of what they say, who must still be connected, and waits until each message came back or was
    /// refused; gives what became of them, and what each saw, in order.
    pub(crate) fn finish(self) -> (Tally, Vec<Vec<Sighting>>) {
        self.has_ended.store(true, Ordering::Release);
        let written: Vec<(JoinHandle<Heard>, Written)> = self
            .talkers
            .into_iter()
            .map(|talker| (talker.reader, talker.writer.join().unwrap()))
            .collect();
        let messages: u64 = written.iter().map(|(_, written)| written.messages).sum();
        let tally = self.verdicts.tally.lock().unwrap();
        let (tally, waited) = self
            .verdicts
            .more
            .wait_timeout_while(tally, DEADLINE, |tally| {
                tally.echoes + tally.refusals < messages
            })
            .unwrap();
        assert!(!waited.timed_out(), "{tally:?} of {messages} messages");
        let tally = tally.clone();
        let mut seen = Vec::new();
        for (reader, mut written) in written {
            written.stream.write_all(LAST.as_bytes()).unwrap();
            let heard = reader.join().unwrap();
            assert!(heard.to_the_end, "a connection has ended before");
            seen.push(heard.seen);
        }
        (tally, seen)
    }
}

/// What somebody says who has said everything, and hears all that came before.
const LAST: &str = "PING last\r\n";

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Echoed,
    Refused,
}

/// Reads to the end of the connection. A line that the end cuts short was not seen.
fn read(
    name: &str,
    stream: TcpStream,
    arrived: &SyncSender<()>,
    permits: &SyncSender<Verdict>,
    verdicts: &Verdicts,
) -> Heard {
    let mut seen = Vec::new();
    let mut stream = BufReader::new(stream);
    let mut line = Vec::new();
    while let Ok(1..) = stream.read_until(b'\n', &mut line) {
        let Some(whole) = line.strip_suffix(b"\r\n") else {
            break;
        };
        let message = Message::parse(whole).unwrap();
        line.clear();
        match message.command.as_str() {
            "PONG" if words(&message).last() == Some(&"last") => {
                let to_the_end = true;
                return Heard { seen, to_the_end };
            }
            // Who waits for it has waited only once.
            "PONG" => drop(arrived.try_send(())),
            "FAIL" => {
                let words = words(&message);
                assert_eq!(words[..2], ["PRIVMSG", "TEMPORARILY_UNAVAILABLE"]);
                verdicts.note(|tally| {
                    if tally.refusals == 0 {
                        tally.words = words[2].to_owned();
                    }
                    tally.refusals += 1;
                });
                let _ = permits.try_send(Verdict::Refused);
            }
            _ => {}
        }
        let Some(sighting) = Sighting::new(&message) else {
            continue;
        };
        seen.push(sighting);
        if message
            .source
            .is_some_and(|source| source.split('!').next() == Some(name))
        {
            verdicts.note(|tally| tally.echoes += 1);
            // The writer may have found the connection closed before.
            let _ = permits.try_send(Verdict::Echoed);
        }
    }
    let to_the_end = false;
    Heard { seen, to_the_end }
}

/// Says a message for each permit, until the connection, the reader or the talk ends. Every second one has a label.
fn write(
    name: &str,
    title: &str,
    mut stream: TcpStream,
    permitted: &Receiver<Verdict>,
    has_ended: &AtomicBool,
) -> Written {
    let mut messages = 0;
    while let Ok(verdict) = permitted.recv() {
        if has_ended.load(Ordering::Acquire) {
            break;
        }
        if verdict == Verdict::Refused {
            std::thread::sleep(REFUSED);
        }
        let label = if messages % 2 == 0 {
            String::new()
        } else {
            format!("@label={messages} ")
        };
        let line = format!("{label}PRIVMSG {ROOM} :{title} {name} {messages}\r\n");
        if stream.write_all(line.as_bytes()).is_err() {
            break;
        }
        messages += 1;
    }
    Written { stream, messages }
}

/// Everything that was said in the room after a message, or from the beginning: page by page, forwards.
pub(crate) fn history_after(client: &mut Client, msgid: Option<&str>) -> Vec<Sighting> {
    let mut all: Vec<Sighting> = Vec::new();
    loop {
        let from = match all.last().map_or(msgid, |last| Some(&last.msgid)) {
            Some(msgid) => format!("msgid={msgid}"),
            None => "timestamp=1970-01-01T00:00:00.000Z".to_owned(),
        };
        let page = page(client, &format!("CHATHISTORY AFTER {ROOM} {from} {PAGE}"));
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// Everything that was ever said in the room: page by page, backwards, in the order in which it was said.
pub(crate) fn history_backwards(client: &mut Client) -> Vec<Sighting> {
    let mut pages = vec![page(client, &format!("CHATHISTORY LATEST {ROOM} * {PAGE}"))];
    while let Some(first) = pages.last().and_then(|page| page.first()) {
        let earlier = format!("CHATHISTORY BEFORE {ROOM} msgid={} {PAGE}", first.msgid);
        pages.push(page(client, &earlier));
    }
    pages.into_iter().rev().flatten().collect()
}

fn page(client: &mut Client, command: &str) -> Vec<Sighting> {
    let lines = client.ask(command);
    let messages: Vec<Message> = lines
        .iter()
        .map(|line| Message::parse(line.as_bytes()).unwrap())
        .collect();
    let refusal = messages.iter().find(|message| message.command == "FAIL");
    assert!(refusal.is_none(), "{command}: {refusal:?}");
    let page: Vec<Sighting> = messages.iter().filter_map(Sighting::new).collect();
    assert!(page.len() <= PAGE, "{command}: {} messages", page.len());
    page
}

/// Checks that history has everything that anyone saw: once, and in the order in which they saw it.
pub(crate) fn check(history: &[Sighting], seen: &[Vec<Sighting>]) {
    let mut places = HashMap::new();
    let mut texts = HashSet::new();
    for (place, sighting) in history.iter().enumerate() {
        let before = places.insert(&sighting.msgid, place);
        assert!(before.is_none(), "{sighting:?} is in history twice");
        assert!(
            texts.insert(&sighting.text),
            "{sighting:?} was said once and is in history twice"
        );
    }
    for (name, seen) in TALKERS.iter().zip(seen) {
        let mut last = None;
        for sighting in seen {
            let place = places.get(&sighting.msgid).copied();
            let place = place
                .unwrap_or_else(|| panic!("{name} saw {sighting:?}, and history does not have it"));
            assert_eq!(history[place], *sighting, "{name} saw another text");
            assert!(
                last < Some(place),
                "{name} saw {sighting:?} out of order, or twice"
            );
            last = Some(place);
        }
    }
}

fn words(message: &Message) -> Vec<&str> {
    message.params.iter().map(|param| param.as_str()).collect()
}
