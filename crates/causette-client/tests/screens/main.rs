//! Screens as text: what the full-screen face draws of scenes, at several sizes and in both languages.
//! `UPDATE_EXPECT=1` writes them anew.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod files;

use causette_client::core::client::{Client, Settings};
use causette_client::core::command::Spelling;
use causette_client::core::input::{Input, Intent, SecretKind, Way};
use causette_client::core::locale::Locale;
use causette_client::core::output::Output;
use causette_client::face::tui::act::{After, event};
use causette_client::face::tui::draw::draw;
use causette_client::face::tui::screen::{Overlay, Scene, Screen, Scroll};
use causette_client::face::tui::theme::Palette;
use causette_client::transport::Protection;
use causette_proto::{CompactString, Message, Secret, Timestamp};
use causette_text::Language;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::style::Color;
use std::path::Path;
use unicode_width::UnicodeWidthStr as _;

const NOW: &str = "2026-11-20T14:30:00.000Z";

fn now() -> Timestamp {
    Timestamp::parse(NOW).unwrap()
}

fn settings(language: Language) -> Settings {
    Settings {
        locale: Locale::utc(language),
        spelling: Spelling::default(),
        channels: Vec::new(),
        home: "#général".into(),
        device: "desk".to_owned(),
        wants_token: false,
        attended: true,
        tells_typing: true,
        follows: true,
        keeps: true,
        seed: 7,
    }
}

struct Stage(Client);

impl Stage {
    /// A person who has just come in.
    fn new(language: Language) -> Self {
        let mut stage = Self(Client::new(settings(language)));
        stage.intend(Intent::Enter(Way::SignIn {
            account: "Amélie".into(),
            secret: Secret::new("token"),
            kind: SecretKind::Token,
        }));
        stage.handle(Input::Opened);
        stage.hear(
            ":s CAP * LS :message-tags server-time batch labeled-response echo-message sasl draft/read-marker away-notify
:s CAP * ACK :message-tags server-time batch labeled-response echo-message sasl draft/read-marker away-notify
AUTHENTICATE +
:s 900 Amélie a Amélie :ok
:s 903 Amélie :ok
:s 001 Amélie :hi
:s 005 Amélie CASEMAPPING=ascii CHANTYPES=# PREFIX=(qaohv)~&@%+ NETWORK=Mairie :are supported
:s 376 Amélie :end",
        );
        stage
    }

    /// A morning in a few rooms.
    fn morning(language: Language) -> Self {
        let mut stage = Self::new(language);
        stage.hear(
            ":Amélie!a@h JOIN #général
:s MARKREAD #général timestamp=2026-11-20T14:06:30.000Z
:s 332 Amélie #général :Réunion lundi 9 h
:s 353 Amélie = #général :@alice Amélie bob +chloé
:s 366 Amélie #général :End
:Amélie!a@h JOIN #dev
:s MARKREAD #dev timestamp=2026-11-20T14:00:00.000Z
:Amélie!a@h JOIN #café
:s MARKREAD #café timestamp=2026-11-20T14:00:00.000Z
:chloé!c@h AWAY :déjeuner
@time=2026-11-19T18:40:12.000Z;msgid=m0 :chloé!c@h PRIVMSG #général :À demain !
@time=2026-11-20T14:02:00.000Z;msgid=m1 :alice!a@h PRIVMSG #général :Quelqu'un a le compte rendu ?
@time=2026-11-20T14:03:00.000Z;msgid=m2 :bob!b@h PRIVMSG #général :Oui, le voici : c'est un texte assez long pour qu'il doive continuer sur une deuxième ligne, et peut-être même sur une troisième.
@time=2026-11-20T14:03:20.000Z;msgid=m3 :bob!b@h PRIVMSG #général :(il est aussi sur le site)
@+reply=m2;+draft/react=👍 :alice!a@h TAGMSG #général
@+reply=m2;+draft/react=👍 :chloé!c@h TAGMSG #général
@+reply=m2;+draft/react=🎉 :Amélie!c@h TAGMSG #général
@time=2026-11-20T14:05:00.000Z;msgid=m4;+reply=m2 :Amélie!a@h PRIVMSG #général :Merci ! Je le relis ce soir.
@time=2026-11-20T14:06:00.000Z;msgid=m5 :chloé!c@h PRIVMSG #général :mauvais salon
:chloé!c@h REDACT #général m5
@time=2026-11-20T14:07:00.000Z :eve!e@h JOIN #général
@time=2026-11-20T14:07:10.000Z :mallory!e@h JOIN #général
@time=2026-11-20T14:07:20.000Z :mallory!e@h PART #général
@time=2026-11-20T14:11:00.000Z;msgid=m6 :bob!b@h PRIVMSG #général :@Amélie tu peux valider la page 4 ?
@time=2026-11-20T14:12:00.000Z;msgid=m7 :alice!a@h PRIVMSG #dev :le serveur est prêt
@time=2026-11-20T14:12:00.000Z;msgid=m8 :alice!a@h PRIVMSG Amélie :tu as une minute ?
@time=2026-11-20T14:13:00.000Z;msgid=m9 :bob!b@h PRIVMSG #général :\u{1}ACTION attend\u{1}
@+typing=active :bob!b@h TAGMSG #général",
        );
        let general = stage.0.find("#général").unwrap();
        stage.intend(Intent::Open(general));
        stage
    }

    fn handle(&mut self, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        self.0.handle(now(), input, &mut out);
        out
    }

    fn intend(&mut self, intent: Intent) -> Vec<Output> {
        self.handle(Input::Intent(intent))
    }

    fn hear(&mut self, lines: &str) {
        for line in lines.lines() {
            self.handle(Input::Line(Message::parse(line.as_bytes()).unwrap()));
        }
    }

    fn draw(&self, screen: &mut Screen, columns: u16, rows: u16) -> Buffer {
        let scene = Scene {
            client: &self.0,
            server: "chat.exemple.fr".to_owned(),
            protection: Protection::Tls("TLS 1.3"),
            now: now(),
        };
        let mut terminal = Terminal::new(TestBackend::new(columns, rows)).unwrap();
        terminal.draw(|frame| draw(&scene, screen, frame)).unwrap();
        terminal.backend().buffer().clone()
    }

    fn text(&self, screen: &mut Screen, columns: u16, rows: u16) -> String {
        as_text(&self.draw(screen, columns, rows))
    }
}

/// The screen as it is read; a wide character stands for the two cells that it takes.
fn as_text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut line = String::new();
        let mut x = 0;
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(symbol.width().max(1)).unwrap();
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Compares a screen with the one that is kept.
fn check(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/screens")
        .join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, text).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == text,
        "{name} is drawn differently (UPDATE_EXPECT=1 keeps it):\n{text}"
    );
}

fn tag(language: Language) -> &'static str {
    language.tag()
}

#[test]
fn a_morning_is_drawn_at_every_size_in_both_languages() {
    for language in Language::ALL {
        for (columns, rows) in [(80, 24), (104, 24), (160, 50), (40, 14)] {
            let stage = Stage::morning(language);
            let text = stage.text(&mut Screen::new(Palette::Sixteen), columns, rows);
            check(
                &format!("morning-{}-{columns}x{rows}", tag(language)),
                &text,
            );
        }
    }
}

#[test]
fn a_tiny_window_says_that_it_is() {
    let stage = Stage::morning(Language::Fr);
    let mut screen = Screen::new(Palette::Sixteen);
    assert!(stage.text(&mut screen, 19, 5).contains("fenêtre"));
    check("tiny-fr-20x5", &stage.text(&mut screen, 20, 5));
}

#[test]
fn what_people_and_rooms_are_called_beside_their_names_is_drawn() {
    let mut stage = Stage::morning(Language::Fr);
    stage.hear(
        ":s 761 * alice display-name * :Alice Martin
:s 761 * bob display-name * :Un nom qui est bien plus long que la place qu'il y a
:s 761 * #général display-name * :La grande salle
:s 761 * alice avatar * :https://exemple.fr/alice.png",
    );
    let mut screen = Screen::new(Palette::Sixteen);
    check("called-fr-104x24", &stage.text(&mut screen, 104, 24));
    let alice = stage.0.find("alice").unwrap();
    stage.intend(Intent::Open(alice));
    check("called-alone-fr-80x24", &stage.text(&mut screen, 80, 24));
}

#[test]
fn what_is_open_above_the_conversation_is_drawn() {
    let stage = Stage::morning(Language::En);
    let mut screen = Screen::new(Palette::Sixteen);
    screen.overlay = Overlay::Switcher("a".to_owned(), 1);
    check("switcher-en-80x24", &stage.text(&mut screen, 80, 24));
    screen.overlay = Overlay::Help(3);
    check("help-en-80x24", &stage.text(&mut screen, 80, 24));
    screen.overlay = Overlay::Members(0);
    check("members-en-80x24", &stage.text(&mut screen, 80, 24));
    screen.overlay = Overlay::Buffers(None);
    check("buffers-en-50x16", &stage.text(&mut screen, 50, 16));
    // With no room for all, the current one is seen, and what was scrolled to.
    let shown = stage.text(&mut screen, 40, 8);
    assert!(
        shown.contains("│▌ #général") && !shown.contains("│  alice"),
        "{shown}"
    );
    screen.overlay = Overlay::Buffers(Some(usize::MAX));
    let shown = stage.text(&mut screen, 40, 8);
    assert!(shown.contains("│  alice"), "{shown}");
    screen.overlay = Overlay::Members(usize::MAX);
    let shown = stage.text(&mut screen, 40, 9);
    assert!(
        shown.contains("eve") && !shown.contains("alice (you)"),
        "{shown}"
    );
}

#[test]
fn a_message_that_is_pointed_at_is_seen_without_colours() {
    let stage = Stage::morning(Language::En);
    let mut screen = Screen::new(Palette::Mono);
    let entries = stage.0.current().timeline.entries();
    screen.selected = entries
        .rev()
        .find(|entry| entry.said().is_some())
        .map(|entry| entry.id);
    let buffer = stage.draw(&mut screen, 104, 24);
    let is_reversed =
        |cell: &ratatui::buffer::Cell| cell.modifier.contains(ratatui::style::Modifier::REVERSED);
    assert!(buffer.content().iter().any(is_reversed));
    for cell in buffer.content() {
        assert_eq!(
            (cell.fg, cell.bg),
            (Color::Reset, Color::Reset),
            "NO_COLOR means none"
        );
    }
    check("selected-en-104x24", &as_text(&buffer));
}

#[test]
fn wide_characters_emoji_and_right_to_left_stay_in_their_columns() {
    let mut stage = Stage::new(Language::En);
    stage.hear(
        ":Amélie!a@h JOIN #世界
:s 353 Amélie = #世界 :@田中 Amélie שרה
:s 366 Amélie #世界 :End
@time=2026-11-20T14:02:00.000Z;msgid=m1 :田中!a@h PRIVMSG #世界 :これは長い日本語の文章で、二行目に続くほど長いはずです。そうでしょう？もう少し書いておきます。
@time=2026-11-20T14:03:00.000Z;msgid=m2 :שרה!a@h PRIVMSG #世界 :שלום לכולם
@time=2026-11-20T14:04:00.000Z;msgid=m3 :eve\u{202e}!a@h PRIVMSG #世界 :👩‍👩‍👧 👍🏽 ❤️ 🇫🇷 e\u{301}
@time=2026-11-20T14:05:00.000Z;msgid=m4 :bob!a@h PRIVMSG #世界 :https://example.org/a/very/long/path/that/nobody/can/break/between/words/so/it/is/broken/between/characters",
    );
    let text = stage.text(&mut Screen::new(Palette::Sixteen), 104, 16);
    check("wide-en-104x16", &text);
    for line in text.lines() {
        assert!(line.width() <= 104, "{line:?}");
    }
}

#[test]
fn a_topic_of_200_columns_and_a_full_line_are_cut_at_the_edge() {
    let mut stage = Stage::morning(Language::En);
    stage.hear(&format!(
        ":alice!a@h TOPIC #général :{}",
        "a long topic ".repeat(16)
    ));
    let mut screen = Screen::new(Palette::Sixteen);
    screen.set_typed(&"what I type is longer than the line ".repeat(4));
    check("long-en-80x24", &stage.text(&mut screen, 80, 24));
}

#[test]
fn what_waits_and_what_failed_stands_at_the_end() {
    let mut stage = Stage::morning(Language::Fr);
    let here = stage.0.current().id;
    let out = stage.intend(Intent::Submit(here, "Je regarde.".to_owned()));
    stage.intend(Intent::Submit(here, "Et voilà.".to_owned()));
    let label = |output: &Output| match output {
        Output::Send(line) => line.tags.get("label").map(CompactString::from),
        _ => None,
    };
    let label = out.iter().find_map(label).unwrap();
    stage.hear(&format!(
        "@label={label} FAIL PRIVMSG CANNOT_SEND #général :Le salon est modéré"
    ));
    stage.hear(":alice!a@h WALLOPS :Le serveur s'arrête à 18 h, pour une heure environ, le temps de changer un disque.");
    check(
        "outbox-fr-80x24",
        &stage.text(&mut Screen::new(Palette::Sixteen), 80, 24),
    );
    stage.handle(Input::Closed("le réseau est coupé".to_owned()));
    check(
        "offline-fr-80x24",
        &stage.text(&mut Screen::new(Palette::Sixteen), 80, 24),
    );
}

/// The screen that a person has just seen.
fn look(stage: &Stage, screen: &mut Screen, columns: u16, rows: u16) -> String {
    screen.follow(&stage.0);
    let text = stage.text(screen, columns, rows);
    screen.seen(&stage.0);
    text
}

/// Presses Esc.
fn escape(stage: &Stage, screen: &mut Screen) {
    let scene = Scene {
        client: &stage.0,
        server: "chat.exemple.fr".to_owned(),
        protection: Protection::Tls("TLS 1.3"),
        now: now(),
    };
    let key = Event::Key(KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
    assert_eq!(event(&scene, screen, &key).0, After::Draw);
}

#[test]
fn an_alert_is_seen_wherever_the_person_is_and_once() {
    for language in Language::ALL {
        let text = match language {
            Language::En => "ALERT: The server moves tonight, and will be away for an hour.",
            Language::Fr => "ALERTE : Le serveur déménage cette nuit et sera absent une heure.",
        };
        let alert =
            format!("@time=2026-11-20T14:20:00.000Z;causette/alert :s NOTICE Amélie :{text}");
        let mut stage = Stage::morning(language);
        let mut screen = Screen::new(Palette::Sixteen);
        let call = |stage: &mut Stage, screen: &mut Screen| {
            let line = Message::parse(alert.as_bytes()).unwrap();
            for output in stage.handle(Input::Line(line)) {
                if let Output::Attention(buffer, entry) = output {
                    screen.alarm(&stage.0, buffer, entry);
                }
            }
        };
        // In its place, where that is on the screen.
        call(&mut stage, &mut screen);
        let shown = look(&stage, &mut screen, 80, 24);
        check(&format!("alert-{}-80x24", tag(language)), &shown);
        // Seen there, it does not stand anywhere else.
        let dev = stage.0.find("#dev").unwrap();
        stage.intend(Intent::Open(dev));
        let shown = look(&stage, &mut screen, 80, 24);
        assert!(!shown.contains("ALERT"), "{shown}");
        // Above, where the person has scrolled away or looks at something else: until they press Esc.
        let oldest = stage.0.current().timeline.at(0).unwrap().id;
        screen.scroll = Scroll::At(oldest, 0);
        screen.overlay = Overlay::Help(0);
        call(&mut stage, &mut screen);
        screen.overlay = Overlay::None;
        let general = stage.0.find("#général").unwrap();
        stage.intend(Intent::Open(general));
        let shown = look(&stage, &mut screen, 80, 24);
        check(&format!("alert-above-{}-80x24", tag(language)), &shown);
        let shown = look(&stage, &mut screen, 30, 5);
        assert!(shown.contains("ALERT"), "{shown}");
        escape(&stage, &mut screen);
        assert!(!look(&stage, &mut screen, 80, 24).contains("Esc: seen"));
        let shown = look(&stage, &mut screen, 80, 24);
        assert_eq!(
            shown.matches("ALERT").count(),
            1,
            "the one of before: {shown}"
        );
    }
}

#[test]
fn who_is_put_out_reads_why_where_they_look() {
    for language in Language::ALL {
        let mut stage = Stage::morning(language);
        let reason = match language {
            Language::En => {
                "The administration has disconnected you. To object: chat@irc. Reason: noise"
            }
            Language::Fr => {
                "L'administration vous a déconnecté. Pour contester : chat@irc. Motif : bruit"
            }
        };
        stage.hear(&format!(":s KILL Amélie :x\nERROR :{reason}"));
        stage.handle(Input::Closed("closed".to_owned()));
        let shown = stage.text(&mut Screen::new(Palette::Sixteen), 80, 24);
        check(&format!("put-out-{}-80x24", tag(language)), &shown);
    }
}

#[test]
fn scrolling_stays_where_it_is_when_messages_arrive_and_the_width_changes() {
    let mut stage = Stage::new(Language::En);
    stage.hear(":Amélie!a@h JOIN #long");
    for number in 0..200 {
        let minute = number / 60 + 10;
        stage.hear(&format!(
            "@time=2026-11-20T{minute}:{:02}:00.000Z;msgid=m{number} :bob!b@h PRIVMSG #long :message {number} of many, {}",
            number % 60,
            "which goes on ".repeat(number % 7)
        ));
    }
    let mut screen = Screen::new(Palette::Sixteen);
    let long = stage.0.find("#long").unwrap();
    stage.intend(Intent::Open(long));
    let middle = stage.0.current().timeline.at(100).unwrap().id;
    screen.scroll = Scroll::At(middle, 0);
    let before = stage.text(&mut screen, 80, 24);
    stage.hear("@time=2026-11-20T14:25:00.000Z;msgid=new :bob!b@h PRIVMSG #long :one more");
    let after = stage.text(&mut screen, 80, 24);
    let first = |text: &str| text.lines().nth(2).unwrap().to_owned();
    assert_eq!(first(&before), first(&after));
    assert!(before.contains("message 100 of many"), "{before}");
    let wider = stage.text(&mut screen, 120, 30);
    assert!(wider.contains("message 100 of many"), "{wider}");
    screen.scroll = Scroll::Bottom;
    assert!(stage.text(&mut screen, 80, 24).contains("one more"));
}
