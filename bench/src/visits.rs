//! What comes and goes, and what is read, on each engine: sign-ins a second, each with a connection of its own, and pages of
//! history a second.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::client::Client;
use crate::crowd::TEXT_BYTES;
use crate::engines::{Place, Places};
use crate::report::Report;
use crate::server::{Folder, Program, Server};

const MEASURE: &str = "visits";
/// How many come at a time, each with an account.
const VISITORS: usize = 64;
/// How many read at a time.
const READERS: usize = 16;
/// What was said before anybody reads, and how much of it makes a page.
const SAID: usize = 2000;
const PAGE: usize = 50;

/// Measures SQLite, or every engine, one after the other.
pub(crate) async fn measure(
    program: &Program,
    phase: Duration,
    databases: bool,
    report: &mut Report,
) -> anyhow::Result<()> {
    let places = match databases {
        true => Places::every()?,
        false => Places::sqlite(),
    };
    for place in &places.all {
        of_place(program, phase, place, report).await?;
    }
    Ok(())
}

async fn of_place(
    program: &Program,
    phase: Duration,
    place: &Place,
    report: &mut Report,
) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let (database, _dropped) = place.configured()?;
    let server = Server::start(program, &folder, &database)?;
    let address = server.address();
    let mut speaker = Client::connect(address, 0).await?;
    speaker.sign_up("speaker").await?;
    speaker.join("#visits").await?;
    let text = "x".repeat(TEXT_BYTES);
    for _ in 0..SAID {
        speaker
            .send(&format!("PRIVMSG #visits :{text}\r\n"))
            .await?;
    }
    speaker.settle().await?;
    for number in 0..VISITORS {
        let mut person = Client::connect(address, 0).await?;
        person.sign_up(&nick(number)).await?;
    }
    let over = Instant::now() + phase;
    let came = count(VISITORS, |number| comes(address, number, over)).await?;
    let name = format!("{}: sign-ins", place.name);
    report.add(MEASURE, name, came as f64 / phase.as_secs_f64(), "/s");
    let over = Instant::now() + phase;
    let read = count(READERS, |number| reads(address, number, over)).await?;
    let name = format!("{}: pages of {PAGE}", place.name);
    report.add(MEASURE, name, read as f64 / phase.as_secs_f64(), "/s");
    Ok(())
}

/// What so many do together.
async fn count<F>(people: usize, person: impl Fn(usize) -> F) -> anyhow::Result<usize>
where
    F: Future<Output = anyhow::Result<usize>> + Send + 'static,
{
    let mut all = JoinSet::new();
    for number in 0..people {
        all.spawn(person(number));
    }
    let mut done = 0;
    while let Some(one) = all.join_next().await {
        done += one??;
    }
    Ok(done)
}

/// Connects, signs in and leaves, again and again. Returns how often.
async fn comes(server: SocketAddr, number: usize, over: Instant) -> anyhow::Result<usize> {
    let mut times = 0;
    while Instant::now() < over {
        let mut person = Client::connect(server, 0).await?;
        person.sign_in(&nick(number)).await?;
        person.send("QUIT\r\n").await?;
        person.read_to_end().await?;
        times += 1;
    }
    Ok(times)
}

/// Reads the newest page, again and again. Returns how often.
async fn reads(server: SocketAddr, number: usize, over: Instant) -> anyhow::Result<usize> {
    let mut person: Client<TcpStream> = Client::connect(server, 0).await?;
    person.sign_in(&nick(number)).await?;
    person.join("#visits").await?;
    let mut pages = 0;
    while Instant::now() < over {
        let texts = person.history("#visits", PAGE).await?;
        anyhow::ensure!(texts.len() == PAGE, "a page has {} messages", texts.len());
        pages += 1;
    }
    Ok(pages)
}

fn nick(number: usize) -> String {
    format!("visitor{number}")
}
