//! What is told to who wrote a command line that does not fit, in their language. clap finds out what is wrong; its own words
//! are English.

use causette_text::{Language, text_with};
use clap::Error;
use clap::error::{ContextKind, ErrorKind};

/// What is wrong with a command line; `None` for what is no error, such as a question for help.
pub(crate) fn explain(error: &Error, language: Language) -> Option<String> {
    let of = |kind: ContextKind| error.get(kind).map(ToString::to_string).unwrap_or_default();
    let (argument, value) = (of(ContextKind::InvalidArg), of(ContextKind::InvalidValue));
    let (key, words) = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayVersion
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return None,
        ErrorKind::UnknownArgument => ("cli-wrong-unknown", argument),
        ErrorKind::InvalidSubcommand => ("cli-wrong-verb", of(ContextKind::InvalidSubcommand)),
        ErrorKind::MissingRequiredArgument => match one_of(&argument) {
            Some(options) => ("cli-wrong-missing-all", options),
            None => ("cli-wrong-missing", argument),
        },
        ErrorKind::ArgumentConflict => {
            let other = of(ContextKind::PriorArg);
            ("cli-wrong-conflict", format!("{argument}, {other}"))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            ("cli-wrong-value", format!("{value} ({argument})"))
        }
        _ => ("cli-wrong", argument),
    };
    let what = text_with(language, key, &[("words", words.trim())]);
    let near = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::ValidValue,
    ]
    .into_iter()
    .map(of)
    .find(|near| !near.is_empty());
    let near = near.map(|near| text_with(language, "cli-wrong-near", &[("words", near.trim())]));
    let usage = text_with(language, "cli-wrong-help", &[]);
    let lines: Vec<String> = [Some(what), near, Some(usage)]
        .into_iter()
        .flatten()
        .collect();
    Some(lines.join("\n"))
}

/// The options of which any is enough, where clap says of them that none is there: it writes `<--chat <FILE>|--log <FILE>>`.
fn one_of(argument: &str) -> Option<String> {
    let options = argument.trim().strip_prefix('<')?.strip_suffix('>')?;
    let is_many = options.starts_with("--") && options.contains('|');
    is_many.then(|| options.replace('|', ", "))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::cmd::command;

    #[test]
    fn what_is_wrong_is_said_in_both_languages() {
        let cases: [(&[&str], &str); 8] = [
            (&["causette", "--frobnicate"], "--frobnicate"),
            (&["causette", "frobnicate"], "frobnicate"),
            (&["causette", "send"], "TARGET"),
            (&["causette", "tail", "-n", "none"], "none"),
            (
                &["causette", "whoami", "--guest", "a", "--account", "b"],
                "--guest",
            ),
            (&["causette", "--lang", "de"], "de"),
            (
                &["causette", "import", "a", "--dry-run"],
                "one of: --database <FILE>, --chat <FILE>, --log <FILE>",
            ),
            (
                &["causette", "import", "b", "--dry-run"],
                "one of: --dump <FILE>, --url <URL>",
            ),
        ];
        for (line, word) in cases {
            let said = Language::ALL.map(|language| {
                let error = command(language).try_get_matches_from(line).unwrap_err();
                explain(&error, language).unwrap()
            });
            assert_ne!(said[0], said[1]);
            assert!(said[0].contains(word), "{}", said[0]);
            assert!(said.iter().all(|said| !said.contains("cli-")), "{said:?}");
        }
        let error = command(Language::Fr).try_get_matches_from(["causette", "chta"]);
        let near = explain(&error.unwrap_err(), Language::Fr).unwrap();
        assert!(near.contains("Vouliez-vous dire : chat"), "{near}");
        let help = command(Language::Fr).try_get_matches_from(["causette", "--help"]);
        assert_eq!(explain(&help.unwrap_err(), Language::Fr), None);
    }
}
