//! The signals of the process. They are taken before anything else is done: one that comes while the server starts is not
//! lost, and ends nothing that it should not.

use crate::log;
use std::io;
use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

/// The signals, and the runtime that brings them.
pub struct Signals {
    pub(crate) runtime: Runtime,
    /// To be told when there is something to tell or to record.
    pub(crate) starting: Starting,
    pub(crate) stop: StopSignals,
    /// Asks for the configuration to be read again; one that comes during the start does so after it.
    pub(crate) hangup: Signal,
}

/// The signals that stop the server.
pub(crate) struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

/// Until the start is over, a signal to stop ends the process with success and without more ado: nobody is served yet, and what
/// is in the middle of being written is whole or not there, as when the power fails.
pub(crate) struct Starting {
    end: JoinHandle<()>,
    decided: Arc<Decision>,
}

/// What the start comes to, decided once: it goes on, or ends the process. Both may be about to happen at the same moment.
#[derive(Debug, Default)]
struct Decision(AtomicBool);

impl Decision {
    /// Whether whoever asks is the first, whose will is done.
    fn take(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

impl Signals {
    /// From here on the signals no longer kill the process.
    ///
    /// # Errors
    /// When the system gives no threads or descriptors.
    pub fn install() -> io::Result<Self> {
        let runtime = Builder::new_multi_thread().enable_all().build()?;
        let inside = runtime.enter();
        let (starting, stop) = (StopSignals::install()?, StopSignals::install()?);
        let hangup = signal(SignalKind::hangup())?;
        drop(inside);
        let decided = Arc::new(Decision::default());
        Ok(Self {
            starting: Starting {
                end: runtime.spawn(starting.end(decided.clone())),
                decided,
            },
            stop,
            hangup,
            runtime,
        })
    }
}

impl StopSignals {
    fn install() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the first of them, which may have come already.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    async fn end(mut self, decided: Arc<Decision>) {
        self.wait().await;
        if !decided.take() {
            // It is for the one who runs the server, who has heard it too.
            return;
        }
        tracing::info!(event = "server.stopped", "stopped while it started");
        log::flush();
        process::exit(0);
    }
}

impl Starting {
    /// From here on a signal to stop is for the one who runs the server. Where one has come before, the process ends here.
    pub(crate) fn finish(self) {
        if self.decided.take() {
            self.end.abort();
            return;
        }
        // The last lines of the log are being written, which an abort does not stop.
        loop {
            std::thread::park();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_that_is_over_and_a_signal_that_ends_it_cannot_both_be() {
        let decided = Decision::default();
        assert!(decided.take());
        assert!(!decided.take());
    }
}
