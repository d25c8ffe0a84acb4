//! What somebody asks of the register, and what is wrong with it.

use super::super::span;
use causette_core::limits::{REGISTER_LAST, REGISTER_LISTED, REGISTER_QUESTION_BYTES};
use causette_proto::Timestamp;
use causette_store::register::{KINDS, Question};
use causette_text::{Language, text, text_with};
use jiff::Zoned;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use std::borrow::Cow;
use std::fmt::Write as _;

/// The last entries that are told where nobody says how many.
const LAST: usize = 20;

/// A question as it is written.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raw {
    /// How many of the last entries.
    pub(crate) last: Option<u64>,
    /// Who did it, or to whom it was done.
    pub(crate) account: Option<String>,
    /// From where: an address or a range.
    pub(crate) address: Option<String>,
    /// Not before.
    pub(crate) from: Option<String>,
    /// Before.
    pub(crate) to: Option<String>,
    /// How its type begins.
    pub(crate) kind: Option<String>,
    /// In which room.
    pub(crate) room: Option<String>,
    /// Words that stand in it.
    pub(crate) text: Option<String>,
    /// Behind which entry.
    pub(crate) after: Option<u64>,
    /// How many at most.
    pub(crate) limit: Option<u64>,
    /// Whether to go on with what happens.
    pub(crate) follow: bool,
    /// Whether everything is told, in as many pages as it takes.
    pub(crate) pages: bool,
    /// In which form.
    pub(crate) form: Form,
}

/// In which form entries are told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// For people.
    #[default]
    Table,
    /// As the second of the older programs had it.
    Csv,
    /// An object for each.
    Jsonl,
}

/// A question that can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// What is looked for.
    pub(crate) question: Question,
    /// Which of it.
    pub(crate) part: Part,
    /// Whether to go on with what happens.
    pub(crate) follow: bool,
    /// Whether it is told in as many pages as it takes.
    pub(crate) pages: bool,
    /// In which form.
    pub(crate) form: Form,
    /// The question as it is entered.
    pub(crate) words: String,
}

/// Which of the entries that are sought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The last ones.
    Last(usize),
    /// From one on, at most so many.
    From {
        /// The first that may be meant.
        entry: u64,
        /// How many; `None` for all.
        limit: Option<u64>,
    },
}

impl Form {
    /// Every form by its name.
    pub(crate) const NAMES: &[&str] = &["table", "csv", "jsonl"];

    /// The form of a name.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "csv" => Self::Csv,
            "jsonl" => Self::Jsonl,
            _ => Self::Table,
        }
    }
}

impl Asked {
    /// Looks whether it can be asked, at a time, where that is shown in a time zone.
    ///
    /// # Errors
    /// A sentence that says what is wrong.
    pub(crate) fn of(
        raw: Raw,
        now: Timestamp,
        zone: &TimeZone,
        language: Language,
    ) -> Result<Self, String> {
        let raw = raw.plainly();
        let words = raw.words();
        if words.len() > REGISTER_QUESTION_BYTES {
            let max = REGISTER_QUESTION_BYTES.to_string();
            return Err(text_with(language, "register-too-long", &[("max", &max)]));
        }
        let part = raw.part(language)?;
        let wrong = |key: &str, value: &str| text_with(language, key, &[("value", value)]);
        let address = match &raw.address {
            None => None,
            Some(address) => Some(
                address
                    .parse()
                    .map_err(|()| wrong("register-no-address", address))?,
            ),
        };
        let moment = |text: &Option<String>| match text {
            None => Ok(None),
            Some(text) => match moment(text, now, zone) {
                Some(moment) => Ok(Some(moment)),
                None => Err(wrong("register-no-time", text)),
            },
        };
        let (from, to) = (moment(&raw.from)?, moment(&raw.to)?);
        if from.zip(to).is_some_and(|(from, to)| from >= to) {
            return Err(text(language, "register-times-crossed"));
        }
        let kind = raw.kind.unwrap_or_default();
        if !KINDS.iter().any(|known| known.starts_with(&kind)) {
            return Err(wrong("register-no-kind", &kind));
        }
        if raw.follow && !raw.pages {
            return Err(text(language, "register-no-follow"));
        }
        Ok(Self {
            question: Question {
                account: raw.account,
                address,
                from,
                to,
                kind,
                room: raw.room,
                text: raw.text.unwrap_or_default(),
            },
            part,
            follow: raw.follow,
            pages: raw.pages,
            form: raw.form,
            words,
        })
    }
}

impl Raw {
    /// The same, with the numbers of people and rooms as they are written everywhere: `account:7` for `account:007`.
    fn plainly(self) -> Self {
        Self {
            account: self
                .account
                .map(|name| by_number(name, &["account:", "guest:"])),
            room: self.room.map(|name| by_number(name, &["room:"])),
            ..self
        }
    }

    /// Whether only the last entries can be meant.
    fn is_bare(&self) -> bool {
        let said = [
            &self.account,
            &self.address,
            &self.from,
            &self.to,
            &self.kind,
            &self.room,
            &self.text,
        ];
        said.iter().all(|said| said.is_none()) && self.after.is_none() && self.limit.is_none()
    }

    fn part(&self, language: Language) -> Result<Part, String> {
        let zero = [self.last, self.limit].contains(&Some(0));
        if zero {
            return Err(text(language, "register-none"));
        }
        let is_last = self.last.is_some() || self.follow;
        match self.last {
            _ if is_last && (self.after.is_some() || self.limit.is_some()) => {
                Err(text(language, "register-last-or-limit"))
            }
            Some(last) => match usize::try_from(last) {
                Ok(last) if last <= REGISTER_LAST => Ok(Part::Last(last)),
                _ => {
                    let max = REGISTER_LAST.to_string();
                    Err(text_with(language, "register-too-many", &[("max", &max)]))
                }
            },
            None if self.follow || (self.is_bare() && !self.pages) => Ok(Part::Last(LAST)),
            None => Ok(Part::From {
                entry: self.after.map_or(0, |after| after.saturating_add(1)),
                limit: match (self.limit, self.form) {
                    (None, Form::Table) => Some(REGISTER_LISTED),
                    (limit, _) => limit,
                },
            }),
        }
    }

    /// The question in the words in which it was asked, as the register keeps it. What would not be one word is between quotation
    /// marks: nothing in it passes for another field.
    fn words(&self) -> String {
        let mut words = String::new();
        let mut add = |name: &str, value: &str| {
            let gap = if words.is_empty() { "" } else { " " };
            // Writing to a text cannot fail.
            let _ = write!(words, "{gap}{name}={}", one_word(value));
        };
        let numbers = [
            ("last", self.last),
            ("after", self.after),
            ("limit", self.limit),
        ];
        for (name, value) in numbers {
            if let Some(value) = value {
                add(name, &value.to_string());
            }
        }
        for (name, value) in [
            ("account", &self.account),
            ("address", &self.address),
            ("from", &self.from),
            ("to", &self.to),
            ("kind", &self.kind),
            ("room", &self.room),
            ("text", &self.text),
        ] {
            if let Some(value) = value {
                add(name, value);
            }
        }
        if self.follow {
            add("follow", "true");
        }
        words
    }
}

/// A value as one word. <https://www.rfc-editor.org/rfc/rfc8259#section-7>
fn one_word(value: &str) -> Cow<'_, str> {
    let breaks = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\\');
    match value.is_empty() || value.contains(breaks) {
        true => serde_json::Value::from(value).to_string().into(),
        false => value.into(),
    }
}

/// A name that may be a number behind a word, with the number as it is written everywhere.
fn by_number(name: String, sorts: &[&str]) -> String {
    let number = |sort: &&str| {
        let digits = name.strip_prefix(*sort)?;
        let id: u64 = digits.parse().ok()?;
        Some(format!("{sort}{id}"))
    };
    sorts.iter().find_map(number).unwrap_or(name)
}

/// A moment as people write it: with its zone as in RFC 3339, without one in the zone of the server, as a day of either spelling,
/// or as so long ago.
fn moment(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(seconds) = span::seconds(text) {
        return Some(now.plus_seconds(-i64::try_from(seconds).ok()?));
    }
    let text = turned(text);
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Some(Timestamp(moment.as_microsecond()));
    }
    let shown: DateTime = text.parse().ok()?;
    let zoned: Zoned = shown.to_zoned(zone.clone()).ok()?;
    Some(Timestamp(zoned.timestamp().as_microsecond()))
}

/// A day as `28/11/2026` in the other order.
fn turned(text: &str) -> String {
    let (day, rest) = text
        .split_at_checked("dd/mm/yyyy".len())
        .unwrap_or((text, ""));
    match day.split('/').collect::<Vec<_>>()[..] {
        [day, month, year] if year.len() == 4 => format!("{year}-{month}-{day}{rest}"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const NOW: Timestamp = Timestamp(1_795_316_400_000_000);

    fn asked(raw: Raw) -> Result<Asked, String> {
        Asked::of(raw, NOW, &TimeZone::UTC, Language::En)
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn moments_are_read_as_people_write_them() {
        let read = |text: &str| moment(text, NOW, &TimeZone::UTC).map(|moment| moment.to_string());
        let noon = some("2026-11-28T12:00:00.000Z");
        for text in [
            "2026-11-28T12:00:00Z",
            "2026-11-28T13:00:00+01:00",
            "2026-11-28 12:00",
            "2026-11-28 12:00:00",
            "28/11/2026 12:00:00",
            " 28/11/2026 12:00 ",
        ] {
            assert_eq!(read(text), noon, "{text}");
        }
        let day = some("2026-11-28T00:00:00.000Z");
        assert_eq!(read("2026-11-28"), day);
        assert_eq!(read("28/11/2026"), day);
        assert_eq!(read("1h"), Some(NOW.plus_seconds(-3600).to_string()));
        for wrong in ["", "soon", "2026-13-01", "31/02/2026", "12:00", "1/2/26"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let paris = TimeZone::fixed(jiff::tz::offset(1));
        let there = moment("2026-11-28 13:00", NOW, &paris);
        assert_eq!(there.map(|there| there.to_string()), noon);
    }

    #[test]
    fn what_cannot_be_asked_is_told_in_a_sentence() {
        let long = "x".repeat(REGISTER_QUESTION_BYTES);
        let with = |change: fn(&mut Raw)| {
            let mut raw = Raw::default();
            change(&mut raw);
            raw
        };
        for (part, raw) in [
            ("no address", with(|raw| raw.address = some("chez.moi"))),
            ("no time", with(|raw| raw.from = some("soon"))),
            ("no type", with(|raw| raw.kind = some("messages"))),
            ("1000", with(|raw| raw.last = Some(1001))),
            ("at least one", with(|raw| raw.limit = Some(0))),
            ("at least one", with(|raw| raw.last = Some(0))),
            (
                "not both",
                with(|raw| (raw.last, raw.after) = (Some(1), Some(2))),
            ),
            ("follow", with(|raw| raw.follow = true)),
            (
                "before",
                with(|raw| (raw.from, raw.to) = (some("1h"), some("2h"))),
            ),
            (
                "500",
                Raw {
                    text: Some(long),
                    ..Raw::default()
                },
            ),
        ] {
            let refused = asked(raw.clone()).unwrap_err();
            assert!(refused.contains(part), "{raw:?}: {refused}");
            let french = Asked::of(raw, NOW, &TimeZone::UTC, Language::Fr).unwrap_err();
            assert_ne!(refused, french);
        }
    }

    #[test]
    fn the_question_is_kept_as_it_was_asked() {
        let question = asked(Raw {
            account: some("alice"),
            from: some("2026-11-28"),
            limit: Some(5),
            after: Some(17),
            ..Raw::default()
        })
        .unwrap();
        assert_eq!(
            question.words,
            "after=17 limit=5 account=alice from=2026-11-28"
        );
        let forged = asked(Raw {
            text: some("x room=#a"),
            room: some("room:0042"),
            account: some("guest:007"),
            ..Raw::default()
        });
        assert_eq!(
            forged.unwrap().words,
            r#"account=guest:7 room=room:42 text="x room=#a""#
        );
        for (value, word) in [
            ("plain=é", "plain=é"),
            ("", r#""""#),
            ("a\u{a0}b", "\"a\u{a0}b\""),
            ("a\nb", r#""a\nb""#),
            (r#"a"b\"#, r#""a\"b\\""#),
        ] {
            assert_eq!(one_word(value), word);
        }
        let part = Part::From {
            entry: 18,
            limit: Some(5),
        };
        assert_eq!(question.part, part);
        assert_eq!(asked(Raw::default()).unwrap().part, Part::Last(LAST));
        let form = Form::Csv;
        let all = asked(Raw {
            pages: true,
            form,
            ..Raw::default()
        });
        let part = Part::From {
            entry: 0,
            limit: None,
        };
        assert_eq!(all.unwrap().part, part);
    }
}
