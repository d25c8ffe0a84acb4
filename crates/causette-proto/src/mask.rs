//! Masks of users, `nick!user@host` with `*` and `?`, as bans use them.
//! Which lists of masks exist is decided in `causette-core`.
//!
//! <https://modern.ircdocs.horse/#wildcard-expressions>

use std::fmt;
use std::hash::{Hash, Hasher};

use compact_str::{CompactString, format_compact};

use crate::casemap::Casemap;
use crate::limits::MASK_BYTES_MAX;
use crate::name::NameError;

/// A complete `nick!user@host` mask. Masks that differ only in case are equal.
#[derive(Debug, Clone)]
pub struct Mask {
    shown: CompactString,
    /// As it is compared: folded once, and not for each message.
    key: CompactString,
}

impl Mask {
    /// Reads a mask and completes it: `bob` is `bob!*@*`, `*@host` is `*!*@host`, and a text that only
    /// a host can be (it has a `.`, `:` or `/`) is `*!*@text`. Signs with nothing between them, as `!` or `!@`, are no mask: whoever
    /// means everybody writes `*`.
    ///
    /// # Errors
    /// [`NameError::Empty`]; [`NameError::TooLong`] past [`MASK_BYTES_MAX`] bytes once completed;
    /// [`NameError::Forbidden`] for a space, comma or control character.
    pub fn parse(text: &str, casemap: Casemap) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > MASK_BYTES_MAX {
            return Err(NameError::TooLong);
        }
        if let Some(char) = text
            .chars()
            .find(|&char| char.is_whitespace() || char.is_control() || char == ',')
        {
            return Err(NameError::Forbidden(char));
        }
        let (left, host) = match text.rsplit_once('@') {
            Some((left, host)) => (left, host),
            None if !text.contains('!') && text.contains(['.', ':', '/']) => ("", text),
            None => (text, ""),
        };
        let (nick, user) = match left.split_once('!') {
            Some((nick, user)) => (nick, user),
            None if text.contains('@') => ("", left),
            None => (left, ""),
        };
        if [nick, user, host].iter().all(|part| part.is_empty()) {
            return Err(NameError::Empty);
        }
        let or_any = |part: &str| {
            if part.is_empty() {
                CompactString::const_new("*")
            } else {
                CompactString::new(part)
            }
        };
        let shown = format_compact!("{}!{}@{}", or_any(nick), or_any(user), or_any(host));
        if shown.len() > MASK_BYTES_MAX {
            return Err(NameError::TooLong);
        }
        let key = casemap.fold(&shown);
        Ok(Self { shown, key })
    }

    /// Whether the mask covers `candidate`, a full `nick!user@host` folded by the same mapping.
    pub fn matches(&self, candidate: &str) -> bool {
        glob(&self.key, candidate)
    }

    /// The complete mask.
    pub fn as_str(&self) -> &str {
        &self.shown
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.shown)
    }
}

impl PartialEq for Mask {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for Mask {}

impl Hash for Mask {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key.hash(state);
    }
}

/// Whether `text` follows `pattern`, in which `*` stands for any text and `?` for any one character,
/// ASCII letters of both cases being the same.
///
/// Only the last `*` is ever tried again, so that the time is at most the product of the two lengths.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, bytes) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut position) = (0, 0);
    // After the last `*`: where the pattern goes on, and where in the text it is tried.
    let mut retry = None;
    while position < bytes.len() {
        match pattern.get(at) {
            Some(b'*') => {
                at += 1;
                retry = Some((at, position));
                continue;
            }
            Some(b'?') => {
                at += 1;
                position += char_bytes(bytes[position]);
                continue;
            }
            Some(byte) if byte.eq_ignore_ascii_case(&bytes[position]) => {
                at += 1;
                position += 1;
                continue;
            }
            _ => {}
        }
        let Some((after_star, tried)) = retry else {
            return false;
        };
        let next = tried + char_bytes(bytes[tried]);
        retry = Some((after_star, next));
        at = after_star;
        position = next;
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

/// Bytes of the UTF-8 character that begins with `lead`.
fn char_bytes(lead: u8) -> usize {
    match lead {
        0..=0xBF => 1,
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        _ => 4,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn parse(text: &str) -> Result<Mask, NameError> {
        Mask::parse(text, Casemap::Ascii)
    }

    #[test]
    fn partial_masks_are_completed() {
        for (text, complete) in [
            ("bob", "bob!*@*"),
            ("*", "*!*@*"),
            ("bob!", "bob!*@*"),
            ("!robert", "*!robert@*"),
            ("bob!robert", "bob!robert@*"),
            ("*@host", "*!*@host"),
            ("robert@host", "*!robert@host"),
            ("bob!robert@host", "bob!robert@host"),
            ("*.example.org", "*!*@*.example.org"),
            ("2001:db8::*", "*!*@2001:db8::*"),
            ("gateway/web/*", "*!*@gateway/web/*"),
        ] {
            assert_eq!(parse(text).unwrap().as_str(), complete, "{text:?}");
        }
    }

    #[test]
    fn refusals_name_their_reason() {
        for text in ["", "!", "@", "!@"] {
            assert_eq!(parse(text), Err(NameError::Empty), "{text:?}");
        }
        assert_eq!(parse("a b"), Err(NameError::Forbidden(' ')));
        assert_eq!(parse("a,b"), Err(NameError::Forbidden(',')));
        assert_eq!(parse("a\u{7}"), Err(NameError::Forbidden('\u{7}')));
        assert_eq!(
            parse(&"a".repeat(MASK_BYTES_MAX - 4))
                .unwrap()
                .as_str()
                .len(),
            MASK_BYTES_MAX
        );
        assert_eq!(
            parse(&"a".repeat(MASK_BYTES_MAX - 3)),
            Err(NameError::TooLong)
        );
    }

    #[test]
    fn masks_ignore_case() {
        let mask = parse("Bob*!*@*.Example.ORG").unwrap();
        assert!(mask.matches("bobby!x@a.b.example.org"));
        assert!(!mask.matches("bobby!x@example.org"));
        assert!(!mask.matches("alice!x@a.example.org"));
        assert_eq!(mask, parse("bob*!*@*.example.org").unwrap());
        let mask = Mask::parse("ÉLO*", Casemap::Precis).unwrap();
        assert!(mask.matches(&Casemap::Precis.fold("Élodie!~e@Host")));
        assert_eq!(mask.as_str(), "ÉLO*!*@*");
        assert_eq!(mask, Mask::parse("e\u{301}lo*", Casemap::Precis).unwrap());
    }

    #[test]
    fn globs_match_whole_texts() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("**", "abc", true),
            ("?", "", false),
            ("?", "é", true),
            ("??", "é", false),
            ("a*c", "abbc", true),
            ("a*c", "abcb", false),
            ("*ab", "aab", true),
            ("*?b*", "xéb", true),
            ("*??b*", "日bx", false),
            ("ABC", "abc", true),
            ("É", "é", false),
        ] {
            assert_eq!(glob(pattern, text), expected, "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn many_stars_cost_no_exponential_time() {
        let pattern = format!("{}b", "a*".repeat(2_000));
        assert!(!glob(&pattern, &"a".repeat(20_000)));
    }
}
