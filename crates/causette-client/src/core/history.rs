//! The past: what was missed during an absence, and what is scrolled back to.
//!
//! <https://ircv3.net/specs/extensions/chathistory>

use crate::core::batch::{Batch, Item};
use crate::core::buffer::{Buffer, BufferId, BufferKind, CatchUp};
use crate::core::client::Client;
use crate::core::entry::{EntryId, What};
use crate::core::input::Since;
use crate::core::limits::{CATCH_UP_PAGES, DOUBT_PAGES, PAGE, TARGETS};
use crate::core::outbox::State;
use crate::core::output::Output;
use crate::core::request::{PageOf, Request};
use crate::core::sending::ENTERED;
use crate::core::timeline::Place;
use causette_proto::{CompactString, Message, Timestamp};

impl Client {
    /// The connection is there again, or for the first time.
    pub(crate) fn come_back(&mut self, out: &mut Vec<Output>) {
        self.enter_channels(out);
        if self.settings.follows && self.features.has_history() {
            let now = self.now.plus_seconds(3_600);
            let message = Message::new("CHATHISTORY")
                .param("TARGETS")
                .param(format!("timestamp={}", Timestamp::MIN))
                .param(format!("timestamp={now}"))
                .param(TARGETS.to_string());
            self.request(message, Request::Targets, out);
        }
        if !self.outbox.is_empty() {
            out.push(Output::Send(Message::new("PING").param(ENTERED)));
        }
        self.open_outbox_targets();
        let queries: Vec<BufferId> = self
            .buffers
            .iter()
            .filter(|buffer| buffer.kind == BufferKind::Query)
            .map(|buffer| buffer.id)
            .collect();
        for query in queries {
            self.catch_up(query, out);
        }
        // What belongs to a channel waits until the person is in it.
        let channels: Vec<BufferId> = self
            .buffers
            .iter()
            .filter(|buffer| buffer.kind == BufferKind::Channel && buffer.is_joined)
            .map(|buffer| buffer.id)
            .collect();
        for channel in channels {
            self.catch_up(channel, out);
        }
    }

    /// Enters the channels that the person was in or asked for; those that the server opens by itself take no harm.
    fn enter_channels(&mut self, out: &mut Vec<Output>) {
        let mut names: Vec<CompactString> = self.settings.channels.clone();
        for buffer in &mut self.buffers {
            if buffer.kind == BufferKind::Channel && std::mem::take(&mut buffer.is_joined) {
                names.push(buffer.name.clone());
            }
        }
        let mut seen = Vec::new();
        for name in names {
            let key = self.features.fold.key(&name);
            if !seen.contains(&key) {
                seen.push(key);
                let message = Message::new("JOIN").param(name);
                self.request(message, Request::Quiet, out);
            }
        }
    }

    fn open_outbox_targets(&mut self) {
        let targets: Vec<CompactString> = self
            .outbox
            .iter()
            .map(|message| message.target.clone())
            .collect();
        for target in targets {
            if !self.features.is_channel(&target) {
                self.query_with(&target);
            }
        }
    }

    /// Reads what is missing at the end of a conversation. Whatever waits to be said there waits for it, because the past
    /// tells what was stored before the connection was lost.
    pub(crate) fn catch_up(&mut self, id: BufferId, out: &mut Vec<Output>) {
        let (has_history, follows) = (self.features.has_history(), self.settings.follows);
        let doubts = self.doubts(id);
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        if !has_history || (!follows && !doubts) {
            self.caught_up(id, out);
            return;
        }
        if buffer.past.is_fresh {
            return;
        }
        buffer.past.is_fresh = true;
        let behind = buffer.timeline.newest_known().map(|entry| entry.id);
        buffer.past.catching_up = Some(CatchUp { behind, pages: 0 });
        match behind {
            Some(behind) => self.ask_page(id, PageOf::Missed(behind), out),
            None => self.ask_page(id, PageOf::Latest, out),
        }
        self.ask_mark(id, out);
    }

    fn ask_page(&mut self, id: BufferId, of: PageOf, out: &mut Vec<Output>) {
        let page = self.features.page.unwrap_or(PAGE);
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        let anchor = |entry: EntryId| {
            let entry = buffer.timeline.get(entry);
            entry
                .and_then(|entry| entry.msgid.as_ref())
                .map(|msgid| format!("msgid={msgid}"))
        };
        let (verb, bound) = match of {
            PageOf::Latest => ("LATEST", Some("*".to_owned())),
            PageOf::Missed(entry) => ("AFTER", anchor(entry)),
            PageOf::Before(entry) => ("BEFORE", anchor(entry)),
            PageOf::Asked => return,
        };
        let Some(bound) = bound else {
            return;
        };
        buffer.past.is_reading = true;
        let name = buffer.name.clone();
        let message = Message::new("CHATHISTORY")
            .param(verb)
            .param(name)
            .param(bound)
            .param(page.to_string());
        let label = self.request(message, Request::Page(id, of), out);
        if label.is_none() {
            // Without labels a page is known by its target: one at a time.
            self.pages.push((id, of));
        }
    }

    /// Somebody wants to read a conversation from a place on.
    pub(crate) fn read(&mut self, target: &CompactString, since: Since, out: &mut Vec<Output>) {
        let kind = if self.features.is_channel(target) {
            BufferKind::Channel
        } else {
            BufferKind::Query
        };
        let id = self.buffer_for(kind, target);
        let most = self.features.page_max.unwrap_or(PAGE);
        let (verb, bound, count) = match since {
            Since::Newest(count) => ("LATEST", "*".to_owned(), count),
            Since::Before(msgid, count) => ("BEFORE", format!("msgid={msgid}"), count),
            Since::Moment(time, count) => ("AFTER", format!("timestamp={time}"), count),
            Since::Msgid(msgid, count) => ("AFTER", format!("msgid={msgid}"), count),
        };
        let message = Message::new("CHATHISTORY")
            .param(verb)
            .param(target.clone())
            .param(bound)
            .param(count.min(most).to_string());
        if self
            .request(message, Request::Page(id, PageOf::Asked), out)
            .is_none()
        {
            self.pages.push((id, PageOf::Asked));
        }
    }

    /// A conversation with a person tells its mark only when it is asked; a channel tells it when it is entered.
    fn ask_mark(&mut self, id: BufferId, out: &mut Vec<Output>) {
        let has_marks = self.features.has("draft/read-marker");
        let query = self
            .buffer(id)
            .filter(|buffer| buffer.kind == BufferKind::Query);
        if let (true, Some(query)) = (has_marks, query) {
            let message = Message::new("MARKREAD").param(query.name.clone());
            self.request(message, Request::Quiet, out);
        }
    }

    /// After a page: another one, or the end of catching up.
    pub(crate) fn go_on(
        &mut self,
        id: BufferId,
        of: PageOf,
        newest: Option<CompactString>,
        is_last: bool,
        out: &mut Vec<Output>,
    ) {
        let (has_doubts, still_doubts) = (self.doubts(id), self.doubts_remain(id));
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        let Some(catching) = &mut buffer.past.catching_up else {
            return;
        };
        catching.pages += 1;
        let pages = catching.pages;
        let timeline = &buffer.timeline;
        let newest = newest.and_then(|msgid| timeline.by_msgid(&msgid).map(|entry| entry.id));
        let is_everything_known = buffer.past.is_whole && timeline.gap().is_none();
        let next = match (of, newest) {
            (PageOf::Missed(_), Some(newest)) if !is_last => {
                if pages < CATCH_UP_PAGES || (has_doubts && pages < DOUBT_PAGES) {
                    Some(PageOf::Missed(newest))
                } else {
                    // Too much was missed to be read at once: the newest is wanted first.
                    self.open_gap(id, Some(newest));
                    Some(PageOf::Latest)
                }
            }
            // What may have been stored further back is looked for there.
            _ if still_doubts && pages < DOUBT_PAGES && !is_everything_known => timeline
                .oldest_known()
                .map(|entry| PageOf::Before(entry.id)),
            _ => None,
        };
        match next {
            Some(next) => self.ask_page(id, next, out),
            None => self.caught_up(id, out),
        }
    }

    fn open_gap(&mut self, id: BufferId, behind: Option<EntryId>) {
        // At the moment of what stands before it, so that it begins no day of its own.
        let before = behind.and_then(|behind| self.buffer(id)?.timeline.get(behind));
        let time = before.map_or(self.now, |before| before.time);
        let gap = self.entry(time, None, What::Gap);
        if let Some(buffer) = self.buffer_mut(id) {
            let place = behind.map_or(Place::End, Place::After);
            buffer.timeline.insert(vec![gap], place);
        }
    }

    /// Nothing more is to be read before the person's own messages go out.
    fn caught_up(&mut self, id: BufferId, out: &mut Vec<Output>) {
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        buffer.past.catching_up = None;
        buffer.past.is_fresh = true;
        self.settle_doubts(id, out);
        self.send_waiting(id, out);
    }

    /// The server has no such page, or none for this person.
    pub(crate) fn no_page(&mut self, id: BufferId, of: PageOf, out: &mut Vec<Output>) {
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        buffer.past.is_reading = false;
        match of {
            // The message that was asked from is not kept any more: what is between is not known.
            PageOf::Missed(entry) => {
                self.open_gap(id, Some(entry));
                self.ask_page(id, PageOf::Latest, out);
            }
            PageOf::Asked => {}
            PageOf::Latest | PageOf::Before(_) => {
                buffer.past.is_whole = true;
                if buffer.past.catching_up.is_some() {
                    self.caught_up(id, out);
                }
            }
        }
        out.push(Output::Changed);
    }

    /// The person has scrolled to the top.
    pub(crate) fn older(&mut self, id: BufferId, out: &mut Vec<Output>) {
        let has_history = self.features.has_history() && self.link.is_online();
        let Some(buffer) = self.buffer(id) else {
            return;
        };
        let is_complete = buffer.past.is_whole && buffer.timeline.gap().is_none();
        if !has_history
            || buffer.past.is_reading
            || is_complete
            || buffer.kind == BufferKind::Server
        {
            return;
        }
        match buffer.timeline.oldest_known().map(|entry| entry.id) {
            Some(oldest) => self.ask_page(id, PageOf::Before(oldest), out),
            None => self.ask_page(id, PageOf::Latest, out),
        }
        out.push(Output::Changed);
    }

    /// Which conversations were active: those with people are opened, so that nothing said meanwhile is missed.
    pub(crate) fn targets(&mut self, batch: &Batch, out: &mut Vec<Output>) {
        for item in &batch.items {
            let Item::Message(message) = item else {
                continue;
            };
            let [_, target, ..] = &message.params[..] else {
                continue;
            };
            if self.features.is_channel(target) || self.is_service(target) {
                continue;
            }
            let query = self.query_with(target);
            self.catch_up(query, out);
        }
    }

    pub(crate) fn is_service(&self, name: &str) -> bool {
        ["nickserv", "chanserv", "fileserv"].contains(&&*self.features.fold.key(name))
    }

    pub(crate) fn doubts(&self, id: BufferId) -> bool {
        let Some(buffer) = self.buffer(id) else {
            return false;
        };
        let is_target = |target: &str| self.features.fold.key(target) == buffer.key;
        !self.outbox.ids(is_target, &State::Doubtful).is_empty()
    }

    /// Whether a message may still be further back than what is known: behind which one it was typed is not known yet.
    fn doubts_remain(&self, id: BufferId) -> bool {
        let Some(buffer) = self.buffer(id) else {
            return false;
        };
        self.outbox.iter().any(|message| {
            message.state == State::Doubtful
                && self.features.fold.key(&message.target) == buffer.key
                && message
                    .behind
                    .as_ref()
                    .is_none_or(|behind| !buffer.timeline.reaches(behind))
        })
    }
}

impl Buffer {
    /// The first entry of what is known without a hole up to now.
    pub(crate) fn first_behind_gap(&self) -> Option<EntryId> {
        match self.timeline.gap() {
            None => self.timeline.at(0).map(|entry| entry.id),
            Some(gap) => {
                let index = self.timeline.position(gap)? + 1;
                self.timeline.at(index).map(|entry| entry.id)
            }
        }
    }
}
