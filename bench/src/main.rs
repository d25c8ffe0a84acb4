//! `causette-bench`: starts the real server on loopback, drives it with real connections, and says what it measured.
//!
//! Here: the command line, and the order of the measures. Each measure is a file of its own; how a figure is shown and
//! judged is in [`report`]. Nothing here knows the server's code: it sees a program, a port and `/proc`.

mod administration;
mod always_on;
mod appends;
mod backup;
mod client;
mod crowd;
mod disk;
mod engines;
mod fanout;
mod files;
mod idle;
mod last_words;
mod latency;
mod private;
mod report;
mod server;
mod sign_ins;
mod slow_reader;
mod start;
mod stop;
mod terminal;
mod visits;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::fanout::Against;
use crate::report::Report;
use crate::server::Program;

/// The measures, in the order in which they run when none is named.
const MEASURES: [&str; 17] = [
    "start",
    "fanout",
    "latency",
    "private",
    "slow-reader",
    "sign-ins",
    "stop",
    "last-words",
    "terminal",
    "always-on",
    "disk",
    "appends",
    "visits",
    "backup",
    "files",
    "administration",
    "idle",
];

fn command() -> Command {
    let number = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .default_value(default)
            .value_parser(value_parser!(usize))
            .help(help)
    };
    Command::new("causette-bench")
        .about("Measures the real server on loopback")
        .arg(
            Arg::new("measure")
                .value_parser(MEASURES)
                .num_args(0..)
                .help("What to measure; everything when none is named"),
        )
        .arg(
            Arg::new("server")
                .long("server")
                .value_name("PATH")
                .value_parser(value_parser!(PathBuf))
                .help("The server's program [default: `causette` beside this one]"),
        )
        .arg(
            Arg::new("before")
                .long("before")
                .value_name("PATH")
                .value_parser(value_parser!(PathBuf))
                .help("An earlier program of the server: both are measured, by turns, and the ratio is given"),
        )
        .arg(number("rounds", "3", "How often each is measured with --before or --databases; the median counts"))
        .arg(number("turns", "41", "How many turns each side of `appends` has"))
        .arg(number("seconds", "5", "How long each phase of a measure lasts"))
        .arg(number("senders", "4", "How many members send at once in `fanout`"))
        .arg(number("connections", "10000", "How many connections `idle` and `administration` open in plain text"))
        .arg(number("tls-connections", "1000", "How many connections `idle` opens over TLS"))
        .arg(number("people", "10000", "How many people `always-on` lets stay"))
        .arg(number("runs", "10", "How often `start` starts the server"))
        .arg(
            Arg::new("against")
                .long("against")
                .value_name("HOST:PORT")
                .help("Another IRC server that needs no account: `fanout` measures it too and gives the ratio"),
        )
        .arg(
            Arg::new("against-pid")
                .long("against-pid")
                .value_name("PID")
                .requires("against")
                .value_parser(value_parser!(u32))
                .help("Its process, so that its CPU time can be read"),
        )
        .arg(
            Arg::new("databases")
                .long("databases")
                .action(ArgAction::SetTrue)
                .help("`appends`, `fanout` and `visits` on every engine, by turns: SQLite, and the database servers that CAUSETTE_TEST_DB_URLS names or that are started for it"),
        )
        .arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Write the figures as JSON"))
        .arg(
            Arg::new("strict")
                .long("strict")
                .action(ArgAction::SetTrue)
                .help("End with exit code 1 when a figure misses its aim"),
        )
}

fn main() -> ExitCode {
    let matches = command().get_matches();
    let measured = tokio::runtime::Runtime::new()
        .context("cannot start the runtime")
        .and_then(|runtime| runtime.block_on(measure(&matches)));
    match measured.and_then(|report| report.write(matches.get_flag("json")).map(|()| report)) {
        Ok(report) if matches.get_flag("strict") && report.misses_an_aim() => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("causette-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(matches: &ArgMatches) -> anyhow::Result<Report> {
    let program = program(matches)?;
    server::raise_file_limit()?;
    let number = |name: &str| *matches.get_one::<usize>(name).expect("has a default");
    let named: Vec<&String> = matches.get_many("measure").unwrap_or_default().collect();
    let before = matches.get_one::<PathBuf>("before");
    let before = before.map(|path| Program(path.clone()));
    let mut report = Report::default();
    for measure in MEASURES {
        if !named.is_empty() && !named.iter().any(|name| *name == measure) {
            continue;
        }
        eprintln!("{measure} …");
        let mut runs = Vec::new();
        let rounds = before.as_ref().map_or(1, |_| number("rounds").max(1));
        for _ in 0..rounds {
            let earlier = match &before {
                Some(before) => Some(one(measure, before, matches).await?),
                None => None,
            };
            runs.push((earlier, one(measure, &program, matches).await?));
        }
        report.compare(runs);
    }
    Ok(report)
}

/// Takes one measure of one program.
async fn one(measure: &str, program: &Program, matches: &ArgMatches) -> anyhow::Result<Report> {
    let number = |name: &str| *matches.get_one::<usize>(name).expect("has a default");
    let phase = Duration::from_secs(number("seconds").max(1) as u64);
    let against = matches.get_one::<String>("against").map(|address| Against {
        address: address.clone(),
        pid: matches.get_one::<u32>("against-pid").copied(),
    });
    let databases = matches.get_flag("databases");
    let mut report = Report::default();
    match measure {
        "start" => start::measure(program, number("runs").max(1), &mut report).await,
        "fanout" => {
            let senders = number("senders").max(1);
            if databases {
                let rounds = number("rounds").max(1);
                fanout::of_databases(program, senders, phase, rounds, &mut report).await
            } else {
                fanout::measure(program, senders, phase, against.as_ref(), &mut report).await
            }
        }
        "latency" => latency::measure(program, phase, &mut report).await,
        "private" => private::measure(program, phase, &mut report).await,
        "slow-reader" => slow_reader::measure(program, &mut report).await,
        "sign-ins" => sign_ins::measure(program, phase, &mut report).await,
        "terminal" => terminal::measure(program, &mut report).await,
        "stop" => stop::measure(program, phase, &mut report).await,
        "last-words" => last_words::measure(program, phase, &mut report).await,
        "always-on" => always_on::measure(program, number("people").max(1), &mut report).await,
        "backup" => backup::measure(program, phase, &mut report).await,
        "files" => files::measure(program, phase, &mut report).await,
        "administration" => {
            let sessions = number("connections");
            administration::measure(program, phase, sessions, &mut report).await
        }
        "disk" => disk::measure(program, &mut report).await,
        "visits" => visits::measure(program, phase, databases, &mut report).await,
        "appends" => appends::measure(number("turns").max(1), databases, &mut report).await,
        _ => {
            let (plain, tls) = (number("connections"), number("tls-connections"));
            idle::measure(program, plain, tls, &mut report).await
        }
    }
    .with_context(|| measure.to_owned())?;
    Ok(report)
}

fn program(matches: &ArgMatches) -> anyhow::Result<Program> {
    let path = match matches.get_one::<PathBuf>("server") {
        Some(path) => path.clone(),
        None => std::env::current_exe()
            .context("cannot tell where this program is")?
            .with_file_name("causette"),
    };
    if !path.is_file() {
        bail!(
            "{} does not exist: build it with `cargo build --release -p causette`, or name it with --server",
            path.display()
        );
    }
    Ok(Program(path))
}
