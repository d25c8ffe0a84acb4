//! Secrets: a password on its way to the password hash and nowhere else, a device's token on its way to the device.

pub use causette_proto::Secret;
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
