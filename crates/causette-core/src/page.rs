//! The bytes of a page of history: what [`Read`] looks like on the wire.

use crate::event::{Kind, Reach};
use crate::history::{Past, Query, Read, Selector, Target};
use crate::limits;
use crate::line::{Line, Meta, Private};
use crate::settings::Language;
use crate::text::text;
use bytes::Bytes;
use causette_proto::{Capability, CompactString};
use std::fmt::Write;

/// Bytes of an event on the wire beside its text, tags and names: time, message id, batch, verb and target.
const OVERHEAD_BYTES: usize = 400;

impl Read {
    /// The answer to a page of one room, oldest first. Where it would be too long it ends early, on the side that the client
    /// will ask for next. <https://ircv3.net/specs/extensions/chathistory>
    pub fn encode_page(&self, past: &[Past]) -> Bytes {
        let Query::Page(query) = &self.query else {
            return Bytes::new();
        };
        let newest = matches!(query.selector, Selector::Latest(_) | Selector::Before(_));
        let direct = !query.target.starts_with('#');
        let lines = fitting(past, newest, limits::PAGE_BYTES)
            .iter()
            .map(|past| {
                // In a conversation each line names the one it was said to.
                let to_reader = direct && past.author != self.view.user;
                let target = if to_reader {
                    &self.view.nick
                } else {
                    &query.target
                };
                match past.reach {
                    // A redaction names the room, whoever heard of it.
                    Reach::Status(prefix) if past.kind != Kind::Redact => {
                        Line::of_past(past, &format!("{prefix}{target}"))
                    }
                    _ => Line::of_past(past, target),
                }
            });
        let mut bytes = String::new();
        let heading = format!("chathistory {}", query.target);
        self.batch(&mut bytes, "", &heading, lines);
        Bytes::from(bytes)
    }

    /// The answer to CHATHISTORY TARGETS. <https://ircv3.net/specs/extensions/chathistory#targets>
    pub fn encode_targets(&self, targets: &[Target]) -> Bytes {
        let server = &self.view.server;
        let lines = targets.iter().map(|target| {
            let body = format!(
                ":{server} CHATHISTORY TARGETS {} {}",
                target.name, target.time
            );
            Line::new(self.now(), body)
        });
        let mut bytes = String::new();
        self.batch(&mut bytes, "", "draft/chathistory-targets", lines);
        Bytes::from(bytes)
    }

    /// Recent lines for a client that did not ask: a batch for each room where it knows batches, else plain lines, with
    /// their time in front where it does not know `server-time`.
    pub fn encode_replay(&self, channels: &[(CompactString, Vec<Past>)], direct: &[Past]) -> Bytes {
        let share = limits::PAGE_BYTES / (channels.len() + 1);
        let mut bytes = String::new();
        let mut number = 0;
        let mut replay = |past: &[Past], heading: &str, target: &str| {
            let spoken = past.iter().filter(|past| past.kind.is_message());
            let lines: Vec<Line> = spoken.map(|past| self.replayed(past, target)).collect();
            if !lines.is_empty() {
                number += 1;
                let heading = format!("chathistory {heading}");
                self.batch(
                    &mut bytes,
                    &format!("-{number}"),
                    &heading,
                    lines.into_iter(),
                );
            }
        };
        for (name, past) in channels {
            replay(fitting(past, true, share), name, name);
        }
        // Direct messages come in the order of time; each run of one author's is a batch named for them.
        let direct = fitting(direct, true, share);
        for run in direct.chunk_by(|one, next| one.author == next.author) {
            let nick = run[0].source.split('!').next().unwrap_or_default();
            replay(run, nick, &self.view.nick);
        }
        Bytes::from(bytes)
    }

    fn replayed(&self, past: &Past, target: &str) -> Line {
        let mut line = Line::of_past(past, target);
        if !self.view.enabled.contains(Capability::ServerTime) {
            let time = past.time.to_string();
            // `[2026-11-22 14:05] `: the day too, since it may not have been today.
            line.prefix_text(&format!("[{} {}] ", &time[..10], &time[11..16]));
        }
        line
    }

    /// The answer when the store could not be read. Nothing for a replay, which nobody asked for.
    pub fn encode_failure(&self, language: Language) -> Bytes {
        let (subcommand, target) = match &self.query {
            Query::Page(query) => ("*", query.target.as_str()),
            Query::Targets(_) => ("TARGETS", "*"),
            Query::Replay(_) => return Bytes::new(),
        };
        let (server, reason) = (&self.view.server, text(language, "unavailable"));
        let body =
            format!(":{server} FAIL CHATHISTORY MESSAGE_ERROR {subcommand} {target} :{reason}");
        let mut bytes = String::new();
        let private = Private {
            label: self.label.as_deref(),
            batch: None,
        };
        Line::new(self.now(), body).encode_into(&mut bytes, self.view.enabled, private);
        Bytes::from(bytes)
    }

    /// Lines as one batch. For a reader that does not know batches they follow each other; the label is then on the first,
    /// or on an ACK where there is none.
    fn batch(
        &self,
        bytes: &mut String,
        suffix: &str,
        heading: &str,
        lines: impl Iterator<Item = Line>,
    ) {
        let (enabled, server) = (self.view.enabled, &self.view.server);
        let mut private = Private {
            label: self.label.as_deref(),
            batch: None,
        };
        let reference = format!("{}{suffix}", self.view.reference);
        let batched = enabled.contains(Capability::Batch);
        if batched {
            let open = format!(":{server} BATCH +{reference} {heading}");
            Line::new(self.now(), open).encode_into(bytes, enabled, private);
            private = Private {
                label: None,
                batch: Some(&reference),
            };
        }
        for line in lines {
            line.encode_into(bytes, enabled, private);
            private.label = None;
        }
        if batched {
            let close = format!(":{server} BATCH -{reference}");
            Line::new(self.now(), close).encode_into(bytes, enabled, Private::default());
        } else if private.label.is_some() && enabled.contains(Capability::LabeledResponse) {
            let mut line = String::new();
            let _ = write!(line, ":{server} ACK");
            Line::new(self.now(), line).encode_into(bytes, enabled, private);
        }
    }

    fn now(&self) -> Meta {
        Meta {
            time: self.view.now,
            ..Meta::default()
        }
    }
}

/// As many events as fit into so many bytes, from the newest or from the oldest on. At least one: a single event is bounded
/// by itself.
fn fitting(past: &[Past], newest: bool, bytes_max: usize) -> &[Past] {
    let mut bytes = 0;
    let mut fits = |past: &Past| {
        bytes += past.text.len() + past.tags.len() + past.source.len() + OVERHEAD_BYTES;
        bytes <= bytes_max
    };
    let count = if newest {
        past.iter().rev().take_while(|past| fits(past)).count()
    } else {
        past.iter().take_while(|past| fits(past)).count()
    };
    let count = count.max(1).min(past.len());
    if newest {
        &past[past.len() - count..]
    } else {
        &past[..count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Kind, Reach};
    use crate::id::{Msgid, UserId};
    use causette_proto::Timestamp;

    fn past(seq: u64, bytes: usize) -> Past {
        Past {
            seq,
            time: Timestamp(0),
            msgid: Msgid(CompactString::default()),
            author: UserId(1),
            source: CompactString::default(),
            account: None,
            kind: Kind::Privmsg,
            reach: Reach::Room,
            text: "x".repeat(bytes).into(),
            tags: CompactString::default(),
        }
    }

    #[test]
    fn a_page_ends_early_on_the_side_that_is_asked_for_next() {
        let all: Vec<Past> = (1..=4).map(|seq| past(seq, 100)).collect();
        let seqs = |past: &[Past]| past.iter().map(|past| past.seq).collect::<Vec<_>>();
        let room_for_two = 2 * (100 + OVERHEAD_BYTES);
        assert_eq!(seqs(fitting(&all, true, room_for_two)), [3, 4]);
        assert_eq!(seqs(fitting(&all, false, room_for_two)), [1, 2]);
        assert_eq!(seqs(fitting(&all, true, 1)), [4], "one is always shown");
        assert_eq!(seqs(fitting(&[], true, 1)), [0; 0]);
    }
}
