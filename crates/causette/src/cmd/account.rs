//! `causette account`: the accounts of the running server.

use super::help::{option, verb, word};
use super::{ask, password};
use anyhow::bail;
use causette_server::admin::Request;
use causette_text::Language;
use causette_text::text;
use clap::{Arg, ArgAction, ArgMatches, Command};

pub(crate) fn command(language: Language) -> Command {
    let password = Arg::new("password-stdin")
        .long("password-stdin")
        .action(ArgAction::SetTrue)
        .required(true);
    let name = Arg::new("name")
        .value_name(word(language, "cli-value-name"))
        .required(true);
    let name = name.help(text(language, "cli-account-name"));
    let create = verb(language, "create", "cli-account-create")
        .arg(option(language, password, "cli-password-stdin"))
        .arg(name);
    let given = Arg::new("password-stdin")
        .long("password-stdin")
        .action(ArgAction::SetTrue);
    let whose = Arg::new("name")
        .value_name(word(language, "cli-value-name"))
        .required(true)
        .help(text(language, "cli-account-name"));
    let reset = verb(language, "password", "cli-account-password")
        .arg(option(language, given, "cli-account-password-stdin"))
        .arg(whose);
    verb(language, "account", "cli-account")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(create)
        .subcommand(reset)
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    let Some((verb, matches)) = matches.subcommand() else {
        bail!("no such verb")
    };
    let name = matches
        .get_one::<String>("name")
        .cloned()
        .unwrap_or_default();
    let given = || Ok::<_, anyhow::Error>(password(language)?.expose().to_owned());
    let request = match verb {
        "create" => Request::new("account.create").with("password", given()?),
        _ => {
            let given = matches.get_flag("password-stdin").then(given).transpose()?;
            Request::new("account.password").with_some("password", given)
        }
    };
    let request = request.with("name", name);
    ask(matches, language, &request)
}
