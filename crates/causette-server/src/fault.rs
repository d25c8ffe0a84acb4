//! The end of the program when it cannot go on: at once, with a clear message, and nothing more said to anyone.

use crate::log;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;

/// The exit code of an internal fault (`EX_SOFTWARE`), after which a service manager starts the program again.
const FAULT: i32 = 70;

/// Logs why and ends the process. The record is complete up to what was committed, and the next start rebuilds from it.
pub(crate) fn exit(event: &'static str, reason: &str) -> ! {
    tracing::error!(event, reason, "the server cannot go on; start it again");
    log::flush();
    process::exit(FAULT)
}

/// Runs what a thread of that name is for. The server cannot do without any of them, so a panic ends the program.
pub(crate) fn guard<T>(name: &'static str, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| exit("thread.panicked", name))
}
