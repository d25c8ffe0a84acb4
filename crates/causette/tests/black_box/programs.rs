//! The programs of others that some tests drive. Where one is not installed the test is left out, and says so; where `CI` is
//! `true` it fails instead.

use std::io::Write as _;
use std::path::{Path, PathBuf};

/// Whether the programs that a test drives are installed.
pub(crate) fn installed(test: &str, programs: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_missing =
        |program: &&str| !std::env::split_paths(&path).any(|folder| folder.join(program).exists());
    let missing: Vec<&str> = programs.iter().copied().filter(is_missing).collect();
    if missing.is_empty() {
        return true;
    }
    not_installed(test, &missing.join(", "));
    false
}

/// Leaves out a test for want of something that can be installed.
pub(crate) fn not_installed(test: &str, missing: &str) {
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "not installed: {missing}"
    );
    skip(test, &format!("not installed: {missing}"));
}

/// Says that a test is left out, and why.
pub(crate) fn skip(test: &str, reason: &str) {
    // Not through `eprintln!`, which a test that passes keeps to itself.
    let line = format!("SKIPPED the test with {test}, {reason}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

/// The folder of the scripts for node, and of the lists of what they need.
pub(crate) fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// Where `.ci/run` installs the modules of a list.
pub(crate) fn modules(list: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(list)
}

/// Whether the modules of a list are installed.
pub(crate) fn has_modules(test: &str, list: &Path, folder: &Path, names: &[&str]) -> bool {
    let has = names
        .iter()
        .all(|name| folder.join("node_modules").join(name).is_dir());
    if !has {
        let (folder, list) = (folder.display(), list.display());
        not_installed(
            test,
            &format!(
                "{} (mkdir -p {folder} && cp {list}/package*.json {folder} && cd {folder} && npm ci --ignore-scripts)",
                names.join(", ")
            ),
        );
    }
    has
}
