//! Bounds of what is waited for where something is committed, or asked of a database.

/// Seconds for which a batch that cannot be committed is retried before the server stops.
pub const COMMIT_RETRY_SECONDS: u64 = 60;

/// Seconds after which a commit that has not ended is taken for one that cannot be done now, and whoever says something is told so.
pub const COMMIT_STALL_SECONDS: u64 = 5;

/// Seconds in which a database server has to take a connection.
pub const DATABASE_CONNECT_SECONDS: u64 = 5;

/// Seconds for which a start waits for a database server that cannot be reached.
pub const DATABASE_START_SECONDS: u64 = 30;

/// Seconds for which a database server waits for a lock that somebody else has.
pub const DATABASE_LOCK_SECONDS: u64 = 3;

/// Seconds in which a database server has to answer who appends; it gives up a statement itself a little earlier. Long enough for
/// a slow disk, and short enough that senders are told.
pub const DATABASE_APPEND_SECONDS: u64 = 8;

/// The same for who reads.
pub const DATABASE_ANSWER_SECONDS: u64 = 40;

/// The same where tables are changed at a start: those of a large server take a while.
pub const DATABASE_CHANGE_SECONDS: u64 = 6 * 3_600;
