//! Backups one after the other beside 500 people in rooms of ten who say a thousand messages a second: what the others notice.

use crate::crowd::{Crowd, Entrance, TEXT_BYTES};
use crate::report::{Latencies, Report};
use crate::server::{Folder, Program, Server, data_dir};
use anyhow::{Context as _, bail};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const MEASURE: &str = "backup";
const ROOMS: usize = 50;
const MEMBERS: usize = 10;
/// Messages a second in each room.
const RATE: u32 = 20;
/// Phases without and with a backup, by turns.
const ROUNDS: usize = 5;
/// Messages that are said first, so that there is something to back up.
const FILL: u64 = 200_000;
/// How much worse the others' 99th percentile may be.
const RATIO_MAX: f64 = 2.0;

/// Measures the latency of all messages without and with backups being made, on one server.
pub(crate) async fn measure(
    program: &Program,
    phase: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let server = Server::start(program, &folder, "")?;
    fill(&server).await?;
    let mut crowds = Vec::new();
    for room in 0..ROOMS {
        let name = format!("#b{room}");
        crowds.push(Crowd::gather(server.address(), &name, MEMBERS, Entrance::Account).await?);
    }
    let (mut ratios, mut without, mut with) = (Vec::new(), Vec::new(), Vec::new());
    let mut took = Vec::new();
    talk(&mut crowds, Duration::from_secs(1)).await?;
    for _ in 0..ROUNDS {
        let quiet = talk(&mut crowds, phase).await?;
        let backups = Backups::begin(program, &folder);
        let busy = talk(&mut crowds, phase).await?;
        took.extend(backups.end()?);
        let p99 = |latencies: &[u32]| Latencies::new(latencies.to_vec()).quantile(0.99);
        ratios.push(p99(&busy) / p99(&quiet));
        without.extend(quiet);
        with.extend(busy);
    }
    report.latencies(MEASURE, "no backup", &Latencies::new(without));
    report.latencies(
        MEASURE,
        "backups one after the other",
        &Latencies::new(with),
    );
    let bytes = std::fs::metadata(folder.path().join("backup.tar"))?.len();
    report.add(MEASURE, "size of a backup", bytes as f64 / 1e6, "MB");
    report.add(MEASURE, "time of a backup", median(&mut took), "s");
    report.aim(
        MEASURE,
        "p99 of the others, with to without, median of 5",
        median(&mut ratios),
        "times",
        RATIO_MAX,
    );
    Ok(())
}

/// Fills the record, as fast as it goes.
async fn fill(server: &Server) -> anyhow::Result<()> {
    let mut crowd = Crowd::gather(server.address(), "#fill", 4, Entrance::Account).await?;
    let audience = crowd.audience();
    let sent = Arc::new(AtomicU64::new(0));
    let senders = crowd.senders(4).into_iter();
    let sending: Vec<_> = senders
        .map(|sender| tokio::spawn(sender.send_flat_out(sent.clone(), audience, 40_000)))
        .collect();
    let begun = Instant::now();
    while crowd.deliveries() < FILL * audience {
        if begun.elapsed() > Duration::from_secs(120) {
            bail!("the record is filled too slowly");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    sending.iter().for_each(|sender| sender.abort());
    Ok(())
}

/// Lets all rooms talk, and gives the latencies of what they said.
async fn talk(crowds: &mut Vec<Crowd>, phase: Duration) -> anyhow::Result<Vec<u32>> {
    let count = RATE * u32::try_from(phase.as_secs())?;
    let mut rooms = JoinSet::new();
    for mut crowd in crowds.drain(..) {
        rooms.spawn(async move {
            let due = crowd.deliveries() + u64::from(count) * crowd.audience();
            let mut sender = crowd.senders(1).pop().context("nobody is left to send")?;
            sender.send_paced(RATE, count, TEXT_BYTES).await?;
            crowd.wait_for(due).await?;
            crowd.give_back(sender);
            anyhow::Ok(crowd)
        });
    }
    let mut latencies = Vec::new();
    while let Some(room) = rooms.join_next().await {
        let crowd = room??;
        latencies.extend(crowd.latencies());
        crowds.push(crowd);
    }
    Ok(latencies)
}

/// Backups that are made until they are ended.
struct Backups {
    stop: std::sync::mpsc::SyncSender<()>,
    thread: std::thread::JoinHandle<anyhow::Result<Vec<f64>>>,
}

impl Backups {
    fn begin(program: &Program, folder: &Folder) -> Self {
        let (stop, stopped) = std::sync::mpsc::sync_channel(1);
        let (program, file) = (program.clone(), folder.path().join("backup.tar"));
        let data = data_dir(folder);
        let thread = std::thread::spawn(move || {
            let mut took = Vec::new();
            while stopped.try_recv().is_err() {
                let begun = Instant::now();
                let status = backup(&program, &file, &data)?.wait()?;
                if !status.success() {
                    bail!("a backup failed ({status})");
                }
                took.push(begun.elapsed().as_secs_f64());
            }
            Ok(took)
        });
        Self { stop, thread }
    }

    /// How long each took.
    fn end(self) -> anyhow::Result<Vec<f64>> {
        // Where the thread has ended, its result says why.
        let _ = self.stop.send(());
        let ended = self.thread.join();
        ended.map_err(|_| anyhow::anyhow!("the thread of the backups failed"))?
    }
}

fn backup(program: &Program, file: &Path, data: &Path) -> anyhow::Result<Child> {
    let mut command = Command::new(&program.0);
    let command = command.arg("backup").arg("--force").arg(file);
    let child = command
        .arg("--data")
        .arg(data)
        .stdout(Stdio::null())
        .spawn();
    child.with_context(|| program.0.display().to_string())
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
