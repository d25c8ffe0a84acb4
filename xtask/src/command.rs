//! What each command does: which programs it runs, in which order, with which bounds.
//!
//! `.ci/run` is made of these same commands; there is no second list of steps.

use std::fmt;
use std::process::Stdio;

use anyhow::Context;
use causette_testbed::URLS_VARIABLE;

use crate::engines::Engines;
use crate::source;
use crate::step::{cargo, has_command, missing, run, step};

/// The command line was wrong: the caller wants the usage, not a chain of causes.
#[derive(Debug)]
pub(crate) struct Misuse(pub(crate) String);

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Misuse {}

pub(crate) fn test(arguments: &[String]) -> anyhow::Result<()> {
    none(arguments)?;
    let engines = step("databases for the tests", Engines::gather)?;
    run(
        "tests",
        cargo(&["test", "--workspace"]).env(URLS_VARIABLE, engines.urls()),
    )?;
    drop(engines);
    report_left_out()
}

pub(crate) fn lint(arguments: &[String]) -> anyhow::Result<()> {
    none(arguments)?;
    run("formatting", &mut cargo(&["fmt", "--all", "--check"]))?;
    run(
        "clippy",
        &mut cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ]),
    )?;
    run(
        "rustdoc",
        cargo(&[
            "doc",
            "--workspace",
            "--no-deps",
            "--document-private-items",
        ])
        .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    // A workspace of its own, which no build of ours looks at.
    let fuzz = "metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml";
    run(
        "list of the fuzz targets' dependencies",
        cargo(&words(fuzz)).stdout(Stdio::null()),
    )?;
    let title = "dependencies and licences";
    if !has_command("deny") {
        return missing(
            title,
            "cargo-deny is not installed (`cargo install --locked cargo-deny`)",
        );
    }
    // It looks at the crates of every system, and the build has fetched those of this one only.
    run("all dependencies", &mut cargo(&["fetch", "--locked"]))?;
    // Offline: the list of advisories comes from the network and would make the answer depend on the day.
    let checks = ["deny", "--offline", "check", "bans", "licenses", "sources"];
    run(title, &mut cargo(&checks))
}

pub(crate) fn ci(arguments: &[String]) -> anyhow::Result<()> {
    none(arguments)?;
    lint(&[])?;
    test(&[])
}

/// What `--engine` and `--kill` of the crash test can name.
const ENGINES: [&str; 4] = ["sqlite", "postgres", "mariadb", "mysql"];
const KILLS: [&str; 2] = ["server", "database"];

pub(crate) fn crash(arguments: &[String]) -> anyhow::Result<()> {
    let arguments = split(arguments);
    let (engines, arguments) = names(&arguments, "--engine", &ENGINES)?;
    let (kills, arguments) = names(&arguments, "--kill", &KILLS)?;
    let rounds = count(&arguments, "--rounds")?.unwrap_or(200);
    let engines = if engines.is_empty() {
        "sqlite".to_owned()
    } else {
        engines.join(" ")
    };
    let kills = if kills.is_empty() {
        "server".to_owned()
    } else {
        kills.join(" ")
    };
    if kills.contains("database") && engines.contains("sqlite") {
        return Err(
            Misuse("a database of SQLite has no server that could be killed".into()).into(),
        );
    }
    let call = "test --release -p causette --test black_box -- --ignored --nocapture crash::";
    run(
        &format!("crash test of {engines}, {rounds} rounds, {kills} killed"),
        cargo(&words(call))
            .env("CAUSETTE_CRASH_ROUNDS", rounds.to_string())
            .env("CAUSETTE_CRASH_ENGINES", engines)
            .env("CAUSETTE_CRASH_KILLS", kills),
    )
}

pub(crate) fn faults(arguments: &[String]) -> anyhow::Result<()> {
    none(arguments)?;
    let call = "test --release -p causette --test black_box -- --include-ignored --nocapture --test-threads 16 outage:: unanswered:: nodes::";
    run(
        "databases that are not there for a while",
        cargo(&words(call)).env("CAUSETTE_FAULTS", "long"),
    )
}

pub(crate) fn files(arguments: &[String]) -> anyhow::Result<()> {
    none(arguments)?;
    let call =
        "test --release -p causette --test black_box -- --ignored --nocapture files:: transfers::";
    run(
        "files that are cut, killed and full",
        &mut cargo(&words(call)),
    )
}

pub(crate) fn other_process(arguments: &[String]) -> anyhow::Result<()> {
    let rounds = count(arguments, "--rounds")?.unwrap_or(100);
    let call =
        "test --release -p causette --test black_box -- --ignored --nocapture other_process::";
    run(
        &format!("other process, {rounds} rounds"),
        cargo(&words(call)).env("CAUSETTE_OTHER_PROCESS_ROUNDS", rounds.to_string()),
    )
}

pub(crate) fn simulate(arguments: &[String]) -> anyhow::Result<()> {
    let seeds = count(arguments, "--seeds")?.unwrap_or(1_000_000);
    let call = "test --release -p causette-core --test world simulate -- --nocapture";
    run(
        &format!("simulator, {seeds} seeds"),
        cargo(&words(call)).env("CAUSETTE_SIMULATE_SEEDS", seeds.to_string()),
    )
}

pub(crate) fn plausible(arguments: &[String]) -> anyhow::Result<()> {
    let lines = count(arguments, "--lines")?.unwrap_or(10_000_000);
    let call = "test --release -p causette-core --test world whatever -- --nocapture";
    run(
        &format!("plausible commands, {lines} lines"),
        cargo(&words(call)).env("CAUSETTE_PLAUSIBLE_INPUTS", lines.to_string()),
    )
}

pub(crate) fn bench(arguments: &[String]) -> anyhow::Result<()> {
    run(
        "server for release",
        &mut cargo(&words("build --release -p causette")),
    )?;
    run(
        "bench",
        cargo(&words("run --release -p causette-bench --")).args(arguments),
    )
}

pub(crate) fn fuzz(arguments: &[String]) -> anyhow::Result<()> {
    let Some((target, rest)) = arguments
        .split_first()
        .filter(|(target, _)| !target.starts_with('-'))
    else {
        return Err(Misuse(
            "which fuzz target? their names are the files in fuzz/fuzz_targets".into(),
        )
        .into());
    };
    let runs = count(rest, "--runs")?.unwrap_or(10_000_000);
    // Not `cargo()`: only the `cargo` that rustup puts in the path understands `+nightly`.
    let mut command = std::process::Command::new("cargo");
    command
        .args([
            "+nightly",
            "fuzz",
            "run",
            // Our crates forbid unsafe code: what the address sanitizer finds cannot be in them, and it takes three times as
            // long. Overflows and panics are found without.
            "--sanitizer",
            "none",
            target,
            "--",
            &format!("-runs={runs}"),
        ])
        .current_dir(source::root());
    run(&format!("fuzz {target}, {runs} runs"), &mut command)
}

/// Names what `cargo test --workspace` left out, from the sources themselves, so that the list is never out of date.
fn report_left_out() -> anyhow::Result<()> {
    let mut left_out = Vec::new();
    for file in source::rust_files() {
        for (line, reason) in file.ignored_tests() {
            let reason = reason.unwrap_or("no reason given");
            left_out.push(format!("{}:{line}: {reason}", file.path.display()));
        }
    }
    let targets = source::root().join("fuzz/fuzz_targets");
    if targets.is_dir() {
        let listing = std::fs::read_dir(&targets)
            .with_context(|| format!("cannot list {}", targets.display()))?;
        for target in listing {
            let name = target?.file_name();
            let name = name.to_string_lossy();
            let name = name.trim_end_matches(".rs");
            left_out.push(format!("fuzz target {name}: run `cargo xtask fuzz {name}`"));
        }
    }
    if left_out.is_empty() {
        eprintln!("\nNothing was left out.");
        return Ok(());
    }
    left_out.sort_unstable();
    eprintln!("\nLeft out of this run:");
    for line in left_out {
        eprintln!("  {line}");
    }
    Ok(())
}

pub(crate) fn words(call: &str) -> Vec<&str> {
    call.split(' ').collect()
}

pub(crate) fn none(arguments: &[String]) -> Result<(), Misuse> {
    match arguments.first() {
        None => Ok(()),
        Some(word) => Err(Misuse(format!(
            "this command takes no argument, and `{word}` is one"
        ))),
    }
}

/// A command line with `OPTION=VALUE` as two words.
fn split(arguments: &[String]) -> Vec<String> {
    let words = arguments.iter().flat_map(|word| word.splitn(2, '='));
    words.map(str::to_owned).collect()
}

/// Takes each `OPTION NAME` out of a command line, where the name is one that is known.
fn names(
    arguments: &[String],
    option: &str,
    known: &[&str],
) -> Result<(Vec<String>, Vec<String>), Misuse> {
    let (mut names, mut others) = (Vec::new(), Vec::new());
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word != option {
            others.push(word.clone());
            continue;
        }
        match words.next() {
            Some(name) if known.contains(&name.as_str()) => names.push(name.clone()),
            _ => {
                return Err(Misuse(format!(
                    "{option} wants one of {}",
                    known.join(", ")
                )));
            }
        }
    }
    Ok((names, others))
}

/// Reads `OPTION N` or `OPTION=N`, or nothing at all.
fn count(arguments: &[String], option: &str) -> Result<Option<u64>, Misuse> {
    let words = split(arguments);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        [] => Ok(None),
        [name, number] if name == option => match number.parse() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => Err(Misuse(format!(
                "{option} wants a number above zero, not `{number}`"
            ))),
        },
        [name] if name == option => Err(Misuse(format!("{option} wants a number"))),
        [name, ..] => Err(Misuse(format!(
            "unknown argument `{name}`; the only option that takes a number is {option}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::{ENGINES, count, names};

    #[test]
    fn names_are_taken_out_of_the_others() {
        let words = |call: &str| call.split(' ').map(String::from).collect::<Vec<_>>();
        let read = |call| names(&words(call), "--engine", &ENGINES).map_err(|misuse| misuse.0);
        let taken = read("--engine postgres --rounds 5 --engine mariadb");
        assert_eq!(taken, Ok((words("postgres mariadb"), words("--rounds 5"))));
        let complaint = "--engine wants one of sqlite, postgres, mariadb, mysql".to_owned();
        assert_eq!(read("--engine oracle"), Err(complaint.clone()));
        assert_eq!(read("--engine"), Err(complaint));
    }

    fn read(call: &str) -> Result<Option<u64>, String> {
        let arguments: Vec<String> = call.split_whitespace().map(String::from).collect();
        count(&arguments, "--rounds").map_err(|misuse| misuse.to_string())
    }

    #[test]
    fn an_option_is_read_in_both_spellings() {
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("--rounds 50"), Ok(Some(50)));
        assert_eq!(read("--rounds=50"), Ok(Some(50)));
    }

    #[test]
    fn a_wrong_option_says_what_is_wrong() {
        let cases = [
            ("--rounds", "--rounds wants a number"),
            ("--rounds 0", "--rounds wants a number above zero, not `0`"),
            (
                "--rounds many",
                "--rounds wants a number above zero, not `many`",
            ),
            (
                "--round 5",
                "unknown argument `--round`; the only option that takes a number is --rounds",
            ),
        ];
        for (call, message) in cases {
            assert_eq!(read(call), Err(message.into()), "{call}");
        }
    }
}
