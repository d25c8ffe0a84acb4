//! What each key and each click does.

use super::pane::scroll_by;
use super::screen::{Overlay, Scene, Screen, Scroll, fitting, listed};
use crate::core::buffer::{Buffer, BufferId};
use crate::core::command::COMMANDS;
use crate::core::input::Intent;
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::layout::Position;
use ratatui_textarea::{Input, Key};

/// Lines that one step of the wheel scrolls.
const WHEEL: isize = 3;

/// What follows for the terminal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// Nothing has changed.
    Nothing,
    /// The screen has.
    Draw,
    /// The same, and this text is for the clipboard.
    Copy(String),
}

/// Takes an event of the terminal; gives what the person wants by it.
pub(crate) fn event(scene: &Scene<'_>, screen: &mut Screen, event: &Event) -> (After, Vec<Intent>) {
    let mut hand = Hand {
        scene,
        screen,
        intents: Vec::new(),
    };
    let after = match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => hand.key(*key),
        Event::Paste(text) => hand.paste(text),
        Event::Mouse(mouse) => hand.mouse(*mouse),
        Event::FocusGained => hand.focus(true),
        Event::FocusLost => hand.focus(false),
        Event::Resize(..) => After::Draw,
        Event::Key(_) => After::Nothing,
    };
    (after, hand.intents)
}

pub(crate) struct Hand<'a, 'b> {
    pub(crate) scene: &'a Scene<'b>,
    pub(crate) screen: &'a mut Screen,
    pub(crate) intents: Vec<Intent>,
}

impl<'b> Hand<'_, 'b> {
    pub(crate) fn current(&self) -> &'b Buffer {
        self.scene.client.current()
    }

    pub(crate) fn here(&self) -> BufferId {
        self.current().id
    }

    fn open(&mut self, id: BufferId) -> After {
        self.intents.push(Intent::Open(id));
        After::Draw
    }

    fn focus(&mut self, has: bool) -> After {
        self.screen.has_focus = has;
        if has { After::Draw } else { After::Nothing }
    }

    /// A paste is put into the line and never sent by itself.
    fn paste(&mut self, text: &str) -> After {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<String> = text.split('\n').map(crate::core::disarm::clean).collect();
        self.screen.input.insert_str(lines.join("\n"));
        self.edited()
    }

    fn mouse(&mut self, mouse: MouseEvent) -> After {
        match mouse.kind {
            MouseEventKind::ScrollUp => self.scroll(-WHEEL),
            MouseEventKind::ScrollDown => self.scroll(WHEEL),
            MouseEventKind::Down(MouseButton::Left) => {
                let at = Position::new(mouse.column, mouse.row);
                let hit = self
                    .screen
                    .places
                    .iter()
                    .find(|(place, _)| place.contains(at));
                match hit.map(|&(_, id)| id) {
                    Some(id) => self.open(id),
                    None => After::Nothing,
                }
            }
            _ => After::Nothing,
        }
    }

    fn scroll(&mut self, by: isize) -> After {
        scroll_by(self.scene, self.screen, by);
        After::Draw
    }

    fn key(&mut self, key: KeyEvent) -> After {
        match &self.screen.overlay {
            Overlay::None => {}
            Overlay::Leaving => return self.key_leaving(key),
            Overlay::Help(first) => {
                let first = *first;
                return self.key_help(key, first);
            }
            Overlay::Switcher(typed, chosen) => {
                let (typed, chosen) = (typed.clone(), *chosen);
                return self.key_switcher(key, typed, chosen);
            }
            Overlay::Buffers | Overlay::Members => {
                // Anything puts it away, and does what it does besides.
                self.screen.overlay = Overlay::None;
                if key.code == KeyCode::Esc {
                    return After::Draw;
                }
            }
        }
        if self.screen.completion.is_some()
            && let Some(after) = self.key_completion(key)
        {
            return after;
        }
        if self.screen.selected.is_some()
            && let Some(after) = self.key_message(key)
        {
            return after;
        }
        self.key_anywhere(key)
    }

    fn key_anywhere(&mut self, key: KeyEvent) -> After {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        match key.code {
            KeyCode::Char('c') if control => self.interrupt(),
            KeyCode::Char('k') if control => self.overlay(Overlay::Switcher(String::new(), 0)),
            KeyCode::Char('f') if control => self.begin("/search "),
            KeyCode::Char('j') if control => self.new_line(),
            KeyCode::Up | KeyCode::Down if alt && shift => self.unread(key.code == KeyCode::Up),
            KeyCode::Up | KeyCode::Down if alt => self.neighbour(key.code == KeyCode::Up),
            KeyCode::Char('a') if alt => self.activity(),
            KeyCode::Char('n' | 'p') if alt => self.mention(key.code == KeyCode::Char('p')),
            KeyCode::Char(digit @ '1'..='9') if alt => self.numbered(digit),
            KeyCode::PageUp => self.scroll(-self.page()),
            KeyCode::PageDown => self.scroll(self.page()),
            KeyCode::End if control || self.screen.scroll != Scroll::Bottom => {
                self.leap_to_bottom()
            }
            KeyCode::BackTab => self.select_newest(),
            KeyCode::Tab => self.complete(),
            KeyCode::F(1) => self.overlay(Overlay::Help(0)),
            KeyCode::Up | KeyCode::Down if control || self.can_recall() => {
                self.screen.recall(key.code == KeyCode::Up);
                let recalled = self.screen.recalled;
                let after = self.edited();
                self.screen.recalled = recalled;
                after
            }
            KeyCode::F(7) => self.overlay(Overlay::Buffers),
            KeyCode::F(8) => self.overlay(Overlay::Members),
            KeyCode::F(9) => {
                self.screen.is_bare = !self.screen.is_bare;
                After::Draw
            }
            KeyCode::Esc => self.back(),
            KeyCode::Enter if alt || shift => self.new_line(),
            KeyCode::Enter => self.send(),
            _ => self.edit(key),
        }
    }

    fn page(&self) -> isize {
        isize::try_from(self.screen.height.saturating_sub(2).max(1)).unwrap_or(1)
    }

    fn overlay(&mut self, overlay: Overlay) -> After {
        self.screen.overlay = overlay;
        After::Draw
    }

    pub(crate) fn begin(&mut self, text: &str) -> After {
        self.screen.set_typed(text);
        self.edited()
    }

    fn edit(&mut self, key: KeyEvent) -> After {
        let input = Input::from(Event::Key(key));
        if input.key == Key::Null {
            return After::Nothing;
        }
        if self.screen.input.input(input) {
            return self.edited();
        }
        After::Draw
    }

    fn new_line(&mut self) -> After {
        self.screen.input.insert_newline();
        self.edited()
    }

    /// The line has changed.
    pub(crate) fn edited(&mut self) -> After {
        self.screen.completion = None;
        self.screen.recalled = None;
        self.intents
            .push(Intent::Draft(self.here(), self.screen.typed()));
        After::Draw
    }

    fn send(&mut self) -> After {
        let text = self.screen.typed();
        if text.trim().is_empty() {
            return After::Nothing;
        }
        self.screen.remember(&text);
        self.screen.set_typed("");
        self.screen.scroll = Scroll::Bottom;
        self.intents.push(Intent::Submit(self.here(), text));
        After::Draw
    }

    /// Clears the line; on an empty one, asks whether to leave.
    fn interrupt(&mut self) -> After {
        if self.screen.typed().is_empty() {
            return self.overlay(Overlay::Leaving);
        }
        self.begin("")
    }

    fn key_leaving(&mut self, key: KeyEvent) -> After {
        self.screen.overlay = Overlay::None;
        let yes = self.scene.client.settings().locale.text("client-yes");
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c') if control => self.intents.push(Intent::Quit(String::new())),
            KeyCode::Char(letter) if yes.starts_with(letter.to_ascii_lowercase()) => {
                self.intents.push(Intent::Quit(String::new()))
            }
            KeyCode::Enter => self.intents.push(Intent::Quit(String::new())),
            _ => {}
        }
        After::Draw
    }

    /// Arrows have nothing to do in an empty line, nor in one that they have brought.
    fn can_recall(&self) -> bool {
        self.screen.recalled.is_some() || self.screen.typed().is_empty()
    }

    fn key_help(&mut self, key: KeyEvent, first: usize) -> After {
        let page = self.screen.height.saturating_sub(2).max(1);
        let last = COMMANDS.len().saturating_sub(page);
        let first = match key.code {
            KeyCode::Up => first.saturating_sub(1),
            KeyCode::Down => (first + 1).min(last),
            KeyCode::PageUp => first.saturating_sub(page),
            KeyCode::PageDown => (first + page).min(last),
            _ => return self.overlay(Overlay::None),
        };
        self.overlay(Overlay::Help(first))
    }

    fn key_switcher(&mut self, key: KeyEvent, mut typed: String, chosen: usize) -> After {
        let found = fitting(self.scene.client, &typed);
        let last = found.len().saturating_sub(1).min(9);
        let (typed, chosen) = match key.code {
            KeyCode::Esc => return self.overlay(Overlay::None),
            KeyCode::Enter => {
                self.screen.overlay = Overlay::None;
                return match found.get(chosen) {
                    Some(buffer) => self.open(buffer.id),
                    None => After::Draw,
                };
            }
            KeyCode::Up => (typed, chosen.saturating_sub(1)),
            KeyCode::Down | KeyCode::Tab => (typed, (chosen + 1).min(last)),
            KeyCode::Backspace => {
                typed.pop();
                (typed, 0)
            }
            KeyCode::Char(letter) if !key.modifiers.contains(KeyModifiers::CONTROL) => {
                typed.push(letter);
                (typed, 0)
            }
            _ => (typed, chosen),
        };
        self.overlay(Overlay::Switcher(typed, chosen))
    }

    /// The conversations as they are listed, and where among them the current one stands.
    fn list_and_place(&self) -> (Vec<&'b Buffer>, usize) {
        let buffers = listed(self.scene.client);
        let here = self.here();
        let at = buffers.iter().position(|buffer| buffer.id == here);
        (buffers, at.unwrap_or(0))
    }

    fn neighbour(&mut self, is_up: bool) -> After {
        let (buffers, at) = self.list_and_place();
        let next = if is_up {
            at.checked_sub(1)
        } else {
            Some(at + 1)
        };
        match next.and_then(|index| buffers.get(index)) {
            Some(buffer) => self.open(buffer.id),
            None => After::Nothing,
        }
    }

    fn unread(&mut self, is_up: bool) -> After {
        let (buffers, at) = self.list_and_place();
        let here = self.here();
        let is_wanted = |buffer: &&&Buffer| buffer.unread > 0 && buffer.id != here;
        let found = if is_up {
            buffers[..at].iter().rev().find(is_wanted)
        } else {
            buffers[at..].iter().find(is_wanted)
        };
        match found {
            Some(buffer) => self.open(buffer.id),
            None => After::Nothing,
        }
    }

    /// Where somebody calls, else where something is unread.
    fn activity(&mut self) -> After {
        let here = self.here();
        let buffers = listed(self.scene.client);
        let others = || {
            buffers
                .iter()
                .filter(|buffer| buffer.id != here && !buffer.is_muted)
        };
        let calling = others().find(|buffer| buffer.mentions > 0);
        match calling.or_else(|| others().find(|buffer| buffer.unread > 0)) {
            Some(buffer) => self.open(buffer.id),
            None => After::Nothing,
        }
    }

    fn numbered(&mut self, digit: char) -> After {
        let index = digit.to_digit(10).map_or(0, |digit| digit as usize);
        match listed(self.scene.client).get(index) {
            Some(buffer) => self.open(buffer.id),
            None => After::Nothing,
        }
    }

    fn leap_to_bottom(&mut self) -> After {
        self.screen.scroll = Scroll::Bottom;
        self.screen.selected = None;
        After::Draw
    }

    /// One level back, always: the answer that is being written, then the newest end.
    fn back(&mut self) -> After {
        if self.current().reply_to.is_some() {
            self.intents.push(Intent::ReplyTo(self.here(), None));
            return After::Draw;
        }
        self.leap_to_bottom()
    }
}
