//! Cutting texts to a number of bytes without breaking characters.
//! How long a text may be is decided by whoever sends it.

/// The longest beginning of `text` with at most `max_bytes` bytes that ends between two characters.
/// A letter and its accents, or the parts of a joined emoji, stay together unless there are too many.
pub fn cut(text: &str, max_bytes: usize) -> &str {
    if text.len() <= max_bytes {
        return text;
    }
    let end = text.floor_char_boundary(max_bytes);
    // A cluster of more characters is not a letter with accents but somebody's joke: it may be broken.
    const CLUSTER_CHARS_MAX: usize = 16;
    let mut boundary = end;
    for _ in 0..CLUSTER_CHARS_MAX {
        let (before, after) = text.split_at(boundary);
        let Some(last) = before.chars().next_back() else {
            break;
        };
        let breaks_cluster =
            last == ZERO_WIDTH_JOINER || after.chars().next().is_some_and(extends_previous);
        if !breaks_cluster {
            return before;
        }
        boundary -= last.len_utf8();
    }
    &text[..end]
}

/// `text` in pieces of at most `max_bytes` bytes, for protocols whose lines are short. Line breaks
/// end a piece; otherwise it ends between two words where it can, else where [`cut`] says. There are
/// no empty pieces, and a character that alone exceeds `max_bytes` is a piece of its own.
pub fn lines_of(text: &str, max_bytes: usize) -> Lines<'_> {
    Lines {
        rest: text,
        max_bytes,
    }
}

/// The pieces of a text; made by [`lines_of`].
#[derive(Debug, Clone)]
pub struct Lines<'a> {
    rest: &'a str,
    max_bytes: usize,
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.rest = self.rest.trim_start_matches(LINE_BREAKS);
        let first = self.rest.chars().next()?;
        // One character more than fits is enough to see where to cut; looking further for a line
        // break at each piece would cost quadratic time.
        let seen = self.max_bytes.saturating_add(char::MAX_LEN_UTF8);
        let seen = &self.rest[..self.rest.floor_char_boundary(seen)];
        let line = seen.split(LINE_BREAKS).next().unwrap_or(seen);
        let mut piece = cut(line, self.max_bytes);
        if piece.len() < line.len() && !line[piece.len()..].starts_with(' ') {
            // A word is broken: end before it, unless it fills the piece alone.
            if let Some(space) = piece.trim_start_matches(' ').rfind(' ') {
                let indent = piece.len() - piece.trim_start_matches(' ').len();
                piece = &piece[..indent + space + 1];
            }
        }
        if piece.is_empty() {
            piece = &line[..first.len_utf8()];
        }
        self.rest = &self.rest[piece.len()..];
        let shown = piece.trim_end_matches(' ');
        if piece.len() < line.len() && !shown.is_empty() {
            // The space at which the text was cut belongs to neither piece.
            self.rest = self.rest.strip_prefix(' ').unwrap_or(self.rest);
            return Some(shown);
        }
        Some(piece)
    }
}

const LINE_BREAKS: [char; 2] = ['\r', '\n'];
const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// Whether the character has no place of its own but changes the one before it: combining marks of
/// the common blocks, joiner, variation selectors, skin tones and the tags of flags.
fn extends_previous(char: char) -> bool {
    matches!(char,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200c}' | ZERO_WIDTH_JOINER
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{1f3fb}'..='\u{1f3ff}' | '\u{e0020}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_not_broken() {
        assert_eq!(cut("bonjour", 3), "bon");
        assert_eq!(cut("bonjour", 7), "bonjour");
        assert_eq!(cut("été", 1), "");
        assert_eq!(cut("été", 2), "é");
        assert_eq!(cut("", 0), "");
    }

    #[test]
    fn what_belongs_together_stays_together() {
        let accented = "ae\u{301}\u{323}b";
        assert_eq!(cut(accented, 2), "a");
        assert_eq!(cut(accented, 4), "a");
        assert_eq!(cut(accented, 6), "ae\u{301}\u{323}");
        let family = "x\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f466}";
        for bytes in 1..family.len() {
            assert_eq!(cut(family, bytes), "x", "{bytes} bytes");
        }
        assert_eq!(
            cut("x\u{1f44d}\u{1f3fd}", 5),
            "x",
            "a thumb without its skin tone"
        );
    }

    #[test]
    fn too_many_accents_are_broken() {
        let tower = format!("a{}", "\u{301}".repeat(50));
        assert_eq!(cut(&tower, 61).len(), 61);
        assert_eq!(cut("e\u{301}", 2), "e", "nothing else would be left");
    }

    fn lines(text: &str, max_bytes: usize) -> Vec<&str> {
        lines_of(text, max_bytes).collect()
    }

    #[test]
    fn lines_end_between_words() {
        assert_eq!(lines("hello world foo", 8), ["hello", "world", "foo"]);
        assert_eq!(lines("hello world foo", 11), ["hello world", "foo"]);
        assert_eq!(lines("hello world foo", 15), ["hello world foo"]);
        assert_eq!(lines("  aaaa bbbb", 8), ["  aaaa", "bbbb"]);
    }

    #[test]
    fn long_words_are_cut() {
        assert_eq!(lines("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(lines("ééé", 1), ["é", "é", "é"]);
        assert_eq!(lines("ab", 0), ["a", "b"]);
    }

    #[test]
    fn line_breaks_end_lines() {
        assert_eq!(lines("a\r\n\r\nb\nc\r", 80), ["a", "b", "c"]);
        assert_eq!(lines("\r\n", 80), [""; 0]);
        assert_eq!(lines("", 80), [""; 0]);
    }
}
