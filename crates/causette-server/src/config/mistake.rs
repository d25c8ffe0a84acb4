//! What is wrong with a configuration, and how people are told.

use super::rule::Rule;
use causette_text::{Language, text_with};
use std::fmt;

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
    Expected(Rule),
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
        let expected;
        let mut variables = vec![("key", self.key.as_str()), ("line", line.as_str())];
        let key = match &self.problem {
            Problem::Syntax(message) => return syntax(message, self.line, language),
            Problem::Unknown(nearest) => {
                variables.push(("nearest", nearest));
                "config-unknown-key"
            }
            Problem::Expected(rule) => {
                expected = rule.message(language);
                variables.push(("expected", &expected));
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

/// What is no TOML, as people say it: the parser speaks English, and of tokens.
fn syntax(message: &str, line: usize, language: Language) -> String {
    let has = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let key = if has(&["duplicate"]) {
        "config-syntax-twice"
    } else if has(&["string", "quote", "escape"]) {
        "config-syntax-string"
    } else if has(&["]", "array", "table", "bracket"]) {
        "config-syntax-bracket"
    } else {
        "config-syntax"
    };
    text_with(language, key, &[("line", &line.to_string())])
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Language::En))
    }
}

impl std::error::Error for ConfigError {}

/// Everything that is wrong with a configuration, in the order of its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistakes {
    pub(super) found: Vec<ConfigError>,
    /// The language that the configuration asks for, where that could be read.
    pub language: Option<Language>,
}

impl Mistakes {
    /// Each of them; there is at least one.
    pub fn iter(&self) -> std::slice::Iter<'_, ConfigError> {
        self.found.iter()
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mistakes: Vec<String> = self.found.iter().map(ToString::to_string).collect();
        f.write_str(&mistakes.join("\n"))
    }
}

impl std::error::Error for Mistakes {}
