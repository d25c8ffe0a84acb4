//! What the server of a database is set to, and what of it a record can rely on.

use std::fmt;

/// One thing that a server is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What the server calls it.
    pub name: &'static str,
    /// What it is set to.
    pub found: String,
    /// What is needed.
    pub needed: &'static str,
    /// Whether what was found is what is needed.
    pub is_met: bool,
    /// What is not kept otherwise.
    pub keeps: Keeps,
    /// Whether a start refuses the server otherwise; else it is only better so.
    pub is_needed: bool,
}

/// What a setting sees to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// What the server knows of our language: it is not too old.
    Words,
    /// What is committed is there after a power cut.
    Commits,
    /// A page of which a power cut wrote a part is made whole.
    Pages,
    /// What the disk alters by itself is noticed.
    Damage,
    /// A copy of the server that follows its log has what it has, also after a power cut.
    Copies,
    /// Each character is kept as it came.
    Characters,
    /// What is asked for at one moment agrees.
    Moments,
    /// What comes at once can be written at once.
    Batches,
    /// Anything is written at all.
    Writing,
}

impl Setting {
    /// Whether a start refuses the server because of it.
    pub fn is_refused(&self) -> bool {
        self.is_needed && !self.is_met
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            found,
            needed,
            ..
        } = self;
        write!(f, "{name} is {found}, and has to be {needed}")
    }
}
