//! `causette admin invite`: the link, and a picture of it.

use super::super::{answer, say};
use super::order;
use causette_server::admin::Verb;
use causette_text::Language;
use clap::ArgMatches;
use qrcodegen::{QrCode, QrCodeEcc};
use std::io::{IsTerminal as _, stdout};

/// Tells the link; on a terminal with a picture of it that a telephone reads.
pub(super) fn run(verb: &Verb, matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let request = order::request(verb, matches);
    if matches.get_flag("json") {
        return order::run(verb, matches, language);
    }
    let told = answer(matches, language, &request)?;
    say(&told)?;
    let link = link(&told);
    // One that is too long for a picture is given without.
    if stdout().is_terminal()
        && !link.is_empty()
        && let Ok(code) = QrCode::encode_text(link, QrCodeEcc::Low)
    {
        say(&picture(&code))?;
    }
    Ok(())
}

/// The link in what is told, on a line of its own.
fn link(told: &str) -> &str {
    let mut lines = told.lines().map(str::trim);
    lines
        .find(|line| line.starts_with("causette:"))
        .unwrap_or_default()
}

/// Squares of light around a picture, without which no telephone finds it.
const MARGIN: i32 = 2;

/// A picture in half blocks, two rows of squares in one of characters: dark on light, whatever the terminal's own colours.
fn picture(code: &QrCode) -> String {
    let range = -MARGIN..code.size() + MARGIN;
    let rows = range.clone().step_by(2).map(|y| {
        let row: String = range
            .clone()
            .map(
                |x| match (code.get_module(x, y), code.get_module(x, y + 1)) {
                    (true, true) => '█',
                    (true, false) => '▀',
                    (false, true) => '▄',
                    (false, false) => ' ',
                },
            )
            .collect();
        format!("\u{1b}[38;5;16;48;5;231m{row}\u{1b}[0m")
    });
    rows.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn the_picture_is_of_the_link_alone() {
        let told = "Give this:\n  causette://chat.example.org/?code=x\nThe code alone: x";
        assert_eq!(link(told), "causette://chat.example.org/?code=x");
        assert_eq!(link("nothing"), "");
    }

    #[test]
    fn a_picture_shows_every_square_and_light_around_them() {
        let code = QrCode::encode_text("causette://chat.example.org/#general", QrCodeEcc::Low);
        let code = code.unwrap();
        let picture = picture(&code);
        let rows: Vec<&str> = picture
            .lines()
            .map(|row| row.strip_prefix("\u{1b}[38;5;16;48;5;231m").unwrap())
            .map(|row| row.strip_suffix("\u{1b}[0m").unwrap())
            .collect();
        let side = usize::try_from(code.size() + 2 * MARGIN).unwrap();
        assert_eq!(rows.len(), side.div_ceil(2));
        assert!(rows.iter().all(|row| row.chars().count() == side));
        assert!(rows[0].trim().is_empty(), "light above");
        // The corner by which a reader finds the code: seven dark squares, then one light.
        assert!(rows[1].starts_with("  █▀▀▀▀▀█ "), "{}", rows[1]);
        let upper = ['█', '▀'];
        let lower = ['█', '▄'];
        for (number, row) in rows.iter().enumerate() {
            for (column, square) in row.chars().enumerate() {
                let at = |line: usize| {
                    let place = |value: usize| i32::try_from(value).unwrap() - MARGIN;
                    code.get_module(place(column), place(line))
                };
                assert_eq!(upper.contains(&square), at(2 * number));
                assert_eq!(lower.contains(&square), at(2 * number + 1));
            }
        }
    }
}
