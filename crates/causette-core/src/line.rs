//! A line on its way to people: encoded once for each set of capabilities that changes its form.

use crate::event::{Event, Kind};
use crate::fitting::{BODY_BYTES, fit, in_pieces};
use crate::history::Past;
use crate::id::Msgid;
use bytes::Bytes;
use causette_proto::tags::escape_value;
use causette_proto::{Capabilities, Capability, CompactString, Timestamp, split};
use std::fmt::Write;
use std::sync::OnceLock;

/// A line for many readers.
#[derive(Debug)]
pub struct Line {
    meta: Meta,
    /// Source, command and parameters.
    body: String,
    /// The same for readers with `extended-join`.
    extended: Option<String>,
    /// The same for readers with `draft/multiline`, where the message has several lines.
    multiline: Option<Box<Multiline>>,
    encoded: [OnceLock<Bytes>; 1 << FORMS.len()],
}

/// A message of several lines. <https://ircv3.net/specs/extensions/multiline>
#[derive(Debug)]
struct Multiline {
    /// The source, and the command that opens the batch with its parameters.
    opening: String,
    /// The source, and the command that closes it.
    closing: String,
    pieces: Vec<Piece>,
    encoded: [OnceLock<Bytes>; 1 << FORMS.len()],
}

/// One line of a message of several.
#[derive(Debug)]
struct Piece {
    /// Whether it goes on the one before (`draft/multiline-concat`).
    goes_on: bool,
    /// Whether it says nothing.
    blank: bool,
    body: String,
}

/// What the tags of a line are made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// When. <https://ircv3.net/specs/extensions/server-time>
    pub time: Timestamp,
    /// Its unique name. <https://ircv3.net/specs/extensions/message-ids>
    pub msgid: Option<Msgid>,
    /// The author's account. <https://ircv3.net/specs/extensions/account-tag>
    pub account: Option<CompactString>,
    /// Client-only tags, and that of an alert, in wire form without the `@`, or empty.
    pub client_tags: CompactString,
}

/// The tags that only one session gets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Private<'a> {
    /// The label that its command carried. <https://ircv3.net/specs/extensions/labeled-response>
    pub label: Option<&'a str>,
    /// The batch that the line belongs to. <https://ircv3.net/specs/extensions/batch>
    pub batch: Option<&'a str>,
}

/// The capabilities that change the form of a shared line.
const FORMS: [Capability; 4] = [
    Capability::ServerTime,
    Capability::MessageTags,
    Capability::AccountTag,
    Capability::ExtendedJoin,
];

/// What a reader must know to get a message of several lines as one.
const BATCHED: Capabilities = Capabilities::of(&[Capability::Multiline, Capability::Batch]);

impl Line {
    /// A line with a body (`:source COMMAND params`, without its end).
    pub fn new(meta: Meta, body: String) -> Self {
        Self {
            meta,
            body: fit(body),
            extended: None,
            multiline: None,
            encoded: Default::default(),
        }
    }

    /// What the members of a room see of an event of theirs. `target` is the room's name, or for a direct conversation the
    /// nickname of the one it is said to.
    pub fn of_event(event: &Event, target: &str) -> Self {
        let mut client_tags = String::new();
        for (key, value) in event
            .what
            .tags()
            .into_iter()
            .flat_map(causette_proto::Tags::iter)
        {
            if !client_tags.is_empty() {
                client_tags.push(';');
            }
            client_tags.push_str(key);
            if !value.is_empty() {
                client_tags.push('=');
                escape_value(value, &mut client_tags);
            }
        }
        Self::assemble(
            Meta {
                time: event.time,
                msgid: Some(event.msgid.clone()),
                account: event
                    .account
                    .as_ref()
                    .map(|name| CompactString::new(name.as_str())),
                client_tags: client_tags.into(),
            },
            event.what.kind(),
            &event.source,
            target,
            &event.what.text(),
        )
    }

    /// The same event out of history.
    pub fn of_past(past: &Past, target: &str) -> Self {
        Self::assemble(
            Meta::of_past(past),
            past.kind,
            &past.source,
            target,
            &past.text,
        )
    }

    /// A message out of history, with a date before what people read on each line: how a replay tells the time to clients that
    /// do not know `server-time`.
    pub fn of_past_dated(past: &Past, target: &str, date: &str, enabled: Capabilities) -> Self {
        // Who knows batches puts together again what goes on in another line.
        let room = if enabled.contains_all(BATCHED) {
            None
        } else {
            Some(Self::room_for_text(&past.source, past.kind, target))
        };
        let text = dated(&past.text, date, room);
        Self::assemble(Meta::of_past(past), past.kind, &past.source, target, &text)
    }

    /// Bytes of a message's text that one line has room for.
    fn room_for_text(source: &str, kind: Kind, target: &str) -> usize {
        let head = ":   :".len() + source.len() + kind.verb().len() + target.len();
        BODY_BYTES.saturating_sub(head)
    }

    fn assemble(meta: Meta, kind: Kind, source: &str, target: &str, text: &str) -> Self {
        let verb = kind.verb();
        let mut extended = None;
        if matches!(kind, Kind::Privmsg | Kind::Notice) {
            let room = Self::room_for_text(source, kind, target);
            if text.len() > room || text.contains(['\n', '\r']) {
                // A name may be longer to one reader than it was to its author: nothing that was said is cut.
                return Self::of_lines(meta, source, verb, target, &in_pieces(text, room));
            }
        }
        let body = match kind {
            Kind::Privmsg | Kind::Notice | Kind::Topic => {
                format!(":{source} {verb} {target} :{text}")
            }
            Kind::Tagmsg => format!(":{source} {verb} {target}"),
            Kind::Join => {
                let account = meta.account.as_deref().unwrap_or("*");
                extended = Some(format!(":{source} {verb} {target} {account} :{text}"));
                format!(":{source} {verb} {target}")
            }
            Kind::Part if text.is_empty() => format!(":{source} {verb} {target}"),
            Kind::Part => format!(":{source} {verb} {target} :{text}"),
            Kind::Quit => format!(":{source} {verb} :{text}"),
            Kind::Kick => {
                let (nick, reason) = text.split_once(' ').unwrap_or((text, ""));
                format!(":{source} {verb} {target} {nick} :{reason}")
            }
            Kind::Mode => format!(":{source} {verb} {target} {text}"),
            Kind::Nick => format!(":{source} {verb} {text}"),
            Kind::Redact => match text.split_once(' ') {
                Some((msgid, reason)) => format!(":{source} {verb} {target} {msgid} :{reason}"),
                None => format!(":{source} {verb} {target} {text}"),
            },
        };
        Self {
            meta,
            body: fit(body),
            extended: extended.map(fit),
            multiline: None,
            encoded: Default::default(),
        }
    }

    /// A message of several lines, as [`What::Said`](crate::event::What::Said) keeps them.
    fn of_lines(meta: Meta, source: &str, verb: &str, target: &str, text: &str) -> Self {
        let body = |line: &str| fit(format!(":{source} {verb} {target} :{line}"));
        let mut pieces = Vec::new();
        for line in text.split('\n') {
            for (index, piece) in line.split('\r').enumerate() {
                pieces.push(Piece {
                    goes_on: index > 0,
                    blank: piece.is_empty(),
                    body: body(piece),
                });
            }
        }
        // Who does not know batches never sees blank lines.
        let spoken = text
            .split(['\n', '\r'])
            .find(|line| !line.is_empty())
            .unwrap_or_default();
        let reference = meta.msgid.as_ref().map_or("", |msgid| msgid.0.as_str());
        Self {
            body: body(spoken),
            extended: None,
            multiline: Some(Box::new(Multiline {
                opening: format!(":{source} BATCH +{reference} draft/multiline {target}"),
                closing: format!(":{source} BATCH -{reference}"),
                pieces,
                encoded: Default::default(),
            })),
            meta,
            encoded: Default::default(),
        }
    }

    /// The whole line with its end, for a reader with these capabilities. Encoded on the first call for each form.
    pub fn encode(&self, enabled: Capabilities) -> Bytes {
        let mut form = 0;
        for (bit, capability) in FORMS.into_iter().enumerate() {
            if enabled.contains(capability) {
                form |= 1 << bit;
            }
        }
        let encoded = match &self.multiline {
            Some(multiline) if enabled.contains_all(BATCHED) => &multiline.encoded,
            _ => &self.encoded,
        };
        encoded[form]
            .get_or_init(|| {
                let mut text = String::new();
                self.encode_into(&mut text, enabled, Private::default());
                Bytes::from(text)
            })
            .clone()
    }

    /// Appends the whole line with its end and a session's private tags.
    pub fn encode_into(&self, text: &mut String, enabled: Capabilities, private: Private<'_>) {
        if let Some(multiline) = &self.multiline {
            return self.encode_lines(multiline, text, enabled, private);
        }
        let body = match &self.extended {
            Some(extended) if enabled.contains(Capability::ExtendedJoin) => extended,
            _ => &self.body,
        };
        self.meta.encode_into(text, enabled, private);
        text.push_str(body);
        text.push_str("\r\n");
    }

    fn encode_lines(
        &self,
        multiline: &Multiline,
        text: &mut String,
        enabled: Capabilities,
        private: Private<'_>,
    ) {
        if enabled.contains_all(BATCHED) {
            let reference = self
                .meta
                .msgid
                .as_ref()
                .map_or("", |msgid| msgid.0.as_str());
            self.meta.encode_into(text, enabled, private);
            let _ = write!(text, "{}\r\n", multiline.opening);
            for piece in &multiline.pieces {
                let concat = if piece.goes_on {
                    ";draft/multiline-concat"
                } else {
                    ""
                };
                let _ = write!(text, "@batch={reference}{concat} {}\r\n", piece.body);
            }
            let _ = write!(text, "{}\r\n", multiline.closing);
            return;
        }
        // The first line has all tags; the others have no name to refer to.
        // <https://ircv3.net/specs/extensions/multiline#message-ids>
        let rest = Meta {
            msgid: None,
            ..self.meta.clone()
        };
        let (mut meta, mut private) = (&self.meta, private);
        for piece in multiline.pieces.iter().filter(|piece| !piece.blank) {
            meta.encode_into(text, enabled, private);
            let _ = write!(text, "{}\r\n", piece.body);
            (meta, private.label) = (&rest, None);
        }
    }

    /// The line without a message id.
    #[must_use]
    pub fn without_msgid(mut self) -> Self {
        self.meta.msgid = None;
        self
    }

    /// Its tags.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// Source, command and parameters.
    pub fn body(&self) -> &str {
        &self.body
    }
}

/// How the text of a `/me` begins. <https://modern.ircdocs.horse/ctcp#action>
const ACTION: &str = "\u{1}ACTION ";

/// The text of a message with a date before what people read of each line, inside where it is a `/me`. What goes on in
/// another line, or has to since so many bytes have no room for it and the date, has the date there too, and is a `/me` of its
/// own where it is one: nothing that was said is cut. Without a bound each line is one, however long.
fn dated(text: &str, date: &str, room: Option<usize>) -> String {
    let mut lines = Vec::new();
    for line in text.split('\n') {
        let (open, said, close) = match line.strip_prefix(ACTION) {
            Some(done) => (ACTION, done.strip_suffix('\u{1}').unwrap_or(done), "\u{1}"),
            None => ("", line, ""),
        };
        let mut show = |piece: &str| {
            lines.push(if piece.is_empty() && open.is_empty() {
                String::new()
            } else {
                format!("{open}{date}{piece}{close}")
            });
        };
        let Some(room) = room else {
            show(said);
            continue;
        };
        let room = room.saturating_sub(open.len() + date.len() + close.len());
        for mut piece in said.split('\r') {
            loop {
                let part = split::cut(piece, room);
                if part.is_empty() || part.len() == piece.len() {
                    break;
                }
                show(part);
                piece = &piece[part.len()..];
            }
            show(piece);
        }
    }
    lines.join("\n")
}

impl Meta {
    fn of_past(past: &Past) -> Self {
        Self {
            time: past.time,
            msgid: Some(past.msgid.clone()),
            account: past.account.clone(),
            client_tags: past.tags.clone(),
        }
    }

    /// Appends the tags that a session with these capabilities sees, with `@` and the space behind, or nothing.
    pub fn encode_into(&self, text: &mut String, enabled: Capabilities, private: Private<'_>) {
        let start = text.len();
        let open = |text: &mut String| text.push(if text.len() == start { '@' } else { ';' });
        if let Some(label) = private
            .label
            .filter(|_| enabled.contains(Capability::LabeledResponse))
        {
            open(text);
            text.push_str("label=");
            escape_value(label, text);
        }
        if let Some(batch) = private
            .batch
            .filter(|_| enabled.contains(Capability::Batch))
        {
            open(text);
            let _ = write!(text, "batch={batch}");
        }
        if enabled.contains(Capability::ServerTime) {
            open(text);
            let _ = write!(text, "time={}", self.time);
        }
        if let Some(account) = self
            .account
            .as_ref()
            .filter(|_| enabled.contains(Capability::AccountTag))
        {
            open(text);
            text.push_str("account=");
            escape_value(account, text);
        }
        if enabled.contains(Capability::MessageTags) {
            if let Some(msgid) = &self.msgid {
                open(text);
                let _ = write!(text, "msgid={msgid}");
            }
            if !self.client_tags.is_empty() {
                open(text);
                text.push_str(&self.client_tags);
            }
        }
        if text.len() > start {
            text.push(' ');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::dated;

    #[test]
    fn a_date_stands_before_what_people_read_of_each_line_and_cuts_nothing() {
        for (text, expected) in [
            ("hello", "[d] hello"),
            ("\n\nhello\n\nyou", "\n\n[d] hello\n\n[d] you"),
            ("all of\rus", "[d] all of\n[d] us"),
            ("goes on in another", "[d] goes on in anoth\n[d] er"),
            ("\u{1}ACTION waves\u{1}", "\u{1}ACTION [d] waves\u{1}"),
            (
                "\u{1}ACTION says a lot\u{1}\nhello",
                "\u{1}ACTION [d] says a \u{1}\n\u{1}ACTION [d] lot\u{1}\n[d] hello",
            ),
            (
                "\u{1}ACTION does\rmore\u{1}",
                "\u{1}ACTION [d] does\u{1}\n\u{1}ACTION [d] more\u{1}",
            ),
        ] {
            assert_eq!(dated(text, "[d] ", Some(20)), expected);
        }
        let long = format!("{}\r{}\nyou", "x".repeat(500), "y".repeat(500));
        let whole = long.replace('\n', "\n[d] ");
        assert_eq!(dated(&long, "[d] ", None), format!("[d] {whole}"));
    }
}
