//! The signals by which a program is asked to end.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM and SIGHUP, from when it is made on.
#[derive(Debug)]
pub struct Ending {
    terminate: Signal,
    hang_up: Signal,
}

impl Ending {
    /// Listens from now on.
    ///
    /// # Errors
    /// The system does not allow it.
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits until the program is asked to end. May be dropped while it waits.
    pub async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.hang_up.recv() => {}
        }
    }
}
