//! The client on a terminal: how long from its start to a screen on which one can talk, what it holds in memory, and whether it
//! draws anything while nothing happens.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::client::{Client, PASSWORD};
use crate::report::{Latencies, Report};
use crate::server::{Folder, Program, Server, resident_bytes};

const MEASURE: &str = "terminal";
/// Channels that the person is in, and messages in each.
const CHANNELS: usize = 50;
const MESSAGES: usize = 100;
/// How often the client is started.
const RUNS: usize = 10;
/// The aims: milliseconds from the start to a usable screen, and megabytes of memory.
const START_MAX: f64 = 150.0;
const MEMORY_MAX: f64 = 30.0 * 1.048_576;
/// How long nothing happens.
const IDLE: Duration = Duration::from_secs(5);
/// Drawings that wait to be looked at.
const DRAWINGS_WAITING: usize = 1024;
/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Makes a person with many channels, and looks at what their client does.
pub(crate) async fn measure(program: &Program, report: &mut Report) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let server = Server::start(program, &folder, "")?;
    let mut client = Client::connect(server.address(), 0).await?;
    client.sign_up("amy").await?;
    for number in 0..CHANNELS {
        let channel = format!("#c{number}");
        client.join(&channel).await?;
        for message in 0..MESSAGES {
            client
                .send(&format!(
                    "PRIVMSG {channel} :message {message}, of the length that messages have\r\n"
                ))
                .await?;
        }
        client.settle().await?;
    }
    drop(client);
    login(program, &folder, &server)?;

    let mut micros = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let screen = Screen::open(program, &folder, &server)?;
        micros.push(u32::try_from(screen.wait_for("online")?.as_micros())?);
        screen.close()?;
    }
    let starts = Latencies::new(micros);
    let name = format!("start to a usable screen, {CHANNELS} channels, median of {RUNS}");
    report.aim(MEASURE, name, starts.quantile(0.5), "ms", START_MAX);
    report.add(MEASURE, "slowest", starts.quantile(1.0), "ms");

    let screen = Screen::open(program, &folder, &server)?;
    screen.wait_for("online")?;
    screen.wait_for_silence()?;
    let memory = resident_bytes(screen.child.id())? as f64 / 1e6;
    report.aim(
        MEASURE,
        format!("memory with {CHANNELS} channels of {MESSAGES} messages"),
        memory,
        "MB",
        MEMORY_MAX,
    );
    let drawn = screen.bytes_within(IDLE);
    report.aim(
        MEASURE,
        "bytes drawn in five idle seconds".to_owned(),
        drawn as f64,
        "bytes",
        0.0,
    );
    screen.close()
}

fn command(program: &Program, folder: &Folder) -> Command {
    let mut command = Command::new(&program.0);
    command
        .env("HOME", folder.path())
        .env_remove("XDG_STATE_HOME")
        .env_remove("NO_COLOR")
        .env("LANG", "C.UTF-8")
        .env("TERM", "xterm-256color");
    command
}

/// Gives this device a token.
fn login(program: &Program, folder: &Folder, server: &Server) -> anyhow::Result<()> {
    let mut child = command(program, folder)
        .args([
            "login",
            &server.address().to_string(),
            "--account",
            "amy",
            "--password-stdin",
        ])
        .stdin(Stdio::piped())
        .spawn()?;
    let mut input = child.stdin.take().context("the password has a pipe")?;
    writeln!(input, "{PASSWORD}")?;
    drop(input);
    ensure!(child.wait()?.success(), "the client could not sign in");
    Ok(())
}

/// A client on a terminal of its own.
struct Screen {
    child: Child,
    begun: Instant,
    keys: File,
    drawn: Receiver<Vec<u8>>,
}

impl Screen {
    fn open(program: &Program, folder: &Folder, server: &Server) -> anyhow::Result<Self> {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&ours)?;
        unlockpt(&ours)?;
        let name = ptsname(&ours, Vec::new())?;
        let theirs: OwnedFd = File::options()
            .read(true)
            .write(true)
            .open(name.to_str()?)?
            .into();
        let size = Winsize {
            ws_row: 50,
            ws_col: 160,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&theirs, size)?;
        let begun = Instant::now();
        let child = command(program, folder)
            .args(["chat", &server.address().to_string()])
            .stdin(Stdio::from(theirs.try_clone()?))
            .stdout(Stdio::from(theirs.try_clone()?))
            .stderr(Stdio::from(theirs))
            .spawn()?;
        let keys = File::from(ours);
        let mut reader = keys.try_clone()?;
        let (tell, drawn) = sync_channel(DRAWINGS_WAITING);
        std::thread::spawn(move || {
            let mut bytes = [0; 64 * 1024];
            while let Ok(count @ 1..) = reader.read(&mut bytes) {
                if tell.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            child,
            begun,
            keys,
            drawn,
        })
    }

    /// Waits until a word was drawn; how long after the start.
    fn wait_for(&self, word: &str) -> anyhow::Result<Duration> {
        let mut seen = Vec::new();
        loop {
            let more = self
                .drawn
                .recv_timeout(PATIENCE)
                .context("the client does not get there")?;
            seen.extend_from_slice(&more);
            if seen
                .windows(word.len())
                .any(|window| window == word.as_bytes())
            {
                return Ok(self.begun.elapsed());
            }
        }
    }

    /// Waits until nothing was drawn for a second.
    fn wait_for_silence(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.drawn.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
                return Ok(());
            }
        }
        bail!("the client draws all the time")
    }

    fn bytes_within(&self, time: Duration) -> usize {
        let begun = Instant::now();
        let mut bytes = 0;
        while let Some(left) = time.checked_sub(begun.elapsed()) {
            bytes += self.drawn.recv_timeout(left).map_or(0, |drawn| drawn.len());
        }
        bytes
    }

    fn close(mut self) -> anyhow::Result<()> {
        // Ctrl+C on an empty line, and yes.
        self.keys.write_all(b"\x03y")?;
        let status = self.child.wait()?;
        ensure!(status.success(), "the client ended with {status}");
        Ok(())
    }
}
