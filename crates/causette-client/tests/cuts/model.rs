//! A server with one room that keeps what is said, and a wire to it that is cut at random.

use causette_client::core::client::{Client, Settings};
use causette_client::core::command::Spelling;
use causette_client::core::connection::Phase;
use causette_client::core::input::{Input, Intent, SecretKind, Way};
use causette_client::core::locale::Locale;
use causette_client::core::output::{Output, Refused};
use causette_client::exit::{Exit, Trouble};
use causette_client::face::verb::ground::Ground;
use causette_proto::{CompactString, Message, Secret, Timestamp};
use causette_text::Language;
use std::collections::VecDeque;

/// Bytes and lines of one message of several lines.
pub(crate) const SEVERAL: (usize, usize) = (400, 12);

/// Steps without anything on the wire after which a world is over: longer than a verb waits for an answer.
const IDLE_MAX: usize = 40;

/// What a line takes on the wire.
const STEP_MILLIS: i64 = 200;

/// Steps after which it is stuck.
const STEPS_MAX: usize = 3_000_000;

/// Something that was said, or a reaction, which is no message.
pub(crate) struct Kept {
    pub lines: Vec<String>,
    from: &'static str,
    nonce: Option<CompactString>,
    time: Timestamp,
    is_reaction: bool,
}

#[derive(Default)]
pub(crate) struct Server {
    pub kept: Vec<Kept>,
    /// Messages of one page at most.
    pub page: usize,
    /// The message, counted from the first, that is refused.
    pub refuses: Option<usize>,
    /// Whether nothing is answered to what is said any more.
    pub is_silent: bool,
    /// Of so many pages behind the first one each but the last cannot be read.
    fails: usize,
    pages: usize,
    /// Whether no answer bears a label.
    is_plain: bool,
    open: Option<(Message, Vec<Message>)>,
    now: Timestamp,
    is_in: bool,
}

fn line(text: &str) -> Message {
    Message::parse(text.as_bytes()).unwrap()
}

impl Server {
    /// One that cannot read so many pages but the last.
    pub(crate) fn failing(fails: usize, is_plain: bool) -> Self {
        Self {
            page: 5,
            fails,
            is_plain,
            ..Self::default()
        }
    }

    fn answer(&mut self, message: &Message) -> Vec<Message> {
        let param = |index: usize| message.params.get(index).map_or("", CompactString::as_str);
        let label = message.tags.get("label").unwrap_or_default();
        match (message.command.as_str(), param(0)) {
            ("CAP", "LS") => {
                let (bytes, lines) = SEVERAL;
                let labels = if self.is_plain {
                    ""
                } else {
                    "labeled-response "
                };
                vec![line(&format!(
                    "CAP * LS :message-tags server-time batch {labels}echo-message sasl draft/chathistory draft/multiline=max-bytes={bytes},max-lines={lines}"
                ))]
            }
            ("CAP", "REQ") => vec![Message::new("CAP").param("*").param("ACK").param(param(1))],
            ("AUTHENTICATE", "PLAIN") => vec![line("AUTHENTICATE +")],
            ("AUTHENTICATE", _) => vec![line(":s 900 amy x amy :in"), line(":s 903 amy :in")],
            ("CAP", "END") => {
                self.is_in = true;
                vec![
                    line(":s 001 amy :hi"),
                    line(&format!(
                        ":s 005 amy CASEMAPPING=ascii CHANTYPES=# CHATHISTORY={} :are supported",
                        self.page
                    )),
                    line(":s 376 amy :end"),
                    line(":amy!a@h JOIN #room"),
                ]
            }
            ("PING", token) => vec![Message::new("PONG").param("s").param(token)],
            ("BATCH", reference) if reference.starts_with('+') => {
                self.open = Some((message.clone(), Vec::new()));
                Vec::new()
            }
            ("BATCH", _) => {
                let (opening, lines) = self.open.take().unwrap();
                let (bytes_max, lines_max) = SEVERAL;
                let bytes: usize = lines.iter().map(|line| line.params[1].len() + 1).sum();
                assert!(lines.len() <= lines_max && bytes <= bytes_max + 1);
                let mut texts: Vec<String> = Vec::new();
                for line in &lines {
                    match texts.last_mut() {
                        Some(last) if line.tags.contains("draft/multiline-concat") => {
                            last.push_str(&line.params[1]);
                        }
                        _ => texts.push(line.params[1].to_string()),
                    }
                }
                self.say(texts, &opening)
            }
            ("PRIVMSG", "#room") => match &mut self.open {
                Some((_, lines)) => {
                    lines.push(message.clone());
                    Vec::new()
                }
                None => self.say(vec![param(1).to_owned()], message),
            },
            ("CHATHISTORY", verb) => {
                self.pages += 1;
                if self.fails > 0 && self.pages % self.fails != 1 % self.fails {
                    let fail = line(":s FAIL CHATHISTORY MESSAGE_ERROR * #room :not now");
                    return vec![fail.tag("label", label)];
                }
                let limit = param(3).parse().unwrap();
                self.page(verb, param(2), limit, label)
            }
            _ => Vec::new(),
        }
    }

    fn say(&mut self, lines: Vec<String>, how: &Message) -> Vec<Message> {
        let label = how.tags.get("label").unwrap_or_default();
        if self.is_silent {
            return Vec::new();
        }
        if self.refuses == Some(self.kept.len()) {
            return vec![line("FAIL PRIVMSG NOT_NOW :not now").tag("label", label)];
        }
        let nonce = how.tags.get("+causette/id").map(CompactString::from);
        self.keep("amy", lines, nonce, false);
        let index = self.kept.len() - 1;
        let mut shown = self.show(index, "e");
        shown[0] = shown[0].clone().tag("label", label);
        shown
    }

    fn keep(
        &mut self,
        from: &'static str,
        lines: Vec<String>,
        nonce: Option<CompactString>,
        is_reaction: bool,
    ) {
        self.now = self.now.plus_millis(1);
        self.kept.push(Kept {
            lines,
            from,
            nonce,
            time: self.now,
            is_reaction,
        });
    }

    /// The lines in which something that was said is shown.
    fn show(&self, index: usize, reference: &str) -> Vec<Message> {
        let kept = &self.kept[index];
        let dress = |message: Message| {
            let message = message
                .source(format!("{}!u@h", kept.from))
                .tag("time", kept.time.to_string())
                .tag("msgid", format!("m{index:07}"));
            match &kept.nonce {
                Some(nonce) => message.tag("+causette/id", nonce.clone()),
                None => message,
            }
        };
        if kept.is_reaction {
            let tagged = Message::new("TAGMSG").param("#room");
            return vec![dress(
                tagged
                    .tag("+draft/reply", "m0000000")
                    .tag("+draft/react", "👍"),
            )];
        }
        if let [text] = &kept.lines[..] {
            return vec![dress(
                Message::new("PRIVMSG").param("#room").param(text.as_str()),
            )];
        }
        let opening = Message::new("BATCH")
            .param(format!("+{reference}"))
            .param("draft/multiline")
            .param("#room");
        let mut lines = vec![dress(opening)];
        for text in &kept.lines {
            let said = Message::new("PRIVMSG").source(format!("{}!u@h", kept.from));
            let said = said.tag("batch", reference).param("#room");
            lines.push(said.param(text.as_str()));
        }
        lines.push(Message::new("BATCH").param(format!("-{reference}")));
        lines
    }

    fn page(&self, verb: &str, bound: &str, limit: usize, label: &str) -> Vec<Message> {
        let limit = limit.min(self.page);
        let count = self.kept.len();
        let by_name: Option<usize> = bound
            .strip_prefix("msgid=m")
            .and_then(|number| number.parse().ok());
        let by_time = bound.strip_prefix("timestamp=").and_then(Timestamp::parse);
        let behind = match (by_name, by_time) {
            (Some(index), _) => Some(index + 1),
            (None, Some(time)) => Some(
                self.kept
                    .iter()
                    .take_while(|kept| kept.time <= time)
                    .count(),
            ),
            _ => None,
        };
        let range = match (verb, behind) {
            ("LATEST", _) => count.saturating_sub(limit)..count,
            ("AFTER", Some(behind)) => behind.min(count)..(behind + limit).min(count),
            ("BEFORE", Some(behind)) => (behind - 1).saturating_sub(limit)..behind - 1,
            ("AROUND", Some(behind)) if behind <= count => behind - 1..behind,
            _ => 0..0,
        };
        let opening = Message::new("BATCH")
            .source("s")
            .param("+h")
            .param("chathistory");
        let mut lines = vec![opening.param("#room").tag("label", label)];
        for index in range {
            let shown = self.show(index, &format!("p{index}"));
            let last = shown.len() - 1;
            for (place, message) in shown.into_iter().enumerate() {
                // What stands in a message of several lines belongs to that.
                let is_inner = last > 0 && place > 0;
                lines.push(if is_inner {
                    message
                } else {
                    message.tag("batch", "h")
                });
            }
        }
        lines.push(Message::new("BATCH").source("s").param("-h"));
        lines
    }
}

/// A client, the server, and the wire between them.
pub(crate) struct World {
    client: Client,
    pub server: Server,
    up: VecDeque<Message>,
    down: VecDeque<Message>,
    is_open: bool,
    now: Timestamp,
    random: u64,
    /// In how many of ten thousand steps the wire is cut.
    pub cuts: u64,
    /// Messages that somebody else will say meanwhile.
    pub to_say: usize,
    /// Steps in which nothing was on the wire.
    idle: usize,
    steps: usize,
}

impl World {
    /// With a server that gives pages of so many messages.
    pub(crate) fn new(page: usize, seed: u64) -> Self {
        Self::of(
            Server {
                page,
                ..Server::default()
            },
            seed,
        )
    }

    pub(crate) fn of(server: Server, seed: u64) -> Self {
        let settings = Settings {
            locale: Locale::utc(Language::En),
            spelling: Spelling::default(),
            channels: Vec::new(),
            home: "#room".into(),
            device: String::new(),
            wants_token: false,
            attended: true,
            tells_typing: false,
            follows: false,
            keeps: false,
            seed,
        };
        let now = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
        let mut world = Self {
            client: Client::new(settings),
            server: Server { now, ..server },
            up: VecDeque::new(),
            down: VecDeque::new(),
            is_open: false,
            now,
            random: seed | 1,
            cuts: 0,
            to_say: 0,
            idle: 0,
            steps: 0,
        };
        drop(world.handle(Input::Intent(Intent::Enter(Way::SignIn {
            account: "amy".into(),
            secret: Secret::new("token"),
            kind: SecretKind::Token,
        }))));
        drop(world.handle(Input::Intent(Intent::Connect)));
        while !(world.client.link().is_online() && world.client.find("#room").is_some()) {
            drop(world.act());
        }
        world
    }

    /// Somebody else says something; every fifth time ten reactions come before it.
    pub(crate) fn other_says(&mut self) {
        let number = self
            .server
            .kept
            .iter()
            .filter(|kept| !kept.is_reaction)
            .count();
        if number % 5 == 4 {
            for _ in 0..10 {
                self.server.keep("bob", Vec::new(), None, true);
                self.relay();
            }
        }
        let lines = if number % 7 == 3 {
            vec![format!("n° {number}"), "and more".to_owned()]
        } else {
            vec![format!("n° {number}")]
        };
        self.server.keep("bob", lines, None, false);
        self.relay();
    }

    fn relay(&mut self) {
        if self.is_open && self.server.is_in {
            let lines = self.server.show(self.server.kept.len() - 1, "l");
            self.down.extend(lines);
        }
    }

    fn draw(&mut self, below: u64) -> u64 {
        // Xorshift: <https://en.wikipedia.org/wiki/Xorshift>
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random % below
    }

    fn handle(&mut self, input: Input) -> Vec<Output> {
        let mut outputs = Vec::new();
        self.client.handle(self.now, input, &mut outputs);
        let mut told = Vec::new();
        for output in outputs {
            match output {
                Output::Send(message) if self.is_open => self.up.push_back(message),
                Output::Send(_) | Output::Connect | Output::Keep { .. } => {}
                Output::Hangup => self.cut(),
                other => told.push(other),
            }
        }
        told
    }

    fn cut(&mut self) {
        self.is_open = false;
        self.up.clear();
        self.down.clear();
        self.server.open = None;
        self.server.is_in = false;
    }

    fn act(&mut self) -> Vec<Output> {
        self.steps += 1;
        // A connection lasts for a while before it is cut, as those that are worth coming back to at once.
        self.now = self.now.plus_millis(STEP_MILLIS);
        if !self.is_open {
            self.now = self.now.plus_seconds(1);
            if self.client.link().phase == Phase::Connecting {
                self.is_open = true;
                return self.handle(Input::Opened);
            }
            return self.handle(Input::Tick);
        }
        if self.draw(10_000) < self.cuts {
            self.cut();
            return self.handle(Input::Closed("cut".to_owned()));
        }
        if self.to_say > 0 && self.draw(4) == 0 {
            self.to_say -= 1;
            self.other_says();
        }
        let is_idle = self.to_say == 0 && self.up.is_empty() && self.down.is_empty();
        self.idle = if is_idle { self.idle + 1 } else { 0 };
        if self.draw(2) == 0
            && let Some(line) = self.down.pop_front()
        {
            return self.handle(Input::Line(line));
        }
        if let Some(line) = self.up.pop_front() {
            let answers = self.server.answer(&line);
            self.down.extend(answers);
        } else if let Some(line) = self.down.pop_front() {
            return self.handle(Input::Line(line));
        } else {
            self.now = self.now.plus_seconds(1);
            return self.handle(Input::Tick);
        }
        Vec::new()
    }
}

impl Ground for World {
    fn client(&self) -> &Client {
        &self.client
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn intend(&mut self, intent: Intent) -> Vec<Output> {
        self.handle(Input::Intent(intent))
    }

    fn next(&mut self) -> impl Future<Output = Vec<Output>> {
        std::future::ready(self.act())
    }

    fn check(&self) -> Result<(), Trouble> {
        if self.idle > IDLE_MAX || self.steps > STEPS_MAX {
            return Err(Trouble::new(Exit::Interrupted, ""));
        }
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> Trouble {
        Trouble::new(Exit::Credentials, refused.text.clone())
    }
}
