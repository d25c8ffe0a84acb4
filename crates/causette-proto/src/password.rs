//! The one form of a password, whichever keyboard, program or door it came by.
//!
//! <https://www.rfc-editor.org/rfc/rfc8265#section-4.2>, with one latitude: a character newer than the tables that we have of
//! PRECIS (Unicode 6.3) is allowed. Most are emoji, which people choose, and none of them has a second spelling.

use crate::secret::Secret;
use precis_profiles::OpaqueString;
use precis_profiles::precis_core::profile::Rules;
use precis_profiles::precis_core::{DerivedPropertyValue, FreeformClass, StringClass};

/// Why a text cannot be a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordFault {
    /// There is nothing in it.
    Empty,
    /// It has a character that no password may have, because others would not see it or could not type it.
    Forbidden,
}

impl Secret {
    /// The form that all spellings of a password share: blanks of any kind are spaces, letters and their accents one character.
    /// Nothing else changes, and enforced again it is the same.
    ///
    /// # Errors
    /// Says why it cannot be a password.
    pub fn enforced(&self) -> Result<Self, PasswordFault> {
        let password = self.expose();
        if password.is_empty() {
            return Err(PasswordFault::Empty);
        }
        let forbidden = |_| PasswordFault::Forbidden;
        let profile = OpaqueString::new();
        let spaced = profile
            .additional_mapping_rule(password)
            .map_err(forbidden)?;
        let composed = profile.normalization_rule(spaced).map_err(forbidden)?;
        // What is kept is judged, not what was typed, or one spelling could be taken and another of the same password refused.
        let class = FreeformClass::default();
        // Each newer character as one that is known to stand anywhere.
        let known = composed
            .chars()
            .map(|char| match class.get_value_from_char(char) {
                DerivedPropertyValue::Unassigned => 'x',
                _ => char,
            });
        let known = Self::new(known.collect::<String>());
        class.allows(known.expose()).map_err(forbidden)?;
        Ok(Self::new(composed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn enforced(text: &str) -> Result<String, PasswordFault> {
        let enforced = Secret::new(text).enforced()?;
        Ok(enforced.expose().to_owned())
    }

    #[test]
    fn all_spellings_of_a_password_are_one() {
        for (typed, kept) in [
            ("correct horse", "correct horse"),
            ("correct\u{a0}horse", "correct horse"),
            ("correct\u{3000}horse", "correct horse"),
            ("e\u{301}te\u{301} indien", "été indien"),
            ("π ☕ ¹", "π ☕ ¹"),
            ("ﬁ Ａ", "ﬁ Ａ"),
            ("tea 🫖", "tea 🫖"),
            ("🐒", "🐒"),
            (" edges ", " edges "),
            ("Été", "Été"),
            ("paral\u{387}lel", "paral\u{b7}lel"),
            ("\u{1112}\u{1161}\u{11ab}글", "한글"),
        ] {
            assert_eq!(enforced(typed).as_deref(), Ok(kept), "{typed:?}");
        }
        for forbidden in [
            "a\u{7}b",
            "a\nb",
            "a\tb",
            "a\u{200b}b",
            "a\u{ad}b",
            "a\u{202e}b",
            "a\u{7f}",
            "\u{b7}",
            "\u{387}",
        ] {
            assert_eq!(
                enforced(forbidden),
                Err(PasswordFault::Forbidden),
                "{forbidden:?}"
            );
        }
        assert_eq!(enforced(""), Err(PasswordFault::Empty));
    }

    proptest! {
        #[test]
        fn what_is_enforced_stays(text in "\\PC{0,20}") {
            if let Ok(once) = enforced(&text) {
                prop_assert_eq!(enforced(&once), Ok(once.clone()));
            }
        }
    }
}
