//! One line on a terminal that shows how far a file is, and goes away when something else is to be said.

use crate::core::locale::Locale;
use crate::core::transfer::{Stage, Transfer};
use crate::face::tui::wrap::{fit, width};
use std::io::{IsTerminal as _, Write as _};

/// Cells of the bar itself.
const CELLS: u64 = 20;

/// A line that shows how far a file is.
#[derive(Debug)]
pub(crate) struct Bar {
    /// Whether somebody sees it.
    is_seen: bool,
    is_drawn: bool,
    /// Why it waits, as it was told where nothing is drawn.
    told: String,
}

impl Bar {
    /// A line that is drawn where somebody sees it, if it is wanted.
    pub(crate) fn new(is_wanted: bool) -> Self {
        Self {
            is_seen: is_wanted && std::io::stderr().is_terminal(),
            is_drawn: false,
            told: String::new(),
        }
    }

    pub(crate) fn show(&mut self, transfer: &Transfer, locale: &Locale) {
        let mut out = std::io::stderr();
        if !self.is_seen {
            // Where it stands still must be known to who reads a log, too; once.
            if let Stage::Away(reason) = &transfer.stage
                && self.told != *reason
            {
                let _ = writeln!(
                    out,
                    "{}: {}",
                    transfer.name,
                    transfer.stage_in_words(locale)
                );
                self.told.clone_from(reason);
            }
            return;
        }
        if transfer.is_over() {
            return self.clear();
        }
        let columns = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
        let line = line(transfer, locale, columns.saturating_sub(1));
        let _ = write!(out, "\r\x1b[K{line}").and_then(|()| out.flush());
        self.is_drawn = true;
    }

    /// Takes the line away.
    pub(crate) fn clear(&mut self) {
        if std::mem::take(&mut self.is_drawn) {
            let mut out = std::io::stderr();
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
        }
    }
}

/// The bar: as many cells as are there, in eighths of one.
pub(crate) fn cells(transfer: &Transfer, count: u64) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let size = u128::from(transfer.size.max(1));
    let done = u128::from(transfer.done.min(transfer.size));
    let eighths = u64::try_from(done * u128::from(count * 8) / size).unwrap_or(count * 8);
    let (full, rest) = (eighths / 8, eighths % 8);
    let mut cells = "█".repeat(usize::try_from(full).unwrap_or(0));
    cells.push_str(EIGHTHS[usize::try_from(rest).unwrap_or(0)]);
    let drawn = full + u64::from(rest > 0);
    cells.push_str(&"░".repeat(usize::try_from(count - drawn).unwrap_or(0)));
    cells
}

fn line(transfer: &Transfer, locale: &Locale, columns: usize) -> String {
    let words = transfer.stage_in_words(locale);
    let bar = cells(transfer, CELLS);
    let room = columns.saturating_sub(width(&bar) + width(&words) + 4);
    if room < 8 {
        // Too narrow for a bar: the words say the same.
        return fit(&format!("{}  {words}", transfer.name), columns);
    }
    format!("{}  {bar}  {words}", fit(&transfer.name, room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::transfer::Way;
    use causette_text::Language;

    #[test]
    fn the_bar_has_always_the_same_length_and_the_line_fits() {
        let mut transfer = Transfer {
            id: "a".into(),
            way: Way::Up,
            name: "une photo de vacances.jpg".to_owned(),
            audience: None,
            size: 11_400_000,
            done: 0,
            pace: 2_100_000,
            stage: Stage::Moving,
        };
        for done in [0, 1, 7_100_000, 11_399_999, 11_400_000, 20_000_000] {
            transfer.done = done;
            assert_eq!(width(&cells(&transfer, 20)), 20);
            for columns in [10, 40, 79, 120] {
                let line = line(&transfer, &Locale::utc(Language::Fr), columns);
                assert!(width(&line) <= columns, "{line}");
            }
        }
        transfer.done = 7_100_000;
        assert_eq!(
            line(&transfer, &Locale::utc(Language::En), 110),
            "une photo de vacances.jpg  ████████████▍░░░░░░░  62 % · 7.1 MB / 11.4 MB · 2.1 MB/s · 3 s left"
        );
    }
}
