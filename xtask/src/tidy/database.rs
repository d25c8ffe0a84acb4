//! The files of an open database belong to SQLite: the store opens a file only to make a database where there is none, and to
//! make the copy before an upgrade. Closing any descriptor of a file drops all locks that the process has on it, whichever part
//! of the process it is: so the server, which has files of its own, never opens those.

use super::{Findings, check_cases};
use crate::source::{RustFile, rust_files};

const STORE: &str = "crates/causette-store/src";
const SERVER: &str = "crates/causette-server/src";

/// What names the database, in a statement of the server.
const DATABASE: &str = "database";

/// Where files are opened, before any connection to them; and tests.
const EXCUSED: [&str; 3] = ["connection.rs", "copy.rs", "migrations/tests.rs"];

/// Calls that open a file.
const CALLS: [&str; 7] = [
    "File::open",
    "File::create",
    "File::options",
    "OpenOptions",
    "fs::read",
    "fs::write",
    "fs::copy",
];

#[test]
fn the_store_opens_no_file_beside_sqlite() {
    judge_all(STORE, |file, findings| {
        if !EXCUSED.iter().any(|excused| file.path.ends_with(excused)) {
            judge(file, findings);
        }
    });
}

#[test]
fn the_server_opens_no_file_of_the_database() {
    judge_all(SERVER, judge_server);
}

#[test]
fn only_statements_that_name_the_database_are_found_in_the_server() {
    let cases = [
        ("let file = File::open(config.database())?;", 1),
        ("fs::read(\n    data_dir.join(DATABASE),\n)?;", 1),
        (
            "let log = File::open(log)?; let database = config.database();",
            0,
        ),
        ("if DATABASE.is_empty() {} fs::read_to_string(lock)?;", 0),
        ("fs::metadata(database)?.len();", 0),
    ];
    check_cases(&cases, judge_server);
}

#[test]
fn calls_that_open_are_found_and_looking_and_tests_are_not() {
    let cases = [
        ("let file = File::open(path)?;", 1),
        ("std::fs::read_to_string(path); fs::copy(a, b);", 2),
        ("fs::metadata(path)?.len(); // File::open", 0),
        ("fs::remove_file(part)?; fs::rename(a, b)?;", 0),
        (
            "fn f() {}\n#[cfg(test)]\nmod tests { fn g() { fs::write(a, b); } }",
            0,
        ),
    ];
    check_cases(&cases, judge);
}

fn judge_all(folder: &str, judge: impl Fn(&RustFile, &mut Findings)) {
    let mut findings = Findings::default();
    let files = rust_files().into_iter();
    let mut files = files
        .filter(|file| file.path.starts_with(folder))
        .peekable();
    assert!(files.peek().is_some(), "{folder} has moved: correct it");
    files.for_each(|file| judge(&file, &mut findings));
    findings.check();
}

fn judge(file: &RustFile, findings: &mut Findings) {
    for (offset, call, _) in calls(file) {
        let advice = format!(
            "`{call}` in the store: closing a file drops SQLite's locks on it; look by the path (`fs::metadata`), or ask SQLite"
        );
        findings.add(&file.path, file.line_of(offset), &advice);
    }
}

fn judge_server(file: &RustFile, findings: &mut Findings) {
    for (offset, call, rest) in calls(file) {
        if rest.to_lowercase().contains(DATABASE) {
            let advice = format!(
                "`{call}` of the database in the server: closing a file drops SQLite's locks on it; look by the path (`fs::metadata`), or ask the store"
            );
            findings.add(&file.path, file.line_of(offset), &advice);
        }
    }
}

/// The calls that open a file: where each is, which it is, and the rest of its statement.
fn calls(file: &RustFile) -> impl Iterator<Item = (usize, &'static str, &str)> {
    // The unit tests stand at the end.
    let code = file.code.split("#[cfg(test)]").next().unwrap_or_default();
    let statement = |offset: usize| code[offset..].split(';').next().unwrap_or_default();
    CALLS.into_iter().flat_map(move |call| {
        code.match_indices(call)
            .map(move |(offset, _)| (offset, call, statement(offset)))
    })
}
