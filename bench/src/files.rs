//! Files on their way in and out: beside `sha256sum` and a durable copy, beside nginx, and what they cost those who chat.

mod small;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use crate::client::{Client, PASSWORD};
use crate::crowd::{Crowd, Entrance, TEXT_BYTES};
use crate::report::{Latencies, Report, middle};
use crate::server::{Folder, Program, Server, resident_bytes};

const MEASURE: &str = "files";
/// Bytes of the file.
const BYTES: u64 = 1 << 30;
/// Bytes of random content, repeated: the same is never twice in one block of a system of files.
const PIECE: usize = (1 << 20) + 7;
/// How often each side goes.
const TURNS: usize = 5;
/// The share of the speed of `sha256sum` and a durable copy together that an upload should have.
const UPLOAD_MIN: f64 = 0.8;
/// The share of nginx's speed that a download should have.
const DOWNLOAD_MIN: f64 = 0.6;
/// Bytes that the server may hold more than when it is idle.
const MEMORY_MAX: f64 = 64.0 * 1024.0 * 1024.0;
/// How much worse the 99th percentile of those who chat may be.
const CHAT_MAX: f64 = 2.0;
/// Members of the room, and messages a second.
const MEMBERS: usize = 100;
const RATE: u32 = 100;
/// How long nginx may take until it listens.
const PATIENCE: Duration = Duration::from_secs(20);

/// As large as this measure needs it.
const ROOMY: &str = r#"
[files]
max_size = "2 GiB"
quota = "200 GiB"
daily = "200 GiB"
quota_files = 100000
disk_floor = 0
"#;

/// Measures all of it on one server.
pub(crate) async fn measure(
    program: &Program,
    phase: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let folder = Folder::new()?;
    let content = folder.path().join("content");
    fill(&content)?;
    let server = Server::start(program, &folder, ROOMY)?;
    let mut alice = Client::connect(server.address(), 1).await?;
    alice.sign_up("alice").await?;
    let idle = resident_bytes(server.pid())?;
    let (address, scratch) = (server.address(), folder.path().to_owned());
    // Programs are waited for.
    let taken = tokio::task::spawn_blocking(move || {
        let mut taken = Report::default();
        let place = upload_turns(address, &content, &scratch, &mut taken)?;
        download_turns(address, &place, &content, &scratch, &mut taken)?;
        anyhow::Ok((taken, content))
    });
    let (taken, content) = taken.await??;
    report.append(taken);
    chat(&server, content, phase, report).await?;
    small::measure(server.address(), report).await?;
    let most = most_resident(server.pid())?;
    let more = most.saturating_sub(idle) as f64;
    report.aim(MEASURE, "memory, more than idle", more, "bytes", MEMORY_MAX);
    Ok(())
}

fn fill(path: &Path) -> anyhow::Result<()> {
    let mut piece = vec![0; PIECE];
    File::open("/dev/urandom")?.read_exact(&mut piece)?;
    let mut file = File::create(path)?;
    let mut left = BYTES;
    while left > 0 {
        let some = left.min(PIECE as u64) as usize;
        file.write_all(&piece[..some])?;
        left -= some as u64;
    }
    Ok(file.sync_all()?)
}

/// Uploads and the programs beside them, by turns: where the file is.
fn upload_turns(
    server: SocketAddr,
    content: &Path,
    scratch: &Path,
    report: &mut Report,
) -> anyhow::Result<String> {
    let (mut uploads, mut programs) = (Vec::new(), Vec::new());
    let mut place = String::new();
    let copy = scratch.join("copy");
    for turn in 0..=TURNS {
        let begun = Instant::now();
        place = upload(server, content)?;
        let took = begun.elapsed();
        let begun = Instant::now();
        run(Command::new("sha256sum").arg(content))?;
        let from = format!("if={}", content.display());
        let to = format!("of={}", copy.display());
        run(Command::new("dd")
            .args([&from, &to])
            .args(["bs=1M", "conv=fsync"]))?;
        let beside = begun.elapsed();
        fs::remove_file(&copy)?;
        // The first warms up.
        if turn > 0 {
            uploads.push(took.as_secs_f64());
            programs.push(beside.as_secs_f64());
        }
    }
    let shares = uploads
        .iter()
        .zip(&programs)
        .map(|(took, beside)| beside / took);
    let share = middle(shares.collect());
    let rate = |seconds: Vec<f64>| BYTES as f64 / middle(seconds) / 1e6;
    report.add(MEASURE, "upload", rate(uploads), "MB/s");
    report.add(
        MEASURE,
        "sha256sum and a durable copy",
        rate(programs),
        "MB/s",
    );
    report.at_least(MEASURE, "upload to these", share, "times", UPLOAD_MIN);
    Ok(place)
}

/// Downloads from the server and from nginx, by turns.
fn download_turns(
    server: SocketAddr,
    place: &str,
    content: &Path,
    scratch: &Path,
    report: &mut Report,
) -> anyhow::Result<()> {
    let nginx = Nginx::start(scratch, content)?;
    if nginx.is_none() {
        eprintln!("  SKIPPED: downloads beside nginx, which is not installed");
    }
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let from_us = format!("http://{server}{place}");
    for turn in 0..=TURNS {
        let took = download(&from_us)?.as_secs_f64();
        let beside = match &nginx {
            Some(nginx) => Some(download(&nginx.url)?.as_secs_f64()),
            None => None,
        };
        if turn > 0 {
            ours.push(took);
            theirs.extend(beside);
        }
    }
    let rate = |seconds: Vec<f64>| BYTES as f64 / middle(seconds) / 1e6;
    let shares = ours.iter().zip(&theirs).map(|(took, beside)| beside / took);
    let shares: Vec<f64> = shares.collect();
    report.add(MEASURE, "download", rate(ours), "MB/s");
    if !theirs.is_empty() {
        report.add(MEASURE, "nginx without sendfile", rate(theirs), "MB/s");
        let share = middle(shares);
        report.at_least(MEASURE, "download to nginx", share, "times", DOWNLOAD_MIN);
    }
    Ok(())
}

/// A room that talks, without and with a file that comes and goes all the time.
async fn chat(
    server: &Server,
    content: PathBuf,
    phase: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut crowd = Crowd::gather(server.address(), "#files", MEMBERS, Entrance::Account).await?;
    let count = RATE * u32::try_from(phase.as_secs())?;
    let (mut quiet, mut busy) = (Vec::new(), Vec::new());
    for mut sender in crowd.senders(1) {
        for (is_warm_up, is_busy) in [
            (true, false),
            (false, false),
            (false, true),
            (false, false),
            (false, true),
        ] {
            let over = Arc::new(AtomicBool::new(false));
            let transfers = is_busy.then(|| {
                let (address, content, over) = (server.address(), content.clone(), over.clone());
                tokio::task::spawn_blocking(move || transfer_until(address, &content, &over))
            });
            let due = crowd.deliveries() + u64::from(count) * crowd.audience();
            sender.send_paced(RATE, count, TEXT_BYTES).await?;
            crowd.wait_for(due).await?;
            let latencies = crowd.latencies();
            over.store(true, Ordering::Relaxed);
            if let Some(transfers) = transfers {
                let bytes = transfers.await??;
                let name = "transferred while they chat";
                report.add(MEASURE, name, bytes as f64 / 1e6, "MB");
            }
            match (is_warm_up, is_busy) {
                (true, _) => {}
                (false, false) => quiet.extend(latencies),
                (false, true) => busy.extend(latencies),
            }
        }
    }
    let (quiet, busy) = (Latencies::new(quiet), Latencies::new(busy));
    report.latencies(MEASURE, "chat, nothing transferred", &quiet);
    report.latencies(MEASURE, "chat, files come and go", &busy);
    let ratio = busy.quantile(0.99) / quiet.quantile(0.99);
    report.aim(
        MEASURE,
        "p99 of chat, transfers to none",
        ratio,
        "times",
        CHAT_MAX,
    );
    Ok(())
}

fn transfer_until(server: SocketAddr, content: &Path, over: &AtomicBool) -> anyhow::Result<u64> {
    let mut bytes = 0;
    while !over.load(Ordering::Relaxed) {
        let place = upload(server, content)?;
        download(&format!("http://{server}{place}"))?;
        bytes += 2 * BYTES;
    }
    Ok(bytes)
}

/// Uploads the content: the path of its address.
fn upload(server: SocketAddr, content: &Path) -> anyhow::Result<String> {
    let told = Command::new("curl")
        .args(["-sS", "-f", "-o", "/dev/null", "-w", "%header{location}"])
        .args(["-u", &format!("alice:{PASSWORD}"), "-X", "POST", "-T"])
        .arg(content)
        .args([
            "-H",
            "Content-Disposition: attachment; filename=\"content\"",
        ])
        .arg(format!("http://{server}/upload"))
        .stderr(Stdio::inherit())
        .output()
        .context("curl")?;
    ensure!(told.status.success(), "an upload failed");
    Ok(String::from_utf8(told.stdout)?)
}

fn download(url: &str) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    run(Command::new("curl").args(["-sS", "-f", "-o", "/dev/null", url]))?;
    Ok(begun.elapsed())
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let ended = command.output().with_context(|| name.clone())?;
    let said = String::from_utf8_lossy(&ended.stderr);
    ensure!(ended.status.success(), "{name}: {}: {said}", ended.status);
    Ok(())
}

/// The most memory that a process has held, in bytes.
fn most_resident(pid: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context("reading memory")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kilobytes
        .context("/proc/PID/status has no VmHWM")?
        .parse::<u64>()?
        * 1024)
}

/// An nginx that gives the folder of the content, without sendfile. Dropped, it is ended.
struct Nginx {
    child: Child,
    url: String,
}

impl Nginx {
    /// Starts it; `None` where it is not installed.
    fn start(scratch: &Path, content: &Path) -> anyhow::Result<Option<Self>> {
        // Free now; whoever takes it meanwhile is noticed by the answer.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let root = content.parent().context("a file is in a folder")?;
        let folder = scratch.join("nginx");
        fs::create_dir(&folder)?;
        let configuration = folder.join("nginx.conf");
        let text = format!(
            "daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n\
             events {{ }}\nhttp {{ access_log off; sendfile off; server {{ listen {address}; root {root}; }} }}\n",
            folder = folder.display(),
            root = root.display(),
        );
        fs::write(&configuration, text)?;
        let mut nginx = Command::new("nginx");
        nginx.arg("-p").arg(&folder).arg("-c").arg(&configuration);
        let child = match nginx.stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("nginx"),
        };
        let name = content.file_name().context("a file has a name")?;
        let url = format!("http://{address}/{}", name.to_string_lossy());
        let mut nginx = Self { child, url };
        let begun = Instant::now();
        while std::net::TcpStream::connect(address).is_err() {
            if let Some(status) = nginx.child.try_wait()? {
                bail!("nginx ended at its start ({status})");
            }
            ensure!(begun.elapsed() < PATIENCE, "nginx does not listen");
            std::thread::yield_now();
        }
        Ok(Some(nginx))
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // One that has ended already cannot be killed, and that is as well. Its worker ends with it.
        let _ = rustix::process::kill_process(
            rustix::process::Pid::from_child(&self.child),
            rustix::process::Signal::TERM,
        );
        let _ = self.child.wait();
    }
}
