//! Ctrl+C: whether the person wants to leave; and what is a yes and a no.

use super::Plain;
use crate::core::command::{Typed, understand};
use crate::core::input::Intent;

/// What a line is where a question was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// Neither: it was meant for the question, and nobody else is to hear it.
    Unclear,
    /// None: it is a command, which does what it always does, and the question is given up.
    Command,
}

/// What is a yes and what a no, whatever language is spoken here: who expects the other one means it all the same.
const YES: [&str; 4] = ["y", "yes", "o", "oui"];
const NO: [&str; 4] = ["", "n", "no", "non"];

impl Plain {
    /// They have pressed Ctrl+C, and there was no line for it to empty.
    pub(super) fn interrupted(&mut self) {
        if self.answered_long("") {
            // That was a no.
        } else if self.asks_leave || self.driver.client().leaving.is_some() {
            self.want(Intent::Quit(String::new()));
        } else {
            self.ask_leave();
        }
        self.go_on();
    }

    fn ask_leave(&mut self) {
        self.asks_leave = true;
        let question = self.driver.locale().text("client-ask-leave");
        self.console.print(&question);
    }

    /// Whether a line is for the question whether they want to leave.
    pub(super) fn answered_leave(&mut self, line: &str) -> bool {
        if !std::mem::take(&mut self.asks_leave) {
            return false;
        }
        match self.answer(line) {
            Answer::Yes => self.want(Intent::Quit(String::new())),
            Answer::No => {}
            Answer::Unclear => self.ask_leave(),
            Answer::Command => return false,
        }
        true
    }

    /// What a line says to a question.
    pub(super) fn answer(&self, line: &str) -> Answer {
        let answer = line.trim().to_lowercase();
        if YES.contains(&answer.as_str()) {
            Answer::Yes
        } else if NO.contains(&answer.as_str()) {
            Answer::No
        } else if let Typed::Say(_) = understand(line, self.driver.client().settings().spelling) {
            Answer::Unclear
        } else {
            Answer::Command
        }
    }

    /// Nobody is asked for a line while the last ones are being stored.
    pub(super) fn go_on(&mut self) {
        if !self.has_ended && self.driver.client().leaving.is_none() {
            self.console.go_on();
        }
    }
}
