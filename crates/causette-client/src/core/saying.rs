//! What the person says, from being typed until it is known to be stored.

use crate::core::buffer::{BufferId, BufferKind};
use crate::core::client::Client;
use crate::core::command::{Typed, understand};
use crate::core::connection::later;
use crate::core::doing::message_with_reason;
use crate::core::entry::Manner;
use crate::core::limits::{
    ASIDE_MAX, DRAFT_BYTES_MAX, FAREWELL, LINE_BYTES, SOURCE_BYTES_MAX, TYPING_EVERY,
};
use crate::core::outbox::{Outgoing, State};
use crate::core::output::Output;
use crate::core::request::Request;
use causette_proto::split::{cut, lines_of};
use causette_proto::{CompactString, Message};

impl Client {
    /// The person has typed something and sent it.
    pub(crate) fn submit(&mut self, buffer: BufferId, text: &str, out: &mut Vec<Output>) {
        self.clear_draft(buffer, text, out);
        match understand(text, self.settings.spelling) {
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

    /// Puts a message into the outbox, and sends it if that can be done.
    pub(crate) fn say(
        &mut self,
        target: &CompactString,
        text: &str,
        manner: Manner,
        reply_to: Option<CompactString>,
        out: &mut Vec<Output>,
    ) {
        let text = text.trim_end_matches(['\r', '\n']);
        let here = self.find(target);
        let pieces = self.pieces(target, text, manner);
        if self.outbox.is_full() {
            self.inform_key(here.unwrap_or(self.current), "client-outbox-full", &[], out);
            return;
        }
        let behind = here
            .and_then(|buffer| self.buffer(buffer))
            .and_then(|buffer| buffer.timeline.newest_known())
            .and_then(|entry| entry.msgid.clone());
        // What was typed before and waits goes before.
        let is_free = self.may_send_to(target) && !self.has_unsent(target);
        let mut reply_to = reply_to;
        let mut ids = Vec::with_capacity(pieces.len());
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
            });
            ids.push(id);
        }
        // On disk first: a crash between the two must not lose what was sent, nor forget that it may have been.
        out.push(Output::Keep { at_once: true });
        if is_free {
            for id in ids {
                self.send(id, out);
            }
        }
        self.typing_told = None;
        out.push(Output::Changed);
    }

    /// The messages that a text becomes: one where the server takes several lines, else one for each piece that fits a line.
    fn pieces(&self, target: &str, text: &str, manner: Manner) -> Vec<String> {
        let room = self.line_room(target);
        let one = room.saturating_sub(if manner == Manner::Action {
            "\u{1}ACTION \u{1}".len()
        } else {
            0
        });
        if let (Some((bytes, lines)), true) = (self.features.multiline(), manner != Manner::Action)
        {
            let count = text
                .split('\n')
                .map(|line| line.len() / room + 1)
                .sum::<usize>();
            if text.len() <= bytes && count <= lines {
                return vec![text.to_owned()];
            }
        }
        lines_of(text, one).map(str::to_owned).collect()
    }

    /// Bytes of text that fit on one line to `target`, as it is relayed.
    pub fn line_room(&self, target: &str) -> usize {
        let frame = " PRIVMSG  :\r\n".len() + target.len();
        let line = self.features.line_bytes.max(LINE_BYTES);
        line.saturating_sub(frame + SOURCE_BYTES_MAX).max(64)
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
