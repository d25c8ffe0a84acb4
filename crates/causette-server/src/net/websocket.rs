//! The frames of WebSocket, without doing any input or output itself: what a client's bytes say, and how a line is sent.
//! <https://www.rfc-editor.org/rfc/rfc6455> <https://ircv3.net/specs/extensions/websocket>
//!
//! One message is one line of IRC. No extension is negotiated, so that a frame is never compressed.

use causette_proto::limits::{ENDLESS_BYTES_MAX, LINE_BYTES_MAX};
use std::str;

/// Bytes of one message that are kept: those of a line whose end is awaited. What is longer is read to its end and dropped,
/// up to what a line may have.
const MESSAGE_BYTES_MAX: usize = LINE_BYTES_MAX;

/// Bytes of a control frame's payload at most.
const CONTROL_BYTES_MAX: usize = 125;

/// The bit of a frame that ends its message.
const FIN: u8 = 0x80;
/// The bits of extensions, of which there is none.
const RESERVED: u8 = 0x70;
/// The bit of a payload that is masked. A client's always is, and the server's never.
const MASKED: u8 = 0x80;

const CONTINUATION: u8 = 0x0;
const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
const PONG: u8 = 0xA;

/// In which kind of messages lines are sent. Every line of ours is UTF-8, which either can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carriage {
    /// `text.ircv3.net`, or no subprotocol.
    Text,
    /// `binary.ircv3.net`.
    Binary,
}

/// Why a connection ends. <https://www.rfc-editor.org/rfc/rfc6455#section-7.4.1>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Code(pub(crate) u16);

impl Code {
    /// All is said.
    pub(crate) const NORMAL: Self = Self(1000);
    /// The server stops.
    pub(crate) const GOING_AWAY: Self = Self(1001);
    /// The bytes are no frames that a client may send.
    pub(crate) const PROTOCOL: Self = Self(1002);
    /// A text that is not UTF-8.
    pub(crate) const INVALID: Self = Self(1007);
    /// Too much waits for who does not read.
    pub(crate) const POLICY: Self = Self(1008);
    /// A message that is longer than any line, also one that is refused.
    pub(crate) const TOO_BIG: Self = Self(1009);

    /// Whether an end may name it.
    fn is_sendable(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

/// What a client's bytes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// A whole message, of either kind.
    Message(Vec<u8>),
    /// A message that was too long to be kept, and which was dropped but for its beginning.
    TooLong(Vec<u8>),
    /// A question whether we are there: the frame that answers it.
    Ping(Vec<u8>),
    /// Nothing, in a whole frame: an answer to no question of ours, or a part of a message with no byte in it. Whoever reads
    /// them needs to know, because a client could send them for ever.
    Nothing,
    /// Nothing more comes; the code to answer with.
    Close(Code),
    /// What must not be said; the code to end with.
    Fault(Code),
}

/// Cuts a client's bytes into messages. Holds no memory between two of them.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    bytes: Vec<u8>,
    /// Up to where the bytes were taken.
    taken: usize,
    message: Vec<u8>,
    /// Bytes of the message that were dropped, or will be.
    dropped: usize,
    /// Bytes of the frame that are still to be dropped, and whether it ends its message.
    dropping: usize,
    ends: bool,
    /// The kind of the message that has begun and not ended.
    begun: Option<u8>,
    /// Whether [`Said::Close`] or [`Said::Fault`] was returned. What follows means nothing.
    ended: bool,
}

/// The beginning of a frame.
struct Head {
    fin: bool,
    opcode: u8,
    mask: [u8; 4],
    /// Where the payload is in the bytes.
    start: usize,
    length: usize,
}

impl Head {
    fn is_control(&self) -> bool {
        self.opcode >= CLOSE
    }
}

impl Decoder {
    /// Appends bytes as they came.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if !self.ended {
            self.forget_taken();
            self.bytes.extend_from_slice(bytes);
        }
    }

    /// What comes next, or `None` when more bytes are needed. Take all of it after each [`Decoder::push`]: what stays is
    /// then less than one frame.
    pub(crate) fn next(&mut self) -> Option<Said> {
        while !self.ended {
            if self.dropping > 0 {
                let count = self.dropping.min(self.bytes.len() - self.taken);
                self.taken += count;
                self.dropping -= count;
                if self.dropping > 0 {
                    break;
                }
                if self.ends {
                    return Some(self.dropped_whole());
                }
            }
            let said = match self.head() {
                Ok(None) => break,
                Ok(Some(head)) if self.bytes.len() - head.start < self.awaited(&head) => break,
                Ok(Some(head)) => self.frame(&head),
                Err(code) => Some(Said::Fault(code)),
            };
            self.ended = matches!(said, Some(Said::Close(_) | Said::Fault(_)));
            if said.is_some() {
                return said;
            }
        }
        self.forget_taken();
        None
    }

    /// Reads the beginning of the next frame, and judges it before its payload is waited for.
    fn head(&self) -> Result<Option<Head>, Code> {
        let bytes = &self.bytes[self.taken..];
        let &[first, second, ..] = bytes else {
            return Ok(None);
        };
        let (fin, opcode) = (first & FIN != 0, first & 0x0F);
        let is_control = opcode >= CLOSE;
        let in_place = match opcode {
            CONTINUATION => self.begun.is_some(),
            TEXT | BINARY => self.begun.is_none(),
            CLOSE | PING | PONG => fin,
            _ => false,
        };
        if first & RESERVED != 0 || second & MASKED == 0 || !in_place {
            return Err(Code::PROTOCOL);
        }
        let (length, length_end) = match second & !MASKED {
            126 => match bytes.get(2..4) {
                Some(length) => (
                    length
                        .iter()
                        .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
                    4,
                ),
                None => return Ok(None),
            },
            127 => match bytes.get(2..10) {
                Some(length) => (
                    length
                        .iter()
                        .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
                    10,
                ),
                None => return Ok(None),
            },
            length => (u64::from(length), 2),
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if is_control && length > CONTROL_BYTES_MAX {
            return Err(Code::PROTOCOL);
        }
        if !is_control && length > ENDLESS_BYTES_MAX - self.dropped - self.message.len() {
            return Err(Code::TOO_BIG);
        }
        let Some(mask) = bytes.get(length_end..length_end + 4) else {
            return Ok(None);
        };
        Ok(Some(Head {
            fin,
            opcode,
            mask: [mask[0], mask[1], mask[2], mask[3]],
            start: self.taken + length_end + 4,
            length,
        }))
    }

    /// Bytes of a frame's payload that are kept.
    fn awaited(&self, head: &Head) -> usize {
        let room = MESSAGE_BYTES_MAX - self.message.len();
        if head.is_control() {
            head.length
        } else {
            head.length.min(room)
        }
    }

    /// A message that was too long has ended.
    fn dropped_whole(&mut self) -> Said {
        self.begun = None;
        self.dropped = 0;
        Said::TooLong(std::mem::take(&mut self.message))
    }

    /// Takes a frame of which all is there that is kept.
    fn frame(&mut self, head: &Head) -> Option<Said> {
        let kept = self.awaited(head);
        self.taken = head.start + kept;
        let masked = self.bytes[head.start..self.taken].iter();
        let payload = masked
            .zip(head.mask.iter().cycle())
            .map(|(byte, mask)| byte ^ mask);
        match head.opcode {
            CLOSE => Some(close(&payload.collect::<Vec<u8>>())),
            PING => {
                let mut pong = vec![FIN | PONG, head.length as u8];
                pong.extend(payload);
                Some(Said::Ping(pong))
            }
            // An answer to nothing, which is allowed.
            PONG => Some(Said::Nothing),
            _ => {
                self.message.extend(payload);
                let kind = *self.begun.get_or_insert(head.opcode);
                self.dropping = head.length - kept;
                self.dropped += self.dropping;
                self.ends = head.fin;
                if self.dropping > 0 {
                    return None;
                }
                if !head.fin {
                    return (head.length == 0).then_some(Said::Nothing);
                }
                if self.dropped > 0 {
                    return Some(self.dropped_whole());
                }
                self.begun = None;
                let message = std::mem::take(&mut self.message);
                if kind == TEXT && str::from_utf8(&message).is_err() {
                    return Some(Said::Fault(Code::INVALID));
                }
                Some(Said::Message(message))
            }
        }
    }

    /// Bytes that wait for more.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn buffered(&self) -> usize {
        self.bytes.len() - self.taken
    }

    /// Moves what was not taken to the front.
    fn forget_taken(&mut self) {
        if self.taken > 0 {
            self.bytes = self.bytes.split_off(self.taken);
            self.taken = 0;
        }
        if self.bytes.is_empty() || self.ended {
            self.bytes = Vec::new();
        }
    }
}

/// What an end says: nothing, or a code and a reason.
fn close(payload: &[u8]) -> Said {
    match payload {
        [] => Said::Close(Code::NORMAL),
        &[high, low, ref reason @ ..] => {
            let code = Code(u16::from_be_bytes([high, low]));
            if code.is_sendable() && str::from_utf8(reason).is_ok() {
                Said::Close(code)
            } else {
                Said::Fault(Code::PROTOCOL)
            }
        }
        [_] => Said::Fault(Code::PROTOCOL),
    }
}

/// Appends the frames of whole lines, one for each. A [`Said::Ping`]'s answer, which no line can be taken for because UTF-8
/// never begins with that byte, is a frame already.
pub(crate) fn encode(lines: &[u8], carriage: Carriage, frames: &mut Vec<u8>) {
    if lines.first() == Some(&(FIN | PONG)) {
        frames.extend_from_slice(lines);
        return;
    }
    let opcode = match carriage {
        Carriage::Text => TEXT,
        Carriage::Binary => BINARY,
    };
    for line in lines.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.is_empty() {
            frame(opcode, line, frames);
        }
    }
}

/// Appends the last frame.
pub(crate) fn encode_close(code: Code, frames: &mut Vec<u8>) {
    frame(CLOSE, &code.0.to_be_bytes(), frames);
}

fn frame(opcode: u8, payload: &[u8], frames: &mut Vec<u8>) {
    frames.push(FIN | opcode);
    let length = payload.len();
    if let Ok(short) = u8::try_from(length)
        && short < 126
    {
        frames.push(short);
    } else if let Ok(medium) = u16::try_from(length) {
        frames.push(126);
        frames.extend_from_slice(&medium.to_be_bytes());
    } else {
        frames.push(127);
        frames.extend_from_slice(&(length as u64).to_be_bytes());
    }
    frames.extend_from_slice(payload);
}

#[cfg(test)]
mod tests;
