//! ARCHITECTURE.md stays short, and names only what exists.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{Findings, identifiers, not_there_yet};
use crate::source::{self, RustFile, rust_files};

const DOCUMENT: &str = "ARCHITECTURE.md";
const LINES_MAX: usize = 250;

/// A name in the document that ends so is a file.
const EXTENSIONS: [&str; 8] = [
    ".rs", ".md", ".toml", ".ftl", ".sql", ".service", ".js", ".lock",
];

#[test]
fn the_architecture_names_what_exists() {
    let Ok(text) = fs::read_to_string(source::root().join(DOCUMENT)) else {
        not_there_yet(DOCUMENT);
        return;
    };
    let mut findings = Findings::default();
    judge(&text, &Project::read(), &mut findings);
    findings.check();
}

#[test]
fn names_that_do_not_exist_are_found() {
    let project = Project::new(vec![RustFile::new(
        PathBuf::from("crates/causette-core/src/commands/mod.rs"),
        "pub fn dispatch() {}".into(),
    )]);
    let cases = [
        (
            "`commands/mod.rs` and `crates/causette-core/src/commands/mod.rs`",
            0,
        ),
        ("`commands/gone.rs`", 1),
        ("`causette_core::commands::dispatch`", 0),
        ("`causette_core::commands::dispatch()`", 0),
        ("`causette_core::command::dispatch`", 1),
        ("`commands::dispatched`", 1),
        ("`std::sync::mpsc`, `CAP LS 302`, `data_dir/admin.sock`", 0),
        ("```\ncommands/gone.rs\n```", 0),
    ];
    for (text, expected) in cases {
        let mut findings = Findings::default();
        judge(text, &project, &mut findings);
        assert_eq!(findings.0.len(), expected, "{text}: {:?}", findings.0);
    }
}

/// What the document may name: the files of the project and the identifiers of its code.
struct Project {
    sources: Vec<PathBuf>,
    words: HashSet<String>,
}

impl Project {
    fn read() -> Self {
        Self::new(rust_files())
    }

    fn new(files: Vec<RustFile>) -> Self {
        let mut words = HashSet::new();
        for file in &files {
            words.extend(identifiers(&file.code).map(|(_, word)| word.to_owned()));
            // A module or a crate is named by its file or folder even where no code repeats it.
            for part in &file.path {
                words.insert(
                    part.to_string_lossy()
                        .trim_end_matches(".rs")
                        .replace('-', "_"),
                );
            }
        }
        let sources = files.into_iter().map(|file| file.path).collect();
        Self { sources, words }
    }

    /// Whether a path exists, given from the root or from any folder of the sources.
    fn has_file(&self, path: &str) -> bool {
        source::root().join(path).exists()
            || self.sources.iter().any(|source| source.ends_with(path))
    }

    fn has_word(&self, word: &str) -> bool {
        self.words.contains(word)
    }
}

fn judge(text: &str, project: &Project, findings: &mut Findings) {
    let document = Path::new(DOCUMENT);
    let lines = text.lines().count();
    if lines > LINES_MAX {
        let advice = format!(
            "{lines} lines, at most {LINES_MAX}: move details to docs/internals or to the code"
        );
        findings.add(document, LINES_MAX + 1, &advice);
    }
    let mut in_block = false;
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_block = !in_block;
        }
        if in_block {
            continue;
        }
        for span in line.split('`').skip(1).step_by(2) {
            if let Some(advice) = complaint(span, project) {
                findings.add(document, index + 1, &advice);
            }
        }
    }
}

/// What is wrong with one name in backticks, if anything.
fn complaint(span: &str, project: &Project) -> Option<String> {
    if EXTENSIONS.iter().any(|extension| span.ends_with(extension)) && span.contains('/') {
        let is_one_path = !span.contains([' ', '*', '{', '<', '…']) && !span.contains("://");
        return (is_one_path && !project.has_file(span)).then(|| {
            format!(
                "no file `{span}`: correct the path, from the root or from a folder of the sources"
            )
        });
    }
    let path = span.split(['(', '<']).next().unwrap_or(span);
    let segments: Vec<&str> = path.split("::").collect();
    let is_path = segments.len() > 1
        && segments
            .iter()
            .all(|segment| identifiers(segment).map(|(_, word)| word).eq([*segment]));
    if !is_path || ["std", "tokio", "rustls", "rusqlite", "aws_lc_rs"].contains(&segments[0]) {
        return None;
    }
    let missing = segments.iter().find(|segment| !project.has_word(segment))?;
    Some(format!(
        "`{span}`: nothing in the code is called `{missing}`; use the name that the code has"
    ))
}
