//! One step of a command: a heading, a program that runs to its end, and the time it took.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};

use crate::source;

/// The cargo that runs this program, so that a step never falls into another toolchain.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(source::root());
    command
}

/// Runs one program to its end between a heading and its duration.
///
/// # Errors
/// When the program cannot be started or does not end with success.
pub(crate) fn run(title: &str, command: &mut Command) -> anyhow::Result<()> {
    eprintln!("\n=== {title}");
    let started = Instant::now();
    let status = command
        .status()
        .with_context(|| format!("{title}: cannot start {}", command.get_program().display()))?;
    let seconds = started.elapsed().as_secs_f64();
    if !status.success() {
        eprintln!("=== {title}: FAILED after {seconds:.1} s");
        bail!("{title}: {status}");
    }
    eprintln!("=== {title}: {seconds:.1} s");
    Ok(())
}

/// Does one thing between a heading and its duration.
///
/// # Errors
/// Those of the thing, under its heading.
pub(crate) fn step<T>(title: &str, thing: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    eprintln!("\n=== {title}");
    let started = Instant::now();
    let done = thing().with_context(|| format!("{title}: FAILED"))?;
    eprintln!("=== {title}: {:.1} s", started.elapsed().as_secs_f64());
    Ok(done)
}

/// A part of the work cannot be done here: said where everyone sees it, and where all of it is required (`CI=true`) a failure.
///
/// # Errors
/// With `CI=true`: a step that was left out has not passed.
pub(crate) fn missing(title: &str, reason: &str) -> anyhow::Result<()> {
    if is_ci() {
        bail!("{title}: {reason}, and with CI=true nothing is left out");
    }
    eprintln!("\n=== {title}: SKIPPED: {reason}");
    Ok(())
}

/// Whether everything has to be there.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// Whether cargo has the command: looked for as cargo does, in its own folder too.
pub(crate) fn has_command(name: &str) -> bool {
    cargo(&[name, "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
}

/// Whether a program is in one of the folders where a shell looks for it.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
