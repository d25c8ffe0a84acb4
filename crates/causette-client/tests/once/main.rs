//! Every message is stored once, and in the order of typing, whatever breaks: random cuts of the connection at any line, in
//! either direction, and random ends of the client itself, against a small model of a server that keeps history.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use causette_client::core::client::{Client, Settings};
use causette_client::core::command::Spelling;
use causette_client::core::connection::Phase;
use causette_client::core::input::{Input, Intent, SecretKind, Way};
use causette_client::core::keepsake::Keepsake;
use causette_client::core::locale::Locale;
use causette_client::core::output::Output;
use causette_proto::{CompactString, Message, Secret, Timestamp};
use causette_text::Language;
use proptest::prelude::*;
use std::collections::VecDeque;

/// Messages of one page; small, so that catching up takes several.
const PAGE: usize = 5;

/// What a server does with lines: it keeps what is said in one room, and knows who is connected.
struct Server {
    kept: Vec<Message>,
    now: Timestamp,
}

impl Server {
    fn new() -> Self {
        Self {
            kept: Vec::new(),
            now: Timestamp::parse("2026-01-01T00:00:00Z").unwrap(),
        }
    }

    fn answer(&mut self, line: &Message) -> Vec<Message> {
        let param = |index: usize| line.params.get(index).map_or("", CompactString::as_str);
        let says = |text: &str| Message::parse(text.as_bytes()).unwrap();
        let label = line.tags.get("label").unwrap_or_default();
        match (line.command.as_str(), param(0)) {
            ("CAP", "LS") => vec![says(
                "CAP * LS :message-tags server-time batch labeled-response echo-message sasl draft/chathistory",
            )],
            ("CAP", "REQ") => vec![Message::new("CAP").param("*").param("ACK").param(param(1))],
            ("AUTHENTICATE", "PLAIN") => vec![says("AUTHENTICATE +")],
            ("AUTHENTICATE", _) => vec![says(":s 900 amy x amy :in"), says(":s 903 amy :in")],
            ("CAP", "END") => vec![
                says(":s 001 amy :hi"),
                says(&format!(
                    ":s 005 amy CASEMAPPING=ascii CHANTYPES=# CHATHISTORY={PAGE} :are supported"
                )),
                says(":s 376 amy :end"),
                says(":amy!a@h JOIN #room"),
            ],
            ("PING", token) => vec![Message::new("PONG").param("s").param(token)],
            ("PRIVMSG", "#room") => {
                self.now = self.now.plus_millis(1);
                let mut said = Message::new("PRIVMSG")
                    .source("amy!a@h")
                    .param("#room")
                    .param(param(1));
                said = said
                    .tag("time", self.now.to_string())
                    .tag("msgid", format!("m{}", self.kept.len()));
                if let Some(nonce) = line.tags.get("+causette/id") {
                    said = said.tag("+causette/id", nonce);
                }
                self.kept.push(said.clone());
                vec![said.tag("label", label)]
            }
            ("CHATHISTORY", verb) => self.page(verb, param(1), param(2), label),
            _ => Vec::new(),
        }
    }

    fn page(&self, verb: &str, target: &str, bound: &str, label: &str) -> Vec<Message> {
        let anchor = bound
            .strip_prefix("msgid=m")
            .and_then(|number| number.parse::<usize>().ok());
        let range = match (verb, anchor) {
            ("LATEST", _) => self.kept.len().saturating_sub(PAGE)..self.kept.len(),
            ("AFTER", Some(anchor)) => anchor + 1..(anchor + 1 + PAGE).min(self.kept.len()),
            ("BEFORE", Some(anchor)) => anchor.saturating_sub(PAGE)..anchor,
            _ => 0..0,
        };
        let opening = Message::new("BATCH")
            .source("s")
            .param("+h")
            .param("chathistory")
            .param(target);
        let page = self.kept[range]
            .iter()
            .map(|message| message.clone().tag("batch", "h"));
        let mut lines = vec![opening.tag("label", label)];
        lines.extend(page);
        lines.push(Message::new("BATCH").source("s").param("-h"));
        lines
    }
}

/// A client, a server, and two wires between them.
struct World {
    client: Client,
    server: Server,
    up: VecDeque<Message>,
    down: VecDeque<Message>,
    is_open: bool,
    kept: String,
    now: Timestamp,
    typed: usize,
    seed: u64,
}

fn client(seed: u64) -> Client {
    Client::new(Settings {
        locale: Locale::utc(Language::En),
        spelling: Spelling::default(),
        channels: Vec::new(),
        home: "#room".into(),
        device: String::new(),
        wants_token: false,
        attended: true,
        tells_typing: false,
        follows: true,
        keeps: true,
        seed,
    })
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            client: client(1),
            server: Server::new(),
            up: VecDeque::new(),
            down: VecDeque::new(),
            is_open: false,
            kept: "{}".to_owned(),
            now: Timestamp::parse("2026-01-01T00:00:00Z").unwrap(),
            typed: 0,
            seed: 1,
        };
        world.enter();
        world
    }

    fn enter(&mut self) {
        self.handle(Input::Intent(Intent::Enter(Way::SignIn {
            account: "amy".into(),
            secret: Secret::new("token"),
            kind: SecretKind::Token,
        })));
    }

    fn handle(&mut self, input: Input) {
        let mut outputs = Vec::new();
        self.client.handle(self.now, input, &mut outputs);
        for output in outputs {
            match output {
                Output::Send(message) if self.is_open => self.up.push_back(message),
                Output::Hangup => self.cut(),
                Output::Keep { .. } => {
                    self.kept = serde_json::to_string(&self.client.keepsake()).unwrap()
                }
                _ => {}
            }
        }
    }

    fn cut(&mut self) {
        self.is_open = false;
        self.up.clear();
        self.down.clear();
    }

    fn act(&mut self, act: &Act) {
        match act {
            Act::Type => {
                if let Some(room) = self.client.find("#room") {
                    self.typed += 1;
                    self.handle(Input::Intent(Intent::Say(
                        room,
                        format!("message {}", self.typed),
                    )));
                }
            }
            Act::Up => {
                if let Some(line) = self.up.pop_front() {
                    let answers = self.server.answer(&line);
                    self.down.extend(answers);
                }
            }
            Act::Down => {
                if let Some(line) = self.down.pop_front() {
                    self.handle(Input::Line(line));
                }
            }
            Act::Cut => {
                if self.is_open {
                    self.cut();
                    self.handle(Input::Closed("cut".to_owned()));
                }
            }
            Act::Wait => {
                self.now = self.now.plus_seconds(5);
                if self.is_open || self.client.link().phase != Phase::Connecting {
                    self.handle(Input::Tick);
                }
                if !self.is_open && self.client.link().phase == Phase::Connecting {
                    self.is_open = true;
                    self.handle(Input::Opened);
                }
            }
            Act::Crash => {
                self.cut();
                self.seed += 1;
                self.client = client(self.seed);
                let kept: Keepsake = serde_json::from_str(&self.kept).unwrap();
                self.client.restore(kept);
                self.enter();
            }
        }
    }

    /// Everything works from now on.
    fn settle(&mut self) {
        for _ in 0..40 {
            while !self.up.is_empty() || !self.down.is_empty() {
                self.act(&Act::Up);
                self.act(&Act::Down);
            }
            self.act(&Act::Wait);
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Type,
    Up,
    Down,
    Cut,
    Wait,
    Crash,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => Just(Act::Type),
        30 => Just(Act::Up),
        30 => Just(Act::Down),
        2 => Just(Act::Cut),
        6 => Just(Act::Wait),
        1 => Just(Act::Crash),
    ];
    proptest::collection::vec(act, 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn every_message_is_stored_once_in_the_order_of_typing(acts in acts()) {
        let mut world = World::new();
        world.settle();
        for act in &acts {
            world.act(act);
        }
        world.settle();
        let stored: Vec<String> = world.server.kept.iter().map(|message| message.params[1].to_string()).collect();
        let failed: Vec<String> = world.client.outbox().iter().map(|message| message.text.clone()).collect();
        let typed: Vec<String> = (1..=world.typed).map(|number| format!("message {number}")).collect();
        prop_assert!(failed.is_empty(), "still waiting: {failed:?}");
        prop_assert_eq!(stored, typed);
        // And the person sees each of them once, in that order.
        let room = world.client.find("#room").unwrap();
        let timeline = &world.client.buffer(room).unwrap().timeline;
        let seen: Vec<&str> = timeline.entries().filter_map(|entry| entry.said()).map(|said| said.text.as_str()).collect();
        let numbers: Vec<usize> = seen.iter().map(|text| text["message ".len()..].parse().unwrap()).collect();
        prop_assert!(numbers.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", numbers);
    }
}
