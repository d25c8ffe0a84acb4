//! A member that stops reading while its room goes on: it is closed at its byte bound, and nobody else notices.

use crate::client::Client;
use crate::crowd::{Crowd, Entrance};
use crate::report::Report;
use crate::server::{Folder, Program, Server};

const MEASURE: &str = "slow-reader";
const CHANNEL: &str = "#slow";
const MEMBERS: usize = 100;
const MESSAGES: u32 = 10_000;
/// Messages a second, in both phases.
const RATE: u32 = 500;
/// Messages that measure the baseline.
const BASELINE_MESSAGES: u32 = 5_000;
/// Long enough that the messages are more than the bound and both ends' socket buffers together.
const TEXT_BYTES: usize = 400;
/// `limits.sendq_bytes` for this measure.
const OUTBOX_BYTES: usize = 1 << 20;
/// How much worse the others' 99th percentile may be.
const RATIO_MAX: f64 = 2.0;

/// Measures the others' latency without and with the slow member, on one server.
pub(crate) async fn measure(program: &Program, report: &mut Report) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let limits = format!("[limits]\nsendq_bytes = {OUTBOX_BYTES}\n");
    let server = Server::start(program, &folder, &limits)?;
    let mut slow = Client::connect_narrow(server.address()).await?;
    slow.sign_up("slow").await?;
    let mut crowd = Crowd::gather(server.address(), CHANNEL, MEMBERS, Entrance::Account).await?;
    let mut p99 = Vec::new();
    for mut sender in crowd.senders(1) {
        for (name, count) in [
            ("everyone reads", BASELINE_MESSAGES),
            ("one stopped reading", MESSAGES),
        ] {
            if count == MESSAGES {
                // From here on nothing reads what comes for this member.
                slow.join(CHANNEL).await?;
            }
            let due = crowd.deliveries() + u64::from(count) * crowd.audience();
            sender.send_paced(RATE, count, TEXT_BYTES).await?;
            crowd.wait_for(due).await?;
            let latencies = crowd.latencies();
            report.latencies(MEASURE, name, &latencies);
            p99.push(latencies.quantile(0.99));
        }
    }
    // Were it still connected, this would wait in vain: the server says no more.
    let read = slow.read_to_end().await?;
    report.add(
        MEASURE,
        "bytes that the closed member had been sent",
        read as f64,
        "bytes",
    );
    if let [baseline, with_slow] = p99[..] {
        report.aim(
            MEASURE,
            "p99 of the others, slow phase to baseline",
            with_slow / baseline,
            "times",
            RATIO_MAX,
        );
    }
    Ok(())
}
