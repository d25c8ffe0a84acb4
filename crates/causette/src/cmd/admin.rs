//! `causette admin`: what an administrator does to the running server. Its verbs are those of the socket, by the same table.

mod console;
mod doctor;
mod invite;
mod order;
mod stop;

pub(crate) use console::Console;

use super::help::{option, verb, word};
use anyhow::bail;
use causette_core::file::{Digest, read_size};
use causette_core::right::Scopes;
use causette_server::admin::{Field, FieldKind, Nature, VERBS, Verb, span};
use causette_text::Language;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command};

/// What each group of verbs is about.
const GROUPS: [(&str, &str); 10] = [
    ("account", "cli-admin-account"),
    ("room", "cli-admin-room"),
    ("sessions", "cli-admin-sessions"),
    ("file", "cli-admin-file"),
    ("quota", "cli-admin-quota"),
    ("filter", "cli-admin-filter"),
    ("held", "cli-admin-held"),
    ("invitation", "cli-admin-invitation"),
    ("owner", "cli-admin-owner"),
    ("token", "cli-admin-token"),
];

/// A verb of a group that the command line alone has: it asks for another.
struct Besides {
    group: &'static str,
    name: &'static str,
    about: &'static str,
    /// What it asks for.
    verb: &'static str,
}

/// What is looked for beside the other verbs of its group.
const BESIDES: [Besides; 1] = [Besides {
    group: "file",
    name: "list",
    about: "cli-admin-files",
    verb: "files",
}];

pub(crate) fn command(language: Language) -> Command {
    let mut admin = verb(language, "admin", "cli-admin");
    let ours = VERBS.iter().filter(|verb| is_written(verb));
    for (group, about) in GROUPS {
        let inside = ours.clone().filter(|verb| verb.place().0 == Some(group));
        let inside = inside.map(|verb| verb_of(language, verb));
        let besides = BESIDES.iter().filter(|besides| besides.group == group);
        let besides = besides.filter_map(|besides| besides.command(language));
        // A group may be a verb itself.
        let group = match Verb::named(group) {
            Some(itself) => verb_of(language, itself).args_conflicts_with_subcommands(true),
            None => verb(language, group, about)
                .subcommand_required(true)
                .arg_required_else_help(true),
        };
        admin = admin.subcommand(group.subcommands(inside).subcommands(besides));
    }
    let is_group = |name| GROUPS.iter().any(|(group, _)| *group == name);
    let alone = ours.filter(|verb| verb.place().0.is_none() && !is_group(verb.name));
    admin.subcommands(alone.map(|verb| verb_of(language, verb)))
}

/// Whether it can be written on a command line: no password can, since others see it there.
fn is_written(verb: &Verb) -> bool {
    let mut fields = verb.fields.iter();
    verb.nature != Nature::Notes
        && !fields.any(|field| field.kind == FieldKind::Secret && field.is_required)
}

impl Besides {
    fn command(&self, language: Language) -> Option<Command> {
        let described = Verb::named(self.verb)?;
        let command = verb(language, self.name, self.about);
        Some(with_fields(language, command, described))
    }
}

fn verb_of(language: Language, described: &'static Verb) -> Command {
    let command = verb(language, described.place().1, described.about);
    with_fields(language, command, described)
}

/// A command with what is said with a verb.
fn with_fields(language: Language, mut command: Command, described: &'static Verb) -> Command {
    let fields = described.fields.iter();
    let said = fields.filter(|field| field.kind != FieldKind::Secret);
    for field in said {
        command = command.arg(arg_of(language, field));
    }
    if described.nature == Nature::Harms && described.name != "stop" {
        let yes = Arg::new("yes")
            .long("yes")
            .short('y')
            .action(ArgAction::SetTrue);
        command = command.arg(option(language, yes, "cli-admin-yes"));
    }
    let json = Arg::new("json").long("json").action(ArgAction::SetTrue);
    command.arg(option(language, json, "cli-admin-json"))
}

fn arg_of(language: Language, field: &'static Field) -> Arg {
    let mut arg = Arg::new(field.name).required(field.is_required);
    if field.is_option {
        arg = arg.long(field.name);
    }
    if field.kind == FieldKind::Flag {
        return option(language, arg.action(ArgAction::SetTrue), field.about);
    }
    arg = arg.value_name(word(language, field.value));
    arg = match field.kind {
        // As people write it: not one word in quotes.
        FieldKind::Text | FieldKind::Words if !field.is_option => arg.num_args(1..),
        FieldKind::Span => arg.value_parser(|text: &str| match span::seconds(text) {
            Some(_) => Ok(text.to_owned()),
            None => Err("no length of time"),
        }),
        FieldKind::Digest => {
            arg.value_parser(
                |text: &str| match Digest::parse(&text.to_ascii_lowercase()) {
                    Some(_) => Ok(text.to_owned()),
                    None => Err("no SHA-256"),
                },
            )
        }
        FieldKind::Size => arg.value_parser(|text: &str| match read_size(text) {
            Some(_) => Ok(text.to_owned()),
            None => Err("no length in bytes"),
        }),
        FieldKind::Scopes => arg.value_parser(|text: &str| match Scopes::read(text) {
            Some(_) => Ok(text.to_owned()),
            None => Err("no scope"),
        }),
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
    option(language, arg, field.about)
}

/// The name of the verb that a verb of a group asks for.
fn asked_by(group: &str, name: &str) -> String {
    let mut besides = BESIDES.iter();
    match besides.find(|besides| (besides.group, besides.name) == (group, name)) {
        Some(besides) => besides.verb.to_owned(),
        None => format!("{group}.{name}"),
    }
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let (name, matches) = match matches.subcommand() {
        None => return console::attach(matches, language),
        Some((group, inside)) => match inside.subcommand() {
            Some((name, matches)) => (asked_by(group, name), matches),
            None => (group.to_owned(), inside),
        },
    };
    let Some(verb) = Verb::named(&name) else {
        bail!("no such verb")
    };
    match verb.name {
        "stop" if !matches.get_flag("cancel") => stop::run(verb, matches, language),
        "doctor" => doctor::run(matches, language),
        "invite" => invite::run(verb, matches, language),
        "watch" => console::tell_events(matches, language),
        _ => order::run(verb, matches, language),
    }
}

#[cfg(test)]
mod tests;
