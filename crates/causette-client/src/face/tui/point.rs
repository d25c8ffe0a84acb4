//! Pointing at a message, and what can be done with it.

use super::act::{After, Hand};
use super::pane::show_entry;
use super::screen::Scroll;
use crate::core::command::Command;
use crate::core::entry::{Entry, EntryId};
use crate::core::input::Intent;
use crate::core::wording::text_of;
use causette_proto::CompactString;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

impl<'b> Hand<'_, 'b> {
    pub(crate) fn mention(&mut self, is_up: bool) -> After {
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

    pub(crate) fn select_newest(&mut self) -> After {
        let newest = self.messages().last().map(|entry| entry.id);
        self.select(newest)
    }

    fn messages(&self) -> impl DoubleEndedIterator<Item = &'b Entry> + use<'b> {
        self.current().timeline.messages()
    }

    /// Begins a command about a message, which is the one of that number until the command is given.
    fn begin_about(&mut self, number: usize, msgid: CompactString, command: &str) -> After {
        self.select(None);
        let after = self.begin(command);
        if after != After::Nothing {
            self.intents
                .push(Intent::PointAt(self.here(), number, msgid));
        }
        after
    }

    pub(crate) fn select(&mut self, id: Option<EntryId>) -> After {
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
    pub(crate) fn key_message(&mut self, key: KeyEvent) -> Option<After> {
        let id = self.screen.selected?;
        let entry = self.current().timeline.get(id)?;
        let msgid = entry.msgid.clone()?;
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
                self.intents.push(Intent::ReplyTo(self.here(), Some(msgid)));
                self.select(None)
            }
            KeyCode::Char('+') => self.begin_about(number, msgid, &format!("/react {number} ")),
            KeyCode::Char('d') => self.begin_about(number, msgid, &format!("/delete {number}")),
            KeyCode::Char('s') if entry.said().is_some_and(|said| said.file.is_some()) => {
                let file = entry.said().and_then(|said| said.file.as_ref());
                let wanted = file.map(|file| file.number.to_string()).unwrap_or_default();
                let download = Command::Download(wanted);
                self.intents.push(Intent::Command(self.here(), download));
                self.select(None)
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
}
