//! What takes a while and may be interrupted.

use causette_client::exit::Trouble;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long who is interrupted may take to put away what was begun.
const PATIENCE: Duration = Duration::from_secs(1);

/// Does something that takes a while, and looks now and then whether it is still wanted. `None` where a signal interrupts it, unless it
/// was done just then, and where its thread is lost.
pub(super) fn unless_interrupted<T: Send + 'static>(
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> Result<Option<T>, Trouble> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build()?;
    let wanted = Arc::new(AtomicBool::new(true));
    let (done, mut result) = oneshot::channel();
    let worker = wanted.clone();
    let ended = runtime.block_on(async {
        // Before anything is begun.
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        std::thread::spawn(move || {
            // Where nobody waits any more, it is lost.
            let _ = done.send(work(&worker));
        });
        tokio::select! {
            // A panic has been told where it happened.
            result = &mut result => return Ok::<_, std::io::Error>(result.ok()),
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
        wanted.store(false, Ordering::Relaxed);
        // What does not ask whether it is wanted is ended with the process.
        Ok(timeout(PATIENCE, result).await.ok().and_then(Result::ok))
    })?;
    Ok(ended)
}
