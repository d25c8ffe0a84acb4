//! The stop: on a signal or the administrator's word, everything that was promised is on disk and said, then the program ends.

use crate::config::Config;
use crate::config::reload::Source;
use crate::countdown::{self, Announcer};
use crate::engine::Arrival;
use crate::fault;
use crate::identity::fingerprint;
use crate::log;
use crate::server::{Running, Server};
use crate::signals::Signals;
use anyhow::{Context as _, bail};
use causette_core::input::{By, Input};
use causette_core::limits::STOP_SECONDS_MAX;
use causette_proto::CompactString;
use causette_store::Closed;
use causette_text::text;
use std::mem::ManuallyDrop;
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// What the stop leaves of its second to threads and database, after recording and writing.
const FINISH: Duration = Duration::from_millis(250);

/// How long those to whom everything was written may take to read it and to leave.
const FAREWELL: Duration = Duration::from_millis(250);

/// Why the server stops.
#[derive(Clone, Debug)]
pub struct Halt {
    /// Who asked for it, where that is not entered yet.
    pub by: By,
    /// The reason, for the people and the register.
    pub reason: CompactString,
}

impl<T: Into<CompactString>> From<T> for Halt {
    fn from(reason: T) -> Self {
        Self {
            by: By::Server,
            reason: reason.into(),
        }
    }
}

/// Runs a server until it is told to stop; `source` reads its configuration again. `started` is called when it serves. Blocks.
///
/// # Errors
/// When it cannot start, or when its stop could not be recorded. It is in the log.
pub fn serve(
    config: Config,
    source: Source,
    signals: Signals,
    started: impl FnOnce(&Running),
) -> anyhow::Result<()> {
    log::start(&config.log, config.start_language())?;
    let result = fault::guard("main", || run(config, source, signals, started));
    if let Err(error) = &result {
        tracing::error!(event = "server.failed", "{error:#}");
        log::flush_failure();
    }
    log::flush();
    result
}

/// Whether why [`serve`] has failed stands on standard error, as the last line of the log: it is logged there, and the levels
/// that are in force let it through.
pub fn failure_was_told() -> bool {
    tracing::enabled!(tracing::Level::ERROR) && log::reaches_standard_error()
}

fn run(
    config: Config,
    source: Source,
    signals: Signals,
    started: impl FnOnce(&Running),
) -> anyhow::Result<()> {
    let mut running = Server::start(config, source, signals)?;
    started(&running);
    let halt = running.wait();
    running.stop(halt)
}

impl Running {
    /// The SHA-256 of its public key, in the groups in which Causette's clients show it.
    pub fn public_key(&self) -> String {
        fingerprint::rows(&self.tls.certificate().public_key).join("  ")
    }

    /// Waits for a signal, the administrator or an operator, and says why the server must stop.
    pub fn wait(&mut self) -> Halt {
        let by_signal = || Halt::from(text(self.live.language(), "stop-by-signal"));
        let announcer = Announcer {
            inbox: self.inbox.clone(),
            live: self.live.clone(),
            status: self.status.clone(),
        };
        let (signals, stops) = (&mut self.stop_signals, &mut self.stops);
        let halt = self.runtime.block_on(async {
            tokio::select! {
                () = signals.wait() => None,
                halt = countdown::until_over(stops, &announcer) => halt,
            }
        });
        halt.unwrap_or_else(by_signal)
    }

    /// Stops: no new connection; every session is told and closed; what happened is recorded.
    ///
    /// # Errors
    /// When that could not be recorded in time, because the disk refuses. What was shown to people is on disk all the same.
    pub fn stop(self, halt: impl Into<Halt>) -> anyhow::Result<()> {
        let status = self.status.clone();
        let ended = self.end(halt.into());
        status.witnesses.tell(&ended);
        ended
    }

    fn end(self, Halt { by, reason }: Halt) -> anyhow::Result<()> {
        let stop = Input::Stop { by, reason };
        let written_by = Instant::now() + Duration::from_secs(STOP_SECONDS_MAX) - FINISH;
        self.status.set_stopping();
        self.notifier.stopping();
        tracing::info!(
            event = "server.stopping",
            sessions = self.status.sessions(),
            "stopping"
        );
        for task in &self.accepting {
            task.abort();
        }
        let recorded = self.runtime.block_on(async {
            let recorded = async {
                if self.inbox.send(Arrival::Input(stop)).await.is_ok() {
                    self.stopped.notified().await;
                    self.recorded.notified().await;
                }
            };
            let recorded = timeout_at(written_by, recorded).await;
            // Who does not read its last lines has had the time.
            let _ = timeout_at(written_by, self.status.empty()).await;
            // What a process leaves unread when it ends takes back what it wrote last.
            let left_by = written_by.min(Instant::now() + FAREWELL);
            let _ = timeout_at(left_by, self.status.left()).await;
            recorded
        });
        // It only tells where the server listens, and it no longer does.
        let _ = std::fs::remove_file(self.address_file());
        if recorded.is_err() {
            self.runtime.shutdown_background();
            bail!(text(self.live.language(), "stop-not-recorded"));
        }
        join(self.threads.engine);
        let writer = join(self.threads.recorder);
        join(self.threads.delivery);
        (self.threads.end_pools)();
        // They only read, and one may wait for a database server that does not answer.
        join_by(self.threads.pools, Instant::now() + FINISH);
        self.runtime.shutdown_timeout(FINISH);
        let closed = writer
            .close()
            .context("the database's log stays beside it; nothing is lost")?;
        if closed == Closed::LogStays {
            tracing::warn!(
                event = "store.log_stays",
                "another program has the database open: its log stays beside it, and the next start reads it"
            );
        }
        drop(ManuallyDrop::into_inner(self.data_dir));
        tracing::info!(event = "server.stopped", "stopped");
        Ok(())
    }
}

/// How often threads that end soon are looked at.
const LOOK: Duration = Duration::from_millis(1);

/// Waits for threads to end, until a moment and no longer: those that have not ended then go with the process.
fn join_by(mut threads: Vec<JoinHandle<()>>, end: Instant) {
    loop {
        let (ended, left): (Vec<_>, Vec<_>) =
            threads.into_iter().partition(JoinHandle::is_finished);
        ended.into_iter().for_each(join);
        threads = left;
        if threads.is_empty() || Instant::now() >= end {
            return;
        }
        thread::sleep(LOOK);
    }
}

/// What a thread comes to.
fn join<T>(thread: JoinHandle<T>) -> T {
    thread
        .join()
        .expect("a panic in a thread of the server ends the process")
}
