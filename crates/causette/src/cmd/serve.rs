//! `causette serve`: runs the server in the foreground; its log goes to standard error.

use super::configuration;
use super::help::{option, verb, word};
use causette_server::Source;
use causette_server::config::{Config, Listener, Unusable};
use causette_text::Language;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::io::{IsTerminal as _, stderr};
use std::net::SocketAddr;
use tracing_subscriber::filter::LevelFilter;

pub(crate) fn command(language: Language) -> Command {
    let listen = Arg::new("listen")
        .long("listen")
        .value_name(word(language, "cli-value-address"))
        .value_parser(clap::value_parser!(SocketAddr))
        .action(ArgAction::Append);
    let log_format = Arg::new("log-format")
        .long("log-format")
        .value_name(word(language, "cli-value-format"))
        .value_parser(PossibleValuesParser::new(["text", "json"]))
        .default_value("text")
        .hide_default_value(true)
        .hide_possible_values(true);
    let new = Arg::new("new").long("new").action(ArgAction::SetTrue);
    verb(language, "serve", "cli-serve")
        .arg(option(language, listen, "cli-listen"))
        .arg(option(language, log_format, "cli-log-format"))
        .arg(option(language, new, "cli-new"))
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let config = read(matches, language)?;
    log(matches
        .get_one::<String>("log-format")
        .is_some_and(|format| format == "json"));
    let matches = matches.clone();
    let source = Source::new(move |language| read(&matches, language));
    causette_server::serve(config, source)
}

/// What the command line makes of the configuration, at the start and each time that it is read again.
fn read(matches: &ArgMatches, language: Language) -> Result<Config, Unusable> {
    let mut config = configuration(matches, language)?;
    if let Some(addresses) = matches.get_many::<SocketAddr>("listen") {
        config.listeners = addresses.copied().map(Listener::on).collect();
    }
    config.new = matches.get_flag("new");
    Ok(config)
}

fn log(json: bool) {
    let log = tracing_subscriber::fmt()
        .with_writer(stderr)
        .with_max_level(LevelFilter::INFO)
        .with_target(false);
    if json {
        log.json().flatten_event(true).init();
    } else {
        log.with_ansi(stderr().is_terminal()).init();
    }
    // The message of a panic may hold what a person wrote; its place does not.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(event = "panic", place, "a thread panicked");
    }));
}
