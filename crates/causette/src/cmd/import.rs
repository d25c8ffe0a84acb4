//! `causette import`: what the two older programs kept is taken over.

use super::help::{option, verb, word};
use super::{configuration, say};
use causette_client::exit::{Exit, Trouble};
use causette_server::config::Config;
use causette_server::import::{self, OfA, OfB, Program, Progress, Wanted};
use causette_text::{Language, text_with};
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command};
use serde_json::json;
use std::io::{IsTerminal as _, Write as _, stderr};
use std::path::PathBuf;

pub(crate) fn command(language: Language) -> Command {
    let file = |name: &'static str, help: &str| {
        let arg = Arg::new(name)
            .long(name)
            .value_name(word(language, "cli-value-file"))
            .value_parser(clap::value_parser!(PathBuf));
        option(language, arg, help)
    };
    let files = |name, help| file(name, help).action(ArgAction::Append);
    let database = file("database", "cli-import-database");
    let folders = Arg::new("files")
        .long("files")
        .value_name(word(language, "cli-value-folder"))
        .value_parser(clap::value_parser!(PathBuf))
        .action(ArgAction::Append);
    let folders = option(language, folders, "cli-import-files");
    let a = verb(language, "a", "cli-import-a")
        // Written out with their values it would not fit on a line.
        .override_usage("causette import a [OPTIONS] <--database|--chat|--log|--files>…")
        .arg(database)
        .arg(files("chat", "cli-import-chat"))
        .arg(files("log", "cli-import-log"))
        .arg(folders)
        .group(any_of(["database", "chat", "log", "files"]));
    let url = Arg::new("url")
        .long("url")
        .value_name("URL")
        .conflicts_with("dump");
    let password = file("password-file", "cli-import-password-file").requires("url");
    let b = verb(language, "b", "cli-import-b")
        .arg(files("dump", "cli-import-dump"))
        .arg(option(language, url, "cli-import-url"))
        .arg(password)
        .group(any_of(["dump", "url"]));
    verb(language, "import", "cli-import")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([a, b].map(|verb| common(language, verb)))
}

/// Options of which at least one is there.
fn any_of<const N: usize>(options: [&'static str; N]) -> ArgGroup {
    let group = ArgGroup::new("source").args(options);
    group.required(true).multiple(true)
}

/// What is the same for both programs.
fn common(language: Language, verb: Command) -> Command {
    let room = Arg::new("room")
        .long("room")
        .value_name(word(language, "cli-value-room"));
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    verb.arg(option(language, room, "cli-import-room"))
        .arg(option(language, flag("dry-run"), "cli-import-dry-run"))
        .arg(option(language, flag("json"), "cli-audit-json"))
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> Result<Exit, Trouble> {
    let Some((program, matches)) = matches.subcommand() else {
        return Err(Trouble::new(Exit::Usage, "no such verb"));
    };
    let as_json = matches.get_flag("json");
    let imported = import(program, matches, language);
    let report = imported.map_err(|error| {
        let trouble = super::trouble(error);
        if as_json {
            // What it could not be told is told on standard error all the same.
            let _ = say(&json!({ "ok": false, "text": trouble.text }).to_string());
        }
        trouble
    })?;
    if as_json {
        say(&report.json(language).to_string())?;
    } else {
        say(&report.words(language))?;
    }
    Ok(match report.left_out() {
        0 => Exit::Done,
        _ => Exit::Partly,
    })
}

fn import(
    program: &str,
    matches: &ArgMatches,
    language: Language,
) -> anyhow::Result<import::Report> {
    let mut config: Config = configuration(matches, language)?;
    // Who asks reads the answer, whatever language the server has.
    let house = std::mem::replace(&mut config.settings.language, language);
    let all = |name: &str| -> Vec<PathBuf> {
        let found = matches.get_many(name).into_iter().flatten();
        found.cloned().collect()
    };
    let password_file = matches.try_get_one("password-file").ok().flatten();
    let place = |url: &String| import::place(url, password_file.map(PathBuf::as_path), language);
    let program = match program {
        "a" => Program::A(OfA {
            database: matches.get_one("database").cloned(),
            chats: all("chat"),
            logs: all("log"),
            folders: all("files"),
        }),
        _ => Program::B(OfB {
            dumps: all("dump"),
            tables: matches.get_one("url").map(place).transpose()?,
        }),
    };
    let wanted = Wanted {
        program,
        room: matches.get_one("room").cloned(),
        dry_run: matches.get_flag("dry-run"),
        house,
    };
    let shows = stderr().is_terminal();
    let imported = import::run(&config, &wanted, |progress| {
        if shows {
            show(progress, language);
        }
    });
    if shows {
        let _ = write!(stderr(), "\r\x1b[K");
    }
    imported
}

/// Says on a terminal how far it has come.
fn show(progress: Progress, language: Language) {
    let (key, done, of) = match progress {
        Progress::Accounts(done, of) => ("import-progress-accounts", done, of),
        Progress::Messages(done, of) => ("import-progress-messages", done, of),
        Progress::Files(done, of) => ("import-progress-files", done, of),
    };
    let (done, of) = (done.to_string(), of.to_string());
    let told = text_with(language, key, &[("done", &done), ("of", &of)]);
    // Nothing depends on it.
    let _ = write!(stderr(), "\r{told}\x1b[K");
}
