//! The past: what was missed during an absence, and what is scrolled back to.
//!
//! <https://ircv3.net/specs/extensions/chathistory>

use crate::core::asked::is_unreadable;
use crate::core::batch::{Batch, Item};
use crate::core::buffer::{Buffer, BufferId, BufferKind, CatchUp, Top};
use crate::core::client::Client;
use crate::core::entry::{EntryId, What};
use crate::core::hush::is_service;
use crate::core::limits::{
    CATCH_UP_PAGES, DOUBT_PAGES, PAGE, PAGES_IN_VAIN, TARGETS, UNREAD_PAGES,
};
use crate::core::outbox::State;
use crate::core::output::Output;
use crate::core::page::Extent;
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
        if buffer.past.is_fresh && !std::mem::take(&mut buffer.past.has_left) {
            return;
        }
        buffer.past.is_fresh = true;
        let behind = buffer.timeline.newest_known().map(|entry| entry.id);
        buffer.past.catching_up = Some(CatchUp::default());
        buffer.past.in_vain = 0;
        // What was read decides what is unread of the page.
        self.ask_mark(id, out);
        let of = behind.map_or(PageOf::Latest, PageOf::Missed);
        self.ask_page(id, of, out);
    }

    /// Asks for a page. Says whether there is anything to ask from.
    fn ask_page(&mut self, id: BufferId, of: PageOf, out: &mut Vec<Output>) -> bool {
        let page = self.features.page.unwrap_or(PAGE);
        let Some(buffer) = self.buffer_mut(id) else {
            return false;
        };
        let (verb, bound) = match of {
            PageOf::Latest => ("LATEST", Some("*".to_owned())),
            PageOf::Missed(_) => (
                "AFTER",
                buffer.anchor(of).map(|msgid| format!("msgid={msgid}")),
            ),
            PageOf::Before(_) => (
                "BEFORE",
                buffer.anchor(of).map(|msgid| format!("msgid={msgid}")),
            ),
            PageOf::Asked => return false,
        };
        let Some(bound) = bound else {
            return false;
        };
        buffer.past.is_reading = true;
        buffer.past.is_asked = true;
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
        true
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

    /// After a page: another one, or the end of catching up. Each is asked from what the one before has brought, shown or not;
    /// where that does not move, there is no other.
    pub(crate) fn go_on(
        &mut self,
        id: BufferId,
        of: PageOf,
        extent: &Extent,
        out: &mut Vec<Output>,
    ) {
        let (has_doubts, still_doubts) = (self.doubts(id), self.doubts_remain(id));
        let counts = self.settings.follows && self.settings.keeps;
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        let asked_from = buffer.anchor(of);
        let Some(catching) = &mut buffer.past.catching_up else {
            return;
        };
        catching.pages += 1;
        let pages = catching.pages;
        let newest = extent.newest.as_ref().map(|(msgid, _)| msgid);
        let next = if let (PageOf::Missed(behind), false) = (of, extent.is_last) {
            let behind = extent.shown.unwrap_or(behind);
            let is_bounded = pages < CATCH_UP_PAGES || (has_doubts && pages < DOUBT_PAGES);
            if is_bounded && newest.is_some() && newest != asked_from.as_ref() {
                catching.anchor = newest.cloned();
                Some(PageOf::Missed(behind))
            } else {
                // Too much was missed to be read at once: the newest is wanted first.
                self.open_gap(id, Some(behind));
                Some(PageOf::Latest)
            }
        } else {
            let goes_on = !buffer.is_whole() && buffer.past.in_vain < PAGES_IN_VAIN;
            let lacks = counts && buffer.read_up_to().is_some_and(|read| buffer.lacks(read));
            // What may have been stored further back is looked for there, and what is unread is counted.
            let is_wanted =
                (still_doubts && pages < DOUBT_PAGES) || (lacks && pages < UNREAD_PAGES);
            (is_wanted && goes_on).then(|| PageOf::Before(buffer.oldest_known()))
        };
        let is_asked = next.is_some_and(|next| self.ask_page(id, next, out));
        if !is_asked {
            self.caught_up(id, out);
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
        let is_here = self.current == id;
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        buffer.past.catching_up = None;
        buffer.past.is_fresh = true;
        if is_here && buffer.rule.is_none() {
            buffer.draw_rule();
        }
        out.push(Output::CaughtUp(id));
        self.settle_doubts(id, out);
        self.send_waiting(out);
    }

    /// The server does not give a page, for the reason that the code of its FAIL or its numeric tells.
    pub(crate) fn no_page(&mut self, id: BufferId, of: PageOf, code: &str, out: &mut Vec<Output>) {
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
                if is_unreadable(code) {
                    buffer.past.top = Some(Top {
                        below: buffer.oldest_known(),
                        reached: None,
                    });
                } else {
                    // Nothing tells that this was all. It may be there another time, when the person wants it.
                    buffer.past.in_vain = PAGES_IN_VAIN;
                }
                buffer.count();
                if buffer.past.catching_up.is_some() {
                    self.caught_up(id, out);
                }
            }
        }
        out.push(Output::Changed);
    }

    /// The top of what is known is on the screen. Where page after page brings nothing to be shown, it waits for the person.
    pub(crate) fn older(&mut self, id: BufferId, out: &mut Vec<Output>) {
        let has_history = self.features.has_history() && self.link.is_online();
        let Some(buffer) = self.buffer(id) else {
            return;
        };
        if !has_history
            || buffer.past.is_reading
            || buffer.past.in_vain >= PAGES_IN_VAIN
            || buffer.is_whole()
            || buffer.kind == BufferKind::Server
        {
            return;
        }
        let of = PageOf::Before(buffer.oldest_known());
        let of = buffer.anchor(of).map_or(PageOf::Latest, |_| of);
        self.ask_page(id, of, out);
        out.push(Output::Changed);
    }

    /// The person wants more, however much was read in vain.
    pub(crate) fn older_again(&mut self, id: BufferId, out: &mut Vec<Output>) {
        if let Some(buffer) = self.buffer_mut(id) {
            buffer.past.in_vain = 0;
        }
        self.older(id, out);
    }

    /// Which conversations were active: those with people are opened, so that nothing said meanwhile is missed.
    pub(crate) fn targets(&mut self, batch: &Batch, out: &mut Vec<Output>) {
        for item in batch.items.iter().take(TARGETS) {
            let Item::Message(message) = item else {
                continue;
            };
            let [_, target, ..] = &message.params[..] else {
                continue;
            };
            if self.features.is_channel(target) || is_service(target) {
                continue;
            }
            let query = self.query_with(target);
            self.catch_up(query, out);
        }
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
    /// The msgid from which a page is asked.
    fn anchor(&self, of: PageOf) -> Option<CompactString> {
        let named = |entry: EntryId| self.timeline.get(entry)?.msgid.clone();
        match of {
            PageOf::Missed(entry) => {
                let catching = self.past.catching_up.as_ref();
                let reached = catching.and_then(|catching| catching.anchor.clone());
                reached.or_else(|| named(entry))
            }
            PageOf::Before(entry) => {
                let reached = self.top().and_then(|top| top.reached.clone());
                let reached = reached.map(|(msgid, _)| msgid);
                reached.or_else(|| named(entry?))
            }
            PageOf::Latest | PageOf::Asked => None,
        }
    }

    pub(crate) fn oldest_known(&self) -> Option<EntryId> {
        self.timeline.oldest_known().map(|entry| entry.id)
    }

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
