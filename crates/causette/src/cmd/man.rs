//! `causette man`: a manual page for the program and for each verb, made of the same texts as the help.

use super::help::{verb, word};
use super::script;
use anyhow::Context as _;
use causette_client::exit::Exit;
use causette_text::{Language, text};
use clap::{Arg, ArgMatches, Command, value_parser};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use std::path::{Path, PathBuf};

/// The section of the manual in which programs are.
const SECTION: &str = "1";

/// Headings that the generator writes in English, with the keys of ours.
const HEADINGS: [(&str, &str); 4] = [
    ("NAME", "man-name"),
    ("SYNOPSIS", "man-synopsis"),
    ("SUBCOMMANDS", "man-commands"),
    ("VERSION", "man-version"),
];

pub(crate) fn command(language: Language) -> Command {
    let folder = Arg::new("folder")
        .value_name(word(language, "cli-value-folder"))
        .help(text(language, "cli-man-folder"))
        .value_parser(value_parser!(PathBuf))
        .required(true);
    verb(language, "man", "cli-man").arg(folder)
}

pub(crate) fn run(matches: &ArgMatches, language: Language) -> anyhow::Result<Exit> {
    if let Some(folder) = matches.get_one::<PathBuf>("folder") {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        for (name, page) in pages(language)? {
            let file: &Path = &folder.join(name);
            std::fs::write(file, page).with_context(|| file.display().to_string())?;
        }
    }
    Ok(Exit::Done)
}

/// Every page, with the name of its file.
fn pages(language: Language) -> anyhow::Result<Vec<(String, String)>> {
    let mut program = super::command(language);
    program.build();
    let mut pages = Vec::new();
    let mut left = vec![(program, None)];
    while let Some((command, above)) = left.pop() {
        let name = page_name(&command);
        for verb in command.get_subcommands() {
            left.push((verb.clone(), Some(name.clone())));
        }
        let page = page(command, above.as_deref(), language)?;
        pages.push((format!("{name}.{SECTION}"), page));
    }
    Ok(pages)
}

fn page_name(command: &Command) -> String {
    let name = command.get_display_name();
    name.unwrap_or_else(|| command.get_name()).to_owned()
}

/// One page; `above` is the page of the command that this is a verb of.
fn page(command: Command, above: Option<&str>, language: Language) -> anyhow::Result<String> {
    let is_talking = command
        .get_bin_name()
        .and_then(|name| name.split(' ').nth(1))
        .is_some_and(|verb| verb == "chat" || script::knows(verb));
    let has_verbs = command.has_subcommands();
    let has_version = command.get_version().is_some();
    let source = format!("Causette {}", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command).source(source).manual("Causette");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if has_verbs {
        man.render_subcommands_section(&mut page)?;
    }
    let mut rest = Roff::new();
    if is_talking {
        terms(
            &mut rest,
            language,
            "man-environment",
            "man-environment-of-client",
        );
        terms(&mut rest, language, "man-files", "man-files-of-client");
        terms(&mut rest, language, "man-exit", "man-exit-of-client");
    } else {
        terms(&mut rest, language, "man-exit", "man-exit-of-server");
    }
    if let Some(above) = above {
        rest.control("SH", [text(language, "man-see-also").as_str()]);
        rest.text([bold(above), roman(format!("({SECTION})"))]);
    }
    rest.to_writer(&mut page)?;
    if has_version {
        man.render_version_section(&mut page)?;
    }
    let mut page = String::from_utf8(page)?;
    for (english, key) in HEADINGS {
        let (from, to) = (
            format!(".SH {english}\n"),
            format!(".SH {}\n", text(language, key)),
        );
        page = page.replace(&from, &to);
    }
    Ok(page)
}

/// A section of terms, each with what it means behind a space.
fn terms(out: &mut Roff, language: Language, heading: &str, key: &str) {
    out.control("SH", [text(language, heading).as_str()]);
    for line in text(language, key).lines() {
        let (term, meaning) = line.split_once(' ').unwrap_or((line, ""));
        out.control("TP", []);
        out.text([bold(term)]);
        out.text([roman(meaning)]);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn every_verb_has_a_page_in_both_languages() {
        for language in Language::ALL {
            let pages = pages(language).unwrap();
            let mut program = super::super::command(language);
            program.build();
            let verbs = super::super::help::tests::verbs(&program);
            assert_eq!(pages.len(), verbs.len() + 1, "one for the program itself");
            for verb in verbs {
                let name = format!("{}.1", page_name(verb));
                let (_, page) = pages.iter().find(|(file, _)| *file == name).unwrap();
                let about = verb.get_about().unwrap().to_string();
                let about = about
                    .replace('\\', "\\\\")
                    .replace('-', "\\-")
                    .replace('\'', "\\*(Aq");
                assert!(page.contains(&about), "{name} lacks: {about}\n{page}");
            }
        }
    }

    #[test]
    fn no_heading_of_a_french_page_is_english() {
        let headings = |language| -> Vec<String> {
            let pages = pages(language).unwrap();
            let lines = pages.iter().flat_map(|(_, page)| page.lines());
            lines
                .filter_map(|line| line.strip_prefix(".SH "))
                .map(str::to_owned)
                .collect()
        };
        let same = ["SYNOPSIS", "OPTIONS", "VERSION"];
        let pairs = headings(Language::En)
            .into_iter()
            .zip(headings(Language::Fr));
        for (english, french) in pairs {
            let is_same = same.contains(&english.as_str());
            assert_eq!(english == french, is_same, "{english}, {french}");
        }
    }
}
