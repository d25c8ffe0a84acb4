//! Following everything that is said to one, with people who write while nobody is connected.

use crate::{block_on, follows};
use causette_client::core::client::{Client, Settings};
use causette_client::core::command::Spelling;
use causette_client::core::entry::Entry;
use causette_client::core::input::{Input, Intent, SecretKind, Way};
use causette_client::core::locale::Locale;
use causette_client::core::output::{Output, Refused};
use causette_client::exit::{Exit, Trouble};
use causette_client::face::verb::follow::follow;
use causette_client::face::verb::ground::Ground;
use causette_client::face::verb::tail::Tail;
use causette_proto::{Message, Secret, Timestamp};
use causette_text::Language;
use std::collections::VecDeque;

const GREETING: &str = "@time=2026-01-01T00:00:00.000Z :s 001 amy :hi
:s 005 amy CASEMAPPING=ascii CHANTYPES=# CHATHISTORY=100 :are supported
:s 376 amy :end";

const MISSED: &str = "time=2026-01-01T00:00:01.000Z;msgid=m1 :bob!b@h PRIVMSG amy :missed";
const LIVE: &str = "time=2026-01-01T00:00:02.000Z;msgid=m2 :bob!b@h PRIVMSG amy :live";

/// A server whose connection is lost once, while bob says something; and once it is there again he goes on before it is told
/// that he did.
struct Lossy {
    client: Client,
    now: Timestamp,
    down: VecDeque<String>,
    connections: usize,
    until: Timestamp,
    /// Whether it can be told only at the second try who has written.
    fails: bool,
}

impl Lossy {
    fn new(now: &str, fails: bool) -> Self {
        let now = Timestamp::parse(now).unwrap();
        let mut lossy = Self {
            client: Client::new(Settings {
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
                seed: 1,
            }),
            now,
            until: now.plus_seconds(60),
            down: VecDeque::new(),
            connections: 0,
            fails,
        };
        drop(lossy.intend(Intent::Enter(Way::SignIn {
            account: "amy".into(),
            secret: Secret::new("token"),
            kind: SecretKind::Token,
        })));
        drop(lossy.intend(Intent::Connect));
        while !lossy.client.link().is_online() {
            drop(lossy.act());
        }
        lossy
    }

    fn handle(&mut self, input: Input) -> Vec<Output> {
        let mut outputs = Vec::new();
        self.client.handle(self.now, input, &mut outputs);
        for output in &outputs {
            match output {
                Output::Send(message) => self.answer(message),
                Output::Connect => self.down.push_back("OPEN".to_owned()),
                _ => {}
            }
        }
        outputs
    }

    fn act(&mut self) -> Vec<Output> {
        self.now = self.now.plus_millis(100);
        match self.down.pop_front().as_deref() {
            Some("OPEN") => {
                self.connections += 1;
                self.handle(Input::Opened)
            }
            Some("CUT") => self.handle(Input::Closed("cut".to_owned())),
            Some(line) => self.handle(Input::Line(Message::parse(line.as_bytes()).unwrap())),
            None => {
                self.now = self.now.plus_seconds(1);
                self.handle(Input::Tick)
            }
        }
    }

    fn answer(&mut self, message: &Message) {
        let words: Vec<&str> = message.params.iter().map(|param| param.as_str()).collect();
        let label = message.tags.get("label").unwrap_or_default();
        let batch = |kind: &str, lines: &[&str]| {
            let lines = lines.iter().map(|line| format!("@batch=b;{line}"));
            let opening = format!("@label={label} :s BATCH +b {kind}");
            let all = [opening].into_iter().chain(lines);
            all.chain([":s BATCH -b".to_owned()]).collect()
        };
        let lines: Vec<String> = match (message.command.as_str(), &words[..]) {
            ("CAP", ["LS", ..]) => vec![
                "CAP * LS :message-tags server-time batch labeled-response sasl draft/chathistory"
                    .to_owned(),
            ],
            ("CAP", ["REQ", wanted]) => vec![format!("CAP * ACK :{wanted}")],
            ("AUTHENTICATE", ["PLAIN"]) => vec!["AUTHENTICATE +".to_owned()],
            ("AUTHENTICATE", _) => vec![":s 903 amy :in".to_owned()],
            ("CAP", ["END"]) => GREETING.lines().map(str::to_owned).collect(),
            ("WHO", _) => vec![
                format!("@label={label} :s 315 amy amy :end"),
                "CUT".to_owned(),
            ],
            ("CHATHISTORY", ["TARGETS", ..]) if std::mem::take(&mut self.fails) => vec![format!(
                "@label={label} :s FAIL CHATHISTORY MESSAGE_ERROR TARGETS * :not now"
            )],
            ("CHATHISTORY", ["TARGETS", since, ..]) => {
                let since = since.strip_prefix("timestamp=").and_then(Timestamp::parse);
                let is_asked = since < Timestamp::parse("2026-01-01T00:00:01.000Z");
                let bob: &[&str] = if is_asked {
                    &["x :s CHATHISTORY TARGETS bob 2026-01-01T00:00:02.000Z"]
                } else {
                    &[]
                };
                let mut lines = vec![format!("@{LIVE}")];
                lines.extend::<Vec<_>>(batch("draft/chathistory-targets", bob));
                lines
            }
            ("CHATHISTORY", ["AFTER", "bob", bound, ..]) => {
                let is_behind = bound.starts_with("msgid=");
                let said: &[&str] = if is_behind { &[] } else { &[MISSED, LIVE] };
                batch("chathistory bob", said)
            }
            _ => Vec::new(),
        };
        self.down.extend(lines);
    }
}

impl Ground for Lossy {
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
        if self.now > self.until {
            return Err(Trouble::new(Exit::Interrupted, ""));
        }
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> Trouble {
        Trouble::new(Exit::Credentials, refused.text.clone())
    }
}

#[test]
fn what_people_said_while_nobody_was_connected_is_shown() {
    // Whatever the clock says here: it is the server's by which it is asked.
    for now in ["2027-01-01T00:00:00Z", "2025-01-01T00:00:00Z"] {
        for fails in [false, true] {
            let mut lossy = Lossy::new(now, fails);
            let mut seen: Vec<String> = Vec::new();
            let mut show = |_: &str, entry: &Entry| {
                seen.push(entry.said().unwrap().text.clone());
                Ok(())
            };
            let tail = Tail {
                targets: Vec::new(),
                ..follows(None, None)
            };
            let result = block_on(follow(&mut lossy, Vec::new(), &tail, &mut show));
            assert_eq!(result.unwrap_err().exit, Exit::Interrupted);
            assert_eq!(seen, ["missed", "live"], "{now} {fails}");
            assert_eq!(lossy.connections, 2);
        }
    }
}
