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
