//! A command that looks at a file: it ends with 0 where it found nothing, with 1 where it found harm, which its first line names, and with
//! anything else where it could not look.

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};
use std::io::{self, Read as _};
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Bytes that are kept of what it says.
const SAID_BYTES: usize = 1024;

/// What of its environment it needs.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// Runs the command. The harm that it found.
///
/// # Errors
/// It could not be run, could not look, or took too long: then it is killed with all that it began.
pub(super) fn look(words: &[String], path: &Path, timeout: Duration) -> io::Result<Option<String>> {
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| io::Error::other("no command"))?;
    let mut command = Command::new(program);
    for argument in arguments {
        match argument.as_str() {
            "{path}" => command.arg(path),
            other => command.arg(other),
        };
    }
    let mut child = command
        .env_clear()
        .env("PATH", PATH)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    let ended = until_its_end(&mut child, Instant::now() + timeout);
    if ended.is_err()
        && let Some(group) = Pid::from_raw(child.id().cast_signed())
    {
        // It may have ended meanwhile.
        let _ = kill_process_group(group, Signal::KILL);
    }
    let status = child.wait()?;
    let said = ended?;
    match status.code() {
        Some(0) => Ok(None),
        Some(1) => Ok(Some(match said.trim() {
            "" => "refused".to_owned(),
            said => said.to_owned(),
        })),
        _ => Err(io::Error::other(format!("{program}: {status}"))),
    }
}

/// What it says, when it has ended.
fn until_its_end(child: &mut Child, deadline: Instant) -> io::Result<String> {
    let mut said = Vec::new();
    if let Some(mut stdout) = child.stdout.take() {
        let mut piece = [0; 4096];
        loop {
            wait_for(&stdout, deadline)?;
            match stdout.read(&mut piece)? {
                0 => break,
                read => said.extend(&piece[..read.min(SAID_BYTES - said.len())]),
            }
        }
    }
    let pid =
        Pid::from_raw(child.id().cast_signed()).ok_or_else(|| io::Error::other("no process"))?;
    wait_for(pidfd_open(pid, PidfdFlags::empty())?, deadline)?;
    Ok(String::from_utf8_lossy(&said).into_owned())
}

fn wait_for(what: impl AsFd, deadline: Instant) -> io::Result<()> {
    let left = deadline.saturating_duration_since(Instant::now());
    let left = Timespec::try_from(left).map_err(io::Error::other)?;
    let mut polled = [PollFd::new(&what, PollFlags::IN)];
    match poll(&mut polled, Some(&left))? {
        0 => Err(io::Error::from(io::ErrorKind::TimedOut)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn run(script: &str, timeout: Duration) -> Result<Option<String>, String> {
        let words = ["/bin/sh", "-c", script, "scan", "{path}"].map(String::from);
        look(&words, Path::new("/tmp/it's here"), timeout).map_err(|error| error.to_string())
    }

    #[test]
    fn how_it_ends_says_what_it_found() {
        let long = Duration::from_secs(60);
        assert_eq!(run("exit 0", long), Ok(None));
        assert_eq!(
            run("echo \"harm in $1\"; exit 1", long),
            Ok(Some("harm in /tmp/it's here".into()))
        );
        assert_eq!(run("exit 1", long), Ok(Some("refused".into())));
        assert!(run("exit 7", long).is_err());
        assert!(run("kill -9 $$", long).is_err());
        // It may say more than is read of it.
        let wordy = run("head -c 1000000 /dev/zero; exit 1", long);
        assert_eq!(wordy.unwrap().unwrap().len(), SAID_BYTES);
        assert!(look(&["/nowhere/scan".into()], Path::new("/"), long).is_err());
        assert!(look(&[], Path::new("/"), long).is_err());
    }

    #[test]
    fn it_is_ended_with_all_that_it_began_when_it_takes_too_long() {
        let begun = Instant::now();
        assert!(run("sleep 600 & wait", Duration::from_millis(50)).is_err());
        assert!(begun.elapsed() < Duration::from_secs(60));
    }
}
