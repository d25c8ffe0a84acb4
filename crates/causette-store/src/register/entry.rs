//! An entry of the register: what is disclosed, chained and signed. It holds no personal data in clear.

use super::canonical::Object;
use aws_lc_rs::hmac;
use causette_proto::Timestamp;
use std::fmt;

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number. The first is 0, the next is one more.
    pub seq: u64,
    /// When the fact became one. Never before that of an earlier entry.
    pub time: Timestamp,
    /// Its category, 1 for `C1`.
    pub category: u8,
    /// Its type, as `message.creation`.
    pub kind: String,
    /// Who acted; `None` for the server.
    pub actor: Option<Tag>,
    /// On what, where there is something.
    pub target: Option<Tag>,
    /// The commitment to the metadata.
    pub meta: Commitment,
    /// The commitment to the content, where there is content.
    pub content: Option<Commitment>,
}

impl Entry {
    /// The one text of the entry: canonical JSON, whose members are `act` and `cib` (the tags of actor and target, or null),
    /// `cat`, `hc` and `hm` (the commitments to content, or null, and to metadata), `seq`, `t` (UTC, microseconds), `typ`
    /// and `v`. Bytes are in lower-case hexadecimal. <https://www.rfc-editor.org/rfc/rfc8785>
    pub fn canonical(&self) -> String {
        let tag = |tag: Option<Tag>| tag.map(|tag| tag.to_string());
        Object::new()
            .nullable("act", tag(self.actor).as_deref())
            .text("cat", &format!("C{}", self.category))
            .nullable("cib", tag(self.target).as_deref())
            .nullable(
                "hc",
                self.content.map(|content| content.to_string()).as_deref(),
            )
            .text("hm", &self.meta.to_string())
            .number("seq", self.seq)
            .text("t", &microseconds(self.time))
            .text("typ", &self.kind)
            .number("v", 1)
            .finish()
    }
}

/// The pseudonym of a subject for one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tag(pub [u8; 12]);

impl Tag {
    pub(crate) fn new(month: &hmac::Key, subject: &str) -> Self {
        let mut tag = [0; 12];
        tag.copy_from_slice(&hmac::sign(month, subject.as_bytes()).as_ref()[..12]);
        Self(tag)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

/// A salted commitment to a canonical JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commitment(pub [u8; 32]);

impl Commitment {
    pub(crate) fn new(salt: &[u8], json: &str) -> Self {
        let key = hmac::Key::new(hmac::HMAC_SHA256, salt);
        let mut commitment = [0; 32];
        commitment.copy_from_slice(hmac::sign(&key, json.as_bytes()).as_ref());
        Self(commitment)
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, f)
    }
}

fn hexadecimal(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Bytes in lower-case hexadecimal.
pub(super) fn hexadecimal_text(bytes: &[u8]) -> String {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    let digit = |digit: u8| char::from(DIGITS[usize::from(digit)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// The time with six digits after the second.
fn microseconds(time: Timestamp) -> String {
    let milliseconds = time.to_string();
    let milliseconds = milliseconds.trim_end_matches('Z');
    format!("{milliseconds}{:03}Z", time.0.rem_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canonical_text_is_fixed() {
        let entry = Entry {
            seq: 123,
            time: Timestamp(1_795_316_400_000_042),
            category: 5,
            kind: "message.creation".to_owned(),
            actor: Some(Tag([0xab; 12])),
            target: None,
            meta: Commitment([1; 32]),
            content: Some(Commitment([2; 32])),
        };
        let expected = format!(
            r#"{{"act":"{}","cat":"C5","cib":null,"hc":"{}","hm":"{}","seq":123,"t":"2026-11-22T03:00:00.000042Z","typ":"message.creation","v":1}}"#,
            "ab".repeat(12),
            "02".repeat(32),
            "01".repeat(32),
        );
        assert_eq!(entry.canonical(), expected);
    }

    /// Test case 1 of RFC 4231.
    #[test]
    fn commitments_are_hmac_sha256() {
        let commitment = Commitment::new(&[0x0b; 20], "Hi There");
        assert_eq!(
            commitment.to_string(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
    }
}
