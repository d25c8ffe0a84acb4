//! `causette hash-password`: the hash that stands in the configuration for a password.

use super::help::verb;
use super::{password, say, written};
use anyhow::bail;
use causette_text::{Language, text};
use clap::{ArgMatches, Command};

pub(crate) fn command(language: Language) -> Command {
    verb(language, "hash-password", "cli-hash-password")
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let cost = written(matches, language)?.argon2;
    let password = password(language)?;
    let Ok(password) = password.enforced() else {
        bail!(text(language, "password-forbidden"));
    };
    say(&causette_server::identity::password::hash(&password, cost)?.0)
}
