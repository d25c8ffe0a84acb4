//! The way of a message from the outbox to the server, and what tells that it has arrived.

use crate::core::buffer::{BufferId, BufferKind};
use crate::core::client::Client;
use crate::core::entry::{Manner, Said, What};
use crate::core::hearing::nonce_of;
use crate::core::outbox::{Outgoing, State, TAG};
use crate::core::output::Output;
use crate::core::receive::{last, msgid_of};
use crate::core::request::Request;
use causette_proto::split::cut;
use causette_proto::{CompactString, Message};

/// The question behind the channels that are entered: its answer comes when all of them have answered.
pub(crate) const ENTERED: &str = "entered";

impl Client {
    pub(crate) fn may_send_to(&self, target: &str) -> bool {
        if !self.link.is_online() {
            return false;
        }
        let Some(buffer) = self.find(target).and_then(|id| self.buffer(id)) else {
            return true;
        };
        let is_decided = buffer.past.catching_up.is_none() || !self.doubts(buffer.id);
        let is_inside =
            buffer.is_joined || buffer.kind != BufferKind::Channel || buffer.past.is_fresh;
        is_decided && is_inside
    }

    /// Whether something to `target` was typed and has not been sent over this connection.
    pub(crate) fn has_unsent(&self, target: &str) -> bool {
        let key = self.features.fold.key(target);
        self.outbox.iter().any(|message| {
            matches!(message.state, State::Waiting | State::Doubtful)
                && self.features.fold.key(&message.target) == key
        })
    }

    /// All channels were entered that can be: what waits for another one is tried, and the server says whether it takes it.
    fn tried_to_enter(&mut self, out: &mut Vec<Output>) {
        let targets: Vec<CompactString> = self
            .outbox
            .iter()
            .map(|message| message.target.clone())
            .filter(|target| self.features.is_channel(target))
            .collect();
        for target in targets {
            let id = self.buffer_for(BufferKind::Channel, &target);
            if let Some(buffer) = self.buffer_mut(id)
                && !buffer.is_joined
            {
                buffer.past.is_fresh = true;
                self.settle_doubts(id, out);
                self.send_waiting(id, out);
            }
        }
    }

    /// Sends one message of the outbox.
    pub(crate) fn send(&mut self, id: u64, out: &mut Vec<Output>) {
        let Some(message) = self.outbox.get(id).cloned() else {
            return;
        };
        let verb = if message.manner == Manner::Notice {
            "NOTICE"
        } else {
            "PRIVMSG"
        };
        let has_tags = self.features.has("message-tags");
        let dress = |line: Message| {
            if !has_tags {
                return line;
            }
            let line = line.tag(TAG, message.nonce.clone());
            match &message.reply_to {
                Some(msgid) => line
                    .tag("+reply", msgid.clone())
                    .tag("+draft/reply", msgid.clone()),
                None => line,
            }
        };
        let lines = self.wire_lines(&message);
        if let [line] = &lines[..] {
            let line = dress(
                Message::new(verb)
                    .param(message.target.clone())
                    .param(line.0.as_str()),
            );
            self.request(line, Request::Said(id), out);
        } else {
            let reference = message.nonce.clone();
            let opening = Message::new("BATCH")
                .param(format!("+{reference}"))
                .param("draft/multiline")
                .param(message.target.clone());
            self.request(dress(opening), Request::Said(id), out);
            for (text, goes_on) in lines {
                let line = Message::new(verb).tag("batch", reference.clone());
                let line = if goes_on {
                    line.tag("draft/multiline-concat", "")
                } else {
                    line
                };
                out.push(Output::Send(line.param(message.target.clone()).param(text)));
            }
            out.push(Output::Send(
                Message::new("BATCH").param(format!("-{reference}")),
            ));
        }
        let confirms = self.features.has("echo-message");
        if let Some(sent) = self.outbox.get_mut(id) {
            sent.state = State::Sent;
        }
        if !confirms {
            // Nothing will tell: what the server answers behind it tells that it has come so far.
            out.push(Output::Send(
                Message::new("PING").param(format!("said-{id}")),
            ));
        }
    }

    /// The lines of a message, each with whether it goes on with the line before.
    fn wire_lines(&self, message: &Outgoing) -> Vec<(String, bool)> {
        if message.manner == Manner::Action {
            return vec![(format!("\u{1}ACTION {}\u{1}", message.text), false)];
        }
        let room = self.line_room(&message.target);
        let mut lines = Vec::new();
        for line in message.text.split('\n') {
            let mut rest = line;
            let mut goes_on = false;
            loop {
                let piece = cut(rest, room);
                let piece = if piece.is_empty() { rest } else { piece };
                lines.push((piece.to_owned(), goes_on));
                rest = &rest[piece.len()..];
                if rest.is_empty() {
                    break;
                }
                goes_on = true;
            }
        }
        lines
    }

    /// One of the person's own messages came back: it is stored.
    pub(crate) fn confirm(
        &mut self,
        message: &Message,
        request: Option<&Request>,
        out: &mut Vec<Output>,
    ) {
        let by_request = match request {
            Some(Request::Said(id)) => Some(*id),
            _ => None,
        };
        let by_nonce = || nonce_of(message).and_then(|nonce| self.outbox.by_nonce(nonce));
        let by_text = || {
            // Only where no tag would tell: the same words may be said from two devices.
            let target = message.params.first()?;
            let plain = last(message)
                .trim_start_matches("\u{1}ACTION ")
                .trim_end_matches('\u{1}');
            let has_tags = self.features.has("message-tags");
            (!has_tags).then(|| self.outbox.by_text(target, plain))?
        };
        if let Some(id) = by_request.or_else(by_nonce).or_else(by_text) {
            self.stored(id, msgid_of(message), out);
        }
    }

    fn stored(&mut self, id: u64, msgid: Option<CompactString>, out: &mut Vec<Output>) {
        if let Some(message) = self.outbox.remove(id) {
            if let Some(msgid) = &msgid {
                let (fold, key) = (self.features.fold, self.features.fold.key(&message.target));
                self.outbox
                    .are_behind(id, msgid, |target| fold.key(target) == key);
            }
            out.push(Output::Stored {
                id,
                msgid,
                target: message.target,
            });
            out.push(Output::Keep { at_once: false });
            out.push(Output::Changed);
            self.leave_if_done(out);
        }
    }

    /// ACK: the server took a message that it does not echo.
    pub(crate) fn acknowledged(&mut self, request: Option<&Request>, out: &mut Vec<Output>) {
        if let Some(&Request::Said(id)) = request {
            self.show_own(id, out);
        }
    }

    /// PONG: everything before the question has reached the server.
    pub(crate) fn ponged_with(&mut self, message: &Message, out: &mut Vec<Output>) {
        if last(message) == ENTERED {
            self.tried_to_enter(out);
            return;
        }
        match last(message)
            .strip_prefix("said-")
            .and_then(|id| id.parse().ok())
        {
            Some(id) => self.show_own(id, out),
            None => self.ponged(out),
        }
    }

    /// Shows a message of which no echo will come.
    fn show_own(&mut self, id: u64, out: &mut Vec<Output>) {
        let sent = self
            .outbox
            .get(id)
            .filter(|message| matches!(message.state, State::Sent));
        let Some(message) = sent.cloned() else {
            return;
        };
        let said = Said {
            from: self.nick.clone(),
            account: self.account.clone(),
            text: message.text.clone(),
            manner: message.manner,
            is_mine: true,
            reply_to: message.reply_to.clone(),
            ..Said::default()
        };
        let buffer = match self.find(&message.target) {
            Some(buffer) => buffer,
            None => self.query_with(&message.target),
        };
        let entry = self.entry(self.now, None, What::Said(said));
        self.stored(id, None, out);
        self.add(buffer, entry, out);
    }

    /// The server refused a message.
    pub(crate) fn failed(&mut self, id: u64, code: &str, reason: &str, out: &mut Vec<Output>) {
        if let Some(message) = self.outbox.get_mut(id) {
            message.state = State::Failed(reason.to_owned());
            let target = message.target.clone();
            out.push(Output::Keep { at_once: true });
            out.push(Output::Failed {
                id,
                code: code.into(),
                reason: reason.to_owned(),
            });
            out.push(Output::Changed);
            let variables = [("target", target.as_str()), ("reason", reason)];
            let buffer = self.find(&target).unwrap_or(self.current);
            self.inform_key(buffer, "client-not-said", &variables, out);
            self.leave_if_done(out);
        }
    }

    /// An error without a label that is about somebody to whom something was sent. Says whether it is.
    pub(crate) fn failed_without_label(
        &mut self,
        message: &Message,
        out: &mut Vec<Output>,
    ) -> bool {
        const ABOUT_MESSAGES: [&str; 5] = ["401", "404", "407", "411", "413"];
        if !ABOUT_MESSAGES.contains(&message.command.as_str()) {
            return false;
        }
        let Some(key) = message
            .params
            .get(1)
            .map(|target| self.features.fold.key(target))
        else {
            return false;
        };
        let sent = self.outbox.iter().find(|sent| {
            matches!(sent.state, State::Sent) && self.features.fold.key(&sent.target) == key
        });
        match sent.map(|sent| sent.id) {
            Some(id) => {
                self.failed(id, &message.command, last(message), out);
                true
            }
            None => false,
        }
    }

    /// All that was missed is known: what is not among it was not stored, and where nothing can be known the person decides.
    pub(crate) fn settle_doubts(&mut self, id: BufferId, out: &mut Vec<Output>) {
        let Some(buffer) = self.buffer(id) else {
            return;
        };
        let fold = self.features.fold;
        let timeline = &buffer.timeline;
        let is_known = |message: &Outgoing| {
            let is_reached = message
                .behind
                .as_ref()
                .is_some_and(|behind| timeline.reaches(behind));
            self.features.has_history() && (buffer.is_whole() || is_reached)
        };
        let doubtful: Vec<(u64, bool)> = self
            .outbox
            .iter()
            .filter(|message| {
                message.state == State::Doubtful && fold.key(&message.target) == buffer.key
            })
            .map(|message| (message.id, is_known(message)))
            .collect();
        for (id, is_known) in doubtful {
            if is_known {
                if let Some(message) = self.outbox.get_mut(id) {
                    message.state = State::Waiting;
                }
            } else {
                let reason = self.settings.locale.text("client-fate-unknown");
                self.failed(id, "", &reason, out);
            }
        }
    }

    /// Sends what waits for a conversation, in the order of typing.
    pub(crate) fn send_waiting(&mut self, id: BufferId, out: &mut Vec<Output>) {
        let Some(buffer) = self.buffer(id) else {
            return;
        };
        if !self.may_send_to(&buffer.name) {
            return;
        }
        let fold = self.features.fold;
        let is_target = |target: &str| fold.key(target) == buffer.key;
        for id in self.outbox.ids(is_target, &State::Waiting) {
            self.send(id, out);
        }
    }

    /// The person wants a refused message tried again.
    pub(crate) fn retry(&mut self, id: u64, out: &mut Vec<Output>) {
        let Some(message) = self.outbox.get_mut(id) else {
            return;
        };
        if matches!(message.state, State::Failed(_)) {
            message.state = State::Waiting;
            let target = message.target.clone();
            out.push(Output::Changed);
            if self.may_send_to(&target) {
                self.send(id, out);
            }
        }
    }

    /// The person gives a message up.
    pub(crate) fn give_up(&mut self, id: u64, out: &mut Vec<Output>) {
        let given_up = self
            .outbox
            .get(id)
            .is_some_and(|message| !matches!(message.state, State::Sent));
        if given_up {
            self.outbox.remove(id);
            out.push(Output::Keep { at_once: true });
            out.push(Output::Changed);
        }
    }
}
