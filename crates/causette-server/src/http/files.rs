//! Files by HTTP.

mod arriving;
mod body;
pub(super) mod download;
pub(super) mod link;
mod name;
mod range;
pub(super) mod report;
mod serving;
pub(super) mod upload;
