//! Lines that are no messages: what is wrong with them, and what can be read of them all the same.

use crate::limits;
use causette_proto::message::command_word;
use causette_proto::{CompactString, ParseError, Tags};

/// A line that is no message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineFault {
    /// What is wrong with it.
    pub problem: LineProblem,
    /// The label that it bears, where that can be read.
    pub label: Option<CompactString>,
    /// What stands where a line has its command, where that can be read and nothing else is too long.
    pub word: Option<CompactString>,
}

impl LineFault {
    /// What is wrong with a line of which these bytes are the beginning: its tags at least, if they could be kept.
    pub fn of(problem: LineProblem, line: &[u8]) -> Self {
        let start = line.iter().position(|byte| *byte != b' ');
        let line = start.map_or(&[][..], |start| &line[start..]);
        let tags = line.strip_prefix(b"@").and_then(|line| {
            let data = line.split(|byte| *byte == b' ').next()?;
            // One of its tags may not be UTF-8 where another is the label.
            let tags = data.split(|byte| *byte == b';');
            let tags = tags.filter_map(|tag| str::from_utf8(tag).ok());
            Tags::parse(&tags.collect::<Vec<_>>().join(";")).ok()
        });
        let label = tags.as_ref().and_then(label_of);
        let word = match problem {
            LineProblem::TooLong => None,
            LineProblem::Malformed(_) => command_word(line),
        };
        let word = word.and_then(|word| str::from_utf8(word).ok());
        Self {
            problem,
            label,
            word: word.map(CompactString::new),
        }
    }
}

/// The label that tags hold, where it is valid. <https://ircv3.net/specs/extensions/labeled-response>
pub(crate) fn label_of(tags: &Tags) -> Option<CompactString> {
    let label = tags.get("label")?;
    (!label.is_empty() && label.len() <= limits::LABEL_BYTES).then(|| label.into())
}

/// What is wrong with a line that is no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineProblem {
    /// It is longer than a line may be; it was dropped to its end.
    TooLong,
    /// It does not parse.
    Malformed(ParseError),
}
