//! People: how they come, what they see of what they missed, and how they leave.

pub(crate) mod departure;
pub(crate) mod greeting;
pub(crate) mod presence;
pub(crate) mod replay;
