//! The folder of a throwaway server, which never outlives the process that made it.

use std::fs::{self, DirBuilder};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use crate::random_hex;

/// Waits for the end of its input, which comes when the process that holds the other end is gone, however it went. Then it ends the
/// server whose number it was told last, and removes the folder.
///
/// A handler of Ctrl+C would not see a SIGKILL, and PR_SET_PDEATHSIG fires when a mere thread ends: that of the test that was
/// the first to want the server.
const KEEPER: &str = r#"
trap '' HUP INT TERM
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
    kill -"$2" "$pid"
    turns=0
    while kill -0 "$pid" && [ "$turns" -lt 100 ]; do
        turns=$((turns + 1))
        sleep 0.05
    done
    kill -KILL "$pid"
fi 2>/dev/null
umount -l "$1/data" 2>/dev/null
rm -rf "$1" || rm -rf "$1"
"#;

/// Whose a server is, where it is root who starts it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Owner {
    /// The account with this name, if there is one.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let accounts = fs::read_to_string("/etc/passwd").ok()?;
        let account = accounts
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields.first() == Some(&name))?;
        Some(Self {
            uid: account.get(2)?.parse().ok()?,
            gid: account.get(3)?.parse().ok()?,
        })
    }
}

/// A private folder, removed with this value or with the process, whichever ends first.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    owner: Option<Owner>,
    keeper: Child,
}

impl Folder {
    /// `signal` is what ends the server where nobody waits for it.
    pub(crate) fn new(owner: Option<Owner>, signal: &str) -> anyhow::Result<Self> {
        let path = std::env::temp_dir().join(format!("causette-testbed-{}", random_hex(5)?));
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("cannot make {}", path.display()))?;
        let keeper = Command::new("sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&path)
            .arg(signal)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A Ctrl+C is for the group in the foreground, and this one has to come after it.
            .process_group(0)
            .spawn()
            .context("cannot start sh")?;
        let folder = Self {
            path,
            owner,
            keeper,
        };
        folder.give_away(&folder.path)?;
        Ok(folder)
    }

    /// Where the server has its data.
    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Puts a small disk of its own where the data will be.
    pub(crate) fn mount(&self, mebibytes: u64) -> anyhow::Result<()> {
        let data = self.data();
        fs::create_dir(&data)?;
        let mut options = format!("size={mebibytes}m,mode=700");
        if let Some(Owner { uid, gid }) = self.owner {
            options += &format!(",uid={uid},gid={gid}");
        }
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "tmpfs"])
            .arg(&data)
            .output()
            .context("cannot start mount")?;
        if !mount.status.success() {
            bail!("{}", String::from_utf8_lossy(&mount.stderr).trim());
        }
        Ok(())
    }

    /// A file that the server can read and nobody else.
    pub(crate) fn write(&self, name: &str, text: &str) -> anyhow::Result<PathBuf> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let path = self.path.join(name);
        fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))?;
        self.give_away(&path)?;
        Ok(path)
    }

    /// A program that runs as the folder's owner, in it.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(&self.path)
            .env("HOME", &self.path)
            // A MariaDB that starts removes what others have in the folder that all share.
            .env("TMPDIR", &self.path)
            .env("LC_ALL", "C")
            .stdin(Stdio::null());
        if let Some(Owner { uid, gid }) = self.owner {
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Says which process has to end before the folder is removed, or that there is none.
    pub(crate) fn guard(&mut self, process: Option<u32>) -> anyhow::Result<()> {
        let line = process.map_or_else(String::new, |pid| pid.to_string());
        let input = self.keeper.stdin.as_mut().context("its keeper is gone")?;
        writeln!(input, "{line}").context("its keeper is gone")
    }

    fn give_away(&self, path: &Path) -> anyhow::Result<()> {
        if let Some(Owner { uid, gid }) = self.owner {
            chown(path, Some(uid), Some(gid))
                .with_context(|| format!("cannot give {} away", path.display()))?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}
