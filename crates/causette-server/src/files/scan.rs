//! Whatever looks for harm in what people upload: a daemon of ClamAV, or a command. It sees a file when all of it is there, and before anybody
//! else does.

mod clamd;
mod command;

use causette_proto::CompactString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes of what is kept of an answer.
const ANSWER_BYTES: usize = 200;

/// Who looks, and what comes of it where they cannot. `[files.scan]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScanSettings {
    /// Who looks; nobody, where it is empty.
    pub(crate) scanners: Vec<Scanner>,
    /// Whether a file is taken at which nobody could look.
    pub(crate) open: bool,
    /// How long one of them may look.
    pub(crate) timeout: Duration,
    /// Bytes of the largest file that is looked at.
    pub(crate) bytes_max: u64,
}

/// One that looks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scanner {
    /// ClamAV's daemon behind a socket in the system of files: `unix:/run/clamav/clamd.ctl`.
    ClamdAt(PathBuf),
    /// ClamAV's daemon behind a port: `tcp:127.0.0.1:3310`.
    ClamdOn(CompactString),
    /// A program and its arguments; in the place of `{path}` stands where the file is.
    Command(Vec<String>),
}

impl Default for ScanSettings {
    fn default() -> Self {
        Self {
            scanners: Vec::new(),
            open: false,
            timeout: Duration::from_secs(60),
            bytes_max: 100 * 1024 * 1024,
        }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nobody is asked.
    Unasked,
    /// Nothing.
    Clean,
    /// Harm, by its name.
    Harmful(CompactString),
    /// Nobody could look: why.
    Unknown(CompactString),
}

impl ScanSettings {
    /// Lets all of them look, one after the other; the first that finds harm, or cannot look, decides. It blocks.
    pub(crate) fn look(&self, path: &Path, bytes: u64) -> Verdict {
        if self.scanners.is_empty() {
            return Verdict::Unasked;
        }
        if bytes > self.bytes_max {
            return Verdict::Unknown("larger than what is looked at".into());
        }
        for scanner in &self.scanners {
            let looked = match scanner {
                Scanner::ClamdAt(socket) => clamd::look_at(socket, path, self.timeout),
                Scanner::ClamdOn(address) => clamd::look_on(address, path, self.timeout),
                Scanner::Command(words) => command::look(words, path, self.timeout),
            };
            match looked {
                Ok(None) => {}
                Ok(Some(harm)) => return Verdict::Harmful(shown(&harm)),
                Err(error) => return Verdict::Unknown(shown(&error.to_string())),
            }
        }
        Verdict::Clean
    }
}

/// An answer as people may be shown it: one line, not too long.
fn shown(answer: &str) -> CompactString {
    let line = answer.lines().next().unwrap_or_default().trim();
    let mut shown = CompactString::default();
    for char in line.chars().filter(|char| !char.is_control()) {
        if shown.len() + char.len_utf8() > ANSWER_BYTES {
            break;
        }
        shown.push(char);
    }
    shown
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn command(script: &str) -> Scanner {
        Scanner::Command(
            ["/bin/sh", "-c", script, "scan", "{path}"]
                .map(String::from)
                .into(),
        )
    }

    #[test]
    fn the_first_that_finds_harm_or_cannot_look_decides() {
        let folder = crate::data_dir::tests::Folder::new();
        let path = folder.0.join("file");
        std::fs::write(&path, "harm").unwrap();
        let look = |scanners: &[Scanner]| {
            let settings = ScanSettings {
                scanners: scanners.to_vec(),
                ..ScanSettings::default()
            };
            settings.look(&path, 4)
        };
        assert_eq!(look(&[]), Verdict::Unasked);
        let clean = command("exit 0");
        let harmful = command("cat \"$1\"; exit 1");
        let broken = command("exit 2");
        assert_eq!(look(std::slice::from_ref(&clean)), Verdict::Clean);
        assert_eq!(
            look(&[clean.clone(), harmful.clone(), broken.clone()]),
            Verdict::Harmful("harm".into())
        );
        assert!(matches!(look(&[broken, harmful]), Verdict::Unknown(_)));
        let small = ScanSettings {
            scanners: vec![clean],
            bytes_max: 3,
            ..ScanSettings::default()
        };
        assert!(matches!(small.look(&path, 4), Verdict::Unknown(_)));
    }

    #[test]
    fn an_answer_is_one_line_that_shows_what_it_says() {
        assert_eq!(shown("  Eicar\u{1b}[31m-Test \nmore"), "Eicar[31m-Test");
        assert_eq!(shown(&"é".repeat(200)).len(), ANSWER_BYTES);
    }
}
