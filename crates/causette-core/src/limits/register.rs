//! What a reading of the register may cost, and what is entered in it of refusals.

/// Entries of the register in one page of a reading.
pub const REGISTER_PAGE: usize = 200;

/// Bytes of text in one page of a reading, from which on it ends.
pub const REGISTER_PAGE_BYTES: usize = 1 << 18;

/// Entries that are looked at for one page of a reading: whoever finds less goes on behind the last of them.
pub const REGISTER_LOOKED: u64 = 20_000;

/// Entries that are looked at from the end of the register on for the last ones that somebody means.
pub const REGISTER_LOOKED_BACK: u64 = 100_000;

/// How many of the last entries are told at most.
pub const REGISTER_LAST: usize = 1000;

/// How many entries are told where nobody says how many, from one on.
pub const REGISTER_LISTED: u64 = 100;

/// Those who read a page of the register at a time.
pub const REGISTER_READERS: usize = 2;

/// Bytes of a question to the register as it is entered, which is as a whole: a longer one is refused.
pub const REGISTER_QUESTION_BYTES: usize = 500;

/// Seconds between two looks at the end of the register for those who follow it.
pub const REGISTER_FOLLOW_SECONDS: u64 = 1;

/// Seconds in which it is not entered again that the same token was refused the same act.
pub const REFUSALS_NOTED_SECONDS: i64 = 60;

/// Refusals of tokens that are entered within that time at most.
pub const REFUSALS_NOTED: usize = 1000;
