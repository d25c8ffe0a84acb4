//! `causette backup` and `causette restore`: a file with everything that a server needs to be the same server.

use super::help::{option, verb, word};
use super::{configuration, interrupt, say};
use causette_client::exit::{Exit, Trouble};
use causette_server::admin::{Request, Unanswered};
use causette_server::backup::{self, Held, Made, Overwrite, Undone};
use causette_server::config::Config;
use causette_text::{Language, text, text_with};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::io::{IsTerminal as _, Write as _, stderr};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) fn commands(language: Language) -> [Command; 2] {
    let flag = |name: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue);
    let file = |help: &str| {
        Arg::new("file")
            .value_name(word(language, "cli-value-file"))
            .value_parser(clap::value_parser!(PathBuf))
            .required(true)
            .help(text(language, help))
    };
    let force = option(language, flag("force"), "cli-backup-force");
    let verify = flag("verify").conflicts_with("force");
    [
        verb(language, "backup", "cli-backup")
            .arg(force)
            .arg(option(language, verify, "cli-backup-verify"))
            .arg(file("cli-backup-file")),
        verb(language, "restore", "cli-restore").arg(file("cli-restore-file")),
    ]
}

pub(crate) fn run(verb: &str, matches: &ArgMatches, language: Language) -> Result<Exit, Trouble> {
    let file = matches.get_one::<PathBuf>("file").cloned();
    let file = file.unwrap_or_default();
    if verb == "backup" && matches.get_flag("verify") {
        let checked = file.clone();
        let verified =
            interruptible(move |_| backup::verify(&checked, language, progress(language)));
        return tell(&verified?, "backup-verified", &file, language);
    }
    let config = configuration(matches, language);
    let mut config: Config = config.map_err(|error| super::trouble(error.into()))?;
    // Who asks reads the answer, whatever language the server has.
    config.settings.language = language;
    if verb == "restore" {
        let (folder, from) = (config.data_dir.clone(), file);
        let database = config.database();
        let restored = interruptible(move |_| backup::restore(&from, &config, progress(language)));
        tell(&restored?, "restored", &folder, language)?;
        let restored = folder.join("causette.db");
        if database.file() != Some(&restored) {
            let key = match database.is_on_server() {
                true => "restored-elsewhere",
                false => "restored-database",
            };
            let (database, file) = (database.to_string(), restored.display().to_string());
            let variables = [("database", &*database), ("file", &*file)];
            say(&text_with(language, key, &variables))?;
        }
        return Ok(Exit::Done);
    }
    let overwrite = match matches.get_flag("force") {
        true => Overwrite::Allowed,
        false => Overwrite::Refused,
    };
    let data_dir = config.data_dir.clone();
    let made = interruptible(move |wanted| {
        backup::make(&config, &file, overwrite, |_| {
            wanted.load(Ordering::Relaxed)
        })
    })?;
    say(&told(&made, language))?;
    say(&entered(&made, &data_dir, language)?)?;
    Ok(match made.contents.is_whole() {
        true => Exit::Done,
        false => Exit::Partly,
    })
}

/// Tells of a backup that was made.
pub(super) fn told(made: &Made, language: Language) -> String {
    let file = made.file.display().to_string();
    let bytes = made.bytes.to_string();
    let variables = [
        ("file", &*file),
        ("bytes", &bytes),
        ("sha256", &made.sha256),
    ];
    let mut lines = vec![text_with(language, "backup-made", &variables)];
    for path in &made.elsewhere {
        let path = path.display().to_string();
        lines.push(text_with(language, "backup-elsewhere", &[("file", &path)]));
    }
    lines.extend(made.contents.words(language));
    lines.join("\n")
}

/// Has the running server enter a backup in the register, and tells under which number.
///
/// # Errors
/// It is not entered: there is a backup of which the register does not say.
pub(super) fn entered(made: &Made, data_dir: &Path, language: Language) -> Result<String, Trouble> {
    let request = Request::new("backup")
        .with("file", made.file.display().to_string())
        .with("bytes", made.bytes)
        .with("sha256", made.sha256.clone())
        .answered_in(language);
    let not_entered = |reason: &str| {
        let told = text_with(language, "backup-not-entered", &[("reason", reason)]);
        Trouble::new(Exit::Partly, told)
    };
    match causette_server::admin::ask(data_dir, &request) {
        Ok(reply) if reply.ok => {
            let entry = reply.entry.map_or(String::new(), |entry| entry.to_string());
            Ok(text_with(language, "backup-entry", &[("entry", &entry)]))
        }
        Ok(reply) => Err(not_entered(&reply.text)),
        Err(Unanswered::Absent) => Ok(text(language, "backup-no-server")),
        Err(unanswered) => Err(not_entered(&unanswered.message(data_dir, language))),
    }
}

/// Tells what a backup holds.
fn tell(held: &Held, key: &str, place: &Path, language: Language) -> Result<Exit, Trouble> {
    let (place, entries) = (place.display().to_string(), held.entries.to_string());
    let variables = [
        ("place", &*place),
        ("server", &held.server),
        ("version", &held.version),
        ("created", &held.created),
        ("entries", &entries),
    ];
    say(&text_with(language, key, &variables))?;
    for file in &held.elsewhere {
        say(&text_with(language, "backup-elsewhere", &[("file", file)]))?;
    }
    for line in held.contents.words(language) {
        say(&line)?;
    }
    Ok(Exit::Done)
}

/// Says on a terminal how far the register is verified.
fn progress(language: Language) -> impl FnMut(causette_server::audit::Progress) {
    let shows = stderr().is_terminal();
    move |progress| {
        if shows {
            let variables = [
                ("entries", &*progress.entries.to_string()),
                ("of", &*progress.of.to_string()),
            ];
            let told = text_with(language, "audit-progress", &variables);
            // Nothing depends on it.
            let end = if progress.entries < progress.of {
                ""
            } else {
                "\r\x1b[K"
            };
            let _ = write!(stderr(), "\r{told}\x1b[K{end}");
        }
    }
}

/// Does something that takes a while. Where a signal interrupts it, what was begun is put away, unless it was done just then.
fn interruptible<T: Send + 'static>(
    work: impl FnOnce(&AtomicBool) -> Result<T, Undone> + Send + 'static,
) -> Result<T, Trouble> {
    match interrupt::unless_interrupted(work)? {
        Some(Ok(result)) => Ok(result),
        Some(Err(Undone::Refused(text))) => Err(Trouble::new(Exit::Failed, text)),
        Some(Err(Undone::Damaged(text))) => Err(Trouble::new(Exit::Altered, text)),
        Some(Err(Undone::GivenUp)) | None => {
            backup::abandon();
            Err(Trouble::new(Exit::Interrupted, ""))
        }
    }
}
