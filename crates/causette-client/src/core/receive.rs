//! What the server says: each line finds the rule for it here.

use crate::core::asked::code_of;
use crate::core::batch::{Batch, Item};
use crate::core::buffer::{BufferId, BufferKind};
use crate::core::client::Client;
use crate::core::connection::Phase;
use crate::core::disarm::disarm;
use crate::core::entry::{Change, Movement, What};
use crate::core::limits::DOOR_LINES_MAX;
use crate::core::output::{Fault, Output};
use crate::core::registration::Step;
use crate::core::request::Request;
use causette_proto::{CompactString, Message, Timestamp};

impl Client {
    pub(crate) fn received(&mut self, message: Message, out: &mut Vec<Output>) {
        self.link.heard = self.now;
        // What stands in a batch may be old.
        if !message.tags.contains("batch") {
            let time = message.tags.get("time").and_then(Timestamp::parse);
            self.server_time = time.or(self.server_time);
        }
        if let Some(item) = self.batches.take(disarm(message)) {
            self.take(item, None, out);
        }
    }

    /// A message or batch that is complete, and the request that it answers.
    fn take(&mut self, item: Item, request: Option<&Request>, out: &mut Vec<Output>) {
        let opening = match &item {
            Item::Message(message) => message,
            Item::Batch(batch) => &batch.opening,
        };
        let labelled = opening
            .tags
            .get("label")
            .and_then(|label| self.requests.remove(label));
        self.order_answered(&item, labelled.as_ref(), out);
        let request = labelled.as_ref().or(request);
        match item {
            Item::Message(message) => self.take_message(&message, request, out),
            Item::Batch(batch) => self.take_batch(batch, request, out),
        }
    }

    fn take_batch(&mut self, batch: Batch, request: Option<&Request>, out: &mut Vec<Output>) {
        match (batch.kind(), request) {
            ("chathistory" | "draft/chathistory", request) => self.page(batch, request, out),
            ("draft/chathistory-targets", request)
                if request == Some(&Request::Active) || std::mem::take(&mut self.asks_active) =>
            {
                self.active(&batch, out);
            }
            ("draft/chathistory-targets", _) => self.targets(&batch, out),
            ("soju.im/search" | "draft/search", Some(&Request::Search(buffer))) => {
                self.found(buffer, &batch, out);
            }
            ("draft/multiline", request) => {
                let message = several_lines(&batch);
                self.take_message(&message, request, out);
            }
            (_, request) => {
                for item in batch.items {
                    self.take(item, request, out);
                }
            }
        }
    }

    fn take_message(
        &mut self,
        message: &Message,
        request: Option<&Request>,
        out: &mut Vec<Output>,
    ) {
        match message.command.as_str() {
            "PING" => {
                let token = message.params.last().cloned().unwrap_or_default();
                out.push(Output::Send(Message::new("PONG").param(token)));
            }
            "PONG" => self.ponged_with(message, out),
            "CAP" => self.received_cap(message, out),
            "AUTHENTICATE" => self.received_authenticate(message, out),
            "REGISTER" | "VERIFY" => self.received_register(message, out),
            "DEVICE" => {
                self.received_device(message, request, out);
                self.tell_answer(message, request, out);
            }
            "NOTICE" if self.is_alert(message) => self.alerted(message, out),
            "PRIVMSG" | "NOTICE" if self.told_while_waiting(message, out) => {}
            "PRIVMSG" | "NOTICE" => {
                let told = &mut self.link.entering.told;
                if self.link.step == Step::Listing && told.len() < DOOR_LINES_MAX {
                    told.push(last(message).to_owned());
                }
                self.heard(message, request, out);
            }
            "TAGMSG" => self.tagged(message, out),
            "REDACT" => self.redacted(message, out),
            "MARKREAD" => self.marked(message, out),
            "JOIN" | "PART" | "KICK" | "TOPIC" | "MODE" | "INVITE" => self.happened(message, out),
            "QUIT" => self.quitted(message, out),
            "NICK" => self.renamed(message, out),
            "RENAME" => self.channel_renamed(message, out),
            "AWAY" => self.went_away(message, out),
            "ACCOUNT" => self.account_changed(message, out),
            "ACK" => self.acknowledged(request, out),
            "ERROR" => self.shut_out(last(message)),
            "KILL" => self.killed(message),
            "WALLOPS" => self.called_out(message, out),
            "FAIL" | "WARN" | "NOTE" => self.standard_reply(message, request, out),
            command if command.len() == 3 && command.as_bytes()[0].is_ascii_digit() => {
                self.numeric(message, request, out);
            }
            _ => self.tell_answer(message, request, out),
        }
    }

    /// What a command of the person brought that means nothing to the client itself.
    fn tell_answer(&mut self, message: &Message, request: Option<&Request>, out: &mut Vec<Output>) {
        if let Some(&Request::Command(buffer)) = request {
            let words: Vec<&str> = message.params.iter().map(CompactString::as_str).collect();
            self.inform(buffer, words.join(" "), out);
        }
    }

    /// <https://ircv3.net/specs/extensions/standard-replies>
    fn standard_reply(
        &mut self,
        message: &Message,
        request: Option<&Request>,
        out: &mut Vec<Output>,
    ) {
        let refused = match request {
            None if message.command == "FAIL" => self.past_refused(message),
            _ => None,
        };
        let request = request.or(refused.as_ref());
        if message.command == "FAIL" {
            if self.entering_failed(message, out) {
                return;
            }
            if let Some(Request::Said(id)) = request {
                self.failed(*id, &code_of(message), last(message), out);
                return;
            }
            if self.asked_in_vain(message, request, out) {
                return;
            }
            if let Some(&Request::Page(buffer, of)) = request {
                self.no_page(buffer, of, &code_of(message), out);
                return;
            }
            if request == Some(&Request::Active) && code_of(message) == "MESSAGE_ERROR" {
                out.push(Output::NotActive(last(message).to_owned()));
            }
            if matches!(
                request,
                Some(Request::Quiet | Request::Targets | Request::Active)
            ) {
                return;
            }
        }
        let text = last(message).to_owned();
        if message.command == "FAIL" {
            out.push(Output::Refused(code_of(message), text.clone()));
            self.refused_the_wanted(message);
        }
        self.inform(self.place(request), text, out);
    }

    /// Where what answers a request is told; without one, where the person looks.
    pub(crate) fn place(&self, request: Option<&Request>) -> BufferId {
        match request {
            Some(Request::Command(buffer) | Request::Search(buffer)) => *buffer,
            Some(Request::Page(buffer, _)) => *buffer,
            _ => self.current,
        }
    }

    /// What was refused may be the channel that was to be entered: then it is not waited for any more.
    fn refused_the_wanted(&mut self, message: &Message) {
        let is_wanted = |param: &CompactString| self.wanted.as_ref() == Some(param);
        if message.params.iter().any(is_wanted) {
            self.wanted = None;
        }
    }

    fn numeric(&mut self, message: &Message, request: Option<&Request>, out: &mut Vec<Output>) {
        let param = |index: usize| message.params.get(index).cloned().unwrap_or_default();
        match message.command.as_str() {
            "001" => {
                self.link.server = message.source.clone().unwrap_or_default();
                self.greeted(&param(0), out);
            }
            "465" if self.link.phase == Phase::Arriving => self.keep_out(last(message), out),
            "002" | "003" | "004" | "265" | "266" | "333" | "329" | "396" | "908" | "318"
            | "323" | "321" | "369" => {}
            "005" => {
                let tokens = message.params.iter().skip(1);
                let count = tokens.len().saturating_sub(1);
                let fold = self.features.fold;
                self.features
                    .take_isupport(tokens.take(count).map(CompactString::as_str));
                if self.features.fold != fold {
                    self.fold_names();
                }
            }
            "376" | "422" => self.greeting_ended(out),
            "332" => self.set_topic(&param(1), &param(2), out),
            "331" => self.set_topic(&param(1), "", out),
            "353" => self.named(message),
            "366" => self.all_named(&param(1), out),
            "352" => self.enrol(message, request),
            "354" => self.present(message),
            "315" => self.roll_called(message, request, out),
            "305" | "306" => {
                self.is_told_away(message.command == "306");
                self.other_numeric(message, request, out);
            }
            "730" | "731" => {}
            "760" => self.told_of(message, request, out),
            "761" | "766" => {
                self.profile_said(message, out);
                if let Some(Request::Command(_)) = request {
                    self.other_numeric(message, request, out);
                }
            }
            "770" if !matches!(request, Some(Request::Command(_))) => {}
            "774" => self.said_later(message),
            "900" => self.logged_in(param(2), out),
            "903" => self.identified_by_sasl(out),
            "902" | "904" | "905" | "906" | "907" => {
                self.not_identified(last(message).to_owned(), out)
            }
            // Nothing is wrong with what was given: the account wants one connection at a time, and has it.
            "433" if self.link.step == Step::Authenticating => {
                self.refuse(Fault::Server, last(message).to_owned(), out);
            }
            "432" | "433" | "437" if self.link.phase == Phase::Arriving => {
                self.nick_refused(last(message), out)
            }
            "421" | "451" if self.link.step == Step::Listing => self.listed(out),
            _ => self.other_numeric(message, request, out),
        }
    }

    fn identified_by_sasl(&mut self, out: &mut Vec<Output>) {
        if self.link.step == Step::Authenticating {
            // Some servers do not say 900 before.
            if self.account.is_none() {
                self.account = self.way.as_ref().map(|way| way.name().clone());
            }
            self.identified(out);
        }
    }

    fn other_numeric(
        &mut self,
        message: &Message,
        request: Option<&Request>,
        out: &mut Vec<Output>,
    ) {
        let is_error = message.command.starts_with(['4', '5']);
        if let (true, Some(Request::Said(id))) = (is_error, request) {
            self.failed(*id, &message.command, last(message), out);
            return;
        }
        if is_error && self.asked_in_vain(message, request, out) {
            return;
        }
        if let (true, Some(&Request::Page(buffer, of))) = (is_error, request) {
            self.no_page(buffer, of, &message.command, out);
            return;
        }
        if is_error && request.is_none() && self.failed_without_label(message, out) {
            return;
        }
        if matches!(request, Some(Request::Quiet)) {
            return;
        }
        if is_error {
            out.push(Output::Refused(
                message.command.clone(),
                last(message).to_owned(),
            ));
        }
        if is_error {
            self.refused_the_wanted(message);
        }
        // What stands before the text names what it is about, behind our own name.
        let text: Vec<&str> = message
            .params
            .iter()
            .skip(1)
            .map(CompactString::as_str)
            .collect();
        let buffer = match request {
            Some(_) => self.place(request),
            None if self.link.is_online() && is_error => self.current,
            None => self
                .answered
                .filter(|_| self.link.is_online())
                .unwrap_or_else(|| self.server_buffer()),
        };
        let text = text.join(" ");
        if self.link.phase == Phase::Arriving {
            // The greeting stands on the server's own page, and is no news.
            let entry = self.entry(self.now, None, What::Info(text));
            self.add(buffer, entry, &mut Vec::new());
        } else {
            self.inform(buffer, text, out);
        }
    }

    /// JOIN, PART, KICK, TOPIC, MODE and INVITE: what happens in one channel.
    fn happened(&mut self, message: &Message, out: &mut Vec<Output>) {
        let who = nick_of(message);
        if message.command == "INVITE" {
            self.invited(&who, message, out);
            return;
        }
        let channel = message.params.first().cloned().unwrap_or_default();
        if message.command == "MODE" && !self.features.is_channel(&channel) {
            return;
        }
        let is_me = self.is_me(&who);
        let enters = message.command == "JOIN" && is_me;
        let buffer = match self.find(&channel) {
            Some(buffer) => buffer,
            None if enters => self.buffer_for(BufferKind::Channel, &channel),
            None => return,
        };
        match message.command.as_str() {
            "JOIN" if is_me => self.entered(buffer, &channel, out),
            "JOIN" => self.member_came(buffer, &who),
            "PART" => self.member_left(buffer, &who, out),
            "KICK" => {
                let victim = message.params.get(1).cloned().unwrap_or_default();
                self.member_left(buffer, &victim, out);
            }
            "MODE" => self.ranks_changed(buffer, &message.params[1..]),
            _ => {}
        }
        if message.command == "TOPIC" {
            self.set_topic(&channel, last(message), out);
        }
        if enters {
            return;
        }
        if let Some(what) = self.what_of(message, &who) {
            let entry = self.entry(time_of(message, self.now), msgid_of(message), what);
            self.add(buffer, entry, out);
        }
        out.push(Output::Changed);
    }

    /// What a line says has happened in a channel, now or in the past.
    pub(crate) fn what_of(&self, message: &Message, who: &CompactString) -> Option<What> {
        let text = |index: usize| message.params.get(index).map_or("", CompactString::as_str);
        let moved = |movement| {
            Some(What::Presence {
                nick: who.clone(),
                movement,
            })
        };
        let changed = |change| {
            Some(What::Change {
                by: who.clone(),
                change,
            })
        };
        match message.command.as_str() {
            "JOIN" => moved(Movement::Joined),
            "PART" => moved(Movement::Parted(text(1).to_owned())),
            "QUIT" => moved(Movement::Quit(text(0).to_owned())),
            "NICK" => moved(Movement::Renamed(text(0).into())),
            "TOPIC" => changed(Change::Topic(text(1).to_owned())),
            "MODE" => {
                let modes: Vec<&str> = message
                    .params
                    .iter()
                    .skip(1)
                    .map(CompactString::as_str)
                    .collect();
                changed(Change::Modes(modes.join(" ")))
            }
            "KICK" => changed(Change::Kicked {
                nick: text(1).into(),
                reason: text(2).to_owned(),
                is_me: self.is_me(text(1)),
            }),
            "INVITE" => changed(Change::Invited(text(0).into())),
            _ => None,
        }
    }
}

/// One message out of a batch of several lines.
pub(crate) fn several_lines(batch: &Batch) -> Message {
    let lines = batch.items.iter().find_map(|item| match item {
        Item::Message(message) => Some(message),
        Item::Batch(_) => None,
    });
    let command = lines.map_or("PRIVMSG", |line| line.command.as_str());
    let source = batch
        .opening
        .source
        .clone()
        .or_else(|| lines.and_then(|line| line.source.clone()));
    let mut tags = batch.opening.tags.clone();
    // The time may stand on the opening or on its lines.
    for key in ["time", "account"] {
        if let (false, Some(value)) = (
            tags.contains(key),
            lines.and_then(|line| line.tags.get(key)),
        ) {
            tags.insert(key, value);
        }
    }
    Message {
        tags,
        source,
        ..Message::new(command)
            .param(batch.target())
            .param(batch.text())
    }
}

pub(crate) fn last(message: &Message) -> &str {
    message.params.last().map_or("", CompactString::as_str)
}

pub(crate) fn nick_of(message: &Message) -> CompactString {
    let source = message.source.as_deref().unwrap_or_default();
    source.split(['!', '@']).next().unwrap_or_default().into()
}

pub(crate) fn msgid_of(message: &Message) -> Option<CompactString> {
    message.tags.get("msgid").map(CompactString::from)
}

/// When it happened, by the server's clock where it says.
pub(crate) fn time_of(message: &Message, now: Timestamp) -> Timestamp {
    let time = message.tags.get("time").and_then(Timestamp::parse);
    time.unwrap_or(now)
}
