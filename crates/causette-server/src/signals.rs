//! The signals of the process. They are taken before anything else is done: one that comes while the server starts is not
//! lost, and ends nothing that it should not.

use crate::log;
use std::io;
use std::process;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinHandle;

/// The signals, and the runtime that brings them.
pub struct Signals {
    pub(crate) runtime: Runtime,
    /// To be dropped when there is something to tell or to record.
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

/// As long as it lives, a signal to stop ends the process with success and without more ado: nobody is served yet, and what is
/// in the middle of being written is whole or not there, as when the power fails.
pub(crate) struct Starting(JoinHandle<()>);

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
        Ok(Self {
            starting: Starting(runtime.spawn(starting.end())),
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

    async fn end(mut self) {
        self.wait().await;
        tracing::info!(event = "server.stopped", "stopped while it started");
        log::flush();
        process::exit(0);
    }
}

impl Drop for Starting {
    fn drop(&mut self) {
        self.0.abort();
    }
}
