//! What may take its time, and lets what people say go first.

use tokio::task::{JoinHandle, spawn_blocking};

/// How much it gives way: a tenth of what another thread gets, where both want the same core.
const NICENESS: i32 = 10;

/// Lets all other threads go before this one, from now on. Where the system refuses, they share.
pub(crate) fn give_way() {
    // Of a thread, on Linux; elsewhere of the process, which then is no slower than it was beside others.
    if let Err(error) = rustix::process::setpriority_process(None, NICENESS) {
        tracing::debug!(event = "aside.priority", error = %error, "what may take its time has the priority of the chat");
    }
}

/// Does something that waits for the disk, or has many bytes to look at, on a thread that gives way. That thread goes on to give way,
/// whoever has it next: nobody who talks waits for what is done on these.
pub(crate) fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    spawn_blocking(move || {
        give_way();
        work()
    })
}
