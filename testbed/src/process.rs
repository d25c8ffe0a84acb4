//! The processes of one running server.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::fd::OwnedFd;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::{Context, bail};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process, pidfd_open, pidfd_send_signal,
    waitid,
};

/// How long a server may take to begin: after a kill it reads its log first, and the machine may be busy.
const START_MAX: Duration = Duration::from_secs(120);

/// How many of the last lines that a server wrote are kept.
const LOG_LINES: usize = 200;

/// The last lines that a server wrote.
type Log = Arc<Mutex<VecDeque<String>>>;

/// A server that runs, with the processes that it has started.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    log: Log,
}

impl Process {
    /// Starts it; it is ready when it has written a line with these words, which is told by what is returned beside it.
    pub(crate) fn spawn(
        command: &mut Command,
        ready: &'static str,
    ) -> anyhow::Result<(Self, Receiver<()>)> {
        let mut child = command
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // A Ctrl+C is for the tests; the server ends after them.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let log = Log::default();
        let (announce, announced) = sync_channel(1);
        if let Some(stderr) = child.stderr.take() {
            let log = Arc::clone(&log);
            thread::spawn(move || follow(stderr, &log, ready, &announce));
        }
        Ok((Self { child, log }, announced))
    }

    /// Returns when it is ready.
    pub(crate) fn wait_until_ready(&mut self, announced: &Receiver<()>) -> anyhow::Result<()> {
        let what = match announced.recv_timeout(START_MAX) {
            Ok(()) => return Ok(()),
            Err(RecvTimeoutError::Timeout) => "is not ready after two minutes",
            Err(RecvTimeoutError::Disconnected) => "has ended before it was ready",
        };
        self.kill();
        bail!("the server {what}:\n{}", self.log())
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The last lines that it wrote.
    pub(crate) fn log(&self) -> String {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Kills all its processes at one moment, as a power cut would, and returns when none is left.
    pub(crate) fn kill(&mut self) {
        let Some(parent) = self.running() else {
            return;
        };
        // Stopped first: PostgreSQL's first process answers the death of another by starting new ones.
        let _ = kill_process(parent, Signal::STOP);
        let stopped = WaitIdOptions::STOPPED | WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let _ = waitid(WaitId::Pid(parent), stopped);
        let mut all = children(parent);
        all.push(parent);
        let shared = SharedMemory::of(&all);
        let handles: Vec<OwnedFd> = all.into_iter().filter_map(handle).collect();
        for handle in &handles {
            let _ = pidfd_send_signal(handle, Signal::KILL);
        }
        let _ = self.child.kill();
        for handle in &handles {
            ended(handle, None);
        }
        let _ = self.child.wait();
        shared.remove();
    }

    /// Asks it to end and waits as long as is said; whether it did.
    pub(crate) fn end(&mut self, signal: Signal, patience: Duration) -> bool {
        let Some(parent) = self.running() else {
            return true;
        };
        let Some(handle) = handle(parent) else {
            return false;
        };
        let _ = pidfd_send_signal(&handle, signal);
        let has_ended = ended(&handle, Some(patience));
        if has_ended {
            let _ = self.child.wait();
        }
        has_ended
    }

    /// Its number, while it runs: that of a process that has been waited for may be another's by now.
    fn running(&mut self) -> Option<Pid> {
        match self.child.try_wait() {
            Ok(None) => Some(Pid::from_child(&self.child)),
            _ => None,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Keeps the last lines of a server and says when one of them is the one that it is ready by.
fn follow(stderr: ChildStderr, log: &Log, ready: &str, announce: &SyncSender<()>) {
    let mut lines = BufReader::new(stderr).split(b'\n');
    while let Some(Ok(line)) = lines.next() {
        let line = String::from_utf8_lossy(&line).into_owned();
        let is_ready = line.contains(ready);
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        if log.len() == LOG_LINES {
            log.pop_front();
        }
        log.push_back(line);
        drop(log);
        if is_ready {
            let _ = announce.try_send(());
        }
    }
}

fn handle(process: Pid) -> Option<OwnedFd> {
    pidfd_open(process, PidfdFlags::empty()).ok()
}

/// Waits for the end of a process; whether it came in time.
fn ended(handle: &OwnedFd, patience: Option<Duration>) -> bool {
    let patience = patience.and_then(|patience| Timespec::try_from(patience).ok());
    let mut events = [PollFd::new(handle, PollFlags::IN)];
    poll(&mut events, patience.as_ref()).is_ok_and(|count| count > 0)
}

fn children(parent: Pid) -> Vec<Pid> {
    let parent = parent.as_raw_nonzero();
    let list = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"));
    let list = list.unwrap_or_default();
    list.split_whitespace()
        .filter_map(|number| Pid::from_raw(number.parse().ok()?))
        .collect()
}

/// What PostgreSQL shares between its processes and a kill leaves behind: small, but for ever.
struct SharedMemory {
    files: BTreeSet<String>,
    segments: BTreeSet<String>,
}

impl SharedMemory {
    fn of(processes: &[Pid]) -> Self {
        let (mut files, mut segments) = (BTreeSet::new(), BTreeSet::new());
        for process in processes {
            let maps = fs::read_to_string(format!("/proc/{}/maps", process.as_raw_nonzero()));
            for line in maps.unwrap_or_default().lines() {
                // Addresses, permissions, offset, device, inode, path.
                let fields: Vec<&str> = line.split_whitespace().collect();
                let [_, _, _, _, inode, path, ..] = fields[..] else {
                    continue;
                };
                if path.starts_with("/dev/shm/PostgreSQL.") {
                    files.insert(path.to_owned());
                } else if path.starts_with("/SYSV") {
                    // Of a segment, the inode is its number.
                    segments.insert(inode.to_owned());
                }
            }
        }
        Self { files, segments }
    }

    fn remove(self) {
        for file in self.files {
            let _ = fs::remove_file(file);
        }
        for segment in self.segments {
            let _ = Command::new("ipcrm").args(["-m", &segment]).output();
        }
    }
}
