//! The bounds of what those who run the server decide.

/// For how many seconds a moderator may keep somebody out or silent: 30 days.
pub const MODERATOR_SECONDS: u64 = 30 * 24 * 3600;

/// For how many seconds a sanction may hold that has an end: a hundred years.
pub const SANCTION_SECONDS: u64 = 100 * 365 * 24 * 3600;

/// Sanctions that hold at a time.
pub const SANCTIONS: usize = 10_000;

/// Of these, those for a mask. Each of a place is looked at when somebody comes there, and when they speak where it mutes.
pub const SANCTION_MASKS: usize = 1000;

/// Sanctions whose time is over that are ended in one second; the others are in the next.
pub const SANCTIONS_ENDED: usize = 100;

/// Seconds for which OPER makes a connection an operator's. A role that lasts belongs to an account.
pub const OPER_SECONDS: i64 = 3_600;

/// Invitations with a code that may hold at once.
pub const INVITATIONS: usize = 1000;

/// How many may sign up with one of them.
pub const INVITATION_USES: u32 = 10_000;

/// How long one may hold, in seconds: a year.
pub const INVITATION_SECONDS: u64 = 365 * 24 * 3600;

/// Alerts that are kept for those who were absent.
pub const ALERTS_KEPT: usize = 20;

/// For how many seconds an alert is of interest to those who come: thirty days.
pub const ALERT_SECONDS: i64 = 30 * 24 * 3600;

/// Minutes in which the code that makes the first owner is good.
pub const OWNER_CODE_MINUTES: i64 = 30;

/// How long a program's token may be good, in seconds: a year.
pub const TOKEN_SECONDS: u64 = 365 * 24 * 3600;

/// Invitations, and as many tokens, that a tick removes because their time is over: the next goes on.
pub const ENDED_PER_TICK: usize = 100;

/// Bytes of the reason of a sanction: it stands on one line with until when it holds, and with where one may object.
pub const SANCTION_REASON_BYTES: usize = 200;

/// Sanctions that a list on a line each shows at most.
pub const SANCTIONS_LISTED: usize = 200;

/// How many a list tells those who run the server of, where they do not say how many.
pub const PART_LISTED: usize = 100;

/// Connections whose time as an operator's is over that are told so in one second; the others are in the next.
pub const OPERS_ENDED: usize = 100;
