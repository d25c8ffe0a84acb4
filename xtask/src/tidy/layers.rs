//! Who may depend on whom among our crates, and what the two pure ones may depend on at all.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::Findings;
use crate::source;

/// The direction of dependencies: a crate and those of ours that it may use.
const LAYERS: &[(&str, &[&str])] = &[
    (
        "causette",
        &[
            "causette-server",
            "causette-client",
            "causette-core",
            "causette-store",
            "causette-text",
        ],
    ),
    (
        "causette-server",
        &[
            "causette-store",
            "causette-web",
            "causette-core",
            "causette-proto",
            "causette-text",
        ],
    ),
    ("causette-store", &["causette-core", "causette-proto"]),
    ("causette-core", &["causette-proto", "causette-text"]),
    ("causette-client", &["causette-proto", "causette-text"]),
    ("causette-proto", &[]),
    ("causette-text", &[]),
    ("causette-web", &[]),
    (
        "causette-bench",
        &[
            "causette-store",
            "causette-core",
            "causette-proto",
            "causette-testbed",
        ],
    ),
    ("causette-testbed", &[]),
    ("xtask", &["causette-testbed"]),
];

/// What only the tests of a crate may use besides, and why.
const FOR_TESTS: &[(&str, &str, &str)] = &[
    (
        "causette",
        "causette-proto",
        "the black-box tests read what the server wrote with the parser that clients could use",
    ),
    (
        "causette",
        "causette-testbed",
        "the black-box tests kill the server's database, and fill its disk",
    ),
    (
        "causette-store",
        "causette-testbed",
        "the store's story is the same on every engine",
    ),
];

/// Everything that a pure crate may depend on. None of these reads a clock, does I/O or draws randomness.
const PURE: &[(&str, &[&str])] = &[
    (
        "causette-core",
        &[
            "base64",
            "bytes",
            "causette-proto",
            "causette-text",
            "compact_str",
            "hmac",
            "rustc-hash",
            "sha2",
            "zeroize",
        ],
    ),
    (
        "causette-proto",
        &[
            "bytes",
            "compact_str",
            "precis-profiles",
            "unicode-normalization",
            "unicode-security",
            "zeroize",
        ],
    ),
    ("causette-text", &["fluent-bundle", "unic-langid"]),
];

/// One dependency as a manifest of the workspace declares it.
#[derive(Clone)]
struct Dependency {
    of: String,
    on: String,
    only_for_tests: bool,
    manifest: PathBuf,
}

#[test]
fn crates_depend_downwards_only() {
    let mut findings = Findings::default();
    judge_layers(&dependencies(), &mut findings);
    findings.check();
}

#[test]
fn pure_crates_depend_on_nothing_that_has_a_clock_or_a_socket() {
    let mut findings = Findings::default();
    judge_purity(&dependencies(), &mut findings);
    findings.check();
}

#[test]
fn a_dependency_against_the_direction_is_found() {
    let upwards = Dependency {
        of: "causette-proto".into(),
        on: "causette-core".into(),
        only_for_tests: false,
        manifest: PathBuf::from("Cargo.toml"),
    };
    let for_tests = Dependency {
        of: "causette".into(),
        on: "causette-proto".into(),
        only_for_tests: true,
        ..upwards.clone()
    };
    let clock = Dependency {
        of: "causette-core".into(),
        on: "tokio".into(),
        ..upwards.clone()
    };
    let mut findings = Findings::default();
    judge_layers(&[upwards, for_tests], &mut findings);
    assert_eq!(findings.0.len(), 1, "{:?}", findings.0);
    judge_purity(&[clock], &mut findings);
    assert_eq!(findings.0.len(), 2, "{:?}", findings.0);
}

fn judge_layers(dependencies: &[Dependency], findings: &mut Findings) {
    let layers: BTreeMap<_, _> = LAYERS.iter().copied().collect();
    for dependency in dependencies {
        let Dependency {
            of, on, manifest, ..
        } = dependency;
        let Some(allowed) = layers.get(of.as_str()) else {
            findings.add(
                manifest,
                1,
                &format!("give `{of}` its place in LAYERS (xtask/src/tidy/layers.rs)"),
            );
            continue;
        };
        let excused = dependency.only_for_tests
            && FOR_TESTS
                .iter()
                .any(|(by, used, _)| (by, used) == (&of.as_str(), &on.as_str()));
        if layers.contains_key(on.as_str()) && !allowed.contains(&on.as_str()) && !excused {
            let advice = format!(
                "`{of}` may not depend on `{on}`: the allowed direction is in LAYERS (xtask/src/tidy/layers.rs); \
                 move what is needed down, or pass it as a value"
            );
            findings.add(manifest, line_of(dependency), &advice);
        }
    }
}

fn judge_purity(dependencies: &[Dependency], findings: &mut Findings) {
    for dependency in dependencies
        .iter()
        .filter(|dependency| !dependency.only_for_tests)
    {
        let Dependency {
            of, on, manifest, ..
        } = dependency;
        let Some((_, allowed)) = PURE.iter().find(|(name, _)| name == of) else {
            continue;
        };
        if !allowed.contains(&on.as_str()) {
            let advice = format!(
                "`{of}` is pure and `{on}` is not on its list (PURE in xtask/src/tidy/layers.rs): remove it, \
                 or list it after reading that it has no clock, no I/O, no async and no randomness"
            );
            findings.add(manifest, line_of(dependency), &advice);
        }
    }
}

fn line_of(dependency: &Dependency) -> usize {
    let text =
        std::fs::read_to_string(source::root().join(&dependency.manifest)).unwrap_or_default();
    let found = text
        .lines()
        .position(|line| line.starts_with(&dependency.on));
    found.map_or(1, |index| index + 1)
}

fn dependencies() -> Vec<Dependency> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(source::root())
        .output()
        .expect("cargo runs: it built this test");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value =
        serde_json::from_slice(&output.stdout).expect("cargo metadata writes JSON");
    let mut dependencies = Vec::new();
    for package in list(&metadata, "packages") {
        let manifest = PathBuf::from(text(package, "manifest_path"));
        let manifest = manifest.strip_prefix(source::root()).unwrap_or(&manifest);
        for dependency in list(package, "dependencies") {
            dependencies.push(Dependency {
                of: text(package, "name").into(),
                on: text(dependency, "name").into(),
                only_for_tests: dependency["kind"] == "dev",
                manifest: manifest.to_path_buf(),
            });
        }
    }
    assert!(
        !dependencies.is_empty(),
        "cargo metadata names no dependency at all"
    );
    dependencies
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key]
        .as_array()
        .expect("a list in cargo's metadata format 1")
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .expect("a text in cargo's metadata format 1")
}
