//! Where a plain face prints and reads: through a pipe, on a bare terminal, or with an editor of lines where the terminal has
//! one in it.

use super::paths;
use super::typist::{Restore, Typed, Typist};
use crate::core::buffer::BufferId;
use crate::core::hush;
use crate::ending::Modes;
use crate::lines::Lines;
use rustyline::completion::{Completer, Pair};
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{Context, Editor, ExternalPrinter, Helper};
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use tokio::sync::mpsc;

/// Lines of the person that wait to be handled.
const WAITING: usize = 64;

/// What the person does.
#[derive(Debug)]
pub(crate) enum Event {
    /// They sent a line; and in which conversation it was begun, where they type.
    Line(String, Option<BufferId>),
    /// Several lines came together, which nobody types: begun there.
    Pasted(String, Option<BufferId>),
    /// So many that nothing was taken of them.
    TooMuch,
    /// There is nothing more to read.
    End,
    /// They want to stop.
    Interrupt,
}

/// Where a plain face prints and reads.
pub(crate) enum Console {
    /// Nobody types: lines come from a pipe.
    Pipe {
        lines: Lines,
        /// Whether nobody reads what is printed.
        is_broken: bool,
    },
    /// A terminal of which nothing is asked.
    Bare {
        typist: Typist,
        events: mpsc::Receiver<Event>,
        restore: Restore,
    },
    /// A terminal on which a line can be edited.
    Editor {
        printer: Box<dyn ExternalPrinter + Send>,
        events: mpsc::Receiver<Event>,
        shared: Arc<Shared>,
        /// Lets the editor ask for the next line, under the prompt of then.
        go_on: std::sync::mpsc::SyncSender<()>,
        restore: Restore,
    },
}

/// What the thread of the editor needs to know.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    prompt: Mutex<String>,
    words: Mutex<Vec<String>>,
    /// Names of files that can be fetched.
    files: Mutex<Vec<String>>,
    /// Whether what is typed is said to a service that knows passwords.
    to_service: AtomicBool,
    /// The line as it is typed: the editor keeps none that Ctrl+C has ended.
    typed: Mutex<Begun>,
    /// The conversation that the person looks at.
    place: Mutex<Option<BufferId>>,
    /// The modes of the terminal while a line is typed.
    modes: OnceLock<Modes>,
}

/// A line that is being typed, and in which conversation it was begun.
#[derive(Debug, Default)]
struct Begun {
    line: String,
    place: Option<BufferId>,
}

/// Whether this terminal can have a line edited on it.
pub(super) fn is_capable() -> bool {
    let term = std::env::var("TERM").unwrap_or_default();
    !term.is_empty() && term != "dumb" && std::io::stdout().is_terminal()
}

impl Console {
    pub(crate) fn pipe(lines: Lines) -> Self {
        Self::Pipe {
            lines,
            is_broken: false,
        }
    }

    pub(crate) fn bare() -> Self {
        let typist = Typist::default();
        let (tell, events) = mpsc::channel(WAITING);
        let restore = Restore::new();
        let typing = typist.clone();
        thread::spawn(move || {
            typing.run(|typed| {
                let event = match typed {
                    Typed::Line(line, place) => Event::Line(line, place),
                    Typed::Pasted(text, place) => Event::Pasted(text, place),
                    Typed::TooMuch => Event::TooMuch,
                    Typed::End => Event::End,
                    Typed::Interrupt => Event::Interrupt,
                };
                tell.blocking_send(event).is_ok()
            });
        });
        Self::Bare {
            typist,
            events,
            restore,
        }
    }

    /// # Errors
    /// The terminal cannot be used.
    pub(crate) fn editor(prompt: &str) -> anyhow::Result<Self> {
        let restore = Restore::new();
        let shared = Arc::new(Shared::default());
        prompt.clone_into(&mut shared.prompt.lock().unwrap_or_else(PoisonError::into_inner));
        let mut editor = LineEditor::new()?;
        editor.set_helper(Some(Words(shared.clone())));
        let printer = Box::new(editor.create_external_printer()?);
        let (tell, events) = mpsc::channel(WAITING);
        let (go_on, may_go_on) = std::sync::mpsc::sync_channel(1);
        let asks = shared.clone();
        thread::spawn(move || {
            loop {
                let prompt = asks
                    .prompt
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                let event = match editor.readline(&prompt) {
                    Ok(line) => {
                        remember(&mut editor, &asks, &line);
                        Event::Line(line, asks.take_typed().place)
                    }
                    Err(ReadlineError::Interrupted) => {
                        let Begun { line, .. } = asks.take_typed();
                        if !line.is_empty() {
                            remember(&mut editor, &asks, &line);
                            continue;
                        }
                        Event::Interrupt
                    }
                    Err(_) => Event::End,
                };
                let is_end = matches!(event, Event::End);
                if tell.blocking_send(event).is_err() || is_end || may_go_on.recv().is_err() {
                    return;
                }
            }
        });
        Ok(Self::Editor {
            printer,
            events,
            shared,
            go_on,
            restore,
        })
    }

    /// Whether a person sees it.
    pub(crate) fn is_terminal(&self) -> bool {
        !matches!(self, Self::Pipe { .. })
    }

    /// Whether nobody reads any more what is printed.
    pub(crate) fn is_broken(&self) -> bool {
        matches!(
            self,
            Self::Pipe {
                is_broken: true,
                ..
            }
        )
    }

    /// Under which words the person types.
    pub(crate) fn set_prompt(&mut self, prompt: &str) {
        match self {
            Self::Pipe { .. } => {}
            Self::Bare { typist, .. } => typist.set_prompt(prompt),
            Self::Editor { shared, .. } => {
                prompt
                    .clone_into(&mut shared.prompt.lock().unwrap_or_else(PoisonError::into_inner));
            }
        }
    }

    /// Whether what is typed is said to a service that knows passwords.
    pub(crate) fn set_to_service(&mut self, is_to_service: bool) {
        if let Self::Editor { shared, .. } = self {
            shared.to_service.store(is_to_service, Ordering::Relaxed);
        }
    }

    /// Which conversation the person looks at: there a line begins.
    pub(crate) fn set_place(&mut self, place: BufferId) {
        match self {
            Self::Pipe { .. } => {}
            Self::Bare { typist, .. } => typist.set_place(place),
            Self::Editor { shared, .. } => {
                *shared.place.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
            }
        }
    }

    /// What can be completed.
    pub(crate) fn set_words(&mut self, words: Vec<String>, files: Vec<String>) {
        if let Self::Editor { shared, .. } = self {
            *shared.words.lock().unwrap_or_else(PoisonError::into_inner) = words;
            *shared.files.lock().unwrap_or_else(PoisonError::into_inner) = files;
        }
    }

    /// Prints lines above the one that is being typed.
    pub(crate) fn print(&mut self, text: &str) {
        // Whoever does not read any more is noticed when they do not type any more.
        match self {
            Self::Pipe { is_broken, .. } => {
                let mut out = std::io::stdout().lock();
                *is_broken |= writeln!(out, "{text}").and_then(|()| out.flush()).is_err();
            }
            Self::Bare { typist, .. } => typist.print(text),
            Self::Editor { printer, .. } => {
                let _ = printer.print(format!("{text}\n"));
            }
        }
    }

    /// What the person does next. May be dropped while it waits.
    pub(crate) async fn next(&mut self) -> Event {
        match self {
            Self::Pipe { lines, .. } => match lines.next().await {
                Some(line) => Event::Line(line, None),
                None => Event::End,
            },
            Self::Bare { events, .. } | Self::Editor { events, .. } => {
                events.recv().await.unwrap_or(Event::End)
            }
        }
    }

    /// Somebody else has had the terminal meanwhile: what was begun stands on it again.
    pub(crate) fn take_again(&mut self) {
        match self {
            Self::Pipe { .. } => {}
            Self::Bare { typist, .. } => typist.take_again(),
            Self::Editor {
                printer, shared, ..
            } => {
                if let Some(modes) = shared.modes.get() {
                    modes.put_back();
                }
                // Whatever is printed has the line below it.
                let _ = printer.print(String::new());
            }
        }
    }

    /// The line that they sent was handled.
    pub(crate) fn handled(&mut self) {
        if let Self::Bare { typist, .. } = self {
            typist.handled();
        }
    }

    /// What they did was handled; they may go on.
    pub(crate) fn go_on(&mut self) {
        if let Self::Editor { go_on, .. } = self {
            let _ = go_on.try_send(());
        }
    }

    /// Gives the terminal back.
    pub(crate) fn close(self) {
        if let Self::Bare { restore, .. } | Self::Editor { restore, .. } = self {
            drop(restore);
        }
    }
}

type LineEditor = Editor<Words, DefaultHistory>;

/// Lets the arrows bring a line back, unless it has a password in it.
fn remember(editor: &mut LineEditor, shared: &Shared, line: &str) {
    let to_service = shared.to_service.load(Ordering::Relaxed);
    if hush::in_line(line, to_service).is_none() {
        // A line that cannot be remembered is sent all the same.
        let _ = editor.add_history_entry(line);
    }
}

impl Shared {
    fn take_typed(&self) -> Begun {
        std::mem::take(&mut *self.typed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Completes the word before the cursor.
struct Words(Arc<Shared>);

impl Completer for Words {
    type Candidate = Pair;

    fn complete(
        &self,
        line: &str,
        at: usize,
        _: &Context<'_>,
    ) -> rustyline::Result<(usize, Vec<Pair>)> {
        let files = self.0.files.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((start, found)) = paths::complete(&line[..at], &files) {
            let pairs = found.into_iter().map(|(replacement, display)| Pair {
                display,
                replacement,
            });
            return Ok((start, pairs.collect()));
        }
        let start = line[..at]
            .rfind(char::is_whitespace)
            .map_or(0, |index| index + 1);
        let begun = line[start..at].to_lowercase();
        if begun.is_empty() {
            return Ok((at, Vec::new()));
        }
        let words = self.0.words.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = words
            .iter()
            .filter(|word| word.to_lowercase().starts_with(&begun));
        let pairs = fitting.map(|word| Pair {
            display: word.clone(),
            replacement: format!("{word} "),
        });
        Ok((start, pairs.collect()))
    }
}

/// Gives no hint: it is asked for one whenever the line has changed, and so knows the line.
impl rustyline::hint::Hinter for Words {
    type Hint = String;

    fn hint(&self, line: &str, _: usize, _: &Context<'_>) -> Option<String> {
        let mut typed = self.0.typed.lock().unwrap_or_else(PoisonError::into_inner);
        if typed.line.is_empty() {
            let place = self.0.place.lock().unwrap_or_else(PoisonError::into_inner);
            typed.place = *place;
        }
        line.clone_into(&mut typed.line);
        self.0.modes.get_or_init(Modes::now);
        None
    }
}
impl rustyline::highlight::Highlighter for Words {}
impl rustyline::validate::Validator for Words {}
impl Helper for Words {}
