//! The way of a message from the outbox to the server, and what tells that it has arrived.

use crate::core::approval::SETTLED;
use crate::core::buffer::{BufferId, BufferKind};
use crate::core::client::Client;
use crate::core::entry::{Manner, Said, What};
use crate::core::hearing::nonce_of;
use crate::core::limits::LINES_IN_FLIGHT;
use crate::core::outbox::{Outgoing, State, TAG};
use crate::core::output::Output;
use crate::core::packing::wire_pieces;
use crate::core::receive::{last, msgid_of, time_of};
use crate::core::request::Request;
use causette_proto::{CompactString, Message, Timestamp};

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

    /// Sends what waits, as far as there is room on the way: turn by turn between the conversations, so that none waits for
    /// all that is said in another, and within each in the order of typing.
    pub(crate) fn send_waiting(&mut self, out: &mut Vec<Output>) {
        while let Some((id, key)) = self.next_to_send() {
            self.turns.retain(|served| *served != key);
            self.turns.push(key);
            self.send(id, out);
        }
        if self.outbox.is_empty() {
            self.turns.clear();
        }
    }

    fn next_to_send(&self) -> Option<(u64, CompactString)> {
        let in_flight = self.outbox.lines_in_flight();
        let fits = |message: &Outgoing| {
            in_flight == 0 || in_flight + self.lines_of(message) <= LINES_IN_FLIGHT
        };
        let mut seen: Vec<CompactString> = Vec::new();
        let mut first: Vec<(Option<usize>, u64, CompactString)> = Vec::new();
        for message in self.outbox.iter() {
            if !matches!(message.state, State::Waiting | State::Doubtful) {
                continue;
            }
            let key = self.features.fold.key(&message.target);
            if seen.contains(&key) {
                continue;
            }
            // What may have been stored stands before everything that was typed to the same after it.
            let may_go = message.state == State::Waiting && self.may_send_to(&message.target);
            if may_go && fits(message) {
                let turn = self.turns.iter().position(|served| *served == key);
                first.push((turn, message.id, key.clone()));
            }
            seen.push(key);
        }
        let (_, id, key) = first.into_iter().min()?;
        Some((id, key))
    }

    /// Lines that a message takes on the wire.
    fn lines_of(&self, message: &Outgoing) -> usize {
        match self.wire_lines(message).len() {
            1 => 1,
            // With the two that hold them together.
            lines => lines + 2,
        }
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
            }
        }
        self.send_waiting(out);
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
        let count = self.lines_of(&message);
        let lines = self.wire_lines(&message);
        let label = if let [line] = &lines[..] {
            let line = dress(
                Message::new(verb)
                    .param(message.target.clone())
                    .param(line.0.as_str()),
            );
            self.request(line, Request::Said(id), out)
        } else {
            let reference = message.nonce.clone();
            let opening = Message::new("BATCH")
                .param(format!("+{reference}"))
                .param("draft/multiline")
                .param(message.target.clone());
            let label = self.request(dress(opening), Request::Said(id), out);
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
            label
        };
        // Not every server echoes what is said to a service.
        let confirms =
            self.features.has("echo-message") && (label.is_some() || !message.is_order());
        if let Some(sent) = self.outbox.get_mut(id) {
            sent.state = State::Sent;
            sent.lines = count;
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
            let pieces = wire_pieces(line, room).enumerate();
            lines.extend(pieces.map(|(index, piece)| (piece.to_owned(), index > 0)));
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
            let time = time_of(message, self.now);
            self.stored(id, msgid_of(message), time, out);
        }
    }

    fn stored(
        &mut self,
        id: u64,
        msgid: Option<CompactString>,
        time: Timestamp,
        out: &mut Vec<Output>,
    ) {
        if let Some(message) = self.outbox.remove(id) {
            if let Some(msgid) = &msgid {
                let (fold, key) = (self.features.fold, self.features.fold.key(&message.target));
                self.outbox
                    .are_behind(id, msgid, |target| fold.key(target) == key);
            }
            out.push(Output::Stored {
                id,
                msgid,
                time,
                target: message.target,
                text: message.text,
            });
            out.push(Output::Keep { at_once: false });
            out.push(Output::Changed);
            self.send_waiting(out);
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
        if last(message) == SETTLED {
            self.settled(out);
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
    pub(crate) fn show_own(&mut self, id: u64, out: &mut Vec<Output>) {
        let sent = self
            .outbox
            .get(id)
            .filter(|message| matches!(message.state, State::Sent));
        let Some(message) = sent.cloned() else {
            return;
        };
        self.stored(id, None, self.now, out);
        self.add_own(&message, out);
    }

    /// Puts a message of one's own where it belongs. Says where that is.
    pub(crate) fn add_own(&mut self, message: &Outgoing, out: &mut Vec<Output>) -> BufferId {
        let said = Said {
            from: self.nick.clone(),
            account: self.account.clone(),
            text: message.shown(),
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
        self.add(buffer, entry, out);
        buffer
    }

    /// The server refused a message.
    pub(crate) fn failed(&mut self, id: u64, code: &str, reason: &str, out: &mut Vec<Output>) {
        let is_given_up = |message: &&Outgoing| message.is_given_up;
        if self.outbox.get(id).filter(is_given_up).is_some() {
            self.outbox.remove(id);
            self.send_waiting(out);
            return;
        }
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
            self.send_waiting(out);
            self.leave_if_done(out);
        }
    }

    /// An error without a label that is about somebody to whom something was sent. Says whether it is.
    pub(crate) fn failed_without_label(
        &mut self,
        message: &Message,
        out: &mut Vec<Output>,
    ) -> bool {
        const ABOUT_MESSAGES: [&str; 8] = ["401", "403", "404", "407", "411", "413", "417", "477"];
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

    /// The person wants a refused message tried again.
    pub(crate) fn retry(&mut self, id: u64, out: &mut Vec<Output>) {
        let Some(message) = self.outbox.get_mut(id) else {
            return;
        };
        if matches!(message.state, State::Failed(_)) {
            message.state = State::Waiting;
            out.push(Output::Changed);
            self.send_waiting(out);
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
