//! What an idle connection costs the server in memory.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::client::{Client, trusting_tls};
use crate::report::Report;
use crate::server::{Folder, Program, Server, file_limit, resident_bytes};

const MEASURE: &str = "idle";
/// How many clients connect at a time.
const CONNECTING: usize = 64;
/// Connections from one loopback address, well below its number of ports.
const CONNECTIONS_PER_SOURCE: usize = 2000;
/// Files that this program has open besides its connections.
const OTHER_FILES: usize = 64;
/// The aim for a connection in plain text.
const BYTES_MAX: f64 = 6.0 * 1024.0;
/// The memory has settled when it did not change for so long.
const SETTLED: Duration = Duration::from_secs(2);
/// How long that may take.
const SETTLED_MAX: Duration = Duration::from_secs(30);

/// How the connections of one phase come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entrance {
    /// In plain text, each with a new account.
    SignUp,
    /// In plain text, with accounts that the server has known since its start.
    SignIn,
    /// The same over TLS.
    TlsSignIn,
}

/// Opens `plain` connections with new accounts, then as many to the restarted server, then `tls` connections.
pub(crate) async fn measure(
    program: &Program,
    plain: usize,
    tls: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let largest = plain.max(tls);
    if file_limit() < largest + OTHER_FILES {
        bail!(
            "{largest} connections need as many open files, and the limit is {} (ulimit -Hn)",
            file_limit()
        );
    }
    let accounts = plain;
    let phases = [
        (
            "plain, new account (connection, user, account)",
            Entrance::SignUp,
            plain,
        ),
        (
            "plain, known account (connection alone)",
            Entrance::SignIn,
            plain,
        ),
        (
            "TLS, known account (connection alone)",
            Entrance::TlsSignIn,
            tls.min(accounts),
        ),
    ];
    let mut sizes = Vec::new();
    for (name, entrance, count) in phases {
        if count == 0 {
            continue;
        }
        let server = Server::start(program, &folder, "")?;
        let before = settled_bytes(server.pid()).await?;
        let idle = connect_all(&server, entrance, count).await?;
        let after = settled_bytes(server.pid()).await?;
        drop(idle);
        let each = after.saturating_sub(before) as f64 / count as f64;
        let name = format!("{count} × {name}");
        if entrance == Entrance::TlsSignIn {
            report.add(MEASURE, name, each, "bytes each");
        } else {
            report.aim(MEASURE, name, each, "bytes each", BYTES_MAX);
        }
        sizes.push((entrance, each));
        server.stop()?;
    }
    let size = |wanted: Entrance| {
        sizes
            .iter()
            .find(|(entrance, _)| *entrance == wanted)
            .map(|(_, each)| *each)
    };
    if let (Some(tls), Some(plain)) = (size(Entrance::TlsSignIn), size(Entrance::SignIn)) {
        report.ratio(MEASURE, "TLS to plain", tls, plain);
    }
    Ok(())
}

/// Connects so many in plain text, each with a new account, and returns the tasks that keep the connections until they are dropped.
pub(crate) async fn sign_up_all(server: &Server, count: usize) -> anyhow::Result<JoinSet<()>> {
    connect_all(server, Entrance::SignUp, count).await
}

/// Connects, and returns the tasks that keep the connections until they are dropped.
async fn connect_all(
    server: &Server,
    entrance: Entrance,
    count: usize,
) -> anyhow::Result<JoinSet<()>> {
    let door = Arc::new(Semaphore::new(CONNECTING));
    let (address, tls) = (server.address(), trusting_tls(server.certificate())?);
    let mut connecting = JoinSet::new();
    for number in 0..count {
        let (door, tls) = (door.clone(), tls.clone());
        connecting.spawn(async move {
            let _turn = door.acquire().await?;
            let nick = format!("idle{number}");
            let source = u8::try_from(number / CONNECTIONS_PER_SOURCE)?;
            anyhow::Ok(match entrance {
                Entrance::SignUp => {
                    let mut client = Client::connect(address, source).await?;
                    client.sign_up(&nick).await?;
                    Idle::Plain(client)
                }
                Entrance::SignIn => {
                    let mut client = Client::connect(address, source).await?;
                    client.sign_in(&nick).await?;
                    Idle::Plain(client)
                }
                Entrance::TlsSignIn => {
                    let mut client = Client::connect_tls(address, source, tls).await?;
                    client.sign_in(&nick).await?;
                    Idle::Tls(Box::new(client))
                }
            })
        });
    }
    let mut staying = JoinSet::new();
    while let Some(idle) = connecting.join_next().await {
        match idle?? {
            Idle::Plain(client) => staying.spawn(client.stay()),
            Idle::Tls(client) => staying.spawn(client.stay()),
        };
    }
    Ok(staying)
}

/// A connected client of either kind.
enum Idle {
    Plain(Client<TcpStream>),
    Tls(Box<Client<tokio_rustls::client::TlsStream<TcpStream>>>),
}

/// The memory of the process once it no longer changes: allocators give pages back late.
async fn settled_bytes(pid: u32) -> anyhow::Result<u64> {
    let begun = Instant::now();
    let (mut bytes, mut since) = (resident_bytes(pid)?, Instant::now());
    while since.elapsed() < SETTLED && begun.elapsed() < SETTLED_MAX {
        sleep(Duration::from_millis(100)).await;
        let now = resident_bytes(pid)?;
        if now != bytes {
            (bytes, since) = (now, Instant::now());
        }
    }
    Ok(bytes)
}
