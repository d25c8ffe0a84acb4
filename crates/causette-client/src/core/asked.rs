//! Pages that are asked for to be handed out: who prints a conversation keeps nothing of it.

use crate::core::batch::{Batch, Item};
use crate::core::buffer::{BufferId, BufferKind};
use crate::core::client::Client;
use crate::core::entry::{Entry, Redacted, What};
use crate::core::hush::is_service;
use crate::core::input::Since;
use crate::core::limits::{PAGE, TARGETS};
use crate::core::output::{Output, Stretch};
use crate::core::page::Later;
use crate::core::receive::{last, msgid_of, time_of};
use crate::core::request::{PageOf, Request};
use causette_proto::{CompactString, Message, Timestamp};

impl Client {
    /// Somebody wants to read a conversation from a place on.
    pub(crate) fn read(&mut self, target: &CompactString, since: Since, out: &mut Vec<Output>) {
        let kind = if self.features.is_channel(target) {
            BufferKind::Channel
        } else {
            BufferKind::Query
        };
        let id = self.buffer_for(kind, target);
        if !self.features.has_history() {
            let text = self.settings.locale.text("client-no-history");
            out.push(Output::NotRead(id, CompactString::default(), text));
            return;
        }
        let most = self.features.page_max.unwrap_or(PAGE);
        let (verb, bound, count) = match since {
            Since::Newest(count) => ("LATEST", "*".to_owned(), count),
            Since::Before(msgid, count) => ("BEFORE", format!("msgid={msgid}"), count),
            Since::Moment(time, count) => ("AFTER", from(time), count),
            Since::Msgid(msgid, count) => ("AFTER", format!("msgid={msgid}"), count),
            Since::Around(msgid, count) => ("AROUND", format!("msgid={msgid}"), count),
        };
        let message = Message::new("CHATHISTORY")
            .param(verb)
            .param(target.clone())
            .param(bound)
            .param(count.min(most).to_string());
        let asked = Request::Page(id, PageOf::Asked);
        if self.request(message, asked, out).is_none() {
            self.pages.push((id, PageOf::Asked));
        }
    }

    /// The page has come.
    pub(crate) fn handed_out(&mut self, buffer: BufferId, batch: Batch, out: &mut Vec<Output>) {
        let opening_of = |item: &Item| match item {
            Item::Message(message) => Some((msgid_of(message)?, message.clone())),
            Item::Batch(batch) => Some((msgid_of(&batch.opening)?, batch.opening.clone())),
        };
        let named = batch.items.iter().filter_map(opening_of);
        let marks = named
            .map(|(msgid, message)| (msgid, time_of(&message, self.now)))
            .collect();
        let is_cut = batch.is_cut;
        let (mut entries, later) = self.read_page(batch.items, out);
        for change in later {
            take_back(&mut entries, change);
        }
        out.push(Output::Read(Box::new(Stretch {
            buffer,
            entries,
            marks,
            is_cut,
        })));
    }

    /// Whether an error answers such a question; then it is told.
    pub(crate) fn asked_in_vain(
        &mut self,
        message: &Message,
        request: Option<&Request>,
        out: &mut Vec<Output>,
    ) -> bool {
        let Some(&Request::Page(buffer, PageOf::Asked)) = request else {
            return false;
        };
        let why = last(message).to_owned();
        out.push(Output::NotRead(buffer, code_of(message), why));
        true
    }

    /// The question about the past that an error is about, where no label tells.
    pub(crate) fn past_refused(&mut self, message: &Message) -> Option<Request> {
        let [verb, _, context @ ..] = &message.params[..] else {
            return None;
        };
        if verb != "CHATHISTORY" {
            return None;
        }
        if context.first().is_some_and(|verb| verb == "TARGETS") {
            return std::mem::take(&mut self.asks_active).then_some(Request::Active);
        }
        let names = |id: BufferId| {
            let key = &self.buffer(id)?.key;
            let mut keys = context.iter().map(|param| self.features.fold.key(param));
            keys.any(|param| param == *key).then_some(())
        };
        let named = self.pages.iter().position(|&(id, _)| names(id).is_some());
        // Not every server says which; they answer in the order in which they were asked.
        let index = named.or_else(|| (!self.pages.is_empty()).then_some(0))?;
        let (id, of) = self.pages.remove(index);
        Some(Request::Page(id, of))
    }

    /// Somebody wants to know with whom something was said since a moment.
    pub(crate) fn ask_active(&mut self, since: Timestamp, out: &mut Vec<Output>) {
        if !self.features.has_history() {
            return;
        }
        let until = self.now.max(since).plus_seconds(3_600);
        let message = Message::new("CHATHISTORY")
            .param("TARGETS")
            .param(from(since))
            .param(format!("timestamp={until}"))
            .param(TARGETS.to_string());
        self.asks_active = self.request(message, Request::Active, out).is_none();
    }

    /// They are known.
    pub(crate) fn active(&mut self, batch: &Batch, out: &mut Vec<Output>) {
        let people = batch.items.iter().filter_map(|item| match item {
            Item::Message(message) => message.params.get(1),
            Item::Batch(_) => None,
        });
        let people = people
            .filter(|name| !self.features.is_channel(name) && !is_service(name))
            .cloned()
            .collect();
        out.push(Output::Active(people));
    }
}

/// The bound behind which everything of a moment lies, also what else was said in its millisecond.
fn from(time: Timestamp) -> String {
    format!("timestamp={}", time.plus_millis(-1))
}

/// The code of a FAIL, or else the numeric.
pub(crate) fn code_of(message: &Message) -> CompactString {
    match message.command.as_str() {
        "FAIL" => message.params.get(1).cloned().unwrap_or_default(),
        numeric => numeric.into(),
    }
}

/// Whether a code tells that there is nothing to be read for this person. Any other one may be otherwise the next time.
pub fn is_unreadable(code: &str) -> bool {
    matches!(code, "INVALID_TARGET" | "401" | "403" | "404" | "442")
}

/// What was taken back later in the page is not shown.
fn take_back(entries: &mut [Entry], change: Later) {
    let Later::Redact(msgid, by, reason) = change else {
        return;
    };
    let meant = entries
        .iter_mut()
        .find(|entry| entry.msgid.as_ref() == Some(&msgid));
    if let Some(Entry {
        what: What::Said(said),
        ..
    }) = meant
    {
        said.text.clear();
        said.redacted = Some(Redacted { by, reason });
    }
}
