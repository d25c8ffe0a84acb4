//! Text in lines of a width, measured as terminals do.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Columns that a text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The lines of a text, none wider than `columns`: between words where that can be, else between what readers take for
/// characters. Never empty; every line break of the text is one.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        let mut used = 0;
        // What belongs together and is too wide for a line is parted after all.
        let parted = |word| match str::trim_end_matches(word, ' ').width() <= columns {
            true => vec![word],
            false => word.split_inclusive(' ').collect(),
        };
        for word in words(paragraph).flat_map(parted) {
            let wide = word.trim_end_matches(' ').width();
            if used > 0 && used + wide > columns {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if wide <= columns {
                line.push_str(word);
                used += word.width();
                continue;
            }
            for grapheme in word.graphemes(true) {
                let wide = grapheme.width();
                if used + wide > columns {
                    lines.push(std::mem::take(&mut line));
                    used = 0;
                }
                line.push_str(grapheme);
                used += wide;
            }
        }
        lines.push(line);
    }
    for line in &mut lines {
        line.truncate(line.trim_end_matches(' ').len());
    }
    lines
}

/// The words of a line, each with the blank behind it. A mark that French sets apart by a blank stays with the word that it belongs to.
fn words(line: &str) -> impl Iterator<Item = &str> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let mut end = 0;
        loop {
            let word = rest[end..].split_inclusive(' ').next()?;
            end += word.len();
            let mut next = rest[end..].split(' ');
            let is_mark = |word: &str| matches!(word, ":" | ";" | "!" | "?" | "»");
            if word.trim_end() != "«" && !next.next().is_some_and(is_mark) {
                break;
            }
            if end == rest.len() {
                break;
            }
        }
        let (word, behind) = rest.split_at(end);
        rest = behind;
        Some(word)
    })
}

/// The beginning of a text that fits into `columns`, with a mark where something is missing.
pub(crate) fn fit(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        if used + grapheme.width() + 1 > columns {
            break;
        }
        used += grapheme.width();
        kept.push_str(grapheme);
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// A text that takes exactly `columns`: cut or filled up with spaces.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    let mut padded = fit(text, columns);
    let used = padded.width();
    padded.extend(std::iter::repeat_n(' ', columns.saturating_sub(used)));
    padded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_stay_whole_where_they_can() {
        assert_eq!(wrap("le café est ouvert", 11), ["le café est", "ouvert"]);
        assert_eq!(
            wrap("anticonstitutionnellement vôtre", 10),
            ["anticonsti", "tutionnell", "ement", "vôtre"]
        );
        assert_eq!(wrap("a\n\nb", 10), ["a", "", "b"]);
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn a_mark_that_stands_apart_stays_with_its_word() {
        assert_eq!(wrap("il est juste : oui", 12), ["il est", "juste : oui"]);
        assert_eq!(wrap("dit « à midi »", 6), ["dit", "« à", "midi »"]);
        assert_eq!(wrap("est ! ! là", 5), ["est !", "! là"]);
        assert_eq!(wrap(" : a", 10), [" : a"]);
    }

    #[test]
    fn wide_characters_and_joined_emoji_are_not_cut() {
        assert_eq!(wrap("日本語日本語", 5), ["日本", "語日", "本語"]);
        assert_eq!(wrap("👩‍👩‍👧👩‍👩‍👧", 3), ["👩‍👩‍👧", "👩‍👩‍👧"]);
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(pad("é", 3), "é  ");
        assert_eq!(fit("abc", 0), "");
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_is_lost(text in "[a-zé日👍:«» \n]{0,80}", columns in 2_usize..30) {
            let lines = wrap(&text, columns);
            prop_assert!(lines.iter().all(|line| width(line) <= columns), "{lines:?}");
            let letters = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&lines.concat()), letters(&text));
        }
    }
}
