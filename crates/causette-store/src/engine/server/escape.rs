//! The characters of a URL that are written as `%` and two hexadecimal digits.

use crate::engine::database::NoDatabase;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

/// Refuses a `%` that no two hexadecimal digits follow: it would be taken as it stands, and be part of another password or name
/// than the one that is meant.
pub(super) fn check(rest: &str) -> Result<(), NoDatabase> {
    // Up to there may be a password, even one that was spelled wrongly: nothing of it is told.
    let secret = rest.rfind('@').unwrap_or_default();
    let broken = rest
        .match_indices('%')
        .map(|(place, _)| place)
        .find(|place| character(&rest.as_bytes()[*place..]).is_none());
    match broken {
        None => Ok(()),
        Some(place) if place < secret => Err(NoDatabase::Unescaped),
        Some(place) => Err(NoDatabase::Escape(rest[place..].chars().take(3).collect())),
    }
}

/// The file that the value of a parameter names.
pub(super) fn file(value: &str) -> PathBuf {
    let mut rest = value.as_bytes();
    let mut bytes = Vec::with_capacity(rest.len());
    while let Some((first, behind)) = rest.split_first() {
        let (byte, length) = match first {
            b'%' => character(rest).map_or((b'%', 1), |byte| (byte, 3)),
            // As forms are written, and the library reads.
            b'+' => (b' ', 1),
            other => (*other, 1),
        };
        bytes.push(byte);
        rest = if length == 1 { behind } else { &rest[length..] };
    }
    OsString::from_vec(bytes).into()
}

/// What a text that begins with `%` stands for.
fn character(text: &[u8]) -> Option<u8> {
    let digit = |place: usize| char::from(*text.get(place)?).to_digit(16);
    u8::try_from(digit(1)? * 16 + digit(2)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_two_digits_behind_a_percent_sign() {
        for right in ["a:p%40ss@h/d", "a@h/d?sslcert=%2fx%2Fy", "a@h/d"] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
        for secret in ["a:p%zz@h/d", "a:p%4@h/d", "a:100%@h/d", "a:1%/%x@h/d"] {
            assert_eq!(check(secret), Err(NoDatabase::Unescaped), "{secret}");
        }
        for (open, told) in [("a:p@h/d%zz", "%zz"), ("h/d%é", "%é"), ("a@h/d?x=%", "%")] {
            assert_eq!(check(open), Err(NoDatabase::Escape(told.to_owned())));
        }
    }

    #[test]
    fn a_file_is_read_out_of_a_parameter() {
        for (value, named) in [
            ("/etc/a.pem", "/etc/a.pem"),
            ("%2Fetc%2Fa+b%20c.pem", "/etc/a b c.pem"),
            ("%C3%A9.pem", "é.pem"),
        ] {
            assert_eq!(file(value), PathBuf::from(named));
        }
    }
}
