//! Who does what on the floors of the core: the doors read and render, and record nothing; the operations decide and record, and
//! know no door's form or language. Which module may use which is in `floors.rs`.

use super::{Findings, check_cases, identifiers};
use crate::source::{RustFile, rust_files};

const CORE: &str = "crates/causette-core/src";

const DOORS: &[&str] = &["commands", "service", "ask", "reply"];
const OPERATIONS: &[&str] = &["account", "discipline", "files", "person", "room", "server"];

#[test]
fn doors_record_nothing() {
    check(DOORS, records);
}

#[test]
fn operations_know_no_numeric_and_no_language() {
    check(OPERATIONS, words);
}

#[test]
fn what_records_is_found() {
    let cases = [
        ("ctx.turn.commit(&actor, fact);", 1),
        ("turn\n    .happen(&actor, rooms, by, what);", 1),
        ("let fact = Fact::Reloaded;", 1),
        ("use crate::record::{Fact, Factor};", 1),
        ("// Fact::Reloaded\nlet factor = Factor::Name;", 0),
        (
            "room::topic::set(&mut ctx.turn, &actor, by, name, text)?;",
            0,
        ),
    ];
    check_cases(&cases, records);
}

#[test]
fn what_words_is_found() {
    let cases = [
        ("ctx.numeric(RPL_TOPIC, &[], &text(language, key));", 2),
        ("use causette_text::text_with;", 1),
        ("let language = Language::from_tag(tag);", 1),
        ("own::set(turn, actor, id, Setting::Language, value);", 0),
        ("let text = channel.modes.text(true);", 0),
        (
            "fn f() {}\n#[cfg(test)]\nmod tests { use causette_text::text; }",
            0,
        ),
    ];
    check_cases(&cases, words);
}

fn check(modules: &[&str], judge: fn(&RustFile, &mut Findings)) {
    let mut findings = Findings::default();
    let mut seen = 0;
    for file in rust_files() {
        let Ok(inside) = file.path.strip_prefix(CORE) else {
            continue;
        };
        let name = inside.to_string_lossy();
        let module = name.split(['/', '.']).next().unwrap_or_default();
        if !modules.contains(&module) {
            continue;
        }
        seen += 1;
        judge(&file, &mut findings);
    }
    assert!(seen > modules.len(), "the core has moved: correct CORE");
    findings.check();
}

/// The code of a file before its unit tests, which stand at the end.
fn rules(file: &RustFile) -> &str {
    let code = &file.code;
    code.split("#[cfg(test)]").next().unwrap_or_default()
}

/// Finds where facts are made or committed.
fn records(file: &RustFile, findings: &mut Findings) {
    let code = rules(file);
    for (offset, word) in identifiers(code) {
        let is_call = code[..offset].trim_end().ends_with('.');
        let commits = is_call && matches!(word, "commit" | "happen" | "happen_at" | "note_nick");
        if commits || word == "Fact" {
            let advice = "a door records nothing: let an operation say what happens";
            findings.add(&file.path, file.line_of(offset), advice);
        }
    }
}

/// Finds where something is said by a numeric or in a language.
fn words(file: &RustFile, findings: &mut Findings) {
    let code = rules(file);
    for (offset, word) in identifiers(code) {
        let is_called = code[offset + word.len()..].starts_with('(');
        let is_method = code[..offset].trim_end().ends_with('.');
        let is_text = is_called && !is_method && matches!(word, "text" | "text_with");
        let is_numeric = word.starts_with("RPL_") || word.starts_with("ERR_");
        // What an account keeps is also the language that its owner is spoken to in.
        let is_language = word == "Language" && !code[..offset].ends_with("Setting::");
        if is_text || is_numeric || is_language || word == "causette_text" {
            let advice =
                "an operation gives back plain data: let the doors word it, or `turn/words.rs`";
            findings.add(&file.path, file.line_of(offset), advice);
        }
    }
}
