//! People: how they come, by what names and modes they go, what they see of what they missed, and how they leave.

pub(crate) mod accept;
pub(crate) mod alert;
pub(crate) mod announce;
pub(crate) mod arrival;
pub(crate) mod attendance;
pub(crate) mod departure;
pub(crate) mod guest;
pub(crate) mod kill;
pub(crate) mod metadata;
pub(crate) mod mode;
pub(crate) mod monitor;
pub(crate) mod nickname;
pub(crate) mod online;
pub(crate) mod presence;
pub(crate) mod realname;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod stranger;
pub(crate) mod visibility;
