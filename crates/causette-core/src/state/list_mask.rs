//! The masks of a channel's lists: `nick!user@host`, and the extended ones that begin with `~`.
//!
//! `~account:name` (or `~a:`) covers who is signed in to an account, `~account:na*` to any whose name fits, `~mute:mask` (or `~m:`) keeps whom it covers from speaking
//! and not from entering. <https://ircv3.net/specs/extensions/account-extban>
//!
//! A mask that names one account means that account, and not whoever has its name later: it is of its id, and goes with it.

use crate::id::AccountId;
use crate::limits::MASK_BYTES;
use crate::state::user::User;
use causette_proto::mask::glob;
use causette_proto::{Casemap, CompactString, Mask};
use compact_str::format_compact;

/// EXTBAN in 005: the character before, and the letters.
pub(crate) const EXTBAN: &str = "~,am";

/// ACCOUNTEXTBAN in 005: the names of the account extban.
pub(crate) const ACCOUNT_EXTBAN: &str = "account,a";

/// How the host begins that people of an account have; its name follows.
pub(crate) const ACCOUNT_HOST: &str = "account/";

/// A mask of a list.
#[derive(Clone, Debug)]
pub(crate) struct ListMask {
    /// As it is shown and kept: completed, its extended words as they were written.
    shown: CompactString,
    /// The same for all spellings.
    key: CompactString,
    mutes: bool,
    whom: Whom,
    names: Names,
}

/// Which account a mask names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// None: it is about nicknames, hosts, or accounts whose names fit.
    None,
    /// This one.
    Account(AccountId),
    /// One that does not exist.
    Nobody,
}

#[derive(Clone, Debug)]
enum Whom {
    /// By `nick!user@host`.
    Mask(Mask),
    /// By the one account that the mask names.
    Account,
    /// By the account's folded name, with `*` and `?`.
    Accounts(CompactString),
}

/// What a list is asked about somebody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Person<'a> {
    pub(crate) user: &'a User,
    /// The folded name of their account.
    pub(crate) account: Option<&'a str>,
}

impl ListMask {
    /// Reads a mask; `None` where it is none. `find` knows the account of a folded name.
    pub(crate) fn parse(
        text: &str,
        casemap: Casemap,
        find: impl Fn(&str) -> Option<AccountId>,
    ) -> Option<Self> {
        // A mask that begins with a colon could not be shown as it is.
        if text.starts_with(':') {
            return None;
        }
        let (muting, rest) = extended(text, "m", "mute").unwrap_or(("", text));
        let mutes = !muting.is_empty();
        let (whom, shown, whole) = match extended(rest, "a", "account") {
            Some((word, account)) => {
                let no_name = |c: char| {
                    c.is_whitespace() || c.is_control() || matches!(c, ',' | '!' | '@' | ':')
                };
                if account.is_empty() || account.contains(no_name) {
                    return None;
                }
                let whom = if account.contains(['*', '?']) {
                    Whom::Accounts(casemap.fold(account))
                } else {
                    Whom::Account
                };
                (
                    whom,
                    format!("{word}{account}"),
                    format!("~account:{account}"),
                )
            }
            None if rest.starts_with('~') && !rest.contains(['!', '@']) => return None,
            None => {
                let mask = Mask::parse(rest, casemap).ok()?;
                let shown = mask.to_string();
                (Whom::Mask(mask), shown.clone(), shown)
            }
        };
        let shown = format!("{muting}{shown}");
        // As it is shown it is recorded and read back, so that form is the one that must not be too long.
        if shown.len() > MASK_BYTES {
            return None;
        }
        let key = casemap.fold(&if mutes {
            format!("~mute:{whole}")
        } else {
            whole
        });
        let names = match named(&key) {
            None => Names::None,
            Some(name) => find(name).map_or(Names::Nobody, Names::Account),
        };
        Some(Self {
            key,
            shown: shown.into(),
            mutes,
            whom,
            names,
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

    /// The account that it names, and with which it goes.
    pub(crate) fn account(&self) -> Option<AccountId> {
        match self.names {
            Names::Account(account) => Some(account),
            Names::None | Names::Nobody => None,
        }
    }

    /// The mask that means the same where the account that it names has another name, as it is shown.
    pub(crate) fn under(&self, name: &str) -> CompactString {
        let whole = self.shown.as_str();
        let (head, rest) = extended(whole, "m", "mute").unwrap_or(("", whole));
        if let Some((word, _)) = extended(rest, "a", "account") {
            return format_compact!("{head}{word}{name}");
        }
        let (who, host) = (rest.rsplit_once('@'), ACCOUNT_HOST);
        let by_host = who.map(|(who, _)| format_compact!("{head}{who}@{host}{name}"));
        // Where a longer name leaves no place for who of the account is meant, it is whoever comes from there.
        let by_host = by_host.filter(|mask| mask.len() <= MASK_BYTES);
        by_host.unwrap_or_else(|| format_compact!("{head}~account:{name}"))
    }

    /// Whether it names an account that does not exist: it means nobody, now and later.
    pub(crate) fn names_nobody(&self) -> bool {
        self.names == Names::Nobody
    }

    /// Whether it covers somebody: by the host that others see, or by one that is hidden behind it.
    pub(crate) fn covers(&self, person: Person<'_>) -> bool {
        match &self.whom {
            Whom::Account => person.user.account.is_some() && person.user.account == self.account(),
            Whom::Accounts(pattern) => person.account.is_some_and(|name| glob(pattern, name)),
            Whom::Mask(_) if self.names_nobody() => false,
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

/// The folded name of the one account that a folded mask names: behind `~account:`, or as the host that it gives its people.
fn named(key: &str) -> Option<&str> {
    let key = extended(key, "m", "mute").map_or(key, |(_, rest)| rest);
    let name = match extended(key, "a", "account") {
        Some((_, name)) => name,
        None => key.rsplit_once('@')?.1.strip_prefix(ACCOUNT_HOST)?,
    };
    (!name.contains(['*', '?'])).then_some(name)
}

/// Takes an extended mask apart that has a letter or a name: `~m:` as it was written, and what follows.
fn extended<'a>(text: &'a str, letter: &str, name: &str) -> Option<(&'a str, &'a str)> {
    let (word, rest) = text.strip_prefix('~')?.split_once(':')?;
    let known = word.eq_ignore_ascii_case(letter) || word.eq_ignore_ascii_case(name);
    known.then(|| (&text[..text.len() - rest.len()], rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_shown_whole() {
        let parse = |text: &str| ListMask::parse(text, Casemap::Ascii, |_| None);
        let shown = |text: &str| parse(text).map(|mask| mask.as_str().to_owned());
        assert_eq!(shown("bob").as_deref(), Some("bob!*@*"));
        assert_eq!(shown("~a:bob").as_deref(), Some("~a:bob"));
        assert_eq!(shown("~m:bob").as_deref(), Some("~m:bob!*@*"));
        assert_eq!(shown("~MUTE:*@spam.*").as_deref(), Some("~MUTE:*!*@spam.*"));
        assert_eq!(shown("~m:~account:bob").as_deref(), Some("~m:~account:bob"));
        let none = [
            "",
            ":bob",
            "~a:",
            "~x:bob",
            "~m:",
            "~a:b,c",
            "a b",
            "!",
            "!@",
            "~m:!",
            "~account:bob!*@*",
            "~a:bob@host",
            "~a:~a:bob",
        ];
        for text in none {
            assert_eq!(shown(text), None, "{text}");
        }
        // Two spellings of the same mask are the same mask.
        assert_eq!(parse("~m:~a:BOB"), parse("~mute:~account:bob"));
        assert_ne!(parse("~m:bob"), parse("bob"));
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

    #[test]
    fn a_mask_of_one_account_names_it() {
        let bob = |name: &str| (name == "bob").then_some(AccountId(2));
        let parse = |text: &str| ListMask::parse(text, Casemap::Ascii, bob).expect("a mask");
        for text in [
            "~a:Bob",
            "~account:bob",
            "~m:~a:bob",
            "*!*@account/bob",
            "~m:b*!*@Account/BOB",
        ] {
            assert_eq!(parse(text).account(), Some(AccountId(2)), "{text}");
        }
        for text in [
            "~a:b*",
            "~a:*",
            "bob",
            "*!*@account/*",
            "*!*@account.example",
            "~m:bob!*@*",
        ] {
            let mask = parse(text);
            assert!(mask.account().is_none() && !mask.names_nobody(), "{text}");
        }
        for text in ["~a:carol", "*!*@account/carol"] {
            assert!(parse(text).names_nobody(), "{text}");
        }
        for (text, renamed) in [
            ("~a:Bob", "~a:robert"),
            ("~m:~account:bob", "~m:~account:robert"),
            ("b*!x@account/bob", "b*!x@account/robert"),
            ("~mute:b*!*@Account/BOB", "~mute:b*!*@account/robert"),
        ] {
            assert_eq!(parse(text).under("robert"), renamed, "{text}");
        }
        let long = format!("{}!*@account/bob", "b".repeat(MASK_BYTES - 15));
        let longer = "r".repeat(20);
        assert_eq!(parse(&long).under(&longer), format!("~account:{longer}"));
    }
}
