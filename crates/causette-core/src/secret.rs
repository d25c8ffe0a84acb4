//! Secrets: a password on its way to the password hash and nowhere else, a device's token on its way to the device.

pub use causette_proto::Secret;
use causette_proto::Timestamp;
use std::fmt;

/// How every token begins, so that people and programs that look for secrets in files recognise one.
pub const TOKEN_PREFIX: &str = "causette_";

/// Characters of a token behind its prefix: 32 random bytes in base64url.
const TOKEN_CHARS: usize = 43;

/// Whether a text has the form of a token. What has it is never taken for a password.
pub fn is_token(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.strip_prefix(TOKEN_PREFIX)
        .is_some_and(|rest| rest.len() == TOKEN_CHARS && rest.bytes().all(allowed))
}

/// The characters of a code that an administrator gives to who has forgotten a password: none that is taken for another.
pub const CODE_ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Characters of a code, which are read out and typed in groups: 80 random bits.
pub const CODE_CHARS: usize = 16;

/// Characters of one of these groups.
pub(crate) const CODE_GROUP_CHARS: usize = 4;

/// A text in the one way in which a code is written, where it can be one: in capitals, without what stands between groups, and
/// with the digit for a letter that looks like it.
pub fn read_code(text: &str) -> Option<Secret> {
    let mut code = String::with_capacity(CODE_CHARS);
    for letter in text.chars().filter(|letter| *letter != '-') {
        let letter = match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let known = letter.is_ascii() && CODE_ALPHABET.contains(&(letter as u8));
        if !known || code.len() == CODE_CHARS {
            return None;
        }
        code.push(letter);
    }
    (code.len() == CODE_CHARS).then(|| Secret::new(code))
}

/// Whether a word can be a code in the groups in which it is given, and not one that somebody made up of such letters.
pub(crate) fn is_written_code(word: &str) -> bool {
    read_code(word).is_some() && word.split('-').all(|group| group.len() == CODE_GROUP_CHARS)
}

/// A code as it is told: in groups.
pub(crate) fn in_groups(code: &Secret) -> String {
    let code = code.expose();
    let groups: Vec<&str> = (0..CODE_CHARS)
        .step_by(CODE_GROUP_CHARS)
        .filter_map(|start| code.get(start..start + CODE_GROUP_CHARS))
        .collect();
    groups.join("-")
}

/// How the verifier of a code begins. That of a password begins with `$`.
const CODE: &str = "code ";

/// What the store keeps of a code in the place of a password's verifier: until when it opens the account, and its SHA-256.
pub fn code_verifier(until: Timestamp, hash: &Verifier) -> Verifier {
    Verifier(format!("{CODE}{} {}", until.seconds(), hash.0))
}

/// Until when a code opens its account, and its SHA-256, where the verifier is that of a code.
pub fn code_of(verifier: &Verifier) -> Option<(Timestamp, Verifier)> {
    let (until, hash) = verifier.0.strip_prefix(CODE)?.split_once(' ')?;
    let until = Timestamp::MIN.plus_seconds(until.parse().ok()?);
    Some((until, Verifier(hash.to_owned())))
}

/// What the store keeps of a password: the PHC string of its Argon2id hash.
/// <https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md>
/// Of a token, which nobody can guess, it keeps the SHA-256 in lower-case hexadecimal.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifier(pub String);

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = read_code("k7qm-2xhd-9rtp-4wjc").unwrap();
        assert_eq!(code.expose(), "K7QM2XHD9RTP4WJC");
        assert_eq!(read_code("K7QM2XHD9RTP4WJC"), Some(code));
        let zeros = read_code("oO0i-IlL1-0000-0000").unwrap();
        assert_eq!(zeros.expose(), "0001111100000000");
        for (word, written) in [
            ("k7qm-2xhd-9rtp-4wjc", true),
            ("characterisation", false),
            ("charact-erisation", false),
            ("char-acte-risa-tion", true),
            ("char-acte-risa-tions", false),
        ] {
            assert_eq!(is_written_code(word), written, "{word}");
        }
        for other in [
            "",
            "K7QM-2XHD-9RTP-4WJ",
            "K7QM-2XHD-9RTP-4WJCA",
            "K7QM 2XHD 9RTP 4WJC",
            "K7QM-2XHD-9RTP-4WJÉ",
        ] {
            assert_eq!(read_code(other), None, "{other}");
        }
    }

    #[test]
    fn the_verifier_of_a_code_is_none_of_a_password() {
        let (until, hash) = (Timestamp(1_800_000_000_000_000), Verifier("abc".to_owned()));
        let verifier = code_verifier(until, &hash);
        assert_eq!(code_of(&verifier), Some((until, hash)));
        assert_eq!(code_of(&Verifier("$argon2id$v=19$".to_owned())), None);
        assert_eq!(code_of(&Verifier(String::new())), None);
    }

    #[test]
    fn a_token_is_known_by_its_form() {
        let token = format!("causette_{}", "aB3-_".repeat(9).split_at(43).0);
        assert!(is_token(&token));
        assert!(!is_token(&token[1..]) && !is_token(&token[..51]));
        assert!(!is_token(&format!("{token}a")));
        assert!(!is_token(&token.replace('-', "+")));
        assert!(!is_token("causette_correct-horse-battery"));
    }

    #[test]
    fn debug_shows_nothing_of_a_verifier() {
        assert_eq!(
            format!("{:?}", Verifier("$argon2id$…".to_owned())),
            "Verifier(…)"
        );
    }
}
