//! A member that stops reading while its room goes on: it is closed at its byte bound, and nobody else notices.

use crate::client::Client;
use crate::crowd::{Crowd, Entrance};
use crate::report::{Latencies, Report};
use crate::server::{Folder, Program, Server};

const MEASURE: &str = "slow-reader";
const CHANNEL: &str = "#slow";
const MEMBERS: usize = 100;
const MESSAGES: u32 = 10_000;
/// Messages a second, in every phase.
const RATE: u32 = 500;
/// Messages that measure the baseline on either side of them: the record grows meanwhile, and the machine changes its mind.
const BASELINE_MESSAGES: u32 = 2_500;
/// Long enough that the messages are more than the bound and both ends' socket buffers together.
const TEXT_BYTES: usize = 400;
/// `limits.sendq_bytes` for this measure.
const OUTBOX_BYTES: usize = 1 << 20;
/// What the server logs of a commit that takes longer than 20 ms.
const SLOW_COMMIT: &str = "recorder.slow";
/// How much worse the others' 99th percentile may be.
const RATIO_MAX: f64 = 2.0;

/// What the measure does at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Before,
    Slow,
    After,
}

/// Measures the others' latency without and with the slow member, on one server.
pub(crate) async fn measure(program: &Program, report: &mut Report) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let limits = format!("[limits]\nsendq_bytes = {OUTBOX_BYTES}\n");
    let server = Server::start(program, &folder, &limits)?;
    let mut slow = Client::connect_narrow(server.address()).await?;
    slow.sign_up("slow").await?;
    let mut crowd = Crowd::gather(server.address(), CHANNEL, MEMBERS, Entrance::Account).await?;
    let (mut baseline, mut with_slow) = (Vec::new(), Vec::new());
    for mut sender in crowd.senders(1) {
        for phase in [Phase::Before, Phase::Slow, Phase::After] {
            if phase == Phase::Slow {
                // From here on nothing reads what comes for this member.
                slow.join(CHANNEL).await?;
            }
            let count = if phase == Phase::Slow {
                MESSAGES
            } else {
                BASELINE_MESSAGES
            };
            let commits_before = server.logged(SLOW_COMMIT)?;
            let due = crowd.deliveries() + u64::from(count) * crowd.audience();
            sender.send_paced(RATE, count, TEXT_BYTES).await?;
            crowd.wait_for(due).await?;
            let latencies = if phase == Phase::Slow {
                &mut with_slow
            } else {
                &mut baseline
            };
            latencies.extend(crowd.latencies());
            // A disk that others keep busy stalls everyone alike: without these, a ratio of stalls would look like one of ours.
            report.add(
                MEASURE,
                format!("{phase:?}: commits that the disk held up"),
                (server.logged(SLOW_COMMIT)? - commits_before) as f64,
                "commits",
            );
        }
    }
    let (baseline, with_slow) = (Latencies::new(baseline), Latencies::new(with_slow));
    report.latencies(MEASURE, "everyone reads", &baseline);
    report.latencies(MEASURE, "one stopped reading", &with_slow);
    // Were it still connected, this would wait in vain: the server says no more.
    let read = slow.read_to_end().await?;
    report.add(
        MEASURE,
        "bytes that the closed member had been sent",
        read as f64,
        "bytes",
    );
    let ratio = with_slow.quantile(0.99) / baseline.quantile(0.99);
    report.aim(
        MEASURE,
        "p99 of the others, slow phase to baseline",
        ratio,
        "times",
        RATIO_MAX,
    );
    Ok(())
}
