//! Takes a TOML document apart, key by key, so that every mistake is told with its key, its line and what would be right.
//! All of them are told at once: what is wrong is noted, and reading goes on. Knows nothing of what the keys mean.

use super::mistake::{ConfigError, Mistakes, Problem};
use super::rule::{self, Rule};
use causette_core::cidr::Cidr;
use causette_core::limits::LOGIN_RANGES;
use causette_core::login::LoginPolicy;
use causette_core::secret::Verifier;
use causette_text::Language;
use causette_text::distance;
use std::cell::{Cell, RefCell};
use std::ops::{Range, RangeInclusive};
use toml::de::{DeTable, DeValue};

/// The text of a configuration, and what was found to be wrong with it.
#[derive(Debug)]
pub(super) struct Document<'a> {
    text: &'a str,
    mistakes: RefCell<Vec<ConfigError>>,
    language: Cell<Option<Language>>,
}

impl<'a> Document<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            mistakes: RefCell::default(),
            language: Cell::default(),
        }
    }

    /// Its outermost table, with what could be understood of it.
    pub(super) fn root(&'a self) -> Section<'a> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            self.note(ConfigError {
                key: String::new(),
                line: error.span().map_or(0, |span| line_of(self.text, &span)),
                problem: Problem::Syntax(error.message().to_owned()),
            });
        }
        Section::of_table(self, String::new(), 0, table.into_inner())
    }

    fn note(&self, mistake: ConfigError) {
        self.mistakes.borrow_mut().push(mistake);
    }

    /// Tells all that was noted.
    pub(super) fn finish(self) -> Result<(), Mistakes> {
        let language = self.language.get();
        let mut mistakes = self.mistakes.into_inner();
        if mistakes.is_empty() {
            return Ok(());
        }
        // What is said of a line that is no TOML, or was left out because of it, is a guess.
        let is_syntax = |mistake: &ConfigError| matches!(mistake.problem, Problem::Syntax(_));
        if mistakes.iter().any(is_syntax) {
            mistakes.retain(is_syntax);
        }
        mistakes.sort_by(|one, other| (one.line, &one.key).cmp(&(other.line, &other.key)));
        // One slip of the pen upsets the parser more than once, and a wrong value is also one that is missing.
        mistakes.dedup_by(|next, first| (next.line, &next.key) == (first.line, &first.key));
        Err(Mistakes {
            found: mistakes,
            language,
        })
    }
}

/// One table of the document. Each key is taken once; what nobody took is a mistake. A value that is wrong is noted, and
/// reads as if it were not there.
#[derive(Debug)]
pub(super) struct Section<'a> {
    document: &'a Document<'a>,
    path: String,
    line: usize,
    entries: Vec<Entry<'a>>,
    /// The keys that were asked for, present or not.
    known: Vec<&'static str>,
    /// The lines of those that are present.
    lines: Vec<(&'static str, usize)>,
}

/// A value that may be chosen by its name, or the version that will honour it.
pub(super) type Choice<'a, T> = (&'a str, Result<T, Option<&'static str>>);

#[derive(Debug)]
struct Entry<'a> {
    key: String,
    line: usize,
    value: DeValue<'a>,
}

impl<'a> Section<'a> {
    fn of_table(document: &'a Document<'a>, path: String, line: usize, table: DeTable<'a>) -> Self {
        let entries = table
            .into_iter()
            .map(|(key, value)| Entry {
                line: line_of(document.text, &key.span()),
                key: key.into_inner().into_owned(),
                value: value.into_inner(),
            })
            .collect();
        Self {
            document,
            path,
            line,
            entries,
            known: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Whether the value of a key is a table.
    pub(super) fn holds_table(&self, key: &str) -> bool {
        let mut entries = self.entries.iter();
        entries.any(|entry| entry.key == key && entry.value.is_table())
    }

    /// A text.
    pub(super) fn string(&mut self, key: &'static str) -> Option<String> {
        match self.take(key)? {
            Entry {
                value: DeValue::String(text),
                ..
            } => Some(text.into_owned()),
            entry => self.expected(&entry, "rule-text".into()),
        }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, key: &'static str) -> Option<bool> {
        match self.take(key)? {
            Entry {
                value: DeValue::Boolean(value),
                ..
            } => Some(value),
            entry => self.expected(&entry, "rule-boolean".into()),
        }
    }

    /// A whole number within a range.
    pub(super) fn number(
        &mut self,
        key: &'static str,
        range: RangeInclusive<usize>,
    ) -> Option<usize> {
        let entry = self.take(key)?;
        if let DeValue::Integer(integer) = &entry.value
            && let Ok(number) = usize::from_str_radix(integer.as_str(), integer.radix())
            && range.contains(&number)
        {
            return Some(number);
        }
        self.expected(&entry, rule::number(range.start(), range.end()))
    }

    /// A list of texts, each with its line.
    pub(super) fn strings(&mut self, key: &'static str) -> Option<Vec<String>> {
        let entry = self.take(key)?;
        let strings = entry.value.as_array().and_then(|array| {
            array
                .iter()
                .map(|value| value.get_ref().as_str().map(str::to_owned))
                .collect()
        });
        strings.or_else(|| self.expected(&entry, "rule-texts".into()))
    }

    /// A list of ranges of addresses.
    pub(super) fn ranges(&mut self, key: &'static str) -> Option<Vec<Cidr>> {
        let ranges = self.strings(key)?;
        let parsed: Result<Vec<Cidr>, ()> = ranges.iter().map(|range| range.parse()).collect();
        parsed.map_err(|()| self.mistake(key, "rule-networks")).ok()
    }

    /// From where one may sign in to accounts: a word, or a list of ranges of addresses.
    pub(super) fn login(&mut self, key: &'static str) -> Option<LoginPolicy> {
        let entry = self.take(key)?;
        let words: Option<Vec<&str>> = match &entry.value {
            DeValue::String(word) => Some(vec![&**word]),
            DeValue::Array(ranges) => ranges
                .iter()
                .map(|value| value.get_ref().as_str())
                .collect(),
            _ => None,
        };
        let is_list = entry.value.as_array().is_some();
        let read = words.and_then(|words| LoginPolicy::read(&words.join(",")).ok());
        // The words stand alone, and ranges in a list.
        let read = read.filter(|policy| is_list == matches!(policy, LoginPolicy::Ranges(_)));
        read.or_else(|| {
            let rule = Rule::from("rule-login").with("max", LOGIN_RANGES);
            self.expected(&entry, rule)
        })
    }

    /// The hash of a password.
    pub(super) fn verifier(&mut self, key: &'static str) -> Option<Verifier> {
        let hash = self.string(key)?;
        if !crate::identity::password::is_verifier(&hash) {
            self.mistake(key, "rule-verifier");
            return None;
        }
        Some(Verifier(hash))
    }

    /// One of a few values, of which each maps to what it means, or to the version that will honour it.
    pub(super) fn choice<T: Copy>(
        &mut self,
        key: &'static str,
        choices: &[Choice<'_, T>],
    ) -> Option<T> {
        let entry = self.take(key)?;
        self.chosen(&entry, choices)
    }

    /// Every key of that name which is there, as [`choice`](Self::choice) reads one.
    pub(super) fn among<T: Copy>(
        &mut self,
        names: &[&'static str],
        choices: &[Choice<'_, T>],
    ) -> Vec<(String, T)> {
        self.known.extend(names);
        let entries = std::mem::take(&mut self.entries);
        let (taken, left) = entries
            .into_iter()
            .partition(|entry: &Entry<'_>| names.contains(&&*entry.key));
        self.entries = left;
        let read = |entry: Entry<'_>| Some((entry.key.clone(), self.chosen(&entry, choices)?));
        let taken: Vec<Entry<'_>> = taken;
        taken.into_iter().filter_map(read).collect()
    }

    fn chosen<T: Copy>(&self, entry: &Entry<'_>, choices: &[Choice<'_, T>]) -> Option<T> {
        let written = match &entry.value {
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(value) => value.to_string(),
            DeValue::Integer(integer) => integer.as_str().to_owned(),
            _ => String::new(),
        };
        match choices.iter().find(|(name, _)| *name == written) {
            Some((_, Ok(choice))) => Some(*choice),
            Some((_, Err(version))) => {
                self.later_value(entry, written, *version);
                None
            }
            None => {
                let names: Vec<String> = choices
                    .iter()
                    .map(|(name, _)| format!("\"{name}\""))
                    .collect();
                self.expected(
                    entry,
                    Rule::from("rule-choice").with("choices", names.join(", ")),
                )
            }
        }
    }

    /// A key of the contract whose feature comes with a later version.
    pub(super) fn later(&mut self, key: &'static str, version: Option<&'static str>) {
        if let Some(entry) = self.take(key) {
            self.later_value(&entry, "…".to_owned(), version);
        }
    }

    /// A switch that stands as this version behaves; the other position comes later.
    pub(super) fn fixed(
        &mut self,
        key: &'static str,
        position: bool,
        version: Option<&'static str>,
    ) {
        match self.take(key) {
            None => {}
            Some(Entry {
                value: DeValue::Boolean(value),
                ..
            }) if value == position => {}
            Some(entry) if matches!(entry.value, DeValue::Boolean(_)) => {
                self.later_value(&entry, (!position).to_string(), version);
            }
            Some(entry) => drop(self.expected::<bool>(&entry, "rule-boolean".into())),
        }
    }

    /// A table inside; an empty one when it is not there.
    pub(super) fn section(&mut self, key: &'static str) -> Self {
        let path = self.path_of(key);
        let table = self.take(key).and_then(|entry| match entry {
            Entry {
                value: DeValue::Table(table),
                line,
                ..
            } => Some((line, table)),
            entry => self.expected(&entry, Rule::from("rule-table").with("path", &path)),
        });
        let (line, table) = table.unwrap_or_default();
        Self::of_table(self.document, path, line, table)
    }

    /// The tables of an array (`[[listener]]`); `None` when there is none.
    pub(super) fn sections(&mut self, key: &'static str) -> Option<Vec<Self>> {
        let path = self.path_of(key);
        let entry = self.take(key)?;
        let is_table = |value: &toml::Spanned<DeValue<'_>>| value.get_ref().is_table();
        match entry.value {
            DeValue::Array(array) if array.iter().all(is_table) => {
                let sections = array.into_iter().filter_map(|value| {
                    let line = line_of(self.document.text, &value.span());
                    match value.into_inner() {
                        DeValue::Table(table) => {
                            Some(Self::of_table(self.document, path.clone(), line, table))
                        }
                        _ => None,
                    }
                });
                Some(sections.collect())
            }
            _ => self.expected(&entry, Rule::from("rule-tables").with("path", &path)),
        }
    }

    /// Notes a mistake in the value of a key that was taken.
    pub(super) fn mistake(&self, key: &str, rule: impl Into<Rule>) {
        self.problem(key, Problem::Expected(rule.into()));
    }

    /// The same, of another kind.
    pub(super) fn problem(&self, key: &str, problem: Problem) {
        self.document.note(ConfigError {
            key: self.path_of(key),
            line: self.line_of_taken(key),
            problem,
        });
    }

    /// Notes the language in which the configuration wants to be spoken to, also about its mistakes.
    pub(super) fn speak(&self, language: Language) {
        self.document.language.set(Some(language));
    }

    /// Complains about what nobody took.
    pub(super) fn finish(self) {
        for entry in &self.entries {
            let nearest = self
                .known
                .iter()
                .copied()
                .min_by_key(|known| distance(known, &entry.key));
            self.note(entry, Problem::Unknown(nearest.unwrap_or_default()));
        }
    }

    fn take(&mut self, key: &'static str) -> Option<Entry<'a>> {
        self.known.push(key);
        let position = self.entries.iter().position(|entry| entry.key == key)?;
        let entry = self.entries.swap_remove(position);
        self.lines.push((key, entry.line));
        Some(entry)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.path)
        }
    }

    /// Where a key that was already taken is written; where it is missing, the section.
    fn line_of_taken(&self, key: &str) -> usize {
        let mut lines = self.lines.iter();
        let taken = lines.find(|(taken, _)| *taken == key);
        taken.map_or(self.line, |(_, line)| *line)
    }

    fn note(&self, entry: &Entry<'_>, problem: Problem) {
        self.document.note(ConfigError {
            key: self.path_of(&entry.key),
            line: entry.line,
            problem,
        });
    }

    /// Notes what is expected, in the place of the value that is not there.
    fn expected<T>(&self, entry: &Entry<'_>, expected: Rule) -> Option<T> {
        self.note(entry, Problem::Expected(expected));
        None
    }

    fn later_value(&self, entry: &Entry<'_>, value: String, version: Option<&'static str>) {
        self.note(entry, Problem::Later { value, version });
    }
}

fn line_of(text: &str, span: &Range<usize>) -> usize {
    1 + text.as_bytes()[..span.start.min(text.len())]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
}
