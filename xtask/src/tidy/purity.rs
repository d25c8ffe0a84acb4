//! The pure crates, and the core of the client, contain no clock, no I/O, no async and no randomness: everything of that kind is an argument.

use super::{Findings, check_cases, identifiers};
use crate::source::{RustFile, rust_files};

const PURE_SOURCES: [&str; 3] = [
    "crates/causette-core/src",
    "crates/causette-proto/src",
    "crates/causette-client/src/core",
];

/// Words that betray an effect wherever they stand, and what to do instead.
const WORDS: &[(&str, &str)] = &[
    ("SystemTime", "take the time as an argument"),
    ("Instant", "take the time as an argument"),
    ("TcpStream", "sockets live in causette-server"),
    ("TcpListener", "sockets live in causette-server"),
    ("UdpSocket", "sockets live in causette-server"),
    ("UnixStream", "sockets live in causette-server"),
    ("UnixListener", "sockets live in causette-server"),
    ("ToSocketAddrs", "names are resolved in causette-server"),
    ("async", "return an `Ask`; whoever may wait answers it"),
    ("await", "return an `Ask`; whoever may wait answers it"),
    ("tokio", "the runtime belongs to causette-server"),
    ("getrandom", "take the random bits as an argument"),
    (
        "RandomState",
        "use rustc-hash: a random seed makes runs differ",
    ),
    ("print", "return a value; whoever has a terminal prints it"),
    (
        "println",
        "return a value; whoever has a terminal prints it",
    ),
    ("eprint", "return a value; whoever has a terminal prints it"),
    (
        "eprintln",
        "return a value; whoever has a terminal prints it",
    ),
];

/// Modules of std that do what a pure crate may not. `std::net` is absent: its addresses are plain data.
const STD_MODULES: &[&str] = &["env", "fs", "io", "process", "thread", "thread_local"];

/// Calls that exist only for maps whose hasher has a random seed.
const SEEDED_MAPS: &[&str] = &[
    "HashMap::new",
    "HashMap::with_capacity",
    "HashSet::new",
    "HashSet::with_capacity",
];

#[test]
fn the_cores_and_proto_are_pure() {
    let mut findings = Findings::default();
    let mut seen = 0;
    for file in rust_files() {
        if PURE_SOURCES
            .iter()
            .any(|folder| file.path.starts_with(folder))
            && !file.path.ends_with("tests.rs")
        {
            seen += 1;
            judge(&file, &mut findings);
        }
    }
    assert!(
        seen >= PURE_SOURCES.len(),
        "the pure sources have moved: correct PURE_SOURCES"
    );
    findings.check();
}

#[test]
fn each_kind_of_effect_is_found_and_comments_tests_and_addresses_are_not() {
    let cases = [
        ("let now = std::time::Instant::now();", 1),
        ("use std::time::{Duration, SystemTime};", 1),
        ("use std::{collections::BTreeMap, fs, io::Read};", 2),
        ("std::thread::spawn(f);", 1),
        ("async fn f() { g().await }", 2),
        ("let m: HashMap<u8, u8> = HashMap::new();", 1),
        ("println!(\"x\");", 1),
        (
            "// tokio and std::fs are for others\nuse std::net::IpAddr;",
            0,
        ),
        ("let thread = reply.thread; let io = \"std::io\";", 0),
        ("let m = FxHashMap::default();", 0),
        (
            "fn f() {}\n#[cfg(test)]\nmod tests { fn g() { println!(\"{}\", 1); } }\n",
            0,
        ),
        ("#[cfg(test)]\nmod tests { fn g() {} }\nuse tokio::x;", 1),
    ];
    check_cases(&cases, judge);
}

fn judge(file: &RustFile, findings: &mut Findings) {
    let code = without_test_modules(&file.code);
    for (offset, word) in identifiers(&code) {
        if let Some((_, advice)) = WORDS.iter().find(|(forbidden, _)| *forbidden == word) {
            findings.add(
                &file.path,
                file.line_of(offset),
                &format!("`{word}` in a pure crate: {advice}"),
            );
        }
        if word == "std" {
            for module in std_modules(&code[offset + word.len()..]) {
                let advice = format!(
                    "`std::{module}` in a pure crate: leave it to causette-server or causette-store"
                );
                findings.add(&file.path, file.line_of(offset), &advice);
            }
        }
    }
    for call in SEEDED_MAPS {
        for (offset, _) in code.match_indices(call) {
            if !code[..offset].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                let advice = format!("`{call}` draws a random seed: use rustc-hash, or a BTreeMap");
                findings.add(&file.path, file.line_of(offset), &advice);
            }
        }
    }
}

/// The forbidden modules named right after `std`: in `::fs`, and in `::{fs, io::Read}`.
fn std_modules(after: &str) -> Vec<&str> {
    let Some(path) = after.strip_prefix("::") else {
        return Vec::new();
    };
    let group = match path.strip_prefix('{') {
        Some(group) => &group[..group.find(';').unwrap_or(group.len())],
        None => {
            &path[..path
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(path.len())]
        }
    };
    identifiers(group)
        .map(|(_, word)| word)
        .filter(|word| STD_MODULES.contains(word))
        .collect()
}

/// Blanks `#[cfg(test)] mod … { … }`: a test may print and read a file.
fn without_test_modules(code: &str) -> String {
    let mut kept = code.to_owned();
    while let Some(start) = kept.find("#[cfg(test)]") {
        let end = end_of_item(&kept[start..]) + start;
        let blank: String = kept[start..end]
            .chars()
            .flat_map(|c| std::iter::repeat_n(if c == '\n' { '\n' } else { ' ' }, c.len_utf8()))
            .collect();
        kept.replace_range(start..end, &blank);
    }
    kept
}

/// Length of the item at the start of `code`: to its `;`, or to the brace that closes it.
fn end_of_item(code: &str) -> usize {
    let mut depth = 0_usize;
    for (offset, c) in code.char_indices() {
        match c {
            ';' if depth == 0 => return offset + 1,
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return offset + 1;
                }
            }
            _ => {}
        }
    }
    code.len()
}
