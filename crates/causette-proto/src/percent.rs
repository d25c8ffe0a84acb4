//! Percent-encoding. <https://www.rfc-editor.org/rfc/rfc3986#section-2.1>

use std::fmt::Write as _;

/// A text as it stands in a part of an address: whatever is neither unreserved nor among the ASCII characters that are kept there is
/// a percent sign and two digits for each of its bytes. <https://www.rfc-editor.org/rfc/rfc3986#section-2.3>
pub fn percent_encoded(text: &str, kept: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_kept = byte.is_ascii() && kept.as_bytes().contains(&byte);
        if is_kept || byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            // A string takes whatever is written to it.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::percent_encoded;

    #[test]
    fn what_is_reserved_is_encoded_unless_it_is_kept() {
        assert_eq!(percent_encoded("#é a-b", ""), "%23%C3%A9%20a-b");
        assert_eq!(percent_encoded("#é/a_b", "#"), "#%C3%A9%2Fa_b");
    }
}
