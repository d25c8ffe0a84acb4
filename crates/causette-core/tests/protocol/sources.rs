//! What the sources of the rules name: the page lists what is sent, not what could be.

use causette_proto::numeric::{ALL, Numeric};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The code of all sources, without comments and tests.
pub(crate) fn code() -> String {
    let mut code = String::new();
    read(&crate::file("crates/causette-core/src"), &mut code);
    code
}

fn read(folder: &Path, code: &mut String) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            read(&path, code);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let rules = text.split("#[cfg(test)]").next().unwrap_or_default();
        for line in rules.lines().filter(|line| !is_comment(line)) {
            code.push_str(line);
            code.push('\n');
        }
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

/// The numerics that are sent: those that the code names. One that is only imported does not pass the compiler.
pub(crate) fn numerics() -> Vec<Numeric> {
    let code = code();
    let words: BTreeSet<&str> = words(&code).collect();
    let sent: Vec<Numeric> = ALL
        .iter()
        .filter(|(name, ..)| words.contains(name))
        .map(|(_, numeric, _)| *numeric)
        .collect();
    assert!(sent.len() > 50, "the sources have moved: {sent:?}");
    sent
}

/// The words that a code, or a text, consists of.
pub(crate) fn words(code: &str) -> impl Iterator<Item = &str> {
    code.split(|char: char| !char.is_ascii_alphanumeric() && char != '_')
        .filter(|word| !word.is_empty())
}

/// The texts between quotation marks.
pub(crate) fn literals(code: &str) -> impl Iterator<Item = &str> {
    // Each line for itself, so that a quotation mark that opens nothing spoils only its own line.
    code.lines()
        .flat_map(|line| line.split('"').skip(1).step_by(2))
}
