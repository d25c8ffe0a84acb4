//! The face that draws a screen.

pub mod act;
pub mod draw;
pub mod screen;
pub mod theme;

mod boxes;
mod complete;
mod line;
mod lists;
mod notice;
mod pane;
mod paper;
mod point;
mod wrap;

use crate::core::buffer::BufferId;
use crate::core::entry::EntryId;
use crate::core::input::Intent;
use crate::core::output::{Arrival, Output};
use crate::driver::Driver;
use crate::ending::Ending;
use crate::exit::{Exit, Trouble};
use act::After;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture, Event,
};
use crossterm::execute;
use crossterm::terminal::SetTitle;
use notice::Notifier;
use ratatui::DefaultTerminal;
use screen::{Scene, Screen};
use std::io::{Write as _, stdout};
use std::thread;
use std::time::Duration;
use theme::{Palette, Theme};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Events of the terminal that wait: a paste is one, a held key is many.
const EVENTS_WAITING: usize = 256;

/// Between two drawings at least.
const FRAME: Duration = Duration::from_millis(16);

/// Between two calls for attention at least.
const CALL_EVERY: Duration = Duration::from_secs(3);

/// Talks on a screen until the person leaves.
///
/// # Errors
/// The trust or the terminal fails.
pub async fn run(driver: Driver, before: Vec<Output>) -> Result<Exit, Trouble> {
    let palette = if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        Palette::Mono
    } else {
        Palette::Sixteen
    };
    // Takes the terminal, and gives it back when the program panics.
    let terminal = ratatui::try_init()?;
    let _ = execute!(
        stdout(),
        EnableBracketedPaste,
        EnableFocusChange,
        EnableMouseCapture
    );
    let mut tui = Tui {
        driver,
        terminal,
        screen: Screen::new(palette),
        events: read_events(),
        has_ended: false,
        title: String::new(),
        called: None,
        notifier: Notifier::of_terminal(),
        refused: None,
    };
    tui.take(before);
    // The lines at the door are on the screen behind this one.
    for greeting in tui.driver.take_greetings() {
        tui.want(Intent::Tell(greeting));
    }
    let result = tui.talk().await;
    let _ = execute!(
        stdout(),
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        SetTitle("")
    );
    ratatui::restore();
    let left = !tui.driver.client().outbox().is_empty();
    tui.driver.finish().await;
    result?;
    Ok(if left { Exit::Partly } else { Exit::Done })
}

/// Reads the terminal on a thread of its own: such a read cannot be given up.
fn read_events() -> mpsc::Receiver<Event> {
    let (tell, events) = mpsc::channel(EVENTS_WAITING);
    thread::spawn(move || {
        while let Ok(event) = crossterm::event::read() {
            if tell.blocking_send(event).is_err() {
                return;
            }
        }
    });
    events
}

struct Tui {
    driver: Driver,
    terminal: DefaultTerminal,
    screen: Screen,
    events: mpsc::Receiver<Event>,
    has_ended: bool,
    title: String,
    called: Option<Instant>,
    notifier: Notifier,
    /// Why the server does not let this device in any more.
    refused: Option<Trouble>,
}

impl Tui {
    async fn talk(&mut self) -> Result<(), Trouble> {
        let mut ending = Ending::new()?;
        let mut must_draw = true;
        let mut drawn = Instant::now() - FRAME;
        while !self.has_ended {
            let next_frame = must_draw.then_some(drawn + FRAME);
            let countdown = self.countdown();
            tokio::select! {
                () = until(next_frame) => {
                    must_draw = self.draw()?;
                    drawn = Instant::now();
                }
                Some(event) = self.events.recv() => must_draw |= self.event(&event),
                outputs = self.driver.next() => {
                    must_draw |= !outputs.is_empty();
                    self.take(outputs);
                    super::verb::check_failure(&self.driver)?;
                    if let Some(refused) = self.refused.take() {
                        return Err(refused);
                    }
                }
                // The last seconds before the next try are counted down.
                () = until(countdown) => must_draw = true,
                () = ending.asked() => self.want(Intent::Quit(String::new())),
            }
        }
        Ok(())
    }

    fn countdown(&self) -> Option<Instant> {
        self.driver
            .client()
            .link()
            .retry_at
            .map(|_| Instant::now() + Duration::from_secs(1))
    }

    /// Says whether something has changed by being seen.
    fn draw(&mut self) -> Result<bool, Trouble> {
        self.screen.follow(self.driver.client());
        let scene = Scene::of(&self.driver);
        let screen = &mut self.screen;
        self.terminal
            .draw(|frame| draw::draw(&scene, screen, frame))?;
        Ok(self.look())
    }

    /// What is on the screen now was seen, and its top may call for more.
    fn look(&mut self) -> bool {
        let current = self.driver.client().current().id;
        let mut outputs = Vec::new();
        for intent in self.screen.seen(self.driver.client()) {
            outputs.extend(self.driver.intend(intent));
        }
        if self.screen.shows_top {
            outputs.extend(self.driver.intend(Intent::Older(current)));
        }
        let has_changed = !outputs.is_empty();
        self.take(outputs);
        let (unread, mentions) = self.driver.client().unread();
        let title = match (mentions, unread) {
            (0, 0) => "Causette".to_owned(),
            (0, _) => "• Causette".to_owned(),
            (mentions, _) => format!("({mentions}) Causette"),
        };
        if title != self.title {
            let _ = execute!(stdout(), SetTitle(&title));
            self.title = title;
        }
        has_changed
    }

    /// Says whether something must be drawn anew.
    fn event(&mut self, event: &Event) -> bool {
        let scene = Scene::of(&self.driver);
        let (after, intents) = act::event(&scene, &mut self.screen, event);
        for intent in intents {
            self.want(intent);
        }
        if let After::Copy(text) = &after {
            copy(text);
        }
        after != After::Nothing
    }

    fn want(&mut self, intent: Intent) {
        let outputs = self.driver.intend(intent);
        self.take(outputs);
    }

    fn take(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Ended => self.has_ended = true,
                Output::Arrival(Arrival::Refused(refused)) => {
                    self.refused = Some(Trouble::new(Exit::Credentials, refused.text));
                }
                Output::Set(key, value) => self.set(&key, &value),
                Output::Attention(buffer, entry) if !self.screen.has_focus => {
                    self.call(buffer, entry);
                }
                _ => {}
            }
        }
        if let Some(trouble) = self.driver.take_trouble() {
            // It stands in the conversation, and calls for nothing else.
            drop(self.driver.intend(Intent::Tell(trouble)));
        }
    }

    fn set(&mut self, key: &str, value: &str) {
        match (key, value) {
            ("theme", "16") => self.screen.theme = Theme::new(Palette::Sixteen),
            ("theme", "mono") => self.screen.theme = Theme::new(Palette::Mono),
            _ => {
                let variables = [("name", key), ("known", "theme 16|mono")];
                let text = self
                    .driver
                    .locale()
                    .text_with("client-no-setting", &variables);
                drop(self.driver.intend(Intent::Tell(text)));
            }
        }
    }

    /// Rings, when the person looks elsewhere.
    fn call(&mut self, buffer: BufferId, entry: EntryId) {
        let now = Instant::now();
        if self.called.is_some_and(|called| called + CALL_EVERY > now) {
            return;
        }
        self.called = Some(now);
        let place = self.driver.client().buffer(buffer);
        let said = place.and_then(|place| place.timeline.get(entry)?.said());
        let words = match (said, place) {
            (Some(said), Some(place)) if said.from != place.name => {
                format!("{} · {}", said.from, place.name)
            }
            (Some(said), _) => said.from.to_string(),
            (None, _) => self.driver.address().name(),
        };
        let mut out = stdout();
        let _ = out
            .write_all(self.notifier.write(&words).as_bytes())
            .and_then(|()| out.flush());
    }
}

/// Gives a text to the terminal's clipboard, where it takes one. OSC 52:
/// <https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h3-Operating-System-Commands>
fn copy(text: &str) {
    use base64::Engine as _;
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    let mut out = stdout();
    let _ = write!(out, "\x1b]52;c;{encoded}\x07").and_then(|()| out.flush());
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
