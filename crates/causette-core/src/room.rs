//! Rooms: who may enter, speak and rule there, and which are always open.

pub(crate) mod auto_join;
pub(crate) mod kick;
pub(crate) mod privilege;
pub(crate) mod redact;
pub(crate) mod topic;
