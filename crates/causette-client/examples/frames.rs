//! How long a frame takes while 10 000 messages are scrolled through: `cargo run --release -p causette-client --example
//! frames`. The bound is 16 ms, one frame at 60 a second.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints, and what fails ends it"
)]

use causette_client::core::client::{Client, Settings};
use causette_client::core::command::Spelling;
use causette_client::core::input::{Input, Intent, Way};
use causette_client::core::limits::ENTRIES_MAX;
use causette_client::core::locale::Locale;
use causette_client::face::tui::draw::draw;
use causette_client::face::tui::screen::{Scene, Screen, Scroll};
use causette_client::face::tui::theme::Palette;
use causette_client::transport::Protection;
use causette_proto::{Message, Timestamp};
use causette_text::Language;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::time::{Duration, Instant};

/// The bound of one frame.
const FRAME: Duration = Duration::from_millis(16);

fn main() {
    let mut client = Client::new(Settings {
        locale: Locale::utc(Language::Fr),
        spelling: Spelling::default(),
        channels: Vec::new(),
        home: "#general".into(),
        device: "desk".to_owned(),
        wants_token: false,
        attended: true,
        tells_typing: true,
        follows: true,
        keeps: true,
        seed: 1,
    });
    let begin = Timestamp::parse("2026-11-01T00:00:00Z").unwrap();
    let mut hear = |input: Input| client.handle(begin, input, &mut Vec::new());
    hear(Input::Intent(Intent::Enter(Way::Guest {
        nick: "amy".into(),
    })));
    hear(Input::Opened);
    let lines = [
        "CAP * LS :server-time message-tags",
        "CAP * ACK :message-tags server-time",
        ":s 001 amy :hi",
        ":s 376 amy :end",
        ":amy!a@h JOIN #general",
    ];
    for line in lines {
        hear(Input::Line(Message::parse(line.as_bytes()).unwrap()));
    }
    for number in 0..ENTRIES_MAX {
        let time = begin.plus_seconds(i64::try_from(number).unwrap() * 37);
        let words = "Le café est ouvert, et 日本語 aussi 👍 ".repeat(number % 9 + 1);
        let line = format!(
            "@time={time};msgid=m{number} :n{}!u@h PRIVMSG #general :{words}",
            number % 40
        );
        hear(Input::Line(Message::parse(line.as_bytes()).unwrap()));
    }
    let mut screen = Screen::new(Palette::Sixteen);
    let mut terminal = Terminal::new(TestBackend::new(160, 50)).unwrap();
    let mut frames = Vec::new();
    let mut frame = |client: &Client, screen: &mut Screen| {
        let scene = Scene {
            client,
            server: "chat.example.org".to_owned(),
            protection: Protection::Clear,
            now: begin,
        };
        let begun = Instant::now();
        terminal.draw(|frame| draw(&scene, screen, frame)).unwrap();
        frames.push(begun.elapsed());
    };
    frame(&client, &mut screen);
    let ids: Vec<_> = client
        .current()
        .timeline
        .entries()
        .map(|entry| entry.id)
        .collect();
    for id in ids.iter().rev().step_by(3) {
        screen.scroll = Scroll::At(*id, 0);
        frame(&client, &mut screen);
    }
    frames.sort_unstable();
    let at = |part: usize| frames[(frames.len() * part / 1000).min(frames.len() - 1)];
    println!(
        "{} messages, {} frames of 160 x 50: median {:?}, p99 {:?}, slowest {:?}; bound {FRAME:?}",
        ids.len(),
        frames.len(),
        at(500),
        at(990),
        frames[frames.len() - 1]
    );
    assert!(at(990) < FRAME, "scrolling lags");
}
