//! The face that draws a screen.

pub mod act;
pub mod draw;
pub mod keys;
pub mod screen;
pub mod theme;

mod alarm;
mod boxes;
mod carrying;
mod complete;
mod line;
mod lists;
mod notice;
mod pane;
mod paper;
mod point;
pub(crate) mod wrap;

use crate::core::buffer::BufferId;
use crate::core::entry::EntryId;
use crate::core::input::Intent;
use crate::core::output::{Arrival, Output};
use crate::driver::Driver;
use crate::ending::{self, Call, Ending};
use crate::exit::{Exit, Trouble};
use act::After;
use crossterm::cursor::Show;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
    EnableFocusChange, EnableMouseCapture, Event,
};
use crossterm::execute;
use crossterm::style::{Attribute, SetAttribute};
use crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, SetTitle, disable_raw_mode,
    enable_raw_mode,
};
use keys::Decoder;
use notice::Notifier;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{DefaultTerminal, Terminal};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use screen::{Scene, Screen};
use std::io::{Write as _, stdout};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use theme::{Palette, Theme};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// Events of the terminal that wait: a paste is one, a held key is many.
const EVENTS_WAITING: usize = 256;

/// Bytes of the terminal that are read at once.
const READ_BYTES: usize = 4_096;

/// Between two drawings at least.
const FRAME: Duration = Duration::from_millis(16);

/// Between two calls for attention at least.
const CALL_EVERY: Duration = Duration::from_secs(3);

/// Talks on a screen until the person leaves.
///
/// # Errors
/// The trust or the terminal fails.
pub async fn run(driver: Driver, before: Vec<Output>, mut ending: Ending) -> Result<Exit, Trouble> {
    let palette = if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        Palette::Mono
    } else {
        Palette::Sixteen
    };
    let terminal = init()?;
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
        death: None,
    };
    tui.take(before);
    // The lines at the door are on the screen behind this one.
    for greeting in tui.driver.take_greetings() {
        tui.want(Intent::Tell(greeting));
    }
    let result = tui.talk(&mut ending).await;
    give_back();
    if let Some(status) = tui.death {
        tui.driver.finish().await;
        std::process::exit(status.into());
    }
    let left = !tui.driver.client().outbox().is_empty();
    tui.driver.finish().await;
    result?;
    Ok(if left { Exit::Partly } else { Exit::Done })
}

/// Whether the terminal is taken, so that it is given back once and not twice.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Takes the terminal, and gives it back when the program panics.
fn init() -> std::io::Result<DefaultTerminal> {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        give_back();
        hook(info);
    }));
    take().inspect_err(|_| give_back())
}

fn take() -> std::io::Result<DefaultTerminal> {
    take_screen()?;
    Terminal::new(CrosstermBackend::new(stdout()))
}

/// Takes the screen, whatever stands on it: a program that was killed has left its own there, and then entering the second
/// screen clears nothing. Tells the terminal what is wanted of it besides keys.
fn take_screen() -> std::io::Result<()> {
    IS_TAKEN.store(true, Ordering::Relaxed);
    enable_raw_mode()?;
    execute!(
        stdout(),
        EnterAlternateScreen,
        SetAttribute(Attribute::Reset),
        Clear(ClearType::All),
        EnableBracketedPaste,
        EnableFocusChange,
        EnableMouseCapture
    )
}

/// Gives the terminal back as it was: on every way out, since a program that is stopped or dies of a signal drops nothing.
fn give_back() {
    if !IS_TAKEN.swap(false, Ordering::Relaxed) {
        return;
    }
    // A terminal that is gone needs nothing.
    let _ = disable_raw_mode();
    let _ = execute!(
        stdout(),
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        SetTitle(""),
        LeaveAlternateScreen,
        Show
    );
}

/// Reads the terminal on a thread of its own: such a read cannot be given up.
fn read_events() -> mpsc::Receiver<Event> {
    let (tell, events) = mpsc::channel(EVENTS_WAITING);
    thread::spawn(move || {
        let stdin = rustix::stdio::stdin();
        let mut decoder = Decoder::default();
        let mut bytes = [0; READ_BYTES];
        let mut understood = Vec::new();
        loop {
            if decoder.waits().is_some_and(is_quiet_for) {
                decoder.quiet(&mut understood);
            } else {
                match rustix::io::read(stdin, &mut bytes) {
                    Ok(count) if count > 0 => {
                        decoder.push(std::time::Instant::now(), &bytes[..count], &mut understood);
                    }
                    Err(Errno::INTR) => {}
                    // The terminal is gone.
                    _ => return,
                }
            }
            for event in understood.drain(..) {
                if tell.blocking_send(event).is_err() {
                    return;
                }
            }
        }
    });
    events
}

/// Whether nothing comes from the terminal for so long.
fn is_quiet_for(time: Duration) -> bool {
    let mut stdin = [PollFd::from_borrowed_fd(
        rustix::stdio::stdin(),
        PollFlags::IN,
    )];
    let time = Timespec::try_from(time).ok();
    loop {
        match poll(&mut stdin, time.as_ref()) {
            // A signal tells nothing of the terminal.
            Err(Errno::INTR) => {}
            found => return found == Ok(0),
        }
    }
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
    /// The status with which a signal wants the program to die.
    death: Option<u8>,
}

impl Tui {
    async fn talk(&mut self, ending: &mut Ending) -> Result<(), Trouble> {
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
                call = ending.next() => match call {
                    Call::End => self.want(Intent::Quit(String::new())),
                    Call::Die(status) => {
                        self.death = Some(status);
                        return Ok(());
                    }
                    Call::Suspend => {
                        give_back();
                        ending::stop();
                        self.take_terminal()?;
                        must_draw = true;
                    }
                    Call::Resume => {
                        // Somebody else has had the terminal meanwhile.
                        self.take_terminal()?;
                        must_draw = true;
                    }
                    Call::Resize => must_draw = true,
                },
            }
        }
        Ok(())
    }

    /// Takes the terminal again, whatever state it is in.
    fn take_terminal(&mut self) -> Result<(), Trouble> {
        let _ = disable_raw_mode();
        take_screen()?;
        // What was asked for while nobody looked.
        self.title.clear();
        // Draws everything anew, and asks the terminal nothing: its answer would come among the keys.
        let size = self.terminal.size()?;
        let area = Rect::new(0, 0, size.width, size.height);
        self.terminal.resize(area)?;
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
        match &after {
            After::Copy(text) => copy(text),
            After::Suspend => ending::suspend(),
            After::Nothing | After::Draw => {}
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
                    self.refused = Some(super::verb::sign_out(&mut self.driver, &refused));
                }
                Output::Long { .. } | Output::Untaken(..) => {
                    self.screen.take_back(self.driver.client(), &output);
                }
                Output::Set(key, value) => self.set(&key, &value),
                Output::Attention(buffer, entry) => {
                    self.screen.alarm(self.driver.client(), buffer, entry);
                    if !self.screen.has_focus {
                        self.call(buffer, entry);
                    }
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
