//! A long text that was pasted: whether it is sent.

use super::Plain;
use super::leaving::Answer;
use crate::core::buffer::BufferId;
use crate::core::input::Intent;
use crate::core::limits::DRAFT_BYTES_MAX;

/// A long text, and how it was asked about.
#[derive(Debug)]
pub(super) struct Long {
    question: String,
    /// What they want if they say yes.
    intent: Intent,
}

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
        let answers = locale.text(self.answers());
        self.ask_whether(Long {
            question: format!("{question} {answers}"),
            intent: Intent::Insist(buffer, text),
        });
    }

    /// Lines came together on a terminal that does not say what is pasted: they are one text, whatever it looks like, and
    /// never sent by themselves.
    pub(super) fn pasted(&mut self, text: String, place: Option<BufferId>) {
        self.asks_leave = false;
        let (buffer, text) = match self.long.take() {
            // The rest of a paste that comes slowly.
            Some(Long {
                intent: Intent::Say(buffer, before),
                ..
            }) => (buffer, before + &text),
            _ => (self.here(place), text),
        };
        if text.len() > DRAFT_BYTES_MAX {
            self.refuse_pasted();
        } else {
            let filled = text.lines().filter(|line| !line.trim().is_empty());
            let lines = filled.count().to_string();
            let locale = self.driver.locale();
            let question = locale.text_with("client-pasted", &[("lines", &lines)]);
            let answers = locale.text(self.answers());
            self.ask_whether(Long {
                question: format!("{question} {answers}"),
                intent: Intent::Say(buffer, text),
            });
        }
        self.console.handled();
    }

    /// Says that of a paste nothing was taken.
    pub(super) fn refuse_pasted(&mut self) {
        let most = DRAFT_BYTES_MAX.to_string();
        let locale = self.driver.locale();
        let words = locale.text_with("client-line-full", &[("count", &most)]);
        self.console.print(&words);
    }

    /// What may be answered.
    fn answers(&self) -> &'static str {
        if self.driver.client().takes_files() {
            "client-long-answers-file"
        } else {
            "client-long-answers"
        }
    }

    /// The same text as a file.
    fn as_file(&self, intent: &Intent) -> Option<Intent> {
        let (buffer, text, is_typed) = match intent {
            Intent::Insist(buffer, text) => (*buffer, text.clone(), true),
            Intent::Say(buffer, text) => (*buffer, text.clone(), false),
            _ => return None,
        };
        self.driver
            .client()
            .takes_files()
            .then_some(Intent::SendAsFile {
                buffer,
                text,
                is_typed,
            })
    }

    fn ask_whether(&mut self, long: Long) {
        self.console.print(&long.question);
        self.long = Some(long);
    }

    /// Whether a line is for the question.
    pub(super) fn answered_long(&mut self, line: &str) -> bool {
        let Some(long) = self.long.take() else {
            return false;
        };
        let file = self.driver.locale().text("client-long-file");
        if line.trim().to_lowercase() == file
            && let Some(intent) = self.as_file(&long.intent)
        {
            self.want(intent);
            return true;
        }
        let answer = self.answer(line);
        match answer {
            Answer::Yes => self.want(long.intent),
            Answer::Unclear => self.ask_whether(long),
            Answer::No | Answer::Command => {
                let words = self.driver.locale().text("client-long-not-sent");
                self.console.print(&words);
            }
        }
        answer != Answer::Command
    }
}
