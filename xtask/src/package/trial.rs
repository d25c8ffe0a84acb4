//! What the package must do on a new Debian: be installed, serve, be upgraded with all that people have, go, and leave
//! nothing but their data.
//!
//! No service manager runs in a folder: the server is started as the unit says, by its own lines.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};

use super::root::{RELEASE, Root};
use super::{EARLIER, field};
use crate::source;
use crate::step::{is_installed, missing, step};

/// What `systemd-analyze security` may find at most, in tenths: from 0, everything is forbidden, to 100.
const EXPOSURE_MAX: &str = "15";

/// How long the server may take until it answers. A new data folder takes it a tenth of a second.
const START_MAX: Duration = Duration::from_secs(20);

/// The programs that a trial needs, and what they are in.
const PROGRAMS: [&str; 6] = [
    "debootstrap",
    "unshare",
    "nsenter",
    "ip",
    "dpkg-deb",
    "systemd-analyze",
];

const UNIT: &str = "packaging/debian/causette.service";
const CONFIGURATION: &str = "/etc/causette/causette.toml";
/// By its number: a new Debian knows no names.
const ADDRESS: &str = "127.0.0.1";
const DATA: &str = "/var/lib/causette";
const BACKUPS: &str = "/var/lib/causette-backups";
const PASSWORD: &str = "correct-horse-battery";
const SAID: &str = "kept over the upgrade";

/// The files that a package may leave: the data, and what Debian notes of accounts and of units that were there.
const LEFT: [&str; 3] = [
    "var/lib/causette",
    "etc/.pwd.lock",
    "var/lib/systemd/deb-systemd-helper-",
];

/// Tries a package, and the upgrade to it from an earlier one.
///
/// # Errors
/// When it does not do what it must.
pub(super) fn run_trial(folder: &Path, earlier: &Path, package: &Path) -> anyhow::Result<()> {
    let title = format!("the package in a new Debian ({RELEASE})");
    let lacking: Vec<&str> = PROGRAMS
        .into_iter()
        .filter(|name| !is_installed(name))
        .collect();
    if !lacking.is_empty() {
        return missing(&title, &format!("not installed: {}", lacking.join(", ")));
    }
    if !is_root() {
        return missing(&title, "only root can make one");
    }
    step("how far the unit is closed in", judge_unit)?;
    let root = step("debootstrap", || {
        Root::make(folder.join(RELEASE), &folder.join("cache"))
    })?;
    for (name, file) in [("earlier.deb", earlier), ("causette.deb", package)] {
        fs::copy(file, root.at("tmp").join(name))?;
    }
    let depends = field(package, "Depends")?;
    let needed = [
        "apt-get",
        "--quiet",
        "--yes",
        "--no-install-recommends",
        "satisfy",
        &depends,
    ];
    step("what it depends on", || {
        root.run(&["apt-get", "--quiet", "update"])?;
        root.run(&needed)
    })?;
    let before = root.files()?;
    let mut trial = Trial { root, server: None };
    step("installing", || trial.install())?;
    step("serving", || trial.serve())?;
    step("upgrading", || trial.upgrade(&field(package, "Version")?))?;
    step("removing", || trial.remove(&before))?;
    step("purging", || trial.purge(&before))?;
    Ok(fs::remove_dir_all(folder.join(RELEASE))?)
}

/// # Errors
/// When more is open to the service than need be: what, and how much it counts.
fn judge_unit() -> anyhow::Result<()> {
    let mut analysis = Command::new("systemd-analyze");
    analysis.args([
        "security",
        "--offline=true",
        "--no-pager",
        "--threshold",
        EXPOSURE_MAX,
    ]);
    let output = analysis.arg(source::root().join(UNIT)).output()?;
    let told = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{told}");
    eprintln!("{}", told.lines().last().unwrap_or_default());
    Ok(())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("--user").output();
    id.is_ok_and(|id| id.stdout == b"0\n")
}

struct Trial {
    root: Root,
    server: Option<Child>,
}

impl Trial {
    fn install(&self) -> anyhow::Result<()> {
        self.root.run(&["dpkg", "--install", "/tmp/earlier.deb"])?;
        let account = self.root.run(&["getent", "passwd", "causette"])?;
        ensure!(
            account.contains(":/var/lib/causette:/usr/sbin/nologin"),
            "{account}"
        );
        let rights = self
            .root
            .run(&["stat", "--format", "%A %U %G", "/etc/causette"])?;
        ensure!(rights.trim() == "drwxr-x--- root causette", "{rights}");
        for file in [
            "usr/share/man/man1/causette-serve.1.gz",
            "usr/share/man/fr/man1/causette-serve.1.gz",
            "usr/share/bash-completion/completions/causette",
            "usr/share/zsh/vendor-completions/_causette",
            "usr/share/fish/vendor_completions.d/causette.fish",
        ] {
            ensure!(self.root.at(file).is_file(), "there is no {file}");
        }
        let wanted = "etc/systemd/system/multi-user.target.wants/causette.service";
        ensure!(self.root.at(wanted).is_symlink(), "the unit is not enabled");
        // The configuration of the package is found without being named.
        self.causette(&["check"])?;
        let backups = ["stat", "--format", "%A %U %G", BACKUPS];
        let rights = self.root.run(&backups)?;
        ensure!(rights.trim() == "drwx------ causette causette", "{rights}");
        Ok(())
    }

    /// Starts the server; somebody signs up and says something.
    fn serve(&mut self) -> anyhow::Result<()> {
        self.start()?;
        let sign_up = format!("REGISTER {PASSWORD}");
        let guest = ["send", "--server", ADDRESS, "--guest", "alice"];
        self.beside(&[&guest[..], &["NickServ", &sign_up]].concat())?;
        fs::write(self.root.at("root/password"), PASSWORD)?;
        self.sign_in()?;
        self.beside(&["send", "--server", ADDRESS, "#general", SAID])?;
        Ok(())
    }

    /// Upgrades under the running server, with a configuration that somebody has changed, and restarts it then, as the
    /// service manager would.
    fn upgrade(&mut self, version: &str) -> anyhow::Result<()> {
        let file = self.root.at(CONFIGURATION);
        let changed =
            fs::read_to_string(&file)?.replace("# network = \"Causette\"", "network = \"Changed\"");
        ensure!(
            changed.contains("Changed"),
            "the configuration has no line on the network"
        );
        fs::write(&file, &changed)?;
        self.root.run(&["dpkg", "--install", "/tmp/causette.deb"])?;
        let versions = self.root.run(&[
            "dpkg-query",
            "--show",
            "--showformat",
            "${Version}",
            "causette",
        ])?;
        ensure!(versions == version && version != EARLIER, "{versions}");
        ensure!(
            fs::read_to_string(&file)? == changed,
            "the configuration was changed by the upgrade"
        );
        self.stop()?;
        self.start()?;
        // By the token of before, then by the password.
        let told = self.beside(&["tail", "--server", ADDRESS, "#general"])?;
        ensure!(told.contains(SAID), "what was said is gone: {told}");
        self.sign_in()?;
        self.stop()
    }

    fn remove(&self, before: &BTreeSet<PathBuf>) -> anyhow::Result<()> {
        self.root.run(&["dpkg", "--remove", "causette"])?;
        // That the unit is enabled is configuration too; its helper masks it, so that nobody starts what is not there.
        self.only_left(before, &["etc/causette", "etc/systemd/system/"])?;
        ensure!(
            self.root.at(CONFIGURATION).is_file(),
            "the configuration is gone"
        );
        self.data_is_kept()
    }

    fn purge(&self, before: &BTreeSet<PathBuf>) -> anyhow::Result<()> {
        let told = self.root.run(&["dpkg", "--purge", "causette"])?;
        ensure!(
            told.contains(DATA),
            "where the data is was not said: {told}"
        );
        self.only_left(before, &[])?;
        self.data_is_kept()
    }

    fn data_is_kept(&self) -> anyhow::Result<()> {
        let database = self.root.at(DATA).join("causette.db");
        ensure!(database.is_file(), "the data is gone");
        Ok(())
    }

    /// Looks for files that were not there before the package and are none of those that may stay.
    fn only_left(&self, before: &BTreeSet<PathBuf>, more: &[&str]) -> anyhow::Result<()> {
        let may_stay = |file: &PathBuf| {
            let file = file.to_string_lossy();
            LEFT.iter().chain(more).any(|left| file.starts_with(left))
        };
        let after = self.root.files()?;
        let left: Vec<_> = after
            .difference(before)
            .filter(|file| !may_stay(file))
            .collect();
        let lost: Vec<_> = before.difference(&after).collect();
        ensure!(left.is_empty(), "left behind: {left:?}");
        ensure!(lost.is_empty(), "taken from other packages: {lost:?}");
        Ok(())
    }

    /// Does what the unit says: its folder, its account, its mask, its command.
    fn start(&mut self) -> anyhow::Result<()> {
        let unit = fs::read_to_string(self.root.at("usr/lib/systemd/system/causette.service"))?;
        let said = |name: &str| {
            let line = unit
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.with_context(|| format!("the unit does not say {name}"))
        };
        let (user, group) = (said("User")?, said("Group")?);
        let mode = said("StateDirectoryMode")?;
        for folder in said("StateDirectory")?.split(' ') {
            let folder = format!("/var/lib/{folder}");
            let make = ["install", "--directory", "--owner", user, "--group", group];
            self.root
                .run(&[&make[..], &["--mode", mode, &folder]].concat())?;
        }
        let script = format!("umask {}; exec {}", said("UMask")?, said("ExecStart")?);
        let call = [
            "setpriv",
            "--reuid",
            user,
            "--regid",
            group,
            "--clear-groups",
            "--no-new-privs",
            "sh",
            "-ec",
            &script,
        ];
        let log = self.root.at("tmp/log");
        self.server = Some(self.root.start(&call, &log)?);
        let begun = Instant::now();
        while let Err(error) = self.beside(&["admin", "status", "--config", CONFIGURATION]) {
            if begun.elapsed() > START_MAX {
                bail!("{error:#}\n{}", fs::read_to_string(&log)?);
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn stop(&mut self) -> anyhow::Result<()> {
        self.beside(&["admin", "stop"])?;
        let mut server = self.server.take().context("no server runs")?;
        let status = server.wait()?;
        ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }

    fn sign_in(&self) -> anyhow::Result<()> {
        let login = format!("causette login {ADDRESS} --account alice --password-stdin");
        self.beside_shell(&format!("{login} < /root/password"))
            .map(drop)
    }

    fn causette(&self, arguments: &[&str]) -> anyhow::Result<String> {
        self.root.run(&[&["causette"], arguments].concat())
    }

    /// Runs a verb beside the running server.
    fn beside(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let server = self.server.as_ref().context("no server runs")?;
        self.root
            .run_beside(server, &[&["causette"], arguments].concat())
    }

    fn beside_shell(&self, script: &str) -> anyhow::Result<String> {
        let server = self.server.as_ref().context("no server runs")?;
        self.root.run_beside(server, &["sh", "-ec", script])
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        // Where a step has failed: the server goes with the process that holds its namespaces. Gone already is as well.
        if let Some(mut server) = self.server.take() {
            let _ = server.kill();
            let _ = server.wait();
        }
    }
}
