//! What the person says, from being typed until it is known to be stored.

use crate::core::buffer::{Aside, BufferId, BufferKind, Pointed};
use crate::core::client::Client;
use crate::core::command::{Command, Typed, is_command, understand};
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

/// Whether the person was asked about a long text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// They want it said.
    Yes,
    /// Not yet.
    No,
}

/// What the messages have in common that one text becomes.
struct Common {
    target: CompactString,
    manner: Manner,
    behind: Option<CompactString>,
    typed_in: Option<BufferId>,
}

impl Client {
    /// The person has typed something and sent it.
    pub(crate) fn submit(
        &mut self,
        buffer: BufferId,
        line: &str,
        asked: Asked,
        out: &mut Vec<Output>,
    ) {
        let typed = understand(line, self.settings.spelling);
        self.perform(buffer, line, typed, asked, out);
    }

    /// Does what a line means. What may not be said yet stays in the line, as it was typed.
    pub(crate) fn perform(
        &mut self,
        buffer: BufferId,
        line: &str,
        typed: Typed,
        asked: Asked,
        out: &mut Vec<Output>,
    ) {
        if let Some((target, text, manner)) = self.words_of(buffer, &typed) {
            let messages = self.pieces(&target, text, manner).len();
            if messages > self.outbox.room() {
                self.inform_key(buffer, "client-outbox-full", &[], out);
                out.push(Output::Untaken(buffer, line.to_owned()));
                return;
            }
            let filled = |line: &&str| !line.trim().is_empty();
            let lines = text.lines().filter(filled).count();
            if asked == Asked::No && (lines >= ASK_LINES || messages > 1) {
                out.push(Output::Long {
                    buffer,
                    text: line.to_owned(),
                    lines,
                    messages,
                });
                return;
            }
        }
        // What was put aside comes back with the message that it points at, and this line points at its own.
        let pointed = self.point(buffer, None);
        self.clear_draft(buffer, line, out);
        let pointed_aside = self.point(buffer, pointed);
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
            Typed::MisusedAsBefore(word) => {
                let usage = word.usage_as_before(&self.settings.locale);
                self.inform_key(buffer, "client-misused", &[("usage", &usage)], out);
            }
        }
        self.point(buffer, pointed_aside);
    }

    fn point(&mut self, id: BufferId, at: Option<Pointed>) -> Option<Pointed> {
        let buffer = self.buffer_mut(id)?;
        std::mem::replace(&mut buffer.pointed, at)
    }

    /// To whom a line says something, what and how, if it does.
    pub(crate) fn words_of<'a>(
        &self,
        here: BufferId,
        typed: &'a Typed,
    ) -> Option<(CompactString, &'a str, Manner)> {
        let (target, text, manner) = match typed {
            Typed::Say(text) => (None, text, Manner::Message),
            Typed::Command(Command::Message(to, text)) => (Some(to), text, Manner::Message),
            Typed::Command(Command::Notice(to, text)) => (Some(to), text, Manner::Notice),
            Typed::Command(Command::Reply(_, text)) => (None, text, Manner::Message),
            Typed::Command(Command::Me(text)) => (None, text, Manner::Action),
            _ => return None,
        };
        let place = self.buffer(here);
        let here = place.filter(|place| place.kind != BufferKind::Server);
        let target = target.or_else(|| here.map(|place| &place.name))?.clone();
        Some((target, text, manner))
    }

    /// Says a text in a conversation, in as many messages as it needs.
    fn say_in(&mut self, id: BufferId, text: &str, out: &mut Vec<Output>) {
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
        self.say(id, &target, text, Manner::Message, reply_to, out);
    }

    /// Says something that was typed in a conversation, in as many messages as it needs.
    pub(crate) fn say(
        &mut self,
        here: BufferId,
        target: &CompactString,
        text: &str,
        manner: Manner,
        reply_to: Option<CompactString>,
        out: &mut Vec<Output>,
    ) {
        let common = Common {
            target: target.clone(),
            manner,
            behind: self.newest_in(target),
            typed_in: Some(here),
        };
        let text = text.trim_end_matches(['\r', '\n']);
        self.put(self.pieces(target, text, manner), common, reply_to, out);
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
        let common = Common {
            target: target.clone(),
            manner,
            behind,
            typed_in: None,
        };
        self.put(pieces, common, reply_to, out);
    }

    fn newest_in(&self, target: &str) -> Option<CompactString> {
        let buffer = self.find(target).and_then(|id| self.buffer(id))?;
        buffer.timeline.newest_known()?.msgid.clone()
    }

    /// Puts messages into the outbox, and sends what can be sent.
    fn put(
        &mut self,
        pieces: Vec<String>,
        common: Common,
        mut reply_to: Option<CompactString>,
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
                target: common.target.clone(),
                text: piece,
                manner: common.manner,
                reply_to: reply_to.take(),
                behind: common.behind.clone(),
                state: State::Waiting,
                is_part,
                is_given_up: false,
                lines: 0,
                typed_in: common.typed_in,
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

    /// Bytes of text that fit on one line to `target`, as it is relayed.
    pub fn line_room(&self, target: &str) -> usize {
        let frame = " PRIVMSG  :\r\n".len() + target.len();
        let line = self.features.line_bytes.max(LINE_BYTES);
        let rest = self.source_rest_bytes.unwrap_or(SOURCE_REST_BYTES);
        let source = (":".len() + self.nick.len() + rest).max(SOURCE_BYTES_MAX);
        line.saturating_sub(frame + source).max(64)
    }

    /// Whether a message is a part of a long text that was typed in a conversation or goes there.
    fn is_long_of(&self, id: BufferId) -> impl Fn(&Outgoing) -> bool + use<> {
        let key = self.buffer(id).map(|buffer| buffer.key.clone());
        let fold = self.features.fold;
        move |message| {
            let goes_there = || key.as_ref() == Some(&fold.key(&message.target));
            message.is_part && (message.typed_in == Some(id) || goes_there())
        }
    }

    /// Stops what has not left: of a long text of one conversation.
    pub(crate) fn stop(&mut self, id: BufferId, out: &mut Vec<Output>) {
        let is_meant = self.is_long_of(id);
        let stopped = self.outbox.give_up(is_meant);
        self.tell_given_up(id, stopped, out);
    }

    /// Whether Esc has something to stop in a conversation.
    pub fn is_sending_long(&self, id: BufferId) -> bool {
        let is_meant = self.is_long_of(id);
        let waits = |message: &Outgoing| message.state == State::Waiting;
        self.outbox
            .iter()
            .any(|message| waits(message) && is_meant(message))
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
            && !is_command(&text)
            && !text.trim_start().starts_with('#');
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
    pub(crate) fn clear_draft(&mut self, id: BufferId, text: &str, out: &mut Vec<Output>) {
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
            let pointed = buffer.pointed.take();
            buffer.aside.push(Aside {
                text: aside,
                pointed,
            });
        }
        buffer.begun = Some(text.clone());
        buffer.pointed = None;
        self.drafted(id, text, out);
    }

    /// What a key has put into the line is given up.
    pub(crate) fn take_back(&mut self, id: BufferId, out: &mut Vec<Output>) {
        if let Some(buffer) = self.buffer_mut(id) {
            buffer.take_back();
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
        if self.leaving.is_some() {
            // They have asked already, and wait no longer.
            self.leave(out);
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
