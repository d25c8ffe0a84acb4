//! A conversation on paper: each entry as lines of a width, with what stands between them.

use super::alarm::framed;
use super::theme::Theme;
use super::wrap::{fit, pad, width, wrap};
use crate::core::buffer::Buffer;
use crate::core::entry::{Entry, EntryId, Manner, Movement, Said, What};
use crate::core::locale::Locale;
use crate::core::outbox::{Outgoing, State};
use crate::core::wording::{reactions_of, sentence, text_of};
use causette_proto::Timestamp;
use ratatui::text::{Line, Span};
use std::time::Duration;

/// Messages of one person that are closer than this bear time and name once.
const GROUP: Duration = Duration::from_secs(5 * 60);

/// The narrowest paper on which time and name have columns of their own.
const COLUMNS_MIN: usize = 36;

/// A conversation on paper.
pub(crate) struct Paper<'a> {
    pub(crate) buffer: &'a Buffer,
    pub(crate) locale: &'a Locale,
    pub(crate) theme: Theme,
    pub(crate) columns: usize,
    pub(crate) now: Timestamp,
    pub(crate) selected: Option<EntryId>,
}

impl Paper<'_> {
    /// Columns of the name.
    fn name_columns(&self) -> usize {
        if self.columns >= 60 { 10 } else { 8 }
    }

    fn has_columns(&self) -> bool {
        self.columns >= COLUMNS_MIN
    }

    /// Columns before the text.
    fn gutter(&self) -> usize {
        if self.has_columns() {
            "00:00 ".len() + self.name_columns() + 1
        } else {
            0
        }
    }

    /// The lines of an entry, with what separates it from the one before.
    pub(crate) fn lines(&self, index: usize) -> Vec<Line<'static>> {
        let timeline = &self.buffer.timeline;
        let Some(entry) = timeline.at(index) else {
            return Vec::new();
        };
        let before = index.checked_sub(1).and_then(|index| timeline.at(index));
        let mut lines = Vec::new();
        let begins_day =
            before.is_none_or(|before| self.locale.day(before.time) != self.locale.day(entry.time));
        if begins_day {
            let day = self.locale.day_in_words(entry.time, self.now);
            lines.push(self.separator(&day, '─', self.theme.dim()));
        }
        let rule = self.rule_before(index);
        let has_rule = rule.is_some();
        if let Some(count) = rule {
            let words = self
                .locale
                .text_with("client-new-messages", &[("count", &count)]);
            lines.push(self.separator(&words, '━', self.theme.call()));
        }
        let follows = before.filter(|_| !begins_day && !has_rule);
        let first = lines.len();
        match &entry.what {
            What::Said(said) => self.said(entry, said, follows, &mut lines),
            What::Presence { .. } => self.presence(index, follows, &mut lines),
            What::Alert { .. } => {
                lines.extend(framed(entry, self.locale, self.theme, self.columns, None))
            }
            What::Gap => {
                let words = self.locale.text("client-gap");
                lines.push(self.separator(&words, '┄', self.theme.dim()));
            }
            What::Info(_) | What::Change { .. } => {
                let words = sentence(&entry.what, self.locale).unwrap_or_default();
                self.remark(entry.time, &words, &mut lines);
            }
        }
        if self.selected == Some(entry.id) {
            for line in &mut lines[first..] {
                line.style = self.theme.selected();
            }
        }
        lines
    }

    /// How many messages are new, where the line that says so stands before an entry.
    fn rule_before(&self, index: usize) -> Option<String> {
        let rule = self.buffer.rule?;
        let timeline = &self.buffer.timeline;
        if timeline.first_after(rule) != Some(index) {
            return None;
        }
        let (count, _) = timeline.unread_after(rule);
        let more = if self.buffer.lacks(rule) { "+" } else { "" };
        (count > 0).then(|| format!("{count}{more}"))
    }

    fn separator(&self, words: &str, mark: char, style: ratatui::style::Style) -> Line<'static> {
        let words = format!(" {} ", fit(words, self.columns.saturating_sub(4)));
        let rest = self.columns.saturating_sub(width(&words));
        let (left, right) = (rest / 2, rest - rest / 2);
        let line = |count: usize| mark.to_string().repeat(count);
        Line::styled(format!("{}{words}{}", line(left), line(right)), style)
    }

    /// Time and name in their columns, or nothing in them.
    fn head(
        &self,
        time: Option<Timestamp>,
        name: &str,
        style: ratatui::style::Style,
    ) -> Vec<Span<'static>> {
        if !self.has_columns() {
            return Vec::new();
        }
        let time = time.map_or_else(|| " ".repeat(5), |time| self.locale.hour(time));
        vec![
            Span::styled(format!("{time} "), self.theme.dim()),
            Span::styled(format!("{} ", pad(name, self.name_columns())), style),
        ]
    }

    fn said(
        &self,
        entry: &Entry,
        said: &Said,
        before: Option<&Entry>,
        lines: &mut Vec<Line<'static>>,
    ) {
        let is_same = before
            .and_then(|before| Some((before, before.said()?)))
            .is_some_and(|(before, other)| {
                other.from == said.from
                    && other.manner == said.manner
                    && said.manner == Manner::Message
                    && entry.time.since(before.time) < GROUP
                    && self.locale.hour(before.time) == self.locale.hour(entry.time)
            });
        if let Some(msgid) = &said.reply_to {
            self.quote(msgid, lines);
        }
        let is_grouped = is_same && said.reply_to.is_none();
        let name_style = if said.is_mine {
            self.theme.own()
        } else {
            self.theme.name(&said.from)
        };
        let text = text_of(said, self.locale);
        let (name, text) = match said.manner {
            Manner::Message => (said.from.to_string(), text),
            Manner::Notice => (format!("-{}-", said.from), text),
            Manner::Action => ("*".to_owned(), format!("{} {text}", said.from)),
        };
        let text_style = match said {
            Said {
                redacted: Some(_), ..
            } => self.theme.dim(),
            Said {
                is_mention: true, ..
            } => self.theme.call(),
            _ => ratatui::style::Style::new(),
        };
        let text = if said.is_mention {
            format!("▸ {text}")
        } else {
            text
        };
        let (time, name) = if is_grouped {
            (None, String::new())
        } else {
            (Some(entry.time), name)
        };
        self.body(time, &name, name_style, &text, text_style, lines);
        let reactions = reactions_of(said);
        if !reactions.is_empty() {
            self.body(None, "", name_style, &reactions, self.theme.dim(), lines);
        }
    }

    /// A text beside its time and name, in as many lines as it needs.
    fn body(
        &self,
        time: Option<Timestamp>,
        name: &str,
        name_style: ratatui::style::Style,
        text: &str,
        text_style: ratatui::style::Style,
        lines: &mut Vec<Line<'static>>,
    ) {
        let inline = if self.has_columns() || name.is_empty() {
            String::new()
        } else {
            format!("{name}: ")
        };
        let wrapped = wrap(
            &format!("{inline}{text}"),
            self.columns.saturating_sub(self.gutter()),
        );
        for (index, line) in wrapped.into_iter().enumerate() {
            let mut spans = if index == 0 {
                self.head(time, name, name_style)
            } else {
                self.head(None, "", name_style)
            };
            spans.push(Span::styled(line, text_style));
            lines.push(Line::from(spans));
        }
    }

    /// One line of what a message answers.
    fn quote(&self, msgid: &str, lines: &mut Vec<Line<'static>>) {
        let quoted = self.buffer.timeline.by_msgid(msgid).and_then(Entry::said);
        let words = match quoted {
            Some(said) => {
                let text = text_of(said, self.locale).replace('\n', " ");
                self.locale
                    .text_with("client-said", &[("nick", &said.from), ("text", &text)])
            }
            None => "…".to_owned(),
        };
        let room = self.columns.saturating_sub(self.gutter() + 2);
        let mut spans = self.head(None, "", self.theme.dim());
        spans.push(Span::styled(
            format!("╭ {}", fit(&words, room)),
            self.theme.dim(),
        ));
        lines.push(Line::from(spans));
    }

    /// Something that nobody said.
    fn remark(&self, time: Timestamp, words: &str, lines: &mut Vec<Line<'static>>) {
        self.body(
            Some(time),
            "",
            self.theme.dim(),
            words,
            self.theme.dim(),
            lines,
        );
    }

    /// Coming and going: one sentence, or for several in a row how many.
    fn presence(&self, index: usize, before: Option<&Entry>, lines: &mut Vec<Line<'static>>) {
        if before.is_some_and(|before| matches!(before.what, What::Presence { .. })) {
            // It is counted in the line of the first one.
            return;
        }
        let entries = self.buffer.timeline.entries().skip(index);
        let run: Vec<&Entry> = entries
            .take_while(|entry| matches!(entry.what, What::Presence { .. }))
            .collect();
        let Some(first) = run.first() else {
            return;
        };
        if let [only] = &run[..] {
            let words = sentence(&only.what, self.locale).unwrap_or_default();
            self.remark(only.time, &words, lines);
            return;
        }
        let count = |wanted: fn(&Movement) -> bool| {
            let moves = run.iter().filter(
                |entry| matches!(&entry.what, What::Presence { movement, .. } if wanted(movement)),
            );
            moves.count()
        };
        let arrivals = count(Movement::is_arrival);
        let renames = count(|movement| matches!(movement, Movement::Renamed(_)));
        let departures = run.len() - arrivals - renames;
        let mut words = Vec::new();
        for (number, key) in [
            (arrivals, "client-arrivals"),
            (departures, "client-departures"),
            (renames, "client-renames"),
        ] {
            if number > 0 {
                words.push(
                    self.locale
                        .text_with(key, &[("count", &number.to_string())]),
                );
            }
        }
        self.remark(first.time, &words.join(", "), lines);
    }

    /// What those who run the server say stands in a frame.
    /// A message of the outbox: as it will look, with how far it is.
    pub(crate) fn outgoing(&self, nick: &str, message: &Outgoing) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        let (mark, style) = match &message.state {
            State::Failed(_) => (self.locale.text("client-mark-failed"), self.theme.wrong()),
            State::Sent => (self.locale.text("client-mark-sending"), self.theme.dim()),
            State::Waiting | State::Doubtful => {
                (self.locale.text("client-mark-waiting"), self.theme.dim())
            }
        };
        let text = format!("{}  {mark}", message.shown());
        self.body(None, nick, self.theme.own(), &text, style, &mut lines);
        lines
    }
}
