//! The verbs, and what they have in common: language, help, configuration.

mod account;
mod admin;
mod audit;
mod backup;
mod chat;
mod check;
mod client;
mod completions;
mod files;
mod hash_password;
mod help;
mod import;
mod interrupt;
mod man;
mod migrate;
mod script;
mod serve;
pub(crate) mod usage;

use anyhow::{Context as _, bail};
use causette_client::exit::{Exit, Trouble};
use causette_core::secret::Secret;
use causette_server::admin::{Kind, Reply, Request, Unanswered};
use causette_server::config::{Config, Unusable};
use causette_server::log::journal_reads;
use causette_server::{Signals, failure_was_told};
use causette_text::Language;
use causette_text::{text, text_with};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use help::{Line, option, verb, word};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The configuration that is read when none is named.
const CONFIGURATION: &str = "causette.toml";

/// The configuration of the server that a package has installed.
const OF_THE_MACHINE: &str = "/etc/causette/causette.toml";

/// Bytes of a password on standard input at most, with its end of line.
const PASSWORD_BYTES: u64 = 1024 + 2;

/// What the definition of the command line is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To understand what was written, and to explain it.
    Reading,
    /// To tell a shell what could be written: it asks for what is hidden too.
    Completing,
}

/// The whole command line, in a language: first the verbs of those who talk, then those of who runs a server.
pub(crate) fn command(language: Language) -> Command {
    command_for(language, Purpose::Reading)
}

fn command_for(language: Language, purpose: Purpose) -> Command {
    let lang = Arg::new("lang")
        .long("lang")
        .value_name(word(language, "cli-value-language"))
        .value_parser(PossibleValuesParser::new(["en", "fr"]))
        .hide_possible_values(true);
    let version = Arg::new("version")
        .short('V')
        .long("version")
        .action(ArgAction::Version);
    let talking = [
        vec![chat::command(language)],
        script::commands(language),
        files::commands(language),
    ]
    .concat();
    let running = [
        serve::command,
        check::command,
        account::command,
        admin::command,
        audit::command,
        hash_password::command,
        import::command,
        migrate::command,
    ];
    let running = running.iter().map(|verb| verb(language));
    let running: Vec<Command> = running.chain(backup::commands(language)).collect();
    let shell = vec![completions::command(language), man::command(language)];
    let groups = [
        ("cli-talking", &talking),
        ("cli-running", &running),
        ("cli-shell", &shell),
    ];
    let list = groups.map(|(heading, verbs)| (heading, verbs.iter().map(Line::of).collect()));
    // Which folder a server on this machine has may be said before its verb and behind, and is nothing for the other verbs.
    let elsewhere = |verb: Command| match purpose {
        Purpose::Reading => verb.args(folders(language).map(|arg| arg.hide(true))),
        Purpose::Completing => verb,
    };
    let here = |verb: Command| match purpose {
        Purpose::Reading => verb,
        Purpose::Completing => with_folders(language, verb),
    };
    let program = verb(language, "causette", "cli-about")
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(true)
        .arg(option(language, version, "cli-version").display_order(help::LAST))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .args(folders(language).map(|arg| arg.global(purpose == Purpose::Reading)))
        .arg(
            option(language, lang, "cli-lang")
                .global(true)
                .display_order(help::LAST - 2),
        )
        .subcommands(talking.into_iter().map(elsewhere))
        .subcommands(running.into_iter().map(here))
        .subcommands(shell.into_iter().map(elsewhere));
    help::dress(language, program, &list)
}

/// Runs the verb that was asked for.
pub(crate) fn run(
    matches: &ArgMatches,
    language: Language,
    signals: Option<Signals>,
) -> Result<Exit, Trouble> {
    match matches.subcommand() {
        Some(("chat", matches)) => chat::run(matches, language),
        Some((verb, matches)) if script::knows(verb) => script::run(verb, matches, language),
        Some((verb, matches)) if files::knows(verb) => files::run(verb, matches, language),
        Some(("audit", matches)) => audit::run(matches, language),
        Some(("migrate", matches)) => migrate::run(matches, language),
        Some((verb @ ("backup" | "restore"), matches)) => backup::run(verb, matches, language),
        Some(("import", matches)) => import::run(matches, language),
        Some(("completions", matches)) => Ok(completions::run(matches, language)?),
        Some(("man", matches)) => Ok(man::run(matches, language)?),
        _ => run_server_verb(matches, language, signals)
            .map(|()| Exit::Done)
            .map_err(trouble),
    }
}

/// Runs a verb of those who run a server.
fn run_server_verb(
    matches: &ArgMatches,
    language: Language,
    signals: Option<Signals>,
) -> anyhow::Result<()> {
    match matches.subcommand() {
        Some(("serve", matches)) => serve::run(matches, language, signals),
        Some(("check", matches)) => check::run(matches, language),
        Some(("account", matches)) => account::run(matches, language),
        Some(("admin", matches)) => admin::run(matches, language),
        Some(("hash-password", matches)) => hash_password::run(matches, language),
        _ => bail!("no such verb"),
    }
}

/// Tells why the program ends, where that can be told: nothing depends on it. The journal is told that it is an error.
pub(crate) fn complain(text: &str, language: Language) {
    use std::io::Write as _;
    let told = text_with(language, "cli-error", &[("error", text)]);
    let priority = if journal_reads() { "<3>" } else { "" };
    for line in told.lines() {
        let _ = writeln!(std::io::stderr(), "{priority}{line}");
    }
}

/// Tells why nothing was done: to who asked for JSON as an answer in JSON, with nothing beside it, and else to people.
pub(crate) fn give_up(trouble: &Trouble, language: Language) {
    use std::io::Write as _;
    if trouble.text.is_empty() {
        return;
    }
    let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into());
    if !wants_json(arguments) {
        return complain(&trouble.text, language);
    }
    let answer = Reply {
        ok: false,
        text: trouble.text.clone(),
        entry: None,
        kind: kind_of(trouble.exit),
        data: None,
    };
    let told = serde_json::to_string(&answer).unwrap_or_default();
    // Nothing depends on it.
    let _ = writeln!(std::io::stdout(), "{told}");
}

/// Whether an answer of the administration is wanted in JSON. Needed of command lines that could not be read, too.
fn wants_json(arguments: impl Iterator<Item = String>) -> bool {
    let mut arguments = verb_and_behind(arguments);
    let mut arguments = arguments.by_ref().take_while(|argument| argument != "--");
    arguments.next().is_some_and(|verb| verb == "admin")
        && arguments.any(|argument| argument == "--json")
}

/// A configuration that must be changed has a status of its own: a service manager need not try it again.
fn trouble(error: anyhow::Error) -> Trouble {
    let error = match error.downcast::<Trouble>() {
        Ok(trouble) => return trouble,
        Err(error) => error,
    };
    let mut trouble = match error.downcast_ref::<Unusable>() {
        Some(unusable) if !unusable.may_pass() => {
            Trouble::new(Exit::Configuration, unusable.to_string())
        }
        _ => error.into(),
    };
    if failure_was_told() {
        trouble.text.clear();
    }
    trouble
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

/// Whether the command line runs a server. Needed before it is read: until the server's signals are taken, they kill it.
pub(crate) fn serves(arguments: impl Iterator<Item = String>) -> bool {
    verb_and_behind(arguments)
        .next()
        .is_some_and(|verb| verb == "serve")
}

/// The verb of a command line, and what stands behind it.
fn verb_and_behind(arguments: impl Iterator<Item = String>) -> impl Iterator<Item = String> {
    let mut is_value = false;
    arguments.skip(1).skip_while(move |argument| {
        let is_option = std::mem::take(&mut is_value) || argument.starts_with('-');
        is_value = ["--config", "--data", "--data-dir", "--lang"].contains(&argument.as_str());
        is_option
    })
}

/// The options that say which server is meant of those on this machine.
fn folders(language: Language) -> [Arg; 2] {
    let path = |name: &'static str, value: &str, help: &str| {
        let arg = Arg::new(name)
            .long(name)
            .value_name(word(language, value))
            .value_parser(clap::value_parser!(PathBuf));
        option(language, arg, help).display_order(help::LAST - 3)
    };
    [
        path("config", "cli-value-file", "cli-config"),
        path("data", "cli-value-folder", "cli-data").alias("data-dir"),
    ]
}

fn with_folders(language: Language, verb: Command) -> Command {
    verb.args(folders(language))
        .mut_subcommands(|verb| with_folders(language, verb))
}

/// The file of the configuration: the one that is named, else the one in the current folder, else, where no data folder is named
/// or lies here, that of the machine; `None` where there is none of these.
fn configuration_file(matches: &ArgMatches) -> Option<&Path> {
    let named = matches.get_one("config").map(PathBuf::as_path);
    named.or_else(|| found(matches.contains_id("data"), Path::exists))
}

/// The file that is read where none is named.
fn found(is_data_named: bool, exists: impl Fn(&Path) -> bool) -> Option<&'static Path> {
    let (here, of_machine) = (Path::new(CONFIGURATION), Path::new(OF_THE_MACHINE));
    if exists(here) {
        return Some(here);
    }
    let has_data = is_data_named || exists(&Config::default().data_dir);
    (!has_data && exists(of_machine)).then_some(of_machine)
}

/// The configuration that the options name, with the password of its database.
fn configuration(matches: &ArgMatches, language: Language) -> Result<Config, Unusable> {
    let mut config = written(matches, language)?;
    let language = config.start_language();
    config.read_password(language)?;
    config.look_at_database_files(language)?;
    Ok(config)
}

/// The language that the command line asks for.
fn lang(matches: &ArgMatches) -> Option<Language> {
    let lang: Option<&String> = matches.try_get_one("lang").ok().flatten();
    lang.map(|lang| match lang.as_str() {
        "fr" => Language::Fr,
        _ => Language::En,
    })
}

/// The configuration as it is written, with the data folder that the options name.
fn written(matches: &ArgMatches, language: Language) -> Result<Config, Unusable> {
    let asked = lang(matches);
    let mut config = if let Some(file) = configuration_file(matches) {
        let source = std::fs::read_to_string(file).map_err(|error| {
            let told = causette_server::trouble::of_io(&error, language);
            Unusable::refused(&error, format_args!("{}: {told}", file.display()))
        })?;
        Config::parse(&source).map_err(|mut mistakes| {
            mistakes.language = mistakes.language.filter(|_| asked.is_none());
            Unusable::in_file(file, &mistakes, language)
        })?
    } else {
        Config {
            settings: causette_core::settings::Settings {
                language,
                ..Default::default()
            },
            ..Config::default()
        }
    };
    // What the environment says of nobody in particular gives way to what the configuration says of this server.
    config.told_in = asked.or_else(|| (!config.has_language).then_some(language));
    config.file = configuration_file(matches).map(Path::to_owned);
    if let Some(data_dir) = matches.get_one::<PathBuf>("data") {
        config.data_dir.clone_from(data_dir);
    }
    Ok(config)
}

/// The data folder of the server to talk to. Where the options name it, the configuration is not read: it may be wrong just
/// now, which is the server's to say and keeps nobody from stopping it.
fn data_dir(matches: &ArgMatches, language: Language) -> Result<PathBuf, Unusable> {
    match matches.get_one::<PathBuf>("data") {
        Some(data_dir) => Ok(data_dir.clone()),
        None => Ok(written(matches, language)?.data_dir),
    }
}

/// Asks the running server, and tells the person what came of it.
fn ask(matches: &ArgMatches, language: Language, request: &Request) -> anyhow::Result<()> {
    say(&answer(matches, language, request)?)
}

/// Asks the running server what came of it.
fn answer(matches: &ArgMatches, language: Language, request: &Request) -> anyhow::Result<String> {
    done(reply(matches, language, request)?)
}

/// What the server says of what it has done, or why it has not.
fn done(reply: Reply) -> anyhow::Result<String> {
    match reply {
        Reply { ok: true, text, .. } => Ok(text),
        Reply { kind, text, .. } => Err(Trouble::new(exit_of(kind), text).into()),
    }
}

/// The status of something that was not done.
fn exit_of(kind: Option<Kind>) -> Exit {
    match kind {
        Some(Kind::Configuration) => Exit::Configuration,
        Some(Kind::Malformed) => Exit::Usage,
        Some(Kind::Refused) => Exit::Refused,
        Some(Kind::Unavailable) | None => Exit::Failed,
    }
}

/// The kind of what ends with a status, as the server would call it.
fn kind_of(exit: Exit) -> Option<Kind> {
    [Kind::Configuration, Kind::Malformed, Kind::Refused]
        .into_iter()
        .find(|kind| exit_of(Some(*kind)) == exit)
}

/// Asks the running server, which may say no.
fn reply(matches: &ArgMatches, language: Language, request: &Request) -> anyhow::Result<Reply> {
    let data_dir = data_dir(matches, language)?;
    let request = request.clone().answered_in(language);
    causette_server::admin::ask(&data_dir, &request)
        .map_err(|unanswered| unheard(&unanswered, &data_dir, language))
}

/// Why there is no answer, with a status of its own: what was asked for may be asked again.
fn unheard(unanswered: &Unanswered, data_dir: &Path, language: Language) -> anyhow::Error {
    let exit = match unanswered {
        Unanswered::Forbidden => Exit::Refused,
        _ => Exit::Network,
    };
    Trouble::new(exit, unanswered.message(data_dir, language)).into()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_told_from_other_verbs_before_the_command_line_is_read() {
        let serves = |line: &str| serves(line.split(' ').map(str::to_owned));
        for line in [
            "causette serve",
            "causette --data /srv serve --listen 1",
            "causette --lang=fr serve",
        ] {
            assert!(serves(line), "{line}");
        }
        for line in [
            "causette",
            "causette send serve",
            "causette --data serve chat",
            "causette chat",
        ] {
            assert!(!serves(line), "{line}");
        }
    }

    #[test]
    fn a_server_of_the_machine_is_found_where_there_is_none_here() {
        let of = |is_data_named, there: &[&str]| {
            let there: Vec<&Path> = there.iter().map(Path::new).collect();
            found(is_data_named, |path| there.contains(&path))
        };
        let (here, machine) = (Path::new(CONFIGURATION), Path::new(OF_THE_MACHINE));
        assert_eq!(of(false, &[CONFIGURATION, OF_THE_MACHINE]), Some(here));
        assert_eq!(of(false, &[OF_THE_MACHINE]), Some(machine));
        assert_eq!(of(false, &["causette-data", OF_THE_MACHINE]), None);
        assert_eq!(of(true, &[OF_THE_MACHINE]), None);
        assert_eq!(of(false, &[]), None);
    }

    #[test]
    fn who_wants_json_is_known_before_the_command_line_is_read() {
        let wants = |line: &str| wants_json(line.split(' ').map(str::to_owned));
        assert!(wants("causette --lang fr admin kick --json"));
        assert!(wants("causette admin --json --frobnicate"));
        assert!(!wants("causette admin kick bob -- --json"));
        assert!(!wants("causette who --json") && !wants("causette admin"));
    }
}
