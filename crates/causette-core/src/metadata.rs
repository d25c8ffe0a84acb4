//! What people say of themselves and of channels under keys, for clients to show: a name, a picture, a page.
//! <https://github.com/ircv3/ircv3-specifications/pull/613>

use crate::id::{AccountId, RoomId, UserId};
use causette_proto::{CompactString, is_invisible};

/// Of whom or what something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// An account. It stays as long as that.
    Account(AccountId),
    /// A channel. It stays as long as that is open.
    Room(RoomId),
    /// A person without account. It passes with their connection.
    Guest(UserId),
}

/// What is said under a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Metadatum {
    /// Of whom or what.
    pub whose: Whose,
    /// The key.
    pub key: CompactString,
    /// What; where it is a change, empty for nothing any more.
    pub value: CompactString,
}

/// What a person is called in place of their nickname.
pub(crate) const DISPLAY_NAME: &str = "display-name";

/// The keys that lead to something in the Web.
const ADDRESSES: [&str; 2] = ["avatar", "homepage"];

/// Whether a key is made of what keys are made of, and is no longer than they may be.
pub(crate) fn is_key(key: &str, bytes_max: usize) -> bool {
    let fits = (1..=bytes_max).contains(&key.len());
    let of_key = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'/' | b'-');
    fits && key.bytes().all(of_key)
}

/// Whether a key may have a value, as far as that can be told from the two.
pub(crate) fn is_value(key: &str, value: &str) -> bool {
    match key {
        DISPLAY_NAME => {
            // What nobody sees, or turns letters around, makes a name look like another.
            let hides = |char: char| char.is_control() || is_invisible(char);
            !value.trim().is_empty() && !value.contains(hides)
        }
        _ if ADDRESSES.contains(&key) => is_address(value),
        _ => !value.contains(['\0', '\r', '\n']),
    }
}

/// Whether a text is an address of the Web: nothing else is opened for whoever looks at somebody.
fn is_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let known = ["http", "https"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let blank = |letter: char| letter.is_whitespace() || letter.is_control();
    known && !host.is_empty() && !text.contains(blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_of_small_letters_and_few_signs() {
        for key in ["avatar", "display-name", "soju.im/bot_1", "0"] {
            assert!(is_key(key, 32), "{key}");
        }
        for key in ["", "Avatar", "$url", "clé", "a b", "a:b", "a,b", "*"] {
            assert!(!is_key(key, 32), "{key}");
        }
        assert!(is_key(&"k".repeat(32), 32) && !is_key(&"k".repeat(33), 32));
    }

    #[test]
    fn what_leads_into_the_web_leads_nowhere_else() {
        for value in [
            "https://example.org/{size}/a.png",
            "HTTP://example.org",
            "http://[::1]:8080/?a#b",
        ] {
            assert!(is_value("avatar", value), "{value}");
        }
        for value in [
            "javascript:alert(1)",
            "file:///etc/passwd",
            "data:image/png;base64,AA",
            "example.org/a.png",
            "https://",
            "https:///a.png",
            "https://example.org/a b",
            "ftp://example.org/",
        ] {
            assert!(!is_value("avatar", value), "{value}");
            assert!(!is_value("homepage", value), "{value}");
            assert!(is_value("status", value), "{value}");
        }
        assert!(is_value("display-name", "Alice Martin 🌸"));
        assert!(!is_value("display-name", "  ") && !is_value("display-name", "a\u{1b}[31m"));
        assert!(!is_value("status", "a\0b"));
    }
}
