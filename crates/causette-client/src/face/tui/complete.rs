//! Completing in the line that is typed.

use super::act::{After, Hand};
use crate::core::completion::Completion;
use crate::face::paths;
use crossterm::event::{KeyCode, KeyEvent};
use ratatui_textarea::{CursorMove, DataCursor};

impl Hand<'_, '_> {
    /// Completes the word before the cursor; where there is none, the key points at the messages, so that it never traps.
    pub(crate) fn complete(&mut self) -> After {
        let DataCursor(row, column) = self.screen.input.cursor();
        let line = self
            .screen
            .input
            .lines()
            .get(row)
            .cloned()
            .unwrap_or_default();
        let at = line
            .char_indices()
            .nth(column)
            .map_or(line.len(), |(index, _)| index);
        let (before, after) = line.split_at(at);
        if before.trim().is_empty() {
            return self.select_newest();
        }
        let names = self.scene.client.file_names();
        let completion = match paths::complete(before, &names) {
            Some((start, found)) => Completion::of(&before[..start], after, found),
            None => Completion::begin(self.scene.client, before, after),
        };
        match completion {
            Some(completion) if completion.candidates.len() == 1 => {
                self.put(&completion);
                self.edited()
            }
            Some(completion) => {
                self.put(&completion);
                let after = self.edited();
                self.screen.completion = Some(completion);
                after
            }
            None => After::Nothing,
        }
    }

    pub(crate) fn key_completion(&mut self, key: KeyEvent) -> Option<After> {
        let mut completion = self.screen.completion.take()?;
        match key.code {
            KeyCode::Tab | KeyCode::Down => completion.turn(1),
            KeyCode::BackTab | KeyCode::Up => completion.turn(-1),
            KeyCode::Esc | KeyCode::Enter => return Some(self.edited()),
            // Whatever is typed goes on behind what was chosen.
            _ => return None,
        }
        self.put(&completion);
        let after = self.edited();
        self.screen.completion = Some(completion);
        Some(after)
    }

    /// Puts the chosen candidate into the line where the cursor is.
    fn put(&mut self, completion: &Completion) {
        let DataCursor(row, _) = self.screen.input.cursor();
        let line = completion.line();
        let column = line.chars().count();
        let mut lines: Vec<String> = self.screen.input.lines().to_vec();
        if let Some(old) = lines.get_mut(row) {
            *old = format!("{line}{}", completion.after);
        }
        self.rewrite(&lines.join("\n"));
        let jump = CursorMove::Jump(
            u16::try_from(row).unwrap_or(0),
            u16::try_from(column).unwrap_or(0),
        );
        self.screen.input.move_cursor(jump);
    }
}
