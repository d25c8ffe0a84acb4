//! The bytes of a page of history: what [`Read`] looks like on the wire.

use crate::event::Kind;
use crate::history::{Past, Query, Read, Target};
use crate::line::{Line, Meta, Private};
use crate::settings::Language;
use crate::text::text;
use bytes::Bytes;
use causette_proto::{Capability, CompactString};
use std::fmt::Write;

impl Read {
    /// The answer to a page of one room, oldest first. <https://ircv3.net/specs/extensions/chathistory>
    pub fn encode_page(&self, past: &[Past]) -> Bytes {
        let Query::Page(query) = &self.query else {
            return Bytes::new();
        };
        let mut page = Page::open(self, "chathistory", Some(&query.target));
        let direct = !query.target.starts_with('#');
        for past in past {
            // In a conversation each line names the one it was said to.
            let to_reader = direct && past.author != self.view.user;
            page.line(&Line::of_past(
                past,
                if to_reader {
                    &self.view.nick
                } else {
                    &query.target
                },
            ));
        }
        page.close()
    }

    /// The answer to CHATHISTORY TARGETS. <https://ircv3.net/specs/extensions/chathistory#targets>
    pub fn encode_targets(&self, targets: &[Target]) -> Bytes {
        let mut page = Page::open(self, "draft/chathistory-targets", None);
        for target in targets {
            let body = format!(
                ":{} CHATHISTORY TARGETS {} {}",
                self.view.server, target.name, target.time
            );
            page.line(&Line::new(
                Meta {
                    time: self.view.now,
                    ..Meta::default()
                },
                body,
            ));
        }
        page.close()
    }

    /// Recent lines for a client that did not ask: a batch for each room where it knows batches, else plain lines, with
    /// their time in front where it does not know `server-time`.
    pub fn encode_replay(&self, channels: &[(CompactString, Vec<Past>)], direct: &[Past]) -> Bytes {
        let mut bytes = String::new();
        for (index, (name, past)) in channels.iter().enumerate() {
            self.replay(
                &mut bytes,
                &format!("{}-{index}", self.view.reference),
                name,
                past,
                name,
            );
        }
        let mut rest = direct;
        let mut number = channels.len();
        // Direct messages come in the order of time; each run of one author's is a batch named for them.
        while let Some(first) = rest.first() {
            let run = rest
                .iter()
                .take_while(|past| past.author == first.author)
                .count();
            let (past, later) = rest.split_at(run);
            let nick = first.source.split('!').next().unwrap_or_default();
            self.replay(
                &mut bytes,
                &format!("{}-{number}", self.view.reference),
                nick,
                past,
                &self.view.nick,
            );
            number += 1;
            rest = later;
        }
        Bytes::from(bytes)
    }

    fn replay(
        &self,
        bytes: &mut String,
        reference: &str,
        batch_of: &str,
        past: &[Past],
        target: &str,
    ) {
        let enabled = self.view.enabled;
        let meta = Meta {
            time: self.view.now,
            ..Meta::default()
        };
        let server = &self.view.server;
        let messages: Vec<&Past> = past.iter().filter(|past| past.kind.is_message()).collect();
        if messages.is_empty() {
            return;
        }
        let batched = enabled.contains(Capability::Batch);
        if batched {
            meta.encode_into(bytes, enabled, Private::default());
            let _ = write!(
                bytes,
                ":{server} BATCH +{reference} chathistory {batch_of}\r\n"
            );
        }
        for past in messages {
            let mut line = Line::of_past(past, target);
            if !enabled.contains(Capability::ServerTime)
                && matches!(past.kind, Kind::Privmsg | Kind::Notice)
            {
                let time = past.time.to_string();
                // `[2026-11-22 14:05] `: the day too, since it may not have been today.
                line.prefix_text(&format!("[{} {}] ", &time[..10], &time[11..16]));
            }
            line.encode_into(
                bytes,
                enabled,
                Private {
                    label: None,
                    batch: batched.then_some(reference),
                },
            );
        }
        if batched {
            meta.encode_into(bytes, enabled, Private::default());
            let _ = write!(bytes, ":{server} BATCH -{reference}\r\n");
        }
    }

    /// The answer when the store could not be read. Nothing for a replay, which nobody asked for.
    pub fn encode_failure(&self, language: Language) -> Bytes {
        let (subcommand, target) = match &self.query {
            Query::Page(query) => ("*", query.target.as_str()),
            Query::Targets(_) => ("TARGETS", "*"),
            Query::Replay(_) => return Bytes::new(),
        };
        let mut bytes = String::new();
        let meta = Meta {
            time: self.view.now,
            ..Meta::default()
        };
        meta.encode_into(
            &mut bytes,
            self.view.enabled,
            Private {
                label: self.label.as_deref(),
                batch: None,
            },
        );
        let reason = text(language, "unavailable");
        let _ = write!(
            bytes,
            ":{} FAIL CHATHISTORY MESSAGE_ERROR {subcommand} {target} :{reason}\r\n",
            self.view.server
        );
        Bytes::from(bytes)
    }
}

/// A page being written: one batch, the label on its first line.
struct Page<'a> {
    read: &'a Read,
    bytes: String,
    reference: String,
    batched: bool,
}

impl<'a> Page<'a> {
    fn open(read: &'a Read, kind: &str, target: Option<&str>) -> Self {
        let enabled = read.view.enabled;
        let mut page = Self {
            read,
            bytes: String::new(),
            reference: read.view.reference.to_string(),
            batched: enabled.contains(Capability::Batch),
        };
        if page.batched {
            let target = target
                .map(|target| format!(" {target}"))
                .unwrap_or_default();
            page.frame(
                read.label.as_deref(),
                &format!("+{} {kind}{target}", page.reference),
            );
        }
        page
    }

    fn line(&mut self, line: &Line) {
        let private = Private {
            label: None,
            batch: self.batched.then_some(&self.reference),
        };
        line.encode_into(&mut self.bytes, self.read.view.enabled, private);
    }

    fn close(mut self) -> Bytes {
        if self.batched {
            self.frame(None, &format!("-{}", self.reference));
        }
        Bytes::from(self.bytes)
    }

    fn frame(&mut self, label: Option<&str>, rest: &str) {
        let view = &self.read.view;
        let meta = Meta {
            time: view.now,
            ..Meta::default()
        };
        meta.encode_into(
            &mut self.bytes,
            view.enabled,
            Private { label, batch: None },
        );
        let _ = write!(self.bytes, ":{} BATCH {rest}\r\n", view.server);
    }
}
