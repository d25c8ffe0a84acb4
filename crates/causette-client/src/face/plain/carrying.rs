//! Files on their way, in lines: that one begins, and each quarter of it.

use super::Plain;
use crate::core::input::Intent;
use crate::core::output::Step;
use crate::core::transfer::{Transfer, Way};

impl Plain {
    /// Says how far a file is. What came of it stands in the conversation.
    pub(super) fn show_step(&mut self, id: &str, step: &Step) {
        if !self.console.is_terminal() {
            return;
        }
        let transfers = self.driver.client().transfers();
        if let Some(transfer) = transfers.iter().find(|transfer| transfer.id == id) {
            let words = self.step_in_words(transfer, step);
            self.console.print(&words);
        }
    }

    fn step_in_words(&self, transfer: &Transfer, step: &Step) -> String {
        let locale = self.driver.locale();
        let name = ("name", transfer.name.as_str());
        match step {
            Step::Begun if transfer.way == Way::Up => {
                let place = transfer.place(locale).unwrap_or_default();
                locale.text_with("client-step-upload", &[name, ("place", &place)])
            }
            Step::Begun => locale.text_with("client-step-download", &[name]),
            Step::Quarter(percent) => {
                let percent = percent.to_string();
                locale.text_with("client-step-quarter", &[name, ("percent", &percent)])
            }
            Step::Away(reason) => locale.text_with("client-step-away", &[name, ("reason", reason)]),
            Step::Paused => locale.text_with("client-step-paused", &[name]),
        }
    }

    /// Leaves when all is read and carried that came through a pipe; whoever sits at a terminal has said that they leave.
    pub(super) fn leave_when_carried(&mut self) {
        let client = self.driver.client();
        let waits = !self.console.is_terminal() && client.is_carrying();
        // To ask again would be to wait no longer for what is on its way.
        if self.has_read_all && !waits && client.leaving.is_none() && !self.has_ended {
            self.want(Intent::Quit(String::new()));
        }
    }
}
