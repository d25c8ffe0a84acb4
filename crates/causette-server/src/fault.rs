//! The end of the program when it cannot go on: at once, with a clear message, and nothing more said to anyone.

use crate::log;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process;
use std::sync::OnceLock;

/// The exit code of an internal fault (`EX_SOFTWARE`), after which a service manager starts the program again.
const FAULT: i32 = 70;

/// What somebody wants to do before the process ends so, with the reason.
type LastWord = Box<dyn Fn(&str) + Send + Sync>;

static LAST_WORD: OnceLock<LastWord> = OnceLock::new();

/// Has something done before the process ends because it cannot go on: a terminal that was taken is given back, and is told
/// why. The first who asks is heard.
pub fn at_fault(last_word: impl Fn(&str) + Send + Sync + 'static) {
    let _ = LAST_WORD.set(Box::new(last_word));
}

/// Logs why and ends the process. The record is complete up to what was committed, and the next start rebuilds from it.
pub(crate) fn exit(event: &'static str, reason: &str) -> ! {
    tracing::error!(event, reason, "the server cannot go on; start it again");
    log::flush();
    if let Some(last_word) = LAST_WORD.get() {
        last_word(reason);
    }
    process::exit(FAULT)
}

/// Runs what a thread of that name is for. The server cannot do without any of them, so a panic ends the program.
pub(crate) fn guard<T>(name: &'static str, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| exit("thread.panicked", name))
}
