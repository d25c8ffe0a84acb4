//! What a file is, as its first bytes say: never as somebody calls it.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// Bytes that are looked at.
const LOOKED_AT: usize = 8192;

/// What nothing more is known of.
const BYTES: &str = "application/octet-stream";

/// The media type of a file.
///
/// # Errors
/// It cannot be read.
pub(crate) fn of(file: &File) -> io::Result<&'static str> {
    let mut bytes = vec![0; LOOKED_AT];
    let mut read = 0;
    loop {
        match file.read_at(&mut bytes[read..], read as u64)? {
            0 => break,
            more => read += more,
        }
    }
    bytes.truncate(read);
    Ok(kind(&bytes, read == LOOKED_AT))
}

fn kind(bytes: &[u8], is_cut: bool) -> &'static str {
    if let Some(found) = infer::get(bytes) {
        return found.mime_type();
    }
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        // The end may be in the middle of a character.
        Err(error) if is_cut && bytes.len() - error.valid_up_to() < 4 => {
            std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()
        }
        Err(_) => None,
    };
    let is_plain = |char: char| !char.is_control() || matches!(char, '\n' | '\r' | '\t' | '\u{c}');
    match text {
        Some(text) if !text.is_empty() && text.chars().all(is_plain) => "text/plain",
        _ => BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn what_a_file_is_its_bytes_say() {
        for (bytes, is) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "image/jpeg"),
            ("du texte, été\n".as_bytes(), "text/plain"),
            (b"\0\x01\x02", "application/octet-stream"),
            (b"", "application/octet-stream"),
            (b"text with \x1b[31mcolour", "application/octet-stream"),
        ] {
            assert_eq!(kind(bytes, false), is, "{bytes:?}");
        }
        // A browser is never told that it is a page.
        assert_ne!(
            kind(b"<!DOCTYPE html><script>alert(1)</script>", false),
            "text/plain"
        );
    }
}
