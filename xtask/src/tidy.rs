//! The project's shape, checked by ordinary tests: who may depend on whom, what the pure crates may not touch,
//! how long a file may be, and whether the texts agree with the code.
//!
//! A check collects everything that it finds and reports it once: file, line, what to do.

mod database;
mod document;
mod engine;
mod floors;
mod layers;
mod leftovers;
mod locales;
mod operations;
mod purity;
mod sizes;
mod units;

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::source::RustFile;

/// What one check found.
#[derive(Default)]
struct Findings(Vec<String>);

impl Findings {
    fn add(&mut self, path: &Path, line: usize, what_to_do: &str) {
        self.0
            .push(format!("{}:{line}: {what_to_do}", path.display()));
    }

    /// Fails the test that collected them, when there is any.
    #[track_caller]
    fn check(self) {
        assert!(self.0.is_empty(), "\n{}\n", self.0.join("\n"));
    }
}

/// Checks that a judge finds in each text as many faults as are said beside it.
#[track_caller]
fn check_cases(cases: &[(&str, usize)], judge: impl Fn(&RustFile, &mut Findings)) {
    for (text, expected) in cases {
        let mut findings = Findings::default();
        let file = RustFile::new(PathBuf::from("a.rs"), (*text).into());
        judge(&file, &mut findings);
        assert_eq!(findings.0.len(), *expected, "{text}: {:?}", findings.0);
    }
}

/// The words of a code, with the offset of each: identifiers and keywords, no punctuation.
fn identifiers(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.split(move |c| !is_word(c))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr().addr() - code.as_ptr().addr(), word))
}

/// Says in the output of every test run, not only of a failed one, that a check had nothing to look at.
fn not_there_yet(what: &str) {
    // The test harness keeps what `eprintln!` writes to itself. A closed stderr is no reason to fail.
    let _ = writeln!(
        std::io::stderr(),
        "{what}: not there yet, nothing was checked"
    );
}
