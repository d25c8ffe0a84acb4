//! Keys while a box is open above the conversation.
//!
//! What is typed is never swallowed by a box that did not ask for it: a box takes the keys that are its own, and any other
//! one puts it away and does what it always does. Enter is always the box's: it is pressed for what is on top, and must not
//! send the line below.

use super::act::{After, Hand};
use super::screen::{LongText, Overlay, Scroll, fitting};
use crate::core::buffer::BufferId;
use crate::core::command::COMMANDS;
use crate::core::input::Intent;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// Characters of a part of a name; what is longer fits no conversation.
const PART_MAX: usize = 64;

/// Conversations that the box for going somewhere shows.
pub(crate) const FITTING_SHOWN: usize = 10;

/// What a key is to a box.
pub(crate) enum Touch {
    /// One of its own.
    Own(After),
    /// It only puts the box away.
    Close,
    /// It puts the box away, and is for what is below.
    Below,
}

impl Hand<'_, '_> {
    /// What a key does to the box that is open; `None` where it is for what is below.
    pub(crate) fn key_box(&mut self, key: KeyEvent) -> Option<After> {
        let touch = match self.screen.overlay.clone() {
            Overlay::None => return None,
            Overlay::Leaving => self.key_leaving(key),
            Overlay::Help(first) => self.key_help(key, first),
            Overlay::Switcher(typed, chosen) => self.key_switcher(key, typed, chosen),
            Overlay::Long(long) => self.key_long(key, long),
            Overlay::Transfers(chosen) => self.key_transfers(key, chosen),
            Overlay::Dropped(dropped) => self.key_dropped(key, &dropped),
            Overlay::Buffers(_) if key.code == KeyCode::F(7) => Touch::Close,
            Overlay::Members(_) if key.code == KeyCode::F(8) => Touch::Close,
            Overlay::Buffers(first) => {
                let (buffers, at) = self.list_and_place();
                let rows = self.screen.list_rows;
                let first = first_shown(first, at, rows, buffers.len());
                self.scrolled(key, first, buffers.len(), |first| {
                    Overlay::Buffers(Some(first))
                })
            }
            Overlay::Members(first) => {
                // Below the line that counts them.
                let count = self.current().members.len() + 1;
                self.scrolled(key, first, count, Overlay::Members)
            }
        };
        match touch {
            Touch::Own(after) => Some(after),
            Touch::Below if !only_closes(key) => {
                self.screen.overlay = Overlay::None;
                None
            }
            Touch::Close | Touch::Below => Some(self.overlay(Overlay::None)),
        }
    }

    /// What a paste does to the box that is open; `None` where it is for the line.
    pub(crate) fn paste_box(&mut self, lines: &[String]) -> Option<After> {
        let overlay = std::mem::take(&mut self.screen.overlay);
        let Overlay::Switcher(mut typed, _) = overlay else {
            return None;
        };
        let room = PART_MAX.saturating_sub(typed.chars().count());
        typed.extend(lines.first()?.chars().take(room));
        Some(self.overlay(Overlay::Switcher(typed, 0)))
    }

    fn key_leaving(&mut self, key: KeyEvent) -> Touch {
        let locale = &self.scene.client.settings().locale;
        let means =
            |letter: char, word: &str| locale.text(word).starts_with(letter.to_ascii_lowercase());
        let leaves = match key.code {
            KeyCode::Char('c') if is_control(key) => true,
            KeyCode::Char(letter) if is_typed(key) && means(letter, "client-yes") => true,
            KeyCode::Char(letter) if is_typed(key) && means(letter, "client-no") => false,
            _ => return Touch::Below,
        };
        if leaves {
            self.intents.push(Intent::Quit(String::new()));
        }
        Touch::Close
    }

    /// The text stands in the line meanwhile: any key but those that send it or give it up goes on with it.
    fn key_long(&mut self, key: KeyEvent, long: LongText) -> Touch {
        let locale = &self.scene.client.settings().locale;
        let means =
            |letter: char, word: &str| locale.text(word).starts_with(letter.to_ascii_lowercase());
        match key.code {
            // What was pressed once too often must not send it.
            KeyCode::Enter if key.modifiers.is_empty() => Touch::Own(After::Draw),
            KeyCode::Char(letter) if is_typed(key) && means(letter, "client-long-send") => {
                self.put_back_aside(long.buffer);
                self.screen.scroll = Scroll::Bottom;
                self.intents.push(Intent::Insist(long.buffer, long.text));
                Touch::Close
            }
            KeyCode::Char(letter)
                if is_typed(key)
                    && self.scene.client.takes_files()
                    && means(letter, "client-long-file") =>
            {
                self.put_back_aside(long.buffer);
                self.intents.push(Intent::SendAsFile {
                    buffer: long.buffer,
                    text: long.text,
                    is_typed: true,
                });
                Touch::Close
            }
            KeyCode::Char(letter) if is_typed(key) && means(letter, "client-long-cancel") => {
                self.put_back_aside(long.buffer);
                self.intents.push(Intent::TakeBack(long.buffer));
                Touch::Close
            }
            KeyCode::Char(letter) if is_typed(key) && means(letter, "client-long-edit") => {
                Touch::Close
            }
            _ => Touch::Below,
        }
    }

    /// What was typed before the text stands in the line again.
    fn put_back_aside(&mut self, buffer: BufferId) {
        if self.here() == buffer {
            let aside = self.put_aside();
            self.screen.set_typed(&aside);
        }
    }

    fn key_help(&mut self, key: KeyEvent, first: usize) -> Touch {
        let page = self.screen.height.saturating_sub(2).max(1);
        let last = COMMANDS.len().saturating_sub(page);
        let first = match key.code {
            KeyCode::Up => first.saturating_sub(1),
            KeyCode::Down => (first + 1).min(last),
            KeyCode::PageUp => first.saturating_sub(page),
            KeyCode::PageDown => (first + page).min(last),
            KeyCode::F(1) => return Touch::Close,
            _ => return Touch::Below,
        };
        Touch::Own(self.overlay(Overlay::Help(first)))
    }

    /// A list of which a part is seen.
    fn scrolled(
        &mut self,
        key: KeyEvent,
        first: usize,
        count: usize,
        list: impl FnOnce(usize) -> Overlay,
    ) -> Touch {
        let rows = self.screen.list_rows;
        let last = count.saturating_sub(rows);
        let first = match key.code {
            _ if !key.modifiers.is_empty() => return Touch::Below,
            KeyCode::Up => first.saturating_sub(1),
            KeyCode::Down => first.saturating_add(1),
            KeyCode::PageUp => first.saturating_sub(rows),
            KeyCode::PageDown => first.saturating_add(rows),
            _ => return Touch::Below,
        };
        Touch::Own(self.overlay(list(first.min(last))))
    }

    fn key_switcher(&mut self, key: KeyEvent, mut typed: String, chosen: usize) -> Touch {
        let found = fitting(self.scene.client, &typed);
        let last = found.len().min(FITTING_SHOWN).saturating_sub(1);
        let (typed, chosen) = match key.code {
            KeyCode::Esc => return Touch::Close,
            KeyCode::Char('c' | 'k') if is_control(key) => return Touch::Close,
            KeyCode::Enter => match found.get(chosen) {
                Some(buffer) => {
                    self.screen.overlay = Overlay::None;
                    return Touch::Own(self.open(buffer.id));
                }
                // It stays: whoever takes it for the line sees where their words went.
                None => (typed, chosen),
            },
            KeyCode::Up => (typed, chosen.saturating_sub(1)),
            KeyCode::Down | KeyCode::Tab => (typed, (chosen + 1).min(last)),
            KeyCode::Backspace => {
                typed.pop();
                (typed, 0)
            }
            KeyCode::Char(letter) if is_typed(key) && typed.chars().count() < PART_MAX => {
                typed.push(letter);
                (typed, 0)
            }
            _ => (typed, chosen),
        };
        Touch::Own(self.overlay(Overlay::Switcher(typed, chosen)))
    }
}

/// From which row on a list is drawn that has not room for all: from where somebody has scrolled to, else so that a row is seen.
pub(crate) fn first_shown(scrolled: Option<usize>, at: usize, rows: usize, count: usize) -> usize {
    let first = scrolled.unwrap_or_else(|| (at + 1).saturating_sub(rows));
    first.min(count.saturating_sub(rows))
}

/// Keys that do nothing to what is below a box.
fn only_closes(key: KeyEvent) -> bool {
    let plain_enter = key.code == KeyCode::Enter && key.modifiers.is_empty();
    plain_enter || key.code == KeyCode::Esc || (key.code == KeyCode::Char('c') && is_control(key))
}

fn is_control(key: KeyEvent) -> bool {
    key.modifiers.contains(KeyModifiers::CONTROL)
}

/// Whether a key writes its character.
pub(crate) fn is_typed(key: KeyEvent) -> bool {
    !key.modifiers
        .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
}
