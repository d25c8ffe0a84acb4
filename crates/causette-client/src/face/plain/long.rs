//! A long text that was pasted: whether it is sent.

use super::Plain;
use crate::core::buffer::BufferId;
use crate::core::input::Intent;

impl Plain {
    /// A text is sent only when the person says so; what comes through a pipe was meant as it is.
    pub(super) fn ask_long(
        &mut self,
        buffer: BufferId,
        text: String,
        lines: usize,
        messages: usize,
    ) {
        if !self.console.is_terminal() {
            self.want(Intent::Insist(buffer, text));
            return;
        }
        let (lines, messages) = (lines.to_string(), messages.to_string());
        let variables = [("lines", lines.as_str()), ("messages", messages.as_str())];
        let locale = self.driver.locale();
        let question = locale.text_with("client-long", &variables);
        let answers = locale.text("client-long-answers");
        self.console.print(&format!("{question} {answers}"));
        self.long = Some((buffer, text));
    }

    /// Whether a line is the answer. With any other one the text is not sent, and the line goes where it always goes.
    pub(super) fn answered_long(&mut self, line: &str) -> bool {
        let Some((buffer, text)) = self.long.take() else {
            return false;
        };
        let answer = self.answer(line);
        if answer == Some(true) {
            self.want(Intent::Insist(buffer, text));
        } else {
            let words = self.driver.locale().text("client-long-not-sent");
            self.console.print(&words);
        }
        answer.is_some()
    }
}
