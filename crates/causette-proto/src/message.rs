//! One message: tags, source, command and parameters, read from a line and written to one.
//! Where lines begin and end is the business of [`codec`](crate::codec).
//!
//! <https://modern.ircdocs.horse/#message-format>

use std::fmt::{self, Write};

use compact_str::CompactString;

use crate::limits::PARAMS_MAX;
use crate::tags::Tags;

/// A message as one peer sends it to another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Message {
    /// What is said about the message; empty when there are none.
    pub tags: Tags,
    /// Who sent it: a server's name or `nick!user@host`. A server ignores what clients put here.
    pub source: Option<CompactString>,
    /// The verb in upper case, or a numeric's three digits.
    pub command: CompactString,
    /// At most [`PARAMS_MAX`]; only the last may be empty, contain spaces or start with a colon.
    pub params: Vec<CompactString>,
}

/// Why a line is not a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ParseError {
    /// There is no command.
    Empty,
    /// The line is not UTF-8.
    InvalidUtf8,
    /// The command is neither made of letters nor a numeric's three digits.
    InvalidCommand,
    /// A tag's key breaks the grammar of keys.
    InvalidTags,
    /// A NUL, CR or LF inside the line.
    ForbiddenByte(u8),
}

impl fmt::Display for ParseError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => out.write_str("the line has no command"),
            Self::InvalidUtf8 => out.write_str("the line is not UTF-8"),
            Self::InvalidCommand => {
                out.write_str("the command is neither letters nor three digits")
            }
            Self::InvalidTags => out.write_str("a message tag has an invalid key"),
            Self::ForbiddenByte(byte) => write!(out, "the line contains the byte 0x{byte:02X}"),
        }
    }
}

impl std::error::Error for ParseError {}

impl Message {
    /// A message with this command, in upper case, and nothing else.
    pub fn new(command: impl Into<CompactString>) -> Self {
        let mut command = command.into();
        command.make_ascii_uppercase();
        Self {
            command,
            ..Self::default()
        }
    }

    /// The same message from `source`.
    #[must_use]
    pub fn source(mut self, source: impl Into<CompactString>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same message with one more parameter.
    #[must_use]
    pub fn param(mut self, param: impl Into<CompactString>) -> Self {
        self.params.push(param.into());
        self
    }

    /// The same message with the tag `key` set to `value`, unescaped.
    #[must_use]
    pub fn tag(mut self, key: impl Into<CompactString>, value: impl Into<CompactString>) -> Self {
        self.tags.insert(key, value);
        self
    }

    /// Reads one line, given without its CR LF. Spaces may be repeated, and the fifteenth parameter
    /// takes the rest of the line.
    ///
    /// # Errors
    /// Says why the line is no message; no input makes it panic.
    pub fn parse(line: &[u8]) -> Result<Self, ParseError> {
        if let Some(&byte) = line.iter().find(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
            return Err(ParseError::ForbiddenByte(byte));
        }
        let line = std::str::from_utf8(line).map_err(|_| ParseError::InvalidUtf8)?;
        let mut rest = line.trim_start_matches(' ');

        let mut tags = Tags::new();
        if let Some(tagged) = rest.strip_prefix('@') {
            let (data, after) = next_word(tagged);
            tags = Tags::parse(data)?;
            rest = after;
        }
        let mut source = None;
        if let Some(sourced) = rest.strip_prefix(':') {
            let (word, after) = next_word(sourced);
            source = (!word.is_empty()).then(|| CompactString::new(word));
            rest = after;
        }
        let (word, mut rest) = next_word(rest);
        if word.is_empty() {
            return Err(ParseError::Empty);
        }
        if !is_valid_command(word) {
            return Err(ParseError::InvalidCommand);
        }
        let mut message = Self {
            tags,
            source,
            ..Self::new(word)
        };
        while !rest.is_empty() {
            if let Some(trailing) = rest.strip_prefix(':') {
                message.params.push(CompactString::new(trailing));
                break;
            }
            if message.params.len() + 1 == PARAMS_MAX {
                message.params.push(CompactString::new(rest));
                break;
            }
            let (param, after) = next_word(rest);
            message.params.push(CompactString::new(param));
            rest = after;
        }
        Ok(message)
    }

    /// Appends the wire form, without CR LF, to `out`.
    ///
    /// The result is one line whatever the fields contain: a line break or NUL in the last parameter
    /// becomes a space, and what cannot stand in the middle of a line is replaced by `_` (an empty
    /// parameter by `*`).
    pub fn format_into(&self, out: &mut String) {
        self.write(out, Trailing::WhenNeeded)
            .expect("writing to a String cannot fail");
    }

    /// The wire form in which the last parameter always has its colon, as old clients expect of texts.
    pub fn with_trailing(&self) -> WithTrailing<'_> {
        WithTrailing(self)
    }

    fn write(&self, out: &mut impl Write, trailing: Trailing) -> fmt::Result {
        if !self.tags.is_empty() {
            out.write_char('@')?;
            self.tags.write(out)?;
            out.write_char(' ')?;
        }
        if let Some(source) = &self.source {
            out.write_char(':')?;
            write_word(source, out)?;
            out.write_char(' ')?;
        }
        write_word(&self.command, out)?;
        let Some((last, middles)) = self.params.split_last() else {
            return Ok(());
        };
        for middle in middles {
            out.write_char(' ')?;
            match middle.strip_prefix(':') {
                Some(rest) => {
                    out.write_char('_')?;
                    write_replacing(rest, &[' ', '\0', '\r', '\n'], '_', out)?;
                }
                None => write_word(middle, out)?,
            }
        }
        out.write_char(' ')?;
        if trailing == Trailing::Always
            || last.is_empty()
            || last.starts_with(':')
            || last.contains([' ', '\0', '\r', '\n'])
        {
            out.write_char(':')?;
        }
        write_replacing(last, &['\0', '\r', '\n'], ' ', out)
    }
}

/// The wire form without CR LF; see [`Message::format_into`].
impl fmt::Display for Message {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(out, Trailing::WhenNeeded)
    }
}

/// Writes a message with a colon before its last parameter; made by [`Message::with_trailing`].
#[derive(Debug, Clone, Copy)]
pub struct WithTrailing<'a>(&'a Message);

impl WithTrailing<'_> {
    /// Appends the wire form, without CR LF, to `out`.
    pub fn format_into(self, out: &mut String) {
        self.0
            .write(out, Trailing::Always)
            .expect("writing to a String cannot fail");
    }
}

impl fmt::Display for WithTrailing<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write(out, Trailing::Always)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trailing {
    WhenNeeded,
    Always,
}

/// The text before the first space, and what follows the spaces.
fn next_word(text: &str) -> (&str, &str) {
    match text.split_once(' ') {
        Some((word, rest)) => (word, rest.trim_start_matches(' ')),
        None => (text, ""),
    }
}

fn is_valid_command(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphabetic())
        || (word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Writes what stands between two spaces.
fn write_word(word: &str, out: &mut impl Write) -> fmt::Result {
    if word.is_empty() {
        return out.write_char('*');
    }
    write_replacing(word, &[' ', '\0', '\r', '\n'], '_', out)
}

fn write_replacing(
    text: &str,
    forbidden: &[char],
    replacement: char,
    out: &mut impl Write,
) -> fmt::Result {
    for (index, piece) in text.split(forbidden).enumerate() {
        if index > 0 {
            out.write_char(replacement)?;
        }
        out.write_str(piece)?;
    }
    Ok(())
}
