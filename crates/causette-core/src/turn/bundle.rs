//! What one input causes for its own session: one bundle, sent at the end with the label of the command, in a batch where it
//! has several lines, or as ACK where it has none. <https://ircv3.net/specs/extensions/labeled-response>

use crate::fitting::fit;
use crate::id::SessionId;
use crate::input::Asker;
use crate::line::{Line, Meta, Private};
use crate::output::{Ask, Output};
use crate::state::waiting::{Awaited, Then};
use crate::turn::Turn;
use crate::turn::parting::Parting;
use bytes::Bytes;
use causette_proto::{Capabilities, Capability, CompactString};
use std::fmt::Write;
use std::sync::Arc;

/// The lines of the session whose input is being handled. Empty where it is nobody's.
#[derive(Default)]
pub(crate) struct Bundle {
    session: Option<SessionId>,
    lines: Vec<OwnLine>,
    label: Option<CompactString>,
    /// Whether the answer comes later: an Ask or a Read has taken the label over.
    deferred: bool,
    /// What must happen behind the bundle.
    tail: Vec<Output>,
    /// Why the session ends with this input, as others are told.
    closing: Option<Parting>,
}

/// A place between the lines of a bundle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(usize);

/// A line of a bundle.
pub(crate) enum OwnLine {
    Private(String),
    Shared(Arc<Line>),
    /// Lines that belong together, with the type of their batch and its parameters.
    Batch(CompactString, Vec<String>),
}

/// Bytes for which there is room at first in what is sent, for each line: few are longer.
const LINE_BYTES: usize = 128;

impl Bundle {
    pub(crate) fn new(session: SessionId, label: Option<CompactString>) -> Self {
        Self {
            session: Some(session),
            label,
            ..Self::default()
        }
    }

    /// Whether it is this session's.
    pub(crate) fn is_of(&self, session: SessionId) -> bool {
        self.session == Some(session)
    }

    /// Whether it bears a label.
    pub(crate) fn is_labelled(&self) -> bool {
        self.label.is_some()
    }

    /// A line with its source, cut where it is too long.
    pub(crate) fn line(&mut self, body: String) {
        self.lines.push(OwnLine::Private(fit(body)));
    }

    /// A shared line, as the session sees it.
    pub(crate) fn shared(&mut self, line: Arc<Line>) {
        self.lines.push(OwnLine::Shared(line));
    }

    /// Lines that belong together, in a batch of that type.
    pub(crate) fn batch(&mut self, kind: &str, lines: Vec<String>) {
        self.lines.push(OwnLine::Batch(kind.into(), lines));
    }

    /// The place behind the lines that there are by now.
    pub(crate) fn place(&self) -> Place {
        Place(self.lines.len())
    }

    /// Takes the lines behind a place away, so that others may come before them.
    pub(crate) fn lines_since(&mut self, place: Place) -> Vec<OwnLine> {
        self.lines.split_off(place.0.min(self.lines.len()))
    }

    /// Lets lines follow that were taken away.
    pub(crate) fn followed_by(&mut self, lines: Vec<OwnLine>) {
        self.lines.extend(lines);
    }

    /// Gives the label away, to the answer that comes later.
    pub(crate) fn defer(&mut self) -> Option<CompactString> {
        self.deferred = true;
        self.label.take()
    }

    /// Takes the label of an earlier command of the session, to which this input is the answer.
    pub(crate) fn relabel(&mut self, label: CompactString) {
        self.label = Some(label);
        self.deferred = false;
    }

    /// Lets something happen behind the bundle.
    fn after(&mut self, output: Output) {
        self.tail.push(output);
    }

    /// Ends the session with this bundle, after `ERROR :text`; others are told the reason. The first reason counts.
    /// <https://modern.ircdocs.horse/#error-message>
    pub(crate) fn close(&mut self, reason: Parting, text: &str) {
        if self.closing.is_none() {
            self.closing = Some(reason);
            self.line(format!("ERROR :{text}"));
        }
    }
}

impl Turn<'_> {
    /// Lets somebody wait for an answer; later lines of a session wait with it. The label of its command waits too, unless the
    /// answer to the command is this bundle and something else is only awaited behind it.
    pub(crate) fn wait(&mut self, asker: Asker, then: Then) {
        *self.mutated = true;
        let own = matches!(asker, Asker::Session(session) if self.own.is_of(session));
        let label = if own && !matches!(then, Then::Replay) {
            self.own.defer()
        } else {
            None
        };
        self.state.waiting.insert(asker, Awaited { label, then });
    }

    /// Asks for something to be found out; behind what the input causes for its own session, where it is that one who asks.
    pub(crate) fn ask(&mut self, asker: Asker, ask: Ask) {
        *self.mutated = true;
        let ask = Output::Ask { asker, ask };
        match asker {
            Asker::Session(session) if self.own.is_of(session) => self.own.after(ask),
            _ => self.out.push(ask),
        }
    }

    /// Lets something happen behind what the input causes for its own session; at once, where it is no session's.
    pub(crate) fn after(&mut self, output: Output) {
        if self.own.session.is_some() {
            self.own.after(output);
        } else {
            self.out.push(output);
        }
    }

    /// Sends the bundle, and lets happen what waits behind it. Says why the session is to end, where it is.
    pub(crate) fn send_own(&mut self) -> Option<Parting> {
        let bundle = std::mem::take(&mut self.own);
        self.send(bundle)
    }

    /// Tells a session whose input this is not why it ends.
    pub(crate) fn say_last(&mut self, session: SessionId, text: &str) {
        let mut bundle = Bundle::new(session, None);
        bundle.line(format!("ERROR :{text}"));
        self.send(bundle);
    }

    pub(super) fn send(&mut self, mut bundle: Bundle) -> Option<Parting> {
        let session = bundle.session?;
        if let Some(found) = self.state.sessions.get(&session) {
            let enabled = found.enabled;
            self.send_lines(session, &mut bundle, enabled);
        }
        for output in bundle.tail {
            self.out.push(output);
        }
        bundle.closing
    }

    /// The next batch reference. It is no change of what is true, so that also an answer that changes nothing may have one.
    fn next_batch(&mut self, session: SessionId) -> String {
        let session = self.state.sessions.get_mut(&session);
        session
            .map_or(0, |session| session.next_batch())
            .to_string()
    }

    fn send_lines(&mut self, session: SessionId, bundle: &mut Bundle, enabled: Capabilities) {
        let label = bundle
            .label
            .take()
            .filter(|_| enabled.contains(Capability::LabeledResponse));
        let server = self.settings.server.clone();
        if bundle.lines.is_empty() {
            if label.is_none() || bundle.deferred {
                return;
            }
            bundle.line(format!(":{server} ACK"));
        }
        let now = Meta {
            time: self.now(),
            ..Meta::default()
        };
        let mut text = String::with_capacity(bundle.lines.len() * LINE_BYTES);
        let batched =
            label.is_some() && bundle.lines.len() > 1 && enabled.contains(Capability::Batch);
        let reference = if batched {
            self.next_batch(session)
        } else {
            String::new()
        };
        let mut private = Private {
            label: label.as_deref(),
            batch: None,
        };
        if batched {
            now.encode_into(&mut text, enabled, private);
            let _ = write!(text, ":{server} BATCH +{reference} labeled-response\r\n");
            private = Private {
                label: None,
                batch: Some(&reference),
            };
        }
        for line in &bundle.lines {
            match line {
                OwnLine::Private(body) => {
                    now.encode_into(&mut text, enabled, private);
                    text.push_str(body);
                    text.push_str("\r\n");
                }
                OwnLine::Shared(line) => line.encode_into(&mut text, enabled, private),
                OwnLine::Batch(kind, lines) => {
                    let inner = self.next_batch(session);
                    now.encode_into(&mut text, enabled, private);
                    let _ = write!(text, ":{server} BATCH +{inner} {kind}\r\n");
                    private.label = None;
                    let within = Private {
                        batch: Some(&inner),
                        ..private
                    };
                    for body in lines {
                        now.encode_into(&mut text, enabled, within);
                        text.push_str(body);
                        text.push_str("\r\n");
                    }
                    now.encode_into(&mut text, enabled, private);
                    let _ = write!(text, ":{server} BATCH -{inner}\r\n");
                }
            }
            private.label = None;
        }
        if batched {
            now.encode_into(&mut text, enabled, Private::default());
            let _ = write!(text, ":{server} BATCH -{reference}\r\n");
        }
        self.out.push(Output::Send {
            session,
            bytes: Bytes::from(text),
        });
    }
}
