//! `causette completions`: what a shell must know to complete a command line of ours.

use super::help::{verb, word};
use super::{Purpose, command_for};
use causette_client::exit::Exit;
use causette_text::{Language, text};
use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;
use std::io::Write as _;

pub(crate) fn command(language: Language) -> Command {
    let shell = Arg::new("shell")
        .value_name(word(language, "cli-value-shell"))
        .help(text(language, "cli-completions-shell"))
        .value_parser(value_parser!(Shell))
        .hide_possible_values(true)
        .required(true);
    verb(language, "completions", "cli-completions").arg(shell)
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> anyhow::Result<Exit> {
    if let Some(&shell) = matches.get_one::<Shell>("shell") {
        std::io::stdout().write_all(&script(shell, language))?;
    }
    Ok(Exit::Done)
}

fn script(shell: Shell, language: Language) -> Vec<u8> {
    let mut script = Vec::new();
    let mut command = command_for(language, Purpose::Completing);
    clap_complete::generate(shell, &mut command, "causette", &mut script);
    script
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use clap::ValueEnum as _;

    #[test]
    fn every_script_names_every_verb() {
        for language in Language::ALL {
            let command = super::super::command(language);
            for &shell in Shell::value_variants() {
                let script = String::from_utf8(script(shell, language)).unwrap();
                for verb in super::super::help::tests::verbs(&command) {
                    let name = verb.get_name();
                    assert!(script.contains(name), "{shell} does not know {name}");
                }
            }
        }
    }

    #[test]
    fn a_shell_offers_the_folder_of_a_server_only_where_a_server_is_meant() {
        let script = String::from_utf8(script(Shell::Fish, Language::En)).unwrap();
        let offers = |verb: &str| {
            let verb = format!("using_subcommand {verb}\"");
            let mut lines = script.lines().filter(|line| line.contains(&verb));
            lines.any(|line| line.contains("-l data"))
        };
        assert!(offers("serve") && !offers("chat") && !offers("send"));
    }
}
