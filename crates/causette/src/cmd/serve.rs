//! `causette serve`: runs the server in the foreground; its log is the server's matter.

use super::configuration;
use super::help::{option, verb, word};
use causette_server::config::{Config, Listener, LogFormat, Unusable};
use causette_server::{Signals, Source};
use causette_text::Language;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::net::SocketAddr;

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
    verb(language, "serve", "cli-serve")
        .arg(option(language, listen, "cli-listen"))
        .arg(option(language, log_format, "cli-log-format"))
        .arg(option(language, new, "cli-new"))
}

/// `signals` are those of the process, where they are taken already.
pub(crate) fn run(
    matches: &ArgMatches,
    language: Language,
    signals: Option<Signals>,
) -> anyhow::Result<()> {
    let signals = signals.map_or_else(Signals::install, Ok)?;
    let config = read(matches, language)?;
    let matches = matches.clone();
    let source = Source::new(move |language| read(&matches, language));
    causette_server::serve(config, source, signals)
}

/// What the command line makes of the configuration, at the start and each time that it is read again.
fn read(matches: &ArgMatches, language: Language) -> Result<Config, Unusable> {
    let mut config = configuration(matches, language)?;
    if let Some(addresses) = matches.get_many::<SocketAddr>("listen") {
        config.listeners = addresses.copied().map(Listener::on).collect();
    }
    config.new = matches.get_flag("new");
    if let Some(format) = matches.get_one::<String>("log-format") {
        config.log.format = LogFormat::named(format);
    }
    let language = config.settings.language;
    config.read_files(language)?;
    Ok(config)
}
