//! A line that is typed on a terminal of which nothing is asked: no escape sequence, nothing drawn anew. What arrives
//! meanwhile is held until the line is sent, so that nothing breaks it, neither for the eye nor for a screen reader.

use super::burst::Bursts;
use crate::core::buffer::BufferId;
use crate::core::disarm::clean;
use crate::core::limits::DRAFT_BYTES_MAX;
use crate::ending::{self, Modes};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use std::io::Write as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of the line at most.
const LINE_BYTES_MAX: usize = 16 * 1_024;

/// Lines that are held at most; when more have come the oldest are shown all the same.
const HELD_MAX: usize = 500;

/// What is shared between who types and who prints.
#[derive(Debug, Default)]
struct Sheet {
    prompt: String,
    line: String,
    /// The conversation that the person looks at, and the one in which the line was begun.
    place: Option<BufferId>,
    begun_in: Option<BufferId>,
    /// Lines that were sent and are not handled: where the next one begins is not known before.
    unhandled: usize,
    /// What was taken away last, to be had back.
    cut: String,
    held: Vec<String>,
    /// The modes of the terminal while lines are typed.
    modes: Option<Modes>,
}

/// The line and what waits behind it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typist(Arc<Mutex<Sheet>>);

/// What a key leads to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Typed {
    Line(String, Option<BufferId>),
    /// Several lines came together.
    Pasted(String, Option<BufferId>),
    /// So many that they cannot be kept; nothing was taken of them.
    TooMuch,
    End,
    Interrupt,
}

impl Typist {
    fn sheet(&self) -> MutexGuard<'_, Sheet> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_prompt(&self, prompt: &str) {
        prompt.clone_into(&mut self.sheet().prompt);
    }

    /// Which conversation the person looks at: there a line begins.
    pub(crate) fn set_place(&self, place: BufferId) {
        self.sheet().place = Some(place);
    }

    /// The oldest of the lines that were sent was handled.
    pub(crate) fn handled(&self) {
        let mut sheet = self.sheet();
        sheet.unhandled = sheet.unhandled.saturating_sub(1);
    }

    /// Prints a line, or holds it while something is being typed.
    pub(crate) fn print(&self, text: &str) {
        let mut sheet = self.sheet();
        if sheet.line.is_empty() {
            write(&format!("{text}\n"));
            return;
        }
        if sheet.held.is_empty() {
            // The bell, once: something waits.
            write("\u{7}");
        }
        sheet.held.push(text.to_owned());
        if sheet.held.len() > HELD_MAX {
            let held = std::mem::take(&mut sheet.held);
            write(&format!(
                "\n{}\n{}{}",
                held.join("\n"),
                sheet.prompt,
                sheet.line
            ));
        }
    }

    /// Somebody else has had the terminal meanwhile: what was begun stands on it again.
    pub(crate) fn take_again(&self) {
        let sheet = self.sheet();
        if let Some(modes) = &sheet.modes {
            modes.put_back();
        }
        if !sheet.line.is_empty() {
            write(&format!("\n{}{}", sheet.prompt, sheet.line));
        }
    }

    /// Reads keys and pastes until there are no more, and tells what they lead to.
    pub(crate) fn run(&self, mut tell: impl FnMut(Typed) -> bool) {
        let raw = Unechoed::new();
        self.sheet().modes = Some(Modes::now());
        let stdin = rustix::stdio::stdin();
        let mut bursts = Bursts::of(&stdin);
        while let Some(burst) = bursts.next() {
            for typed in self.burst(&burst) {
                let is_end = typed == Typed::End;
                if !tell(typed) || is_end {
                    return;
                }
            }
        }
        drop(raw);
        tell(Typed::End);
    }

    /// What that leads to which came together.
    fn burst(&self, burst: &str) -> Vec<Typed> {
        let mut sheet = self.sheet();
        let come = burst.replace("\r\n", "\n").replace('\r', "\n");
        let come: Vec<String> = come.split('\n').map(clean).collect();
        let come = come.join("\n");
        let text = format!("{}{come}", sheet.line);
        let filled = text.lines().filter(|line| !line.trim().is_empty());
        if burst.chars().count() < 2 || filled.count() < 2 {
            drop(sheet);
            return burst.chars().filter_map(|key| self.key(key)).collect();
        }
        if text.len() > DRAFT_BYTES_MAX {
            return vec![Typed::TooMuch];
        }
        if sheet.line.is_empty() {
            sheet.begun_in = sheet.place.filter(|_| sheet.unhandled == 0);
            write(&sheet.prompt);
        }
        write(&come);
        if !come.ends_with('\n') {
            write("\n");
        }
        sheet.line.clear();
        release(&mut sheet);
        sheet.unhandled += 1;
        vec![Typed::Pasted(text, sheet.begun_in)]
    }

    fn key(&self, key: char) -> Option<Typed> {
        let mut sheet = self.sheet();
        if sheet.line.is_empty() {
            sheet.begun_in = sheet.place.filter(|_| sheet.unhandled == 0);
        }
        match key {
            '\r' | '\n' => {
                let line = std::mem::take(&mut sheet.line);
                if line.is_empty() {
                    write(&sheet.prompt);
                }
                write("\n");
                release(&mut sheet);
                sheet.unhandled += 1;
                return Some(Typed::Line(line, sheet.begun_in));
            }
            '\u{4}' if sheet.line.is_empty() => return Some(Typed::End),
            '\u{3}' if sheet.line.is_empty() => return Some(Typed::Interrupt),
            // Ctrl+C: the line is put aside, and a new one begins.
            '\u{3}' => {
                sheet.cut = std::mem::take(&mut sheet.line);
                write("\n");
                release(&mut sheet);
            }
            // Ctrl+Z, of which the terminal makes no signal here.
            '\u{1a}' => ending::suspend(),
            // Ctrl+Y: what was taken away.
            '\u{19}' if sheet.line.len() + sheet.cut.len() <= LINE_BYTES_MAX => {
                if sheet.line.is_empty() && !sheet.cut.is_empty() {
                    write(&sheet.prompt);
                }
                let cut = sheet.cut.clone();
                write(&cut);
                sheet.line.push_str(&cut);
            }
            '\u{8}' | '\u{7f}' => {
                if let Some(erased) = sheet.line.pop() {
                    let columns = unicode_width::UnicodeWidthChar::width(erased).unwrap_or(0);
                    write(&"\u{8} \u{8}".repeat(columns));
                    release_if_empty(&mut sheet);
                }
            }
            // Ctrl+U: the whole line.
            '\u{15}' => {
                let columns = unicode_width::UnicodeWidthStr::width(sheet.line.as_str());
                if !sheet.line.is_empty() {
                    sheet.cut = std::mem::take(&mut sheet.line);
                }
                write(&"\u{8} \u{8}".repeat(columns));
                release_if_empty(&mut sheet);
            }
            key if key.is_control() => {}
            key if sheet.line.len() + key.len_utf8() <= LINE_BYTES_MAX => {
                if sheet.line.is_empty() {
                    write(&sheet.prompt);
                }
                sheet.line.push(key);
                write(key.encode_utf8(&mut [0; 4]));
            }
            _ => {}
        }
        None
    }
}

/// When the line was taken back whole, what waited for it comes.
fn release_if_empty(sheet: &mut Sheet) {
    if sheet.line.is_empty() && !sheet.held.is_empty() {
        write("\n");
        release(sheet);
    }
}

fn release(sheet: &mut Sheet) {
    for held in std::mem::take(&mut sheet.held) {
        write(&format!("{held}\n"));
    }
}

fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    // A terminal that is gone is noticed by reading from it.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// While it lives, keys come one at a time and the terminal does not show them by itself.
struct Unechoed(Option<Termios>);

impl Unechoed {
    fn new() -> Self {
        let stdin = rustix::stdio::stdin();
        let Ok(before) = tcgetattr(stdin) else {
            return Self(None);
        };
        let mut modes = before.clone();
        modes
            .local_modes
            .remove(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG);
        modes.special_codes[SpecialCodeIndex::VMIN] = 1;
        modes.special_codes[SpecialCodeIndex::VTIME] = 0;
        let set = tcsetattr(stdin, OptionalActions::Now, &modes);
        Self(set.ok().map(|()| before))
    }
}

impl Drop for Unechoed {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // A terminal that is gone needs nothing.
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, before);
        }
    }
}

/// The modes of the terminal, to be put back whatever happens.
#[derive(Debug)]
pub(crate) struct Restore(Option<Termios>);

impl Restore {
    pub(crate) fn new() -> Self {
        Self(tcgetattr(rustix::stdio::stdin()).ok())
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            let _ = tcsetattr(rustix::stdio::stdin(), OptionalActions::Now, before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_belongs_to_where_it_was_begun() {
        let typist = Typist::default();
        let (general, slow) = (BufferId(1), BufferId(2));
        let send = |text: &str| {
            let mut typed = text.chars().filter_map(|key| typist.key(key));
            typed.next()
        };
        typist.set_place(general);
        assert_eq!(send("for all"), None);
        typist.set_place(slow);
        let line = |text: &str, place| Some(Typed::Line(text.to_owned(), place));
        assert_eq!(send("\r"), line("for all", Some(general)));
        // One that is typed ahead goes where the one before leads.
        assert_eq!(send("ahead\r"), line("ahead", None));
        typist.handled();
        typist.handled();
        assert_eq!(send("one\u{15}two\r"), line("two", Some(slow)));
    }

    #[test]
    fn lines_that_come_together_are_one_text() {
        let typist = Typist::default();
        let general = BufferId(1);
        typist.set_place(general);
        let pasted = |text: &str| [Typed::Pasted(text.to_owned(), Some(general))];
        let line = |text: &str| [Typed::Line(text.to_owned(), Some(general))];
        assert_eq!(
            typist.burst("one\r/topic two\r\nthree\u{3}\r"),
            pasted("one\n/topic two\nthree\n")
        );
        typist.handled();
        // With what was begun before it.
        assert_eq!(typist.burst("one, "), []);
        assert_eq!(typist.burst("two\r/quit"), pasted("one, two\n/quit"));
        typist.handled();
        // One line is one line, however fast it comes, and whatever key comes behind it.
        assert_eq!(typist.burst("alone\r\u{15}"), line("alone"));
        typist.handled();
        assert_eq!(typist.burst("begun"), []);
        let much = "a line\r".repeat(DRAFT_BYTES_MAX / 7);
        assert_eq!(typist.burst(&much), [Typed::TooMuch]);
        assert_eq!(typist.burst("\r"), line("begun"));
    }
}
