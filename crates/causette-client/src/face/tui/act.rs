//! What each key and each click does.

use super::pane::scroll_by;
use super::screen::{Overlay, Scene, Screen, Scroll, listed};
use crate::core::buffer::{Buffer, BufferId};
use crate::core::command::Command;
use crate::core::input::Intent;
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::layout::Position;

/// Lines that one step of the wheel scrolls.
const WHEEL: isize = 3;

/// What follows for the terminal.
#[derive(Debug, PartialEq, Eq)]
pub enum After {
    /// Nothing has changed.
    Nothing,
    /// The screen has.
    Draw,
    /// The same, and this text is for the clipboard.
    Copy(String),
    /// The program is to stop until it is continued.
    Suspend,
}

/// Takes an event of the terminal; gives what the person wants by it.
pub fn event(scene: &Scene<'_>, screen: &mut Screen, event: &Event) -> (After, Vec<Intent>) {
    // The line belongs to the conversation that is looked at now, also where nothing was drawn since it was opened: what was
    // typed for one must never be sent to the other.
    screen.follow(scene.client);
    if shows_presence(event) {
        screen.has_focus = true;
    }
    if !matches!(event, Event::Paste(_)) {
        screen.told_full = false;
    }
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

/// Whether an event tells that the person is there. Not every terminal tells when they come back.
fn shows_presence(event: &Event) -> bool {
    match event {
        Event::Key(key) => key.kind != KeyEventKind::Release,
        Event::Paste(_) => true,
        Event::Mouse(mouse) => matches!(mouse.kind, MouseEventKind::Down(_)),
        Event::FocusGained | Event::FocusLost | Event::Resize(..) => false,
    }
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

    pub(crate) fn open(&mut self, id: BufferId) -> After {
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
        if let Some(after) = self.paste_box(&lines) {
            return after;
        }
        if let Some(after) = self.paste_files(&text) {
            return after;
        }
        self.screen.input.insert_str(lines.join("\n"));
        self.edited()
    }

    /// Puts into the line what was pasted, and asked about.
    pub(crate) fn insert_pasted(&mut self, text: &str) {
        let lines: Vec<String> = text.split('\n').map(crate::core::disarm::clean).collect();
        self.screen.input.insert_str(lines.join("\n"));
        self.edited();
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
                    Some(id) => {
                        self.screen.overlay = Overlay::None;
                        self.open(id)
                    }
                    None => After::Nothing,
                }
            }
            _ => After::Nothing,
        }
    }

    fn scroll(&mut self, by: isize) -> After {
        if by < 0 && self.screen.shows_top {
            // However many pages had nothing to show: the person wants more.
            let older = Intent::Command(self.here(), Command::Older);
            self.intents.push(older);
        }
        scroll_by(self.scene, self.screen, by);
        After::Draw
    }

    fn key(&mut self, key: KeyEvent) -> After {
        if let Some(after) = self.key_box(key) {
            return after;
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
            KeyCode::Char('z') if control => After::Suspend,
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
                self.recall(key.code == KeyCode::Up)
            }
            KeyCode::F(4) => self.overlay(Overlay::Transfers(0)),
            KeyCode::F(7) => self.overlay(Overlay::Buffers(None)),
            KeyCode::F(8) => self.overlay(Overlay::Members(0)),
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

    pub(crate) fn overlay(&mut self, overlay: Overlay) -> After {
        self.screen.overlay = overlay;
        After::Draw
    }

    /// The conversations as they are listed, and where among them the current one stands.
    pub(crate) fn list_and_place(&self) -> (Vec<&'b Buffer>, usize) {
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

    pub(crate) fn leap_to_bottom(&mut self) -> After {
        self.screen.scroll = Scroll::Bottom;
        self.screen.selected = None;
        After::Draw
    }
}
