//! What `--help` shows, in the person's language: clap's own headings are English, so each command has a template of ours.

use causette_text::{Language, text};
use clap::builder::{StyledStr, Styles};
use clap::{Arg, ArgAction, Command};

/// The order of the options that several verbs have, behind those of the verb itself.
pub(super) const COMMON: usize = 100;

/// The order of the options that everything has.
pub(super) const LAST: usize = 1000;

/// A verb, with its summary in a language.
pub(super) fn verb(language: Language, name: &'static str, about: &str) -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help);
    Command::new(name)
        .about(text(language, about))
        .subcommand_value_name(word(language, "cli-value-command"))
        .disable_help_subcommand(true)
        .disable_help_flag(true)
        .arg(option(language, help, "cli-help").display_order(LAST - 1))
}

/// What stands for a value. The command line is made once, so what it keeps may live as long as the process.
pub(super) fn word(language: Language, key: &str) -> &'static str {
    text(language, key).leak()
}

/// An option or an argument, with its summary in a language.
pub(super) fn option(language: Language, arg: Arg, help: &str) -> Arg {
    arg.help(text(language, help))
}

/// One verb in a list of verbs.
pub(super) struct Line {
    name: String,
    about: String,
}

impl Line {
    pub(super) fn of(verb: &Command) -> Self {
        let about = verb.get_about().map(ToString::to_string);
        Self {
            name: verb.get_name().to_owned(),
            about: about.unwrap_or_default(),
        }
    }
}

/// Gives a command and its verbs their templates; `list` are its verbs in groups, each under the text of a key.
pub(super) fn dress(language: Language, command: Command, list: &[(&str, Vec<Line>)]) -> Command {
    let template = template(language, &command, list);
    command.help_template(template).mut_subcommands(|verb| {
        let verbs: Vec<Line> = verb.get_subcommands().map(Line::of).collect();
        let list: &[_] = &[("cli-commands", verbs)];
        let list = if verb.has_subcommands() { list } else { &[] };
        dress(language, verb, list)
    })
}

fn template(language: Language, command: &Command, list: &[(&str, Vec<Line>)]) -> StyledStr {
    let styles = Styles::default();
    let (header, literal) = (styles.get_header(), styles.get_literal());
    let heading = |key: &str| format!("{header}{}{header:#}", text(language, key));
    let mut out = format!("{{about}}\n\n{} {{usage}}\n", heading("cli-usage"));
    if command.get_positionals().next().is_some() {
        out.push_str(&format!(
            "\n{}\n{{positionals}}\n",
            heading("cli-arguments")
        ));
    }
    let names = list.iter().flat_map(|(_, verbs)| verbs);
    let width = names.map(|verb| verb.name.len()).max().unwrap_or(0);
    for (key, verbs) in list {
        out.push_str(&format!("\n{}\n", heading(key)));
        for Line { name, about } in verbs {
            let gap = " ".repeat(width - name.len());
            out.push_str(&format!("  {literal}{name}{literal:#}{gap}  {about}\n"));
        }
    }
    out.push_str(&format!("\n{}\n{{options}}", heading("cli-options")));
    out.into()
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::super::command;
    use super::*;

    /// Every verb, and every verb of a verb.
    pub(in super::super) fn verbs(command: &Command) -> Vec<&Command> {
        let below = command.get_subcommands();
        below
            .flat_map(|verb| [vec![verb], verbs(verb)].concat())
            .collect()
    }

    /// The help of the program and of every verb, as it is printed on a terminal of 80 columns.
    fn helps(language: Language) -> Vec<String> {
        let mut program = command(language).term_width(80);
        program.build();
        let all = [vec![&program], verbs(&program)].concat();
        all.into_iter().map(help).collect()
    }

    fn help(command: &Command) -> String {
        command.clone().render_long_help().to_string()
    }

    #[test]
    fn the_help_of_every_verb_is_in_the_language_that_was_asked_for() {
        // What clap adds by itself, and the headings of the other language.
        let by_clap = [
            "[default",
            "[possible",
            "[env",
            "Print help",
            "Print version",
        ];
        let foreign = |language| match language {
            Language::En => ["Usage :", "Commandes :", "Options :", "Arguments :"],
            Language::Fr => ["Usage:", "Commands:", "Options:", "Arguments:"],
        };
        for language in Language::ALL {
            for help in helps(language) {
                for word in by_clap.iter().chain(&foreign(language)) {
                    assert!(!help.contains(word), "{word} in:\n{help}");
                }
            }
        }
        for (english, french) in helps(Language::En).iter().zip(helps(Language::Fr)) {
            assert_ne!(english.lines().next(), french.lines().next());
        }
    }

    #[test]
    fn no_help_shows_the_key_of_a_text() {
        for language in Language::ALL {
            for help in helps(language) {
                for key in ["cli-", "man-", "client-"] {
                    assert!(!help.contains(key), "{key} in:\n{help}");
                }
            }
        }
    }

    #[test]
    fn the_help_fits_on_eighty_columns() {
        for language in Language::ALL {
            for help in helps(language) {
                let widest = help.lines().map(|line| line.chars().count()).max();
                assert!(widest <= Some(80), "{help}");
            }
        }
    }

    #[test]
    fn the_verbs_of_those_who_talk_come_first_and_none_is_left_out() {
        for language in Language::ALL {
            let program = command(language);
            let help = help(&program);
            let place = |verb: &str| help.find(&format!("\n  {verb} ")).unwrap();
            for verb in program.get_subcommands() {
                place(verb.get_name());
            }
            assert!(place("chat") < place("send") && place("trust") < place("serve"));
        }
    }

    #[test]
    fn where_a_server_has_its_data_is_asked_of_nobody_who_talks() {
        let understood = |line: &[&str]| {
            let program = command(Language::En);
            program.try_get_matches_from(line).is_ok()
        };
        assert!(understood(&["causette", "--data", "here", "serve"]));
        assert!(understood(&["causette", "serve", "--data", "here"]));
        let mut program = command(Language::En);
        program.build();
        let of = |verb: &str| help(program.find_subcommand(verb).unwrap());
        assert!(of("serve").contains("--data") && !of("chat").contains("--data"));
    }
}
