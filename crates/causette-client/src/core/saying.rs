//! What the person says, from being typed until it is known to be stored.

use crate::core::buffer::{BufferId, BufferKind};
use crate::core::client::Client;
use crate::core::command::{Typed, understand};
use crate::core::connection::later;
use crate::core::doing::message_with_reason;
use crate::core::entry::Manner;
use crate::core::limits::{
    ASIDE_MAX, ASK_LINES, DRAFT_BYTES_MAX, FAREWELL, LINE_BYTES, PART_LINES, SOURCE_BYTES_MAX,
    SOURCE_REST_BYTES, TYPING_EVERY,
};
use crate::core::outbox::{Outgoing, State};
use crate::core::output::Output;
use crate::core::packing::{Packer, Room};
use crate::core::request::Request;
use causette_proto::split::cut;
use causette_proto::{CompactString, Message};

impl Client {
    /// The person has typed something and sent it.
    pub(crate) fn submit(&mut self, buffer: BufferId, text: &str, out: &mut Vec<Output>) {
        let typed = understand(text, self.settings.spelling);
        let place = self
            .buffer(buffer)
            .filter(|place| place.kind != BufferKind::Server);
        if let (Typed::Say(text), Some(place)) = (&typed, place)
            && let Some((lines, messages)) = self.must_ask(&place.name, text)
        {
            // It stays a draft until the person has answered.
            out.push(Output::Long {
                buffer,
                text: text.clone(),
                lines,
                messages,
            });
            return;
        }
        self.clear_draft(buffer, text, out);
        match typed {
            Typed::Say(text) => self.say_in(buffer, &text, out),
            Typed::Command(command) => self.command(buffer, command, out),
            Typed::Unknown(word, nearest) => {
                let near = nearest
                    .map(|nearest| format!("/{nearest}"))
                    .unwrap_or_default();
                let variables = [("word", word.as_str()), ("nearest", near.as_str())];
                let key = if near.is_empty() {
                    "client-unknown"
                } else {
                    "client-unknown-near"
                };
                self.inform_key(buffer, key, &variables, out);
            }
            Typed::SeveralLines => self.inform_key(buffer, "client-several-lines", &[], out),
            Typed::Misused(word) => {
                let usage = word.usage(&self.settings.locale);
                self.inform_key(buffer, "client-misused", &[("usage", &usage)], out);
            }
        }
        if let Some(buffer) = self.buffer_mut(buffer) {
            buffer.pointed = None;
        }
    }

    /// Says a text in a conversation, in as many messages as it needs.
    pub(crate) fn say_in(&mut self, id: BufferId, text: &str, out: &mut Vec<Output>) {
        if text.trim().is_empty() {
            return;
        }
        self.clear_draft(id, text, out);
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        if buffer.kind == BufferKind::Server {
            self.inform_key(id, "client-nowhere", &[], out);
            return;
        }
        let (target, reply_to) = (buffer.name.clone(), buffer.reply_to.take());
        self.say(&target, text, Manner::Message, reply_to, out);
    }

    /// Says something in as many messages as it needs, where they find room.
    pub(crate) fn say(
        &mut self,
        target: &CompactString,
        text: &str,
        manner: Manner,
        reply_to: Option<CompactString>,
        out: &mut Vec<Output>,
    ) {
        let text = text.trim_end_matches(['\r', '\n']);
        let pieces = self.pieces(target, text, manner);
        if pieces.len() > self.outbox.room() {
            let here = self.find(target).unwrap_or(self.current);
            self.inform_key(here, "client-outbox-full", &[], out);
            let text = text.to_owned();
            out.push(Output::Untaken(here, text));
            return;
        }
        let behind = self.newest_in(target);
        self.put(target, pieces, manner, reply_to, behind, out);
    }

    /// Says what was put together by [`Client::packer`].
    pub(crate) fn post(
        &mut self,
        target: &CompactString,
        text: &str,
        manner: Manner,
        reply_to: Option<CompactString>,
        behind: Option<CompactString>,
        out: &mut Vec<Output>,
    ) {
        let pieces = Packer::pack(self.room(target, manner, usize::MAX), text);
        let behind = self.newest_in(target).or(behind);
        let is_online = self.link.is_online();
        let place = self.find(target).and_then(|id| self.buffer_mut(id));
        if let Some(place) = place.filter(|place| is_online && !place.is_joined) {
            // Whether who is not in a channel may speak there, the server says.
            place.past.is_fresh = true;
        }
        self.put(target, pieces, manner, reply_to, behind, out);
    }

    fn newest_in(&self, target: &str) -> Option<CompactString> {
        let buffer = self.find(target).and_then(|id| self.buffer(id))?;
        buffer.timeline.newest_known()?.msgid.clone()
    }

    /// Puts messages into the outbox, and sends what can be sent.
    fn put(
        &mut self,
        target: &CompactString,
        pieces: Vec<String>,
        manner: Manner,
        mut reply_to: Option<CompactString>,
        behind: Option<CompactString>,
        out: &mut Vec<Output>,
    ) {
        let is_part = pieces.len() > 1;
        for piece in pieces {
            let id = self.next_outgoing;
            self.next_outgoing += 1;
            let nonce = self.draw.nonce();
            self.outbox.add(Outgoing {
                id,
                nonce,
                target: target.clone(),
                text: piece,
                manner,
                reply_to: reply_to.take(),
                behind: behind.clone(),
                state: State::Waiting,
                is_part,
                is_given_up: false,
                lines: 0,
            });
        }
        // On disk first: a crash between the two must not lose what was sent, nor forget that it may have been.
        out.push(Output::Keep { at_once: true });
        // What was typed before and waits goes before.
        self.send_waiting(out);
        self.typing_told = None;
        out.push(Output::Changed);
    }

    /// The messages that a text becomes.
    fn pieces(&self, target: &str, text: &str, manner: Manner) -> Vec<String> {
        Packer::pack(self.room(target, manner, PART_LINES), text)
    }

    /// Puts lines together into messages to somebody, as many as the server takes in one.
    pub fn packer(&self, target: &str, manner: Manner) -> Packer {
        Packer::new(self.room(target, manner, usize::MAX))
    }

    /// What one message may hold, with no more than so many lines.
    fn room(&self, target: &str, manner: Manner, lines_max: usize) -> Room {
        let line = self.line_room(target);
        if manner == Manner::Action {
            return Room {
                line_bytes: line.saturating_sub("\u{1}ACTION \u{1}".len()),
                several: None,
            };
        }
        let several = self.features.multiline();
        Room {
            line_bytes: line,
            several: several.map(|(bytes, lines)| (bytes, lines.min(lines_max))),
        }
    }

    /// Whether a text is so long that the person is asked before it is sent: how many lines it has, and messages it becomes.
    fn must_ask(&self, target: &str, text: &str) -> Option<(usize, usize)> {
        let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
        let messages = self.pieces(target, text, Manner::Message).len();
        (lines >= ASK_LINES || messages > 1).then_some((lines, messages))
    }

    /// Bytes of text that fit on one line to `target`, as it is relayed.
    pub fn line_room(&self, target: &str) -> usize {
        let frame = " PRIVMSG  :\r\n".len() + target.len();
        let line = self.features.line_bytes.max(LINE_BYTES);
        let rest = self.source_rest_bytes.unwrap_or(SOURCE_REST_BYTES);
        let source = (":".len() + self.nick.len() + rest).max(SOURCE_BYTES_MAX);
        line.saturating_sub(frame + source).max(64)
    }

    /// Stops what has not left: of a long text in one conversation.
    pub(crate) fn stop(&mut self, id: BufferId, out: &mut Vec<Output>) {
        let Some(key) = self.buffer(id).map(|buffer| buffer.key.clone()) else {
            return;
        };
        let fold = self.features.fold;
        let stopped = self
            .outbox
            .give_up(|message| message.is_part && fold.key(&message.target) == key);
        self.tell_given_up(id, stopped, out);
    }

    /// Whether Esc has something to stop in a conversation.
    pub fn is_sending_long(&self, id: BufferId) -> bool {
        let Some(buffer) = self.buffer(id) else {
            return false;
        };
        self.outbox.iter().any(|message| {
            message.is_part
                && message.state == State::Waiting
                && self.features.fold.key(&message.target) == buffer.key
        })
    }

    /// Gives up everything that has not left, wherever it was typed.
    pub(crate) fn discard(&mut self, here: BufferId, out: &mut Vec<Output>) {
        let given_up = self.outbox.give_up(|_| true);
        self.tell_given_up(here, given_up, out);
    }

    fn tell_given_up(&mut self, here: BufferId, count: usize, out: &mut Vec<Output>) {
        // On disk too: nothing of it comes back with the next run.
        out.push(Output::Keep { at_once: true });
        out.push(Output::Changed);
        let count = count.to_string();
        self.inform_key(here, "client-given-up", &[("count", &count)], out);
        self.leave_if_done(out);
    }

    /// The line that is being typed has changed.
    pub(crate) fn drafted(&mut self, id: BufferId, text: String, out: &mut Vec<Output>) {
        let tells = self.settings.tells_typing
            && self.link.is_online()
            && self.features.has("message-tags")
            && !text.is_empty()
            && !text.starts_with(['/', '#']);
        let now = self.now;
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        if buffer.draft == text {
            return;
        }
        buffer.draft = cut(&text, DRAFT_BYTES_MAX).to_owned();
        buffer.is_written = !text.is_empty();
        if text.is_empty() {
            buffer.pointed = None;
            buffer.begun = None;
        }
        out.push(Output::Keep { at_once: false });
        let (kind, name) = (buffer.kind, buffer.name.clone());
        if text.is_empty() && self.typing_told.take_if(|(told, _)| *told == id).is_some() {
            let message = Message::new("TAGMSG").tag("+typing", "done").param(name);
            self.request(message, Request::Quiet, out);
            return;
        }
        let is_due = self
            .typing_told
            .is_none_or(|(told, at)| told != id || later(at, TYPING_EVERY) <= now);
        if tells && kind != BufferKind::Server && is_due {
            self.typing_told = Some((id, now));
            let message = Message::new("TAGMSG").tag("+typing", "active").param(name);
            self.request(message, Request::Quiet, out);
        }
    }

    /// What was the draft is sent.
    fn clear_draft(&mut self, id: BufferId, text: &str, out: &mut Vec<Output>) {
        if let Some(buffer) = self.buffer_mut(id)
            && buffer.draft == cut(text, DRAFT_BYTES_MAX)
            && buffer.take_back()
        {
            out.push(Output::Keep { at_once: false });
        }
    }

    /// A key has put a text into the line.
    pub(crate) fn begin(
        &mut self,
        id: BufferId,
        aside: String,
        text: String,
        out: &mut Vec<Output>,
    ) {
        let Some(buffer) = self.buffer_mut(id) else {
            return;
        };
        if !aside.is_empty() && buffer.aside.len() < ASIDE_MAX {
            buffer.aside.push(aside);
        }
        buffer.begun = Some(text.clone());
        buffer.pointed = None;
        self.drafted(id, text, out);
    }

    /// What a key has put into the line is given up.
    pub(crate) fn take_back(&mut self, id: BufferId, out: &mut Vec<Output>) {
        if let Some(buffer) = self.buffer_mut(id) {
            buffer.take_back();
            buffer.pointed = None;
            out.push(Output::Keep { at_once: false });
            out.push(Output::Changed);
        }
    }

    /// The person leaves; what is not stored yet gets a moment.
    pub(crate) fn quit(&mut self, farewell: &str, out: &mut Vec<Output>) {
        if !self.link.is_online() {
            out.push(Output::Hangup);
            out.push(Output::Ended);
            return;
        }
        farewell.clone_into(&mut self.farewell);
        self.leaving = Some(later(self.now, FAREWELL));
        self.leave_if_done(out);
    }

    pub(crate) fn leave_if_done(&mut self, out: &mut Vec<Output>) {
        if self.leaving.is_some() && self.outbox.pending() == 0 {
            self.leave(out);
        }
    }

    pub(crate) fn leave(&mut self, out: &mut Vec<Output>) {
        self.leaving = None;
        let marked: Vec<BufferId> = std::mem::take(&mut self.marks)
            .into_iter()
            .map(|(buffer, _)| buffer)
            .collect();
        for buffer in marked {
            self.tell_mark(buffer, out);
        }
        let farewell = std::mem::take(&mut self.farewell);
        let quit = message_with_reason("QUIT", &[], &farewell);
        out.push(Output::Send(quit));
        out.push(Output::Hangup);
        out.push(Output::Ended);
    }
}
