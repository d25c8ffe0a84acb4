//! What was said, printed once; and whether all of it was, which is when it was read.

use super::{LAST_SHOWN, Plain};
use crate::core::buffer::{BufferId, BufferKind};
use crate::core::entry::{Entry, EntryId, What};
use crate::core::input::Intent;
use crate::core::output::Page;
use crate::core::wording::sentence;
use crate::lines::prompt;

impl Plain {
    /// What was said before: what was missed, or asked for; of a conversation that is new here only what was not read yet.
    pub(super) fn show_page(&mut self, id: BufferId, entries: &[EntryId], page: Page) {
        let client = self.driver.client();
        let Some(buffer) = client.buffer(id) else {
            return;
        };
        let is_here = client.current().id == id;
        let read = buffer.read_up_to();
        let is_unread = |id: &EntryId| {
            let entry = buffer.timeline.get(*id);
            entry.is_some_and(|entry| read.is_some_and(|read| entry.time > read))
        };
        if page == Page::Counted {
            if entries.iter().any(is_unread) {
                self.unprinted.insert(id);
            }
            return;
        }
        let first = page == Page::First && self.shown_first.insert(id);
        let shown: Vec<EntryId> = entries
            .iter()
            .filter_map(|&entry| buffer.timeline.get(entry))
            .filter(|entry| entry.said().is_some() || (!first && is_here))
            .filter(|entry| !first || read.is_none_or(|read| entry.time > read))
            .map(|entry| entry.id)
            .collect();
        let skipped = if first {
            shown.len().saturating_sub(LAST_SHOWN)
        } else {
            0
        };
        if shown[..skipped].iter().any(is_unread) {
            self.unprinted.insert(id);
        }
        for &entry in &shown[skipped..] {
            self.show_entry(id, entry);
        }
    }

    /// What was missed is known: how much it was, where not all of it is printed.
    pub(super) fn show_count(&mut self, id: BufferId) {
        let client = self.driver.client();
        let Some(buffer) = client.buffer(id).filter(|_| self.console.is_terminal()) else {
            return;
        };
        let is_whole = !self.unprinted.contains(&id) && !buffer.has_more_unread;
        if buffer.unread > 0 && !is_whole {
            self.unprinted.insert(id);
            let more = if buffer.has_more_unread { "+" } else { "" };
            let (count, mentions) = (buffer.unread, buffer.mentions);
            let variables = [
                ("name", buffer.name.to_string()),
                ("count", format!("{count}{more}")),
                ("mentions", format!("{mentions}{more}")),
            ];
            let variables = variables
                .each_ref()
                .map(|(name, value)| (*name, value.as_str()));
            let text = self
                .driver
                .locale()
                .text_with("client-plain-unread", &variables);
            self.console.print(&text);
            return;
        }
        self.unprinted.remove(&id);
        drop(self.driver.intend(Intent::Seen(id)));
    }

    pub(super) fn show_entry(&mut self, id: BufferId, entry: EntryId) {
        let client = self.driver.client();
        let Some(buffer) = client.buffer(id) else {
            return;
        };
        let Some(entry) = buffer.timeline.get(entry) else {
            return;
        };
        let is_here = client.current().id == id || !self.console.is_terminal();
        let is_server = buffer.kind == BufferKind::Server;
        let place = match buffer.kind {
            BufferKind::Channel if client.current().id != id => format!("{} ", buffer.name),
            _ => String::new(),
        };
        let is_private = buffer.kind == BufferKind::Query;
        let line = match &entry.what {
            What::Said(said) => {
                let is_typed_here = match &entry.msgid {
                    Some(msgid) => self.own.contains(msgid),
                    None => said.is_mine && self.own_unnamed > 0,
                };
                if is_typed_here {
                    match &entry.msgid {
                        Some(msgid) => drop(self.own.remove(msgid)),
                        None => self.own_unnamed -= 1,
                    }
                    return;
                }
                let words = self.words(said, is_private, &buffer.name);
                format!("{place}{words}")
            }
            What::Presence { .. } if !is_here || !self.console.is_terminal() => return,
            what => {
                let words = sentence(what, self.driver.locale()).unwrap_or_default();
                // The server's greeting is for those who debug; what it says later is an answer.
                if is_server && !self.console.is_terminal() && !entry.is_alert() {
                    return;
                }
                format!("{place}{words}")
            }
        };
        let line = self.with_time(&entry.clone(), line);
        self.console.print(&line);
        if self.console.is_terminal() && !self.unprinted.contains(&id) {
            // Having seen something shows nothing new.
            drop(self.driver.intend(Intent::Seen(id)));
        }
    }

    /// Rings where somebody sits, for what nobody must miss.
    pub(super) fn call(&self, id: BufferId, entry: EntryId) {
        let place = self.driver.client().buffer(id);
        let entry = place.and_then(|place| place.timeline.get(entry));
        if self.console.is_terminal() && entry.is_some_and(Entry::is_alert) {
            prompt("\x07");
        }
    }

    /// The person turns to a conversation of which not all that is unread was printed: they know how much it is, and where it
    /// can be had.
    pub(super) fn attend(&mut self, id: BufferId) {
        if self.unprinted.remove(&id) {
            drop(self.driver.intend(Intent::Seen(id)));
        }
    }
}
