//! A new Debian in a folder, made by debootstrap, and programs that run in it.
//!
//! Each program has its own tree of processes and mounts, which end with it: nothing is left to unmount, and nothing goes on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail, ensure};

/// The release that the package is for.
pub(super) const RELEASE: &str = "bookworm";

/// What programs in it are told of the world: nothing of this machine.
const ENVIRONMENT: [&str; 5] = [
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME=/root",
    "LANG=C.UTF-8",
    "DEBIAN_FRONTEND=noninteractive",
    "TERM=dumb",
];

/// Folders that hold nothing of a package: what is passing, what people have, what dpkg and apt know.
const PASSING: [&str; 9] = [
    "proc",
    "sys",
    "dev",
    "run",
    "tmp",
    "root",
    "var/cache",
    "var/log",
    "var/lib/dpkg",
];

/// The Debian.
pub(super) struct Root {
    path: PathBuf,
}

impl Root {
    /// Makes it anew in `path`; `cache` keeps the packages of Debian for the next time.
    ///
    /// # Errors
    /// When debootstrap fails.
    pub(super) fn make(path: PathBuf, cache: &Path) -> anyhow::Result<Self> {
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        for folder in [&path, &cache.to_owned()] {
            fs::create_dir_all(folder)?;
        }
        let mut debootstrap = Command::new("debootstrap");
        debootstrap
            .args(["--variant=minbase", "--cache-dir"])
            .arg(cache);
        debootstrap.arg(RELEASE).arg(&path).arg(mirror()?);
        let output = debootstrap.output().context("cannot start debootstrap")?;
        if !output.status.success() {
            let log = fs::read_to_string(path.join("debootstrap/debootstrap.log"));
            bail!(
                "debootstrap: {}\n{}",
                String::from_utf8_lossy(&output.stderr),
                log.unwrap_or_default()
            );
        }
        Ok(Self { path })
    }

    /// Where a file of it is on this machine.
    pub(super) fn at(&self, file: &str) -> PathBuf {
        self.path.join(file.trim_start_matches('/'))
    }

    /// A program in it, given with its arguments, beside the network of `peer`, or of this machine.
    fn command(&self, peer: Option<&Child>, call: &[&str]) -> Command {
        let mut command = match peer {
            Some(peer) => {
                let mut command = Command::new("nsenter");
                command
                    .arg(format!("--net=/proc/{}/ns/net", peer.id()))
                    .arg("unshare");
                command
            }
            None => Command::new("unshare"),
        };
        self.enter(&mut command);
        command.args(call);
        command
    }

    fn enter(&self, unshare: &mut Command) {
        unshare.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
        unshare
            .arg("--root")
            .arg(&self.path)
            .args(["--wd", "/", "env", "-i"]);
        unshare.args(ENVIRONMENT).stdin(Stdio::null());
    }

    /// Runs a program to its end and gives what it prints, on both outputs.
    ///
    /// # Errors
    /// When it does not end with success: what it has printed.
    pub(super) fn run(&self, call: &[&str]) -> anyhow::Result<String> {
        told(call, self.command(None, call))
    }

    /// The same beside a server: in its network, which has nothing but itself.
    ///
    /// # Errors
    /// As [`Root::run`].
    pub(super) fn run_beside(&self, server: &Child, call: &[&str]) -> anyhow::Result<String> {
        told(call, self.command(Some(server), call))
    }

    /// Starts a program that goes on, in a network of its own, so that it meets no other server and nobody else.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(super) fn start(&self, call: &[&str], log: &Path) -> anyhow::Result<Child> {
        let log = fs::File::create(log)?;
        let mut command = Command::new("unshare");
        command.args([
            "--net",
            "sh",
            "-ec",
            "ip link set lo up; exec \"$@\"",
            "sh",
            "unshare",
        ]);
        self.enter(&mut command);
        command.args(call).stdout(log.try_clone()?).stderr(log);
        command.spawn().context("cannot start unshare")
    }

    /// Every file and folder, but those that are of no package.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub(super) fn files(&self) -> anyhow::Result<BTreeSet<PathBuf>> {
        let mut files = BTreeSet::new();
        let mut left = vec![self.path.clone()];
        while let Some(folder) = left.pop() {
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let path = entry.path();
                let inside = path.strip_prefix(&self.path)?;
                if PASSING.iter().any(|passing| inside == Path::new(passing)) {
                    continue;
                }
                files.insert(inside.to_owned());
                if entry.file_type()?.is_dir() {
                    left.push(path);
                }
            }
        }
        Ok(files)
    }
}

/// Where this machine gets its packages from: what apt is told.
fn mirror() -> anyhow::Result<String> {
    let mut apt = Command::new("apt-get");
    apt.args([
        "indextargets",
        "--format",
        "$(SITE)",
        "Created-By: Packages",
    ]);
    let output = apt.output().context("cannot start apt-get")?;
    let sites = String::from_utf8(output.stdout)?;
    // The sites of updates hold no whole release.
    let site = sites.lines().find(|site| !site.ends_with("-security"));
    site.map(str::to_owned)
        .context("apt knows no mirror of Debian")
}

fn told(call: &[&str], mut command: Command) -> anyhow::Result<String> {
    let output = command.output().context("cannot start unshare")?;
    let told = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    ensure!(
        output.status.success(),
        "{}: {}\n{told}",
        call.join(" "),
        output.status
    );
    Ok(told)
}
