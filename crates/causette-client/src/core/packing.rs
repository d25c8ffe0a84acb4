//! A text of many lines, put into as few messages as the server takes.

use causette_proto::split::{cut, lines_of};

/// What one message may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes of text on one line of the wire.
    pub line_bytes: usize,
    /// Bytes and lines of one message of several lines; `None` where every line is a message by itself.
    pub several: Option<(usize, usize)>,
}

/// Takes lines one after the other and gives messages as they are full.
#[derive(Clone, Debug)]
pub struct Packer {
    room: Room,
    text: String,
    /// Lines on the wire that the text takes, and its bytes with what stands between those.
    lines: usize,
    bytes: usize,
    /// Empty lines behind the text, which count once something follows them in the same message.
    blank: usize,
}

impl Packer {
    /// For messages with so much room.
    pub fn new(room: Room) -> Self {
        Self {
            room,
            text: String::new(),
            lines: 0,
            bytes: 0,
            blank: 0,
        }
    }

    /// The messages that a whole text becomes. What holds nothing but empty lines becomes none.
    pub fn pack(room: Room, text: &str) -> Vec<String> {
        let mut packer = Self::new(room);
        let mut messages = Vec::new();
        for line in text.split('\n') {
            packer.push(line.strip_suffix('\r').unwrap_or(line), &mut messages);
        }
        messages.extend(packer.finish());
        messages
    }

    /// Takes a line, without its end; adds the messages that are full with it.
    pub fn push(&mut self, line: &str, full: &mut Vec<String>) {
        let Some((bytes_max, lines_max)) = self.room.several else {
            full.extend(lines_of(line, self.room.line_bytes).map(str::to_owned));
            return;
        };
        if line.trim().is_empty() {
            self.blank += 1;
            return;
        }
        let (lines, bytes) = self.measure(line);
        let before = if self.text.is_empty() {
            0
        } else {
            self.blank + 1
        };
        let fits = self.lines + self.blank + lines <= lines_max
            && self.bytes + before + bytes <= bytes_max;
        if !self.text.is_empty() && !fits {
            full.extend(self.finish());
        }
        if lines > lines_max || bytes > bytes_max {
            self.break_up(line, (bytes_max, lines_max), full);
            return;
        }
        if !self.text.is_empty() {
            for _ in 0..=self.blank {
                self.text.push('\n');
            }
            self.lines += self.blank;
            self.bytes += self.blank + 1;
        }
        self.blank = 0;
        self.text.push_str(line);
        self.lines += lines;
        self.bytes += bytes;
    }

    /// What is left when no more lines come.
    pub fn finish(&mut self) -> Option<String> {
        self.lines = 0;
        self.bytes = 0;
        self.blank = 0;
        let text = std::mem::take(&mut self.text);
        (!text.is_empty()).then_some(text)
    }

    /// Lines on the wire that a line takes, and bytes with one between each.
    fn measure(&self, line: &str) -> (usize, usize) {
        let pieces = wire_pieces(line, self.room.line_bytes).count();
        (pieces, line.len() + pieces - 1)
    }

    /// A line that is more than a whole message.
    fn break_up(
        &mut self,
        line: &str,
        (bytes_max, lines_max): (usize, usize),
        full: &mut Vec<String>,
    ) {
        // What is before it is the end of another message, or the beginning of this one.
        self.blank = 0;
        for piece in wire_pieces(line, self.room.line_bytes) {
            let bytes = piece.len() + usize::from(!self.text.is_empty());
            if self.lines == lines_max || (self.bytes + bytes > bytes_max && !self.text.is_empty())
            {
                full.extend(self.finish());
            }
            self.bytes += piece.len() + usize::from(!self.text.is_empty());
            self.text.push_str(piece);
            self.lines += 1;
        }
    }
}

/// The pieces in which a line travels: each fits on a line of the wire, and together they are the line.
pub(crate) fn wire_pieces(line: &str, line_bytes: usize) -> impl Iterator<Item = &str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest.take()?;
        let mut piece = cut(text, line_bytes);
        if piece.is_empty() {
            // No character fits: one at a time, so that it ends.
            piece = &text[..text.chars().next().map_or(0, char::len_utf8)];
        }
        rest = Some(&text[piece.len()..]).filter(|rest| !rest.is_empty());
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SEVERAL: Room = Room {
        line_bytes: 10,
        several: Some((30, 4)),
    };

    #[test]
    fn lines_go_together_as_far_as_they_fit() {
        assert_eq!(
            Packer::pack(SEVERAL, "a\nb\n\nc\nd\ne"),
            ["a\nb\n\nc", "d\ne"]
        );
        assert_eq!(Packer::pack(SEVERAL, "\n\na\r\n\n\n"), ["a"]);
        assert!(Packer::pack(SEVERAL, "\n \n").is_empty());
        let long = "x".repeat(45);
        assert_eq!(
            Packer::pack(SEVERAL, &format!("a\n{long}\nb")),
            [
                "a".to_owned(),
                "x".repeat(20),
                format!("{}\nb", "x".repeat(25))
            ]
        );
        assert_eq!(
            Packer::pack(SEVERAL, &format!("\n\n{long}\nb")),
            ["x".repeat(20), format!("{}\nb", "x".repeat(25))]
        );
    }

    #[test]
    fn where_a_message_is_a_line_each_line_is_one() {
        let room = Room {
            several: None,
            ..SEVERAL
        };
        assert_eq!(
            Packer::pack(room, "one two three\n\nfour"),
            ["one two", "three", "four"]
        );
    }

    proptest! {
        /// Nothing is lost but empty lines at the ends of messages, nothing is said twice, and every message is one that the server takes.
        #[test]
        fn nothing_is_lost_and_everything_fits(text in "(é|x|\\n|\u{1f600}| ){0,200}", lines in 1_usize..6, bytes in 12_usize..60) {
            let room = Room { line_bytes: 10, several: Some((bytes, lines)) };
            let messages = Packer::pack(room, &text);
            let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&messages.concat()), letters(&text));
            for message in &messages {
                let pieces: Vec<usize> = message.split('\n').map(|line| wire_pieces(line, 10).count()).collect();
                prop_assert!(pieces.iter().sum::<usize>() <= lines, "{message:?}");
                prop_assert!(message.len() + pieces.iter().map(|pieces| pieces - 1).sum::<usize>() <= bytes, "{message:?}");
                prop_assert!(!message.is_empty());
            }
        }
    }
}
