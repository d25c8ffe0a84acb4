//! What the bytes of one request must have as their checksum. <https://tus.io/protocols/resumable-upload#checksum>

use aws_lc_rs::digest::{Algorithm, Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// What is understood.
const ALGORITHMS: [(&str, &Algorithm); 2] =
    [("sha1", &SHA1_FOR_LEGACY_USE_ONLY), ("sha256", &SHA256)];

/// The same, as it is told.
pub(super) const NAMES: &str = "sha1,sha256";

/// A checksum that is being counted.
#[derive(Clone)]
pub(super) struct Checksum {
    wanted: Vec<u8>,
    counted: Context,
}

impl Checksum {
    /// What a header says: the algorithm, a blank, and the checksum in Base64. `None` where it says nothing that is understood.
    pub(super) fn read(header: &str) -> Option<Self> {
        let (name, encoded) = header.split_once(' ')?;
        let (_, algorithm) = ALGORITHMS.iter().find(|(known, _)| *known == name)?;
        let wanted = BASE64_STANDARD.decode(encoded.trim()).ok()?;
        Some(Self {
            wanted,
            counted: Context::new(algorithm),
        })
    }

    pub(super) fn update(&mut self, piece: &[u8]) {
        self.counted.update(piece);
    }

    /// Whether what was counted is what was said.
    pub(super) fn agrees(self) -> bool {
        self.counted.finish().as_ref() == self.wanted
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_checksum_is_read_and_counted() {
        for (header, agrees) in [
            ("sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=", true),
            ("sha256 LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=", true),
            ("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", false),
            ("sha1 ", false),
        ] {
            let mut checksum = Checksum::read(header).unwrap();
            checksum.update(b"hel");
            checksum.update(b"lo");
            assert_eq!(checksum.agrees(), agrees, "{header}");
        }
        for wrong in ["", "sha1", "md5 XUFAKrxLKna5cZ2REBfFkg==", "sha1 !"] {
            assert!(Checksum::read(wrong).is_none(), "{wrong}");
        }
    }
}
