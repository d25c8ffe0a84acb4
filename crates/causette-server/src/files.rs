//! The bytes of files: what is kept, and what is still arriving. What is known of files, and who may have them, is the core's.

pub(crate) mod depot;
pub(crate) mod incoming;
