//! The machine: its clock, the files that may be open, its memory.

use super::Finding;
use causette_core::limits::{
    ADMIN_CONNECTIONS, CLOCK_STEP_SECONDS, CONNECTIONS_FEW, FILES_RESERVED, NEAR_PLACES,
    REFUSALS_AT_ONCE,
};
use causette_proto::Timestamp;
use rustix::process::{Resource, getrlimit};
use std::path::Path;

/// No version of this program is older: 2026-01-01.
const EARLIEST: Timestamp = Timestamp(1_767_225_600_000_000);

/// Bytes of memory that are few, and too few.
const MEMORY_FEW: u64 = 256 << 20;
const MEMORY_TOO_FEW: u64 = 64 << 20;

/// Of a hundred files that may be open, how many may be before it gets narrow.
const FILES_PERCENT: u64 = 80;

pub(super) fn examine(is_running: bool) -> Vec<Finding> {
    let limit = getrlimit(Resource::Nofile);
    // A start raises the limit as far as it may.
    let most = if is_running {
        limit.current
    } else {
        limit.maximum
    };
    let open = std::fs::read_dir("/proc/self/fd").map_or(0, Iterator::count) as u64;
    let mut findings = vec![files(most, is_running.then_some(open))];
    let told = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    findings.extend(available(&told).map(memory));
    findings
}

/// Whether the clock is right, as far as that can be told.
pub(super) fn clock(
    now: Timestamp,
    last_time: Option<Timestamp>,
    steps: Option<u64>,
    synchronised: Option<bool>,
) -> Vec<Finding> {
    let ahead = last_time.filter(|last| *last > now.plus_seconds(CLOCK_STEP_SECONDS));
    let shows = match ahead {
        _ if now < EARLIEST => Finding::wrong("clock", "doctor-clock-early"),
        Some(last) => Finding::wrong("clock", "doctor-clock-behind").with("last", last),
        None => Finding::well("clock", "doctor-clock"),
    };
    let mut findings = vec![shows.with("now", now)];
    if let Some(steps) = steps.filter(|steps| *steps > 0) {
        let stepped = Finding::hint("clock-steps", "doctor-clock-stepped");
        findings.push(stepped.with("count", steps));
    }
    findings.extend(synchronised.map(|is_so| match is_so {
        true => Finding::well("ntp", "doctor-ntp"),
        false => Finding::hint("ntp", "doctor-ntp-not"),
    }));
    findings
}

/// Whether the system's clock follows others; `None` where the system does not tell. systemd-timesyncd leaves a mark, and so do
/// those who take its place by `systemd-time-wait-sync`.
/// <https://www.freedesktop.org/software/systemd/man/latest/systemd-timesyncd.service.html>
pub(super) fn synchronised() -> Option<bool> {
    let folder = Path::new("/run/systemd/timesync");
    folder
        .is_dir()
        .then(|| folder.join("synchronized").exists())
}

/// How many connections the limit of open files leaves.
pub(super) fn files(most: Option<u64>, open: Option<u64>) -> Finding {
    let Some(most) = most else {
        return Finding::well("files", "doctor-files-unbounded");
    };
    let ours = FILES_RESERVED + REFUSALS_AT_ONCE + NEAR_PLACES + ADMIN_CONNECTIONS;
    let wanted = (CONNECTIONS_FEW + ours) as u64;
    let narrow = open.filter(|open| open.saturating_mul(100) > most.saturating_mul(FILES_PERCENT));
    match narrow {
        Some(open) => Finding::wrong("files", "doctor-files-used").with("open", open),
        None if most < wanted => Finding::hint("files", "doctor-files-few"),
        None => Finding::well("files", "doctor-files"),
    }
    .with("files", most)
    .with("wanted", wanted)
}

/// The memory that is available, of what the kernel tells: in bytes.
pub(super) fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

pub(super) fn memory(bytes: u64) -> Finding {
    match bytes {
        ..MEMORY_TOO_FEW => Finding::wrong("memory", "doctor-memory-out"),
        MEMORY_TOO_FEW..MEMORY_FEW => Finding::hint("memory", "doctor-memory-low"),
        _ => Finding::well("memory", "doctor-memory"),
    }
    .with("mebibytes", bytes >> 20)
}
