//! A terminal on which somebody types lines while others are printed above: for a program that is no client, and wants to be
//! typed at like one.

use super::console::{Console, Event, is_capable};

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

/// The terminal; nothing while it cannot be taken.
pub struct LineTerminal(Option<Console>);

impl LineTerminal {
    /// Takes the terminal: with an editor of lines where it can have one, else without anything drawn.
    ///
    /// # Errors
    /// The terminal cannot be used.
    pub fn open(prompt: &str) -> anyhow::Result<Self> {
        let mut console = if is_capable() {
            Console::editor(prompt)?
        } else {
            Console::bare()
        };
        console.set_prompt(prompt);
        Ok(Self(Some(console)))
    }

    /// Takes it anew, when it has said that nothing more is read: the person may still be there.
    ///
    /// # Errors
    /// The terminal cannot be used.
    pub fn reopen(&mut self, prompt: &str) -> anyhow::Result<()> {
        // It is given back first, so that this is not what the next one finds changed.
        self.0 = None;
        *self = Self::open(prompt)?;
        Ok(())
    }

    /// Under which words the next line is typed.
    pub fn set_prompt(&mut self, prompt: &str) {
        if let Some(console) = &mut self.0 {
            console.set_prompt(prompt);
        }
    }

    /// What can be completed.
    pub fn set_words(&mut self, words: Vec<String>) {
        if let Some(console) = &mut self.0 {
            console.set_words(words, Vec::new());
        }
    }

    /// Prints lines above the one that is being typed.
    pub fn print(&mut self, text: &str) {
        if let Some(console) = &mut self.0 {
            console.print(text);
        }
    }

    /// What the person does next. May be dropped while it waits.
    pub async fn next(&mut self) -> Typed {
        let Some(console) = &mut self.0 else {
            return Typed::End;
        };
        match console.next().await {
            Event::Line(text, _) | Event::Pasted(text, _) => Typed::Line(text),
            Event::TooMuch => Typed::Line(String::new()),
            Event::Interrupt => Typed::Interrupt,
            Event::End => Typed::End,
        }
    }

    /// What they did was handled; they may go on, under the prompt of now.
    pub fn go_on(&mut self) {
        if let Some(console) = &mut self.0 {
            console.handled();
            console.go_on();
        }
    }
}
