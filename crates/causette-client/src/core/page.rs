//! A page of the past, as the server gives it.

use crate::core::batch::{Batch, Item};
use crate::core::buffer::BufferId;
use crate::core::client::Client;
use crate::core::entry::{Entry, EntryId, What};
use crate::core::hearing::Reaction;
use crate::core::limits::PAGE;
use crate::core::output::{Output, Page};
use crate::core::receive::{last, msgid_of, nick_of, several_lines, time_of};
use crate::core::request::{PageOf, Request};
use crate::core::timeline::Place;
use causette_proto::{CompactString, Message};

/// What a page holds besides messages: what happened to messages.
enum Later {
    React(Reaction),
    Redact(CompactString, CompactString, String),
}

impl Client {
    /// A page has come.
    pub(crate) fn page(&mut self, batch: Batch, request: Option<&Request>, out: &mut Vec<Output>) {
        let (id, of) = match request {
            Some(&Request::Page(id, of)) => (id, of),
            _ => {
                let Some(id) = self.find(batch.target()) else {
                    return;
                };
                let Some(index) = self.pages.iter().position(|&(page, _)| page == id) else {
                    return;
                };
                self.pages.remove(index)
            }
        };
        // By what the server sent, not by what of it is shown: reactions fill a page too.
        let count = batch.items.len();
        let (entries, later) = self.read_page(batch.items, out);
        let newest_of_page = entries
            .iter()
            .rev()
            .find(|entry| entry.msgid.is_some())
            .and_then(|entry| entry.msgid.clone());
        let size = self.features.page.unwrap_or(PAGE);
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        buffer.past.is_reading = false;
        let place = match of {
            PageOf::Before(entry) => Place::Before(entry),
            PageOf::Missed(entry) => Place::After(entry),
            PageOf::Latest | PageOf::Asked => {
                buffer.first_behind_gap().map_or(Place::End, Place::Before)
            }
        };
        let asked = entries.len();
        let page = match of {
            PageOf::Asked => Page::Asked,
            PageOf::Missed(_) => Page::Missed,
            PageOf::Before(_) => Page::Older,
            // Behind a gap the newest messages are what was missed, too.
            PageOf::Latest if buffer.timeline.gap().is_some() => Page::Missed,
            PageOf::Latest => Page::First,
        };
        let ids: Vec<(EntryId, Option<CompactString>)> = entries
            .iter()
            .map(|entry| (entry.id, entry.msgid.clone()))
            .collect();
        let name = buffer.name.clone();
        let added = buffer.timeline.insert(entries, place);
        let timeline = &buffer.timeline;
        let entries: Vec<EntryId> = ids
            .into_iter()
            .filter_map(|(id, msgid)| match timeline.get(id) {
                Some(entry) => Some(entry.id),
                // Whoever asked for a page wants all of it, also what was known before.
                None if page == Page::Asked => Some(timeline.by_msgid(&msgid?)?.id),
                None => None,
            })
            .collect();
        let is_last = count < size;
        match of {
            PageOf::Latest | PageOf::Before(_) => {
                if buffer.timeline.gap().is_none() {
                    buffer.past.is_whole = is_last;
                } else if is_last || added < asked {
                    // The page reached what was known before: nothing is missing any more.
                    if let Some(gap) = buffer.timeline.gap() {
                        buffer.timeline.remove(gap);
                    }
                }
            }
            PageOf::Missed(_) | PageOf::Asked => {}
        }
        if let (PageOf::Latest, Some(newest)) = (of, &newest_of_page) {
            let (fold, key) = (self.features.fold, self.features.fold.key(&name));
            self.outbox
                .begin_behind(newest, |target| fold.key(target) == key);
            out.push(Output::Keep { at_once: false });
        }
        self.apply(id, later, out);
        out.push(Output::Loaded {
            buffer: id,
            entries,
            page,
        });
        if let Some(buffer) = self.buffer_mut(id) {
            buffer.count();
        }
        self.go_on(id, of, newest_of_page, is_last, out);
        out.push(Output::Changed);
    }

    fn read_page(&mut self, items: Vec<Item>, out: &mut Vec<Output>) -> (Vec<Entry>, Vec<Later>) {
        let mut entries = Vec::with_capacity(items.len());
        let mut later = Vec::new();
        for item in items {
            let message = match item {
                Item::Message(message) => message,
                Item::Batch(batch) if batch.kind() == "draft/multiline" => several_lines(&batch),
                Item::Batch(_) => continue,
            };
            let who = nick_of(&message);
            let what = match message.command.as_str() {
                "PRIVMSG" | "NOTICE" => {
                    if self.is_me(&who) {
                        self.confirm(&message, None, out);
                    }
                    self.said_of(&message).map(What::Said)
                }
                "TAGMSG" => {
                    later.extend(self.reaction_of(&message).map(Later::React));
                    None
                }
                "REDACT" => {
                    if let Some(msgid) = message.params.get(1) {
                        let reason = message.params.get(2).map(ToString::to_string);
                        later.push(Later::Redact(
                            msgid.clone(),
                            who,
                            reason.unwrap_or_default(),
                        ));
                    }
                    None
                }
                _ => self.what_of(&message, &who),
            };
            if let Some(what) = what {
                entries.push(self.entry(time_of(&message, self.now), msgid_of(&message), what));
            }
        }
        (entries, later)
    }

    fn apply(&mut self, id: BufferId, later: Vec<Later>, out: &mut Vec<Output>) {
        for change in later {
            match change {
                Later::React(reaction) => self.react(id, reaction, out),
                Later::Redact(msgid, by, reason) => {
                    if let Some(buffer) = self.buffer_mut(id) {
                        buffer.timeline.redact(&msgid, by, reason);
                    }
                }
            }
        }
    }

    /// What fits a search, as lines of the conversation in which it was asked for.
    pub(crate) fn found(&mut self, buffer: BufferId, batch: &Batch, out: &mut Vec<Output>) {
        let messages: Vec<&Message> = batch
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Message(message) => Some(message),
                Item::Batch(_) => None,
            })
            .collect();
        if messages.is_empty() {
            self.inform_key(buffer, "client-nothing-found", &[], out);
            return;
        }
        for message in messages {
            let time = time_of(message, self.now);
            let locale = &self.settings.locale;
            let day = locale.day_in_words(time, self.now);
            let hour = locale.hour(time);
            let target = message.params.first().cloned().unwrap_or_default();
            let words = last(message).replace('\u{1}', "");
            let line = format!("{day} {hour} {target} {}: {words}", nick_of(message));
            self.inform(buffer, line, out);
        }
    }
}
