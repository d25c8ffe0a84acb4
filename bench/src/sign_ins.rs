//! Everybody signs in at once, from one address, with passwords that cost what they cost by default: how long the last one
//! waits, and what those notice who talk meanwhile.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::client::Client;
use crate::crowd::{Crowd, Entrance, TEXT_BYTES};
use crate::report::{Latencies, Report};
use crate::server::{Folder, Program, Server};

const MEASURE: &str = "sign-ins";
/// An office that comes back after a restart.
const PEOPLE: usize = 40;
/// Who talks meanwhile, and how often.
const MEMBERS: usize = 100;
const RATE: u32 = 100;
/// Connections of another address that guess all the time.
const GUESSERS: usize = 8;
/// How long the last of them may wait, in milliseconds.
const SLOWEST_MAX: f64 = 10_000.0;
/// How many guesses of one address are looked at in a phase: five are free, then each waits twice as long.
const GUESSES_MAX: f64 = 10.0;
/// How many times as slow the chat may be meanwhile.
const SLOWER_MAX: f64 = 2.0;
/// The address from which people sign in, and that of those who guess. Those who talk come from an exempt one.
const OFFICE: u8 = 1;
const ELSEWHERE: u8 = 2;
const LIMITS: &str = "[flood]\nexempt = [\"127.0.0.1/32\"]\n";

/// Measures waves of sign-ins, one behind the other, while a room talks.
pub(crate) async fn measure(
    program: &Program,
    phase: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let server = Server::start_by(program, &folder, LIMITS)?;
    for number in 0..PEOPLE {
        let mut person = Client::connect(server.address(), 0).await?;
        person.sign_up(&nick(number)).await?;
    }
    let mut crowd = Crowd::gather(server.address(), "#talk", MEMBERS, Entrance::Account).await?;
    let mut senders = crowd.senders(1);
    let count = RATE * u32::try_from(phase.as_secs())?;
    let mut talks = Vec::new();
    for is_alone in [true, true, false] {
        let over = Instant::now() + phase;
        let signing_in = tokio::spawn(waves(server.address(), over, is_alone));
        let due = crowd.deliveries() + u64::from(count) * crowd.audience();
        for sender in &mut senders {
            sender.send_paced(RATE, count, TEXT_BYTES).await?;
        }
        crowd.wait_for(due).await?;
        talks.push(Latencies::new(crowd.latencies()));
        let Waves {
            waits,
            put_off,
            guesses,
        } = signing_in.await??;
        if !is_alone {
            let waits = Latencies::new(waits);
            report.add(
                MEASURE,
                "sign-in of one of 40 at once: p50",
                waits.quantile(0.5),
                "ms",
            );
            let slowest = waits.quantile(1.0);
            report.aim(MEASURE, "slowest of 40 at once", slowest, "ms", SLOWEST_MAX);
            report.aim(
                MEASURE,
                "right ones that did not get in",
                put_off,
                "people",
                0.0,
            );
            let name = "guesses of one address that were looked at";
            report.aim(MEASURE, name, guesses, "guesses", GUESSES_MAX);
        }
    }
    // The first phase warms up.
    if let [_, alone, meanwhile] = &talks[..] {
        report.latencies(MEASURE, "a room of 100 without them", alone);
        report.latencies(MEASURE, "a room of 100 meanwhile", meanwhile);
        let ratio = meanwhile.quantile(0.99) / alone.quantile(0.99);
        report.aim(
            MEASURE,
            "meanwhile to without: p99",
            ratio,
            "times",
            SLOWER_MAX,
        );
    }
    Ok(())
}

/// What came of the waves of a phase.
#[derive(Default)]
struct Waves {
    /// How long each sign-in took, in microseconds.
    waits: Vec<u32>,
    put_off: f64,
    guesses: f64,
}

async fn waves(
    server: std::net::SocketAddr,
    over: Instant,
    is_alone: bool,
) -> anyhow::Result<Waves> {
    let mut waves = Waves::default();
    if is_alone {
        return Ok(waves);
    }
    let mut guessing = JoinSet::new();
    for number in 0..GUESSERS {
        guessing.spawn(async move {
            let guesser = Client::connect(server, ELSEWHERE).await?;
            guesser.guess(&nick(number), over).await
        });
    }
    while Instant::now() < over {
        let mut wave = JoinSet::new();
        for number in 0..PEOPLE {
            wave.spawn(async move {
                let begun = Instant::now();
                let mut person = Client::connect(server, OFFICE).await?;
                person.sign_in(&nick(number)).await?;
                anyhow::Ok(u32::try_from(begun.elapsed().as_micros())?)
            });
        }
        while let Some(person) = wave.join_next().await {
            match person? {
                Ok(wait) => waves.waits.push(wait),
                Err(error) => {
                    eprintln!("{error:#}");
                    waves.put_off += 1.0;
                }
            }
        }
    }
    while let Some(guesses) = guessing.join_next().await {
        waves.guesses += guesses?? as f64;
    }
    Ok(waves)
}

fn nick(number: usize) -> String {
    format!("person{number}")
}
