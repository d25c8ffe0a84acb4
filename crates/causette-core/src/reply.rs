//! What a command answers to its own session: numerics, standard replies, labels and batches.
//!
//! Everything that one input causes for its own session is one bundle, wrapped once at the end.

mod cutting;

use crate::event::What;
use crate::fitting::{MIDDLE_BYTES, middle, word};
use crate::id::{Room, SessionId, UserId};
use crate::line::{BODY_BYTES, Line, Meta, Private, fit};
use crate::output::Output;
use crate::person::departure;
use crate::state::effect::Shown;
use crate::state::session::Session;
use crate::state::user::User;
use crate::state::waiting::{Hold, Then};
use crate::turn::Turn;
use bytes::Bytes;
use causette_proto::numeric::Numeric;
use causette_proto::{Capability, CompactString};
use causette_text::Language;
use causette_text::{text, text_with};
use std::fmt::Write;
use std::sync::Arc;

/// A command being handled for a session.
pub(crate) struct Ctx<'a> {
    pub(crate) turn: Turn<'a>,
    pub(crate) id: SessionId,
    lines: Vec<OwnLine>,
    label: Option<CompactString>,
    /// Whether the answer comes later: an Ask or a Read has taken the label over.
    deferred: bool,
    /// What must happen behind the bundle.
    tail: Vec<Output>,
    /// Why the session ends with this input, as others are told.
    closing: Option<CompactString>,
}

enum OwnLine {
    Private(String),
    Shared(Arc<Line>),
    /// Lines that belong together, with the type of their batch.
    Batch(&'static str, Vec<String>),
}

/// A refusal: the answer to a command that changes nothing.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// A numeric with its parameters and the key of its text.
    Numeric(Numeric, Vec<CompactString>, String),
    /// `FAIL command code context… :text`. <https://ircv3.net/specs/extensions/standard-replies>
    Fail {
        command: CompactString,
        code: &'static str,
        context: Vec<CompactString>,
        text: String,
    },
    /// Nothing is answered, as the specification of NOTICE and TAGMSG demands for automatic messages.
    Silent,
}

/// What a handler gives back.
pub(crate) type Outcome = Result<(), Refusal>;

impl<'a> Ctx<'a> {
    pub(crate) fn new(turn: Turn<'a>, id: SessionId, label: Option<CompactString>) -> Self {
        Self {
            turn,
            id,
            lines: Vec::new(),
            label,
            deferred: false,
            tail: Vec::new(),
            closing: None,
        }
    }

    /// The session.
    pub(crate) fn session(&self) -> &Session {
        &self.turn.state.sessions[&self.id]
    }

    /// The session, to change it.
    pub(crate) fn session_mut(&mut self) -> &mut Session {
        *self.turn.mutated = true;
        self.turn
            .state
            .sessions
            .get_mut(&self.id)
            .expect("a session exists while a command of it is handled")
    }

    /// The user that the session speaks for. Only for commands that need an account or guest online, which the table checks.
    pub(crate) fn user(&self) -> &User {
        let id = self
            .session()
            .user
            .expect("the table of commands checked that the session is online");
        &self.turn.state.users[&id]
    }

    pub(crate) fn has(&self, capability: Capability) -> bool {
        self.session().enabled.contains(capability)
    }

    /// Whether the answer bears a label: whoever labelled a line learns whether it happened.
    pub(crate) fn is_labelled(&self) -> bool {
        self.label.is_some() && self.has(Capability::LabeledResponse)
    }

    /// The language in which this session is spoken to.
    pub(crate) fn language(&self) -> Language {
        let chosen = self.session().language;
        chosen.unwrap_or(self.turn.settings.language)
    }

    /// A text in the session's language.
    pub(crate) fn text(&self, key: &str) -> String {
        text(self.language(), key)
    }

    /// A text with variables in the session's language.
    pub(crate) fn text_with(&self, key: &str, variables: &[(&str, &str)]) -> String {
        text_with(self.language(), key, variables)
    }

    /// The session's own nickname, or `*` before it has one.
    pub(crate) fn nick(&self) -> CompactString {
        let session = self.session();
        match session
            .user
            .and_then(|user| self.turn.state.users.get(&user))
        {
            Some(user) => CompactString::new(user.nick.as_str()),
            None => session
                .nick
                .as_ref()
                .map_or(CompactString::const_new("*"), |nick| {
                    CompactString::new(nick.as_str())
                }),
        }
    }

    /// A line of the server's: `:server COMMAND params`.
    pub(crate) fn line(&mut self, rest: &str) {
        let body = format!(":{} {rest}", self.turn.settings.server);
        self.line_from(body);
    }

    /// A line with its source, cut where it is too long.
    pub(crate) fn line_from(&mut self, body: String) {
        self.lines.push(OwnLine::Private(fit(body)));
    }

    /// A shared line, as this session sees it.
    pub(crate) fn shared(&mut self, line: Arc<Line>) {
        self.lines.push(OwnLine::Shared(line));
    }

    /// Lines of the server's that belong together: in a batch of that type, to those who know batches.
    pub(crate) fn batch(&mut self, kind: &'static str, lines: Vec<String>) {
        if !self.has(Capability::Batch) {
            return lines.iter().for_each(|line| self.line(line));
        }
        let server = &self.turn.settings.server;
        let lines = lines
            .into_iter()
            .map(|rest| fit(format!(":{server} {rest}")));
        let lines = lines.collect();
        self.lines.push(OwnLine::Batch(kind, lines));
    }

    /// A numeric: `:server NNN nick params :text`.
    pub(crate) fn numeric(&mut self, numeric: Numeric, params: &[&str], text: &str) {
        let mut rest = self.numeric_head(numeric, params, MIDDLE_BYTES);
        rest.push_str(" :");
        rest.push_str(text);
        self.line(&rest);
    }

    /// A numeric without a text. What it tells is what the server holds, and not what somebody has just written: masks are
    /// shown whole, so that they can be taken away as they are shown.
    pub(crate) fn numeric_bare(&mut self, numeric: Numeric, params: &[&str]) {
        let rest = self.numeric_head(numeric, params, BODY_BYTES);
        self.line(&rest);
    }

    fn numeric_head(&self, numeric: Numeric, params: &[&str], max: usize) -> String {
        let mut rest = format!("{numeric} {}", self.nick());
        for param in params {
            rest.push(' ');
            rest.push_str(&word(param, max));
        }
        rest
    }

    /// A notice of the server's, or of a service when `source` is its name.
    pub(crate) fn notice(&mut self, source: Option<&str>, text: &str) {
        let server = &self.turn.settings.server;
        let from = source.map_or_else(
            || server.to_string(),
            |service| format!("{service}!services@{server}"),
        );
        let body = format!(":{from} NOTICE {} :{text}", self.nick());
        self.line_from(body);
    }

    /// `FAIL`, `WARN` or `NOTE`; as a notice to those who do not know standard replies, unless the command does.
    pub(crate) fn standard(
        &mut self,
        kind: &str,
        command: &str,
        code: &str,
        context: &[&str],
        text: &str,
    ) {
        let known = self.has(Capability::StandardReplies) || !self.session().welcomed;
        // Whoever says one of these knows its answers: their specifications have no others.
        let answered_so = matches!(
            command,
            "REGISTER"
                | "CHATHISTORY"
                | "CAP"
                | "AUTHENTICATE"
                | "BATCH"
                | "REDACT"
                | "MARKREAD"
                | "SETNAME"
                | "DEVICE"
        );
        // These answer a label, which programs of their age ask with.
        let asked = kind == "FAIL" && matches!(command, "NOTICE" | "TAGMSG") && self.is_labelled();
        if !known && !answered_so && !asked {
            return self.notice(None, text);
        }
        let mut rest = format!("{kind} {} {code}", middle(command));
        for word in context {
            rest.push(' ');
            rest.push_str(&middle(word));
        }
        rest.push_str(" :");
        rest.push_str(text);
        self.line(&rest);
    }

    /// Answers a refusal.
    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        match refusal {
            Refusal::Numeric(numeric, params, text) => {
                let params: Vec<&str> = params.iter().map(CompactString::as_str).collect();
                self.numeric(numeric, &params, &text);
            }
            Refusal::Fail {
                command,
                code,
                context,
                text,
            } => {
                let context: Vec<&str> = context.iter().map(CompactString::as_str).collect();
                self.standard("FAIL", &command, code, &context, &text);
            }
            Refusal::Silent => {}
        }
    }

    /// Makes a refusal by numeric.
    pub(crate) fn refusal(
        &self,
        numeric: Numeric,
        params: &[&str],
        key: &str,
        variables: &[(&str, &str)],
    ) -> Refusal {
        Refusal::Numeric(
            numeric,
            params.iter().map(CompactString::new).collect(),
            self.text_with(key, variables),
        )
    }

    /// Makes a refusal by FAIL.
    pub(crate) fn failure(
        &self,
        command: &str,
        code: &'static str,
        context: &[&str],
        key: &str,
        variables: &[(&str, &str)],
    ) -> Refusal {
        let context = context.iter().map(CompactString::new).collect();
        Refusal::Fail {
            command: command.into(),
            code,
            context,
            text: self.text_with(key, variables),
        }
    }

    /// Lets something happen in one room, or in several at once, and shows this session its copy.
    pub(crate) fn happen(&mut self, rooms: Vec<Room>, author: UserId, what: What) {
        self.happen_at(rooms, None, author, what);
    }

    /// The same, in a room that is shown under a name.
    pub(crate) fn happen_at(
        &mut self,
        rooms: Vec<Room>,
        name: Option<&str>,
        author: UserId,
        what: What,
    ) {
        let said = matches!(what, What::Said { .. });
        let to_self = matches!(rooms.as_slice(), [Room::Direct(low, high)] if low == high);
        let shown = self
            .turn
            .happen_at(Some(self.id), rooms, name, author, what);
        let wanted = if said && !to_self {
            self.has(Capability::EchoMessage)
        } else {
            shown.to.contains(&self.id)
        };
        self.own_copy(shown, wanted);
    }

    /// Shows what passes without being recorded, and this session its echo. Says whether anybody got it.
    pub(crate) fn pass(&mut self, room: Room, author: UserId, what: What) -> bool {
        let Some(shown) = self.turn.pass(self.id, room, author, what) else {
            return false;
        };
        let wanted = self.has(Capability::EchoMessage);
        self.own_copy(shown, wanted);
        true
    }

    fn own_copy(&mut self, Shown { line, needs, .. }: Shown, wanted: bool) {
        if wanted && self.session().enabled.contains_all(needs) {
            self.shared(line);
        }
    }

    /// Makes the session wait for an answer; later lines wait with it. The label waits too, unless the answer to the
    /// command is this bundle and something else is only awaited behind it.
    pub(crate) fn hold(&mut self, then: Then) {
        let label = if matches!(then, Then::Replay) {
            None
        } else {
            self.defer()
        };
        self.session_mut().hold = Some(Box::new(Hold { label, then }));
    }

    /// Gives the label away, to the answer that comes later.
    pub(crate) fn defer(&mut self) -> Option<CompactString> {
        self.deferred = true;
        self.label.take()
    }

    /// Answers with the label of an earlier command of the session, to which this input is the answer.
    pub(crate) fn relabel(&mut self, label: CompactString) {
        self.label = Some(label);
        self.deferred = false;
    }

    /// Lets something happen behind the bundle.
    pub(crate) fn after(&mut self, output: Output) {
        self.tail.push(output);
    }

    /// Ends the session with this input, after `ERROR :text`; others are told the reason.
    /// <https://modern.ircdocs.horse/#error-message>
    pub(crate) fn close(&mut self, reason: &str, text: &str) {
        if self.closing.is_none() {
            self.closing = Some(reason.into());
            self.line_from(format!("ERROR :{text}"));
        }
    }

    /// The same with a text by its key: others read it in the server's language, who leaves in their own.
    pub(crate) fn close_with(&mut self, key: &str, variables: &[(&str, &str)]) {
        let reason = text_with(self.turn.settings.language, key, variables);
        let told = self.text_with(key, variables);
        self.close(&reason, &told);
    }

    /// Sends the bundle, and ends the session where its command said so.
    pub(crate) fn conclude(self) {
        let session = self.id;
        let closing = self.closing.clone();
        let mut turn = self.finish();
        if let Some(reason) = closing {
            departure::detach(&mut turn, session, &reason);
            turn.out.push(Output::Close { session });
        }
    }

    /// Sends the bundle: with the label on its only line, in a batch where there are several, or as ACK where there is none.
    fn finish(mut self) -> Turn<'a> {
        self.send_bundle();
        for output in self.tail {
            self.turn.out.push(output);
        }
        self.turn
    }

    /// The next batch reference. It is no change of what is true, so that also an answer that changes nothing may have one.
    fn next_batch(&mut self) -> String {
        let session = self.turn.state.sessions.get_mut(&self.id);
        session
            .map_or(0, |session| session.next_batch())
            .to_string()
    }

    fn send_bundle(&mut self) {
        let enabled = self.session().enabled;
        let label = self
            .label
            .take()
            .filter(|_| enabled.contains(Capability::LabeledResponse));
        if self.lines.is_empty() {
            if label.is_none() || self.deferred {
                return;
            }
            self.line("ACK");
        }
        let now = Meta {
            time: self.turn.now(),
            ..Meta::default()
        };
        let server = self.turn.settings.server.clone();
        let mut text = String::new();
        let batched =
            label.is_some() && self.lines.len() > 1 && enabled.contains(Capability::Batch);
        let reference = if batched {
            self.next_batch()
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
        for line in std::mem::take(&mut self.lines) {
            match &line {
                OwnLine::Private(body) => {
                    now.encode_into(&mut text, enabled, private);
                    text.push_str(body);
                    text.push_str("\r\n");
                }
                OwnLine::Shared(line) => line.encode_into(&mut text, enabled, private),
                OwnLine::Batch(kind, lines) => {
                    let inner = self.next_batch();
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
        self.turn.out.push(Output::Send {
            session: self.id,
            bytes: Bytes::from(text),
        });
    }
}
