//! Framing: bytes as they arrive, cut into lines.
//! What a line says is the business of [`message`](crate::message).
//!
//! <https://modern.ircdocs.horse/#message-format>

use crate::limits::{ENDLESS_BYTES_MAX, LINE_BYTES_MAX};

/// What the codec found next in the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A line within the limits, not empty, without its end.
    Line(&'a [u8]),
    /// A line whose tags or body were too long, and which was dropped whole: `ERR_INPUTTOOLONG` (417). Its tags, with the `@`
    /// and the space, where they are within the limits; they tell whose answer it is.
    TooLong(&'a [u8]),
    /// More than [`ENDLESS_BYTES_MAX`] bytes without an end of line. The connection must be closed: the
    /// codec ignores everything that follows.
    Overflow,
}

/// Cuts a stream of bytes into lines, without doing any input itself.
///
/// Take all frames with [`LineCodec::next`] after each [`LineCodec::push`]: what stays is then at
/// most [`LINE_BYTES_MAX`] bytes, and nothing between two lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineCodec {
    body_bytes_max: usize,
    tags_bytes_max: usize,
    buffer: Vec<u8>,
    /// Where the first line that was not taken begins.
    start: usize,
    /// Up to where there is no end of line.
    scanned: usize,
    /// Bytes of the line that is being dropped, where one is.
    dropped: usize,
    /// The tags of that line.
    tags: Vec<u8>,
    /// Whether [`Frame::Overflow`] was returned.
    overflowed: bool,
}

impl LineCodec {
    /// A codec for lines whose body, with CR LF, has at most `body_max` bytes and whose tags, with
    /// the `@` and the space that ends them, have at most `tags_max` bytes.
    pub const fn new(body_max: usize, tags_max: usize) -> Self {
        Self {
            body_bytes_max: body_max,
            tags_bytes_max: tags_max,
            buffer: Vec::new(),
            start: 0,
            scanned: 0,
            dropped: 0,
            tags: Vec::new(),
            overflowed: false,
        }
    }

    /// Appends bytes as they came from the peer.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.overflowed {
            return;
        }
        self.forget_taken_lines();
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame, or `None` when more bytes are needed.
    #[expect(
        clippy::should_implement_trait,
        reason = "the frame borrows the codec, which an Iterator cannot express"
    )]
    pub fn next(&mut self) -> Option<Frame<'_>> {
        if self.dropped == 0 && !self.tags.is_empty() {
            self.tags = Vec::new();
        }
        loop {
            let found =
                find_newline(&self.buffer[self.scanned..]).map(|index| self.scanned + index);
            let end = found.unwrap_or(self.buffer.len());
            if self.dropped > 0 || end - self.start > LINE_BYTES_MAX {
                return self.drop_line(found, end);
            }
            self.scanned = end;
            let Some(end) = found else {
                self.forget_taken_lines();
                return None;
            };
            let mut line = self.start..end;
            if self.buffer[line.clone()].ends_with(b"\r") {
                line.end -= 1;
            }
            self.start = end + 1;
            self.scanned = self.start;
            if line.is_empty() {
                continue;
            }
            let line = &self.buffer[line];
            let is_within_limits = self.is_within_limits(line);
            return Some(if is_within_limits {
                Frame::Line(line)
            } else {
                Frame::TooLong(self.tags_of(line))
            });
        }
    }

    /// Bytes that were pushed and not taken yet.
    pub fn buffered(&self) -> usize {
        self.buffer.len() - self.start
    }

    /// Drops what has come of a line that is too long to be kept, up to `end`, which is its own where it was found.
    fn drop_line(&mut self, found: Option<usize>, end: usize) -> Option<Frame<'_>> {
        if self.dropped == 0 {
            self.tags = self.tags_of(&self.buffer[self.start..end]).to_vec();
        }
        self.dropped += end - self.start;
        if self.dropped > ENDLESS_BYTES_MAX {
            self.overflowed = true;
            self.dropped = 0;
            self.release();
            return Some(Frame::Overflow);
        }
        let Some(end) = found else {
            self.release();
            return None;
        };
        self.dropped = 0;
        self.start = end + 1;
        self.scanned = self.start;
        Some(Frame::TooLong(&self.tags))
    }

    /// The tags of a line, where they are whole and within the limits.
    fn tags_of<'line>(&self, line: &'line [u8]) -> &'line [u8] {
        let tags_bytes = tags_bytes(line);
        let is_whole = tags_bytes <= self.tags_bytes_max && tags_bytes < line.len();
        if is_whole { &line[..tags_bytes] } else { &[] }
    }

    fn is_within_limits(&self, line: &[u8]) -> bool {
        const CRLF: usize = 2;
        let tags_bytes = tags_bytes(line);
        tags_bytes <= self.tags_bytes_max && line.len() - tags_bytes + CRLF <= self.body_bytes_max
    }

    /// Moves what was not taken to the front. A session that waits between two lines holds no memory.
    fn forget_taken_lines(&mut self) {
        if self.start == self.buffer.len() {
            self.release();
        } else if self.start > 0 {
            // A new buffer of the right size: the old one may have held many lines.
            self.buffer = self.buffer.split_off(self.start);
            self.scanned -= self.start;
            self.start = 0;
        }
    }

    fn release(&mut self) {
        self.buffer = Vec::new();
        self.start = 0;
        self.scanned = 0;
    }
}

/// Bytes of the tags of a line, with the `@` and the space.
fn tags_bytes(line: &[u8]) -> usize {
    if line.first() != Some(&b'@') {
        return 0;
    }
    let space = line.iter().position(|&byte| byte == b' ');
    space.map_or(line.len(), |space| space + 1)
}

/// The index of the first LF. Looks at blocks, because the standard library's `contains` compares
/// many bytes at a time and `position` does not.
fn find_newline(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 128;
    let block = bytes
        .chunks(BLOCK)
        .position(|block| block.contains(&b'\n'))?;
    let index = bytes[block * BLOCK..]
        .iter()
        .position(|&byte| byte == b'\n')?;
    Some(block * BLOCK + index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::{OwnedFrame, frames};
    use crate::limits::{BODY_BYTES_MAX, CLIENT_TAGS_BYTES_MAX};

    fn codec() -> LineCodec {
        LineCodec::new(BODY_BYTES_MAX, CLIENT_TAGS_BYTES_MAX)
    }

    fn line(text: &str) -> OwnedFrame {
        OwnedFrame::Line(text.as_bytes().to_vec())
    }

    #[test]
    fn lines_end_with_lf_and_an_optional_cr() {
        let mut codec = codec();
        codec.push(b"A\r\nB\n\n\r\nC\rD\r\r\nE");
        assert_eq!(frames(&mut codec), [line("A"), line("B"), line("C\rD\r")]);
        assert_eq!(codec.buffered(), 1);
        codec.push(b"F\n");
        assert_eq!(frames(&mut codec), [line("EF")]);
    }

    #[test]
    fn a_body_may_fill_its_limit_exactly() {
        for end in ["\n", "\r\n"] {
            let mut codec = codec();
            let full = "x".repeat(BODY_BYTES_MAX - 2);
            codec.push(format!("{full}{end}{full}x{end}A{end}").as_bytes());
            assert_eq!(
                frames(&mut codec),
                [line(&full), OwnedFrame::TooLong, line("A")]
            );
        }
    }

    #[test]
    fn tags_have_a_limit_of_their_own() {
        let mut codec = codec();
        let tags = format!("@{}", "x".repeat(CLIENT_TAGS_BYTES_MAX - 2));
        let body = "y".repeat(BODY_BYTES_MAX - 2);
        codec
            .push(format!("{tags} {body}\n{tags}x {body}\n{tags}xxx\n{tags} {body}y\n").as_bytes());
        let expected = [
            line(&format!("{tags} {body}")),
            OwnedFrame::TooLong,
            OwnedFrame::TooLong,
            OwnedFrame::TooLong,
        ];
        assert_eq!(frames(&mut codec), expected);
    }

    #[test]
    fn a_line_without_end_overflows_once_and_holds_little_meanwhile() {
        let mut codec = codec();
        codec.push(b"A\n");
        for _ in 0..LINE_BYTES_MAX / 16 {
            codec.push(&[b'x'; 16]);
        }
        assert_eq!(frames(&mut codec), [line("A")]);
        assert_eq!(codec.buffered(), LINE_BYTES_MAX);
        for _ in LINE_BYTES_MAX / 16..ENDLESS_BYTES_MAX / 16 {
            codec.push(&[b'x'; 16]);
            assert_eq!(frames(&mut codec), []);
            assert!(codec.buffered() <= 16);
        }
        codec.push(b"x");
        assert_eq!(frames(&mut codec), [OwnedFrame::Overflow]);
        codec.push(b"\nB\n");
        assert_eq!(frames(&mut codec), []);
        assert_eq!(codec.buffered(), 0);
    }

    #[test]
    fn a_long_line_that_ends_is_too_long_but_no_overflow() {
        let mut codec = codec();
        codec.push(&[b'x'; LINE_BYTES_MAX]);
        assert_eq!(frames(&mut codec), []);
        codec.push(b"\nB\n");
        assert_eq!(frames(&mut codec), [OwnedFrame::TooLong, line("B")]);
    }

    #[test]
    fn the_tags_of_a_long_line_tell_whose_answer_its_refusal_is() {
        let long = "x".repeat(2 * LINE_BYTES_MAX);
        let tags = |bytes: &str| -> Vec<u8> {
            let mut codec = codec();
            let mut found = None;
            for byte in bytes.as_bytes().chunks(1_000) {
                codec.push(byte);
                while let Some(frame) = codec.next() {
                    assert_eq!(found, None);
                    let Frame::TooLong(tags) = frame else {
                        panic!("{frame:?}");
                    };
                    found = Some(tags.to_vec());
                }
            }
            found.expect("it has ended")
        };
        assert_eq!(
            tags(&format!("@label=1 PRIVMSG #a :{long}\r\n")),
            b"@label=1 "
        );
        assert_eq!(
            tags(&format!("@label=1 A {}\n", &long[..600])),
            b"@label=1 "
        );
        assert_eq!(tags(&format!("PRIVMSG #a :{long}\n")), b"");
        assert_eq!(tags(&format!("@{long}\n")), b"");
        assert_eq!(tags(&format!("@{long} A\n")), b"");
    }

    #[test]
    fn a_codec_between_two_lines_holds_no_memory() {
        let mut codec = codec();
        codec.push("PING x\r\n".repeat(1_000).as_bytes());
        assert_eq!(frames(&mut codec).len(), 1_000);
        assert_eq!(codec.buffer.capacity(), 0);
        codec.push("PING x\r\n".repeat(1_000).as_bytes());
        codec.push(b"P");
        assert_eq!(frames(&mut codec).len(), 1_000);
        assert!(
            codec.buffer.capacity() < 64,
            "{} bytes",
            codec.buffer.capacity()
        );
    }
}
