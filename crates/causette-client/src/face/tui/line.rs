//! The line that is typed: what is written in it, what is put into it by a key, and what becomes of it.
//!
//! No key destroys what was typed. What a key puts into the line puts the draft aside, and it comes back when that is sent or
//! given up; what is deleted can be had back.

use super::act::{After, Hand};
use super::screen::{Overlay, Scroll};
use crate::core::connection::Phase;
use crate::core::hush;
use crate::core::input::Intent;
use crate::core::limits::{ASIDE_MAX, DRAFT_BYTES_MAX};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui_textarea::{CursorMove, Input, Key};

impl Hand<'_, '_> {
    /// Puts a text into the line, in place of what is typed, which is put aside.
    pub(crate) fn begin(&mut self, text: &str) -> After {
        let typed = self.screen.typed();
        let is_untouched = self.current().begun.as_deref() == Some(typed.as_str());
        let aside = if is_untouched { String::new() } else { typed };
        if !aside.is_empty() && self.current().aside.len() >= ASIDE_MAX {
            return After::Nothing;
        }
        self.replace(text);
        self.intents.push(Intent::Begin {
            buffer: self.here(),
            aside,
            text: text.to_owned(),
        });
        After::Draw
    }

    /// Gives up what a key has put into the line: what was put aside stands there again.
    fn take_back(&mut self) -> After {
        let text = self.put_aside();
        if self.current().begun.as_deref() == Some(self.screen.typed().as_str()) {
            self.screen.set_typed(&text);
        } else {
            // Something was added to it, and can be had back.
            self.replace(&text);
        }
        self.screen.recalled = None;
        self.intents.push(Intent::TakeBack(self.here()));
        After::Draw
    }

    /// What was put aside last; empty when nothing was.
    pub(crate) fn put_aside(&self) -> String {
        let last = self.current().aside.last();
        last.map(|aside| aside.text.clone()).unwrap_or_default()
    }

    /// Puts another text into the line so that the one before can be had back.
    fn replace(&mut self, text: &str) {
        self.kill_all();
        self.screen.input.insert_str(text);
        self.screen.completion = None;
    }

    fn kill_all(&mut self) {
        let input = &mut self.screen.input;
        input.cancel_selection();
        for to in [CursorMove::Top, CursorMove::Head] {
            input.move_cursor(to);
        }
        input.start_selection();
        for to in [CursorMove::Bottom, CursorMove::End] {
            input.move_cursor(to);
        }
        input.cut();
        input.cancel_selection();
    }

    /// Puts another form of the same text into the line; what was cut before can still be pasted.
    pub(crate) fn rewrite(&mut self, text: &str) {
        let yank = self.screen.input.yank_text();
        self.replace(text);
        self.screen.input.set_yank_text(yank);
    }

    pub(crate) fn edit(&mut self, key: KeyEvent) -> After {
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let control = key.modifiers.contains(KeyModifiers::CONTROL) && !alt;
        let has_changed = match key.code {
            // As in a shell, which is not what the line itself would do.
            KeyCode::Char('u') if control => self.screen.input.delete_line_by_head(),
            KeyCode::Char('k') if alt => self.screen.input.delete_line_by_end(),
            // Terminals that have no key of their own for it send the same byte for Ctrl+_ and Ctrl+7.
            KeyCode::Char('_' | '7' | '/' | '-') if control => self.screen.input.undo(),
            _ => {
                let input = Input::from(Event::Key(key));
                if input.key == Key::Null {
                    return After::Nothing;
                }
                self.screen.input.input(input)
            }
        };
        if has_changed {
            self.edited()
        } else {
            After::Draw
        }
    }

    /// Where in a line that is typed here a password begins.
    fn secret_in(&self, text: &str) -> Option<usize> {
        hush::in_line(text, hush::knows_passwords(&self.current().name))
    }

    pub(crate) fn new_line(&mut self) -> After {
        self.screen.input.insert_newline();
        self.edited()
    }

    /// The line has changed.
    pub(crate) fn edited(&mut self) -> After {
        self.screen.completion = None;
        self.screen.recalled = None;
        let mut typed = self.screen.typed();
        if typed.len() > DRAFT_BYTES_MAX && self.screen.input.undo() {
            // What cannot be kept is not taken, rather than cut later. A large paste comes in parts, and is told of once.
            if !std::mem::replace(&mut self.screen.told_full, true) {
                let locale = &self.scene.client.settings().locale;
                let most = DRAFT_BYTES_MAX.to_string();
                let full = locale.text_with("client-line-full", &[("count", &most)]);
                self.intents.push(Intent::Tell(full));
            }
            typed = self.screen.typed();
        }
        self.intents.push(Intent::Draft(self.here(), typed));
        After::Draw
    }

    pub(crate) fn send(&mut self) -> After {
        let text = self.screen.typed();
        if text.trim().is_empty() {
            return self.come_back();
        }
        let here = self.here();
        if self.secret_in(&text).is_none() {
            self.screen.remember(here, &text);
        }
        let aside = self.put_aside();
        self.screen.set_typed(&aside);
        self.screen.scroll = Scroll::Bottom;
        self.intents.push(Intent::Submit(here, text));
        After::Draw
    }

    /// With nothing to send, the next try is not waited for.
    fn come_back(&mut self) -> After {
        if self.scene.client.link().phase != Phase::Offline {
            return After::Nothing;
        }
        self.intents.push(Intent::Connect);
        After::Draw
    }

    /// Clears the line; on an empty one, asks whether to leave.
    pub(crate) fn interrupt(&mut self) -> After {
        if self.screen.typed().is_empty() {
            return self.overlay(Overlay::Leaving);
        }
        if self.current().begun.is_some() {
            return self.take_back();
        }
        self.kill_all();
        self.edited()
    }

    /// Arrows have nothing to do in an empty line, nor in one that they have brought.
    pub(crate) fn can_recall(&self) -> bool {
        self.screen.recalled.is_some() || self.screen.typed().is_empty()
    }

    /// Puts an older text that was sent here into the line, or a newer one, and behind the newest what was typed before.
    pub(crate) fn recall(&mut self, is_older: bool) -> After {
        let here = self.here();
        let next = match (self.screen.recalled, is_older) {
            (None, true) => Some(0),
            (Some(at), true) => Some(at + 1),
            (Some(at), false) => at.checked_sub(1),
            (None, false) => return After::Nothing,
        };
        let Some(at) = next else {
            return self.take_back();
        };
        let Some(text) = self.screen.sent_before(here, at) else {
            return After::Nothing;
        };
        let after = self.begin(&text);
        if after != After::Nothing {
            self.screen.recalled = Some(at);
        }
        after
    }

    /// One level back, always: the long text that is being sent here, what a key has put into the line, then the answer that is being written, then the newest end.
    pub(crate) fn back(&mut self) -> After {
        if self.screen.put_alarm_away(self.scene.client) {
            return After::Draw;
        }
        if self.scene.client.is_sending_long(self.here()) {
            self.intents.push(Intent::Stop(self.here()));
            return After::Draw;
        }
        let current = self.current();
        let waits = self.screen.typed().is_empty() && !current.aside.is_empty();
        if current.begun.is_some() || waits {
            return self.take_back();
        }
        if current.reply_to.is_some() {
            self.intents.push(Intent::ReplyTo(self.here(), None));
            return After::Draw;
        }
        self.leap_to_bottom()
    }
}
