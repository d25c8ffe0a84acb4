//! Rooms: entering and leaving them, speaking and ruling there, owning them, and which are always open.

pub(crate) mod access;
pub(crate) mod administration;
pub(crate) mod administration_room;
pub(crate) mod auto_join;
pub(crate) mod bring;
pub(crate) mod close;
pub(crate) mod enter;
pub(crate) mod invite;
pub(crate) mod kick;
pub(crate) mod leave;
pub(crate) mod marker;
pub(crate) mod mode;
pub(crate) mod ownership;
pub(crate) mod past;
pub(crate) mod privilege;
pub(crate) mod rank;
pub(crate) mod redact;
pub(crate) mod relay;
pub(crate) mod rename;
pub(crate) mod report;
pub(crate) mod slow;
pub(crate) mod speak;
pub(crate) mod topic;
