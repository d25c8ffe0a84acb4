//! Names that are equal whatever their case: nicks, channels and accounts.
//! Which spellings are the same name is decided in [`casemap`](crate::casemap), which names are reserved or taken in
//! `causette-core`.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use compact_str::CompactString;
use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::Error;
use precis_profiles::precis_core::profile::PrecisFastInvocation;
use unicode_normalization::char::is_combining_mark;

use crate::casemap::Casemap;

/// Why a text cannot be a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NameError {
    /// Nothing is left to be a name.
    Empty,
    /// More bytes than allowed.
    TooLong,
    /// This character may not stand where it stands.
    Forbidden(char),
    /// The whole breaks a rule of the PRECIS profile, though each character may stand there: its parts run in directions that
    /// do not go together, or its mapped form would be mapped again.
    Profile,
}

impl fmt::Display for NameError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => out.write_str("the name is empty"),
            Self::TooLong => out.write_str("the name is too long"),
            Self::Forbidden(char) => write!(out, "the name contains {char:?} where it may not"),
            Self::Profile => {
                out.write_str("the name is not in one direction, or has no lasting form")
            }
        }
    }
}

impl std::error::Error for NameError {}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident, $check:ident, $map:ident, $fold:ident;)+) => {$(
        $(#[$doc])*
        ///
        /// Equality, order and hash follow the folded [`key`](Self::key), by which maps can be searched.
        #[derive(Clone)]
        pub struct $name {
            display: CompactString,
            key: CompactString,
        }

        impl $name {
            /// Checks `name`, which may have `max_bytes` bytes, and as many in its folded form.
            ///
            /// # Errors
            /// Names the first rule that the text breaks.
            pub fn parse(name: &str, max_bytes: usize, casemap: Casemap) -> Result<Self, NameError> {
                if name.len() > max_bytes {
                    return Err(NameError::TooLong);
                }
                $check(name)?;
                let key = $map(name, casemap)?;
                if key.len() > max_bytes {
                    return Err(NameError::TooLong);
                }
                Ok(Self { display: CompactString::new(name), key })
            }

            /// A name that was good when it was given, perhaps under another mapping or by another bound.
            ///
            /// # Errors
            /// Names the rule of every mapping that the text breaks: it was never such a name.
            pub fn kept(name: &str, casemap: Casemap) -> Result<Self, NameError> {
                $check(name)?;
                Ok(Self { display: CompactString::new(name), key: casemap.$fold(name) })
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
    /// A nickname. With [`Casemap::Ascii`] ASCII letters, digits and ``-[]\`_^{|}``; with [`Casemap::Precis`] also what the
    /// profile UsernameCaseMapped takes of other scripts. First neither a digit, `-` nor a combining mark.
    /// <https://modern.ircdocs.horse/#clients>, <https://www.rfc-editor.org/rfc/rfc8265#section-3.3>
    Nick, check_person, map_person, fold;

    /// A channel's name: `#` and a text without spaces, commas, colons, control or invisible characters.
    /// <https://modern.ircdocs.horse/#channels>
    ChannelName, check_channel_name, map_channel, fold_channel;

    /// An account's name, of the same alphabet as a nick, because each account owns the nick of its name.
    AccountName, check_person, map_person, fold;
}

/// The nick that an account owns.
impl From<&AccountName> for Nick {
    fn from(name: &AccountName) -> Self {
        Self {
            display: name.display.clone(),
            key: name.key.clone(),
        }
    }
}

/// What every mapping asks of the name of a person.
fn check_person(name: &str) -> Result<(), NameError> {
    let first = name.chars().next().ok_or(NameError::Empty)?;
    // A combining mark would change what stands before the name.
    if first.is_numeric() || first == '-' || is_combining_mark(first) {
        return Err(NameError::Forbidden(first));
    }
    match name.chars().find(|&char| !may_name_a_person(char)) {
        Some(char) => Err(NameError::Forbidden(char)),
        None => Ok(()),
    }
}

fn may_name_a_person(char: char) -> bool {
    if char.is_ascii() {
        char.is_ascii_alphanumeric()
            || matches!(
                char,
                '-' | '[' | ']' | '\\' | '`' | '_' | '^' | '{' | '|' | '}'
            )
    } else {
        !char.is_whitespace() && !char.is_control() && !is_invisible(char)
    }
}

/// The key of a person's name that [`check_person`] has passed.
fn map_person(name: &str, casemap: Casemap) -> Result<CompactString, NameError> {
    let key = casemap.fold(name);
    let foreign = name.chars().find(|char| !char.is_ascii());
    match (casemap, foreign) {
        (_, None) => Ok(key),
        (Casemap::Ascii, Some(char)) => Err(NameError::Forbidden(char)),
        (Casemap::Precis, Some(_)) => {
            let mapped = enforced(name)?;
            // What is mapped must be such a name itself, so that it can be found and written by its key: full-width signs
            // become those that no name may have, and some letters got a small form only after the profile was made.
            check_person(&key)?;
            if mapped == key && enforced(&key)? == key {
                Ok(key)
            } else {
                Err(NameError::Profile)
            }
        }
    }
}

/// <https://www.rfc-editor.org/rfc/rfc8265#section-3.3.3>
fn enforced(name: &str) -> Result<String, NameError> {
    match UsernameCaseMapped::enforce(name) {
        Ok(mapped) => Ok(mapped.into_owned()),
        Err(Error::BadCodepoint(found)) => {
            let char = char::from_u32(found.cp).unwrap_or(char::REPLACEMENT_CHARACTER);
            Err(NameError::Forbidden(char))
        }
        Err(Error::Invalid | Error::Unexpected(_)) => Err(NameError::Profile),
    }
}

/// The key of a channel's name that [`check_channel_name`] has passed.
fn map_channel(name: &str, casemap: Casemap) -> Result<CompactString, NameError> {
    Ok(casemap.fold_channel(name))
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
pub fn is_invisible(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use std::collections::HashMap;

    use super::*;

    fn nick(name: &str) -> Result<Nick, NameError> {
        Nick::parse(name, 30, Casemap::Ascii)
    }

    fn precis(name: &str) -> Result<Nick, NameError> {
        Nick::parse(name, 30, Casemap::Precis)
    }

    fn channel(name: &str, casemap: Casemap) -> Result<ChannelName, NameError> {
        ChannelName::parse(name, 64, casemap)
    }

    #[test]
    fn names_are_equal_whatever_their_case() {
        let alice = nick("Alice[1]").unwrap();
        assert_eq!(alice, nick("aLICE[1]").unwrap());
        assert_ne!(alice, nick("Alice{1}").unwrap());
        assert_eq!(
            (alice.as_str(), alice.key(), alice.to_string().as_str()),
            ("Alice[1]", "alice[1]", "Alice[1]")
        );
        assert!(nick("B").unwrap() > nick("a").unwrap());
        assert_eq!(format!("{alice:?}"), "Nick(\"Alice[1]\")");
    }

    #[test]
    fn a_map_is_searched_by_the_folded_text() {
        let mut topics = HashMap::new();
        topics.insert(channel("#Thé", Casemap::Ascii).unwrap(), "vert");
        assert_eq!(
            topics.get(Casemap::Ascii.fold_channel("#THé").as_str()),
            Some(&"vert")
        );
        assert_eq!(topics.get("#Thé"), None, "the text was not folded");
        assert_eq!(
            topics.get(Casemap::Ascii.fold_channel("#thÉ").as_str()),
            None,
            "only ASCII letters are folded"
        );
    }

    #[test]
    fn nicks_have_a_narrow_alphabet() {
        for name in ["a", "_a-1", "[]\\`^{|}", "Z9"] {
            assert_eq!(nick(name).unwrap().as_str(), name);
            let account = AccountName::parse(name, 30, Casemap::Ascii).unwrap();
            assert_eq!(account.as_str(), name);
            assert_eq!(Nick::from(&account), nick(name).unwrap());
        }
        for char in [
            '*', '@', '!', ',', ':', '#', '$', ' ', '.', '/', '~', '&', '+', '?', '\0', '\n', 'é',
        ] {
            assert_eq!(nick(&format!("a{char}")), Err(NameError::Forbidden(char)));
        }
        for char in ['1', '-'] {
            assert_eq!(nick(&format!("{char}a")), Err(NameError::Forbidden(char)));
        }
        assert_eq!(nick(""), Err(NameError::Empty));
        assert_eq!(
            Nick::parse("abcd", 3, Casemap::Ascii),
            Err(NameError::TooLong)
        );
    }

    #[test]
    fn channels_may_be_named_in_any_script() {
        for name in ["#a", "##", "#c++", "#thé-à-la-menthe", "#日本"] {
            assert_eq!(channel(name, Casemap::Ascii).unwrap().as_str(), name);
        }
        for char in [
            ' ', ',', ':', '\u{7}', '\n', '\u{a0}', '\u{85}', '\u{202e}', '\u{200b}',
        ] {
            assert_eq!(
                channel(&format!("#a{char}b"), Casemap::Ascii),
                Err(NameError::Forbidden(char))
            );
        }
        assert_eq!(
            channel("&a", Casemap::Ascii),
            Err(NameError::Forbidden('&'))
        );
        assert_eq!(channel("#", Casemap::Ascii), Err(NameError::Empty));
        assert_eq!(channel("", Casemap::Ascii), Err(NameError::Empty));
        assert_eq!(
            ChannelName::parse("#é", 2, Casemap::Ascii),
            Err(NameError::TooLong)
        );
    }

    #[test]
    fn precis_takes_letters_of_any_script_and_maps_them() {
        for (name, key) in [
            ("Élodie", "élodie"),
            ("E\u{301}lodie", "élodie"),
            ("Ｂｏｂ", "bob"),
            ("straße", "straße"),
            ("ΟΔΟΣ", "οδοσ"),
            ("Алиса", "алиса"),
            ("אבג", "אבג"),
            ("日本", "日本"),
            ("İpek", "i\u{307}pek"),
            ("bob[1]", "bob[1]"),
        ] {
            let parsed = precis(name).unwrap();
            assert_eq!((parsed.as_str(), parsed.key()), (name, key));
            assert_eq!(precis(key), Ok(parsed));
        }
        assert_ne!(precis("strasse"), precis("straße"), "ß is a letter");
    }

    #[test]
    fn precis_refuses_what_is_no_letter_or_hides() {
        for (name, why) in [
            ("a😀", NameError::Forbidden('😀')),
            ("\u{301}bob", NameError::Forbidden('\u{301}')),
            ("٣bob", NameError::Forbidden('٣')),
            ("a\u{202e}b", NameError::Forbidden('\u{202e}')),
            ("a\u{200d}b", NameError::Forbidden('\u{200d}')),
            ("a\u{3000}b", NameError::Forbidden('\u{3000}')),
            ("é@b", NameError::Forbidden('@')),
            ("é＠b", NameError::Forbidden('@')),
            ("１é", NameError::Forbidden('１')),
            ("ﬁn", NameError::Forbidden('ﬁ')),
            ("aאב", NameError::Profile),
            ("Ꭰ", NameError::Forbidden('\u{ab70}')),
        ] {
            assert_eq!(precis(name), Err(why), "{name:?}");
        }
        let grows = Nick::parse("İ", 2, Casemap::Precis);
        assert_eq!(grows, Err(NameError::TooLong), "its key has three bytes");
    }

    #[test]
    fn channels_fold_in_every_script_with_precis() {
        let [composed, apart] =
            ["#THÉ", "#the\u{301}"].map(|name| channel(name, Casemap::Precis).unwrap());
        assert_eq!(composed, apart);
        assert_eq!(composed.key(), "#thé");
        let wide = channel("#ｔｈé", Casemap::Precis).unwrap();
        assert_ne!(wide, composed, "another width is another channel");
    }

    #[test]
    fn a_kept_name_is_read_under_any_mapping() {
        let kept = Nick::kept("Élodie", Casemap::Ascii).unwrap();
        assert_eq!((kept.as_str(), kept.key()), ("Élodie", "Élodie"));
        assert_eq!(
            Nick::kept("Élodie", Casemap::Precis).unwrap().key(),
            "élodie"
        );
        assert_eq!(
            AccountName::kept("a b", Casemap::Precis),
            Err(NameError::Forbidden(' '))
        );
        assert_eq!(
            ChannelName::kept("thé", Casemap::Ascii),
            Err(NameError::Forbidden('t'))
        );
    }
}
