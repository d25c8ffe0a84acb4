//! The protocol page, `docs/protocol/`: made from the tables of the code, and compared with the files that are there.
//!
//! `UPDATE_EXPECT=1` writes the pages. What has no text in one of the languages, and a text that nothing on the page uses,
//! fails the test.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod page;
mod people;
mod replies;
mod setters;
mod sources;

use causette_text::Language;
use page::Page;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How the keys of the texts begin that only the page uses.
const PREFIXES: [&str; 5] = ["capability-", "numeric-", "page-", "reply-", "token-"];

/// A file of the repository.
fn file(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

#[test]
fn the_pages_are_what_the_code_says() {
    let mut old = Vec::new();
    for language in Language::ALL {
        let path = format!("docs/protocol/{}.md", language.tag());
        let (page, missing) = Page::write(language);
        assert!(
            missing.is_empty(),
            "locales/{}.ftl: the page needs texts for these keys: {missing:#?}",
            language.tag()
        );
        if fs::read_to_string(file(&path)).is_ok_and(|there| there == page) {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(file(&path), page).unwrap();
        } else {
            old.push(path);
        }
    }
    assert!(
        old.is_empty(),
        "{old:?} no longer say what the code does: UPDATE_EXPECT=1 cargo test -p causette-core --test protocol writes them"
    );
}

#[test]
fn every_text_of_the_page_is_used() {
    let used: BTreeSet<String> = page::keys();
    let texts = fs::read_to_string(file("locales/en.ftl")).unwrap();
    let unused: Vec<&str> = texts
        .lines()
        .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
        .filter(|key| PREFIXES.iter().any(|prefix| key.starts_with(prefix)))
        .filter(|key| !used.contains(*key))
        .collect();
    assert!(
        unused.is_empty(),
        "nothing on the page needs these texts any more, remove them from locales/: {unused:#?}"
    );
}
