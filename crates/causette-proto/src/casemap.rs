//! Which spellings are the same name, and which texts fit whatever their case.
//!
//! <https://modern.ircdocs.horse/#casemapping-parameter>

use std::borrow::Cow;

use compact_str::CompactString;
use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::Rules;
use unicode_normalization::UnicodeNormalization;

use crate::mask::glob;

/// Which spellings are the same name.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Casemap {
    /// Only `A`–`Z` and `a`–`z` are the same letters, and nicknames have no others.
    #[default]
    Ascii,
    /// Letters of every script are the same in both cases and however they are encoded; nicknames follow the profile
    /// UsernameCaseMapped. <https://www.rfc-editor.org/rfc/rfc8265#section-3.3>
    Precis,
}

impl Casemap {
    /// The form of a text that all its spellings share. For a name of a person it is their key; any other text has one too,
    /// so that a search never fails.
    pub fn fold(self, text: &str) -> CompactString {
        if self.is_ascii(text) {
            return ascii(text);
        }
        let narrow = UsernameCaseMapped::new().width_mapping_rule(text);
        lower_case(&narrow.unwrap_or(Cow::Borrowed(text)))
    }

    /// The form of a channel's name that all its spellings share.
    pub fn fold_channel(self, name: &str) -> CompactString {
        if self.is_ascii(name) {
            ascii(name)
        } else {
            lower_case(name)
        }
    }

    /// Whether two texts are spellings of the same name.
    pub fn same(self, one: &str, other: &str) -> bool {
        if self.is_ascii(one) && self.is_ascii(other) {
            one.eq_ignore_ascii_case(other)
        } else {
            self.fold(one) == self.fold(other)
        }
    }

    /// Whether `text`, which is folded for it where it must be, follows `pattern`, which is folded already.
    pub fn fits(self, pattern: &str, text: &str) -> bool {
        if self.is_ascii(text) {
            glob(pattern, text)
        } else {
            glob(pattern, &self.fold(text))
        }
    }

    /// Whether only ASCII letters have a case here.
    fn is_ascii(self, text: &str) -> bool {
        self == Self::Ascii || text.is_ascii()
    }
}

fn ascii(text: &str) -> CompactString {
    let mut key = CompactString::new(text);
    key.make_ascii_lowercase();
    key
}

/// Letter by letter, so that what stands around a letter does not change how it folds.
fn lower_case(text: &str) -> CompactString {
    text.chars().flat_map(char::to_lowercase).nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_folds_ascii_letters_alone() {
        assert_eq!(Casemap::Ascii.fold("ÉLODIE"), "Élodie");
        assert!(Casemap::Ascii.same("ALICE", "alice"));
        assert!(!Casemap::Ascii.same("É", "é"));
        assert!(Casemap::Ascii.fits("a*É", "ALÉ") && !Casemap::Ascii.fits("a*é", "ALÉ"));
    }

    #[test]
    fn precis_folds_every_script_and_any_text() {
        for (text, folded) in [
            ("ÉLODIE", "élodie"),
            ("e\u{301}", "é"),
            ("ＡＢＣ", "abc"),
            ("ß", "ß"),
            ("ΣΑΣ", "σασ"),
            ("😀É *!*@*", "😀é *!*@*"),
            ("aא", "aא"),
            ("ǅ", "ǆ"),
            ("", ""),
        ] {
            assert_eq!(Casemap::Precis.fold(text), folded, "{text:?}");
        }
        assert_eq!(Casemap::Precis.fold_channel("#ＴÉ"), "#ｔé");
        assert!(Casemap::Precis.same("ÉLODIE", "e\u{301}lodie"));
        assert!(Casemap::Precis.fits("é?a*", "ÉLAINE"));
    }
}
