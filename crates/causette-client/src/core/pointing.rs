//! Messages by their number, for those who cannot point at them.

use crate::core::buffer::BufferId;
use crate::core::client::Client;
use crate::core::command::{by_name, is_command};
use crate::core::doing::{message, message_with_reason};
use crate::core::entry::{Entry, Manner};
use crate::core::limits::PAGE;
use crate::core::output::Output;
use crate::core::wording::one_line;
use causette_proto::CompactString;

/// What a line does to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// It answers it.
    Reply,
    /// It shows what somebody feels about it.
    React,
    /// It takes it back.
    Delete,
}

impl Client {
    /// What the line that is being typed would do, and to which message; `None` for that where the number means none.
    pub fn aim(&self, here: BufferId, line: &str) -> Option<(Aim, Option<&Entry>)> {
        let buffer = self.buffer(here)?;
        let by_line = || aim_of(line).map(|(aim, number)| (aim, self.numbered(here, number)));
        let answers = || Some((Aim::Reply, Some(buffer.reply_to.clone()?)));
        let (aim, msgid) = if is_command(line) {
            by_line()
        } else {
            answers()
        }?;
        let can = match aim {
            Aim::Reply | Aim::React => self.features.has("message-tags"),
            Aim::Delete => self.features.has("draft/message-redaction"),
        };
        if !can {
            return None;
        }
        Some((
            aim,
            msgid.and_then(|msgid| buffer.timeline.by_msgid(&msgid)),
        ))
    }

    /// Numbers the last messages, so that they can be named by those who cannot point.
    pub(crate) fn number_last(&mut self, here: BufferId, count: usize, out: &mut Vec<Output>) {
        let Some(buffer) = self.buffer(here) else {
            return;
        };
        let messages = buffer.timeline.messages().rev();
        let last: Vec<Entry> = messages.take(count.min(PAGE)).cloned().collect();
        if last.is_empty() {
            self.inform_key(here, "client-nothing-said", &[], out);
            return;
        }
        self.numbered = last
            .iter()
            .filter_map(|entry| entry.msgid.clone())
            .collect();
        for (index, entry) in last.iter().enumerate().rev() {
            let line = one_line(entry, &self.settings.locale);
            self.inform(here, format!("{}. {line}", index + 1), out);
        }
    }

    /// The msgid of a number: of the message that was pointed at, else as `/last` gave it, else counted from the newest.
    fn numbered(&self, here: BufferId, number: usize) -> Option<CompactString> {
        let buffer = self.buffer(here)?;
        let pointed = buffer.pointed.as_ref().filter(|(at, _)| *at == number);
        if let Some((_, msgid)) = pointed {
            return Some(msgid.clone());
        }
        let listed = self.numbered.get(number - 1);
        if let Some(msgid) = listed.filter(|msgid| buffer.timeline.knows(msgid)) {
            return Some(msgid.clone());
        }
        let mut messages = buffer.timeline.messages().rev();
        messages.nth(number - 1)?.msgid.clone()
    }

    fn with_message(
        &mut self,
        here: BufferId,
        number: usize,
        out: &mut Vec<Output>,
    ) -> Option<(CompactString, CompactString)> {
        let msgid = self.numbered(here, number);
        let name = self.buffer(here).map(|buffer| buffer.name.clone());
        if msgid.is_none() {
            self.inform_key(
                here,
                "client-no-message",
                &[("number", &number.to_string())],
                out,
            );
        }
        msgid.zip(name)
    }

    pub(crate) fn reply(
        &mut self,
        here: BufferId,
        number: usize,
        text: &str,
        out: &mut Vec<Output>,
    ) {
        if let Some((msgid, name)) = self.with_message(here, number, out) {
            self.say(here, &name, text, Manner::Message, Some(msgid), out);
        }
    }

    pub(crate) fn react_to(
        &mut self,
        here: BufferId,
        number: usize,
        emoji: &str,
        out: &mut Vec<Output>,
    ) {
        if !self.features.has("message-tags") {
            self.inform_key(here, "client-server-cannot", &[], out);
        } else if let Some((msgid, name)) = self.with_message(here, number, out) {
            let react = message("TAGMSG", &[&name]).tag("+reply", msgid.clone());
            // Said once more, it is taken back.
            let tag = if self.has_reacted(here, &msgid, emoji) {
                "+draft/unreact"
            } else {
                "+draft/react"
            };
            let react = react.tag("+draft/reply", msgid).tag(tag, emoji);
            self.ask_server(here, react, out);
        }
    }

    /// Whether one has reacted with that emoji.
    fn has_reacted(&self, here: BufferId, msgid: &str, emoji: &str) -> bool {
        let buffer = self.buffer(here);
        buffer.is_some_and(|buffer| buffer.timeline.has_reacted(msgid, self.nick(), emoji))
    }

    pub(crate) fn delete(
        &mut self,
        here: BufferId,
        number: usize,
        reason: &str,
        out: &mut Vec<Output>,
    ) {
        if !self.features.has("draft/message-redaction") {
            self.inform_key(here, "client-server-cannot", &[], out);
        } else if let Some((msgid, name)) = self.with_message(here, number, out) {
            let redact = message_with_reason("REDACT", &[&name, &msgid], reason);
            self.ask_server(here, redact, out);
        }
    }
}

/// What a command does to the message of which number.
fn aim_of(line: &str) -> Option<(Aim, usize)> {
    let mut words = line.trim_start().strip_prefix('/')?.split_whitespace();
    let aim = match by_name(words.next()?)?.name {
        "reply" => Aim::Reply,
        "react" => Aim::React,
        "delete" => Aim::Delete,
        _ => return None,
    };
    let number = words.next()?.trim_start_matches('#').parse().ok()?;
    (number > 0).then_some((aim, number))
}
