//! What each key and each click does.

use super::draw::{scroll_by, show_entry};
use super::screen::{Overlay, Scene, Screen, Scroll, fitting, listed};
use crate::buffer::{Buffer, BufferId};
use crate::command::Command;
use crate::completion::Completion;
use crate::entry::{Entry, EntryId};
use crate::input::Intent;
use crate::wording::text_of;
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::layout::Position;
use ratatui_textarea::{CursorMove, DataCursor, Input, Key};

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

struct Hand<'a, 'b> {
    scene: &'a Scene<'b>,
    screen: &'a mut Screen,
    intents: Vec<Intent>,
}

impl<'b> Hand<'_, 'b> {
    fn current(&self) -> &'b Buffer {
        self.scene.client.current()
    }

    fn here(&self) -> BufferId {
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
        let lines: Vec<String> = text.split('\n').map(crate::disarm::clean).collect();
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
            KeyCode::F(1) => self.command(Command::Help(None)),
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

    fn command(&mut self, command: Command) -> After {
        self.intents.push(Intent::Command(self.here(), command));
        After::Draw
    }

    fn begin(&mut self, text: &str) -> After {
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
    fn edited(&mut self) -> After {
        self.screen.completion = None;
        self.intents
            .push(Intent::Draft(self.here(), self.screen.typed()));
        After::Draw
    }

    fn send(&mut self) -> After {
        let text = self.screen.typed();
        if text.trim().is_empty() {
            return After::Nothing;
        }
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

    fn neighbour(&mut self, is_up: bool) -> After {
        let buffers = listed(self.scene.client);
        let here = self.here();
        let at = buffers
            .iter()
            .position(|buffer| buffer.id == here)
            .unwrap_or(0);
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
        let buffers = listed(self.scene.client);
        let here = self.here();
        let at = buffers
            .iter()
            .position(|buffer| buffer.id == here)
            .unwrap_or(0);
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

    fn mention(&mut self, is_up: bool) -> After {
        let timeline = &self.current().timeline;
        let at = match (self.screen.selected, self.screen.scroll) {
            (Some(id), _) | (None, Scroll::At(id, _)) => timeline.position(id),
            (None, Scroll::Bottom) => Some(timeline.len()),
        };
        let at = at.unwrap_or(timeline.len());
        let mut mentions = timeline
            .entries()
            .enumerate()
            .filter(|(_, entry)| entry.is_mention());
        let found = if is_up {
            mentions.rfind(|&(index, _)| index < at)
        } else {
            mentions.find(|&(index, _)| index > at)
        };
        match found.map(|(_, entry)| entry.id) {
            Some(id) => self.select(Some(id)),
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

    fn select_newest(&mut self) -> After {
        let newest = self.messages().last().map(|entry| entry.id);
        self.select(newest)
    }

    fn messages(&self) -> impl DoubleEndedIterator<Item = &'b Entry> + use<'b> {
        let entries = self.current().timeline.entries();
        entries.filter(|entry| entry.said().is_some() && entry.msgid.is_some())
    }

    fn select(&mut self, id: Option<EntryId>) -> After {
        self.screen.selected = id;
        match id {
            Some(id) => {
                let is_near_end = self.current().timeline.position(id).is_some_and(|index| {
                    index + self.screen.height / 2 >= self.current().timeline.len()
                });
                if is_near_end {
                    self.screen.scroll = Scroll::Bottom;
                } else {
                    show_entry(self.scene, self.screen, id);
                }
            }
            None => self.screen.scroll = Scroll::Bottom,
        }
        After::Draw
    }

    /// Keys while a message is pointed at; `None` for those that do what they always do.
    fn key_message(&mut self, key: KeyEvent) -> Option<After> {
        let id = self.screen.selected?;
        let entry = self.current().timeline.get(id)?;
        if key
            .modifiers
            .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT)
        {
            return None;
        }
        let number = self
            .messages()
            .rev()
            .position(|message| message.id == id)
            .map(|index| index + 1)?;
        Some(match key.code {
            KeyCode::Up => {
                let above = self
                    .messages()
                    .take_while(|message| message.id != id)
                    .last();
                self.select(above.map(|message| message.id).or(Some(id)))
            }
            KeyCode::Down => {
                let below = self
                    .messages()
                    .skip_while(|message| message.id != id)
                    .nth(1);
                self.select(below.map(|message| message.id))
            }
            KeyCode::Home => {
                let oldest = self.messages().next().map(|message| message.id);
                self.select(oldest)
            }
            KeyCode::Char('r') | KeyCode::Enter => {
                self.intents
                    .push(Intent::ReplyTo(self.here(), entry.msgid.clone()));
                self.select(None)
            }
            KeyCode::Char('+') => {
                self.select(None);
                self.begin(&format!("/react {number} "))
            }
            KeyCode::Char('d') => {
                self.select(None);
                self.begin(&format!("/delete {number}"))
            }
            KeyCode::Char('c') => {
                let text = entry
                    .said()
                    .map(|said| text_of(said, &self.scene.client.settings().locale));
                self.select(None);
                After::Copy(text.unwrap_or_default())
            }
            KeyCode::Esc | KeyCode::BackTab | KeyCode::Tab | KeyCode::End => self.select(None),
            KeyCode::PageUp | KeyCode::PageDown => return None,
            // Any other key is for the line.
            _ => {
                self.select(None);
                return None;
            }
        })
    }

    /// Completes the word before the cursor; where there is none, the key points at the messages, so that it never traps.
    fn complete(&mut self) -> After {
        let DataCursor(row, column) = self.screen.input.cursor();
        let line = self
            .screen
            .input
            .lines()
            .get(row)
            .cloned()
            .unwrap_or_default();
        let at = line
            .char_indices()
            .nth(column)
            .map_or(line.len(), |(index, _)| index);
        let (before, after) = line.split_at(at);
        if before.trim().is_empty() {
            return self.select_newest();
        }
        match Completion::begin(self.scene.client, before, after) {
            Some(completion) if completion.candidates.len() == 1 => {
                self.put(&completion);
                self.edited()
            }
            Some(completion) => {
                self.put(&completion);
                self.screen.completion = Some(completion);
                After::Draw
            }
            None => After::Nothing,
        }
    }

    fn key_completion(&mut self, key: KeyEvent) -> Option<After> {
        let mut completion = self.screen.completion.take()?;
        match key.code {
            KeyCode::Tab | KeyCode::Down => completion.turn(1),
            KeyCode::BackTab | KeyCode::Up => completion.turn(-1),
            KeyCode::Esc | KeyCode::Enter => return Some(self.edited()),
            // Whatever is typed goes on behind what was chosen.
            _ => return None,
        }
        self.put(&completion);
        self.screen.completion = Some(completion);
        Some(After::Draw)
    }

    /// Puts the chosen candidate into the line where the cursor is.
    fn put(&mut self, completion: &Completion) {
        let DataCursor(row, _) = self.screen.input.cursor();
        let line = completion.line();
        let column = line.chars().count();
        let mut lines: Vec<String> = self.screen.input.lines().to_vec();
        if let Some(old) = lines.get_mut(row) {
            *old = format!("{line}{}", completion.after);
        }
        self.screen.set_typed(&lines.join("\n"));
        let jump = CursorMove::Jump(
            u16::try_from(row).unwrap_or(0),
            u16::try_from(column).unwrap_or(0),
        );
        self.screen.input.move_cursor(jump);
    }
}
