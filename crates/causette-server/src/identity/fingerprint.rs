//! Fingerprints: the SHA-256 of something, in digits that people and programs compare.

use aws_lc_rs::digest::{SHA256, digest};
use std::fmt::Write as _;

/// Digits in a group of those that people compare.
const GROUP: usize = 4;

/// Groups in a row, a wider gap after half of them.
const GROUPS: usize = 8;

/// The SHA-256 of some bytes, in lower-case hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in digest(&SHA256, bytes).as_ref() {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A fingerprint in rows that people compare with those of their client: `7F2A 91C0 5D3E 8B44  A6E1 0F9C 2277 D5B8`.
pub(crate) fn rows(fingerprint: &str) -> Vec<String> {
    let digits: Vec<char> = fingerprint.to_ascii_uppercase().chars().collect();
    let groups: Vec<String> = digits.chunks(GROUP).map(String::from_iter).collect();
    groups
        .chunks(GROUPS)
        .map(|row| {
            let halves: Vec<String> = row.chunks(GROUPS / 2).map(|half| half.join(" ")).collect();
            halves.join("  ")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_compare_groups_of_four_digits_eight_in_a_row() {
        let fingerprint = sha256(b"abc");
        assert!(fingerprint.starts_with("ba7816bf8f01cfea414140de5dae2223"));
        assert_eq!(
            rows(&fingerprint),
            [
                "BA78 16BF 8F01 CFEA  4141 40DE 5DAE 2223",
                "B003 61A3 9617 7A9C  B410 FF61 F200 15AD"
            ]
        );
    }
}
