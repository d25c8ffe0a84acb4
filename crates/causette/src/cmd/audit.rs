//! `causette audit`: what an auditor does with the record.

use super::help::{option, verb};
use super::{configuration, say};
use causette_client::exit::{Exit, Trouble};
use causette_server::audit::{Unverified, verify};
use causette_text::{Language, text, text_with};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::io::{IsTerminal as _, Write as _, stderr};

pub(crate) fn command(language: Language) -> Command {
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue);
    verb(language, "audit", "cli-audit")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(verb(language, "verify", "cli-audit-verify").arg(option(
            language,
            json,
            "cli-audit-json",
        )))
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> Result<Exit, Trouble> {
    let Some(("verify", matches)) = matches.subcommand() else {
        return Err(Trouble::new(Exit::Usage, "no such verb"));
    };
    let mut config = configuration(matches, language).map_err(|error| {
        let error = anyhow::Error::from(error);
        super::trouble(error)
    })?;
    // Who asks reads the answer, whatever language the server has.
    config.settings.language = language;
    let shows_progress = stderr().is_terminal();
    let result = verify(&config, |progress| {
        if shows_progress {
            let variables = [
                ("entries", &*progress.entries.to_string()),
                ("of", &*progress.of.to_string()),
            ];
            let told = text_with(language, "audit-progress", &variables);
            // Nothing depends on it.
            let _ = write!(stderr(), "\r{told}\x1b[K");
        }
    });
    if shows_progress {
        let _ = write!(stderr(), "\r\x1b[K");
    }
    let as_json = matches.get_flag("json");
    match result {
        Ok(counts) => {
            let counts = [
                ("entries", counts.entries),
                ("messages", counts.messages),
                ("shared", counts.shared),
                ("places", counts.places),
                ("erased", counts.erased),
                ("bound_from", counts.bound_from),
            ];
            say(&if as_json {
                json(true, &counts, None)
            } else {
                told(&counts, language)
            })?;
            Ok(Exit::Done)
        }
        Err(Unverified::Altered(told)) => {
            if as_json {
                say(&json(false, &[], Some(&told)))?;
            }
            let key = "audit-altered";
            let told = text_with(language, key, &[("mismatch", &told)]);
            Err(Trouble::new(Exit::Altered, told))
        }
        Err(Unverified::Unread(told)) => Err(Trouble::new(Exit::Failed, told)),
    }
}

/// The counts in sentences.
fn told(counts: &[(&str, u64)], language: Language) -> String {
    let values: Vec<String> = counts.iter().map(|(_, count)| count.to_string()).collect();
    let names = counts.iter().map(|(name, _)| *name);
    let variables: Vec<_> = names.zip(values.iter().map(String::as_str)).collect();
    let is_not_zero = |name| {
        counts
            .iter()
            .any(|(known, count)| *known == name && *count > 0)
    };
    let mut lines = vec![text_with(language, "audit-agrees", &variables)];
    if is_not_zero("bound_from") {
        lines.push(text_with(language, "audit-bound-from", &variables));
    }
    if is_not_zero("erased") {
        lines.push(text_with(language, "audit-erased-count", &variables));
    }
    lines.push(text(language, "audit-limit"));
    lines.join("\n")
}

/// One object on one line, for scripts.
fn json(agrees: bool, counts: &[(&str, u64)], mismatch: Option<&str>) -> String {
    let mut object = serde_json::Map::new();
    object.insert("agrees".into(), agrees.into());
    for (name, count) in counts {
        object.insert((*name).into(), (*count).into());
    }
    if let Some(mismatch) = mismatch {
        object.insert("mismatch".into(), mismatch.into());
    }
    serde_json::Value::from(object).to_string()
}
