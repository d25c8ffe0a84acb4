//! Files by HTTP.

mod range;
pub(super) mod report;
mod serving;
