//! What the console does with what is typed, answered and happens; without a terminal and without a server.

use super::super::order::{is_yes, question, with_entry};
use super::draft::Draft;
use causette_server::admin::{Field, FieldKind, Nature, Reply, Request, VERBS, span};
use causette_text::{Language, text, text_with};
use serde_json::Value;
use std::collections::VecDeque;

/// In how long the server stops where nobody says otherwise.
const STOP_AHEAD: &str = "10s";

/// How often what is missing is asked for, where what is said does not fit.
const TRIES: usize = 3;

/// Messages of one's own of which the echo is awaited, at most.
const UNECHOED_MAX: usize = 16;

/// Where the console is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seat {
    /// On the terminal of the server itself.
    Serving,
    /// Elsewhere: it may be left without the server's end.
    Attached,
}

/// What is to be done.
#[derive(Clone, Debug)]
pub(super) enum Act {
    /// Show this.
    Print(String),
    /// Ask the server.
    Ask(Request),
    /// Make a backup, into a file or where the configuration says.
    Backup(Option<String>),
    /// Leave the console.
    Leave,
}

/// What the next line answers.
#[derive(Debug)]
enum Pending {
    /// What is missing in a command, and how often what was said did not fit.
    Field(Draft, &'static Field, usize),
    /// Whether it is to be done.
    Sure(Request),
}

/// The state of the console.
#[derive(Debug)]
pub(super) struct Desk {
    seat: Seat,
    language: Language,
    pending: Option<Pending>,
    /// With whom a conversation is open.
    with: Option<String>,
    /// What the server said when the last line of it was written.
    written: Option<String>,
    /// What was written of which no echo has come.
    unechoed: VecDeque<(String, String)>,
}

impl Desk {
    pub(super) fn new(seat: Seat, language: Language) -> Self {
        Self {
            seat,
            language,
            pending: None,
            with: None,
            written: None,
            unechoed: VecDeque::new(),
        }
    }

    fn text(&self, key: &str) -> String {
        text(self.language, key)
    }

    fn told(&self, key: &str, variables: &[(&str, &str)]) -> Vec<Act> {
        vec![Act::Print(format!(
            "  {}",
            text_with(self.language, key, variables)
        ))]
    }

    /// What stands before the line.
    pub(super) fn prompt(&self) -> String {
        match (&self.pending, &self.with) {
            (Some(Pending::Field(_, field, _)), _) => {
                let what = self.text(field.about);
                text_with(self.language, "console-missing", &[("what", &what)])
            }
            (Some(Pending::Sure(_)), _) => self.text("console-answer"),
            (None, Some(with)) => text_with(self.language, "console-prompt-to", &[("name", with)]),
            (None, None) => self.text("console-prompt"),
        }
    }

    /// A line was typed.
    pub(super) fn typed(&mut self, line: &str) -> Vec<Act> {
        let line = line.trim();
        match self.pending.take() {
            Some(Pending::Field(draft, field, tries)) => {
                return self.filled(draft, field, tries, line);
            }
            Some(Pending::Sure(request)) if is_yes(line) => return vec![Act::Ask(request)],
            Some(Pending::Sure(_)) => return self.told("console-not-done", &[]),
            None => {}
        }
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match (word.strip_prefix('#'), &self.with) {
            _ if line.is_empty() => Vec::new(),
            (Some(word), _) => self.commanded(word, rest.trim()),
            (None, Some(with)) => {
                let request = Request::new("write")
                    .with("to", with.as_str())
                    .with("text", line);
                vec![Act::Ask(request)]
            }
            (None, None) => self.commanded(word, rest.trim()),
        }
    }

    fn commanded(&mut self, word: &str, rest: &str) -> Vec<Act> {
        match word.to_lowercase().as_str() {
            "help" => vec![Act::Print(self.help())],
            "private" => self.converse(rest),
            "backup" => vec![Act::Backup((!rest.is_empty()).then(|| rest.to_owned()))],
            "exit" | "close" | "quit" | "stop" => self.exit(rest),
            "cancel" => vec![Act::Ask(Request::new("stop").with("cancel", true))],
            "detach" if self.seat == Seat::Attached => vec![Act::Leave],
            _ => match Draft::of(word, rest) {
                None => self.told("console-unknown", &[("word", word)]),
                Some(Err(more)) => self.told("console-too-much", &[("words", &more)]),
                Some(Ok(draft)) => self.go_on_with(draft),
            },
        }
    }

    fn filled(
        &mut self,
        mut draft: Draft,
        field: &'static Field,
        tries: usize,
        said: &str,
    ) -> Vec<Act> {
        if said.is_empty() {
            return self.told("console-not-done", &[]);
        }
        if draft.fill(field, said) {
            return self.go_on_with(draft);
        }
        let mut acts = self.unfit(field, said);
        if tries + 1 < TRIES {
            self.pending = Some(Pending::Field(draft, field, tries + 1));
        } else {
            acts.extend(self.told("console-not-done", &[]));
        }
        acts
    }

    /// Tells that something does not fit, and what would.
    fn unfit(&self, field: &Field, said: &str) -> Vec<Act> {
        let words = field.kind.words().join(", ");
        let key = match (field.kind, words.is_empty()) {
            (_, false) => "console-no-such-word",
            (FieldKind::Number, _) => "console-no-number",
            (FieldKind::Size, _) => "console-no-size",
            _ => "console-does-not-fit",
        };
        self.told(key, &[("said", said), ("words", &words)])
    }

    /// Asks for what is missing, then whether it is to be done, then the server.
    fn go_on_with(&mut self, draft: Draft) -> Vec<Act> {
        if let Some(field) = draft.missing() {
            let unfit = draft.unfit.as_ref();
            let told = unfit.map(|(field, said)| self.unfit(field, said));
            let tries = usize::from(told.is_some());
            self.pending = Some(Pending::Field(draft, field, tries));
            return told.unwrap_or_default();
        }
        if draft.verb.nature != Nature::Harms {
            return vec![Act::Ask(draft.request)];
        }
        let word = format!("#{}", draft.word);
        let question = question(draft.verb, &word, &draft.request, self.language);
        self.pending = Some(Pending::Sure(draft.request));
        vec![Act::Print(format!("  {}", question.trim_end()))]
    }

    /// Opens a conversation, or ends the one that is open.
    fn converse(&mut self, name: &str) -> Vec<Act> {
        if name.contains(char::is_whitespace) {
            return self.told("console-too-much", &[("words", name)]);
        }
        self.written = None;
        match self.with.take() {
            before if !name.is_empty() => {
                drop(before);
                self.with = Some(name.to_owned());
                self.told("console-private", &[("name", name)])
            }
            Some(before) => self.told("console-private-over", &[("name", &before)]),
            None => self.told("console-private-whom", &[]),
        }
    }

    /// The end of the server, in a moment; asked for first.
    pub(super) fn exit(&mut self, rest: &str) -> Vec<Act> {
        let (first, behind) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let (ahead, reason) = match span::seconds(first) {
            Some(_) => (first, behind.trim()),
            None => (STOP_AHEAD, rest),
        };
        let reason = (!reason.is_empty()).then_some(reason);
        let request = Request::new("stop")
            .with("in", ahead)
            .with_some("reason", reason);
        self.pending = Some(Pending::Sure(request));
        let told = text_with(self.language, "console-exit", &[("ahead", ahead)]);
        vec![Act::Print(format!("  {told}"))]
    }

    /// Nothing more can be typed: whether the console is to be left without a word.
    pub(super) fn ended(&mut self) -> bool {
        let is_asked = self.pending.take().is_some();
        self.seat == Seat::Attached || is_asked
    }

    /// Ctrl+C: what was begun is given up; nothing begun is the wish to leave.
    pub(super) fn interrupted(&mut self) -> Vec<Act> {
        if self.pending.take().is_some() {
            return self.told("console-not-done", &[]);
        }
        self.exit("")
    }

    /// The server has answered.
    pub(super) fn answered(&mut self, request: &Request, reply: &Reply) -> Vec<Act> {
        let is_written = request.verb() == "write" && reply.ok;
        if !is_written {
            let text = with_entry(reply, self.language);
            return vec![Act::Print(if reply.data.is_some() {
                text
            } else {
                indent(&text)
            })];
        }
        let said = |field| {
            request
                .field(field)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        self.unechoed.push_back((said("to"), said("text")));
        if self.unechoed.len() > UNECHOED_MAX {
            self.unechoed.pop_front();
        }
        // It is said once for as long as it is the same: whether they read it now, or when they come back.
        let before = self.written.replace(reply.text.clone());
        if before.as_ref() == Some(&reply.text) {
            return Vec::new();
        }
        vec![Act::Print(indent(&reply.text))]
    }

    /// What happens, as it is shown with its time; `None` for what the person has just typed.
    pub(super) fn happened(&mut self, event: &Value) -> Option<String> {
        let said = |field: &str| event[field].as_str().unwrap_or_default();
        if event["event"] == "wrote" && event["from"].is_null() {
            let is_ours = |(to, text): &(String, String)| {
                to.to_lowercase() == said("with").to_lowercase() && text == said("message")
            };
            if let Some(place) = self.unechoed.iter().position(is_ours) {
                self.unechoed.remove(place);
                return None;
            }
        }
        Some(format!("[{}] {}", clock(said("time")), said("text")))
    }

    /// The words that begin a command.
    pub(super) fn commands(&self) -> Vec<String> {
        let spelled = VERBS.iter().flat_map(|verb| verb.spellings);
        let own = ["Help", "Private", "Backup", "Exit", "Cancel"];
        let words = own.into_iter().chain(spelled.map(|spelling| spelling.word));
        words.map(|word| format!("#{word}")).collect()
    }

    fn help(&self) -> String {
        let own = [
            ("#Help", "console-help-help"),
            ("#Private", "console-help-private"),
            ("#Backup", "console-help-backup"),
            ("#Exit", "console-help-exit"),
            ("#Cancel", "admin-field-cancel"),
        ];
        let own = own.map(|(word, about)| (word.to_owned(), about));
        let spelled = VERBS.iter().flat_map(|verb| {
            let about = verb.about;
            verb.spellings
                .iter()
                .map(move |spelling| (format!("#{}", spelling.word), about))
        });
        let detach =
            (self.seat == Seat::Attached).then(|| ("#Detach".to_owned(), "console-help-detach"));
        let all: Vec<(String, &str)> = own.into_iter().chain(detach).chain(spelled).collect();
        let width = all.iter().map(|(word, _)| word.len()).max().unwrap_or(0);
        let lines = all
            .iter()
            .map(|(word, about)| format!("  {word:width$}  {}", self.text(about)));
        lines.collect::<Vec<_>>().join("\n")
    }
}

pub(super) fn indent(text: &str) -> String {
    let lines = text.lines().map(|line| format!("  {line}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The time of day in a moment of RFC 3339, in UTC.
fn clock(time: &str) -> &str {
    time.get(11..19).unwrap_or_default()
}

#[cfg(test)]
mod tests;
