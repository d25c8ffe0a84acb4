//! Ctrl+C: whether the person wants to leave; and what is a yes and a no.

use super::Plain;
use crate::core::input::Intent;

/// Letters of a "no" in any language of ours.
const NO_MAX: usize = 3;

impl Plain {
    /// They have pressed Ctrl+C, and there was no line for it to empty.
    pub(super) fn interrupted(&mut self) {
        if self.answered_long("") {
            // That was a no.
        } else if self.asks_leave || self.driver.client().leaving.is_some() {
            self.want(Intent::Quit(String::new()));
        } else {
            self.asks_leave = true;
            let question = self.driver.locale().text("client-ask-leave");
            self.console.print(&question);
        }
        self.go_on();
    }

    /// Whether a line is their answer. Any other one goes where it always goes: it was not typed for the question.
    pub(super) fn answered_leave(&mut self, line: &str) -> bool {
        if !std::mem::take(&mut self.asks_leave) {
            return false;
        }
        let answer = self.answer(line);
        if answer == Some(true) {
            self.want(Intent::Quit(String::new()));
        }
        answer.is_some()
    }

    /// Whether a line says yes or no to a question, if it says either.
    pub(super) fn answer(&self, line: &str) -> Option<bool> {
        let answer = line.trim().to_lowercase();
        let locale = self.driver.locale();
        let yes = ["client-yes", "client-trust-yes"].map(|yes| locale.text(yes));
        let is_no = answer.starts_with(&locale.text("client-no"));
        let is_no = answer.is_empty() || (is_no && answer.chars().count() <= NO_MAX);
        let is_yes = yes.contains(&answer);
        (is_yes || is_no).then_some(is_yes)
    }

    /// Nobody is asked for a line while the last ones are being stored.
    pub(super) fn go_on(&mut self) {
        if !self.has_ended && self.driver.client().leaving.is_none() {
            self.console.go_on();
        }
    }
}
