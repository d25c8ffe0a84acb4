//! Bounds of slow rooms and of the words that are looked for.

/// Filters of words on the server, all rooms together. Each is tried on every message.
pub const FILTERS: usize = 200;

/// Bytes of the words of a filter.
pub const FILTER_BYTES: usize = 100;

/// For how many seconds a filter makes somebody silent.
pub const FILTER_MUTE_SECONDS: u64 = 10 * 60;

/// Messages that may wait for somebody to decide about them.
pub const MESSAGES_HELD: usize = 200;

/// How long they wait, in seconds: then nobody will ever see them.
pub const HELD_SECONDS: i64 = 7 * 24 * 3600;

/// Between two messages of somebody in a slow room at most, in seconds: six hours.
pub const SLOW_SECONDS: u32 = 6 * 3600;

/// People of whom a slow room remembers when they spoke last. Beyond, who spoke the longest ago may speak again.
pub const SLOW_SPEAKERS: usize = 10_000;

/// Of the messages that wait for somebody to decide about them, those of one person: nobody fills the list alone.
pub const MESSAGES_HELD_BY_ONE: usize = 20;

/// Messages that nobody decided about in time and that are given up at a tick; the others follow at the next ones.
pub const HELD_ENDED_AT_ONCE: usize = 20;

/// Bytes of a message that waits, as a service shows it. The console and HTTP show all of it.
pub const HELD_SHOWN_BYTES: usize = 300;
