//! How long the start takes when many people stay in many rooms without a connection, and how much memory they take.

use std::sync::Arc;

use anyhow::Context;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::client::Client;
use crate::report::Report;
use crate::server::{Folder, Program, Server, resident_bytes};

const MEASURE: &str = "always-on";
/// Rooms that each person is in.
const ROOMS_EACH: usize = 20;
/// Rooms that there are: two hundred people in each, with ten thousand people.
const ROOMS: usize = 1000;
/// People who come at a time.
const COMING: usize = 32;
/// The aim for the start, in milliseconds.
const START_MAX: f64 = 1000.0;

/// Lets people sign up, join and leave; then starts the server anew.
pub(crate) async fn measure(
    program: &Program,
    people: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let server = Server::start(program, &folder, "")?;
    let address = server.address();
    let door = Arc::new(Semaphore::new(COMING));
    let mut coming = JoinSet::new();
    for person in 0..people {
        let door = door.clone();
        coming.spawn(async move {
            let _turn = door.acquire().await?;
            let mut client = Client::connect(address, 0).await?;
            client.sign_up(&format!("p{person}")).await?;
            client.send("CAP REQ :draft/no-implicit-names\r\n").await?;
            for first in (0..ROOMS_EACH).step_by(4) {
                // Neighbours share some rooms, and nobody all of them.
                let rooms = (first..first + 4)
                    .map(|room| format!("#r{}", (person * 7 + room * 53) % ROOMS));
                let rooms = rooms.collect::<Vec<_>>().join(",");
                client.send(&format!("JOIN {rooms}\r\n")).await?;
            }
            client.settle().await
        });
    }
    while let Some(came) = coming.join_next().await {
        came?.context("somebody could not come")?;
    }
    server.stop()?;
    let server = Server::start(program, &folder, "")?;
    report.aim(
        MEASURE,
        format!("start to accepting, {people} people in {ROOMS_EACH} rooms each"),
        server.started_in.as_secs_f64() * 1000.0,
        "ms",
        START_MAX,
    );
    let bytes = resident_bytes(server.pid())? as f64;
    report.add(MEASURE, "memory of the server then", bytes / 1e6, "MB");
    report.add(
        MEASURE,
        "of it for each person",
        bytes / people as f64,
        "bytes",
    );
    Ok(())
}
