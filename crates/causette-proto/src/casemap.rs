//! Names that are equal whatever their case: nicks, channels and accounts.
//! Which names are reserved or taken is decided in `causette-core`.
//!
//! The mapping is `CASEMAPPING=ascii`: only `A`–`Z` and `a`–`z` are the same letters.
//! <https://modern.ircdocs.horse/#casemapping-parameter>

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use compact_str::CompactString;

/// Why a text cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameError {
    /// Nothing is left to be a name.
    Empty,
    /// More bytes than allowed.
    TooLong,
    /// This character may not stand where it stands.
    Forbidden(char),
}

impl fmt::Display for NameError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => out.write_str("the name is empty"),
            Self::TooLong => out.write_str("the name is too long"),
            Self::Forbidden(char) => write!(out, "the name contains {char:?} where it may not"),
        }
    }
}

impl std::error::Error for NameError {}

/// The form of `name` that all its spellings share: ASCII letters in lower case.
pub fn fold(name: &str) -> CompactString {
    let mut key = CompactString::new(name);
    key.make_ascii_lowercase();
    key
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $check:ident;)+) => {$(
        $(#[$doc])*
        ///
        /// Equality, order and hash follow the folded [`key`](Self::key), by which maps can be searched.
        #[derive(Clone)]
        pub struct $name {
            display: CompactString,
            key: CompactString,
        }

        impl $name {
            /// Checks `name`, which may have `max_bytes` bytes.
            ///
            /// # Errors
            /// Names the first rule that the text breaks.
            pub fn parse(name: &str, max_bytes: usize) -> Result<Self, NameError> {
                if name.len() > max_bytes {
                    return Err(NameError::TooLong);
                }
                $check(name)?;
                Ok(Self { display: CompactString::new(name), key: fold(name) })
            }

            /// The name as its owner spells it.
            pub fn as_str(&self) -> &str {
                &self.display
            }

            /// The folded name, equal for all spellings.
            pub fn key(&self) -> &str {
                &self.key
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.pad(&self.display)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.debug_tuple(stringify!($name)).field(&self.display).finish()
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                self.key == other.key
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.key().hash(state);
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.key.cmp(&other.key)
            }
        }

        /// The folded key, so that a map can be searched by it; fold the text first.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.key
            }
        }

        /// The name as its owner spells it.
        impl From<&$name> for CompactString {
            fn from(name: &$name) -> Self {
                name.display.clone()
            }
        }
    )+};
}

names! {
    /// A nickname: ASCII letters, digits and ``-[]\`_^{|}``, first neither a digit nor `-`.
    /// <https://modern.ircdocs.horse/#clients>
    Nick, check_nick;

    /// A channel's name: `#` and a text without spaces, commas, colons, control or invisible characters.
    /// <https://modern.ircdocs.horse/#channels>
    ChannelName, check_channel_name;

    /// An account's name, of the same alphabet as a nick, because each account owns the nick of its name.
    AccountName, check_nick;
}

fn check_nick(name: &str) -> Result<(), NameError> {
    let first = name.chars().next().ok_or(NameError::Empty)?;
    if first.is_ascii_digit() || first == '-' {
        return Err(NameError::Forbidden(first));
    }
    let is_allowed = |char: char| {
        char.is_ascii_alphanumeric()
            || matches!(
                char,
                '-' | '[' | ']' | '\\' | '`' | '_' | '^' | '{' | '|' | '}'
            )
    };
    match name.chars().find(|&char| !is_allowed(char)) {
        Some(char) => Err(NameError::Forbidden(char)),
        None => Ok(()),
    }
}

fn check_channel_name(name: &str) -> Result<(), NameError> {
    let mut chars = name.chars();
    match chars.next() {
        None => return Err(NameError::Empty),
        Some('#') => {}
        Some(other) => return Err(NameError::Forbidden(other)),
    }
    if chars.as_str().is_empty() {
        return Err(NameError::Empty);
    }
    match chars.find(|&char| {
        matches!(char, ',' | ':') || char.is_whitespace() || char.is_control() || is_invisible(char)
    }) {
        Some(char) => Err(NameError::Forbidden(char)),
        None => Ok(()),
    }
}

/// Characters without a width, or which turn the direction of the text: with them two channels could
/// look the same. The joiners U+200C and U+200D stay allowed, since some scripts need them.
fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::collections::HashMap;

    use super::*;

    #[test]
    fn names_are_equal_whatever_their_case() {
        let nick = Nick::parse("Alice[1]", 30).unwrap();
        assert_eq!(nick, Nick::parse("aLICE[1]", 30).unwrap());
        assert_ne!(nick, Nick::parse("Alice{1}", 30).unwrap());
        assert_eq!(
            (nick.as_str(), nick.key(), nick.to_string().as_str()),
            ("Alice[1]", "alice[1]", "Alice[1]")
        );
        assert!(Nick::parse("B", 30).unwrap() > Nick::parse("a", 30).unwrap());
        assert_eq!(format!("{nick:?}"), "Nick(\"Alice[1]\")");
    }

    #[test]
    fn a_map_is_searched_by_the_folded_text() {
        let mut topics = HashMap::new();
        topics.insert(ChannelName::parse("#Thé", 64).unwrap(), "vert");
        assert_eq!(topics.get(fold("#THé").as_str()), Some(&"vert"));
        assert_eq!(topics.get("#Thé"), None, "the text was not folded");
        assert_eq!(
            topics.get(fold("#thÉ").as_str()),
            None,
            "only ASCII letters are folded"
        );
    }

    #[test]
    fn nicks_have_a_narrow_alphabet() {
        for name in ["a", "_a-1", "[]\\`^{|}", "Z9"] {
            assert_eq!(Nick::parse(name, 30).unwrap().as_str(), name);
            assert_eq!(AccountName::parse(name, 30).unwrap().as_str(), name);
        }
        for char in [
            '*', '@', '!', ',', ':', '#', '$', ' ', '.', '/', '~', '&', '+', '?', '\0', '\n', 'é',
        ] {
            assert_eq!(
                Nick::parse(&format!("a{char}"), 30),
                Err(NameError::Forbidden(char))
            );
        }
        for char in ['1', '-'] {
            assert_eq!(
                Nick::parse(&format!("{char}a"), 30),
                Err(NameError::Forbidden(char))
            );
        }
        assert_eq!(Nick::parse("", 30), Err(NameError::Empty));
        assert_eq!(Nick::parse("abcd", 3), Err(NameError::TooLong));
    }

    #[test]
    fn channels_may_be_named_in_any_script() {
        for name in ["#a", "##", "#c++", "#thé-à-la-menthe", "#日本"] {
            assert_eq!(ChannelName::parse(name, 64).unwrap().as_str(), name);
        }
        for char in [
            ' ', ',', ':', '\u{7}', '\n', '\u{a0}', '\u{85}', '\u{202e}', '\u{200b}',
        ] {
            assert_eq!(
                ChannelName::parse(&format!("#a{char}b"), 64),
                Err(NameError::Forbidden(char))
            );
        }
        assert_eq!(ChannelName::parse("&a", 64), Err(NameError::Forbidden('&')));
        assert_eq!(ChannelName::parse("#", 64), Err(NameError::Empty));
        assert_eq!(ChannelName::parse("", 64), Err(NameError::Empty));
        assert_eq!(ChannelName::parse("#é", 2), Err(NameError::TooLong));
    }
}
