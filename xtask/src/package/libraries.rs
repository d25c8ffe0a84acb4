//! The notices of the libraries that are in the program: their licences ask that they go with it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::Value;

use crate::step::cargo;

/// How files with a licence or notice are called, in small letters.
const NAMES: [&str; 6] = [
    "license",
    "licence",
    "copying",
    "copyright",
    "notice",
    "unlicense",
];

/// One library.
struct Library {
    name: String,
    licence: String,
    folder: PathBuf,
}

/// The list of the libraries, and behind it each text once, with those whose text it is.
///
/// # Errors
/// When cargo does not tell, or a file cannot be read.
pub(super) fn notices() -> anyhow::Result<String> {
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let arguments = [
        "metadata",
        "--locked",
        "--format-version",
        "1",
        "--filter-platform",
        &target,
    ];
    let output = cargo(&arguments).output()?;
    let metadata = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
    write(&libraries(&metadata))
}

fn write(libraries: &[Library]) -> anyhow::Result<String> {
    let mut text =
        String::from("Causette contains the standard library of Rust (MIT or Apache-2.0) and:\n\n");
    let mut texts: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for library in libraries {
        text += &format!("  {}: {}\n", library.name, library.licence);
        let mut files = BTreeSet::new();
        find(&library.folder, &mut files)?;
        for file in files {
            let notice = fs::read(&file).with_context(|| file.display().to_string())?;
            let notice = String::from_utf8_lossy(&notice).trim().to_owned();
            let whose = texts.entry(notice).or_default();
            if whose.last() != Some(&library.name.as_str()) {
                whose.push(&library.name);
            }
        }
    }
    for (notice, whose) in texts {
        let rule = "-".repeat(78);
        text += &format!("\n{rule}\n{}\n{rule}\n\n{notice}\n", whose.join(", "));
    }
    Ok(text)
}

/// What the program is made of, without what is only needed to build or test it, and without what is ours.
fn libraries(metadata: &Value) -> Vec<Library> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"]);
    let nodes = list(&metadata["resolve"]["nodes"]);
    let is_linked = |dependency: &Value| {
        list(&dependency["dep_kinds"])
            .iter()
            .any(|kind| kind["kind"].is_null())
    };
    let program = packages
        .iter()
        .find(|package| package["name"] == "causette");
    let mut left: Vec<Value> = program
        .map(|package| package["id"].clone())
        .into_iter()
        .collect();
    let mut found = Vec::new();
    while let Some(id) = left.pop() {
        if found.contains(&id) {
            continue;
        }
        let node = nodes.iter().find(|node| node["id"] == id);
        let below = node.map(|node| list(&node["deps"])).unwrap_or_default();
        left.extend(
            below
                .iter()
                .filter(|below| is_linked(below))
                .map(|below| below["pkg"].clone()),
        );
        found.push(id);
    }
    let linked = packages
        .iter()
        .filter(|package| !package["source"].is_null() && found.contains(&package["id"]));
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    linked
        .map(|package| Library {
            name: format!("{} {}", word(&package["name"]), word(&package["version"])),
            licence: word(&package["license"]),
            folder: Path::new(&word(&package["manifest_path"]))
                .parent()
                .unwrap_or_else(|| Path::new("."))
                .to_owned(),
        })
        .collect()
}

/// Files with a notice in a folder and below: libraries in C bring theirs in folders of their own.
fn find(folder: &Path, files: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_lowercase();
        let stem = name.split(['.', '-', '_']).next().unwrap_or_default();
        if entry.file_type()?.is_dir() {
            find(&entry.path(), files)?;
        } else if NAMES.contains(&stem) && !name.ends_with(".rs") {
            files.insert(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_library_of_the_program_is_named_and_those_of_the_tests_are_not() {
        let text = notices().unwrap();
        let list = text.split("\n\n").nth(1).unwrap();
        for name in ["  rustls ", "  libsqlite3-sys ", "  aws-lc-sys "] {
            assert!(list.contains(name), "no{name}in {list}");
        }
        for name in ["  proptest ", "  causette", "  cc "] {
            assert!(!list.contains(name), "{name}in {list}");
        }
        assert!(text.contains("Permission is hereby granted"));
    }
}
