//! The bounds of files.

/// Files that there are at most: all are in memory, some hundred bytes each.
pub const FILES: usize = 100_000;

/// Bytes of one file. `files.max_size`.
pub const FILE_BYTES: u64 = 100 * MIB;

/// Bytes of all files of one account. `files.quota`.
pub const FILES_BYTES_PER_ACCOUNT: u64 = 1024 * MIB;

/// Files of one account. `files.quota_files`.
pub const FILES_PER_ACCOUNT: usize = 1000;

/// Bytes that one account may upload in a day. `files.daily`.
pub const FILE_BYTES_PER_DAY: u64 = 2048 * MIB;

/// As much as so many accounts may upload in a day, all who come from one network together may: behind one address there may be a school.
pub const ACCOUNTS_PER_NETWORK: u64 = 10;

/// Files that go away at a time because they were kept for as long as they are; the others follow a minute later.
pub const FILES_ENDED: usize = 500;

/// Seconds of such a day: what was uploaded before counts no more.
pub const FILE_DAY_SECONDS: i64 = 24 * 3600;

/// Uploads of one account that are under way at a time.
pub const PERMITS_PER_ACCOUNT: usize = 50;

/// Uploads that are under way at a time.
pub const PERMITS: usize = 1000;

/// Seconds after which an upload is given up to which nothing has come.
pub const PERMIT_SECONDS: i64 = 24 * 3600;

/// Files of somebody that were put aside while they were away, of which they are told one by one.
pub const ASIDE_TOLD: usize = 10;

/// People to whom one file may be sent.
pub const GRANTS_PER_FILE: usize = 100;

/// Files in one answer to who lists them.
pub const FILES_PER_PAGE: usize = 50;

/// Seconds in which further requests of one person for the same file are part of the same fetching, and not entered again.
pub const FETCH_SECONDS: i64 = 3600;

/// Seconds for which an address is good that was signed for one person.
pub const FILE_ADDRESS_SECONDS: i64 = 7 * 24 * 3600;

const MIB: u64 = 1024 * 1024;
