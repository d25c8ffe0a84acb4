//! What keeps people out or silent: who decides it, for how long, and where it is held up.

pub(crate) mod enforce;
pub(crate) mod expire;
pub(crate) mod filter;
pub(crate) mod held;
pub(crate) mod impose;
pub(crate) mod lift;
pub(crate) mod list;
mod reach;
pub(crate) mod strike;
pub(crate) mod target;
mod terms;
