//! The verbs, and what they have in common: language, help, configuration.

mod account;
mod admin;
mod chat;
mod client;
mod hash_password;
mod script;
mod serve;

use anyhow::{Context as _, anyhow, bail};
use causette_client::exit::{Exit, Trouble};
use causette_core::secret::Secret;
use causette_server::admin::{Reply, Request};
use causette_server::config::Config;
use causette_text::Language;
use causette_text::{text, text_with};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

/// The configuration that is read when none is named.
const CONFIGURATION: &str = "causette.toml";

/// Bytes of a password on standard input at most, with its end of line.
const PASSWORD_BYTES: u64 = 1024 + 2;

/// The whole command line, in a language.
pub(crate) fn command(language: Language) -> Command {
    let lang = Arg::new("lang")
        .long("lang")
        .value_parser(PossibleValuesParser::new(["en", "fr"]));
    let version = Arg::new("version")
        .short('V')
        .long("version")
        .action(ArgAction::Version);
    verb(language, "causette", "cli-about")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(true)
        .arg(
            version
                .help(text(language, "cli-version"))
                .help_heading(heading(language, "cli-options")),
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(path(language, "config", "FILE", "cli-config"))
        .arg(path(language, "data", "DIR", "cli-data"))
        .arg(option(language, lang, "cli-lang").global(true))
        .subcommand(serve::command(language))
        .subcommand(account::command(language))
        .subcommand(admin::command(language))
        .subcommand(hash_password::command(language))
        .subcommand(chat::command(language))
        .subcommands(script::commands(language))
}

/// Runs the verb that was asked for.
pub(crate) fn run(matches: &ArgMatches, language: Language) -> Result<Exit, Trouble> {
    match matches.subcommand() {
        Some(("chat", matches)) => chat::run(matches, language),
        Some((verb, matches)) if script::knows(verb) => script::run(verb, matches, language),
        _ => run_server_verb(matches, language)
            .map(|()| Exit::Done)
            .map_err(Trouble::from),
    }
}

/// Runs a verb of those who run a server.
fn run_server_verb(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    match matches.subcommand() {
        Some(("serve", matches)) => serve::run(matches, language),
        Some(("account", matches)) => account::run(matches, language),
        Some(("admin", matches)) => admin::run(matches, language),
        Some(("hash-password", matches)) => hash_password::run(matches, language),
        _ => bail!("no such verb"),
    }
}

/// The language that the person asked for: by `--lang`, else by the environment. Needed before the command line is read,
/// because its errors are texts too.
pub(crate) fn language() -> Language {
    let mut arguments = std::env::args().skip_while(|argument| !argument.starts_with("--lang"));
    let argument = arguments
        .next()
        .and_then(|argument| match argument.strip_prefix("--lang=") {
            Some(value) => Some(value.to_owned()),
            None => arguments.next(),
        });
    let environment = || {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()))
    };
    let chosen = argument.or_else(environment);
    if chosen.is_some_and(|chosen| chosen.starts_with("fr")) {
        Language::Fr
    } else {
        Language::En
    }
}

/// A verb with its help in a language.
fn verb(language: Language, name: &'static str, about: &str) -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help);
    let usage = text(language, "cli-usage");
    Command::new(name)
        .about(text(language, about))
        .help_template(format!("{{about}}\n\n{usage} {{usage}}\n\n{{all-args}}"))
        .subcommand_help_heading(heading(language, "cli-commands"))
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .arg(
            help.help(text(language, "cli-help"))
                .help_heading(heading(language, "cli-options")),
        )
}

/// A heading of the help. The command line is made once, so what it keeps may live as long as the process.
fn heading(language: Language, key: &str) -> &'static str {
    text(language, key).leak()
}

fn option(language: Language, arg: Arg, help: &str) -> Arg {
    arg.help(text(language, help))
        .help_heading(heading(language, "cli-options"))
}

fn path(language: Language, name: &'static str, value: &'static str, help: &str) -> Arg {
    let parser = clap::value_parser!(PathBuf);
    option(
        language,
        Arg::new(name)
            .long(name)
            .value_name(value)
            .value_parser(parser),
        help,
    )
    .global(true)
}

/// The configuration that the options name, with the data folder that they name.
fn configuration(matches: &ArgMatches, language: Language) -> anyhow::Result<Config> {
    let named: Option<&PathBuf> = matches.get_one("config");
    let file = named.map_or_else(|| Path::new(CONFIGURATION), PathBuf::as_path);
    let mut config = if named.is_some() || file.exists() {
        let source = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        Config::parse(&source)
            .map_err(|error| anyhow!("{}: {}", file.display(), error.message(language)))?
    } else {
        Config {
            settings: causette_core::settings::Settings {
                language,
                ..Default::default()
            },
            ..Config::default()
        }
    };
    if let Some(data_dir) = matches.get_one::<PathBuf>("data") {
        config.data_dir.clone_from(data_dir);
    }
    Ok(config)
}

/// Asks the running server, and tells the person what came of it.
fn ask(matches: &ArgMatches, language: Language, request: &Request) -> anyhow::Result<()> {
    say(&answer(matches, language, request)?)
}

/// Asks the running server what came of it.
fn answer(matches: &ArgMatches, language: Language, request: &Request) -> anyhow::Result<String> {
    let data_dir = configuration(matches, language)?.data_dir;
    let reply = causette_server::admin::ask(&data_dir, request).map_err(|error| {
        let folder = data_dir.display().to_string();
        let cause = error.downcast_ref::<std::io::Error>();
        let absent = cause.is_some_and(|cause| {
            matches!(
                cause.kind(),
                ErrorKind::NotFound | ErrorKind::ConnectionRefused
            )
        });
        if absent {
            return anyhow!(text_with(language, "cli-no-server", &[("folder", &folder)]));
        }
        let variables = [
            ("folder", folder.as_str()),
            ("error", &format!("{error:#}")),
        ];
        anyhow!(text_with(language, "cli-server-unreachable", &variables))
    })?;
    match reply {
        Reply { ok: true, text } => Ok(text),
        Reply { text, .. } => bail!(text),
    }
}

/// What the verb found out, on standard output.
fn say(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    writeln!(std::io::stdout(), "{text}").context("standard output")
}

/// A password, as one line of standard input.
fn password(language: Language) -> anyhow::Result<Secret> {
    let mut line = String::with_capacity(PASSWORD_BYTES as usize);
    std::io::stdin()
        .take(PASSWORD_BYTES)
        .read_to_string(&mut line)
        .context("standard input")?;
    let password = Secret::new(line.lines().next().unwrap_or_default());
    drop(Secret::new(line));
    if password.expose().is_empty() {
        bail!(text(language, "cli-password-missing"));
    }
    Ok(password)
}
