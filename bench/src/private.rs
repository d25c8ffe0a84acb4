//! Private round trips: one person writes to another, whose client answers at once. Nothing else happens, so each message waits
//! for a commit of its own.

use std::time::{Duration, Instant};

use crate::client::Client;
use crate::report::{Latencies, Report};
use crate::server::{Folder, Program, Server};

const MEASURE: &str = "private";
/// Round trips before it counts, so that nothing is done for the first time.
const WARM_UP: usize = 200;

/// Measures from the moment at which a message is sent to the moment at which its answer is there.
pub(crate) async fn measure(
    program: &Program,
    phase: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let server = Server::start(program, &folder, "")?;
    let mut alice = Client::connect(server.address(), 0).await?;
    alice.sign_up("alice").await?;
    let mut bob = Client::connect(server.address(), 0).await?;
    bob.sign_up("bob").await?;
    let answering = tokio::spawn(async move {
        while bob.hear("alice").await.is_ok() && bob.send("PRIVMSG alice :pong\r\n").await.is_ok() {
        }
    });
    let mut micros = Vec::new();
    let mut number = 0;
    let mut begun = Instant::now();
    while number < WARM_UP || begun.elapsed() < phase {
        if number == WARM_UP {
            begun = Instant::now();
        }
        let sent = Instant::now();
        alice.send("PRIVMSG bob :ping\r\n").await?;
        alice.hear("bob").await?;
        if number >= WARM_UP {
            micros.push(u32::try_from(sent.elapsed().as_micros())?);
        }
        number += 1;
    }
    answering.abort();
    let latencies = Latencies::new(micros);
    report.latencies(MEASURE, "there and back", &latencies);
    Ok(())
}
