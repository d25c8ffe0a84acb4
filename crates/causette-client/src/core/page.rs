//! A page of the past, as the server gives it.

use crate::core::batch::{Batch, Item};
use crate::core::buffer::{Buffer, BufferId, Top};
use crate::core::client::Client;
use crate::core::entry::{Entry, EntryId, What};
use crate::core::hearing::Reaction;
use crate::core::limits::{PAGE, PAGE_BYTES_SURE, PAGES_IN_VAIN};
use crate::core::output::{Output, Page};
use crate::core::receive::{last, msgid_of, nick_of, several_lines, time_of};
use crate::core::request::{PageOf, Request};
use crate::core::timeline::Place;
use causette_proto::{CompactString, Message, Timestamp};

/// What a page holds besides messages: what happened to messages.
pub(crate) enum Later {
    React(Reaction),
    Redact(CompactString, CompactString, String),
}

/// What a page reaches from and to, by everything that is in it.
#[derive(Debug, Default)]
pub(crate) struct Extent {
    pub(crate) oldest: Option<(CompactString, Timestamp)>,
    pub(crate) newest: Option<(CompactString, Timestamp)>,
    /// The newest of its entries that are shown.
    pub(crate) shown: Option<EntryId>,
    /// Whether there is no further one.
    pub(crate) is_last: bool,
}

fn bytes_of(item: &Item) -> usize {
    match item {
        Item::Message(message) => message.params.iter().map(CompactString::len).sum(),
        Item::Batch(batch) => batch.items.iter().map(bytes_of).sum(),
    }
}

impl Client {
    fn extent_of(&self, items: &[Item]) -> Extent {
        let place = |item: &Item| {
            let line = match item {
                Item::Message(message) => message,
                Item::Batch(batch) => &batch.opening,
            };
            Some((msgid_of(line)?, time_of(line, self.now)))
        };
        let bytes: usize = items.iter().map(bytes_of).sum();
        let is_short = items.len() < self.features.page.unwrap_or(PAGE);
        // By what the server sent, not by what of it is shown: reactions fill a page too.
        Extent {
            oldest: items.iter().find_map(place),
            newest: items.iter().rev().find_map(place),
            shown: None,
            is_last: items.is_empty() || (is_short && bytes < PAGE_BYTES_SURE),
        }
    }

    /// When the person came into the channel first, as far as a page tells.
    fn came_with(&self, items: &[Item]) -> Option<Timestamp> {
        items.iter().find_map(|item| match item {
            Item::Message(message) if message.command == "JOIN" => {
                let account = message.params.get(1).filter(|account| *account != "*");
                let is_me = self.is_me(&nick_of(message))
                    || (account.is_some() && account == self.account.as_ref());
                is_me.then(|| time_of(message, self.now))
            }
            _ => None,
        })
    }

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
        if of == PageOf::Asked {
            self.handed_out(id, batch, out);
            return;
        }
        let mut extent = self.extent_of(&batch.items);
        let came = self.came_with(&batch.items);
        let (entries, later) = self.read_page(batch.items, out);
        let newest_of_page = entries
            .iter()
            .rev()
            .find(|entry| entry.msgid.is_some())
            .and_then(|entry| entry.msgid.clone());
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        buffer.past.is_reading = false;
        buffer.past.came = buffer.past.came.into_iter().chain(came).min();
        let place = match of {
            PageOf::Before(Some(entry)) => Place::Before(entry),
            PageOf::Missed(entry) => Place::After(entry),
            PageOf::Before(None) | PageOf::Latest | PageOf::Asked => {
                buffer.first_behind_gap().map_or(Place::End, Place::Before)
            }
        };
        let asked = entries.len();
        let page = match of {
            PageOf::Missed(_) => Page::Missed,
            PageOf::Before(_) if buffer.past.catching_up.is_some() => Page::Counted,
            PageOf::Before(_) | PageOf::Asked => Page::Older,
            // Behind a gap the newest messages are what was missed, too.
            PageOf::Latest if buffer.timeline.gap().is_some() => Page::Missed,
            PageOf::Latest => Page::First,
        };
        let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id).collect();
        let name = buffer.name.clone();
        let added = buffer.timeline.insert(entries, place);
        let timeline = &buffer.timeline;
        let is_new = |&id: &EntryId| timeline.get(id).is_some();
        let entries: Vec<EntryId> = ids.into_iter().filter(is_new).collect();
        extent.shown = newest_of_page
            .as_ref()
            .and_then(|msgid| buffer.timeline.by_msgid(msgid))
            .map(|entry| entry.id);
        match of {
            PageOf::Latest | PageOf::Before(_) => buffer.has_read_back(of, &extent, asked, added),
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
        self.go_on(id, of, &extent, out);
        out.push(Output::Changed);
    }

    pub(crate) fn read_page(
        &mut self,
        items: Vec<Item>,
        out: &mut Vec<Output>,
    ) -> (Vec<Entry>, Vec<Later>) {
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

impl Buffer {
    /// A page was put before what is known, of which so many entries are shown and so many of those are new.
    fn has_read_back(&mut self, of: PageOf, extent: &Extent, shown: usize, added: usize) {
        if let Some(gap) = self.timeline.gap()
            && (extent.is_last || added < shown)
        {
            // The page reached what was known before: nothing is missing any more.
            self.timeline.remove(gap);
            return;
        }
        let before = self.past.top.as_ref().and_then(|top| top.reached.as_ref());
        let is_again = extent.oldest.is_some() && extent.oldest.as_ref() == before;
        let is_known = shown > 0 && added == 0 && !extent.is_last;
        if matches!(of, PageOf::Before(_)) && (is_again || is_known) {
            // The server gives the same once more, and would again.
            self.past.in_vain = PAGES_IN_VAIN;
            return;
        }
        self.past.in_vain = if added > 0 { 0 } else { self.past.in_vain + 1 };
        // What has no name cannot be asked from: that was all.
        let reached = extent.oldest.clone().filter(|_| !extent.is_last);
        self.past.top = Some(Top {
            below: self.oldest_known(),
            reached,
        });
    }
}
