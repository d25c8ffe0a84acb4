//! Lines that the person types while nothing draws the screen: answers to questions, and what comes through a pipe.

use crate::exit::Trouble;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{BufRead as _, ErrorKind, IsTerminal as _, Read as _, Write as _};
use std::thread;
use tokio::sync::mpsc;

/// Bytes of one line at most; the rest of a longer one is a line of its own.
const LINE_BYTES_MAX: u64 = 64 * 1_024;

/// Standard input, a line at a time. It is read only when a line is wanted, so that what follows is left for others.
#[derive(Debug)]
pub struct Lines {
    wanted: mpsc::Sender<()>,
    lines: mpsc::Receiver<Option<String>>,
    /// Whether a line was wanted that has not come yet.
    waits: bool,
    is_terminal: bool,
}

impl Lines {
    /// Standard input.
    pub fn standard() -> Self {
        let (wanted, mut wishes) = mpsc::channel::<()>(1);
        let (tell, lines) = mpsc::channel(1);
        // A thread of its own: a read from a terminal cannot be given up, and must not hold up the rest when the program ends.
        thread::spawn(move || {
            while wishes.blocking_recv().is_some() {
                let line = read_line();
                let ended = line.is_none();
                if tell.blocking_send(line).is_err() || ended {
                    return;
                }
            }
        });
        Self {
            wanted,
            lines,
            waits: false,
            is_terminal: std::io::stdin().is_terminal(),
        }
    }

    /// Whether a person types them.
    pub fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// The next line, without its end; `None` when there are no more. May be dropped while it waits: the line is not lost.
    pub async fn next(&mut self) -> Option<String> {
        if !self.waits {
            self.wanted.send(()).await.ok()?;
            self.waits = true;
        }
        let line = self.lines.recv().await;
        self.waits = false;
        line?
    }
}

fn read_line() -> Option<String> {
    let mut bytes = Vec::new();
    let read = std::io::stdin()
        .lock()
        .take(LINE_BYTES_MAX)
        .read_until(b'\n', &mut bytes);
    if read.unwrap_or(0) == 0 {
        return None;
    }
    while bytes
        .last()
        .is_some_and(|byte| matches!(byte, b'\r' | b'\n'))
    {
        bytes.pop();
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Shows a question, without an end of line.
pub fn prompt(text: &str) {
    let mut out = std::io::stdout();
    // Who cannot read the question will not answer it either.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Shows a line.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// Prints what a verb has found.
///
/// # Errors
/// It cannot be written; nobody is told of it where it is because nobody reads any more.
pub fn print(text: &str) -> Result<(), Trouble> {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Trouble::closed_pipe(),
        _ => error.into(),
    })
}

/// Whether standard output is a pipe that nobody reads any more.
pub fn is_unread() -> bool {
    let mut out = [PollFd::from_borrowed_fd(
        rustix::stdio::stdout(),
        PollFlags::empty(),
    )];
    let now = Timespec::default();
    // What cannot be found out is noticed by writing.
    poll(&mut out, Some(&now)).is_ok() && out[0].revents().contains(PollFlags::ERR)
}

/// While it lives, the terminal does not show what is typed.
#[derive(Debug)]
pub struct Hidden(Option<rustix::termios::Termios>);

impl Hidden {
    /// Hides what is typed from now on.
    pub fn new() -> Self {
        let stdin = rustix::stdio::stdin();
        let Ok(before) = rustix::termios::tcgetattr(stdin) else {
            return Self(None);
        };
        let mut hidden = before.clone();
        hidden.local_modes.remove(rustix::termios::LocalModes::ECHO);
        let hides =
            rustix::termios::tcsetattr(stdin, rustix::termios::OptionalActions::Flush, &hidden);
        Self(hides.ok().map(|()| before))
    }
}

impl Default for Hidden {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let now = rustix::termios::OptionalActions::Now;
            // A terminal that is gone needs nothing.
            let _ = rustix::termios::tcsetattr(rustix::stdio::stdin(), now, before);
            say("");
        }
    }
}
