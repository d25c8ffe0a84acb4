//! How many there are, counted as they come and go: everybody who comes is told it, and nobody is looked through for that.

use crate::id::UserId;
use crate::modes::Letters;
use crate::state::State;

/// What LUSERS tells beside what has a length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    /// Connections that have been greeted.
    pub(crate) greeted: usize,
    /// The same, at most at a time since the start.
    pub(crate) greeted_max: usize,
    /// People who are present, with user mode `i`.
    pub(crate) invisible: usize,
}

impl Census {
    /// Another connection is greeted.
    pub(crate) fn greet(&mut self) {
        self.greeted += 1;
        self.greeted_max = self.greeted_max.max(self.greeted);
    }
}

impl State {
    /// Lets somebody have these modes.
    pub(crate) fn set_user_modes(&mut self, user: UserId, modes: Letters) {
        if let Some(user) = self.users.get_mut(&user) {
            let counted = |modes: Letters| usize::from(user.present && modes.has('i'));
            let was = counted(user.modes);
            self.census.invisible += counted(modes);
            self.census.invisible -= was;
            user.modes = modes;
        }
    }
}
