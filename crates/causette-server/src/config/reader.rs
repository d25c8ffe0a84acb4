//! Takes a TOML document apart, key by key, so that every mistake is told with its key, its line and what would be right.
//! Knows nothing of what the keys mean.

use super::cidr::Cidr;
use causette_core::secret::Verifier;
use causette_text::Language;
use causette_text::distance;
use causette_text::text_with;
use std::fmt;
use std::ops::{Range, RangeInclusive};
use toml::de::{DeTable, DeValue};

/// What the hash of a password looks like.
pub(super) const VERIFIER: &str = "\"$argon2id$…\" (causette hash-password)";

/// A mistake in the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The key with its tables, as `server.name`; empty when the text is no TOML.
    pub key: String,
    /// The line, from 1; 0 for what no line says.
    pub line: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong with a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The text is no TOML.
    Syntax(String),
    /// No such key; the nearest that exists.
    Unknown(&'static str),
    /// The value is of another kind or out of range; says what is expected.
    Expected(String),
    /// A list names the same thing twice; how the second one is written.
    Twice(String),
    /// The value needs a feature that comes with that version.
    Later {
        /// The value as it was written.
        value: String,
        /// The first version that has it, or `None` for one not yet numbered.
        version: Option<&'static str>,
    },
}

impl ConfigError {
    /// The mistake in a person's language.
    pub fn message(&self, language: Language) -> String {
        let line = self.line.to_string();
        let mut variables = vec![("key", self.key.as_str()), ("line", line.as_str())];
        let key = match &self.problem {
            Problem::Syntax(message) => {
                variables.push(("message", message));
                "config-syntax"
            }
            Problem::Unknown(nearest) => {
                variables.push(("nearest", nearest));
                "config-unknown-key"
            }
            Problem::Expected(expected) => {
                variables.push(("expected", expected));
                if self.line == 0 {
                    "config-expected-here"
                } else {
                    "config-expected"
                }
            }
            Problem::Twice(value) => {
                variables.push(("value", value));
                "config-twice"
            }
            Problem::Later { value, version } => {
                variables.push(("value", value));
                match version {
                    Some(version) => {
                        variables.push(("version", version));
                        "config-later"
                    }
                    None => "config-some-day",
                }
            }
        };
        text_with(language, key, &variables)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for ConfigError {}

/// One table of the document. Each key is taken once; what nobody took is a mistake.
#[derive(Debug)]
pub(super) struct Section<'a> {
    text: &'a str,
    path: String,
    line: usize,
    entries: Vec<Entry<'a>>,
    /// The keys that were asked for, present or not.
    known: Vec<&'static str>,
}

#[derive(Debug)]
struct Entry<'a> {
    key: String,
    line: usize,
    value: DeValue<'a>,
}

impl<'a> Section<'a> {
    /// The document itself.
    pub(super) fn document(text: &'a str) -> Result<Self, ConfigError> {
        let table = DeTable::parse(text).map_err(|error| ConfigError {
            key: String::new(),
            line: error.span().map_or(0, |span| line_of(text, &span)),
            problem: Problem::Syntax(error.message().to_owned()),
        })?;
        Ok(Self::of_table(text, String::new(), 0, table.into_inner()))
    }

    fn of_table(text: &'a str, path: String, line: usize, table: DeTable<'a>) -> Self {
        let entries = table
            .into_iter()
            .map(|(key, value)| Entry {
                line: line_of(text, &key.span()),
                key: key.into_inner().into_owned(),
                value: value.into_inner(),
            })
            .collect();
        Self {
            text,
            path,
            line,
            entries,
            known: Vec::new(),
        }
    }

    /// A text.
    pub(super) fn string(&mut self, key: &'static str) -> Result<Option<String>, ConfigError> {
        match self.take(key) {
            None => Ok(None),
            Some(Entry {
                value: DeValue::String(text),
                ..
            }) => Ok(Some(text.into_owned())),
            Some(entry) => Err(self.expected(&entry, "\"…\"")),
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, key: &'static str) -> Result<Option<bool>, ConfigError> {
        match self.take(key) {
            None => Ok(None),
            Some(Entry {
                value: DeValue::Boolean(value),
                ..
            }) => Ok(Some(value)),
            Some(entry) => Err(self.expected(&entry, "true | false")),
        }
    }

    /// A whole number within a range.
    pub(super) fn number(
        &mut self,
        key: &'static str,
        range: RangeInclusive<usize>,
    ) -> Result<Option<usize>, ConfigError> {
        let Some(entry) = self.take(key) else {
            return Ok(None);
        };
        if let DeValue::Integer(integer) = &entry.value
            && let Ok(number) = usize::from_str_radix(integer.as_str(), integer.radix())
            && range.contains(&number)
        {
            return Ok(Some(number));
        }
        Err(self.expected(&entry, &format!("{} … {}", range.start(), range.end())))
    }

    /// A list of texts, each with its line.
    pub(super) fn strings(
        &mut self,
        key: &'static str,
    ) -> Result<Option<Vec<String>>, ConfigError> {
        let Some(mut entry) = self.take(key) else {
            return Ok(None);
        };
        let DeValue::Array(array) = &mut entry.value else {
            return Err(self.expected(&entry, "[\"…\", …]"));
        };
        let strings: Option<Vec<String>> = array
            .iter()
            .map(|value| value.get_ref().as_str().map(str::to_owned))
            .collect();
        match strings {
            Some(strings) => Ok(Some(strings)),
            None => Err(self.expected(&entry, "[\"…\", …]")),
        }
    }

    /// A list of ranges of addresses.
    pub(super) fn ranges(&mut self, key: &'static str) -> Result<Option<Vec<Cidr>>, ConfigError> {
        let Some(ranges) = self.strings(key)? else {
            return Ok(None);
        };
        let parsed: Result<Vec<Cidr>, ()> = ranges.iter().map(|range| range.parse()).collect();
        match parsed {
            Ok(ranges) => Ok(Some(ranges)),
            Err(()) => Err(self.mistake(key, "[\"192.0.2.0/24\"]")),
        }
    }

    /// The hash of a password.
    pub(super) fn verifier(&mut self, key: &'static str) -> Result<Option<Verifier>, ConfigError> {
        match self.string(key)? {
            Some(hash) if !crate::password::is_verifier(&hash) => Err(self.mistake(key, VERIFIER)),
            hash => Ok(hash.map(Verifier)),
        }
    }

    /// One of a few values, of which each maps to what it means, or to the version that will honour it.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[(&str, Result<T, Option<&'static str>>)],
    ) -> Result<Option<T>, ConfigError> {
        let Some(entry) = self.take(key) else {
            return Ok(None);
        };
        let written = match &entry.value {
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(value) => value.to_string(),
            DeValue::Integer(integer) => integer.as_str().to_owned(),
            _ => String::new(),
        };
        match choices.iter().find(|(name, _)| *name == written) {
            Some((_, Ok(choice))) => Ok(Some(*choice)),
            Some((_, Err(version))) => Err(self.later_value(&entry, written, *version)),
            None => {
                let names: Vec<String> = choices
                    .iter()
                    .map(|(name, _)| format!("\"{name}\""))
                    .collect();
                Err(self.expected(&entry, &names.join(" | ")))
            }
        }
    }

    /// A key of the contract whose feature comes with a later version.
    pub(super) fn later(
        &mut self,
        key: &'static str,
        version: Option<&'static str>,
    ) -> Result<(), ConfigError> {
        match self.take(key) {
            None => Ok(()),
            Some(entry) => Err(self.later_value(&entry, "…".to_owned(), version)),
        }
    }

    /// A switch that stands as this version behaves; the other position comes later.
    pub(super) fn fixed(
        &mut self,
        key: &'static str,
        position: bool,
        version: Option<&'static str>,
    ) -> Result<(), ConfigError> {
        match self.take(key) {
            None => Ok(()),
            Some(Entry {
                value: DeValue::Boolean(value),
                ..
            }) if value == position => Ok(()),
            Some(entry) if matches!(entry.value, DeValue::Boolean(_)) => {
                Err(self.later_value(&entry, (!position).to_string(), version))
            }
            Some(entry) => Err(self.expected(&entry, "true | false")),
        }
    }

    /// A table inside; an empty one when it is not there.
    pub(super) fn section(&mut self, key: &'static str) -> Result<Self, ConfigError> {
        let path = self.path_of(key);
        match self.take(key) {
            None => Ok(Self {
                text: self.text,
                path,
                line: 0,
                entries: Vec::new(),
                known: Vec::new(),
            }),
            Some(Entry {
                value: DeValue::Table(table),
                line,
                ..
            }) => Ok(Self::of_table(self.text, path, line, table)),
            Some(entry) => Err(self.expected(&entry, &format!("[{path}]"))),
        }
    }

    /// The tables of an array (`[[listener]]`); `None` when there is none.
    pub(super) fn sections(&mut self, key: &'static str) -> Result<Option<Vec<Self>>, ConfigError> {
        let path = self.path_of(key);
        let Some(entry) = self.take(key) else {
            return Ok(None);
        };
        let expected = self.expected(&entry, &format!("[[{path}]]"));
        let DeValue::Array(array) = entry.value else {
            return Err(expected);
        };
        let mut sections = Vec::new();
        for value in array {
            let line = line_of(self.text, &value.span());
            let DeValue::Table(table) = value.into_inner() else {
                return Err(expected);
            };
            sections.push(Self::of_table(self.text, path.clone(), line, table));
        }
        Ok(Some(sections))
    }

    /// A mistake in the value of a key that was taken.
    pub(super) fn mistake(&self, key: &str, expected: impl Into<String>) -> ConfigError {
        ConfigError {
            key: self.path_of(key),
            line: self.line_of_taken(key),
            problem: Problem::Expected(expected.into()),
        }
    }

    /// Complains about what nobody took.
    pub(super) fn finish(self) -> Result<(), ConfigError> {
        let Some(entry) = self.entries.iter().min_by_key(|entry| entry.line) else {
            return Ok(());
        };
        let nearest = self
            .known
            .iter()
            .copied()
            .min_by_key(|known| distance(known, &entry.key));
        Err(ConfigError {
            key: self.path_of(&entry.key),
            line: entry.line,
            problem: Problem::Unknown(nearest.unwrap_or_default()),
        })
    }

    fn take(&mut self, key: &'static str) -> Option<Entry<'a>> {
        self.known.push(key);
        let position = self.entries.iter().position(|entry| entry.key == key)?;
        Some(self.entries.swap_remove(position))
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Where a key that was already taken is written: the first line of the section that begins with it.
    fn line_of_taken(&self, key: &str) -> usize {
        let after = self
            .text
            .lines()
            .enumerate()
            .skip(self.line.saturating_sub(1));
        let mut lines = after.filter(|(_, line)| {
            line.trim_start()
                .strip_prefix(key)
                .is_some_and(|rest| rest.trim_start().starts_with('='))
        });
        lines.next().map_or(self.line, |(index, _)| index + 1)
    }

    fn expected(&self, entry: &Entry<'_>, expected: &str) -> ConfigError {
        ConfigError {
            key: self.path_of(&entry.key),
            line: entry.line,
            problem: Problem::Expected(expected.to_owned()),
        }
    }

    fn later_value(
        &self,
        entry: &Entry<'_>,
        value: String,
        version: Option<&'static str>,
    ) -> ConfigError {
        ConfigError {
            key: self.path_of(&entry.key),
            line: entry.line,
            problem: Problem::Later { value, version },
        }
    }
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    1 + text.as_bytes()[..span.start.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}
