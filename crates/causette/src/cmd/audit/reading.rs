//! `causette audit tail` and `search`: the register as people and programs read it, from the running server, which enters that it
//! was read.

use super::super::help::{option, verb, word};
use super::super::{data_dir, exit_of, trouble};
use causette_client::exit::{Exit, Trouble};
use causette_client::lines::print;
use causette_server::admin::{Field, FieldKind, Reply, Request, Unanswered, Verb, follow};
use causette_text::{Language, text_with};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::Value;
use std::io::{ErrorKind, Write as _, stderr, stdout};

/// The verb of the socket that both are made of.
const VERB: &str = "audit.read";

/// What is said with each of the two, of the fields of that verb.
const TAIL: [&str; 8] = [
    "last", "account", "address", "kind", "room", "text", "format", "follow",
];
const SEARCH: [&str; 10] = [
    "account", "address", "from", "to", "kind", "room", "text", "after", "limit", "format",
];

pub(super) fn commands(language: Language) -> [Command; 2] {
    let with = |command: Command, names: &[&str]| {
        let fields = Verb::named(VERB).map_or(&[][..], |verb| verb.fields);
        let fields = fields.iter().filter(|field| names.contains(&field.name));
        command.args(fields.map(|field| arg_of(language, field)))
    };
    [
        with(verb(language, "tail", "cli-audit-tail"), &TAIL),
        with(verb(language, "search", "cli-audit-search"), &SEARCH),
    ]
}

fn arg_of(language: Language, field: &'static Field) -> Arg {
    let arg = Arg::new(field.name).long(field.name);
    let arg = match field.name {
        "last" => arg.short('n').long("lines"),
        "follow" => arg.short('f'),
        _ => arg,
    };
    let arg = match field.kind {
        FieldKind::Flag => return option(language, arg.action(ArgAction::SetTrue), field.about),
        FieldKind::OneOf(words) => {
            let parser = PossibleValuesParser::new(words);
            arg.value_parser(parser).hide_possible_values(true)
        }
        FieldKind::Number => arg.value_parser(|text: &str| match text.parse::<u64>() {
            Ok(_) => Ok(text.to_owned()),
            Err(_) => Err("no number"),
        }),
        _ => arg,
    };
    option(
        language,
        arg.value_name(word(language, field.value)),
        field.about,
    )
}

pub(super) fn run(verb: &str, matches: &ArgMatches, language: Language) -> Result<Exit, Trouble> {
    let names: &[&str] = if verb == "tail" { &TAIL } else { &SEARCH };
    let mut request = Request::new(VERB).answered_in(language).with("pages", true);
    for name in names {
        request = match *name {
            "follow" if matches.get_flag(name) => request.with(name, true),
            "follow" => request,
            name => request.with_some(name, matches.get_one::<String>(name).map(String::as_str)),
        };
    }
    if verb == "tail" && request.field("last").is_none() {
        request = request.with("last", LAST);
    }
    let data_dir = data_dir(matches, language).map_err(|error| trouble(error.into()))?;
    let unheard = |unanswered: &Unanswered| {
        let exit = match unanswered {
            Unanswered::Forbidden => Exit::Refused,
            _ => Exit::Network,
        };
        let told = unanswered.message(&data_dir, language);
        Trouble::new(
            exit,
            text_with(language, "audit-needs-server", &[("why", &told)]),
        )
    };
    let form = matches.get_one::<String>("format");
    let form = form.map_or("table", String::as_str);
    let follows = names.contains(&"follow") && matches.get_flag("follow");
    let mut unplaced = 0;
    let (mut reply, mut pages) = follow(&data_dir, &request).map_err(|why| unheard(&why))?;
    loop {
        if !reply.ok {
            return Err(Trouble::new(exit_of(reply.kind), reply.text));
        }
        show(&reply, form)?;
        let has_ended = reply.data.as_ref().is_some_and(|data| data["end"] == true);
        // What is followed has no end at which it could be told.
        if form != "table" && (has_ended || follows) {
            unplaced = tell_unplaced(&reply, unplaced, language);
        }
        if has_ended {
            break;
        }
        let heard = pages.hear().map_err(|why| unheard(&why))?;
        reply = match heard {
            Some(page) => {
                serde_json::from_value(page).map_err(|_| unheard(&Unanswered::Unreadable))?
            }
            // The server has ended.
            None if follows => return Ok(Exit::Done),
            None => return Err(unheard(&Unanswered::Closed)),
        };
    }
    if form == "table"
        && let Some(entry) = reply.entry
    {
        let entry = entry.to_string();
        print(&text_with(language, "audit-reading", &[("entry", &entry)]))?;
    }
    Ok(Exit::Done)
}

/// How many of the last entries are told where nobody says how many.
const LAST: u64 = 20;

/// Tells people beside what programs read how many entries nothing places, where they are more than were told; says how many.
fn tell_unplaced(page: &Reply, told: u64, language: Language) -> u64 {
    let unplaced = page.data.as_ref().map(|data| &data["unplaced"]);
    let unplaced = unplaced.and_then(Value::as_u64).unwrap_or_default();
    if unplaced > told {
        let number = unplaced.to_string();
        let said = text_with(language, "register-unplaced", &[("number", &number)]);
        // Whoever does not read it has the entries all the same.
        let _ = writeln!(stderr(), "{said}");
    }
    unplaced.max(told)
}

/// A page, in the form that was asked for.
fn show(page: &Reply, form: &str) -> Result<(), Trouble> {
    let entries = page.data.as_ref().map(|data| &data["entries"]);
    match form {
        "jsonl" => {
            let entries = entries.and_then(|entries| entries.as_array());
            entries
                .into_iter()
                .flatten()
                .try_for_each(|entry| print(&entry.to_string()))
        }
        // Its lines have their ends.
        "csv" => write(&page.text),
        _ if page.text.is_empty() => Ok(()),
        _ => print(&page.text),
    }
}

fn write(text: &str) -> Result<(), Trouble> {
    let mut out = stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Trouble::closed_pipe(),
        _ => error.into(),
    })
}
