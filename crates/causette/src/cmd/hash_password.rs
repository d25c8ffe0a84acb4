//! `causette hash-password`: the hash that stands in the configuration for a password.

use super::help::verb;
use super::{configuration, password, say};
use causette_text::Language;
use clap::{ArgMatches, Command};

pub(crate) fn command(language: Language) -> Command {
    verb(language, "hash-password", "cli-hash-password")
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let cost = configuration(matches, language)?.argon2;
    say(&causette_server::password::hash(&password(language)?, cost)?.0)
}
