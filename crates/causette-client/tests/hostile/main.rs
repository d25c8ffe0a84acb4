//! Servers that have no end: whatever one answers, the client asks again only where that gets it further, and else it waits.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use causette_client::core::client::{Client, Settings};
use causette_client::core::command::{Command, Spelling};
use causette_client::core::input::{Input, Intent, SecretKind, Way};
use causette_client::core::limits::{
    CATCH_UP_PAGES, PAGES_IN_VAIN, PROFILE_QUESTIONS_MAX, UNREAD_PAGES,
};
use causette_client::core::locale::Locale;
use causette_client::core::output::Output;
use causette_proto::{Message, Secret, Timestamp};
use causette_text::Language;
use std::collections::VecDeque;

const CAPABILITIES: &str = "message-tags server-time batch labeled-response echo-message sasl standard-replies draft/chathistory draft/event-playback draft/read-marker away-notify draft/metadata-3";

/// What a server answers to a line, besides the greeting: lines without the label.
type Answer = fn(&Message, usize) -> Vec<String>;

struct World {
    client: Client,
    now: Timestamp,
    answer: Answer,
    /// Whether the server closes the connection once it has greeted.
    puts_out: bool,
    /// Lines of the client, and connections that it opened.
    asked: Vec<Message>,
    connections: usize,
    waiting: VecDeque<Input>,
}

impl World {
    fn new(answer: Answer, puts_out: bool) -> Self {
        let settings = Settings {
            locale: Locale::utc(Language::En),
            spelling: Spelling::default(),
            channels: Vec::new(),
            home: "#general".into(),
            device: "desk".to_owned(),
            wants_token: false,
            attended: true,
            tells_typing: true,
            follows: true,
            keeps: true,
            seed: 7,
        };
        let mut world = Self {
            client: Client::new(settings),
            now: Timestamp::parse("2026-01-01T12:00:00.000Z").unwrap(),
            answer,
            puts_out,
            asked: Vec::new(),
            connections: 0,
            waiting: VecDeque::new(),
        };
        world.intend(Intent::Enter(Way::SignIn {
            account: "amy".into(),
            secret: Secret::new("token"),
            kind: SecretKind::Token,
        }));
        world
    }

    fn intend(&mut self, intent: Intent) {
        self.waiting.push_back(Input::Intent(intent));
    }

    /// Lets everything happen that follows from what waits, as a face does that shows the top and the end of all that is known.
    /// Panics where that has no end.
    fn settle(&mut self) {
        let mut steps = 0;
        while let Some(input) = self.waiting.pop_front() {
            steps += 1;
            assert!(steps < 200_000, "it has no end: {:?}", self.asked.last());
            let mut out = Vec::new();
            self.now = self.now.plus_millis(1);
            self.client.handle(self.now, input, &mut out);
            let has_changed = out.iter().any(|output| matches!(output, Output::Changed));
            for output in out {
                self.follow(output);
            }
            if has_changed {
                let here = self.client.current().id;
                self.intend(Intent::Seen(here));
                self.intend(Intent::Older(here));
            }
        }
    }

    fn follow(&mut self, output: Output) {
        match output {
            Output::Connect => {
                self.connections += 1;
                self.waiting.push_back(Input::Opened);
            }
            Output::Send(message) => {
                let lines = self.replies(&message);
                self.asked.push(message);
                let lines = lines
                    .iter()
                    .map(|line| Message::parse(line.as_bytes()).unwrap());
                self.waiting.extend(lines.map(Input::Line));
                let is_greeted = self
                    .asked
                    .last()
                    .is_some_and(|last| last.command == "CAP" && last.params[0] == "END");
                if self.puts_out && is_greeted {
                    self.waiting.push_back(Input::Closed("out".to_owned()));
                }
            }
            _ => {}
        }
    }

    fn replies(&self, message: &Message) -> Vec<String> {
        let greeting = |lines: &str| lines.lines().map(str::to_owned).collect();
        match (
            message.command.as_str(),
            message.params.first().map_or("", |first| first.as_str()),
        ) {
            ("CAP", "LS") => vec![format!(":s CAP * LS :{CAPABILITIES}")],
            ("CAP", "REQ") => vec![format!(":s CAP amy ACK :{}", message.params[1])],
            ("AUTHENTICATE", "PLAIN") => vec!["AUTHENTICATE +".to_owned()],
            ("AUTHENTICATE", _) => greeting(":s 900 amy a amy :ok\n:s 903 amy :ok"),
            ("CAP", "END") => greeting(
                ":s 001 amy :hi
:s 005 amy CASEMAPPING=ascii CHANTYPES=# CHATHISTORY=100 WHOX PREFIX=(ov)@+ :are supported
:s 376 amy :end
:amy!a@h JOIN #general
:s MARKREAD #general *
:s 353 amy = #general :amy bob
:s 366 amy #general :End",
            ),
            ("PING", token) => vec![format!(":s PONG s :{token}")],
            _ => {
                let label = message.tags.get("label").unwrap_or_default();
                let lines = (self.answer)(message, self.asked.len());
                let labelled = |(index, line): (usize, String)| match index {
                    0 if !label.is_empty() => format!("@label={label} {line}"),
                    _ => line,
                };
                lines.into_iter().enumerate().map(labelled).collect()
            }
        }
    }

    /// Lets time pass.
    fn wait(&mut self, seconds: i64) {
        let until = self.now.plus_seconds(seconds);
        while self.client.deadline().is_some_and(|due| due <= until) {
            self.now = self.now.max(self.client.deadline().unwrap());
            self.waiting.push_back(Input::Tick);
            self.settle();
        }
        self.now = until;
    }

    fn count(&self, verb: &str) -> usize {
        let is_it = |message: &&Message| message.command == verb;
        self.asked.iter().filter(is_it).count()
    }
}

/// A page of a hundred lines of the past.
fn page(line: impl Fn(usize) -> String) -> Vec<String> {
    let lines = (0..100).map(|number| format!("@batch=p;{}", line(number)));
    [":s BATCH +p chathistory #general".to_owned()]
        .into_iter()
        .chain(lines)
        .chain([":s BATCH -p".to_owned()])
        .collect()
}

fn reaction(msgid: &str) -> String {
    format!(
        "time=2026-01-01T11:00:00.000Z;msgid={msgid};+draft/react=x;+reply=gone :bob!b@h TAGMSG #general"
    )
}

fn said(msgid: &str) -> String {
    format!("time=2026-01-01T11:00:00.000Z;msgid={msgid} :bob!b@h PRIVMSG #general :hello")
}

fn is_page(message: &Message) -> bool {
    message.command == "CHATHISTORY" && message.params[0] != "TARGETS"
}

/// Pages that are asked for without anybody scrolling.
const PAGES_MAX: usize = PAGES_IN_VAIN + UNREAD_PAGES + CATCH_UP_PAGES + 2;

#[test]
fn the_same_answer_again_and_again_is_not_asked_for_again_and_again() {
    let answers: [(&str, Answer, usize); 6] = [
        (
            "the same reactions",
            |message, _| {
                if is_page(message) {
                    page(|number| reaction(&format!("r{number}")))
                } else {
                    Vec::new()
                }
            },
            3,
        ),
        (
            "the same messages",
            |message, _| {
                if is_page(message) {
                    page(|number| said(&format!("m{number}")))
                } else {
                    Vec::new()
                }
            },
            3,
        ),
        (
            "new reactions without end",
            |message, asked| {
                if is_page(message) {
                    page(|number| reaction(&format!("r{asked}-{number}")))
                } else {
                    Vec::new()
                }
            },
            PAGES_MAX,
        ),
        (
            "nothing that has a name",
            |message, _| {
                if is_page(message) {
                    page(|_| "time=2026-01-01T11:00:00.000Z :bob!b@h TAGMSG #general".to_owned())
                } else {
                    Vec::new()
                }
            },
            2,
        ),
        (
            "a refusal",
            |message, _| {
                if is_page(message) {
                    vec![":s FAIL CHATHISTORY MESSAGE_ERROR #general :no".to_owned()]
                } else {
                    Vec::new()
                }
            },
            2,
        ),
        ("nothing", |_, _| Vec::new(), 1),
    ];
    for (what, answer, most) in answers {
        let mut world = World::new(answer, false);
        world.settle();
        let asked = world.count("CHATHISTORY") - 1;
        assert!(asked <= most, "{what}: {asked}");
        for _ in 0..100 {
            // Drawn again and again, as it is while somebody types.
            let here = world.client.current().id;
            world.intend(Intent::Older(here));
        }
        world.settle();
        assert_eq!(world.count("CHATHISTORY") - 1, asked, "{what}");
        let here = world.client.current().id;
        world.intend(Intent::Command(here, Command::Older));
        world.settle();
        let more = world.count("CHATHISTORY") - 1 - asked;
        assert!(more <= PAGES_IN_VAIN, "{what}, and once more: {more}");
        world.wait(600);
        for verb in ["WHO", "MARKREAD", "JOIN"] {
            assert!(
                world.count(verb) <= 2,
                "{what}: {verb} {}",
                world.count(verb)
            );
        }
        assert!(world.count("PING") <= 12, "{what}");
    }
}

#[test]
fn what_was_missed_is_asked_for_as_long_as_that_gets_further() {
    let mut world = World::new(
        |message, asked| match message.params.first().map_or("", |verb| verb.as_str()) {
            "LATEST" => page(|number| said(&format!("m{number}"))),
            "BEFORE" => vec![
                ":s BATCH +p chathistory #general".to_owned(),
                ":s BATCH -p".to_owned(),
            ],
            // Reactions, and once the same twice.
            "AFTER" => page(|number| reaction(&format!("r{}-{number}", asked / 4))),
            _ => Vec::new(),
        },
        false,
    );
    world.settle();
    for _ in 0..10 {
        world.waiting.push_back(Input::Closed("cut".to_owned()));
        world.settle();
        world.wait(61);
    }
    let asked = world.count("CHATHISTORY");
    assert!(asked <= 11 * (1 + CATCH_UP_PAGES + UNREAD_PAGES), "{asked}");
}

#[test]
fn who_is_let_in_only_to_be_put_out_waits_longer_and_longer() {
    let mut world = World::new(|_, _| Vec::new(), true);
    world.settle();
    world.wait(600);
    assert!(world.connections <= 20, "{}", world.connections);
    assert!(
        world.connections >= 8,
        "it goes on trying: {}",
        world.connections
    );
}

#[test]
fn a_server_that_always_has_more_to_say_of_people_is_asked_slowly_and_not_for_ever() {
    let answer: Answer = |message, _| match message.command.as_str() {
        "METADATA" => vec![
            ":s 774 amy *ALL 0 :more".to_owned(),
            ":s 774 amy #general -5 :more".to_owned(),
        ],
        _ => Vec::new(),
    };
    let mut world = World::new(answer, false);
    world.settle();
    world.wait(10);
    let asked = world.count("METADATA");
    assert!((10..=30).contains(&asked), "{asked} in ten seconds");
    world.wait(3_600);
    let asked = world.count("METADATA");
    assert!(asked <= PROFILE_QUESTIONS_MAX + 1, "{asked}");
}

#[test]
fn a_server_that_repeats_itself_is_not_asked_each_time() {
    let mut world = World::new(|_, _| Vec::new(), false);
    world.settle();
    let asked = world.asked.len();
    for _ in 0..500 {
        for line in [
            ":amy!a@h JOIN #general",
            ":s MARKREAD #general timestamp=2020-01-01T00:00:00.000Z",
            ":s MARKREAD #general *",
            ":s 366 amy #general :End",
            ":s 315 amy #general :End",
            ":s 376 amy :end",
            ":s 903 amy :ok",
        ] {
            let line = Message::parse(line.as_bytes()).unwrap();
            world.waiting.push_back(Input::Line(line));
        }
    }
    world.settle();
    world.wait(30);
    assert!(
        world.asked.len() <= asked + 2,
        "{:?}",
        &world.asked[asked..]
    );
}
