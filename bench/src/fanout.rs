//! Fan-out: how many deliveries a second a room gets when its senders never pause, and what each costs the server.

use std::net::ToSocketAddrs;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::crowd::{Crowd, Entrance};
use crate::engines::Places;
use crate::report::{Report, middle};
use crate::server::{Folder, Program, Server, cpu_time};

const MEASURE: &str = "fanout";
const SIZES: [usize; 2] = [100, 1000];
/// Deliveries that may wait to be received: enough to keep every stage busy, and far below what an outbox holds.
const WAITING: u64 = 200_000;
/// The part of SQLite's throughput that a database server should have at least.
const SHARE_MIN: f64 = 0.4;
/// How long the senders send before anything is counted.
const WARM_UP: Duration = Duration::from_secs(1);

/// Another server, already running, to compare with.
#[derive(Debug)]
pub(crate) struct Against {
    /// `HOST:PORT`, in plain text.
    pub(crate) address: String,
    /// Its process, if its CPU time is to be read.
    pub(crate) pid: Option<u32>,
}

/// What one crowd measured.
#[derive(Debug, Clone, Copy)]
struct Rate {
    deliveries_per_second: f64,
    messages_per_second: f64,
    cpu_nanos_per_delivery: Option<f64>,
}

/// Measures rooms of both sizes on our server, and on the other one if there is one.
pub(crate) async fn measure(
    program: &Program,
    senders: usize,
    phase: Duration,
    against: Option<&Against>,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut ours = Vec::new();
    for size in SIZES {
        let folder = Folder::new()?;
        let server = Server::start(program, &folder, "")?;
        let crowd = Crowd::gather(server.address(), "#fanout", size, Entrance::Account).await?;
        let rate = flat_out(crowd, senders, phase, Some(server.pid())).await?;
        note(&format!("{size} members"), rate, report);
        ours.push(rate);
    }
    if let [small, large] = ours[..] {
        report.ratio(
            MEASURE,
            "1 000 members to 100: deliveries a second",
            large.deliveries_per_second,
            small.deliveries_per_second,
        );
        if let (Some(large), Some(small)) =
            (large.cpu_nanos_per_delivery, small.cpu_nanos_per_delivery)
        {
            report.ratio(
                MEASURE,
                "1 000 members to 100: CPU per delivery",
                large,
                small,
            );
        }
    }
    match against {
        Some(against) => compare(program, senders, phase, against, report).await,
        None => Ok(()),
    }
}

/// Measures a room of a hundred on every engine, by turns.
pub(crate) async fn of_databases(
    program: &Program,
    senders: usize,
    phase: Duration,
    rounds: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    let places = Places::every()?;
    let mut rates: Vec<Vec<Rate>> = places.all.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (place, rates) in places.all.iter().zip(&mut rates) {
            let folder = Folder::new()?;
            let (database, _dropped) = place.configured()?;
            let server = Server::start(program, &folder, &database).context(place.name)?;
            let crowd = Crowd::gather(server.address(), "#fanout", SIZES[0], Entrance::Account);
            let rate = flat_out(crowd.await?, senders, phase, Some(server.pid())).await?;
            rates.push(rate);
        }
    }
    for (place, rates) in places.all.iter().zip(&rates) {
        // The turns stay in their order: each is compared with that of SQLite beside it.
        let mut sorted = rates.clone();
        sorted.sort_unstable_by(|one, other| {
            f64::total_cmp(&one.deliveries_per_second, &other.deliveries_per_second)
        });
        let name = format!("{}, {} members", place.name, SIZES[0]);
        note(&name, sorted[sorted.len() / 2], report);
    }
    let Some((sqlite, servers)) = rates.split_first() else {
        return Ok(());
    };
    for (place, rates) in places.all.iter().skip(1).zip(servers) {
        let mut ratios: Vec<f64> = rates
            .iter()
            .zip(sqlite)
            .map(|(ours, base)| ours.deliveries_per_second / base.deliveries_per_second)
            .collect();
        ratios.sort_unstable_by(f64::total_cmp);
        let name = format!(
            "{} to SQLite: deliveries a second, of {rounds} from {:.2} to {:.2}",
            place.name,
            ratios[0],
            ratios[ratios.len() - 1]
        );
        report.at_least(MEASURE, name, middle(ratios), "times", SHARE_MIN);
    }
    Ok(())
}

/// Measures guests without capabilities on both servers, so that both do the same work.
async fn compare(
    program: &Program,
    senders: usize,
    phase: Duration,
    against: &Against,
    report: &mut Report,
) -> anyhow::Result<()> {
    let other = against
        .address
        .to_socket_addrs()?
        .next()
        .context("the address has no answer")?;
    for size in SIZES {
        let folder = Folder::new()?;
        let server = Server::start(program, &folder, "")?;
        let crowd = Crowd::gather(server.address(), "#fanout", size, Entrance::Guest).await?;
        let ours = flat_out(crowd, senders, phase, Some(server.pid())).await?;
        let crowd = Crowd::gather(other, "#fanout", size, Entrance::Guest).await?;
        let theirs = flat_out(crowd, senders, phase, against.pid).await?;
        note(&format!("{size} guests"), ours, report);
        note(
            &format!("{size} guests, {}", against.address),
            theirs,
            report,
        );
        let name = format!("{size} guests: deliveries a second, ours to theirs");
        report.ratio(
            MEASURE,
            name,
            ours.deliveries_per_second,
            theirs.deliveries_per_second,
        );
        if let (Some(ours), Some(theirs)) =
            (ours.cpu_nanos_per_delivery, theirs.cpu_nanos_per_delivery)
        {
            report.ratio(
                MEASURE,
                format!("{size} guests: CPU per delivery, ours to theirs"),
                ours,
                theirs,
            );
        }
    }
    Ok(())
}

async fn flat_out(
    mut crowd: Crowd,
    senders: usize,
    phase: Duration,
    pid: Option<u32>,
) -> anyhow::Result<Rate> {
    let cpu = || pid.map(cpu_time).transpose();
    let (sent, audience) = (Arc::new(AtomicU64::new(0)), crowd.audience());
    let mut sending = JoinSet::new();
    for sender in crowd.senders(senders) {
        sending.spawn(sender.send_flat_out(sent.clone(), audience, WAITING));
    }
    sleep(WARM_UP).await;
    let (begun, cpu_before, before) = (Instant::now(), cpu()?, crowd.deliveries());
    sleep(phase).await;
    let (seconds, cpu_after, after) = (begun.elapsed().as_secs_f64(), cpu()?, crowd.deliveries());
    sending.shutdown().await;
    let deliveries = after - before;
    anyhow::ensure!(deliveries > 0, "no message arrived");
    Ok(Rate {
        deliveries_per_second: deliveries as f64 / seconds,
        messages_per_second: deliveries as f64 / audience as f64 / seconds,
        cpu_nanos_per_delivery: cpu_after
            .zip(cpu_before)
            .map(|(after, before)| (after - before).as_nanos() as f64 / deliveries as f64),
    })
}

fn note(who: &str, rate: Rate, report: &mut Report) {
    report.add(
        MEASURE,
        format!("{who}: deliveries"),
        rate.deliveries_per_second,
        "/s",
    );
    report.add(
        MEASURE,
        format!("{who}: messages committed"),
        rate.messages_per_second,
        "/s",
    );
    if let Some(nanos) = rate.cpu_nanos_per_delivery {
        report.add(
            MEASURE,
            format!("{who}: server CPU per delivery"),
            nanos,
            "ns",
        );
    }
}
