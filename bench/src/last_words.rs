//! A stop with a countdown while everybody speaks: who is told, what is lost, and how long it takes.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use causette_proto::{Frame, Message};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

use crate::client::{Client, codec};
use crate::report::Report;
use crate::server::{Folder, Program, Server, data_dir};

const MEASURE: &str = "last-words";
/// How long before its end the stop is announced.
const COUNTDOWN: Duration = Duration::from_secs(3);
const REASON: &str = "moving house";
/// What may pass between the end of the countdown and that of the process, in milliseconds.
const STOP_MAX: f64 = 1000.0;
/// How many clients connect at a time.
const CONNECTING: usize = 64;

/// Who speaks where.
#[derive(Debug, Clone, Copy)]
struct Scene {
    name: &'static str,
    rooms: usize,
    members: usize,
    /// Messages a second in each room.
    rate: u32,
}

const SCENES: [Scene; 2] = [
    Scene {
        name: "500 people, 1000 messages a second",
        rooms: 50,
        members: 10,
        rate: 20,
    },
    Scene {
        name: "2000 people in one room, 10 messages a second",
        rooms: 1,
        members: 2000,
        rate: 10,
    },
];

/// Stops a server in the middle of each scene, starts it again, and looks for what people had read.
pub(crate) async fn measure(
    program: &Program,
    phase: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    for scene in SCENES {
        let folder = Folder::new()?;
        let server = Server::start(program, &folder, "")?;
        let mut members = scene.gather(server.address()).await?;
        let mut reading = JoinSet::new();
        let mut speaking = JoinSet::new();
        for (room, member, client) in members.drain(..) {
            let (reader, writer) = client.into_split();
            reading.spawn(read(reader, room));
            if member == 0 {
                speaking.spawn(speak(writer, room, scene.rate));
            } else {
                // Dropped, it would end the connection.
                speaking.spawn(stay(writer));
            }
        }
        sleep(phase).await;
        let asked = Instant::now();
        let mut stop = ask_to_stop(program, &folder)?;
        let ended = tokio::task::spawn_blocking(move || server.wait()).await?;
        let (elapsed, status) = (asked.elapsed(), ended?);
        let log = std::fs::read_to_string(folder.path().join("server.log"))?;
        let name = scene.name;
        ensure!(
            status.success(),
            "{name}: {status} after {elapsed:?}\n{log}"
        );
        ensure!(stop.wait()?.success(), "the stop was refused");
        speaking.abort_all();
        let mut heard: Vec<Heard> = Vec::new();
        while let Some(one) = reading.join_next().await {
            heard.push(one?);
        }
        let untold = heard.iter().filter(|one| !one.is_told).count();
        let late = elapsed.saturating_sub(COUNTDOWN).as_secs_f64() * 1000.0;
        report.aim(
            MEASURE,
            format!("{name}: end of the countdown to the end"),
            late,
            "ms",
            STOP_MAX,
        );
        report.aim(
            MEASURE,
            format!("{name}: people who were not told why"),
            untold as f64,
            "people",
            0.0,
        );
        let (read, lost) = scene.lost(program, &folder, &heard).await?;
        report.add(
            MEASURE,
            format!("{name}: messages that people read"),
            read as f64,
            "messages",
        );
        report.aim(
            MEASURE,
            format!("{name}: of them not in the history after a start"),
            lost as f64,
            "messages",
            0.0,
        );
    }
    Ok(())
}

impl Scene {
    async fn gather(
        self,
        server: SocketAddr,
    ) -> anyhow::Result<Vec<(usize, usize, Client<TcpStream>)>> {
        let door = std::sync::Arc::new(Semaphore::new(CONNECTING));
        let mut joining = JoinSet::new();
        for room in 0..self.rooms {
            for member in 0..self.members {
                let door = door.clone();
                joining.spawn(async move {
                    let _turn = door.acquire().await?;
                    let mut client = Client::connect(server, 0).await?;
                    client.sign_up(&nick(room, member)).await?;
                    client.join(&channel(room)).await?;
                    anyhow::Ok((room, member, client))
                });
            }
        }
        let mut members = Vec::new();
        while let Some(member) = joining.join_next().await {
            members.push(member??);
        }
        Ok(members)
    }

    /// How many messages people have read, each counted once, and how many of these the history has not.
    async fn lost(
        self,
        program: &Program,
        folder: &Folder,
        heard: &[Heard],
    ) -> anyhow::Result<(usize, usize)> {
        let server = Server::start(program, folder, "")?;
        let (mut read, mut lost) = (0, 0);
        for room in 0..self.rooms {
            let here = heard.iter().filter(|one| one.room == room);
            let texts: HashSet<u32> = here.flat_map(|one| one.texts.iter().copied()).collect();
            let mut client = Client::connect(server.address(), 0).await?;
            client.sign_in(&nick(room, 0)).await?;
            let kept = client.history(&channel(room), HISTORY).await?;
            let kept: HashSet<u32> = kept.iter().filter_map(|text| number(text)).collect();
            ensure!(
                kept.len() < HISTORY,
                "there is more than a page of history: measure for a shorter time"
            );
            read += texts.len();
            lost += texts.difference(&kept).count();
        }
        Ok((read, lost))
    }
}

/// Messages of history that are asked for at a time.
const HISTORY: usize = 1000;

fn nick(room: usize, member: usize) -> String {
    format!("w{room}x{member}")
}

fn channel(room: usize) -> String {
    format!("#last{room}")
}

/// The number that a message bears as its first word.
fn number(text: &str) -> Option<u32> {
    text.split(' ').next()?.parse().ok()
}

/// What somebody read until the end.
struct Heard {
    room: usize,
    /// The numbers of the messages.
    texts: Vec<u32>,
    /// Whether the connection ended with the reason.
    is_told: bool,
}

async fn read(mut reader: OwnedReadHalf, room: usize) -> Heard {
    let mut heard = Heard {
        room,
        texts: Vec::new(),
        is_told: false,
    };
    let mut codec = codec();
    let mut bytes = vec![0; 16 * 1024];
    while let Ok(count @ 1..) = reader.read(&mut bytes).await {
        codec.push(&bytes[..count]);
        while let Some(Frame::Line(line)) = codec.next() {
            let Ok(message) = Message::parse(line) else {
                continue;
            };
            let text = message.params.last().map_or("", |text| text.as_str());
            match message.command.as_str() {
                "PRIVMSG" => heard.texts.extend(number(text)),
                "ERROR" => heard.is_told = text.contains(REASON),
                _ => {}
            }
        }
    }
    heard
}

/// Says numbered messages, so many a second, until the connection ends.
async fn speak(mut writer: OwnedWriteHalf, room: usize, rate: u32) {
    let mut beat = interval(Duration::from_secs(1) / rate);
    let padding = "x".repeat(crate::crowd::TEXT_BYTES);
    for number in 0_u32.. {
        beat.tick().await;
        let line = format!("PRIVMSG {} :{number} {padding}\r\n", channel(room));
        if writer.write_all(line.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn stay(writer: OwnedWriteHalf) {
    std::future::pending::<()>().await;
    drop(writer);
}

fn ask_to_stop(program: &Program, folder: &Folder) -> anyhow::Result<std::process::Child> {
    let mut command = Command::new(&program.0);
    command.args(["admin", "stop", "--in"]);
    command.arg(format!("{}s", COUNTDOWN.as_secs()));
    command.args(["--reason", REASON, "--data"]);
    let child = command.arg(data_dir(folder)).stdout(Stdio::null()).spawn();
    child.with_context(|| program.0.display().to_string())
}
