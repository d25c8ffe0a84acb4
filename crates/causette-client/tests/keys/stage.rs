//! A person before a screen, without a terminal: keys go in, and what follows from them comes out.

use causette_client::core::client::{Client, Settings};
use causette_client::core::command::Spelling;
use causette_client::core::entry::Manner;
use causette_client::core::input::{Input, Intent, SecretKind, Way};
use causette_client::core::locale::Locale;
use causette_client::core::output::Output;
use causette_client::face::tui::act;
use causette_client::face::tui::draw::draw;
use causette_client::face::tui::screen::{Scene, Screen};
use causette_client::face::tui::theme::Palette;
use causette_client::transport::Protection;
use causette_proto::{Message, Secret, Timestamp};
use causette_text::Language;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const GREETING: &str = ":s CAP * LS :message-tags server-time batch labeled-response echo-message sasl draft/read-marker away-notify draft/message-redaction soju.im/search
:s CAP * ACK :message-tags server-time batch labeled-response echo-message sasl draft/read-marker away-notify draft/message-redaction soju.im/search
AUTHENTICATE +
:s 900 amy a amy :ok
:s 903 amy :ok
:s 001 amy :hi
:s 005 amy CASEMAPPING=ascii CHANTYPES=# PREFIX=(qaohv)~&@%+ :are supported
:s 376 amy :end
:amy!a@h JOIN #general
:s MARKREAD #general *
:s 353 amy = #general :amy bob
:s 366 amy #general :End
:amy!a@h JOIN #tea
:s MARKREAD #tea *
:s 353 amy = #tea :amy bob
:s 366 amy #tea :End";

pub(crate) struct Stage {
    pub(crate) client: Client,
    pub(crate) screen: Screen,
    language: Language,
    now: Timestamp,
}

impl Stage {
    /// Somebody who is in two channels and looks at the first.
    pub(crate) fn new(language: Language) -> Self {
        let client = Client::new(settings(language));
        let mut stage = Self::with(client, language);
        stage.arrive();
        stage
    }

    fn with(client: Client, language: Language) -> Self {
        Self {
            client,
            screen: Screen::new(Palette::Mono),
            language,
            now: Timestamp::parse("2026-11-20T14:30:00.000Z").unwrap(),
        }
    }

    fn arrive(&mut self) {
        self.handle(Input::Intent(Intent::Enter(Way::SignIn {
            account: "amy".into(),
            secret: Secret::new("token"),
            kind: SecretKind::Token,
        })));
        self.open_again();
    }

    /// The connection is there, for the first time or again.
    pub(crate) fn open_again(&mut self) -> Vec<Output> {
        let mut out = self.handle(Input::Intent(Intent::Connect));
        out.append(&mut self.handle(Input::Opened));
        for line in GREETING.lines() {
            out.append(&mut self.hear(line));
        }
        out
    }

    /// The same person, who has closed the program and opened it again.
    pub(crate) fn restart(self) -> Self {
        let mut client = Client::new(settings(self.language));
        client.restore(self.client.keepsake());
        let mut stage = Self::with(client, self.language);
        stage.arrive();
        stage
            .screen
            .set_typed(&stage.client.current().draft.clone());
        stage.draw(80, 24);
        stage
    }

    pub(crate) fn handle(&mut self, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        self.now = self.now.plus_millis(1);
        self.client.handle(self.now, input, &mut out);
        for output in &out {
            if let &Output::Attention(buffer, entry) = output {
                self.screen.alarm(&self.client, buffer, entry);
            }
        }
        out
    }

    pub(crate) fn hear(&mut self, line: &str) -> Vec<Output> {
        self.handle(Input::Line(Message::parse(line.as_bytes()).unwrap()))
    }

    pub(crate) fn event(&mut self, event: &Event) -> Vec<Output> {
        let scene = Scene {
            client: &self.client,
            server: "chat.example.org".to_owned(),
            protection: Protection::Tls("TLS 1.3"),
            now: self.now,
        };
        let (_, intents) = act::event(&scene, &mut self.screen, event);
        let mut all = Vec::new();
        for intent in intents {
            for output in self.handle(Input::Intent(intent)) {
                self.screen.take_back(&self.client, &output);
                all.push(output);
            }
        }
        all
    }

    /// So much waits to be sent that no more is taken.
    pub(crate) fn fill_outbox(&mut self) {
        while self.client.outbox().room() > 0 {
            self.handle(Input::Intent(Intent::Post {
                target: "carol".into(),
                text: "waiting".to_owned(),
                manner: Manner::Message,
                reply_to: None,
                behind: None,
            }));
        }
    }

    pub(crate) fn press(&mut self, key: KeyCode) -> Vec<Output> {
        self.press_with(key, KeyModifiers::NONE)
    }

    pub(crate) fn press_with(&mut self, key: KeyCode, modifiers: KeyModifiers) -> Vec<Output> {
        self.event(&Event::Key(KeyEvent::new(key, modifiers)))
    }

    pub(crate) fn write(&mut self, text: &str) {
        for letter in text.chars() {
            self.press(KeyCode::Char(letter));
        }
    }

    /// Presses Enter; gives what is said by it, and to whom.
    pub(crate) fn send(&mut self) -> Vec<(String, String)> {
        let out = self.press(KeyCode::Enter);
        said(&out)
    }

    /// Draws as the terminal does, until nothing changes by being seen; gives the screen.
    pub(crate) fn look(&mut self) -> String {
        for _ in 0..10 {
            let screen = self.draw(80, 24);
            let seen = self.screen.seen(&self.client);
            let intents = seen.into_iter().map(Input::Intent);
            let out: Vec<Output> = intents.flat_map(|intent| self.handle(intent)).collect();
            if out.is_empty() {
                return screen;
            }
        }
        panic!("it is drawn again and again");
    }

    /// What is on a screen of that size.
    pub(crate) fn draw(&mut self, columns: u16, rows: u16) -> String {
        self.screen.follow(&self.client);
        let scene = Scene {
            client: &self.client,
            server: "chat.example.org".to_owned(),
            protection: Protection::Tls("TLS 1.3"),
            now: self.now,
        };
        let screen = &mut self.screen;
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| draw(&scene, screen, frame)).unwrap();
        terminal.backend().to_string()
    }
}

/// What goes to the server to be said, and to whom.
pub(crate) fn said(out: &[Output]) -> Vec<(String, String)> {
    let lines = out.iter().filter_map(|output| match output {
        Output::Send(message) => Some(message),
        _ => None,
    });
    lines
        .filter(|message| matches!(message.command.as_str(), "PRIVMSG" | "NOTICE"))
        .map(|message| (message.params[0].to_string(), message.params[1].to_string()))
        .collect()
}

fn settings(language: Language) -> Settings {
    Settings {
        locale: Locale::utc(language),
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
    }
}
