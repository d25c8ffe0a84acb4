//! The floors of the core: which module may use which. A file uses what lies on its own floor or below it, as the crates do
//! among themselves (`layers.rs`).

use super::Findings;
use crate::source::{RustFile, rust_files};
use std::path::Path;

const CORE: &str = "crates/causette-core/src";

/// The floors from the top down: a name, and the modules on it. A module stands for its folder too.
const FLOORS: &[(&str, &[&str])] = &[
    ("the entrance", &["core"]),
    ("doors", &["commands", "service", "ask"]),
    ("answers", &["reply", "isupport"]),
    (
        "operations",
        &["account", "discipline", "files", "person", "room", "server"],
    ),
    ("the turn", &["actor", "turn"]),
    ("the state and what changes it", &["state"]),
    (
        "the border",
        &[
            "event", "filter", "fitting", "history", "input", "line", "order", "output", "page",
            "record", "report", "snapshot",
        ],
    ),
    (
        "vocabulary",
        &[
            "cidr",
            "client_tags",
            "ctcp",
            "denied",
            "file",
            "former",
            "id",
            "imported",
            "invitation",
            "limits",
            "login",
            "modes",
            "reserved",
            "right",
            "sanction",
            "secret",
            "settings",
        ],
    ),
];

#[test]
fn the_core_is_used_from_above_only() {
    let mut findings = Findings::default();
    let mut seen = 0;
    for file in rust_files() {
        if file.path.starts_with(CORE) && !file.path.ends_with("lib.rs") {
            seen += 1;
            judge(&file, &mut findings);
        }
    }
    assert!(seen > 0, "the core has moved: correct CORE");
    findings.check();
}

#[test]
fn a_use_of_something_above_is_found() {
    let judged = |text: &str| {
        let mut findings = Findings::default();
        let path = Path::new(CORE).join("state/session.rs");
        let file = RustFile::new(path, text.into());
        judge(&file, &mut findings);
        findings.0.len()
    };
    assert_eq!(judged("use crate::id::UserId; // crate::core"), 0);
    assert_eq!(
        judged("use crate::{commands, id::{RoomId, UserId}, turn::Turn};"),
        2
    );
    assert_eq!(judged("fn f() { crate::core::g() }"), 1);
    assert_eq!(judged("use crate::{\n    reply::{self, Ctx},\n};"), 1);
    let tests = "fn f() {}\n#[cfg(test)]\nmod tests { use crate::core::Core; }";
    assert_eq!(judged(tests), 0);
}

fn judge(file: &RustFile, findings: &mut Findings) {
    let from = module_of(&file.path);
    let Some(own) = floor_of(&from) else {
        let advice = "give the module its floor in FLOORS (xtask/src/tidy/floors.rs)";
        return findings.add(&file.path, 1, advice);
    };
    // The unit tests stand at the end.
    let code = file.code.split("#[cfg(test)]").next().unwrap_or_default();
    for (offset, _) in code.match_indices("crate::") {
        if code[..offset].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            continue;
        }
        let mut used = Vec::new();
        heads(&code[offset + "crate::".len()..], &mut used);
        for to in used {
            let Some(floor) = floor_of(to).filter(|floor| *floor < own) else {
                continue;
            };
            let advice = format!(
                "{} ({}) may not use `{to}` ({}): move what is needed down, or what needs it up",
                FLOORS[own].0, from, FLOORS[floor].0
            );
            findings.add(&file.path, file.line_of(offset), &advice);
        }
    }
}

/// The modules that a path, or a group of them, begins with.
fn heads<'a>(text: &'a str, used: &mut Vec<&'a str>) {
    let Some(group) = text.strip_prefix('{') else {
        let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
        return used.push(&text[..end.unwrap_or(text.len())]);
    };
    let mut depth = 0;
    let mut start = 0;
    for (offset, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return heads(group[start..offset].trim(), used),
            '}' => depth -= 1,
            ',' if depth == 0 => {
                heads(group[start..offset].trim(), used);
                start = offset + 1;
            }
            _ => {}
        }
    }
}

fn floor_of(module: &str) -> Option<usize> {
    let head = module.split("::").next().unwrap_or_default();
    FLOORS
        .iter()
        .position(|(_, modules)| modules.contains(&head))
}

/// `state::session` for `crates/causette-core/src/state/session.rs`.
fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix(CORE).unwrap_or(path).with_extension("");
    let parts = inside.iter().filter_map(|part| part.to_str());
    let parts: Vec<&str> = parts.filter(|part| *part != "mod").collect();
    parts.join("::")
}
