//! Words that are looked for: one or more that stand one after the other, each whole, with `*` for anything within a word and `?`
//! for one character.
//!
//! All ways in which a word may fit are followed at once, as bits of a number: each character of a text is looked at once, whatever
//! the pattern.

use super::fold;

/// Words that are looked for. Between its tokens, which are characters and `?`, it has places, one bit each; the places of a word
/// follow those of the word before.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    /// The words, as they are compared.
    words: String,
    /// Which of `passes` is that of an ASCII character.
    ascii: [u8; 128],
    /// The same of other characters, in their order.
    others: Vec<(char, u8)>,
    /// From which places characters lead to the next ones. The first are for a character that the pattern does not name.
    passes: Vec<u128>,
    /// The places at which a `*` lets anything follow.
    stays: u128,
    /// The places at the end of a word.
    ends: u128,
    /// The place at the end of the last.
    end: u128,
}

impl Pattern {
    /// Reads one. `None` where it names no character, so that everything would fit, or where it has more places than there are.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let words = fold::words(text, true);
        let has_place = words.chars().count() < u128::BITS as usize;
        let named = |char: &char| !matches!(char, '*' | '?' | ' ');
        if !has_place || !words.chars().any(|char| named(&char)) {
            return None;
        }
        let mut pattern = Self {
            ascii: [0; 128],
            others: Vec::new(),
            passes: vec![0],
            stays: 0,
            ends: 0,
            end: 0,
            words,
        };
        let mut chars: Vec<char> = pattern.words.chars().filter(named).collect();
        chars.sort_unstable();
        chars.dedup();
        for char in chars {
            let number = pattern.passes.len() as u8;
            pattern.passes.push(0);
            match pattern.ascii.get_mut(char as usize) {
                Some(place) => *place = number,
                None => pattern.others.push((char, number)),
            }
        }
        pattern.lay_out();
        Some(pattern)
    }

    /// Gives each token its place.
    fn lay_out(&mut self) {
        let mut place: u128 = 1;
        let words = std::mem::take(&mut self.words);
        for word in words.split(' ') {
            for char in word.chars() {
                match char {
                    '*' => {
                        self.stays |= place;
                        continue;
                    }
                    '?' => self.passes.iter_mut().for_each(|passes| *passes |= place),
                    char => {
                        let number = self.number(char);
                        self.passes[number] |= place;
                    }
                }
                place <<= 1;
            }
            self.ends |= place;
            self.end = place;
            place <<= 1;
        }
        self.words = words;
    }

    /// Which of `passes` is that of a character.
    fn number(&self, char: char) -> usize {
        if let Some(number) = self.ascii.get(char as usize) {
            return usize::from(*number);
        }
        let found = self.others.binary_search_by_key(&char, |(char, _)| *char);
        found.map_or(0, |found| usize::from(self.others[found].1))
    }

    /// Whether its words stand one after the other among words that are folded.
    pub(super) fn fits(&self, words: &str) -> bool {
        if words.is_empty() {
            return false;
        }
        // Where words of the pattern may begin with the next word of the text: the first always.
        let mut begins: u128 = 1;
        for word in words.split(' ') {
            let mut places = begins;
            for char in word.chars() {
                let passes = self.passes[self.number(char)];
                places = ((places & passes) << 1) | (places & self.stays);
                if places == 0 {
                    break;
                }
            }
            let ended = places & self.ends;
            if ended & self.end != 0 {
                return true;
            }
            begins = (ended << 1) | 1;
        }
        false
    }

    /// Whether both look for the same words.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.words == other.words
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use crate::limits;
    use std::time::{Duration, Instant};

    fn fits(pattern: &str, text: &str) -> bool {
        let pattern = Pattern::of(pattern).unwrap();
        pattern.fits(&fold::words(text, false))
    }

    #[test]
    fn words_are_found_where_they_stand_whole() {
        for (pattern, text) in [
            ("spam", "no SPAM, please"),
            ("spam", "spam"),
            ("école", "L'E\u{301}COLE"),
            ("sp?m", "spim"),
            ("s*m", "sm"),
            ("s*m", "stratagem"),
            ("*am*", "spamming"),
            ("free money", "Free -- money!"),
            ("free money", "free free money"),
            ("free * money", "free and money"),
            ("a? b", "x ab b"),
            ("evil.example", "see https://evil.example/now"),
            ("*.example*", "evil.examples"),
            ("??pam", "日本pam"),
            ("b*b c", "bab ba bb c"),
            ("*词*", "这个词不好"),
            ("*a*a*a*b", "xaxaxab"),
        ] {
            assert!(fits(pattern, text), "{pattern} in {text}");
        }
        for (pattern, text) in [
            ("spam", "spams"),
            ("spam", "sp am"),
            ("spam", ""),
            ("spam", "!"),
            ("sp?m", "spm"),
            ("sp?m", "spiim"),
            ("free money", "free your money"),
            ("free money", "money free"),
            ("free money", "freemoney"),
            ("free * money", "free money"),
            ("free * money", "free and my money"),
            ("école", "ecole"),
            ("*a*a*a*b", "xaxab"),
            ("*a*a*a*b", "xaxaxabc"),
        ] {
            assert!(!fits(pattern, text), "{pattern} in {text}");
        }
    }

    #[test]
    fn what_would_find_everything_is_none() {
        for text in ["", " ", "*", "?", "?*", "* *", "** ?*?", "!", "*!*"] {
            assert!(Pattern::of(text).is_none(), "{text:?}");
        }
        assert!(Pattern::of("a*").is_some());
    }

    #[test]
    fn the_longest_has_place() {
        for char in ["a", "?", "é", "İ", "a ", "\u{1d160}"] {
            let text = format!("b{}", char.repeat((limits::FILTER_BYTES - 1) / char.len()));
            let pattern = Pattern::of(&text);
            assert!(pattern.is_some(), "{text}");
        }
        let long = "a".repeat(limits::FILTER_BYTES);
        assert!(fits(&long, &long) && !fits(&long, &long[1..]));
        assert!(Pattern::of(&"a".repeat(128)).is_none());
    }

    /// By definition: every way to take a `*` is tried.
    fn fits_by_definition(pattern: &[char], word: &[char]) -> bool {
        match (pattern.split_first(), word.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) => {
                (0..=word.len()).any(|taken| fits_by_definition(rest, &word[taken..]))
            }
            (Some(('?', rest)), Some((_, word))) => fits_by_definition(rest, word),
            (Some((one, rest)), Some((other, word))) => {
                one == other && fits_by_definition(rest, word)
            }
            _ => false,
        }
    }

    #[test]
    fn it_finds_what_its_definition_finds() {
        let mut number: u64 = 1;
        let mut random = |below: usize| {
            number = number
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (number >> 33) as usize % below
        };
        let mut text = |from: &[char], max: usize| -> String {
            (0..=random(max))
                .map(|_| from[random(from.len())])
                .collect()
        };
        let mut found = 0;
        for _ in 0..20_000 {
            let pattern = text(&['a', 'b', '*', '?', ' ', 'é'], 7);
            let words = text(&['a', 'b', ' ', 'é'], 10);
            let Some(compiled) = Pattern::of(&pattern) else {
                continue;
            };
            let split = |text: &str| -> Vec<Vec<char>> {
                text.split_whitespace()
                    .map(|word| word.chars().collect())
                    .collect()
            };
            let (wanted, said) = (split(&pattern), split(&words));
            let mut windows = said.windows(wanted.len());
            let expected = windows.any(|window| {
                let mut pairs = wanted.iter().zip(window);
                pairs.all(|(pattern, word)| fits_by_definition(pattern, word))
            });
            let folded = fold::words(&words, false);
            assert_eq!(compiled.fits(&folded), expected, "{pattern:?} in {words:?}");
            found += usize::from(expected);
        }
        assert!(found > 1000, "{found}");
    }

    /// Each character of the longest message is looked at once, whatever the pattern.
    #[test]
    fn no_pattern_takes_long() {
        let text = "a".repeat(16_384);
        let long = format!("*{}b", "a".repeat(limits::FILTER_BYTES - 2));
        let begun = Instant::now();
        for pattern in [
            "*a*a*a*b",
            "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b",
            "?*?*?*?*b",
            &long,
        ] {
            assert!(!fits(pattern, &text), "{pattern}");
            let words = "a ".repeat(8192);
            assert!(!fits(pattern, &words), "{pattern}");
        }
        let took = begun.elapsed();
        println!("eight times 16 kB: {took:?}");
        // Without optimisation, and on a machine that does other things.
        assert!(took < Duration::from_secs(2), "{took:?}");
    }
}
