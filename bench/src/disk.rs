//! Bytes on disk: what little input leaves in the record. The server is stopped before the file is measured, so that all of its
//! log is in it.

use std::time::Duration;

use anyhow::Context;

use crate::client::Client;
use crate::report::Report;
use crate::server::{Folder, Program, Server};

const MEASURE: &str = "disk";
/// Rooms that somebody is in.
const ROOMS: usize = 100;
/// How often they change their nickname.
const NICKS: usize = 100;
/// How many people come into all rooms and leave.
const LEAVING: usize = 20;
/// Connections that never say a line.
const SILENT: usize = 1000;
/// Nobody stays in a room without a connection.
const NOBODY_STAYS: &str = "[accounts]\nalways_on = \"off\"\nargon2 = { memory_kib = 8, iterations = 1, parallelism = 1 }\n\
                            [flood]\nexempt = [\"127.0.0.0/8\"]\n";

/// Measures each on a fresh server.
pub(crate) async fn measure(program: &Program, report: &mut Report) -> anyhow::Result<()> {
    let nick = nicknames(program).await? / NICKS as f64;
    report.add(MEASURE, "NICK of somebody in 100 rooms", nick, "bytes");
    let visit = visits(program).await? / LEAVING as f64;
    report.add(MEASURE, "100 times JOIN, then QUIT", visit, "bytes");
    let silent = silent(program).await? / SILENT as f64;
    report.add(
        MEASURE,
        "connection that never says a line",
        silent,
        "bytes",
    );
    Ok(())
}

/// By how many bytes the record grows while somebody in many rooms takes one nickname after the other.
async fn nicknames(program: &Program) -> anyhow::Result<f64> {
    let folder = Folder::new()?;
    let server = Server::start(program, &folder, "")?;
    let mut alice = Client::connect(server.address(), 0).await?;
    alice.sign_up("alice").await?;
    enter(&mut alice, "alice").await?;
    let before = stopped(server, &folder)?;
    let server = Server::start(program, &folder, "")?;
    let mut alice = Client::connect(server.address(), 0).await?;
    alice.sign_in("alice").await?;
    for number in 0..NICKS {
        alice.send(&format!("NICK alice{number:03}\r\n")).await?;
    }
    alice.settle().await?;
    Ok((stopped(server, &folder)? - before) as f64)
}

/// By how many bytes the record grows while people come into many rooms where others are, and leave them all at once.
async fn visits(program: &Program) -> anyhow::Result<f64> {
    let folder = Folder::new()?;
    let start = || Server::start_by(program, &folder, NOBODY_STAYS);
    let server = start()?;
    let mut owner = Client::connect(server.address(), 0).await?;
    owner.sign_up("owner").await?;
    for number in 0..LEAVING {
        let mut person = Client::connect(server.address(), 0).await?;
        person.sign_up(&format!("person{number:02}")).await?;
    }
    let before = stopped(server, &folder)?;
    let server = start()?;
    let mut owner = Client::connect(server.address(), 0).await?;
    owner.sign_in("owner").await?;
    enter(&mut owner, "house").await?;
    for number in 0..LEAVING {
        let nick = format!("person{number:02}");
        let mut person = Client::connect(server.address(), 0).await?;
        person.sign_in(&nick).await?;
        enter(&mut person, "house").await?;
        person.send("QUIT\r\n").await?;
        person.read_to_end().await?;
    }
    Ok((stopped(server, &folder)? - before) as f64)
}

/// By how many bytes the record grows while connections come and go that never say a line.
async fn silent(program: &Program) -> anyhow::Result<f64> {
    let folder = Folder::new()?;
    let server = Server::start(program, &folder, "")?;
    let mut owner = Client::connect(server.address(), 0).await?;
    owner.sign_up("owner").await?;
    let before = stopped(server, &folder)?;
    let server = Server::start(program, &folder, "")?;
    for _ in 0..SILENT {
        // Its first byte makes it one that speaks IRC; a line it never says.
        let mut silent = Client::connect(server.address(), 0).await?;
        silent.send("N").await?;
    }
    // What the server still has to notice, it has noticed when it answers somebody who came later.
    let mut owner = Client::connect(server.address(), 0).await?;
    owner.sign_in("owner").await?;
    Ok((stopped(server, &folder)? - before) as f64)
}

/// Lets somebody join all rooms of a name.
async fn enter(person: &mut Client<tokio::net::TcpStream>, rooms: &str) -> anyhow::Result<()> {
    for room in 0..ROOMS {
        person.send(&format!("JOIN #{rooms}-{room}\r\n")).await?;
    }
    person.settle().await
}

/// The bytes of the database, once the server has ended cleanly.
fn stopped(server: Server, folder: &Folder) -> anyhow::Result<i64> {
    let (took, status) = server.stop()?;
    anyhow::ensure!(
        status.success() && took < Duration::from_secs(10),
        "the server did not stop cleanly"
    );
    let database = folder.path().join("data").join("causette.db");
    let length = std::fs::metadata(&database).with_context(|| database.display().to_string())?;
    Ok(i64::try_from(length.len())?)
}
