//! People: how they come, what they see of what they missed, and how they leave.

pub(crate) mod arrival;
pub(crate) mod departure;
pub(crate) mod nickname;
pub(crate) mod presence;
pub(crate) mod realname;
pub(crate) mod replay;
