//! What others have written, as a terminal may show it: nothing in it commands the terminal or turns the direction of what is
//! around it.

use unicode_width::UnicodeWidthStr as _;

/// What stands in the place of what may not be shown.
const REPLACEMENT: char = '\u{fffd}';

/// Between two columns.
const GAP: usize = 2;

/// A text of one line.
pub(super) fn clean(text: &str) -> String {
    text.chars().map(disarm).collect()
}

/// A text that may have several lines.
pub(super) fn clean_lines(text: &str) -> String {
    let keep = |character| match character {
        '\n' => '\n',
        other => disarm(other),
    };
    text.chars().map(keep).collect()
}

fn disarm(character: char) -> char {
    // The marks that turn the direction of a text. <https://www.unicode.org/reports/tr9/>
    let turns = matches!(character, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    // A line separator begins a line that looks like one of ours.
    let breaks = matches!(character, '\u{2028}' | '\u{2029}');
    if character.is_control() || turns || breaks {
        REPLACEMENT
    } else {
        character
    }
}

/// Rows in columns, the first of them their headings; each begins two columns from the edge.
pub(super) fn table(rows: Vec<Vec<String>>) -> String {
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| row.iter().map(|cell| clean(cell)).collect())
        .collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.width()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let mut line = " ".repeat(GAP);
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width - cell.width() + GAP));
        }
        line.trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_below_each_other_whatever_is_in_them() {
        let cells = |row: [&str; 2]| row.map(str::to_owned).to_vec();
        let rows = vec![
            cells(["NOM", "X"]),
            cells(["漢字é", "1"]),
            cells(["a\u{1b}\u{202e}", ""]),
        ];
        assert_eq!(table(rows), "  NOM    X\n  漢字é  1\n  a\u{fffd}\u{fffd}");
    }

    #[test]
    fn nothing_that_is_shown_controls() {
        assert_eq!(clean("a\nb\u{9b}"), "a\u{fffd}b\u{fffd}");
        assert_eq!(clean_lines("a\nb\u{2028}"), "a\nb\u{fffd}");
    }
}
