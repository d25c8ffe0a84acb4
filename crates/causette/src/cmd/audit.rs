//! `causette audit`: what an auditor does with the record.

mod reading;

use super::help::{option, verb};
use super::{configuration, say};
use causette_client::exit::{Exit, Trouble};
use causette_server::audit::{Finding, Verified, verify, words};
use causette_text::{Language, text, text_with};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
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
        .subcommands(reading::commands(language))
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> Result<Exit, Trouble> {
    match matches.subcommand() {
        Some(("verify", matches)) => run_verify(matches, language),
        Some((verb @ ("tail" | "search"), matches)) => reading::run(verb, matches, language),
        _ => Err(Trouble::new(Exit::Usage, "no such verb")),
    }
}

fn run_verify(matches: &ArgMatches, language: Language) -> Result<Exit, Trouble> {
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
    let verified = result.map_err(|told| {
        if as_json {
            // What it could not be told is told on standard error all the same.
            let _ = say(&unread(&told));
        }
        Trouble::new(Exit::Failed, told)
    })?;
    let findings: Vec<(&Finding, String)> = verified
        .findings
        .iter()
        .map(|finding| (finding, words(finding, language)))
        .collect();
    if as_json {
        say(&json(&verified, &findings))?;
    } else if findings.is_empty() {
        say(&told(&verified, language))?;
    }
    if findings.is_empty() {
        return Ok(Exit::Done);
    }
    let count = verified.found.to_string();
    let mut told = text_with(language, "audit-altered", &[("count", &count)]);
    if !as_json {
        told.push('\n');
        told.push_str(&listed(&verified, &findings, language));
    }
    Err(Trouble::new(Exit::Altered, told))
}

/// How much was looked at, by the words that scripts have for it.
fn counts(verified: &Verified) -> [(&'static str, u64); 6] {
    let counts = &verified.counts;
    [
        ("entries", counts.entries),
        ("messages", counts.messages),
        ("shared", counts.shared),
        ("places", counts.places),
        ("erased", counts.erased),
        ("bound_from", counts.bound_from),
    ]
}

/// What does not agree, a line for each, and how many there are that have none.
fn listed(verified: &Verified, findings: &[(&Finding, String)], language: Language) -> String {
    let mut lines: Vec<String> = findings.iter().map(|(_, told)| told.clone()).collect();
    let more = verified.found - findings.len() as u64;
    if more > 0 {
        let more = more.to_string();
        lines.push(text_with(language, "audit-more", &[("count", &more)]));
    }
    lines.join("\n")
}

/// The counts in sentences.
fn told(verified: &Verified, language: Language) -> String {
    let counts = counts(verified);
    let values = counts.map(|(_, count)| count.to_string());
    let names = counts.iter().map(|(name, _)| *name);
    let variables: Vec<_> = names.zip(values.iter().map(String::as_str)).collect();
    let mut lines = vec![text_with(language, "audit-agrees", &variables)];
    if verified.counts.bound_from > 0 {
        lines.push(text_with(language, "audit-bound-from", &variables));
    }
    if verified.counts.erased > 0 {
        lines.push(text_with(language, "audit-erased-count", &variables));
    }
    lines.push(text(language, "audit-limit"));
    lines.join("\n")
}

/// One object on one line, for scripts.
fn json(verified: &Verified, findings: &[(&Finding, String)]) -> String {
    let mut object = serde_json::Map::new();
    let agrees = findings.is_empty();
    object.insert("ok".into(), agrees.into());
    object.insert("agrees".into(), agrees.into());
    for (name, count) in counts(verified) {
        object.insert(name.into(), count.into());
    }
    let head = verified.head.as_ref().map(|head| {
        let (entry, sha256) = (head.entry, &head.sha256);
        json!({ "entry": entry, "sha256": sha256 })
    });
    object.insert("head".into(), head.into());
    if let Some((_, first)) = findings.first() {
        object.insert("mismatch".into(), first.as_str().into());
    }
    object.insert("found".into(), verified.found.into());
    let findings: Vec<_> = findings.iter().map(finding).collect();
    object.insert("findings".into(), findings.into());
    Value::from(object).to_string()
}

fn finding((finding, told): &(&Finding, String)) -> Value {
    let mut object = serde_json::Map::new();
    object.insert("kind".into(), finding.kind.name().into());
    object.insert("table".into(), finding.table.into());
    object.insert("row".into(), finding.row.to_string().into());
    if let Some(column) = finding.column {
        object.insert("column".into(), column.into());
    }
    object.insert("entry".into(), finding.entry.into());
    object.insert("text".into(), told.as_str().into());
    object.into()
}

/// The same where the record could not be read.
fn unread(told: &str) -> String {
    json!({ "ok": false, "error": told }).to_string()
}
