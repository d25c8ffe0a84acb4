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

/// The word that stands where a line has its command, whatever it and the rest are made of.
pub fn command_word(line: &[u8]) -> Option<&[u8]> {
    let mut words = line
        .split(|byte| *byte == b' ')
        .filter(|word| !word.is_empty())
        .peekable();
    words.next_if(|word| word.starts_with(b"@"));
    words.next_if(|word| word.starts_with(b":"));
    words.next()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    fn parse(line: &str) -> Message {
        Message::parse(line.as_bytes()).unwrap()
    }

    #[test]
    fn reads_every_part() {
        let message = parse("@id=1;+x=a\\sb :alice!a@host privmsg #thé :bonjour à tous");
        let expected = Message::new("PRIVMSG")
            .tag("id", "1")
            .tag("+x", "a b")
            .source("alice!a@host")
            .param("#thé")
            .param("bonjour à tous");
        assert_eq!(message, expected);
    }

    #[test]
    fn spaces_may_be_repeated() {
        assert_eq!(
            parse("  @a   :b   JOIN   #c   key  ").to_string(),
            "@a :b JOIN #c key"
        );
        assert_eq!(parse("@ : PING x").to_string(), "PING x");
    }

    #[test]
    fn the_trailing_parameter_keeps_its_spaces_and_colons() {
        assert_eq!(parse("TOPIC #a ::  x: ").params, ["#a", ":  x: "]);
        assert_eq!(parse("TOPIC #a :").params, ["#a", ""]);
        assert_eq!(parse("MODE a:b c").params, ["a:b", "c"]);
    }

    #[test]
    fn the_fifteenth_parameter_takes_the_rest() {
        let message = parse("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14  15 16 :17");
        assert_eq!(message.params.len(), PARAMS_MAX);
        assert_eq!(message.params[14], "15 16 :17");
        assert_eq!(
            parse("X 1 2 3 4 5 6 7 8 9 10 11 12 13 14 :15 16").params[14],
            "15 16"
        );
    }

    #[test]
    fn refusals_name_their_reason() {
        let refusal = |line: &[u8]| Message::parse(line).unwrap_err();
        for line in ["", "   ", "@a=b", "@a=b ", ":source", ":source  ", "@a :b "] {
            assert_eq!(refusal(line.as_bytes()), ParseError::Empty, "{line:?}");
        }
        for line in ["PRIV-MSG a", "12", "1234", "0a1", "é"] {
            assert_eq!(
                refusal(line.as_bytes()),
                ParseError::InvalidCommand,
                "{line:?}"
            );
        }
        assert_eq!(refusal(b"PRIVMSG a :\xff"), ParseError::InvalidUtf8);
        assert_eq!(refusal(b"PRIVMSG a :x\0y"), ParseError::ForbiddenByte(0));
        assert_eq!(
            refusal(b"PRIVMSG a :x\ry"),
            ParseError::ForbiddenByte(b'\r')
        );
        assert_eq!(refusal(b"PRIVMSG a :x\n"), ParseError::ForbiddenByte(b'\n'));
    }

    #[test]
    fn a_tag_whose_key_is_none_is_left_out() {
        for tag in ["a_b", "=b", "a/b/c=1", "+", "é=2", "++a"] {
            let message = parse(&format!("@label=1;{tag};c=3 X y"));
            assert_eq!(message, parse("@label=1;c=3 X y"), "{tag}");
        }
        assert!(parse("@a_b=1 X").tags.is_empty());
    }

    #[test]
    fn the_word_of_a_line_that_is_no_message_is_found_all_the_same() {
        let word = |line: &[u8]| command_word(line).map(<[u8]>::to_vec);
        for line in ["NO_SUCH x", "  @a=b;c  :s  NO_SUCH  x", ":s NO_SUCH"] {
            assert_eq!(word(line.as_bytes()), Some(b"NO_SUCH".to_vec()), "{line:?}");
        }
        assert_eq!(word(b"@a=\xff PRIVMSG a :\xff"), Some(b"PRIVMSG".to_vec()));
        for line in ["", "@a", "@a ", ":s", ":s ", "@a :s "] {
            assert_eq!(word(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn a_colon_is_written_where_it_is_needed() {
        let format = |last: &str| Message::new("x").param("a").param(last).to_string();
        assert_eq!(format("b"), "X a b");
        assert_eq!(format(""), "X a :");
        assert_eq!(format("b c"), "X a :b c");
        assert_eq!(format(":b"), "X a ::b");
        assert_eq!(
            Message::new("x").param("b").with_trailing().to_string(),
            "X :b"
        );
        assert_eq!(Message::new("x").with_trailing().to_string(), "X");
    }

    #[test]
    fn no_content_breaks_out_of_its_line() {
        let message = Message::new("421")
            .tag("label", "a\r\nb\0")
            .source("a\nb c")
            .param("")
            .param("x\r\ny z")
            .param(":w")
            .param("1\r\n2\0 3");
        assert_eq!(
            message.to_string(),
            "@label=a\\r\\nb :a_b_c 421 * x__y_z _w :1  2  3"
        );
        let mut line = String::from("> ");
        message.with_trailing().format_into(&mut line);
        assert!(!line.contains(['\r', '\n', '\0']));
    }
}
