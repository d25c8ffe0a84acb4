//! GIF: its images and how they follow each other are kept, its comments and what programs add are not.
//! <https://www.w3.org/Graphics/GIF/spec-gif89a.txt>

/// What a block begins with.
const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;

/// Kinds of extensions.
const SHOWN_TEXT: u8 = 0x01;
const CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;

/// Applications whose extensions say how the picture looks: how often it is repeated, and its colours.
const LOOKS: [&[u8]; 3] = [b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"];

/// Bytes of its head, with the description of the screen.
const HEAD_BYTES: usize = 13;

/// The picture without what it says beside; `None` where it is none, or is broken off in the middle of a block.
pub(super) fn cleaned(gif: &[u8]) -> Option<Vec<u8>> {
    let mut clean = Vec::with_capacity(gif.len());
    let mut at = HEAD_BYTES + colours(*gif.get(10)?);
    clean.extend_from_slice(gif.get(..at)?);
    loop {
        let begun = at;
        // Where the end is missing, it is shown all the same.
        let is_kept = match gif.get(at).copied().unwrap_or(TRAILER) {
            TRAILER => {
                clean.push(TRAILER);
                return Some(clean);
            }
            IMAGE => {
                // Behind the colours stands how long the codes are.
                at += 10 + colours(*gif.get(at + 9)?) + 1;
                true
            }
            EXTENSION => {
                at += 2;
                match *gif.get(begun + 1)? {
                    CONTROL | SHOWN_TEXT => true,
                    APPLICATION => {
                        let name = gif.get(at + 1..)?;
                        LOOKS.iter().any(|looks| name.starts_with(looks))
                    }
                    _ => false,
                }
            }
            _ => return None,
        };
        at = behind_pieces(gif, at)?;
        if is_kept {
            clean.extend_from_slice(gif.get(begun..at)?);
        }
    }
}

/// Bytes of a table of colours, as the flags say that announce it.
fn colours(flags: u8) -> usize {
    match flags & 0x80 {
        0 => 0,
        _ => 3 << ((flags & 7) + 1),
    }
}

/// Where the pieces end that begin here: each begins with its length, the last one has none.
fn behind_pieces(gif: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let length = usize::from(*gif.get(at)?);
        at += 1 + length;
        if length == 0 {
            return Some(at);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const HEAD: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff";
    const REPEATED: &[u8] = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0";
    const COMMENT: &[u8] = b"\x21\xfe\x0a48.85 2.35\0";
    const XMP: &[u8] = b"\x21\xff\x0bXMP DataXMP\x04here\0";
    const CONTROLLED: &[u8] = b"\x21\xf9\x04\0\0\0\0\0";
    const PIXELS: &[u8] = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0";

    #[test]
    fn comments_go_and_images_stay() {
        let told = [
            HEAD,
            COMMENT,
            REPEATED,
            XMP,
            CONTROLLED,
            PIXELS,
            b"\x3bhere",
        ]
        .concat();
        let bare = [HEAD, REPEATED, CONTROLLED, PIXELS, b"\x3b"].concat();
        assert_eq!(cleaned(&told).unwrap(), bare);
        assert_eq!(cleaned(&bare).unwrap(), bare);
        // Without its end it is shown too.
        assert_eq!(cleaned(&bare[..bare.len() - 1]).unwrap(), bare);
    }

    #[test]
    fn what_is_broken_off_is_told_apart() {
        let whole = [HEAD, PIXELS].concat();
        for cut in 0..HEAD.len() {
            assert_eq!(cleaned(&whole[..cut]), None, "{cut}");
        }
        for cut in HEAD.len() + 1..whole.len() {
            assert_eq!(cleaned(&whole[..cut]), None, "{cut}");
        }
        assert_eq!(cleaned(&[HEAD, b"x"].concat()), None);
    }
}
