//! What a command answers to its own session: numerics, standard replies, labels and batches.
//!
//! Everything that one input causes for its own session is one bundle, wrapped once at the end.

mod cutting;
pub(crate) mod denial;
mod filtered;
mod reading;

use crate::actor::Actor;
use crate::denied::Denied;
use crate::fitting::{BODY_BYTES, MIDDLE_BYTES, fit, middle, word};
use crate::id::SessionId;
use crate::person::departure;
use crate::right::Act;
use crate::state::session::Session;
use crate::state::user::User;
use crate::turn::Turn;
use crate::turn::bundle::{Bundle, Place};
use causette_proto::numeric::Numeric;
use causette_proto::{Capability, CompactString};
use causette_text::Language;
use causette_text::{text, text_with};
use std::fmt::Write as _;

/// A command being handled for a session.
pub(crate) struct Ctx<'a> {
    pub(crate) turn: Turn<'a>,
    pub(crate) id: SessionId,
    /// The command that a `FAIL` names: the one that is being handled.
    pub(crate) verb: &'static str,
}

/// A refusal: the answer to a command that changes nothing.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// A numeric with its parameters and its text.
    Numeric(Numeric, Vec<CompactString>, String),
    /// `FAIL command code context… :text`. <https://ircv3.net/specs/extensions/standard-replies>
    Fail {
        command: CompactString,
        code: &'static str,
        context: Vec<CompactString>,
        text: String,
    },
    /// A notice of the server's.
    Notice(String),
    /// An operation was not done: numeric or code, and the parameters, follow from the reason.
    Denied(Denied),
    /// Nothing is answered, as the specification of NOTICE and TAGMSG demands for automatic messages.
    Silent,
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

/// What a handler gives back.
pub(crate) type Outcome = Result<(), Refusal>;

impl<'a> Ctx<'a> {
    pub(crate) fn new(mut turn: Turn<'a>, id: SessionId, label: Option<CompactString>) -> Self {
        turn.own = Bundle::new(id, label);
        Self {
            turn,
            id,
            verb: "*",
        }
    }

    /// Who asks.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Session(self.id)
    }

    /// Whether who asks has the right to an act.
    pub(crate) fn may(&self, act: Act) -> bool {
        self.actor().may(self.turn.state, act)
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
        self.turn.own.is_labelled() && self.has(Capability::LabeledResponse)
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
        self.turn.own.line(body);
    }

    /// A line whose source is the session's own person.
    pub(crate) fn line_of_own(&mut self, body: String) {
        let line = self.turn.line_of(self.user().id, body);
        self.turn.own.shared(line);
    }

    /// Lines of the server's that belong together: in a batch of that type, to those who know batches.
    pub(crate) fn batch(&mut self, kind: &str, lines: Vec<String>) {
        if !self.has(Capability::Batch) {
            return lines.iter().for_each(|line| self.line(line));
        }
        let server = &self.turn.settings.server;
        let lines = lines
            .into_iter()
            .map(|rest| fit(format!(":{server} {rest}")));
        self.turn.own.batch(kind, lines.collect());
    }

    /// A numeric: `:server NNN nick params :text`.
    pub(crate) fn numeric(&mut self, numeric: Numeric, params: &[&str], text: &str) {
        let mut body = self.numeric_head(numeric, params, MIDDLE_BYTES);
        body.push_str(" :");
        body.push_str(text);
        self.line_from(body);
    }

    /// The same with parameters that stand ready, as words with a space between them.
    pub(crate) fn numeric_with(&mut self, numeric: Numeric, words: &str, text: &str) {
        let mut body = self.numeric_head(numeric, &[], MIDDLE_BYTES);
        for part in [" ", words, " :", text] {
            body.push_str(part);
        }
        self.line_from(body);
    }

    /// A numeric without a text. What it tells is what the server holds, and not what somebody has just written: masks are
    /// shown whole, so that they can be taken away as they are shown.
    pub(crate) fn numeric_bare(&mut self, numeric: Numeric, params: &[&str]) {
        let body = self.numeric_head(numeric, params, BODY_BYTES);
        self.line_from(body);
    }

    fn numeric_head(&self, numeric: Numeric, params: &[&str], max: usize) -> String {
        let mut body = String::with_capacity(BODY_BYTES);
        // Writing into a string never fails.
        let _ = write!(
            body,
            ":{} {numeric} {}",
            self.turn.settings.server,
            self.nick()
        );
        for param in params {
            body.push(' ');
            body.push_str(&word(param, max));
        }
        body
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
                | "RELAYMSG"
                | "CAP"
                | "AUTHENTICATE"
                | "BATCH"
                | "REDACT"
                | "MARKREAD"
                | "SETNAME"
                | "DEVICE"
                | "RENAME"
                | "METADATA"
        );
        // It is for the program, which sends what nobody can read. <https://ircv3.net/specs/extensions/utf8-only>
        let answered_so = answered_so || code == "INVALID_UTF8";
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
        match self.worded(refusal) {
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
            Refusal::Notice(text) => self.notice(None, &text),
            Refusal::Denied(_) | Refusal::Silent => {}
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

    /// Says something ahead of what the session has been shown since a place in its bundle: what is missing or refused is told
    /// before what was done.
    pub(crate) fn ahead(&mut self, place: Place, say: impl FnOnce(&mut Self)) {
        let shown = self.turn.own.lines_since(place);
        say(self);
        self.turn.own.followed_by(shown);
    }

    /// Sends the bundle, and ends the session where its command said so.
    pub(crate) fn conclude(mut self) {
        if let Some(reason) = self.turn.send_own() {
            departure::leave(&mut self.turn, self.id, &reason);
        }
    }
}
