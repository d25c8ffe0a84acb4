//! What people say: messages, notices, what they feel about them, and that they are typing.

use crate::core::buffer::{BufferId, BufferKind, NOTHING_READ};
use crate::core::client::Client;
use crate::core::connection::later;
use crate::core::entry::{Entry, Manner, Said, Shared, What};
use crate::core::hush::{knows_passwords, said_to_service};
use crate::core::limits::{TYPING_LASTS, TYPING_MAX};
use crate::core::outbox::TAG;
use crate::core::output::Output;
use crate::core::receive::{last, msgid_of, nick_of, time_of};
use crate::core::request::Request;
use causette_proto::{CompactString, Message};
use unicode_segmentation::UnicodeSegmentation;

/// A reaction. <https://ircv3.net/specs/client-tags/react>
const REACT: [&str; 2] = ["+draft/react", "+react"];
/// A reaction that is taken back.
const UNREACT: [&str; 2] = ["+draft/unreact", "+unreact"];
/// The number of the file that a message is about.
const FILE: &str = "+causette/file";
/// What a message answers. <https://ircv3.net/specs/client-tags/reply>
const REPLY: [&str; 2] = ["+reply", "+draft/reply"];

impl Client {
    /// PRIVMSG and NOTICE.
    pub(crate) fn heard(
        &mut self,
        message: &Message,
        request: Option<&Request>,
        out: &mut Vec<Output>,
    ) {
        let from = nick_of(message);
        let is_mine = self.is_me(&from);
        let Some(said) = self.said_of(message) else {
            return;
        };
        if is_mine {
            self.source_rest_bytes = message
                .source
                .as_ref()
                .map(|source| source.len() - from.len());
            self.confirm(message, request, out);
        }
        let buffer = self.place_of(message, &said);
        if let Some(buffer) = self.buffer_mut(buffer) {
            buffer.typing.retain(|(nick, _)| *nick != from);
        }
        let entry = self.entry(
            time_of(message, self.now),
            msgid_of(message),
            What::Said(said),
        );
        self.add(buffer, entry, out);
    }

    /// The message that a line is; `None` for the questions that programs ask each other.
    pub(crate) fn said_of(&self, message: &Message) -> Option<Said> {
        let from = nick_of(message);
        let [target, text] = &message.params[..] else {
            return None;
        };
        let (text, manner) = match text.strip_prefix('\u{1}') {
            Some(request) => {
                let action = request.trim_end_matches('\u{1}').strip_prefix("ACTION ")?;
                (action, Manner::Action)
            }
            None if message.command == "NOTICE" => (text.as_str(), Manner::Notice),
            None => (text.as_str(), Manner::Message),
        };
        let is_mine = self.is_me(&from);
        let only_for = target
            .chars()
            .next()
            .filter(|_| self.features.without_status(target) != target.as_str());
        let text = if is_mine && knows_passwords(target) {
            said_to_service(text)
        } else {
            text.to_owned()
        };
        Some(Said {
            account: message.tags.get("account").map(CompactString::from),
            is_mention: !is_mine && names(&text, &self.nick),
            manner,
            is_mine,
            reply_to: first_tag(message, &REPLY).map(CompactString::from),
            only_for,
            file: self
                .features
                .files
                .as_ref()
                .and_then(|_| shared_in(message, &text)),
            redacted: None,
            reactions: Vec::new(),
            text,
            from,
        })
    }

    /// In which conversation something is said.
    fn place_of(&mut self, message: &Message, said: &Said) -> BufferId {
        let target = message.params.first().cloned().unwrap_or_default();
        let channel = self.features.without_status(&target);
        if self.features.is_channel(channel) {
            let channel = channel.to_owned();
            return self.buffer_for(BufferKind::Channel, &channel);
        }
        let peer = if said.is_mine {
            target
        } else {
            said.from.clone()
        };
        let is_person = message
            .source
            .as_deref()
            .is_some_and(|source| source.contains('!'));
        match self.find(&peer) {
            Some(buffer) => buffer,
            // Servers and services say notices to the person, not in a conversation.
            None if said.manner == Manner::Notice || (!is_person && !said.is_mine) => {
                self.server_buffer()
            }
            None => self.query_with(&peer),
        }
    }

    /// TAGMSG: reactions and typing.
    pub(crate) fn tagged(&mut self, message: &Message, out: &mut Vec<Output>) {
        let who = nick_of(message);
        let target = message.params.first().cloned().unwrap_or_default();
        let is_me = self.is_me(&who);
        let name = if is_me || self.features.is_channel(&target) {
            target
        } else {
            who.clone()
        };
        let Some(buffer) = self.find(self.features.without_status(&name)) else {
            return;
        };
        if let Some(reaction) = self.reaction_of(message) {
            self.react(buffer, reaction, out);
        }
        if let (Some(typing), false) = (message.tags.get("+typing"), is_me) {
            let until = later(self.now, TYPING_LASTS);
            if let Some(buffer) = self.buffer_mut(buffer) {
                buffer.typing.retain(|(nick, _)| *nick != who);
                if typing == "active" && buffer.typing.len() < TYPING_MAX {
                    buffer.typing.push((who, until));
                }
                out.push(Output::Changed);
            }
        }
    }

    /// A reaction that a line is.
    pub(crate) fn reaction_of(&self, message: &Message) -> Option<Reaction> {
        let to = first_tag(message, &REPLY)?;
        let (emoji, adds) = match (first_tag(message, &REACT), first_tag(message, &UNREACT)) {
            (Some(emoji), _) => (emoji, true),
            (None, Some(emoji)) => (emoji, false),
            (None, None) => return None,
        };
        // One emoji, however many characters it is made of; not a letter to be read.
        let emoji = emoji.graphemes(true).take(8).collect();
        Some(Reaction {
            to: to.into(),
            by: nick_of(message),
            emoji,
            adds,
        })
    }

    pub(crate) fn react(&mut self, buffer: BufferId, reaction: Reaction, out: &mut Vec<Output>) {
        if let Some(buffer) = self.buffer_mut(buffer) {
            let Reaction {
                to,
                by,
                emoji,
                adds,
            } = reaction;
            buffer.timeline.react(&to, &by, &emoji, adds);
            out.push(Output::Changed);
        }
    }

    /// REDACT: somebody took a message back. <https://ircv3.net/specs/extensions/message-redaction>
    pub(crate) fn redacted(&mut self, message: &Message, out: &mut Vec<Output>) {
        let [target, msgid, reason @ ..] = &message.params[..] else {
            return;
        };
        let who = nick_of(message);
        let buffer = if self.features.is_channel(target) || self.is_me(&who) {
            self.find(target)
        } else {
            self.find(&who)
        };
        let reason = reason.first().map(ToString::to_string).unwrap_or_default();
        let Some(buffer) = buffer.and_then(|id| self.buffer_mut(id)) else {
            return;
        };
        buffer.timeline.redact(msgid, who, reason);
        buffer.count();
        out.push(Output::Changed);
    }

    /// MARKREAD: up to where the person has read, on whichever client. <https://ircv3.net/specs/extensions/read-marker>
    pub(crate) fn marked(&mut self, message: &Message, out: &mut Vec<Output>) {
        let target = message.params.first().cloned().unwrap_or_default();
        let read = last(message).strip_prefix("timestamp=");
        let read = read.and_then(causette_proto::Timestamp::parse);
        let is_none = read.is_none();
        let now = self.now;
        let tells_arrivals = self.features.has("draft/event-playback");
        let is_guest = self.account.is_none();
        let Some(buffer) = self.find(&target).and_then(|id| self.buffer_mut(id)) else {
            return;
        };
        let read = match read {
            Some(read) => read,
            // Where nothing tells since when the person is there, they are since now.
            None if is_guest || (buffer.kind == BufferKind::Channel && !tells_arrivals) => now,
            None => NOTHING_READ,
        };
        // Only forward: an answer to an older mark may come behind a newer one.
        buffer.read = Some(match buffer.read {
            Some(known) if known > read || is_none => known,
            _ => read,
        });
        buffer.count();
        out.push(Output::Changed);
    }

    /// Notices of typing do not hold for ever.
    pub(crate) fn expire_typing(&mut self, out: &mut Vec<Output>) {
        let now = self.now;
        for buffer in &mut self.buffers {
            let typing = buffer.typing.len();
            buffer.typing.retain(|&(_, until)| until > now);
            if buffer.typing.len() != typing {
                out.push(Output::Changed);
            }
        }
    }
}

/// A reaction to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reaction {
    to: CompactString,
    by: CompactString,
    emoji: CompactString,
    adds: bool,
}

/// The file that a message is about: `📎 NAME (SIZE) ADDRESS`, with the number of the file as a tag. What only looks like it is a text
/// like any other.
fn shared_in(message: &Message, text: &str) -> Option<Shared> {
    let number = message.tags.get(FILE)?.parse().ok()?;
    let (told, _address) = text.strip_prefix("📎 ")?.rsplit_once(' ')?;
    let (name, size) = told.strip_suffix(')')?.rsplit_once(" (")?;
    Some(Shared {
        number,
        name: name.to_owned(),
        size: size.to_owned(),
    })
}

/// The value of our own tag, by which a message of the outbox is found again.
pub(crate) fn nonce_of(message: &Message) -> Option<&str> {
    message.tags.get(TAG)
}

/// Whether a text names somebody: as a word of its own, whatever the case.
pub(crate) fn names(text: &str, nick: &str) -> bool {
    if nick.is_empty() {
        return false;
    }
    let (text, nick) = (text.to_lowercase(), nick.to_lowercase());
    let is_part_of_word =
        |character: char| character.is_alphanumeric() || "_[]{}\\|`^".contains(character);
    text.match_indices(&nick).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let after = text[start + found.len()..].chars().next();
        !before.is_some_and(is_part_of_word) && !after.is_some_and(is_part_of_word)
    })
}

fn first_tag<'a>(message: &'a Message, keys: &[&str]) -> Option<&'a str> {
    let mut values = keys.iter().filter_map(|key| message.tags.get(key));
    values.next().filter(|value| !value.is_empty())
}

impl Entry {
    /// Whether the person is named in it.
    pub fn is_mention(&self) -> bool {
        self.said().is_some_and(|said| said.is_mention)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_word_of_its_own() {
        for text in ["bob?", "@Bob tu viens", "dis bob, viens", "…BOB", "bob"] {
            assert!(names(text, "bob"), "{text}");
        }
        for text in ["bobine", "kebob", "bob_", "", "bo b"] {
            assert!(!names(text, "bob"), "{text}");
        }
        assert!(names("Amélie !", "amélie") && !names("Amélie !", ""));
    }
}
