//! The unit of the package and the one for an installation by hand differ in what they must, and in nothing else.

use std::collections::BTreeSet;
use std::fs;

use crate::source;

const BY_HAND: &str = "examples/causette.service";
const OF_PACKAGE: &str = "packaging/debian/causette.service";

/// What each has of its own: where things are, and whose account it is.
const DIFFERENT: [&str; 6] = [
    "Documentation",
    "ExecStart",
    "ExecReload",
    "DynamicUser",
    "User",
    "Group",
];

fn settings(file: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(source::root().join(file)).expect(file);
    let is_setting = |line: &&str| !line.starts_with('#') && !line.is_empty();
    let is_same = |line: &&str| {
        let name = line.split('=').next().unwrap_or_default();
        !DIFFERENT.contains(&name)
    };
    let lines = text.lines().filter(is_setting).filter(is_same);
    lines.map(str::to_owned).collect()
}

#[test]
fn both_units_close_the_server_in_alike() {
    let (by_hand, of_package) = (settings(BY_HAND), settings(OF_PACKAGE));
    let differing: Vec<_> = by_hand.symmetric_difference(&of_package).collect();
    assert!(
        differing.is_empty(),
        "only in one of {BY_HAND} and {OF_PACKAGE}: {differing:?}"
    );
}
