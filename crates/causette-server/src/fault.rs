//! The end of the program when it cannot go on: at once, with a clear message, and nothing more said to anyone.

use crate::log;
use std::process;

/// The exit code of an internal fault (`EX_SOFTWARE`), after which a service manager starts the program again.
const FAULT: i32 = 70;

/// Logs why and ends the process. The record is complete up to what was committed, and the next start rebuilds from it.
pub(crate) fn exit(event: &'static str, reason: &str) -> ! {
    tracing::error!(event, reason, "the server cannot go on; start it again");
    log::flush();
    process::exit(FAULT)
}
