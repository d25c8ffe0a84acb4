//! `cargo xtask package`: the Debian package, and with `--test` the proof of it on a new Debian.
//!
//! Here: the order of the steps. What goes into the package is listed in `crates/causette/Cargo.toml`; what is made for it,
//! the manual pages and the like, in `stage.rs`; what it must do on a machine, in `trial.rs`.

mod libraries;
mod root;
mod stage;
mod trial;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::command::{Misuse, words};
use crate::step::{cargo, has_command, is_installed, missing, run};

/// The version that the package is upgraded from in its trial: lower than any that was ever built.
const EARLIER: &str = "0.0.1-1";

pub(crate) fn package(arguments: &[String]) -> anyhow::Result<()> {
    let is_tried = match arguments {
        [] => false,
        [option] if option == "--test" => true,
        [word, ..] => {
            let told = format!("unknown argument `{word}`; the only option is --test");
            return Err(Misuse(told).into());
        }
    };
    if !has_command("deb") {
        let reason = "cargo-deb is not installed (`cargo install --locked cargo-deb`)";
        return missing("Debian package", reason);
    }
    run(
        "server for release",
        &mut cargo(&words("build --release -p causette")),
    )?;
    let target = target_folder()?;
    let moment = moment();
    stage::stage(&target.join("release"), moment)?;
    let trial = target.join("package-trial");
    // First: cargo-deb removes what it has packed before. The same program under a lower number: what an upgrade does with files,
    // configuration and data is the package's; what a newer program does with an older database is tested with the store.
    let earlier = is_tried.then(|| {
        let options = ["--fast", "--deb-version", EARLIER];
        build(&trial.join("earlier"), moment, &options)
    });
    let package = build(&target.join("debian"), moment, &[])?;
    lint(&package)?;
    if let Some(earlier) = earlier {
        trial::run_trial(&trial, &earlier?, &package)?;
    }
    eprintln!("\nThe package is {}", package.display());
    Ok(())
}

/// Where cargo puts what it builds.
fn target_folder() -> anyhow::Result<PathBuf> {
    let output = cargo(&words("metadata --no-deps --format-version 1")).output()?;
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let folder = metadata["target_directory"].as_str();
    Ok(folder.context("cargo names no target folder")?.into())
}

/// The moment that files and changelog of the package bear, in seconds since 1970: that of the last commit, so that the same
/// sources give the same package; the present one where there is no repository.
fn moment() -> u64 {
    let commit = Command::new("git")
        .args(["log", "-1", "--format=%ct"])
        .current_dir(crate::source::root())
        .output();
    let of_commit = commit
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok()?.trim().parse().ok());
    of_commit.unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.map_or(0, |since| since.as_secs())
    })
}

/// Packs what was built and staged into a folder, and gives the file.
fn build(folder: &Path, moment: u64, options: &[&str]) -> anyhow::Result<PathBuf> {
    eprintln!("\n=== cargo deb {}", options.join(" "));
    std::fs::create_dir_all(folder)?;
    let output = cargo(&words("deb --package causette --no-build --output"))
        .arg(folder)
        .args(options)
        .env("SOURCE_DATE_EPOCH", moment.to_string())
        .stderr(Stdio::inherit())
        .output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    let Some(file) = told.lines().last().filter(|_| output.status.success()) else {
        bail!("cargo deb: {}", output.status);
    };
    let depends = field(Path::new(file), "Depends")?;
    eprintln!("=== {file}\n=== needs {depends}");
    Ok(file.into())
}

/// What a package says of itself under a name.
fn field(package: &Path, name: &str) -> anyhow::Result<String> {
    let output = Command::new("dpkg-deb")
        .arg("--field")
        .args([package.as_os_str(), name.as_ref()])
        .output()
        .context("cannot start dpkg-deb")?;
    if !output.status.success() {
        bail!("dpkg-deb: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn lint(package: &Path) -> anyhow::Result<()> {
    let title = "lintian";
    if !is_installed("lintian") {
        return missing(title, "lintian is not installed");
    }
    let mut lintian = Command::new("lintian");
    lintian.args(["--allow-root", "--fail-on", "error,warning", "--info"]);
    run(title, lintian.arg(package))
}
