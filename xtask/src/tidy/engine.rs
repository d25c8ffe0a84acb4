//! The engines of the store stay in their folder: what is outside it, plans and questions, is the same for every one of them.

use super::{Findings, check_cases, identifiers};
use crate::source::{RustFile, rust_files};

const STORE: &str = "crates/causette-store/src";
const ENGINE: &str = "crates/causette-store/src/engine";

/// The libraries of engines.
const LIBRARIES: [&str; 2] = ["rusqlite", "sqlx"];

#[test]
fn no_engine_is_named_outside_its_folder() {
    let mut findings = Findings::default();
    let files = rust_files().into_iter();
    let mut files = files
        .filter(|file| file.path.starts_with(STORE) && !file.path.starts_with(ENGINE))
        .peekable();
    assert!(files.peek().is_some(), "{STORE} has moved: correct it");
    files.for_each(|file| judge(&file, &mut findings));
    findings.check();
}

#[test]
fn a_name_in_a_comment_is_none() {
    let cases = [
        ("use rusqlite::Connection;", 1),
        (
            "fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<i64> {}",
            2,
        ),
        ("use sqlx::Row as _;", 1),
        ("// as rusqlite does\nuse crate::engine::Row;", 0),
    ];
    check_cases(&cases, judge);
}

fn judge(file: &RustFile, findings: &mut Findings) {
    for (offset, word) in identifiers(&file.code) {
        if LIBRARIES.contains(&word) {
            let advice =
                format!("`{word}` outside {ENGINE}: ask by `Moment`, or let the engine do it");
            findings.add(&file.path, file.line_of(offset), &advice);
        }
    }
}
