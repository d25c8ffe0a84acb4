//! Bounds of what is taken over from an older program.

/// Bytes of one message that is taken over: as many as people may send at once, so that a page of history has room for it. What is longer
/// becomes several messages.
pub const IMPORTED_BYTES: usize = 16_384;

/// Lines of it: each is written with all that stands around a line.
pub const IMPORTED_LINES: usize = 200;
