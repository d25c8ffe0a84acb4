//! What is said with a verb: whether it fits, and what it means.

use super::span;
use super::verb::{Field, FieldKind, Verb};
use causette_core::file::{Digest, read_size};
use causette_core::right::Scopes;
use causette_core::secret::Secret;
use causette_proto::CompactString;
use causette_text::{Language, text_with};
use serde_json::{Map, Value};

/// The fields of a request whose verb is known.
#[derive(Debug)]
pub(crate) struct Fields<'a>(&'a mut Map<String, Value>);

impl<'a> Fields<'a> {
    /// The fields, where all of them are what the verb wants.
    ///
    /// # Errors
    /// A sentence that names the first that is not.
    pub(super) fn check(
        verb: &Verb,
        fields: &'a mut Map<String, Value>,
        language: Language,
    ) -> Result<Self, String> {
        // Who says nothing of a field may say so.
        fields.retain(|_, value| !value.is_null());
        let wrong = |key: &str, field: &str| {
            Err(text_with(
                language,
                key,
                &[("field", field), ("verb", verb.name)],
            ))
        };
        for (name, value) in fields.iter() {
            let Some(field) = verb.field(name) else {
                return wrong("admin-field-unknown", name);
            };
            if has_controls(field, value) {
                return wrong("admin-controls", name);
            }
            if !fits(field, value) {
                let words = field.kind.words().join(", ");
                let key = match field.kind {
                    FieldKind::Span => "admin-field-no-span",
                    FieldKind::Size => "admin-field-no-size",
                    _ if !words.is_empty() => "admin-field-no-word",
                    _ => "admin-field-wrong",
                };
                let variables = [
                    ("field", name.as_str()),
                    ("verb", verb.name),
                    ("words", &words),
                ];
                return Err(text_with(language, key, &variables));
            }
        }
        let missing = verb
            .fields
            .iter()
            .find(|field| field.is_required && is_absent(fields.get(field.name)));
        match missing {
            Some(field) => wrong("admin-field-missing", field.name),
            None => Ok(Self(fields)),
        }
    }

    /// A text that may be missing.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.0.get_mut(name) {
            Some(Value::String(text)) => Some(std::mem::take(text)),
            _ => None,
        }
    }

    /// A text that is there.
    pub(super) fn word(&mut self, name: &str) -> CompactString {
        self.text(name).unwrap_or_default().into()
    }

    pub(super) fn secret(&mut self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret::new)
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name).and_then(number)
    }

    /// A length of time, in seconds.
    pub(super) fn seconds(&self, name: &str) -> Option<u64> {
        self.0.get(name).and_then(seconds)
    }

    /// A length in bytes.
    pub(super) fn size(&self, name: &str) -> Option<u64> {
        self.0.get(name).and_then(size)
    }

    pub(super) fn digest(&self, name: &str) -> Option<Digest> {
        self.0.get(name).and_then(digest)
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.0.get(name) == Some(&Value::Bool(true))
    }
}

fn is_absent(value: Option<&Value>) -> bool {
    value.is_none_or(|value| value.as_str().is_some_and(|text| text.trim().is_empty()))
}

/// Whether control characters are in it. They would end a line of IRC, or mean something to the terminal of whoever reads the
/// register.
fn has_controls(field: &Field, value: &Value) -> bool {
    let text = value.as_str().unwrap_or_default();
    field.kind != FieldKind::Secret && text.contains(char::is_control)
}

fn fits(field: &Field, value: &Value) -> bool {
    match field.kind {
        FieldKind::Word | FieldKind::Room => value
            .as_str()
            .is_some_and(|text| !text.contains(char::is_whitespace)),
        FieldKind::Words | FieldKind::Text | FieldKind::Secret => value.is_string(),
        FieldKind::Span => seconds(value).is_some(),
        FieldKind::Size => size(value).is_some(),
        FieldKind::Digest => digest(value).is_some(),
        FieldKind::Number => number(value).is_some(),
        FieldKind::Scopes => value
            .as_str()
            .is_some_and(|text| Scopes::read(text).is_some()),
        FieldKind::OneOf(words) => value.as_str().is_some_and(|text| words.contains(&text)),
        FieldKind::Flag => value.is_boolean(),
    }
}

/// A number, which a shell writes as a text.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn size(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| read_size(value.as_str()?))
}

fn digest(value: &Value) -> Option<Digest> {
    Digest::parse(&value.as_str()?.to_ascii_lowercase())
}

fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| span::seconds(value.as_str()?))
}
