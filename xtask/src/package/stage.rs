//! What the package holds beside the program, made by the program or of its sources: manual pages, completions, the
//! configuration, the changelog, the notices of the libraries.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use super::libraries;
use crate::source;

/// The lines of the example of which the package makes its own. The data folder of the example is relative to a folder that a
/// service does not choose; the folder of the backups is there, so that they can be made.
const OWN: [(&str, &str); 3] = [
    (
        "# data_dir = \"causette-data\"\n",
        "data_dir = \"/var/lib/causette\"\n",
    ),
    ("# every = \"24h\"\n", "every = \"24h\"\n"),
    (
        "# folder = \"/srv/backups\"\n",
        "folder = \"/var/lib/causette-backups\"\n",
    ),
];

/// The shells, and the names under which they look for what is made for them.
const SHELLS: [(&str, &str); 3] = [
    ("bash", "causette.bash"),
    ("zsh", "_causette"),
    ("fish", "causette.fish"),
];

/// Fills the folder `package` beside the program, from nothing.
pub(super) fn stage(release: &Path, moment: u64) -> anyhow::Result<()> {
    let (program, folder) = (release.join("causette"), release.join("package"));
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for (language, manual) in [("en", "man1"), ("fr", "fr/man1")] {
        let manual = folder.join(manual);
        let manual_word = manual.to_str().context("a target folder that is no text")?;
        output(Command::new(&program).args(["--lang", language, "man", manual_word]))?;
        let pages: Result<Vec<_>, _> = fs::read_dir(&manual)?
            .map(|page| page.map(|page| page.path()))
            .collect();
        compress(&pages?)?;
    }
    for (shell, file) in SHELLS {
        let script = output(Command::new(&program).args(["--lang", "en", "completions", shell]))?;
        fs::write(folder.join(file), script)?;
    }
    fs::write(folder.join("causette.toml"), configuration()?)?;
    let (news, notices) = (folder.join("changelog.Debian"), folder.join("libraries"));
    fs::write(&news, changelog(moment)?)?;
    fs::write(&notices, libraries::notices()?)?;
    compress(&[news, notices])
}

/// The annotated example, with the folders that the service has.
fn configuration() -> anyhow::Result<String> {
    let file = source::root().join("examples/causette.toml");
    let example = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    OWN.iter().try_fold(example, |text, (line, instead)| {
        ensure!(
            text.matches(line).count() == 1,
            "{}: there is no line `{}`",
            file.display(),
            line.trim_end()
        );
        Ok(text.replace(line, instead))
    })
}

/// The changelog of the packaging, in Debian's form. What changed in Causette is in the one beside it.
fn changelog(moment: u64) -> anyhow::Result<String> {
    let version = env!("CARGO_PKG_VERSION");
    let date = output(
        Command::new("date")
            .args(["--utc", "--rfc-email", "--date"])
            .arg(format!("@{moment}")),
    )?;
    let date = String::from_utf8(date)?;
    let manifest = fs::read_to_string(source::root().join("crates/causette/Cargo.toml"))?;
    let maintainer = manifest
        .lines()
        .find_map(|line| line.strip_prefix("maintainer = ")?.split('"').nth(1))
        .context("crates/causette/Cargo.toml names no maintainer")?;
    Ok(format!(
        "causette ({version}-1) stable; urgency=medium\n\n  \
         * What changed is in changelog.gz beside this file.\n\n \
         -- {maintainer}  {date}"
    ))
}

/// Compresses files as Debian wants it, without name and time of the file, so that the same text gives the same bytes.
fn compress(files: &[PathBuf]) -> anyhow::Result<()> {
    output(Command::new("gzip").args(["-9", "--no-name"]).args(files)).map(drop)
}

/// What a program prints that must succeed.
fn output(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    let name = command.get_program().display().to_string();
    let output = command
        .output()
        .with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        bail!("{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_of_the_package_names_its_folders() {
        let text = configuration().unwrap();
        assert!(text.contains("\ndata_dir = \"/var/lib/causette\"\n"));
        assert!(text.contains("\nevery = \"24h\"\nfolder = \"/var/lib/causette-backups\"\n"));
    }

    #[test]
    fn the_changelog_has_the_form_that_debian_reads() {
        let text = changelog(1_795_869_296).unwrap();
        let (first, last) = (text.lines().next().unwrap(), text.lines().last().unwrap());
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(
            first,
            format!("causette ({version}-1) stable; urgency=medium")
        );
        assert!(
            last.starts_with(" -- ") && last.ends_with(">  Sat, 28 Nov 2026 12:34:56 +0000"),
            "{last}"
        );
    }
}
