//! `causette admin`: what an administrator does to the running server.

use super::{ask, option, verb};
use anyhow::bail;
use causette_server::admin::Request;
use causette_text::Language;
use clap::{Arg, ArgMatches, Command};

pub(crate) fn command(language: Language) -> Command {
    let reason = Arg::new("reason").long("reason").value_name("TEXT");
    verb(language, "admin", "cli-admin")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(verb(language, "stop", "cli-admin-stop").arg(option(
            language,
            reason,
            "cli-reason",
        )))
        .subcommand(verb(language, "status", "cli-admin-status"))
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> anyhow::Result<()> {
    match matches.subcommand() {
        Some(("stop", matches)) => {
            let reason = matches.get_one::<String>("reason").cloned();
            ask(matches, language, &Request::Stop { reason })
        }
        Some(("status", matches)) => ask(matches, language, &Request::Status),
        _ => bail!("no such verb"),
    }
}
