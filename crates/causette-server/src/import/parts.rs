//! A text that is longer than one message may be, in parts that each are one.

use causette_core::limits::{IMPORTED_BYTES, IMPORTED_LINES};
use causette_proto::split;

/// The parts, in their order. Where one ends, a line ends or a word, if that is near; nothing else is left out.
pub(super) fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = end(rest);
        let (part, behind) = rest.split_at(end);
        if !part.trim().is_empty() {
            parts.push(part);
        }
        rest = behind.strip_prefix(['\n', ' ']).unwrap_or(behind);
    }
    parts
}

/// Where the first part ends.
fn end(text: &str) -> usize {
    let head = split::cut(text, IMPORTED_BYTES);
    let mut lines = head.match_indices('\n');
    if let Some((place, _)) = lines.nth(IMPORTED_LINES - 1) {
        return place;
    }
    if head.len() == text.len() {
        return head.len();
    }
    let near = |sign| head.rfind(sign).filter(|place| *place > head.len() / 2);
    near('\n').or_else(|| near(' ')).unwrap_or(head.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_any_length_is_in_parts_that_each_are_a_message() {
        let lines = |count: usize| "l\n".repeat(count);
        for (text, count) in [
            ("one".to_owned(), 1),
            ("é".repeat(IMPORTED_BYTES / 2), 1),
            (lines(IMPORTED_LINES), 1),
            (lines(IMPORTED_LINES + 1), 2),
            ("é".repeat(IMPORTED_BYTES), 2),
            ("some words ".repeat(10_000), 7),
            ("a line of many\n".repeat(3_000), 15),
            (format!("a\u{301}{}", "\u{301}".repeat(IMPORTED_BYTES)), 3),
        ] {
            let found = parts(text.trim_end());
            assert_eq!(found.len(), count, "{}", text.len());
            for part in &found {
                assert!(part.len() <= IMPORTED_BYTES && part.lines().count() <= IMPORTED_LINES);
            }
            let bare = |text: &str| text.replace(['\n', ' '], "");
            assert_eq!(bare(&found.concat()), bare(&text));
        }
    }
}
