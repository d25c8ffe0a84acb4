//! The words by which people switch something on and off.

use causette_text::{Language, text};
use std::borrow::Cow;

/// What a setting is switched to, each with the key of the words for it.
const SWITCHES: [(&str, &str); 3] = [
    ("on", "switch-on"),
    ("off", "switch-off"),
    ("default", "switch-default"),
];

/// The words with the first of them as settings know it: `on`, `off` or `default`, however and in whichever language it is
/// said; else as it is.
pub(super) fn plain<'a>(words: &[&'a str]) -> Vec<Cow<'a, str>> {
    let mut words: Vec<Cow<'a, str>> = words.iter().map(|word| Cow::Borrowed(*word)).collect();
    if let Some(first) = words.first_mut()
        && let Some(switch) = read(first)
    {
        *first = Cow::Borrowed(switch);
    }
    words
}

fn read(word: &str) -> Option<&'static str> {
    let word = word.to_lowercase();
    let is_one_of = |key: &str| {
        let mut lists = Language::ALL
            .into_iter()
            .map(|language| text(language, key));
        lists.any(|list| list.split(' ').any(|known| known == word))
    };
    let found = SWITCHES.into_iter().find(|(_, key)| is_one_of(key));
    found.map(|(switch, _)| switch)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_switch_is_read_in_every_case_and_language() {
        for (word, switch) in [
            ("on", "on"),
            ("TRUE", "on"),
            ("Yes", "on"),
            ("oui", "on"),
            ("VRAI", "on"),
            ("activé", "on"),
            ("OFF", "off"),
            ("false", "off"),
            ("no", "off"),
            ("NON", "off"),
            ("Désactivé", "off"),
            ("faux", "off"),
            ("Default", "default"),
            ("DÉFAUT", "default"),
            ("perhaps", "perhaps"),
            ("Fr", "Fr"),
            ("", ""),
        ] {
            assert_eq!(plain(&[word, "YES"]), [switch, "YES"], "{word}");
        }
        assert!(plain(&[]).is_empty());
    }
}
