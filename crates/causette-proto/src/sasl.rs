//! SASL on the wire: the pieces of `AUTHENTICATE` and the payload of `PLAIN`.
//! Base64 is decoded by the caller, and passwords are checked elsewhere. Nothing here shows a secret
//! in its `Debug` form.
//!
//! <https://ircv3.net/specs/extensions/sasl-3.1>

use std::fmt;

use crate::limits::AUTHENTICATE_BYTES_MAX;

/// What a client says in `PLAIN`. <https://www.rfc-editor.org/rfc/rfc4616>
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Plain<'a> {
    /// Whom the client wants to act as; empty for itself.
    pub authzid: &'a str,
    /// Whose password it is. Never empty.
    pub authcid: &'a str,
    /// The password, in clear. Never empty.
    pub password: &'a str,
}

/// Why a payload is not `PLAIN`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlainError {
    /// The payload is not UTF-8.
    InvalidUtf8,
    /// There are not exactly three parts between NULs.
    InvalidParts,
    /// There is no name.
    EmptyAuthcid,
    /// There is no password.
    EmptyPassword,
}

impl<'a> Plain<'a> {
    /// Reads the payload, already decoded from Base64.
    ///
    /// # Errors
    /// Says which rule of RFC 4616 the payload breaks, and nothing of what it contains.
    pub fn parse(payload: &'a [u8]) -> Result<Self, PlainError> {
        let payload = std::str::from_utf8(payload).map_err(|_| PlainError::InvalidUtf8)?;
        let mut parts = payload.split('\0');
        let (Some(authzid), Some(authcid), Some(password), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(PlainError::InvalidParts);
        };
        if authcid.is_empty() {
            return Err(PlainError::EmptyAuthcid);
        }
        if password.is_empty() {
            return Err(PlainError::EmptyPassword);
        }
        Ok(Self {
            authzid,
            authcid,
            password,
        })
    }
}

impl fmt::Debug for Plain<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Plain")
            .field("authzid", &self.authzid)
            .field("authcid", &self.authcid)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for PlainError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::InvalidUtf8 => "the payload is not UTF-8",
            Self::InvalidParts => "the payload does not have three parts",
            Self::EmptyAuthcid => "the name is empty",
            Self::EmptyPassword => "the password is empty",
        })
    }
}

impl std::error::Error for PlainError {}

/// Collects the Base64 text that a client sends in several `AUTHENTICATE` messages.
#[derive(Clone, PartialEq, Eq)]
pub struct Chunks {
    text: String,
    bytes_max: usize,
}

/// What a piece of `AUTHENTICATE` leads to.
#[derive(Clone, PartialEq, Eq)]
pub enum Progress {
    /// Another piece must follow.
    More,
    /// The whole Base64 text; empty for an empty response.
    Done(String),
    /// A piece is longer than one may be: `ERR_SASLTOOLONG` (905). Everything was forgotten.
    TooLong,
    /// The pieces are as they should be, and too many. Everything was forgotten.
    TooMuch,
}

impl Chunks {
    /// Collects up to `bytes_max` bytes of Base64.
    pub const fn new(bytes_max: usize) -> Self {
        Self {
            text: String::new(),
            bytes_max,
        }
    }

    /// Takes the parameter of one `AUTHENTICATE`: `+` is an empty last piece, and a piece of
    /// [`AUTHENTICATE_BYTES_MAX`] bytes is not the last. `*`, the client's abort, is not for here.
    pub fn push(&mut self, param: &str) -> Progress {
        let piece = if param == "+" { "" } else { param };
        if piece.len() > AUTHENTICATE_BYTES_MAX {
            self.text = String::new();
            return Progress::TooLong;
        }
        if self.text.len() + piece.len() > self.bytes_max {
            self.text = String::new();
            return Progress::TooMuch;
        }
        self.text.push_str(piece);
        if piece.len() == AUTHENTICATE_BYTES_MAX {
            return Progress::More;
        }
        Progress::Done(std::mem::take(&mut self.text))
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Chunks")
            .field("bytes", &self.text.len())
            .field("bytes_max", &self.bytes_max)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::More => "More",
            Self::Done(_) => "Done(..)",
            Self::TooLong => "TooLong",
            Self::TooMuch => "TooMuch",
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn plain_has_three_parts() {
        let plain = Plain::parse(b"\0alice\0s3cret").unwrap();
        assert_eq!(
            (plain.authzid, plain.authcid, plain.password),
            ("", "alice", "s3cret")
        );
        assert_eq!(
            Plain::parse("bob\0alice\0p é".as_bytes()).unwrap().authzid,
            "bob"
        );
    }

    #[test]
    fn refusals_name_their_reason() {
        for payload in [&b""[..], b"alice", b"alice\0x", b"a\0b\0c\0d"] {
            assert_eq!(Plain::parse(payload), Err(PlainError::InvalidParts));
        }
        assert_eq!(Plain::parse(b"\0\0x"), Err(PlainError::EmptyAuthcid));
        assert_eq!(Plain::parse(b"\0a\0"), Err(PlainError::EmptyPassword));
        assert_eq!(Plain::parse(b"\0a\0\xff"), Err(PlainError::InvalidUtf8));
    }

    #[test]
    fn debug_shows_no_secret() {
        let plain = Plain::parse(b"\0alice\0s3cret").unwrap();
        let mut chunks = Chunks::new(1_000);
        let progress = [
            chunks.push(&"s3cret".repeat(70)[..400]),
            chunks.push("s3cret"),
        ];
        assert!(!format!("{plain:?} {chunks:?} {progress:?}").contains("s3cret"));
    }

    #[test]
    fn a_full_piece_announces_another() {
        let full = "a".repeat(AUTHENTICATE_BYTES_MAX);
        let mut chunks = Chunks::new(1_000);
        assert_eq!(chunks.push(&full), Progress::More);
        assert_eq!(chunks.push("bc=="), Progress::Done(format!("{full}bc==")));
        assert_eq!(
            chunks.push(&full),
            Progress::More,
            "the text before was forgotten"
        );
        assert_eq!(chunks.push("+"), Progress::Done(full));
        assert_eq!(chunks.push("+"), Progress::Done(String::new()));
    }

    #[test]
    fn the_whole_has_a_bound() {
        let full = "a".repeat(AUTHENTICATE_BYTES_MAX);
        let mut chunks = Chunks::new(801);
        assert_eq!(chunks.push(&full), Progress::More);
        assert_eq!(chunks.push(&full), Progress::More);
        assert_eq!(chunks.push("ab"), Progress::TooMuch);
        assert_eq!(
            chunks.push("ab"),
            Progress::Done("ab".to_owned()),
            "everything was forgotten"
        );
        assert_eq!(chunks.push(&format!("{full}a")), Progress::TooLong);
    }
}
