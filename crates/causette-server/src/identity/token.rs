//! The tokens of devices: made of random bytes, and kept as a hash. What nobody can guess needs no slow one.

use crate::identity::fingerprint::sha256;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use causette_core::secret::{CODE_ALPHABET, CODE_CHARS, Secret, TOKEN_PREFIX, Verifier};
use zeroize::Zeroizing;

/// Makes a token, and what is kept of it.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn make() -> anyhow::Result<(Secret, Verifier)> {
    let mut random = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *random)?;
    let text = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(*random));
    let token = Secret::new(format!("{TOKEN_PREFIX}{}", *text));
    let hash = hash(&token);
    Ok((token, hash))
}

/// Makes a code that people read out and type, and what is kept of it.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn make_code() -> anyhow::Result<(Secret, Verifier)> {
    let mut random = Zeroizing::new([0_u8; CODE_CHARS]);
    getrandom::fill(&mut *random)?;
    // The alphabet has 32 letters: five bits of each byte choose one, and each is as likely as the others.
    let letter = |byte: &u8| char::from(CODE_ALPHABET[usize::from(byte & 31)]);
    let code = Secret::new(random.iter().map(letter).collect::<String>());
    let hash = hash(&code);
    Ok((code, hash))
}

/// What is kept of a token: its SHA-256 in lower-case hexadecimal.
pub(crate) fn hash(token: &Secret) -> Verifier {
    Verifier(sha256(token.expose().as_bytes()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use causette_core::secret::{is_token, read_code};

    #[test]
    fn a_token_is_known_by_its_form_and_no_two_are_the_same() {
        let (first, kept) = make().unwrap();
        let (second, _) = make().unwrap();
        assert!(is_token(first.expose()) && is_token(second.expose()));
        assert_ne!(first, second);
        assert_eq!(kept, hash(&first));
        assert_ne!(kept, hash(&second));
    }

    #[test]
    fn a_code_is_one_that_can_be_read_and_no_two_are_the_same() {
        let (first, kept) = make_code().unwrap();
        let (second, _) = make_code().unwrap();
        assert_eq!(read_code(first.expose()).as_ref(), Some(&first));
        assert_ne!(first, second);
        assert_eq!(kept, hash(&first));
    }

    #[test]
    fn what_is_kept_is_the_sha_256() {
        let kept = hash(&Secret::new("abc")).0;
        assert_eq!(
            kept,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
