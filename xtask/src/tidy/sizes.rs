//! How long a file may be.

use super::Findings;
use crate::source::rust_files;

/// Past this many lines a file usually has a second noun in it.
const LINES_MAX: usize = 500;

/// Files that may be longer, and why: tables are read by searching, not from top to bottom.
const TABLES: &[(&str, &str)] = &[
    (
        "crates/causette-proto/src/numeric.rs",
        "one entry per numeric of the protocol, in order of its number",
    ),
    (
        "crates/causette-server/src/admin/verbs.rs",
        "one entry per verb of the administrator, those of a kind together",
    ),
];

#[test]
fn no_file_has_outgrown_its_noun() {
    let mut findings = Findings::default();
    for file in rust_files() {
        let lines = file.text.lines().count();
        let is_table = TABLES.iter().any(|(path, _)| file.path.ends_with(path));
        if lines > LINES_MAX && !is_table {
            let advice = format!(
                "{lines} lines, at most {LINES_MAX}: which second noun lives here? Give it a file; \
                 a table may be listed in TABLES (xtask/src/tidy/sizes.rs) with a reason"
            );
            findings.add(&file.path, LINES_MAX + 1, &advice);
        }
    }
    findings.check();
}
