//! Every text exists in both languages, with the same variables.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Findings, not_there_yet};
use crate::source;

const ENGLISH: &str = "locales/en.ftl";
const FRENCH: &str = "locales/fr.ftl";

/// A text's key (`join-refused`, or `join-refused.title` for an attribute) with its line and its variables.
type Texts = BTreeMap<String, (usize, BTreeSet<String>)>;

#[test]
fn both_languages_have_the_same_texts() {
    let folder = source::root();
    if !folder.join(ENGLISH).exists() && !folder.join(FRENCH).exists() {
        not_there_yet(&format!("{ENGLISH} and {FRENCH}"));
        return;
    }
    let read = |path: &str| {
        std::fs::read_to_string(folder.join(path))
            .unwrap_or_else(|error| panic!("{path}: {error}; each text needs both languages"))
    };
    let mut findings = Findings::default();
    compare(&read(ENGLISH), &read(FRENCH), &mut findings);
    findings.check();
}

#[test]
fn a_missing_text_and_a_missing_variable_are_found() {
    let english =
        "# comment\nhello = Hello { $name }\nbye =\n    Bye\n    { $when }\n    .title = T\n";
    let same = "bye = { $when } salut\n    .title = T\nhello = Bonjour { $name }\n";
    let cases = [
        (same, 0),
        ("hello = Bonjour { $name }\n", 2),
        (
            "hello = Bonjour { $nom }\nbye = { $when }\n    .title = T\n",
            1,
        ),
        (
            "hello = { $name }\nhello = { $name }\nbye = { $when }\n .title = T\n",
            1,
        ),
    ];
    for (french, expected) in cases {
        let mut findings = Findings::default();
        compare(english, french, &mut findings);
        assert_eq!(findings.0.len(), expected, "{french}: {:?}", findings.0);
    }
}

fn compare(english: &str, french: &str, findings: &mut Findings) {
    let english = parse(ENGLISH, english, findings);
    let french = parse(FRENCH, french, findings);
    for (here, there, path, other) in [
        (&english, &french, ENGLISH, FRENCH),
        (&french, &english, FRENCH, ENGLISH),
    ] {
        for (key, (line, variables)) in here {
            match there.get(key) {
                None => findings.add(
                    Path::new(path),
                    *line,
                    &format!("`{key}` is missing in {other}: translate it"),
                ),
                // A difference is reported once, at the English text.
                Some((_, others)) if path == ENGLISH && others != variables => {
                    let advice = format!(
                        "`{key}` uses {variables:?} here and {others:?} in {other}: use the same variables"
                    );
                    findings.add(Path::new(path), *line, &advice);
                }
                Some(_) => {}
            }
        }
    }
}

/// Reads keys, attributes and variables; the rest of Fluent's grammar is the server's own concern.
fn parse(path: &str, text: &str, findings: &mut Findings) -> Texts {
    let mut texts = Texts::new();
    let mut message = String::new();
    let mut key = String::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with('#') {
            continue;
        }
        let head = line.split_once('=').map(|(head, _)| head.trim_end());
        let new_key = match head {
            Some(head) if is_key(head) => {
                message = head.into();
                Some(message.clone())
            }
            Some(head) => head
                .trim_start()
                .strip_prefix('.')
                .filter(|name| is_key(name))
                .map(|name| format!("{message}.{name}")),
            None => None,
        };
        if let Some(new_key) = new_key {
            key = new_key;
            if texts
                .insert(key.clone(), (index + 1, BTreeSet::new()))
                .is_some()
            {
                findings.add(
                    Path::new(path),
                    index + 1,
                    &format!("`{key}` is there twice: keep one"),
                );
            }
        }
        if let Some((_, variables)) = texts.get_mut(&key) {
            variables.extend(variables_of(line));
        }
    }
    texts
}

fn is_key(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '-')
        && word
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

fn variables_of(line: &str) -> impl Iterator<Item = String> {
    line.split('$').skip(1).map(|rest| {
        rest.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_')
            .collect()
    })
}
