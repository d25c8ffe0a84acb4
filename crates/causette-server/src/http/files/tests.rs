//! Requests to the real router about files, answered by the real core, with bytes on a real disk.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod bench;
mod checksums;
mod downloads;
mod headers;
mod lists;
mod pictures;
mod pieces;
mod uploads;
