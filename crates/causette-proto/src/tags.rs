//! Message tags: an ordered list of keys and values, and the escaping of values.
//! What a tag means is decided elsewhere.
//!
//! <https://ircv3.net/specs/extensions/message-tags>

use std::collections::BTreeSet;
use std::fmt::{self, Write};

use compact_str::CompactString;

use crate::message::ParseError;

/// The tags of one message, in order. Values are kept unescaped; a missing value is an empty one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Tags(Vec<(CompactString, CompactString)>);

impl Tags {
    /// No tags, without allocating.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// Reads the tag data of a message, without its leading `@` and final space.
    /// Of tags with the same key the last one counts. Empty tags (`a;;b`) are skipped, and so are those whose key breaks
    /// the grammar: nobody can mean anything by them, and what they stand in front of is not lost.
    ///
    /// # Errors
    /// [`ParseError::ForbiddenByte`] for a space, NUL, CR or LF in a value.
    pub fn parse(data: &str) -> Result<Self, ParseError> {
        let mut tags = Self::new();
        for tag in data.split(';').filter(|tag| !tag.is_empty()) {
            let (key, escaped) = tag.split_once('=').unwrap_or((tag, ""));
            if !is_valid_key(key) {
                continue;
            }
            if let Some(byte) = escaped
                .bytes()
                .find(|byte| matches!(byte, 0 | b'\r' | b'\n' | b' '))
            {
                return Err(ParseError::ForbiddenByte(byte));
            }
            tags.push(key, unescape_value(escaped));
        }
        tags.keep_last_of_each_key();
        Ok(tags)
    }

    /// The value of `key`, when the tag is present.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter()
            .rev()
            .find(|(name, _)| *name == key)
            .map(|(_, value)| value)
    }

    /// Whether the tag `key` is present, with or without a value.
    pub fn contains(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets `key` to `value`, in the place of an earlier tag with this key when there is one.
    pub fn insert(&mut self, key: impl Into<CompactString>, value: impl Into<CompactString>) {
        let (key, value) = (key.into(), value.into());
        match self.0.iter_mut().find(|(name, _)| *name == key) {
            Some(tag) => tag.1 = value,
            None => self.0.push((key, value)),
        }
    }

    /// Appends a tag whose key is known to be absent: cheaper than [`Tags::insert`].
    /// Were the key present, [`Tags::get`] and every receiver would follow the later tag.
    pub fn push(&mut self, key: impl Into<CompactString>, value: impl Into<CompactString>) {
        self.0.push((key.into(), value.into()));
    }

    /// Takes the tag `key` out and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<CompactString> {
        let index = self.0.iter().rposition(|(name, _)| name == key)?;
        Some(self.0.remove(index).1)
    }

    /// Keeps the tags for which `keep(key, value)` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &str) -> bool) {
        self.0.retain(|(key, value)| keep(key, value));
    }

    /// Keys and unescaped values, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &str)> + ExactSizeIterator {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there is no tag.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many tags there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Writes the wire form without the leading `@`.
    pub(crate) fn write(&self, out: &mut impl Write) -> fmt::Result {
        for (index, (key, value)) in self.iter().enumerate() {
            if index > 0 {
                out.write_char(';')?;
            }
            out.write_str(key)?;
            if !value.is_empty() {
                out.write_char('=')?;
                write_escaped(value, out)?;
            }
        }
        Ok(())
    }

    /// Removes the earlier ones of tags with the same key. Searched as a tree, so that a line full
    /// of tiny tags does not cost quadratic time.
    fn keep_last_of_each_key(&mut self) {
        if self.0.len() < 2 {
            return;
        }
        let mut seen = BTreeSet::new();
        let mut last: Vec<_> = self
            .0
            .drain(..)
            .rev()
            .filter(|(key, _)| seen.insert(key.clone()))
            .collect();
        last.reverse();
        self.0 = last;
    }
}

/// The wire form without the leading `@`: `key=value;key`.
impl fmt::Display for Tags {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out)
    }
}

impl<K: Into<CompactString>, V: Into<CompactString>> FromIterator<(K, V)> for Tags {
    /// Of pairs with the same key the last one counts.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut tags = Self(
            pairs
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        );
        tags.keep_last_of_each_key();
        tags
    }
}

/// Whether `key` names a client-only tag, which servers relay without understanding it.
/// <https://ircv3.net/specs/extensions/message-tags#client-only-tags>
pub fn is_client_only(key: &str) -> bool {
    key.starts_with('+')
}

/// Whether `key` follows the grammar `['+'] [vendor '/'] name`, with letters, digits and hyphens in
/// the name and a host name as vendor.
pub fn is_valid_key(key: &str) -> bool {
    let key = key.strip_prefix('+').unwrap_or(key);
    let (vendor, name) = match key.split_once('/') {
        Some((vendor, name)) => (Some(vendor), name),
        None => (None, key),
    };
    let is_name = |text: &str, extra: &[u8]| {
        !text.is_empty()
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || extra.contains(&byte))
    };
    is_name(name, b"") && vendor.is_none_or(|vendor| is_name(vendor, b"."))
}

/// Appends `value` to `out` in the escaped form of the wire. NUL, which no line can carry, is left out.
pub fn escape_value(value: &str, out: &mut String) {
    write_escaped(value, out).expect("writing to a String cannot fail");
}

fn write_escaped(value: &str, out: &mut impl Write) -> fmt::Result {
    let mut rest = value;
    while let Some(index) = rest.find([';', ' ', '\\', '\r', '\n', '\0']) {
        out.write_str(&rest[..index])?;
        out.write_str(match rest.as_bytes()[index] {
            b';' => r"\:",
            b' ' => r"\s",
            b'\\' => r"\\",
            b'\r' => r"\r",
            b'\n' => r"\n",
            _ => "",
        })?;
        rest = &rest[index + 1..];
    }
    out.write_str(rest)
}

/// The value that `escaped` stands for. An unknown escape stands for its character; a backslash at
/// the end stands for nothing.
pub fn unescape_value(escaped: &str) -> CompactString {
    if !escaped.contains('\\') {
        return CompactString::new(escaped);
    }
    let mut value = CompactString::with_capacity(escaped.len());
    let mut chars = escaped.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            value.push(char);
            continue;
        }
        match chars.next() {
            Some(':') => value.push(';'),
            Some('s') => value.push(' '),
            Some('r') => value.push('\r'),
            Some('n') => value.push('\n'),
            Some(other) => value.push(other),
            None => {}
        }
    }
    value
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn the_examples_of_the_specification_are_read() {
        let tags = Tags::parse("aaa=bbb;ccc;example.com/ddd=eee").unwrap();
        let pairs: Vec<_> = tags.iter().collect();
        assert_eq!(
            pairs,
            [("aaa", "bbb"), ("ccc", ""), ("example.com/ddd", "eee")]
        );
        let tags = Tags::parse(r"+example=raw+:=,escaped\:\s\\").unwrap();
        assert_eq!(tags.get("+example"), Some(r"raw+:=,escaped; \"));
        assert_eq!(tags.to_string(), r"+example=raw+:=,escaped\:\s\\");
    }

    #[test]
    fn unknown_escapes_stand_for_their_character() {
        assert_eq!(unescape_value(r"a\b\é\"), "abé");
        assert_eq!(unescape_value(r"\r\n\\n"), "\r\n\\n");
        assert_eq!(unescape_value(r"\"), "");
    }

    #[test]
    fn the_last_of_equal_keys_counts() {
        assert_eq!(Tags::parse("a=1;b;a=2;;").unwrap().to_string(), "b;a=2");
        let many: String = (0..3_000)
            .map(|index| format!("k{}={index};", index % 1_000))
            .collect();
        let tags = Tags::parse(&many).unwrap();
        assert_eq!(tags.len(), 1_000);
        assert_eq!(tags.get("k7"), Some("2007"));
        assert_eq!(tags.iter().next(), Some(("k0", "2000")));
        let collected: Tags = [("a", "1"), ("a", "2")].into_iter().collect();
        assert_eq!(collected.to_string(), "a=2");
    }

    #[test]
    fn a_list_of_tags_is_edited() {
        let mut tags = Tags::new();
        tags.push("time", "now");
        tags.insert("+typing", "active");
        tags.insert("time", "then");
        assert_eq!(tags.to_string(), "time=then;+typing=active");
        tags.retain(|key, _| is_client_only(key));
        assert_eq!(tags.to_string(), "+typing=active");
        assert_eq!(tags.remove("+typing").as_deref(), Some("active"));
        assert!(tags.is_empty() && !tags.contains("+typing"));
    }

    #[test]
    fn keys_follow_the_grammar() {
        for key in [
            "a",
            "+a",
            "msgid",
            "draft/reply",
            "+draft/reply",
            "a-1",
            "xn--e1afmkfd.org/foo",
        ] {
            assert!(is_valid_key(key), "{key:?}");
        }
        for key in [
            "", "+", "a/", "/a", "a/b/c", "a_b", "a b", "é", "a.b", "-+a",
        ] {
            assert!(!is_valid_key(key), "{key:?}");
        }
    }
}
