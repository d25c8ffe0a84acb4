//! Reads metadata back: a canonical JSON object whose members are texts, numbers, true or false.

use std::collections::HashMap;
use std::str::Chars;

/// The members of an object, each as text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Members(HashMap<String, String>);

impl Members {
    /// Reads an object. `None` for what no entry has as its metadata.
    pub(crate) fn parse(json: &str) -> Option<Self> {
        let mut members = HashMap::new();
        let mut chars = json.strip_prefix('{')?.strip_suffix('}')?.chars();
        while !chars.as_str().is_empty() {
            chars = chars.as_str().strip_prefix('"')?.chars();
            let key = text(&mut chars)?;
            chars = chars.as_str().strip_prefix(':')?.chars();
            let value = match chars.as_str().strip_prefix('"') {
                Some(rest) => {
                    chars = rest.chars();
                    text(&mut chars)?
                }
                None => {
                    let rest = chars.as_str();
                    let end = rest.find(',').unwrap_or(rest.len());
                    chars = rest[end..].chars();
                    rest[..end].to_owned()
                }
            };
            members.insert(key, value);
            match chars.next() {
                None => break,
                Some(',') => {}
                Some(_) => return None,
            }
        }
        Some(Self(members))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Each with its name, in no particular order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// The number behind a subject of some sort, as in `account:7`.
    pub(crate) fn id<T: std::str::FromStr>(&self, key: &str, sort: &str) -> Option<T> {
        let (found, id) = self.get(key)?.split_once(':')?;
        (found == sort).then(|| id.parse().ok()).flatten()
    }

    /// The number of who is shown as the author of an event; 0 for the server.
    pub(crate) fn author(&self) -> Option<u64> {
        match self.get("auteur") {
            Some(author) => author.parse().ok(),
            None => Some(self.person("acteur").unwrap_or(0)),
        }
    }

    /// The number of a person.
    pub(crate) fn person(&self, key: &str) -> Option<u64> {
        self.id(key, "account").or_else(|| self.id(key, "guest"))
    }
}

/// A text up to the quotation mark that ends it.
fn text(chars: &mut Chars<'_>) -> Option<String> {
    let mut text = String::new();
    loop {
        text.push(match chars.next()? {
            '"' => return Some(text),
            '\\' => match chars.next()? {
                'b' => '\u{8}',
                't' => '\t',
                'n' => '\n',
                'f' => '\u{c}',
                'r' => '\r',
                'u' => {
                    let code: String = chars.by_ref().take(4).collect();
                    char::from_u32(u32::from_str_radix(&code, 16).ok()?)?
                }
                escaped => escaped,
            },
            other => other,
        });
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::Members;
    use crate::register::canonical::Object;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(value: String, number: i64, other: String) {
            let json = Object::new()
                .boolean("a", true)
                .integer("b", number)
                .text("c", &value)
                .text("d", &other)
                .finish();
            let members = Members::parse(&json).unwrap();
            prop_assert_eq!(members.get("a"), Some("true"));
            let number = number.to_string();
            prop_assert_eq!(members.get("b"), Some(number.as_str()));
            prop_assert_eq!(members.get("c"), Some(value.as_str()));
            prop_assert_eq!(members.get("d"), Some(other.as_str()));
            prop_assert_eq!(members.get("e"), None);
        }

        #[test]
        fn nothing_makes_it_panic(json: String) {
            let _ = Members::parse(&json);
            let _ = Members::parse(&format!("{{\"{json}\":"));
        }
    }

    #[test]
    fn people_are_accounts_or_guests() {
        let json = r#"{"acteur":"account:7","cible":"guest:9","lieu":"room:-3"}"#;
        let members = Members::parse(json).unwrap();
        assert_eq!(members.person("acteur"), Some(7));
        assert_eq!(members.person("cible"), Some(9));
        assert_eq!(members.person("lieu"), None);
        assert_eq!(members.id("lieu", "room"), Some(-3));
        assert_eq!(Members::parse("{}"), Some(Members::default()));
        assert_eq!(Members::parse("[]"), None);
    }
}
