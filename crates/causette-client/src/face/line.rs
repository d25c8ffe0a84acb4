//! A terminal on which somebody types lines while others are printed above: for a program that is no client, and wants to be
//! typed at like one.

use super::console::{Console, Event};

/// What the person does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// They sent a line, or several that came together.
    Line(String),
    /// They pressed Ctrl+C on an empty line.
    Interrupt,
    /// They pressed Ctrl+D on an empty line, or the terminal is gone. Nothing more is read.
    End,
}

/// The terminal.
pub struct LineTerminal(Console);

impl LineTerminal {
    /// Takes the terminal: with an editor of lines where it can have one, else without anything drawn.
    ///
    /// # Errors
    /// The terminal cannot be used.
    pub fn open(prompt: &str) -> anyhow::Result<Self> {
        let mut console = if super::console::is_capable() {
            Console::editor(prompt)?
        } else {
            Console::bare()
        };
        console.set_prompt(prompt);
        Ok(Self(console))
    }

    /// Under which words the next line is typed.
    pub fn set_prompt(&mut self, prompt: &str) {
        self.0.set_prompt(prompt);
    }

    /// What can be completed.
    pub fn set_words(&mut self, words: Vec<String>) {
        self.0.set_words(words);
    }

    /// Prints lines above the one that is being typed.
    pub fn print(&mut self, text: &str) {
        self.0.print(text);
    }

    /// What the person does next. May be dropped while it waits.
    pub async fn next(&mut self) -> Typed {
        match self.0.next().await {
            Event::Line(text, _) | Event::Pasted(text, _) => Typed::Line(text),
            Event::TooMuch => Typed::Line(String::new()),
            Event::Interrupt => Typed::Interrupt,
            Event::End => Typed::End,
        }
    }

    /// What they did was handled; they may go on, under the prompt of now.
    pub fn go_on(&mut self) {
        self.0.handled();
        self.0.go_on();
    }

    /// Gives the terminal back.
    pub fn close(self) {
        self.0.close();
    }
}
