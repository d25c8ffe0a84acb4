//! The files of an open database belong to SQLite: the store opens a file only to make a database where there is none, and to
//! make the copy before an upgrade. Closing any descriptor of a file drops all locks that the process has on it.

use super::{Findings, check_cases};
use crate::source::{RustFile, rust_files};

const STORE: &str = "crates/causette-store/src";

/// Where files are opened, before any connection to them.
const EXCUSED: [&str; 2] = ["connection.rs", "copy.rs"];

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
    let mut findings = Findings::default();
    let mut seen = 0;
    for file in rust_files() {
        if file.path.starts_with(STORE) {
            seen += 1;
            if !EXCUSED.iter().any(|excused| file.path.ends_with(excused)) {
                judge(&file, &mut findings);
            }
        }
    }
    assert!(seen > 0, "the store has moved: correct STORE");
    findings.check();
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

fn judge(file: &RustFile, findings: &mut Findings) {
    // The unit tests stand at the end.
    let code = file.code.split("#[cfg(test)]").next().unwrap_or_default();
    for call in CALLS {
        for (offset, _) in code.match_indices(call) {
            let advice = format!(
                "`{call}` in the store: closing a file drops SQLite's locks on it; look by the path (`fs::metadata`), or ask SQLite"
            );
            findings.add(&file.path, file.line_of(offset), &advice);
        }
    }
}
