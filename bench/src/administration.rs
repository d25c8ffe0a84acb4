//! What those who run a large server wait for: lists, searches and inspections beside people who talk.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::task::JoinSet;
use tokio::time::interval;

use crate::client::PASSWORD;
use crate::crowd::{Crowd, Entrance, TEXT_BYTES};
use crate::idle;
use crate::report::{Latencies, Report};
use crate::server::{Folder, Program, Server, data_dir};

const MEASURE: &str = "administration";
const ACCOUNTS: usize = 100_000;
/// Connections to the socket over which the accounts are made.
const MAKERS: usize = 8;
const MEMBERS: usize = 100;
/// Messages a second.
const RATE: u32 = 100;
/// Each question is asked so often, one after the other.
const PACE: Duration = Duration::from_millis(20);
/// Phases without and with questions, by turns.
const ROUNDS: usize = 3;
/// What an answer may take, in milliseconds.
const ANSWER_MAX: f64 = 100.0;
/// How much worse the others' 99th percentile may be.
const RATIO_MAX: f64 = 2.0;

/// Asks what those who run the server ask, one question after the other.
pub(crate) async fn measure(
    program: &Program,
    phase: Duration,
    sessions: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let server = Server::start(program, &folder, "")?;
    let socket = data_dir(&folder).join("admin.sock");
    make_accounts(&socket).await?;
    let idle = idle::sign_up_all(&server, sessions).await?;
    let mut crowd = Crowd::gather(server.address(), "#talk", MEMBERS, Entrance::Account).await?;
    talk(&mut crowd, Duration::from_secs(1)).await?;
    let questions = [
        ("people, a page", json!({"verb": "people"})),
        (
            "people, searched",
            json!({"verb": "people", "like": "idle99"}),
        ),
        ("rooms", json!({"verb": "rooms"})),
        (
            "accounts, a page",
            json!({"verb": "accounts", "after": "u50000", "limit": 500}),
        ),
        (
            "accounts, searched",
            json!({"verb": "accounts", "like": "9999"}),
        ),
        ("account", json!({"verb": "account.show", "name": "idle7"})),
        ("sanctions", json!({"verb": "sanctions"})),
    ];
    let mut asked: Vec<Vec<u32>> = vec![Vec::new(); questions.len()];
    let (mut ratios, mut without, mut with) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let quiet = talk(&mut crowd, phase).await?;
        let asking = tokio::spawn(ask_all(
            socket.clone(),
            questions.clone().map(|(_, question)| question),
            phase,
        ));
        let busy = talk(&mut crowd, phase).await?;
        for (all, one) in asked.iter_mut().zip(asking.await??) {
            all.extend(one);
        }
        let p99 = |latencies: &[u32]| Latencies::new(latencies.to_vec()).quantile(0.99);
        ratios.push(p99(&busy) / p99(&quiet));
        without.extend(quiet);
        with.extend(busy);
    }
    for ((name, _), took) in questions.iter().zip(asked) {
        let took = Latencies::new(took);
        report.add(MEASURE, format!("{name}: p50"), took.quantile(0.5), "ms");
        report.aim(
            MEASURE,
            format!("{name}: max"),
            took.quantile(1.0),
            "ms",
            ANSWER_MAX,
        );
    }
    report.latencies(MEASURE, "nobody asks", &Latencies::new(without));
    report.latencies(MEASURE, "somebody asks", &Latencies::new(with));
    ratios.sort_unstable_by(f64::total_cmp);
    let median = ratios.get(ratios.len() / 2).copied().unwrap_or_default();
    let name = format!("p99 of the others, with to without, median of {ROUNDS}");
    report.aim(MEASURE, name, median, "times", RATIO_MAX);
    drop(idle);
    server.stop()?;
    Ok(())
}

/// Makes the accounts over several connections at a time.
async fn make_accounts(socket: &Path) -> anyhow::Result<()> {
    let mut makers = JoinSet::new();
    for maker in 0..MAKERS {
        let socket = socket.to_owned();
        makers.spawn(async move {
            let mut end = End::connect(&socket).await?;
            for number in (maker..ACCOUNTS).step_by(MAKERS) {
                let name = format!("u{number:05}");
                let order = json!({"verb": "account.create", "name": name, "password": PASSWORD});
                end.ask(&order).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(made) = makers.join_next().await {
        made??;
    }
    Ok(())
}

/// Asks all questions again and again, and says how long each answer took, in microseconds.
async fn ask_all<const COUNT: usize>(
    socket: std::path::PathBuf,
    questions: [Value; COUNT],
    phase: Duration,
) -> anyhow::Result<[Vec<u32>; COUNT]> {
    let mut end = End::connect(&socket).await?;
    let mut took = [const { Vec::new() }; COUNT];
    let (begun, mut beat) = (Instant::now(), interval(PACE));
    while begun.elapsed() < phase {
        for (question, took) in questions.iter().zip(&mut took) {
            beat.tick().await;
            let asked = Instant::now();
            end.ask(question).await?;
            took.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
    }
    Ok(took)
}

async fn talk(crowd: &mut Crowd, phase: Duration) -> anyhow::Result<Vec<u32>> {
    let count = RATE * u32::try_from(phase.as_secs())?;
    let due = crowd.deliveries() + u64::from(count) * crowd.audience();
    let mut sender = crowd.senders(1).pop().context("nobody is left to send")?;
    sender.send_paced(RATE, count, TEXT_BYTES).await?;
    crowd.wait_for(due).await?;
    crowd.give_back(sender);
    Ok(crowd.latencies())
}

/// The end of the administrator's socket that asks.
struct End(BufReader<UnixStream>);

impl End {
    async fn connect(socket: &Path) -> anyhow::Result<Self> {
        let stream = UnixStream::connect(socket).await;
        let stream = stream.with_context(|| socket.display().to_string())?;
        Ok(Self(BufReader::new(stream)))
    }

    async fn ask(&mut self, question: &Value) -> anyhow::Result<()> {
        let line = format!("{question}\n");
        self.0.get_mut().write_all(line.as_bytes()).await?;
        let mut answer = String::new();
        self.0.read_line(&mut answer).await?;
        let told: Value = serde_json::from_str(&answer)?;
        ensure!(told["ok"] == true, "{question}: {answer}");
        Ok(())
    }
}
