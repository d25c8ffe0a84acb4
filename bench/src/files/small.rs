//! Many small files: how fast they come, and how fast somebody sees which there are.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::client::PASSWORD;
use crate::report::{Latencies, Report};

use super::MEASURE;

/// Files, and how many are sent at a time.
const FILES: usize = 10_000;
const SENDERS: usize = 8;
/// How often a page of them is asked for.
const LISTINGS: usize = 100;
/// How long a page may take, in milliseconds.
const LISTING_MAX: f64 = 50.0;

/// Uploads the files of alice, and lists them.
pub(super) async fn measure(server: SocketAddr, report: &mut Report) -> anyhow::Result<()> {
    let begun = Instant::now();
    let mut senders = JoinSet::new();
    for sender in 0..SENDERS {
        senders.spawn(async move {
            let mut connection = Connection::open(server).await?;
            for number in 0..FILES / SENDERS {
                let content = format!("file {number} of {sender}");
                let file = format!("attachment; filename=\"{sender}-{number}.txt\"");
                let headers = format!("Content-Disposition: {file}\r\n");
                connection.ask("POST /upload", &headers, &content).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    let rate = FILES as f64 / begun.elapsed().as_secs_f64();
    report.add(
        MEASURE,
        "small files, each durable when it is told",
        rate,
        "/s",
    );
    let mut connection = Connection::open(server).await?;
    let mut micros = Vec::new();
    for _ in 0..LISTINGS {
        let begun = Instant::now();
        let page = connection
            .ask("GET /api/v1/files?which=own", "", "")
            .await?;
        micros.push(u32::try_from(begun.elapsed().as_micros())?);
        ensure!(page.contains(".txt"), "no list: {page}");
    }
    let listings = Latencies::new(micros);
    let name = format!("a list among {FILES}: p99");
    report.aim(MEASURE, name, listings.quantile(0.99), "ms", LISTING_MAX);
    Ok(())
}

/// A connection of alice's that stays open from one request to the next.
struct Connection {
    stream: TcpStream,
    authorization: String,
}

impl Connection {
    async fn open(server: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let authorization = BASE64_STANDARD.encode(format!("alice:{PASSWORD}"));
        Ok(Self {
            stream,
            authorization,
        })
    }

    /// The body of the answer, which must be a success.
    async fn ask(&mut self, line: &str, headers: &str, body: &str) -> anyhow::Result<String> {
        let request = format!(
            "{line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            self.authorization,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        loop {
            let read = self.stream.read_buf(&mut answer).await?;
            ensure!(read > 0, "the server has closed: {line}");
            let Some(end) = answer.windows(4).position(|part| part == b"\r\n\r\n") else {
                continue;
            };
            let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.context("an answer has a length")?.parse()?;
            if answer.len() < end + 4 + length {
                continue;
            }
            let body = String::from_utf8_lossy(&answer[end + 4..]).into_owned();
            ensure!(head.starts_with("http/1.1 2"), "{line}: {head}\n{body}");
            return Ok(body);
        }
    }
}
