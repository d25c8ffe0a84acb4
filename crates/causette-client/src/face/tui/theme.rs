//! Colours. None of them says anything that a mark, a weight or a word does not say too.

use ratatui::style::{Color, Modifier, Style};

/// Which colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Palette {
    /// The sixteen that the person chose for their terminal.
    Sixteen,
    /// None.
    Mono,
}

/// How things look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Theme {
    palette: Palette,
}

/// Colours of names: those of the sixteen that are read on light and dark grounds.
const NAMES: [Color; 6] = [
    Color::Green,
    Color::Blue,
    Color::Magenta,
    Color::Cyan,
    Color::Red,
    Color::Yellow,
];

impl Theme {
    pub(crate) fn new(palette: Palette) -> Self {
        Self { palette }
    }

    fn colour(self, colour: Color) -> Style {
        match self.palette {
            Palette::Sixteen => Style::new().fg(colour),
            Palette::Mono => Style::new(),
        }
    }

    /// The name of a person, always in the same colour.
    pub(crate) fn name(self, nick: &str) -> Style {
        let sum = nick.bytes().fold(5_381_usize, |sum, byte| {
            sum.wrapping_mul(33) ^ usize::from(byte.to_ascii_lowercase())
        });
        self.colour(NAMES[sum % NAMES.len()])
    }

    /// The person's own name.
    pub(crate) fn own(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is less important.
    pub(crate) fn dim(self) -> Style {
        match self.palette {
            Palette::Sixteen => Style::new().add_modifier(Modifier::DIM),
            Palette::Mono => Style::new(),
        }
    }

    /// What calls for the person.
    pub(crate) fn call(self) -> Style {
        self.colour(Color::Yellow).add_modifier(Modifier::BOLD)
    }

    /// What went wrong, or is dangerous.
    pub(crate) fn wrong(self) -> Style {
        self.colour(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// What is unread.
    pub(crate) fn unread(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is selected.
    pub(crate) fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Headings and the place where one is.
    pub(crate) fn heading(self) -> Style {
        self.colour(Color::Cyan).add_modifier(Modifier::BOLD)
    }
}
