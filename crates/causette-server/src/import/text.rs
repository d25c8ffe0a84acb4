//! What bytes of the older programs say: texts in one of two encodings, with or without Base64 around them.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// What Windows writes for the bytes from 0x80 to 0x9f; 0 stands for a byte that means nothing.
const WINDOWS: [u32; 32] = [
    0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039,
    0x0152, 0, 0x017d, 0, 0, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
    0x2122, 0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178,
];

/// A text in UTF-8, or else in the encoding of Windows for western Europe, which has Latin 1 in it.
pub(super) fn of_bytes(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| of_windows(*byte)).collect(),
    }
}

fn of_windows(byte: u8) -> char {
    let place = usize::from(byte).wrapping_sub(0x80);
    match WINDOWS.get(place) {
        Some(0) => char::REPLACEMENT_CHARACTER,
        Some(code) => char::from_u32(*code).unwrap_or(char::REPLACEMENT_CHARACTER),
        None => char::from(byte),
    }
}

/// A text, where the rule of [`of_mixed`] or [`of_encoded`] cannot be certain of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) text: String,
    /// Whether Base64 was taken off.
    pub(super) decoded: bool,
    /// Whether it could have been meant the other way.
    pub(super) doubtful: bool,
}

/// What is sometimes in Base64 and sometimes not, as what program B kept of conversations: it is taken for Base64 where it is exactly what
/// Base64 writes, padding included, for a text in UTF-8 without control characters. `Q291Y291` is `Coucou`; `hey!` and `test` are themselves.
pub(super) fn of_mixed(bytes: &[u8]) -> Found {
    let written = of_bytes(bytes);
    let trimmed = written.trim();
    let letters_only = trimmed.bytes().all(|byte| byte.is_ascii_alphabetic());
    match BASE64_STANDARD.decode(trimmed) {
        Ok(decoded) if !decoded.is_empty() => match readable(&decoded) {
            // A word of letters alone, in one case or with a capital, may be a word.
            Some(text) => {
                let doubtful = letters_only && is_worded(trimmed);
                Found {
                    text,
                    decoded: true,
                    doubtful,
                }
            }
            None => Found {
                doubtful: trimmed.ends_with('='),
                decoded: false,
                text: written,
            },
        },
        _ => Found {
            text: written,
            decoded: false,
            doubtful: false,
        },
    }
}

/// What should always be in Base64, as the passwords of program B. What is not is taken as it stands, and `doubtful`.
pub(super) fn of_encoded(bytes: &[u8]) -> Found {
    let written = of_bytes(bytes);
    match BASE64_STANDARD.decode(written.trim()) {
        Ok(decoded) => match readable(&decoded) {
            Some(text) => Found {
                text,
                decoded: true,
                doubtful: false,
            },
            None => Found {
                text: written,
                decoded: false,
                doubtful: true,
            },
        },
        Err(_) => Found {
            text: written,
            decoded: false,
            doubtful: true,
        },
    }
}

fn readable(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let is_readable = |char: char| !char.is_control() || matches!(char, '\n' | '\r' | '\t');
    text.chars().all(is_readable).then(|| text.to_owned())
}

/// Whether a word of letters is written as words are: small, with a capital, or in capitals.
fn is_worded(word: &str) -> bool {
    let small = |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase());
    small(word.get(1..).unwrap_or_default()) || word.bytes().all(|byte| byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_either_encoding() {
        assert_eq!(of_bytes("été €".as_bytes()), "été €");
        assert_eq!(of_bytes(b"\xe9t\xe9 \x80 \x9c"), "été € œ");
        assert_eq!(of_bytes(b"\x81"), "\u{fffd}");
    }

    #[test]
    fn what_base64_wrote_is_told_from_words() {
        for (written, text, decoded, doubtful) in [
            ("Q291Y291", "Coucou", true, false),
            ("w6l0w6k=", "été", true, false),
            ("hey", "hey", false, false),
            ("hey!", "hey!", false, false),
            ("test", "test", false, false),
            ("bonjour à tous", "bonjour à tous", false, false),
            // Too little padding, and more bits than it has bytes.
            ("w6l0w6k", "w6l0w6k", false, false),
            ("aGV=", "aGV=", false, false),
            // What it says is no text.
            ("6Q==", "6Q==", false, true),
            // A word, and what Base64 writes for `zX`.
            ("elg=", "zX", true, false),
            ("", "", false, false),
            (" Q291Y291\n", "Coucou", true, false),
        ] {
            let found = Found {
                text: text.to_owned(),
                decoded,
                doubtful,
            };
            assert_eq!(of_mixed(written.as_bytes()), found, "{written}");
        }
        // All letters: it could be either.
        let found = of_mixed(b"Yeah");
        assert_eq!(found.decoded, found.doubtful, "{found:?}");
    }

    #[test]
    fn what_should_be_base64_and_is_not_is_taken_as_it_stands() {
        let found = |text: &str, decoded| Found {
            text: text.to_owned(),
            decoded,
            doubtful: !decoded,
        };
        assert_eq!(of_encoded(b"c29sZWls"), found("soleil", true));
        assert_eq!(of_encoded(b"soleil!"), found("soleil!", false));
        assert_eq!(of_encoded(b"test"), found("test", false));
        assert_eq!(of_encoded(b""), found("", true));
    }
}
