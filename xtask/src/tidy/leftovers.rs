//! Nothing unfinished is committed, and a test that is left out says why.

use super::{Findings, check_cases, identifiers};
use crate::source::{RustFile, rust_files};

/// Macros that mark unfinished work.
const MACROS: &[(&str, &str)] = &[
    ("todo!", "write it, or leave it out of this change"),
    (
        "unimplemented!",
        "write it, or answer with an error that says what is missing",
    ),
    ("dbg!", "remove it, or log with tracing"),
];

#[test]
fn nothing_unfinished_is_left() {
    let mut findings = Findings::default();
    for file in rust_files() {
        judge(&file, &mut findings);
    }
    findings.check();
}

#[test]
fn each_kind_of_leftover_is_found() {
    let cases = [
        ("fn f() { todo!() }", 1),
        ("fn f() { unimplemented!(\"later\") }", 1),
        ("let x = dbg!(y);", 1),
        ("#[allow(dead_code)]\nfn f() {}", 1),
        ("#[expect(dead_code, reason = \"x\")]\nfn f() {}", 1),
        ("#[test]\n#[ignore]\nfn f() {}", 1),
        (
            "#[test]\n#[ignore = \"takes an hour: cargo xtask crash\"]\nfn f() {}",
            0,
        ),
        ("// todo!() is not code, \nlet s = \"dbg!(x)\";", 0),
    ];
    check_cases(&cases, judge);
}

fn judge(file: &RustFile, findings: &mut Findings) {
    for (name, advice) in MACROS {
        for (offset, _) in file.code.match_indices(name) {
            findings.add(
                &file.path,
                file.line_of(offset),
                &format!("`{name}`: {advice}"),
            );
        }
    }
    for (offset, _) in identifiers(&file.code).filter(|(_, word)| *word == "dead_code") {
        let advice = "the compiler found code that nobody calls: remove the code, not the warning";
        findings.add(&file.path, file.line_of(offset), advice);
    }
    for (line, reason) in file.ignored_tests() {
        if reason.is_none() {
            findings.add(
                &file.path,
                line,
                "`#[ignore]` without a reason: write #[ignore = \"why, and how to run it\"]",
            );
        }
    }
}
