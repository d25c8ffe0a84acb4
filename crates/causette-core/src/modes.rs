//! The modes of channels and users: the tables from which MODE, 004, 005, HELP and the protocol page are made.

use causette_proto::CompactString;
use causette_proto::mode::Arity;

/// A mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Its letter.
    pub letter: char,
    /// Whether it takes an argument.
    pub arity: Arity,
    /// The rank that sets it in a channel, as a mode letter; `None` where the rank depends on whom it concerns, or nobody may.
    pub needs: Option<char>,
    /// The key of what it does, in the locales.
    pub summary: &'static str,
    /// Where it is specified.
    pub spec: &'static str,
}

const MODERN: &str = "https://modern.ircdocs.horse/#channel-modes";
const MODERN_USERS: &str = "https://modern.ircdocs.horse/#user-modes";
const MODERN_MEMBERS: &str = "https://modern.ircdocs.horse/#channel-membership-prefixes";
const COMMON: &str = "https://defs.ircdocs.horse/defs/chanmodes";

const fn list(letter: char, summary: &'static str) -> Mode {
    Mode {
        letter,
        arity: Arity::List,
        needs: Some('h'),
        summary,
        spec: MODERN,
    }
}

const fn flag(letter: char, needs: char, summary: &'static str, spec: &'static str) -> Mode {
    Mode {
        letter,
        arity: Arity::Never,
        needs: Some(needs),
        summary,
        spec,
    }
}

const fn rank(letter: char, summary: &'static str) -> Mode {
    Mode {
        letter,
        arity: Arity::Always,
        needs: None,
        summary,
        spec: MODERN_MEMBERS,
    }
}

/// The modes of channels, in the order of CHANMODES and PREFIX.
pub const CHANNEL_MODES: &[Mode] = &[
    list('b', "mode-ban"),
    list('e', "mode-exception"),
    list('I', "mode-invite-exception"),
    Mode {
        letter: 'k',
        arity: Arity::Always,
        needs: Some('h'),
        summary: "mode-key",
        spec: MODERN,
    },
    Mode {
        letter: 'f',
        arity: Arity::WhenSet,
        needs: Some('o'),
        summary: "mode-forward",
        spec: COMMON,
    },
    Mode {
        letter: 'l',
        arity: Arity::WhenSet,
        needs: Some('h'),
        summary: "mode-limit",
        spec: MODERN,
    },
    Mode {
        letter: 'S',
        arity: Arity::WhenSet,
        needs: Some('h'),
        summary: "mode-slow",
        spec: COMMON,
    },
    flag('C', 'o', "mode-no-ctcp", COMMON),
    flag('M', 'o', "mode-speak-registered", COMMON),
    flag('R', 'o', "mode-join-registered", COMMON),
    flag('U', 'o', "mode-op-moderated", COMMON),
    flag('i', 'h', "mode-invite-only", MODERN),
    flag('m', 'h', "mode-moderated", MODERN),
    flag('n', 'h', "mode-members-only", MODERN),
    flag('s', 'h', "mode-secret", MODERN),
    flag('t', 'h', "mode-topic-locked", MODERN),
    flag('u', 'o', "mode-auditorium", COMMON),
    rank('q', "mode-founder"),
    rank('a', "mode-protected"),
    rank('o', "mode-operator"),
    rank('h', "mode-half-operator"),
    rank('v', "mode-voice"),
];

/// The modes of users.
pub const USER_MODES: &[Mode] = &[
    user('B', "user-mode-bot"),
    user('R', "user-mode-registered-only"),
    user('T', "user-mode-no-ctcp"),
    user('Z', "user-mode-secure"),
    user('i', "user-mode-invisible"),
    user('o', "user-mode-operator"),
    user('s', "user-mode-server-notices"),
    user('w', "user-mode-wallops"),
];

const fn user(letter: char, summary: &'static str) -> Mode {
    Mode {
        letter,
        arity: Arity::Never,
        needs: None,
        summary,
        spec: match letter {
            'B' => "https://ircv3.net/specs/extensions/bot-mode",
            'T' => "https://defs.ircdocs.horse/defs/usermodes",
            _ => MODERN_USERS,
        },
    }
}

/// The channel mode of a letter.
pub fn channel_mode(letter: char) -> Option<&'static Mode> {
    CHANNEL_MODES.iter().find(|mode| mode.letter == letter)
}

/// CHANMODES in 005: lists; always with an argument; with one when set; never.
/// <https://modern.ircdocs.horse/#chanmodes-parameter>
pub fn chanmodes() -> String {
    let ranked = |mode: &&Mode| mode.needs.is_some();
    let letters = |arity: Arity| -> String {
        let of_kind = CHANNEL_MODES.iter().filter(ranked);
        of_kind
            .filter(|mode| mode.arity == arity)
            .map(|mode| mode.letter)
            .collect()
    };
    [Arity::List, Arity::Always, Arity::WhenSet, Arity::Never]
        .map(letters)
        .join(",")
}

/// The letters of a table, in the order of the letters; of all modes, or of those with an argument. For 004.
pub fn letters(modes: &[Mode], with_argument: bool) -> String {
    let mut letters: Vec<char> = modes
        .iter()
        .filter(|mode| !with_argument || mode.arity != Arity::Never)
        .map(|mode| mode.letter)
        .collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

/// A set of mode letters, as small as a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Letters(u64);

impl Letters {
    /// The set of nothing.
    pub const NONE: Self = Self(0);

    /// The set of the ASCII letters of a text; other characters are ignored.
    pub fn of(text: &str) -> Self {
        let mut letters = Self::NONE;
        for letter in text.chars() {
            letters.set(letter, true);
        }
        letters
    }

    /// Puts a letter in, or takes it out.
    pub fn set(&mut self, letter: char, held: bool) {
        let bit = Self::bit(letter);
        self.0 = if held { self.0 | bit } else { self.0 & !bit };
    }

    /// Whether a letter is in it.
    pub fn has(self, letter: char) -> bool {
        self.0 & Self::bit(letter) != 0
    }

    /// These and others.
    pub fn with(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The letters in their order, capitals first.
    pub fn iter(self) -> impl Iterator<Item = char> {
        ('A'..='z').filter(move |letter| self.has(*letter))
    }

    /// `+` and the letters.
    pub fn text(self) -> CompactString {
        std::iter::once('+').chain(self.iter()).collect()
    }

    fn bit(letter: char) -> u64 {
        if letter.is_ascii_alphabetic() {
            1 << (letter as u32 - 'A' as u32)
        } else {
            0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::RANKS;
    use causette_text::Language;
    use causette_text::has_text;

    #[test]
    fn every_mode_is_there_once_and_explained_in_both_languages() {
        for table in [CHANNEL_MODES, USER_MODES] {
            for (index, mode) in table.iter().enumerate() {
                assert!(
                    table[..index]
                        .iter()
                        .all(|other| other.letter != mode.letter)
                );
                for language in [Language::En, Language::Fr] {
                    assert!(has_text(language, mode.summary), "{}", mode.summary);
                }
            }
        }
        let ranks: String = RANKS.iter().map(|(letter, _)| *letter).collect();
        let table: String = CHANNEL_MODES
            .iter()
            .filter(|mode| mode.needs.is_none())
            .map(|mode| mode.letter)
            .collect();
        assert_eq!(ranks, table);
    }

    #[test]
    fn the_tables_make_the_tokens() {
        assert_eq!(chanmodes(), "beI,k,flS,CMRUimnstu");
        assert_eq!(letters(USER_MODES, false), "BRTZiosw");
        assert_eq!(
            letters(CHANNEL_MODES, true),
            "ISabefhklqov"
                .chars()
                .collect::<std::collections::BTreeSet<_>>()
                .into_iter()
                .collect::<String>()
        );
    }

    #[test]
    fn a_set_is_told_in_order() {
        let mut letters = Letters::of("tiC n");
        assert_eq!(letters.text(), "+Cint");
        letters.set('t', false);
        letters.set('*', true);
        assert_eq!(letters.text(), "+Cin");
        assert!(letters.has('C') && !letters.has('t') && !letters.has('c'));
    }
}
