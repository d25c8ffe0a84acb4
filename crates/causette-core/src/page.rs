//! The bytes of a page of history: what [`Read`] looks like on the wire.

use crate::event::{Kind, Reach};
use crate::former;
use crate::history::{Past, Query, Read, Selector, Target};
use crate::limits;
use crate::line::{Line, Meta, Private};
use bytes::Bytes;
use causette_proto::{Capability, CompactString};
use causette_text::Language;
use causette_text::text;
use std::fmt::Write;

/// Bytes of the two lines around a batch beside the server's name, the heading and the label: time, references, verbs.
const FRAME_BYTES: usize = 256;

impl Read {
    /// The answer to a page of one room, oldest first. Where it would be too long it ends early, on the side that the client
    /// will ask for next. <https://ircv3.net/specs/extensions/chathistory>
    pub fn encode_page(&self, past: &[Past]) -> Bytes {
        let Query::Page(query) = &self.query else {
            return Bytes::new();
        };
        let newest = matches!(query.selector, Selector::Latest(_) | Selector::Before(_));
        let direct = !query.target.starts_with('#');
        let gone = former::read(&query.target).filter(|_| direct);
        let line = |past: &Past| {
            if gone == Some(past.author) {
                // Another may have their name now, as nickname and as account.
                let mut past = past.clone();
                past.source = former::renamed(&past.source, &query.target);
                past.account = None;
                return Line::of_past(&past, &self.view.nick);
            }
            // In a conversation each line names the one it was said to.
            let to_reader = direct && past.author != self.view.user;
            let signer = self.view.signer.as_deref().filter(|_| to_reader);
            let past = &*past.signed(signer);
            let target = if to_reader {
                &self.view.nick
            } else {
                &query.name
            };
            match past.reach {
                // A redaction names the room, whoever heard of it.
                Reach::Status(prefix) if past.kind != Kind::Redact => {
                    Line::of_past(past, &format!("{prefix}{target}"))
                }
                _ => Line::of_past(past, target),
            }
        };
        let heading = format!("chathistory {}", query.target);
        let most = limits::PAGE_BYTES.saturating_sub(self.frame_bytes(&heading));
        // At least one message: a single one is bounded by itself, and a page without any would say that there are no more.
        let fitting = self.fitting(past.iter(), newest, most, usize::MAX, |past| {
            (line(past), 0)
        });
        let lines = fitting.iter().map(|(_, line)| line);
        let mut bytes = String::new();
        self.batch(&mut bytes, "", &heading, lines);
        Bytes::from(bytes)
    }

    /// The answer to CHATHISTORY TARGETS. <https://ircv3.net/specs/extensions/chathistory#targets>
    pub fn encode_targets(&self, targets: &[Target]) -> Bytes {
        let server = &self.view.server;
        let lines: Vec<Line> = targets
            .iter()
            .map(|target| {
                let body = format!(
                    ":{server} CHATHISTORY TARGETS {} {}",
                    target.name, target.time
                );
                Line::new(self.now(), body)
            })
            .collect();
        let mut bytes = String::new();
        self.batch(&mut bytes, "", "draft/chathistory-targets", lines.iter());
        Bytes::from(bytes)
    }

    /// Recent lines for a client that did not ask: a batch for each room where it knows batches, else plain lines, with
    /// their time in front where it does not know `server-time`. All that is given [is replayed](Past::is_replayed).
    pub fn encode_replay(&self, channels: &[(CompactString, Vec<Past>)], direct: &[Past]) -> Bytes {
        let share = limits::PAGE_BYTES / (channels.len() + 1);
        let mut bytes = String::new();
        let mut number = 0;
        let mut replay = |bytes: &mut String, heading: &str, lines: &[(&Past, Line)]| {
            if !lines.is_empty() {
                number += 1;
                let suffix = format!("-{number}");
                self.batch(bytes, &suffix, heading, lines.iter().map(|(_, line)| line));
            }
        };
        // A message that is longer than its room's share is shown where the whole still has room for it.
        for (name, past) in channels {
            let heading = format!("chathistory {name}");
            let frame = self.frame_bytes(&heading);
            let left = limits::PAGE_BYTES.saturating_sub(bytes.len() + frame);
            let share = share.saturating_sub(frame).min(left);
            let lines = self.fitting(past.iter(), true, share, left, |past| {
                (self.replayed(past, name), 0)
            });
            replay(&mut bytes, &heading, &lines);
        }
        // Direct messages come in the order of time; each run of one author's is a batch named for them.
        let left = limits::PAGE_BYTES.saturating_sub(bytes.len());
        let heading = |past: &Past| {
            let nick = past.source.split('!').next().unwrap_or_default();
            format!("chathistory {nick}")
        };
        let direct = self.fitting(direct.iter(), true, share.min(left), left, |past| {
            let to_reader = past.author != self.view.user;
            let signer = self.view.signer.as_deref().filter(|_| to_reader);
            let line = self.replayed(&past.signed(signer), &self.view.nick);
            (line, self.frame_bytes(&heading(past)))
        });
        for run in direct.chunk_by(|(one, _), (next, _)| one.author == next.author) {
            replay(&mut bytes, &heading(run[0].0), run);
        }
        Bytes::from(bytes)
    }

    /// Bytes that the two lines around a batch take at most.
    fn frame_bytes(&self, heading: &str) -> usize {
        // Each character of a label may have to be escaped.
        let label = self.label.as_ref().map_or(0, |label| 2 * label.len());
        2 * self.view.server.len() + heading.len() + label + FRAME_BYTES
    }

    /// As many events as fit into so many bytes, from the newest or from the oldest on, with their lines. What counts is
    /// what is written: one event may be many lines, each with its own tags, source and target. `line` makes the line and
    /// says what is written beside it. The first event may take up to `first_max`.
    fn fitting<'a>(
        &self,
        past: impl DoubleEndedIterator<Item = &'a Past>,
        newest: bool,
        bytes_max: usize,
        first_max: usize,
        line: impl Fn(&Past) -> (Line, usize),
    ) -> Vec<(&'a Past, Line)> {
        let reference = format!("{}-{}", self.view.reference, limits::CHANNELS_PER_USER);
        let private = Private {
            label: None,
            batch: Some(&reference),
        };
        let (mut bytes, mut written) = (0, String::new());
        let fits = |past: &'a Past| {
            let (line, beside) = line(past);
            written.clear();
            line.encode_into(&mut written, self.view.enabled, private);
            let most = if bytes == 0 {
                first_max.max(bytes_max)
            } else {
                bytes_max
            };
            bytes += written.len() + beside;
            (bytes <= most).then_some((past, line))
        };
        if newest {
            let mut fitting: Vec<_> = past.rev().map_while(fits).collect();
            fitting.reverse();
            fitting
        } else {
            past.map_while(fits).collect()
        }
    }

    fn replayed(&self, past: &Past, target: &str) -> Line {
        if self.view.enabled.contains(Capability::ServerTime) {
            return Line::of_past(past, target);
        }
        let time = past.time.to_string();
        // `[2026-11-22 14:05] `: the day too, since it may not have been today.
        let date = format!("[{} {}] ", &time[..10], &time[11..16]);
        Line::of_past_dated(past, target, &date, self.view.enabled)
    }

    /// The answer when the store could not be read. Nothing for a replay, which nobody asked for.
    pub fn encode_failure(&self, language: Language) -> Bytes {
        let (subcommand, target) = match &self.query {
            Query::Page(query) => ("*", query.target.as_str()),
            Query::Targets(_) => ("TARGETS", "*"),
            Query::Replay(_) => return Bytes::new(),
        };
        let (server, reason) = (&self.view.server, text(language, "history-unreadable"));
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
    fn batch<'a>(
        &self,
        bytes: &mut String,
        suffix: &str,
        heading: &str,
        lines: impl Iterator<Item = &'a Line>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Kind;
    use crate::history::{PageQuery, Readable, ReplayQuery, View};
    use crate::id::{Msgid, Room, RoomId, SessionId, UserId};
    use causette_proto::{Capabilities, Timestamp};

    const NAME: &str = "#cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";

    /// A read by a client that knows everything, or nothing but tags.
    fn read(query: Query, batches: bool) -> Read {
        let mut enabled = vec![
            Capability::ServerTime,
            Capability::AccountTag,
            Capability::MessageTags,
        ];
        if batches {
            enabled.extend([Capability::Batch, Capability::Multiline]);
        }
        Read {
            session: SessionId(1),
            view: View {
                user: UserId(1),
                nick: "bob".into(),
                enabled: Capabilities::of(&enabled),
                now: Timestamp(0),
                reference: u64::MAX,
                server: "irc.example.org".into(),
                signer: None,
            },
            label: Some("label".into()),
            query,
        }
    }

    fn page(selector: Selector) -> Query {
        Query::Page(PageQuery {
            room: Room::Channel(RoomId(2)),
            target: NAME.into(),
            name: NAME.into(),
            selector,
            limit: 1000,
            events: false,
            readable: Readable::default(),
            restricted: false,
            acl_version: None,
        })
    }

    fn replay() -> Query {
        Query::Replay(ReplayQuery {
            channels: Vec::new(),
            direct_since: None,
            direct_with: None,
            before: Timestamp(0),
            limit: 50,
            direct_limit: 50,
        })
    }

    fn past(seq: u64, text: &str) -> Past {
        let name = "m".repeat(32);
        Past {
            seq,
            time: Timestamp(0),
            msgid: Msgid(format!("06dqdpn82m0000000w{seq:06}").into()),
            author: UserId(3 + seq),
            source: format!("{name}!~{}@account/{name}", "u".repeat(17)).into(),
            account: Some(name.into()),
            kind: Kind::Privmsg,
            reach: Reach::Room,
            text: text.into(),
            tags: CompactString::default(),
        }
    }

    /// Messages of so many lines of one letter.
    fn lines(messages: u64, lines: usize) -> Vec<Past> {
        let text = vec!["x"; lines].join("\n");
        (1..=messages).map(|seq| past(seq, &text)).collect()
    }

    #[test]
    fn a_page_keeps_its_bound_however_many_lines_its_messages_have() {
        for (count, batches) in [(1, true), (1, false), (200, true), (200, false)] {
            let all = lines(3000, count);
            let read = read(page(Selector::Latest(None)), batches);
            let bytes = read.encode_page(&all);
            assert!(bytes.len() <= limits::PAGE_BYTES, "{}", bytes.len());
            let one = read.encode_page(&all[..1]).len();
            let full = limits::PAGE_BYTES * 31 / 32 - 2 * one;
            assert!(bytes.len() > full, "{} of {full}", bytes.len());
        }
    }

    #[test]
    fn a_replay_keeps_its_bound_in_all_its_rooms_together() {
        for (rooms, batches) in [(1, true), (1, false), (100, true), (100, false)] {
            let all = lines(50, 200);
            let read = read(replay(), batches);
            let rooms = vec![(NAME.into(), all.clone()); rooms];
            let bytes = read.encode_replay(&rooms, &all);
            assert!(bytes.len() <= limits::PAGE_BYTES, "{}", bytes.len());
            assert!(bytes.len() > limits::PAGE_BYTES / 4, "{}", bytes.len());
            let bytes = read.encode_replay(&[], &lines(5000, 1));
            assert!(bytes.len() <= limits::PAGE_BYTES, "{}", bytes.len());
        }
    }

    /// A client that knows no `server-time` loses no word to the date before them.
    #[test]
    fn a_line_that_is_full_goes_on_in_another_behind_its_date() {
        let mut read = read(replay(), false);
        read.view.enabled = Capabilities::of(&[]);
        let said = "y".repeat(400);
        for (text, begin, middle, end) in [
            (said.clone(), ":[", "y\r\n:", "y\r\n"),
            (
                format!("\u{1}ACTION {said}\u{1}"),
                ":\u{1}ACTION [",
                "y\u{1}\r\n:",
                "y\u{1}\r\n",
            ),
            (
                format!("{}\n\n{}\r{}", &said[..10], &said[..380], &said[..10]),
                ":[",
                "y\r\n:",
                "y\r\n",
            ),
        ] {
            let bytes = read.encode_replay(&[], &[past(1, &text)]);
            let shown = String::from_utf8(bytes.to_vec()).unwrap();
            assert_eq!(shown.matches('y').count(), 400, "{shown}");
            let (beginning, middle, end) = (
                shown.contains(begin),
                shown.contains(middle),
                shown.ends_with(end),
            );
            assert!(beginning && middle && end, "{shown}");
            assert!(shown.lines().all(|line| line.len() <= 510), "{shown}");
            assert!(shown.lines().all(|line| line.contains("[1970-")), "{shown}");
        }
    }

    #[test]
    fn a_page_ends_early_on_the_side_that_is_asked_for_next() {
        let all: Vec<Past> = (1..=4).map(|seq| past(seq, "hello")).collect();
        let read = read(replay(), true);
        let fitting = |past: &[Past], newest, bytes_max| {
            let line = |past: &Past| (Line::of_past(past, NAME), 0);
            let fitting = read.fitting(past.iter(), newest, bytes_max, usize::MAX, line);
            fitting.iter().map(|(past, _)| past.seq).collect::<Vec<_>>()
        };
        assert_eq!(fitting(&all, true, 700), [3, 4]);
        assert_eq!(fitting(&all, false, 700), [1, 2]);
        assert_eq!(fitting(&all, true, 1), [4], "one is always shown");
        assert_eq!(fitting(&[], true, 1), [0; 0]);
    }
}
