//! Passwords to verifiers and back to yes or no: Argon2id in PHC strings, and on a second line what SCRAM needs. Slow on purpose; nothing here runs on a thread that
//! others wait for.

use crate::config::Argon2Cost;
use crate::identity::scram::Keys;
use anyhow::anyhow;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD as STANDARD_NO_PAD;
use causette_core::secret::{Secret, Verifier};

/// Makes the verifier of a password, with a new salt.
///
/// # Errors
/// When the cost is not one that the algorithm takes, or the system gives no random bytes.
pub fn hash(password: &Secret, cost: Argon2Cost) -> anyhow::Result<Verifier> {
    let params = Params::new(cost.memory_kib, cost.iterations, cost.parallelism, None)
        .map_err(|error| anyhow!("accounts.argon2: {error}"))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2
        .hash_password(password.expose().as_bytes())
        .map_err(|error| anyhow!("cannot hash a password: {error}"))?;
    Ok(Verifier(hash.to_string()))
}

/// Makes what is kept of a new password: its verifier, and behind it what SCRAM needs, where that is wanted.
///
/// # Errors
/// As [`hash`].
pub(crate) fn keep(password: &Secret, cost: Argon2Cost, scram: bool) -> anyhow::Result<Verifier> {
    let verifier = hash(password, cost)?;
    let keys = if scram { Keys::new(password)? } else { None };
    Ok(match keys {
        Some(keys) => with_keys(&verifier, &keys),
        None => verifier,
    })
}

/// The verifier of a password that was right, with what SCRAM needs; `None` where it has that already, or cannot have it.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn complete(password: &Secret, verifier: &Verifier) -> anyhow::Result<Option<Verifier>> {
    if Keys::of(verifier).is_some() {
        return Ok(None);
    }
    let keys = Keys::new(password)?;
    Ok(keys.map(|keys| with_keys(verifier, &keys)))
}

fn with_keys(verifier: &Verifier, keys: &Keys) -> Verifier {
    Verifier(format!("{}\n{}", first_line(verifier), keys.line()))
}

/// The PHC string, which alone decides who gives the password itself.
fn first_line(verifier: &Verifier) -> &str {
    verifier.0.lines().next().unwrap_or_default()
}

/// A verifier that no password fits, and that takes as long as one of that cost to find out.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn of_nobody(cost: Argon2Cost) -> anyhow::Result<Verifier> {
    let mut random = [0; 48];
    getrandom::fill(&mut random)?;
    let (salt, hash) = random.split_at(16);
    let Argon2Cost {
        memory_kib,
        iterations,
        parallelism,
    } = cost;
    let (salt, hash) = (STANDARD_NO_PAD.encode(salt), STANDARD_NO_PAD.encode(hash));
    Ok(Verifier(format!(
        "$argon2id$v=19$m={memory_kib},t={iterations},p={parallelism}${salt}${hash}"
    )))
}

/// In which form a password is the verifier's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// In the one that all its spellings share, which is kept of every new password.
    Enforced,
    /// As it was typed: an early version of the program kept that.
    Typed,
}

/// Whether the password is the verifier's. The cost is that of the verifier; twice that for one whose spelling is not the form that is
/// kept, whosever the verifier is, so that the time tells nothing of accounts.
pub(crate) fn verify(password: &Secret, verifier: &Verifier) -> bool {
    form(password, verifier).is_some()
}

/// In which form the password is the verifier's; `None` where it is not.
pub(crate) fn form(password: &Secret, verifier: &Verifier) -> Option<Form> {
    let enforced = password.enforced().ok();
    if enforced
        .as_ref()
        .is_some_and(|enforced| fits(enforced, verifier))
    {
        return Some(Form::Enforced);
    }
    let typed = enforced.as_ref() != Some(password) && fits(password, verifier);
    typed.then_some(Form::Typed)
}

fn fits(password: &Secret, verifier: &Verifier) -> bool {
    let Ok(hash) = PasswordHash::new(first_line(verifier)) else {
        return false;
    };
    Argon2::default()
        .verify_password(password.expose().as_bytes(), &hash)
        .is_ok()
}

/// Whether the text is the PHC string of an Argon2 hash, by which a password can be verified.
pub(crate) fn is_verifier(text: &str) -> bool {
    PasswordHash::new(text).is_ok_and(|hash| {
        hash.algorithm.as_str().starts_with("argon2") && hash.hash.is_some() && hash.salt.is_some()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const CHEAP: Argon2Cost = Argon2Cost {
        memory_kib: 8,
        iterations: 1,
        parallelism: 1,
    };

    #[test]
    fn a_password_is_its_verifier_s_and_no_other_is() {
        let verifier = hash(&Secret::new("correct horse"), CHEAP).unwrap();
        assert!(verifier.0.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert!(is_verifier(&verifier.0));
        assert!(verify(&Secret::new("correct horse"), &verifier));
        assert!(!verify(&Secret::new("correct hors"), &verifier));
        assert!(!verify(
            &Secret::new(""),
            &Verifier("no verifier".to_owned())
        ));
    }

    #[test]
    fn a_verifier_is_completed_once_and_its_password_stays() {
        let password = Secret::new("correct horse");
        let first = keep(&password, CHEAP, false).unwrap();
        assert!(Keys::of(&first).is_none());
        let second = complete(&password, &first).unwrap().unwrap();
        assert!(
            second
                .0
                .starts_with(&format!("{}\nSCRAM-SHA-256$", first.0))
        );
        assert_eq!(complete(&password, &second).unwrap(), None);
        let new = keep(&password, CHEAP, true).unwrap();
        for verifier in [&first, &second, &new] {
            assert!(verify(&password, verifier));
            assert!(!verify(&Secret::new("correct hors"), verifier));
        }
        assert!(Keys::of(&new).is_some() && Keys::of(&new) != Keys::of(&second));
    }

    #[test]
    fn a_password_that_scram_cannot_know_is_one_all_the_same() {
        let password = Secret::new("a cup of tea 🫖");
        let verifier = keep(&password, CHEAP, true).unwrap();
        assert!(verify(&password, &verifier));
        assert!(Keys::of(&verifier).is_none());
        assert_eq!(complete(&password, &verifier).unwrap(), None);
    }

    #[test]
    fn each_spelling_of_a_password_is_it() {
        let [composed, apart] = ["été indien", "e\u{301}te\u{301}\u{a0}indien"].map(Secret::new);
        let kept = hash(&composed, CHEAP).unwrap();
        assert_eq!(form(&composed, &kept), Some(Form::Enforced));
        assert_eq!(form(&apart, &kept), Some(Form::Enforced));
        // As an early version kept it.
        let early = hash(&apart, CHEAP).unwrap();
        assert_eq!(form(&apart, &early), Some(Form::Typed));
        assert_eq!(form(&composed, &early), None);
        let bell = Secret::new("correct\u{7}horse");
        assert_eq!(form(&bell, &hash(&bell, CHEAP).unwrap()), Some(Form::Typed));
        assert_eq!(form(&bell, &kept), None);
    }

    #[test]
    fn nobody_has_a_verifier_like_everybody_else() {
        let nobody = of_nobody(CHEAP).unwrap();
        assert!(is_verifier(&nobody.0));
        assert_eq!(
            nobody.0.len(),
            hash(&Secret::new("correct horse"), CHEAP).unwrap().0.len()
        );
        assert!(!verify(&Secret::new("correct horse"), &nobody));
    }

    #[test]
    fn two_verifiers_of_one_password_differ() {
        let password = Secret::new("correct horse");
        assert_ne!(
            hash(&password, CHEAP).unwrap(),
            hash(&password, CHEAP).unwrap()
        );
    }
}
