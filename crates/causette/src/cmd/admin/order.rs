//! A verb of the administrator as it is written on a command line: asked for, and answered.

use super::super::{exit_of, reply, say};
use anyhow::bail;
use causette_client::exit::Trouble;
use causette_server::admin::{FieldKind, Nature, Reply, Request, Verb};
use causette_text::{Language, text, text_with};
use clap::ArgMatches;
use std::io::{BufRead as _, IsTerminal as _, Write as _, stderr, stdin};

/// Asks the running server, and tells the person what came of it.
pub(super) fn run(verb: &Verb, matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let request = request(verb, matches);
    let may_ask = verb.nature == Nature::Harms && stdin().is_terminal();
    if may_ask && !matches.get_flag("yes") && !is_sure(verb, &request, language)? {
        bail!(text(language, "console-not-done"));
    }
    let reply = reply(matches, language, &request)?;
    say_reply(reply, matches.get_flag("json"), language)
}

/// What is asked for, as it is written.
pub(super) fn request(verb: &Verb, matches: &ArgMatches) -> Request {
    let mut request = Request::new(verb.name);
    for field in verb.fields {
        let kind = field.kind;
        if kind == FieldKind::Secret {
            continue;
        }
        if kind == FieldKind::Flag {
            if matches.get_flag(field.name) {
                request = request.with(field.name, true);
            }
            continue;
        }
        // Not every way to write a verb has all of its fields.
        let words = matches.try_get_many::<String>(field.name).ok().flatten();
        let words: Vec<&str> = words.into_iter().flatten().map(String::as_str).collect();
        if !words.is_empty() {
            request = request.with(field.name, words.join(" "));
        }
    }
    request
}

/// Tells what came of it: to people as a text, with the number of the entry behind it; to programs as the whole answer.
pub(super) fn say_reply(reply: Reply, as_json: bool, language: Language) -> anyhow::Result<()> {
    if as_json {
        say(&serde_json::to_string(&reply)?)?;
    }
    if !reply.ok {
        // Who reads the answer has read why.
        let told = if as_json { String::new() } else { reply.text };
        return Err(Trouble::new(exit_of(reply.kind), told).into());
    }
    if as_json {
        return Ok(());
    }
    say(&with_entry(&reply, language))
}

/// What is told to people of something that was done.
pub(super) fn with_entry(reply: &Reply, language: Language) -> String {
    match reply.entry {
        Some(entry) => {
            let entered = text_with(language, "admin-entry", &[("entry", &entry.to_string())]);
            format!("{}\n{entered}", reply.text)
        }
        None => reply.text.clone(),
    }
}

/// Asks whether it is to be done.
fn is_sure(verb: &Verb, request: &Request, language: Language) -> anyhow::Result<bool> {
    write!(
        stderr(),
        "{} ",
        question(verb, verb.name, request, language)
    )?;
    stderr().flush()?;
    let mut answer = String::new();
    stdin().lock().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

/// The question whether something is to be done.
pub(super) fn question(verb: &Verb, word: &str, request: &Request, language: Language) -> String {
    let said = verb
        .fields
        .iter()
        .filter_map(|field| request.field(field.name));
    let said: Vec<String> = said
        .map(|value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        })
        .collect();
    let what = format!("{word} {}", said.join(" · "));
    text_with(language, "console-confirm", &[("what", what.trim())])
}

/// Whether somebody has said yes, in either language.
pub(super) fn is_yes(answer: &str) -> bool {
    let answer = answer.trim().to_lowercase();
    ["y", "yes", "o", "oui"].contains(&answer.as_str())
}
