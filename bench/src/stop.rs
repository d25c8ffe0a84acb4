//! How long a server under load takes from SIGTERM to its end.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use anyhow::ensure;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::crowd::{Crowd, Entrance};
use crate::report::Report;
use crate::server::{Folder, Program, Server};

const MEASURE: &str = "stop";
const MEMBERS: usize = 100;
const SENDERS: usize = 4;
/// As in `fanout`: deliveries that may wait to be received.
const WAITING: u64 = 200_000;
/// The aim, in milliseconds.
const STOP_MAX: f64 = 1000.0;

/// Stops a server whose senders have not paused for one phase.
pub(crate) async fn measure(
    program: &Program,
    phase: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let server = Server::start(program, &folder, "")?;
    let mut crowd = Crowd::gather(server.address(), "#stop", MEMBERS, Entrance::Account).await?;
    let (sent, audience) = (Arc::new(AtomicU64::new(0)), crowd.audience());
    let mut sending = JoinSet::new();
    for sender in crowd.senders(SENDERS) {
        sending.spawn(sender.send_flat_out(sent.clone(), audience, WAITING));
    }
    sleep(phase).await;
    // The senders go on while the server stops: waiting for its end must not hold them up.
    let (elapsed, status) = tokio::task::spawn_blocking(move || server.stop()).await??;
    ensure!(status.success(), "the server ended with {status}");
    report.aim(
        MEASURE,
        format!("SIGTERM to the end, {SENDERS} senders into {MEMBERS}"),
        elapsed.as_secs_f64() * 1000.0,
        "ms",
        STOP_MAX,
    );
    Ok(())
}
