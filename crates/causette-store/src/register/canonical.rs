//! Canonical JSON: one text for one value, so that a commitment to it can be recomputed anywhere.
//! <https://www.rfc-editor.org/rfc/rfc8785>

use std::fmt::Write;

/// Room for most objects, so that they are written without being moved.
const CAPACITY: usize = 320;

/// A JSON object being written. Members come in the order of their keys, as the canonical form wants them.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    text: String,
    last: &'static str,
}

impl Object {
    pub(crate) fn new() -> Self {
        let mut text = String::with_capacity(CAPACITY);
        text.push('{');
        Self { text, last: "" }
    }

    pub(crate) fn text(mut self, key: &'static str, value: &str) -> Self {
        self.key(key);
        self.string(value);
        self
    }

    pub(crate) fn number(mut self, key: &'static str, value: u64) -> Self {
        self.key(key);
        let _ = write!(self.text, "{value}");
        self
    }

    pub(crate) fn integer(mut self, key: &'static str, value: i64) -> Self {
        self.key(key);
        let _ = write!(self.text, "{value}");
        self
    }

    /// A value that is canonical JSON already.
    pub(crate) fn json(mut self, key: &'static str, value: &str) -> Self {
        self.key(key);
        self.text.push_str(value);
        self
    }

    pub(crate) fn boolean(mut self, key: &'static str, value: bool) -> Self {
        self.key(key);
        self.text.push_str(if value { "true" } else { "false" });
        self
    }

    /// A text, or null.
    pub(crate) fn nullable(mut self, key: &'static str, value: Option<&str>) -> Self {
        self.key(key);
        match value {
            Some(value) => self.string(value),
            None => self.text.push_str("null"),
        }
        self
    }

    pub(crate) fn finish(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn key(&mut self, key: &'static str) {
        debug_assert!(self.last < key, "{key} comes before {}", self.last);
        self.last = key;
        if self.text.len() > 1 {
            self.text.push(',');
        }
        // Ours, and of plain letters.
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
    }

    fn string(&mut self, value: &str) {
        self.text.push('"');
        let mut rest = value;
        while let Some(index) = rest
            .bytes()
            .position(|byte| byte < b' ' || byte == b'"' || byte == b'\\')
        {
            self.text.push_str(&rest[..index]);
            let byte = rest.as_bytes()[index];
            let _ = match byte {
                b'"' => self.text.write_str("\\\""),
                b'\\' => self.text.write_str("\\\\"),
                0x08 => self.text.write_str("\\b"),
                b'\t' => self.text.write_str("\\t"),
                b'\n' => self.text.write_str("\\n"),
                0x0c => self.text.write_str("\\f"),
                b'\r' => self.text.write_str("\\r"),
                _ => write!(self.text, "\\u{byte:04x}"),
            };
            rest = &rest[index + 1..];
        }
        self.text.push_str(rest);
        self.text.push('"');
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::Object;
    use proptest::prelude::*;

    #[test]
    fn members_are_written_without_spaces() {
        let text = Object::new()
            .boolean("a", true)
            .nullable("b", None)
            .number("c", 7)
            .text("d", "é\u{1}\n\"")
            .finish();
        assert_eq!(text, r#"{"a":true,"b":null,"c":7,"d":"é\u0001\n\""}"#);
        assert_eq!(Object::new().finish(), "{}");
    }

    proptest! {
        #[test]
        fn any_text_comes_back(value: String) {
            let text = Object::new().text("k", &value).finish();
            let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
            prop_assert_eq!(parsed["k"].as_str(), Some(value.as_str()));
            // serde_json escapes as the canonical form does, so its text is an independent second opinion.
            prop_assert_eq!(parsed.to_string(), text);
        }
    }
}
