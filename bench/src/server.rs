//! The server under measurement: its process, its folder, and what the system says about it. Linux only.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};

/// How long a start may take before it is given up.
const START_MAX: Duration = Duration::from_secs(20);
/// How long a stop may take before it is given up.
const STOP_MAX: Duration = Duration::from_secs(20);
/// How often a file and a process are looked at.
const POLL: Duration = Duration::from_micros(200);

/// The executable file of the server.
#[derive(Debug, Clone)]
pub(crate) struct Program(pub(crate) PathBuf);

/// A folder that goes away with the measure.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> anyhow::Result<Self> {
        Self::within(&std::env::temp_dir())
    }

    /// One of which nothing goes to a disk.
    pub(crate) fn in_memory() -> anyhow::Result<Self> {
        Self::within(Path::new("/dev/shm"))
    }

    fn within(parent: &Path) -> anyhow::Result<Self> {
        static LAST: AtomicU32 = AtomicU32::new(0);
        let number = LAST.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("causette-bench-{}-{number}", std::process::id()));
        fs::create_dir(&path).with_context(|| path.display().to_string())?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left lies in the system's temporary folder, and nobody can be told.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running server. Dropped, it is killed.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    certificate: PathBuf,
    log: PathBuf,
    /// From the start of the program to the first answer on a connection.
    pub(crate) started_in: Duration,
}

impl Server {
    /// Starts the program on `folder` and waits until it answers. `extra` is appended to the configuration.
    ///
    /// The server writes its log to `server.log` in the folder.
    pub(crate) fn start(program: &Program, folder: &Folder, extra: &str) -> anyhow::Result<Self> {
        Self::start_by(program, folder, &format!("{UNLIMITED}{extra}"))
    }

    /// The same, where the limits and the passwords are what is measured: they are as in `rest`, or as by default.
    pub(crate) fn start_by(program: &Program, folder: &Folder, rest: &str) -> anyhow::Result<Self> {
        let configuration = folder.path().join("causette.toml");
        fs::write(&configuration, configuration_text(folder, rest))?;
        // A server that was killed leaves it behind. Where there is none, there is nothing to remove.
        let _ = fs::remove_file(data_dir(folder).join("address"));
        let log_file = fs::File::create(folder.path().join("server.log"))?;
        let started = Instant::now();
        let child = Command::new(&program.0)
            .arg("serve")
            .arg("--config")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stdout(log_file.try_clone()?)
            .stderr(log_file)
            .spawn()
            .with_context(|| program.0.display().to_string())?;
        // From here on the server ends with this value.
        let mut server = Self {
            child,
            address: SocketAddr::from(([0; 4], 0)),
            certificate: data_dir(folder).join("certificate.pem"),
            log: folder.path().join("server.log"),
            started_in: Duration::ZERO,
        };
        while started.elapsed() < START_MAX {
            if let Some(address) = address(folder) {
                greet(address)?;
                server.started_in = started.elapsed();
                server.address = address;
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                let log = fs::read_to_string(&server.log).unwrap_or_default();
                bail!("the server ended at its start ({status}):\n{log}");
            }
            std::thread::sleep(POLL);
        }
        bail!("the server does not say where it listens")
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The file of the certificate that it made for itself.
    pub(crate) fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// How often its log names an event so far.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) fn logged(&self, event: &str) -> anyhow::Result<usize> {
        let log = fs::read_to_string(&self.log).with_context(|| self.log.display().to_string())?;
        Ok(log.matches(event).count())
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for its end, which somebody else has asked for: how it ended.
    pub(crate) fn wait(mut self) -> anyhow::Result<ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if begun.elapsed() > STOP_MAX {
                bail!("the server does not stop");
            }
            std::thread::sleep(POLL);
        }
    }

    /// Asks the server to stop and waits for its end: how long that took, and how it ended.
    pub(crate) fn stop(self) -> anyhow::Result<(Duration, ExitStatus)> {
        let asked = Instant::now();
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let status = self.wait()?;
        Ok((asked.elapsed(), status))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A process that has ended already cannot be killed, and that is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The CPU time that a process has used, in the system and outside.
///
/// # Errors
/// When there is no such process.
pub(crate) fn cpu_time(pid: u32) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context("reading CPU time")?;
    // The second field is a name that may contain anything; after it come fields 3, 4, …
    let (_, fields) = stat
        .rsplit_once(')')
        .context("/proc/PID/stat has a name in parentheses")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let ticks = |number: usize| -> anyhow::Result<u64> {
        Ok(fields
            .get(number - 3)
            .context("/proc/PID/stat is short")?
            .parse()?)
    };
    let (user, system) = (ticks(14)?, ticks(15)?);
    Ok(Duration::from_secs_f64(
        (user + system) as f64 / rustix::param::clock_ticks_per_second() as f64,
    ))
}

/// The memory that a process holds, in bytes.
///
/// # Errors
/// When there is no such process.
pub(crate) fn resident_bytes(pid: u32) -> anyhow::Result<u64> {
    let statm = fs::read_to_string(format!("/proc/{pid}/statm")).context("reading memory")?;
    let pages: u64 = statm
        .split_whitespace()
        .nth(1)
        .context("/proc/PID/statm is short")?
        .parse()?;
    Ok(pages * rustix::param::page_size() as u64)
}

/// Lets this process open as many files as it may at most; the server does so for itself.
///
/// # Errors
/// When the system refuses what it allowed.
pub(crate) fn raise_file_limit() -> anyhow::Result<()> {
    let maximum = getrlimit(Resource::Nofile).maximum;
    setrlimit(
        Resource::Nofile,
        Rlimit {
            current: maximum,
            maximum,
        },
    )?;
    Ok(())
}

/// How many files this process may have open.
pub(crate) fn file_limit() -> usize {
    let current = getrlimit(Resource::Nofile).current;
    current.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    })
}

/// Where the server listens, once it has written its file whole.
fn address(folder: &Folder) -> Option<SocketAddr> {
    let text = fs::read_to_string(data_dir(folder).join("address")).ok()?;
    text.strip_suffix('\n')?.lines().next()?.parse().ok()
}

/// Waits until the server answers a first line.
fn greet(address: SocketAddr) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(START_MAX))?;
    stream.write_all(b"CAP LS 302\r\n")?;
    stream
        .read_exact(&mut [0])
        .context("the server does not answer")
}

pub(crate) fn data_dir(folder: &Folder) -> PathBuf {
    folder.path().join("data")
}

/// Nothing is throttled, and a password hash costs as little as it may: neither is what most measures measure.
const UNLIMITED: &str = r#"
[accounts]
argon2 = { memory_kib = 8, iterations = 1, parallelism = 1 }
[flood]
exempt = ["127.0.0.0/8", "::1/128"]
"#;

fn configuration_text(folder: &Folder, rest: &str) -> String {
    let data_dir = data_dir(folder);
    format!(
        r#"
[server]
data_dir = {data_dir:?}
[[listener]]
address = "127.0.0.1:0"
[channels]
auto_join = []
{rest}
"#
    )
}
