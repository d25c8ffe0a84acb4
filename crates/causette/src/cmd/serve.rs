//! `causette serve`: runs the server in the foreground; its log is the server's matter. On a terminal it has a console.

use super::admin::Console;
use super::configuration;
use super::help::{option, verb, word};
use causette_server::config::{Config, Listener, LogFormat, Unusable};
use causette_server::{Signals, Source};
use causette_text::Language;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use rustix::process::getpgrp;
use rustix::termios::tcgetpgrp;
use std::fs::DirBuilder;
use std::io::{IsTerminal as _, stderr, stdin, stdout};
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;

/// The file in the data folder that the log goes to while a console has the terminal, where the configuration names none.
const LOG: &str = "causette.log";

pub(crate) fn command(language: Language) -> Command {
    let listen = Arg::new("listen")
        .long("listen")
        .value_name(word(language, "cli-value-address"))
        .value_parser(clap::value_parser!(SocketAddr))
        .action(ArgAction::Append);
    let log_format = Arg::new("log-format")
        .long("log-format")
        .value_name(word(language, "cli-value-format"))
        .value_parser(PossibleValuesParser::new(["text", "json", "journald"]))
        .hide_possible_values(true);
    let new = Arg::new("new").long("new").action(ArgAction::SetTrue);
    let console = Arg::new("console")
        .long("console")
        .action(ArgAction::SetTrue);
    let no_console = Arg::new("no-console")
        .long("no-console")
        .action(ArgAction::SetTrue)
        .conflicts_with("console");
    verb(language, "serve", "cli-serve")
        .arg(option(language, listen, "cli-listen"))
        .arg(option(language, log_format, "cli-log-format"))
        .arg(option(language, new, "cli-new"))
        .arg(option(language, console, "cli-serve-console"))
        .arg(option(language, no_console, "cli-serve-no-console"))
}

/// `signals` are those of the process, where they are taken already.
pub(crate) fn run(
    matches: &ArgMatches,
    language: Language,
    signals: Option<Signals>,
) -> anyhow::Result<()> {
    let signals = signals.map_or_else(Signals::install, Ok)?;
    let has_console = has_console(matches);
    let config = read(matches, language, has_console)?;
    let (log, spoken) = (config.log.file.clone(), config.settings.language);
    let asked = matches.clone();
    let matches = matches.clone();
    let source = Source::new(move |language| read(&matches, language, has_console));
    if !has_console {
        return causette_server::serve(config, source, signals, |_| ());
    }
    // The log begins before the server makes its folder. Where that cannot be made, the server says so.
    let _ = DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&config.data_dir);
    let mut console = Console::prepare(language);
    let served = causette_server::serve(config, source, signals, |running| {
        let configuration = Box::new(move || configuration(&asked, spoken));
        console.open(running, &log.unwrap_or_default(), spoken, configuration);
    });
    console.close();
    served
}

/// Whether a person sits at the terminal that the server is started on, or says so.
fn has_console(matches: &ArgMatches) -> bool {
    let is_seen = stdin().is_terminal() && stdout().is_terminal() && stderr().is_terminal();
    matches.get_flag("console") || (is_seen && is_in_front() && !matches.get_flag("no-console"))
}

/// Whether the terminal is this program's just now: who reads from it behind another is stopped by the system.
fn is_in_front() -> bool {
    tcgetpgrp(rustix::stdio::stdin()).is_ok_and(|front| front == getpgrp())
}

/// What the command line makes of the configuration, at the start and each time that it is read again.
fn read(matches: &ArgMatches, language: Language, has_console: bool) -> Result<Config, Unusable> {
    let mut config = configuration(matches, language)?;
    if let Some(addresses) = matches.get_many::<SocketAddr>("listen") {
        config.listeners = addresses.copied().map(Listener::on).collect();
    }
    config.new = matches.get_flag("new");
    if let Some(format) = matches.get_one::<String>("log-format") {
        config.log.format = LogFormat::named(format);
    }
    if has_console {
        // The terminal is the console's.
        let file = config.log.file.take();
        config.log.file = Some(file.unwrap_or_else(|| config.data_dir.join(LOG)));
        config.log.on_terminal = false;
    }
    let language = config.start_language();
    config.read_files(language)?;
    Ok(config)
}
