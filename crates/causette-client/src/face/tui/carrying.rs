//! Files on the screen: those on their way, and those that are dropped on it.

use super::act::{After, Hand};
use super::boxes::{Touch, is_typed};
use super::screen::{Overlay, Scene};
use super::theme::Theme;
use super::wrap::{fit, pad};
use crate::address::decode;
use crate::core::buffer::BufferId;
use crate::core::command::Command;
use crate::core::input::Intent;
use crate::core::measure::size;
use crate::core::transfer::{Act, Audience, Stage, Transfer};
use crate::core::words::words;
use crate::face::bar::cells;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui::text::Line;
use std::path::Path;

/// Cells of a bar.
const BAR: u64 = 20;

/// Rows that a transfer has in the box.
const ROWS: usize = 2;

/// Files that were dropped, of which the person is asked whether they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// Where.
    pub(crate) buffer: BufferId,
    /// Their paths, and how long they are.
    pub(crate) files: Vec<(String, u64)>,
    /// What the terminal has pasted.
    pub(crate) text: String,
}

impl Hand<'_, '_> {
    /// What a key does to the transfers.
    pub(crate) fn key_transfers(&mut self, key: KeyEvent, chosen: usize) -> Touch {
        let transfers = self.scene.client.transfers();
        let last = transfers.len().saturating_sub(1);
        let locale = &self.scene.client.settings().locale;
        let means =
            |letter: char, word: &str| locale.text(word).starts_with(letter.to_ascii_lowercase());
        let act = match key.code {
            KeyCode::F(4) => return Touch::Close,
            KeyCode::Up if key.modifiers.is_empty() => {
                let chosen = chosen.min(last).saturating_sub(1);
                return Touch::Own(self.overlay(Overlay::Transfers(chosen)));
            }
            KeyCode::Down if key.modifiers.is_empty() => {
                let chosen = (chosen + 1).min(last);
                return Touch::Own(self.overlay(Overlay::Transfers(chosen)));
            }
            KeyCode::Char(letter) if is_typed(key) => {
                if means(letter, "client-transfer-key-pause") {
                    Act::Pause
                } else if means(letter, "client-transfer-key-resume") {
                    Act::Resume
                } else if means(letter, "client-transfer-key-cancel") {
                    Act::Cancel
                } else {
                    return Touch::Below;
                }
            }
            _ => return Touch::Below,
        };
        if let Some(transfer) = transfers.get(chosen.min(last)) {
            self.intents
                .push(Intent::Transfer(transfer.id.clone(), act));
        }
        Touch::Own(After::Draw)
    }

    /// A paste that is nothing but files of this machine asks first.
    pub(crate) fn paste_files(&mut self, text: &str) -> Option<After> {
        let client = self.scene.client;
        if !client.takes_files() || client.audience_in(self.here()).is_none() {
            return None;
        }
        let files = dropped(text)?;
        Some(self.overlay(Overlay::Dropped(Dropped {
            buffer: self.here(),
            files,
            text: text.to_owned(),
        })))
    }

    /// What a key does to the question about files that were dropped. Any key but those that answer it goes on with the text.
    pub(crate) fn key_dropped(&mut self, key: KeyEvent, dropped: &Dropped) -> Touch {
        let locale = &self.scene.client.settings().locale;
        let means =
            |letter: char, word: &str| locale.text(word).starts_with(letter.to_ascii_lowercase());
        let audience = match key.code {
            KeyCode::Enter if key.modifiers.is_empty() => None,
            KeyCode::Char(letter) if is_typed(key) && means(letter, "client-drop-key-private") => {
                Some(Audience::Private)
            }
            KeyCode::Esc => {
                self.insert_pasted(&dropped.text);
                return Touch::Close;
            }
            _ => {
                self.insert_pasted(&dropped.text);
                return Touch::Below;
            }
        };
        for (path, _) in &dropped.files {
            // Quoted once more it is still what it is: this is no line that is read.
            let upload = Command::Upload(audience.clone(), path.clone());
            self.intents.push(Intent::Command(dropped.buffer, upload));
        }
        Touch::Close
    }
}

/// The files that a text names and nothing else: quoted or not, as paths from the root or as addresses. Nothing where one of them
/// is no file.
fn dropped(text: &str) -> Option<Vec<(String, u64)>> {
    let text = text.trim();
    let is_path = |path: &str| {
        ["/", "~/", "file://"]
            .iter()
            .any(|begin| path.starts_with(begin))
    };
    let file = |path: &str| {
        let path = match path.strip_prefix("file://") {
            // A machine may stand before the path.
            Some(rest) => decode(&rest[rest.find('/')?..]),
            None => path.to_owned(),
        };
        let metadata = std::fs::metadata(Path::new(&path)).ok()?;
        metadata.is_file().then_some((path, metadata.len()))
    };
    if text.is_empty() || text.len() > 64 * 1_024 {
        return None;
    }
    // Some terminals quote nothing.
    if is_path(text)
        && let Some(file) = file(text)
    {
        return Some(vec![file]);
    }
    let paths = words(text)?;
    paths
        .iter()
        .map(|path| file(path).filter(|_| is_path(path)))
        .collect()
}

/// The question about files that were dropped.
pub(crate) fn drop_lines(scene: &Scene<'_>, dropped: &Dropped) -> Vec<Line<'static>> {
    let client = scene.client;
    let locale = &client.settings().locale;
    let place = client
        .buffer(dropped.buffer)
        .map(|buffer| buffer.name.clone());
    let place = place.unwrap_or_default();
    let bytes = size(dropped.files.iter().map(|(_, bytes)| bytes).sum(), locale);
    let name = |path: &str| {
        let name = Path::new(path).file_name().unwrap_or_default();
        crate::core::disarm::clean(&name.to_string_lossy())
    };
    let what = match dropped.files.as_slice() {
        [(path, _)] => fit(&name(path), 40),
        files => locale.text_with("client-drop-count", &[("count", &files.len().to_string())]),
    };
    let variables = [
        ("name", what.as_str()),
        ("size", bytes.as_str()),
        ("place", place.as_str()),
    ];
    let rows = [
        locale.text_with("client-drop", &variables),
        locale.text("client-drop-keys"),
    ];
    rows.map(|row| Line::from(format!(" {row} "))).into()
}

/// The files on their way, in the box.
pub(crate) fn transfer_lines(
    scene: &Scene<'_>,
    theme: Theme,
    chosen: usize,
    (columns, rows): (usize, usize),
) -> Vec<Line<'static>> {
    let locale = &scene.client.settings().locale;
    let transfers = scene.client.transfers();
    if transfers.is_empty() {
        return vec![Line::from(format!(
            " {} ",
            locale.text("client-transfers-none")
        ))];
    }
    let chosen = chosen.min(transfers.len() - 1);
    // The last row says what the keys do.
    let shown = (rows.saturating_sub(1) / ROWS).max(1);
    let first = (chosen + 1).saturating_sub(shown);
    let mut lines = Vec::new();
    for (at, transfer) in transfers.iter().enumerate().skip(first).take(shown) {
        let mark = if at == chosen { '▌' } else { ' ' };
        let heading = format!("{mark}{} ", transfer.heading(locale));
        let heading = pad(&fit(&heading, columns), columns);
        lines.push(match at == chosen {
            true => Line::styled(heading, theme.selected()),
            false => Line::from(heading),
        });
        let style = match transfer.stage {
            Stage::Failed(_) => theme.wrong(),
            Stage::Done(_) | Stage::Cancelled | Stage::Paused => theme.dim(),
            _ => ratatui::style::Style::new(),
        };
        lines.push(Line::styled(
            fit(&progress(transfer, locale), columns),
            style,
        ));
    }
    let keys = format!(" {}", locale.text("client-transfer-keys"));
    lines.push(Line::styled(fit(&keys, columns), theme.dim()));
    lines
}

fn progress(transfer: &Transfer, locale: &crate::core::locale::Locale) -> String {
    let words = transfer.stage_in_words(locale);
    match transfer.stage {
        Stage::Moving | Stage::Away(_) | Stage::Paused => {
            format!("   {} {words}", cells(transfer, BAR))
        }
        _ => format!("   {words}"),
    }
}

/// What is on its way, below the conversations: `⇡ photo.jpg 62 %`.
pub(crate) fn pane_lines(scene: &Scene<'_>, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    /// More of them are in the box only.
    const SHOWN: usize = 3;
    let locale = &scene.client.settings().locale;
    let transfers = scene.client.transfers().iter();
    let moving: Vec<&Transfer> = transfers.filter(|transfer| !transfer.is_over()).collect();
    if moving.is_empty() {
        return Vec::new();
    }
    let heading = pad(&format!(" {}", locale.text("client-pane-files")), columns);
    let mut lines = vec![Line::styled(heading, theme.dim())];
    for transfer in moving.iter().take(SHOWN) {
        let percent = transfer.percent().to_string();
        let share = locale.text_with("client-percent", &[("percent", &percent)]);
        let room = columns.saturating_sub(share.chars().count() + 5);
        let mark = match transfer.way {
            crate::core::transfer::Way::Up => '⇡',
            crate::core::transfer::Way::Down => '⇣',
        };
        lines.push(Line::from(format!(
            "  {mark} {} {share}",
            pad(&transfer.name, room)
        )));
    }
    lines
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::folder::Folder;

    #[test]
    fn what_is_dropped_is_files_and_nothing_else() {
        let folder = Folder::for_test();
        let at = folder.path("");
        std::fs::create_dir_all(&at).unwrap();
        for name in ["a.txt", "my file.txt", "été.txt"] {
            std::fs::write(at.join(name), "four").unwrap();
        }
        let at = at.display().to_string();
        let of = |text: &str| {
            let files = dropped(&text.replace("AT", &at));
            files.map(|files| {
                files
                    .iter()
                    .map(|(path, size)| (path.replace(&at, "AT"), *size))
                    .collect::<Vec<_>>()
            })
        };
        let one = |path: &str| Some(vec![(path.to_owned(), 4)]);
        for text in [
            "AT/my file.txt",
            "'AT/my file.txt' ",
            "AT/my\\ file.txt\n",
            "\"AT/my file.txt\"",
        ] {
            assert_eq!(of(text), one("AT/my file.txt"), "{text}");
        }
        assert_eq!(of("file://AT/my%20file.txt"), one("AT/my file.txt"));
        assert_eq!(
            of("file://localhostAT/%C3%A9t%C3%A9.txt"),
            one("AT/été.txt")
        );
        assert_eq!(
            of("AT/a.txt 'AT/my file.txt'").map(|files| files.len()),
            Some(2)
        );
        for text in [
            "",
            "AT",
            "AT/none",
            "see AT/a.txt",
            "AT/a.txt AT/none",
            "a.txt",
            "'AT/a.txt",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        std::fs::remove_dir_all(folder.path("")).unwrap();
    }
}
