//! What is to be carried, on disk: it goes on where it was when the program ends, however that ends.

use crate::core::transfer::{Audience, FileRow, TransferId};
use crate::folder::Folder;
use anyhow::Context as _;
use causette_proto::CompactString;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;

/// Transfers that are kept at most; what is beyond is refused when it is asked for.
pub(crate) const JOBS_MAX: usize = 1_000;

/// Something that is to be carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Job {
    /// Which.
    pub(crate) id: TransferId,
    /// Whether a verb has begun it: that goes on with it itself, when it is asked for the same again.
    #[serde(default)]
    pub(crate) by_verb: bool,
    /// Whether the person has stopped it.
    #[serde(default)]
    pub(crate) is_paused: bool,
    /// What.
    pub(crate) load: Load,
}

/// What is carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Load {
    Up(Up),
    Down(Down),
}

/// A file that is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Up {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// Whether that is a copy of ours, which goes with the job.
    #[serde(default)]
    pub(crate) is_ours: bool,
    /// What it is called.
    pub(crate) name: String,
    /// For whom it is.
    pub(crate) audience: Audience,
    /// What it was like when it was looked at first.
    #[serde(default)]
    pub(crate) look: Option<Look>,
    /// The SHA-256 that its bytes had then.
    #[serde(default)]
    pub(crate) sha256: Option<String>,
    /// Where the server takes it: a secret.
    #[serde(default)]
    pub(crate) permit: Option<String>,
}

/// What a file was like when it was looked at. One that is like that has not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Look {
    pub(crate) length: u64,
    pub(crate) seconds: i64,
    pub(crate) nanoseconds: i64,
    pub(crate) inode: u64,
}

/// A file that is fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Down {
    /// Its number, its name or its address.
    pub(crate) wanted: String,
    /// To where.
    pub(crate) target: Target,
    /// What the server says of it, once it was asked.
    #[serde(default)]
    pub(crate) row: Option<Box<FileRow>>,
    /// Where its bytes are meanwhile.
    #[serde(default)]
    pub(crate) part: Option<PathBuf>,
}

/// Where a file is put that is fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Target {
    /// Into a folder, under its own name or one that is free there.
    Folder(PathBuf),
    /// Here, where nothing must be.
    File(PathBuf),
    /// To standard output.
    Output,
}

impl Load {
    /// Whether anything of it is on the other side.
    pub(crate) fn is_begun(&self) -> bool {
        match self {
            Self::Up(up) => up.permit.is_some(),
            Self::Down(down) => down.part.is_some(),
        }
    }

    /// Bytes of a file that is fetched which are here already.
    pub(crate) fn bytes_here(&self) -> u64 {
        match self {
            Self::Up(_) => 0,
            Self::Down(down) => {
                let part = down.part.as_ref().and_then(|part| part.metadata().ok());
                part.map_or(0, |part| part.len())
            }
        }
    }

    /// Whether two are for the same, whatever has come of either.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Up(one), Self::Up(other)) => {
                !one.is_ours
                    && (&one.path, &one.name, &one.audience)
                        == (&other.path, &other.name, &other.audience)
            }
            (Self::Down(one), Self::Down(other)) => {
                one.target != Target::Output
                    && (&one.wanted, &one.target) == (&other.wanted, &other.target)
            }
            _ => false,
        }
    }
}

/// Where the jobs for one server are kept.
#[derive(Clone, Debug)]
pub(crate) struct Shelf {
    folder: Folder,
    /// The folder in it.
    place: String,
}

/// That nobody else carries what it is for. It goes with the process, however that ends.
#[derive(Debug)]
pub(crate) struct Claim {
    _lock: File,
}

impl Shelf {
    pub(crate) fn new(folder: Folder, server: &str) -> Self {
        let place = format!("transfers/{server}");
        Self { folder, place }
    }

    /// Where a file of a job is.
    pub(crate) fn path(&self, id: &str, kind: &str) -> PathBuf {
        self.folder.path(&self.file(id, kind))
    }

    fn file(&self, id: &str, kind: &str) -> String {
        format!("{}/{id}.{kind}", self.place)
    }

    /// Whether there is any job, whoever carries it.
    pub(crate) fn has_any(&self) -> bool {
        let entries = std::fs::read_dir(self.folder.path(&self.place))
            .into_iter()
            .flatten();
        entries
            .filter_map(Result::ok)
            .any(|entry| entry.file_name().to_string_lossy().ends_with(".json"))
    }

    /// A job as nobody else has it; nothing where somebody does.
    pub(crate) fn claim(&self, id: &str) -> anyhow::Result<Option<Claim>> {
        let file = self.folder.lock_file(&self.file(id, "lock"))?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Claim { _lock: file })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(error) => Err(error).with_context(|| self.path(id, "lock").display().to_string()),
        }
    }

    pub(crate) fn write(&self, job: &Job) -> anyhow::Result<()> {
        let text = serde_json::to_string(job)?;
        self.folder.write(&self.file(&job.id, "json"), &text)
    }

    /// A text of the person, as a file that goes with the job.
    pub(crate) fn write_text(&self, id: &str, text: &str) -> anyhow::Result<PathBuf> {
        self.folder.write(&self.file(id, "data"), text)?;
        Ok(self.path(id, "data"))
    }

    /// A job as it was written last.
    pub(crate) fn read(&self, id: &str) -> Option<Job> {
        let text = self.folder.read(&self.file(id, "json")).ok()??;
        serde_json::from_str::<Job>(&text)
            .ok()
            .filter(|job| job.id == id)
    }

    /// The same of what comes from somewhere.
    pub(crate) fn write_from(&self, id: &str, mut from: impl std::io::Read) -> anyhow::Result<()> {
        let file = self.file(id, "data");
        let mut to = self.folder.lock_file(&file)?;
        std::io::copy(&mut from, &mut to)
            .with_context(|| self.path(id, "data").display().to_string())?;
        Ok(())
    }

    /// Forgets a job; what goes with it may be wanted again in this run.
    pub(crate) fn remove_job(&self, id: &str) {
        let _ = std::fs::remove_file(self.path(id, "json"));
    }

    /// Forgets a job, with what goes with it.
    pub(crate) fn remove(&self, id: &str) {
        for kind in ["json", "data", "lock"] {
            // What is not there any more needs no removing.
            let _ = std::fs::remove_file(self.path(id, kind));
        }
    }

    /// What nobody carries: left by programs that have ended. A file that is damaged is nobody's, and stays.
    pub(crate) fn left(&self) -> anyhow::Result<Vec<(Job, Claim)>> {
        let mut left = Vec::new();
        let Ok(entries) = std::fs::read_dir(self.folder.path(&self.place)) else {
            return Ok(left);
        };
        let names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .collect();
        let of = |kind: &str| -> BTreeSet<CompactString> {
            let stems = names.iter().filter_map(|name| name.strip_suffix(kind));
            stems.map(CompactString::from).collect()
        };
        let ids = of(".json");
        for id in of(".lock").difference(&ids) {
            // What is locked by nobody and locks nothing is left of one that has failed.
            if self.claim(id)?.is_some() && !self.path(id, "json").exists() {
                self.remove(id);
            }
        }
        for id in ids {
            let Some(claim) = self.claim(&id)? else {
                continue;
            };
            // Read when it is nobody else's: who had it may have removed it.
            if let Some(job) = self.read(&id) {
                left.push((job, claim));
            }
        }
        Ok(left)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn job(id: &str) -> Job {
        Job {
            id: id.into(),
            by_verb: true,
            is_paused: false,
            load: Load::Up(Up {
                path: "/tmp/a".into(),
                is_ours: false,
                name: "a".to_owned(),
                audience: Audience::Room("#x".into()),
                look: None,
                sha256: None,
                permit: Some("/api/v1/uploads/secret".to_owned()),
            }),
        }
    }

    #[test]
    fn what_somebody_carries_is_nobody_elses_until_they_end() {
        let folder = Folder::for_test();
        let shelf = Shelf::new(folder.clone(), "a_1");
        assert!(shelf.left().unwrap().is_empty());
        let claim = shelf.claim("one").unwrap().unwrap();
        shelf.write(&job("one")).unwrap();
        assert!(shelf.claim("one").unwrap().is_none());
        assert!(shelf.left().unwrap().is_empty());
        drop(claim);
        let left = shelf.left().unwrap();
        assert_eq!(left[0].0, job("one"));
        assert!(shelf.left().unwrap().is_empty());
        drop(left);
        shelf.remove("one");
        assert!(shelf.left().unwrap().is_empty());
        assert_eq!(
            std::fs::read_dir(folder.path("transfers/a_1"))
                .unwrap()
                .count(),
            0
        );
        std::fs::remove_dir_all(folder.path("")).unwrap();
    }

    #[test]
    fn a_file_that_is_damaged_stops_nothing() {
        let folder = Folder::for_test();
        let shelf = Shelf::new(folder.clone(), "a_1");
        folder.write("transfers/a_1/one.json", "{").unwrap();
        shelf.write(&job("two")).unwrap();
        let ids: Vec<_> = shelf
            .left()
            .unwrap()
            .into_iter()
            .map(|(job, _)| job.id)
            .collect();
        assert_eq!(ids, ["two"]);
        std::fs::remove_dir_all(folder.path("")).unwrap();
    }

    #[test]
    fn the_same_is_wanted_where_what_and_for_whom_are_the_same() {
        let (one, mut other) = (job("one").load, job("two").load);
        assert!(one.is_same(&other));
        if let Load::Up(up) = &mut other {
            up.audience = Audience::Private;
        }
        assert!(!one.is_same(&other));
    }
}
