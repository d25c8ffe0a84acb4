//! The masks of a channel's lists: `nick!user@host`, and the extended ones that begin with `~`.
//!
//! `~account:name` (or `~a:`) covers who is signed in to an account, `~mute:mask` (or `~m:`) keeps whom it covers from speaking
//! and not from entering. <https://ircv3.net/specs/extensions/account-extban>

use crate::limits::MASK_BYTES;
use crate::user::User;
use causette_proto::mask::glob;
use causette_proto::{Casemap, CompactString, Mask};

/// EXTBAN in 005: the character before, and the letters.
pub(crate) const EXTBAN: &str = "~,am";

/// ACCOUNTEXTBAN in 005: the names of the account extban.
pub(crate) const ACCOUNT_EXTBAN: &str = "account,a";

/// A mask of a list.
#[derive(Clone, Debug)]
pub(crate) struct ListMask {
    /// As it is shown and kept.
    shown: CompactString,
    /// The same for all spellings.
    key: CompactString,
    mutes: bool,
    whom: Whom,
}

#[derive(Clone, Debug)]
enum Whom {
    /// By `nick!user@host`.
    Mask(Mask),
    /// By the account's folded name, with `*` and `?`.
    Account(CompactString),
}

/// What a list is asked about somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person<'a> {
    pub(crate) user: &'a User,
    /// The folded name of their account.
    pub(crate) account: Option<&'a str>,
}

impl ListMask {
    /// Reads a mask; `None` where it is none.
    pub(crate) fn parse(text: &str, casemap: Casemap) -> Option<Self> {
        // A mask that begins with a colon could not be shown as it is.
        if text.starts_with(':') {
            return None;
        }
        let (mutes, rest) = match extended(text, "m", "mute") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whom, rest) = match extended(rest, "a", "account") {
            Some(account) => {
                let valid = !account.is_empty()
                    && !account.contains(|c: char| c.is_whitespace() || c.is_control() || c == ',');
                if !valid {
                    return None;
                }
                let shown = format!("~account:{account}");
                (Whom::Account(casemap.fold(account)), shown)
            }
            None if rest.starts_with('~') && !rest.contains(['!', '@']) => return None,
            None => {
                let mask = Mask::parse(rest, casemap).ok()?;
                let shown = mask.to_string();
                (Whom::Mask(mask), shown)
            }
        };
        let shown = if mutes { format!("~mute:{rest}") } else { rest };
        // As it is shown it is recorded and read back, so that form is the one that must not be too long.
        if shown.len() > MASK_BYTES {
            return None;
        }
        Some(Self {
            key: casemap.fold(&shown),
            shown: shown.into(),
            mutes,
            whom,
        })
    }

    /// As it is shown.
    pub(crate) fn as_str(&self) -> &str {
        &self.shown
    }

    /// Whether it only keeps from speaking.
    pub(crate) fn mutes(&self) -> bool {
        self.mutes
    }

    /// Whether it covers somebody: by the host that others see, or by one that is hidden behind it.
    pub(crate) fn covers(&self, person: Person<'_>) -> bool {
        match &self.whom {
            Whom::Account(pattern) => person.account.is_some_and(|name| glob(pattern, name)),
            Whom::Mask(mask) => {
                let user = person.user;
                mask.matches(user.folded())
                    || user
                        .hidden_hosts
                        .iter()
                        .any(|host| mask.matches(&user.folded_at(host)))
            }
        }
    }
}

impl PartialEq for ListMask {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

fn extended<'a>(text: &'a str, letter: &str, name: &str) -> Option<&'a str> {
    let (word, rest) = text.strip_prefix('~')?.split_once(':')?;
    (word.eq_ignore_ascii_case(letter) || word.eq_ignore_ascii_case(name)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_shown_whole() {
        let parse = |text: &str| ListMask::parse(text, Casemap::Ascii);
        let shown = |text: &str| parse(text).map(|mask| mask.as_str().to_owned());
        assert_eq!(shown("bob").as_deref(), Some("bob!*@*"));
        assert_eq!(shown("~a:bob").as_deref(), Some("~account:bob"));
        assert_eq!(shown("~MUTE:*@spam.*").as_deref(), Some("~mute:*!*@spam.*"));
        assert_eq!(shown("~m:~a:bob").as_deref(), Some("~mute:~account:bob"));
        for text in ["", ":bob", "~a:", "~x:bob", "~m:", "~a:b,c", "a b"] {
            assert_eq!(shown(text), None, "{text}");
        }
        for short in ["~m:b*!*@", "~a:", "~m:~a:", ""] {
            let longest = (1..=MASK_BYTES)
                .rev()
                .find_map(|count| parse(&format!("{short}{}", "x".repeat(count))))
                .expect("a mask");
            assert_eq!(longest.as_str().len(), MASK_BYTES);
            assert_eq!(parse(longest.as_str()), Some(longest));
        }
        // What was shown is read back as it was.
        let mask = parse("~m:~a:bob").expect("a mask");
        assert!(mask.mutes());
        assert_eq!(parse(mask.as_str()), Some(mask));
    }
}
