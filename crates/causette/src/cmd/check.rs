//! `causette check`: everything that is wrong with a configuration, before a server is started or reloaded on it.

use super::help::verb;
use super::{configuration_file, say, written};
use causette_text::{Language, text, text_with};
use clap::{ArgMatches, Command};

pub(crate) fn command(language: Language) -> Command {
    verb(language, "check", "cli-check")
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let config = written(matches, language)?;
    let checked = causette_server::config::check(config)?;
    for file in checked.unseen {
        let file = file.display().to_string();
        say(&text_with(language, "check-credential", &[("file", &file)]))?;
    }
    if let Some(database) = checked.database {
        say(&database)?;
    }
    for hint in checked.hints {
        say(&hint.sentence(language))?;
        say(&format!("  {}", hint.advice(language).unwrap_or_default()))?;
    }
    say(&match configuration_file(matches) {
        Some(file) => {
            let file = file.display().to_string();
            text_with(language, "check-good", &[("file", &file)])
        }
        None => text(language, "check-none"),
    })
}
