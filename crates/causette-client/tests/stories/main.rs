//! Stories: what the server says and the person does, and what the client then says and shows, as text.
//! `UPDATE_EXPECT=1` writes the stories anew from what the client does.
//!
//! Lines that make something happen: `open` (the connection), `< LINE` (the server), `lose REASON`, `wait SECONDS`,
//! `enter WAY…`, `say TEXT` (typed where one is), `insist TEXT` (though it is long), `stop` (sending a long one), `in NAME` (look there), `seen`, `older`, `draft TEXT`, `reply MSGID`, `retry`, `quit`,
//! `carried NAME done|failed|moving|paused` (how far a file is that is fetched), `not-held NAME` (nothing is there to go on with), `restart` (the client, from what it kept), `show` (the conversations as they are).
//! Lines that must follow: `> LINE` (sent), `+ PLACE: WORDS` (shown at the end), `… PLACE: WORDS` (put in where it belongs),
//! `! WORDS` (anything else).
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use causette_client::core::buffer::{Buffer, BufferId};
use causette_client::core::client::{Client, Settings};
use causette_client::core::command::Spelling;
use causette_client::core::entry::EntryId;
use causette_client::core::input::{Input, Intent, SecretKind, Way};
use causette_client::core::locale::Locale;
use causette_client::core::outbox::State;
use causette_client::core::output::Output;
use causette_client::core::transfer::{self, Fault, Outcome, Setback, Transfer};
use causette_client::core::wording::{one_line, reactions_of};
use causette_proto::{Message, Secret, Timestamp};
use causette_text::Language;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// When every story begins.
const BEGINNING: &str = "2026-01-01T12:00:00.000Z";

struct Stage {
    client: Client,
    now: Timestamp,
}

fn settings() -> Settings {
    Settings {
        locale: Locale::utc(Language::En),
        spelling: Spelling::default(),
        channels: Vec::new(),
        home: "#general".into(),
        device: "desk".to_owned(),
        wants_token: true,
        attended: true,
        tells_typing: true,
        follows: true,
        keeps: true,
        seed: 7,
    }
}

/// A file on its way here.
fn carried(words: &str) -> Transfer {
    let (name, stage) = words.split_once(' ').unwrap();
    Transfer {
        id: name.into(),
        way: transfer::Way::Down,
        name: name.to_owned(),
        audience: None,
        size: 10,
        done: 5,
        pace: 0,
        stage: match stage {
            "done" => transfer::Stage::Done(Outcome {
                path: Some(format!("/home/amy/{name}")),
                ..Outcome::default()
            }),
            "failed" => transfer::Stage::Failed(Setback {
                kind: Fault::Refused,
                text: "You may not.".to_owned(),
            }),
            "moving" => transfer::Stage::Moving,
            "paused" => transfer::Stage::Paused,
            other => panic!("{other:?} is no stage"),
        },
    }
}

impl Stage {
    fn new() -> Self {
        Self {
            client: Client::new(settings()),
            now: Timestamp::parse(BEGINNING).unwrap(),
        }
    }

    fn here(&self) -> BufferId {
        self.client.current().id
    }

    /// Plays one line, and gives what follows from it.
    fn play(&mut self, line: &str) -> String {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let here = self.here();
        let intent = match verb {
            "open" => return self.opened(),
            "<" => return self.handle(Input::Line(Message::parse(rest.as_bytes()).unwrap())),
            "lose" => return self.handle(Input::Closed(rest.to_owned())),
            "wait" => {
                self.now = self
                    .now
                    .plus_millis((rest.parse::<f64>().unwrap() * 1000.0) as i64);
                return self.handle(Input::Tick);
            }
            "show" => return self.show(),
            "restart" => {
                let kept = serde_json::to_string(&self.client.keepsake()).unwrap();
                self.client = Client::new(settings());
                self.client.restore(serde_json::from_str(&kept).unwrap());
                return String::new();
            }
            "enter" => Intent::Enter(way(rest)),
            "carried" => return self.handle(Input::Carried(carried(rest))),
            "not-held" => return self.handle(Input::NotHeld(rest.into())),
            "say" => Intent::Submit(here, rest.to_owned()),
            "insist" => Intent::Insist(here, rest.replace("\\n", "\n")),
            "stop" => Intent::Stop(here),
            "say2" => Intent::Submit(here, rest.replace("\\n", "\n")),
            "in" => Intent::Open(self.client.find(rest).unwrap()),
            "seen" => Intent::Seen(here),
            "older" => Intent::Older(here),
            "point" => {
                let (number, msgid) = rest.split_once(' ').unwrap();
                Intent::PointAt(here, number.parse().unwrap(), msgid.into())
            }
            "draft" => Intent::Draft(here, rest.to_owned()),
            "reply" => Intent::ReplyTo(here, Some(rest.into())),
            "retry" => {
                let mut outbox = self.client.outbox().iter();
                let failed = outbox.find(|message| matches!(message.state, State::Failed(_)));
                Intent::Retry(failed.unwrap().id)
            }
            "verify" => Intent::Verify(rest.to_owned()),
            "connect" => Intent::Connect,
            "quit" => Intent::Quit(rest.to_owned()),
            other => panic!("{other:?} makes nothing happen"),
        };
        self.handle(Input::Intent(intent))
    }

    fn opened(&mut self) -> String {
        let mut text = self.handle(Input::Intent(Intent::Connect));
        text.push_str(&self.handle(Input::Opened));
        text
    }

    fn handle(&mut self, input: Input) -> String {
        let mut outputs = Vec::new();
        self.client.handle(self.now, input, &mut outputs);
        let mut text = String::new();
        for output in outputs {
            self.write(&output, &mut text);
        }
        text
    }

    fn write(&self, output: &Output, text: &mut String) {
        match output {
            // What is drawn is seen by `show`; drafts are kept all the time.
            Output::Changed | Output::CaughtUp(_) | Output::Keep { at_once: false } => {}
            Output::Send(message) => writeln!(text, "> {message}").unwrap(),
            Output::Added(buffer, entry) => {
                writeln!(text, "+ {}", self.entry(*buffer, *entry)).unwrap()
            }
            Output::Loaded {
                buffer, entries, ..
            } => {
                for entry in entries {
                    writeln!(text, "… {}", self.entry(*buffer, *entry)).unwrap();
                }
            }
            Output::Attention(buffer, _) => {
                writeln!(text, "! {} calls", self.name(*buffer)).unwrap()
            }
            Output::Keep { at_once: true } => {
                writeln!(text, "! keep {}", self.client.keepsake().outbox.len()).unwrap()
            }
            Output::KeepToken { account, id, token } => {
                writeln!(text, "! keep token {id} of {account}: {}", token.expose()).unwrap();
            }
            other => writeln!(text, "! {other:?}").unwrap(),
        }
    }

    fn name(&self, buffer: BufferId) -> String {
        let name = self
            .client
            .buffer(buffer)
            .map(|buffer| buffer.name.to_string());
        name.filter(|name| !name.is_empty())
            .unwrap_or_else(|| "server".to_owned())
    }

    fn entry(&self, buffer: BufferId, entry: EntryId) -> String {
        let entry = self
            .client
            .buffer(buffer)
            .and_then(|buffer| buffer.timeline.get(entry))
            .unwrap();
        format!(
            "{}: {}",
            self.name(buffer),
            one_line(entry, &self.client.settings().locale)
        )
    }

    /// All that is known, as it stands.
    fn show(&self) -> String {
        let mut text = String::new();
        for buffer in self.client.buffers() {
            self.show_buffer(buffer, &mut text);
        }
        for message in self.client.outbox().iter() {
            let state = match &message.state {
                State::Sent => "sent".to_owned(),
                other => format!("{other:?}").to_lowercase(),
            };
            writeln!(
                text,
                "= waiting for {}: {} ({state})",
                message.target,
                message.text.replace('\n', " ⏎ ")
            )
            .unwrap();
        }
        text
    }

    fn show_buffer(&self, buffer: &Buffer, text: &mut String) {
        let mark = if buffer.id == self.client.current().id {
            "*"
        } else {
            ""
        };
        let members: Vec<String> = buffer
            .members
            .values()
            .map(|member| {
                format!(
                    "{}{}{}",
                    member.prefixes,
                    self.client.called(&member.nick),
                    if member.is_away { "?" } else { "" }
                )
            })
            .collect();
        let mut about = format!(
            "{mark}{} unread {}/{}",
            self.name(buffer.id),
            buffer.unread,
            buffer.mentions
        );
        for (what, is_so) in [("muted", buffer.is_muted), ("left", !buffer.is_joined)] {
            if is_so {
                write!(about, " {what}").unwrap();
            }
        }
        if !members.is_empty() {
            write!(about, " [{}]", members.join(" ")).unwrap();
        }
        if let Some(profile) = self.client.profile(&buffer.name) {
            let (shown, avatar) = (&profile.display_name, &profile.avatar);
            write!(about, " called {shown:?} picture {avatar:?}").unwrap();
        }
        if !buffer.topic.is_empty() {
            write!(about, " topic {:?}", buffer.topic).unwrap();
        }
        if !buffer.draft.is_empty() {
            write!(about, " draft {:?}", buffer.draft).unwrap();
        }
        for (nick, _) in &buffer.typing {
            write!(about, " {nick}✎").unwrap();
        }
        writeln!(text, "= {about}").unwrap();
        for entry in buffer.timeline.entries() {
            let reactions = entry
                .said()
                .map(reactions_of)
                .filter(|reactions| !reactions.is_empty());
            let reactions = reactions
                .map(|reactions| format!("  [{reactions}]"))
                .unwrap_or_default();
            writeln!(
                text,
                "=   {}{reactions}",
                one_line(entry, &self.client.settings().locale)
            )
            .unwrap();
        }
    }
}

fn way(text: &str) -> Way {
    let words: Vec<&str> = text.split(' ').collect();
    match words[..] {
        ["token", account, token] => Way::SignIn {
            account: account.into(),
            secret: Secret::new(token),
            kind: SecretKind::Token,
        },
        ["password", account, password] => Way::SignIn {
            account: account.into(),
            secret: Secret::new(password),
            kind: SecretKind::Password,
        },
        ["new", account, password] => Way::SignUp {
            account: account.into(),
            password: Secret::new(password),
            email: None,
            code: None,
        },
        ["invited", account, password, code] => Way::SignUp {
            account: account.into(),
            password: Secret::new(password),
            email: None,
            code: Some(Secret::new(code)),
        },
        ["mailed", account, password, email] => Way::SignUp {
            account: account.into(),
            password: Secret::new(password),
            email: Some(email.into()),
            code: None,
        },
        ["guest", nick] => Way::Guest { nick: nick.into() },
        _ => panic!("{text:?} is no way to enter"),
    }
}

/// A greeting of a Causette server, up to where the person is in `#general` and everything was asked for.
const ARRIVE: &str = "enter token amy causette_token
open
< CAP * LS :message-tags server-time batch labeled-response echo-message sasl=PLAIN standard-replies draft/chathistory draft/event-playback draft/read-marker draft/multiline=max-bytes=4096,max-lines=24 draft/message-redaction away-notify causette/devices
< CAP amy ACK :message-tags server-time batch labeled-response echo-message sasl standard-replies away-notify draft/chathistory draft/event-playback draft/read-marker draft/multiline draft/message-redaction causette/devices
< AUTHENTICATE +
< :irc 900 amy amy!amy@h amy :You are now signed in as amy
< :irc 903 amy :SASL authentication successful
< :irc 001 amy :Welcome
< :irc 005 amy CASEMAPPING=ascii CHANTYPES=# CHATHISTORY=1000 PREFIX=(qaohv)~&@%+ CHANMODES=beI,k,fl,imnst NETWORK=Test :are supported by this server
< :irc 376 amy :End of /MOTD command
< :amy!amy@h JOIN #general
< :irc MARKREAD #general timestamp=2026-01-01T11:00:00.000Z
< :irc 353 amy = #general :@amy bob
< :irc 366 amy #general :End of /NAMES list";

/// Plays a story and gives it as it went.
fn perform(story: &str) -> String {
    let mut stage = Stage::new();
    let mut went = String::new();
    for line in story.lines() {
        if line.is_empty() || line.starts_with('#') {
            went.push_str(line);
            went.push('\n');
        } else if line == "arrive" || line == "small" {
            // What every story begins with is told once, in `entering_by_token.txt`. A small page is three messages, and
            // what was said before was read.
            let arrive = if line == "small" {
                ARRIVE
                    .replace("CHATHISTORY=1000", "CHATHISTORY=3")
                    .replace("T11:00:00.000Z", "T11:40:00.000Z")
            } else {
                ARRIVE.to_owned()
            };
            for line in arrive.lines() {
                stage.play(line);
            }
            went.push_str(line);
            went.push('\n');
        } else if !line.starts_with(['>', '+', '…', '!', '=']) {
            went.push_str(line);
            went.push('\n');
            went.push_str(&stage.play(line));
            stage.now = stage.now.plus_millis(1);
        }
    }
    went
}

fn stories() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut stories: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    stories.sort();
    stories
}

#[test]
fn every_story_goes_as_it_is_told() {
    let rewrites = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut wrong = Vec::new();
    for path in stories() {
        let told = std::fs::read_to_string(&path).unwrap();
        let went = perform(&told);
        if went == told {
            continue;
        }
        if rewrites {
            std::fs::write(&path, went).unwrap();
            continue;
        }
        let line = told
            .lines()
            .zip(went.lines())
            .position(|(told, went)| told != went);
        let line = line.unwrap_or_else(|| told.lines().count().min(went.lines().count()));
        wrong.push(format!(
            "{}:{}: told {:?}, went {:?}",
            path.display(),
            line + 1,
            told.lines().nth(line),
            went.lines().nth(line)
        ));
    }
    assert!(
        wrong.is_empty(),
        "{}\nUPDATE_EXPECT=1 rewrites them",
        wrong.join("\n")
    );
    assert!(stories().len() >= 8);
}
