//! Latency at a fixed rate: from the moment at which a message was due to the moment at which each member had it.
//!
//! The rate is kept whatever the server does (an open loop), so a stall counts for every message that was due during it.

use std::time::Duration;

use crate::crowd::{Crowd, Entrance, TEXT_BYTES};
use crate::report::{Latencies, Report};
use crate::server::{Folder, Program, Server};

const MEASURE: &str = "latency";
/// Members, and messages a second.
const LOADS: [(usize, u32); 3] = [(100, 100), (1000, 40), (10, 2000)];

/// Measures the loads, each on a fresh server.
pub(crate) async fn measure(
    program: &Program,
    phase: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut medians = Vec::new();
    for (size, rate) in LOADS {
        let folder = Folder::new()?;
        let server = Server::start(program, &folder, "")?;
        let mut crowd =
            Crowd::gather(server.address(), "#latency", size, Entrance::Account).await?;
        let count = rate * u32::try_from(phase.as_secs())?;
        for mut sender in crowd.senders(1) {
            // A second of the same, so that nothing is done for the first time.
            for (count, is_warm_up) in [(rate, true), (count, false)] {
                let due = crowd.deliveries() + u64::from(count) * crowd.audience();
                sender.send_paced(rate, count, TEXT_BYTES).await?;
                crowd.wait_for(due).await?;
                let latencies = Latencies::new(crowd.latencies());
                if !is_warm_up {
                    report.latencies(
                        MEASURE,
                        &format!("{rate} messages a second into {size}"),
                        &latencies,
                    );
                    medians.push(latencies.quantile(0.5));
                }
            }
        }
    }
    if let [small, large, _] = medians[..] {
        report.ratio(MEASURE, "1 000 members to 100: p50", large, small);
    }
    Ok(())
}
