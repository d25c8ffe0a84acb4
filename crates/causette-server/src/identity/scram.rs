//! What SCRAM-SHA-256 computes: what is kept of a password for it, what a client is asked, and whether its proof is right.
//! Who says what when is `causette-core`'s.
//!
//! Kept is `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`, on the second line of a verifier. Nobody signs in
//! with that alone, but it is quick to try passwords on: much quicker than on the first line.
//!
//! <https://www.rfc-editor.org/rfc/rfc5802#section-3>, <https://www.rfc-editor.org/rfc/rfc7677>

use anyhow::Context as _;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD as BASE64;
use causette_core::input::Challenge;
use causette_core::limits::SCRAM_ITERATIONS;
use causette_core::secret::{Secret, Verifier};
use std::num::NonZeroU32;
use zeroize::Zeroizing;

/// How the line of a verifier begins that is SCRAM's.
const SCHEME: &str = "SCRAM-SHA-256$";

/// Bytes of a salt.
const SALT_BYTES: usize = 16;

/// Bytes of our part of the nonce. In Base64 it has no comma and no padding.
const NONCE_BYTES: usize = 18;

/// Bytes of a SHA-256.
const HASH_BYTES: usize = 32;

type Hash = [u8; HASH_BYTES];

/// What is kept of one password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Keys {
    iterations: NonZeroU32,
    /// In Base64, as clients are told it.
    salt: String,
    stored: Zeroizing<Hash>,
    server: Zeroizing<Hash>,
}

impl Keys {
    /// What is to be kept of a new password; `None` for one that cannot be written in only one way, and which SCRAM
    /// therefore cannot know. Its owner signs in otherwise.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub(crate) fn new(password: &Secret) -> anyhow::Result<Option<Self>> {
        // RFC 4013, by which each client prepares what is typed; of a password and of the form that is kept of it, it makes the
        // same. It knows no character newer than itself, such as emoji.
        let Ok(prepared) = stringprep::saslprep(password.expose()) else {
            return Ok(None);
        };
        let prepared = Zeroizing::new(prepared.into_owned());
        if prepared.is_empty() {
            return Ok(None);
        }
        let mut salt = [0; SALT_BYTES];
        getrandom::fill(&mut salt)?;
        let iterations = NonZeroU32::new(SCRAM_ITERATIONS).context("no iterations")?;
        Ok(Some(Self::derive(&prepared, &salt, iterations)))
    }

    fn derive(prepared: &str, salt: &[u8], iterations: NonZeroU32) -> Self {
        let mut salted = Zeroizing::new([0; HASH_BYTES]);
        let algorithm = PBKDF2_HMAC_SHA256;
        pbkdf2::derive(
            algorithm,
            iterations,
            salt,
            prepared.as_bytes(),
            &mut *salted,
        );
        let client = mac(&salted, b"Client Key");
        Self {
            iterations,
            salt: BASE64.encode(salt),
            stored: hash(&client),
            server: mac(&salted, b"Server Key"),
        }
    }

    /// Reads them from a verifier, which has them or not.
    pub(crate) fn of(verifier: &Verifier) -> Option<Self> {
        let mut lines = verifier.0.lines();
        let line = lines.find_map(|line| line.strip_prefix(SCHEME))?;
        let (salting, keys) = line.split_once('$')?;
        let (iterations, salt) = salting.split_once(':')?;
        let (stored, server) = keys.split_once(':')?;
        BASE64.decode(salt).ok()?;
        Some(Self {
            iterations: iterations.parse().ok()?,
            salt: salt.to_owned(),
            stored: read_hash(stored)?,
            server: read_hash(server)?,
        })
    }

    /// The line of a verifier that keeps them.
    pub(crate) fn line(&self) -> String {
        let (iterations, salt) = (self.iterations, &self.salt);
        let stored = BASE64.encode(*self.stored);
        let server = BASE64.encode(*self.server);
        format!("{SCHEME}{iterations}:{salt}${stored}:{server}")
    }

    /// Keys that no password has, to spend the same time on.
    fn of_nobody() -> Self {
        Self {
            iterations: NonZeroU32::MIN,
            salt: String::new(),
            stored: Zeroizing::new([0; HASH_BYTES]),
            server: Zeroizing::new([0; HASH_BYTES]),
        }
    }

    /// Our proof in Base64, where theirs over the same message is right.
    fn prove(&self, message: &str, proof: &Secret) -> Option<String> {
        let mut client = read_hash(proof.expose())?;
        let signature = mac(&self.stored, message.as_bytes());
        for (byte, other) in client.iter_mut().zip(signature.iter()) {
            *byte ^= other;
        }
        let found = hash(&client);
        let ours = mac(&self.server, message.as_bytes());
        verify_slices_are_equal(&*found, &*self.stored).ok()?;
        Some(BASE64.encode(*ours))
    }
}

/// Our proof in Base64, where that of a client over the same message is right. Without keys it never is, and takes as long to
/// find out.
pub(crate) fn prove(keys: Option<&Keys>, message: &str, proof: &Secret) -> Option<String> {
    match keys {
        Some(keys) => keys.prove(message, proof),
        None => {
            Keys::of_nobody().prove(message, proof);
            None
        }
    }
}

/// Makes up what those are asked who name an account that is not there, or that SCRAM does not know: the same each time, as for
/// an account, also after a restart. Without the key nobody tells it from a salt.
pub(crate) struct Decoy(Key);

impl Decoy {
    pub(crate) fn new(key: Key) -> Self {
        Self(key)
    }

    /// What to ask somebody who gives this name, which is one that names are compared by.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub(crate) fn challenge(&self, keys: Option<&Keys>, name: &str) -> anyhow::Result<Challenge> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let made_up = hmac::sign(&self.0, name.as_bytes());
        let made_up = BASE64.encode(&made_up.as_ref()[..SALT_BYTES]);
        let (salt, iterations) = match keys {
            Some(keys) => (keys.salt.clone(), keys.iterations.get()),
            None => (made_up, SCRAM_ITERATIONS),
        };
        Ok(Challenge {
            nonce: BASE64.encode(nonce),
            salt,
            iterations,
        })
    }
}

fn mac(key: &Hash, message: &[u8]) -> Zeroizing<Hash> {
    let tag = hmac::sign(&Key::new(HMAC_SHA256, key), message);
    taken(tag.as_ref())
}

fn hash(bytes: &Hash) -> Zeroizing<Hash> {
    taken(digest(&SHA256, bytes).as_ref())
}

fn taken(bytes: &[u8]) -> Zeroizing<Hash> {
    let hash = bytes
        .try_into()
        .expect("SHA-256, and HMAC with it, give as many bytes");
    Zeroizing::new(hash)
}

fn read_hash(text: &str) -> Option<Zeroizing<Hash>> {
    let bytes = Zeroizing::new(BASE64.decode(text).ok()?);
    let hash = bytes.as_slice().try_into().ok()?;
    Some(Zeroizing::new(hash))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    /// The example of <https://www.rfc-editor.org/rfc/rfc7677#section-3>.
    const SALT: &str = "W22ZaJ0SNY7soEsUEjb6gQ==";
    const MESSAGE: &str = "n=user,r=rOprNGfwEbeRWgbNEkqO,\
                           r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,\
                           c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    const PROOF: &str = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
    const OURS: &str = "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

    fn example() -> Keys {
        let salt = BASE64.decode(SALT).unwrap();
        Keys::derive("pencil", &salt, NonZeroU32::new(4096).unwrap())
    }

    fn salted_like(password: &str, keys: &Keys) -> Keys {
        let salt = BASE64.decode(&keys.salt).unwrap();
        Keys::derive(password, &salt, keys.iterations)
    }

    #[test]
    fn the_example_of_the_specification_is_proved_both_ways() {
        let keys = example();
        let proof = Secret::new(PROOF);
        assert_eq!(prove(Some(&keys), MESSAGE, &proof).as_deref(), Some(OURS));
        assert_eq!(prove(None, MESSAGE, &proof), None);
        for (message, proof) in [
            ("n=user", PROOF),
            (MESSAGE, OURS),
            (MESSAGE, "dHzb"),
            (MESSAGE, "!"),
        ] {
            let proof = Secret::new(proof);
            assert_eq!(prove(Some(&keys), message, &proof), None, "{message}");
        }
    }

    #[test]
    fn what_is_kept_is_read_as_it_was_written() {
        let keys = example();
        let line = keys.line();
        assert!(line.starts_with("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"));
        assert!(!line.contains("pencil"));
        let verifier = Verifier(format!("$argon2id$…\n{line}"));
        assert!(Keys::of(&verifier) == Some(keys));
        for wrong in [
            "$argon2id$…",
            "",
            "SCRAM-SHA-256$4096:!$AAAA:AAAA",
            &line.replace("4096", "0"),
            &line[..line.len() - 4],
        ] {
            assert!(Keys::of(&Verifier(wrong.to_owned())).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_password_is_the_same_however_it_is_typed() {
        // The examples of <https://www.rfc-editor.org/rfc/rfc4013#section-3>.
        let kept = |password: &str| Keys::new(&Secret::new(password)).unwrap();
        let keys = kept("I\u{ad}X").unwrap();
        assert!(keys == salted_like("IX", &keys));
        let keys = kept("\u{2168} e\u{301}").unwrap();
        assert!(keys == salted_like("IX \u{e9}", &keys));
        assert!(kept("IX").unwrap() != kept("IX").unwrap(), "salted anew");
        for unwritable in ["\u{7}", "\u{627}1", "tea 🫖", "\u{ad}"] {
            assert!(kept(unwritable).is_none(), "{unwritable}");
        }
    }

    /// A client prepares what is typed, the server what it keeps of that.
    #[test]
    fn both_sides_make_the_same_of_a_password() {
        for typed in [
            "correct horse",
            "e\u{301}te\u{301}\u{a0}indien",
            "ﬁne\u{3000}tea ² Ａ",
            "\u{212b}ngstr\u{f6}m",
        ] {
            let kept = Secret::new(typed).enforced().unwrap();
            assert_eq!(
                stringprep::saslprep(typed).unwrap(),
                stringprep::saslprep(kept.expose()).unwrap()
            );
        }
    }

    #[test]
    fn a_name_that_nobody_has_is_asked_like_an_account() {
        let decoy = Decoy::new(Key::new(HMAC_SHA256, b"key"));
        let nobody = decoy.challenge(None, "nobody").unwrap();
        let again = decoy.challenge(None, "nobody").unwrap();
        assert_eq!(
            (&again.salt, again.iterations),
            (&nobody.salt, SCRAM_ITERATIONS)
        );
        assert_ne!(again.nonce, nobody.nonce);
        assert_ne!(decoy.challenge(None, "another").unwrap().salt, nobody.salt);
        let keys = Keys::new(&Secret::new("pencil")).unwrap().unwrap();
        let somebody = decoy.challenge(Some(&keys), "somebody").unwrap();
        assert_eq!(
            (&somebody.salt, somebody.iterations),
            (&keys.salt, SCRAM_ITERATIONS)
        );
        assert_eq!(somebody.salt.len(), nobody.salt.len());
        let other = Decoy::new(Key::new(HMAC_SHA256, b"another key"));
        assert_ne!(other.challenge(None, "nobody").unwrap().salt, nobody.salt);
        assert!(
            nobody
                .nonce
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b',')
        );
    }
}
