//! What a value must be: the rule and not one example, in the person's language.

use causette_text::{Language, text_with};

/// What a value must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The key of its text, which goes on from "must be".
    text: &'static str,
    variables: Vec<(&'static str, String)>,
}

impl Rule {
    /// The rule with something that its text names.
    #[must_use]
    pub(super) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.variables.push((name, value.to_string()));
        self
    }

    /// The rule in a person's language.
    pub fn message(&self, language: Language) -> String {
        let variables = self.variables.iter();
        let variables: Vec<_> = variables.map(|(name, value)| (*name, &**value)).collect();
        text_with(language, self.text, &variables)
    }
}

impl From<&'static str> for Rule {
    fn from(text: &'static str) -> Self {
        Self {
            text,
            variables: Vec::new(),
        }
    }
}

/// A whole number within bounds.
pub(super) fn number(min: impl ToString, max: impl ToString) -> Rule {
    Rule::from("rule-number").with("min", min).with("max", max)
}
