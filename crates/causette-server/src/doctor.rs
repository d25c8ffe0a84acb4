//! What is wrong with a server and around it, and what to do: what `causette admin doctor` tells, beside a running server or
//! where none runs.
//!
//! Each thing that is looked at is a function from what was found to a [`Finding`] in plain data; `examine` puts them together.
//!
//! - `folder`: the data folder, its disk, and the socket in it
//! - `machine`: clock, files that may be open, memory
//! - `certificate`: until when, for whom, and who reads its key
//! - `database`: whether it can be read and is whole, and its log
//! - `house`: the configuration, backups, the log file, owners, sign-ups
//! - `doors`: whether somebody answers where people come

mod certificate;
mod database;
mod doors;
mod folder;
mod house;
mod machine;

use crate::config::Config;
use crate::engine::now;
use causette_proto::Timestamp;
use causette_text::{Language, text, text_with};
use serde_json::{Map, Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;

/// What was found of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its name, for scripts.
    pub check: &'static str,
    /// How it is.
    pub verdict: Verdict,
    /// The key of its sentence; behind `-do`, of what to do where it is not well.
    pub key: &'static str,
    /// What stands in the sentences.
    pub variables: Vec<(&'static str, String)>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Well.
    Well,
    /// It works, and could be better, or will not for long.
    Hint,
    /// It is wrong.
    Wrong,
    /// It was not looked at, and the sentence says why.
    Unseen,
}

impl Verdict {
    /// Its word, for scripts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Hint => "hint",
            Self::Wrong => "wrong",
            Self::Unseen => "unseen",
        }
    }

    fn mark(self) -> char {
        match self {
            Self::Well => '✓',
            Self::Hint => '!',
            Self::Wrong => '✗',
            Self::Unseen => '·',
        }
    }
}

impl Finding {
    fn new(check: &'static str, verdict: Verdict, key: &'static str) -> Self {
        Self {
            check,
            verdict,
            key,
            variables: Vec::new(),
        }
    }

    fn well(check: &'static str, key: &'static str) -> Self {
        Self::new(check, Verdict::Well, key)
    }

    fn hint(check: &'static str, key: &'static str) -> Self {
        Self::new(check, Verdict::Hint, key)
    }

    fn wrong(check: &'static str, key: &'static str) -> Self {
        Self::new(check, Verdict::Wrong, key)
    }

    fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.variables.push((name, value.to_string()));
        self
    }

    fn told(&self, key: &str, language: Language) -> String {
        let variables = self.variables.iter();
        let variables: Vec<(&str, &str)> = variables
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        text_with(language, key, &variables)
    }

    /// What was found, in a sentence.
    pub fn sentence(&self, language: Language) -> String {
        self.told(self.key, language)
    }

    /// What to do, where something is to be done.
    pub fn advice(&self, language: Language) -> Option<String> {
        let is_ill = matches!(self.verdict, Verdict::Hint | Verdict::Wrong);
        is_ill.then(|| self.told(&format!("{}-do", self.key), language))
    }
}

/// What a running server knows of itself.
#[derive(Clone, Debug)]
pub(crate) struct Running {
    /// Whether nothing can be recorded at the moment.
    pub(crate) recorder_fails: bool,
    /// Whether every listener accepts.
    pub(crate) accepts: bool,
    /// How often the clock was set since the start.
    pub(crate) clock_steps: u64,
    /// The certificate that is shown to people.
    pub(crate) certificate: Shown,
    /// The last backup that it made by itself, or found.
    pub(crate) backup: Option<Timestamp>,
    /// Why the last attempt failed, where it did.
    pub(crate) backup_failed: Option<String>,
    /// Where people come to with TLS, where that is known.
    pub(crate) public_port: Option<u16>,
}

/// What is known of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The moment behind which clients refuse it.
    pub(crate) end: Timestamp,
    /// Whether we made it ourselves.
    pub(crate) self_signed: bool,
    /// Whether clients trust it by themselves.
    pub(crate) trusted: bool,
}

/// A server that is examined.
#[derive(Clone, Debug)]
pub(crate) struct Patient {
    /// What is in force, or would be at a start.
    pub(crate) config: Config,
    /// What is wrong with the file of the configuration as it is now.
    pub(crate) mistakes: Vec<String>,
    /// Where it runs.
    pub(crate) running: Option<Running>,
    /// Where it listens; where none runs, nowhere.
    pub(crate) addresses: Vec<SocketAddr>,
}

/// Examines a server that does not run: what is there without it. Blocks.
pub fn examine_stopped(config: &Config) -> Vec<Finding> {
    let mistakes = match crate::config::check(config.clone()) {
        Ok(_) => Vec::new(),
        Err(unusable) => unusable.reasons().to_vec(),
    };
    let mut config = config.clone();
    // Where it cannot be read, the mistakes say so.
    let _ = config.read_password(config.settings.language);
    examine(&Patient {
        config,
        mistakes,
        running: None,
        addresses: Vec::new(),
    })
}

/// What could be better about the server of the database, where it is on one. Blocks.
pub(crate) fn hints_of_database(settings: &[causette_store::Setting]) -> Vec<Finding> {
    let findings = database::settings(settings).into_iter();
    findings
        .filter(|finding| finding.verdict == Verdict::Hint)
        .collect()
}

/// Where the configuration cannot be read at all: nothing else is known then.
pub fn unreadable(reasons: &[String]) -> Vec<Finding> {
    vec![house::configuration(reasons, None)]
}

/// Looks at everything. Blocks, for some seconds at most.
pub(crate) fn examine(patient: &Patient) -> Vec<Finding> {
    let (config, now) = (&patient.config, now());
    let mut findings = vec![house::configuration(
        &patient.mistakes,
        config.file.as_deref(),
    )];
    findings.extend(folder::examine(config));
    let health = database::look(config);
    let last_time = health.as_ref().ok().and_then(|health| health.last_time);
    let steps = patient.running.as_ref().map(|running| running.clock_steps);
    findings.extend(machine::clock(
        now,
        last_time,
        steps,
        machine::synchronised(),
    ));
    findings.extend(certificate::examine(patient, now));
    findings.extend(machine::examine(patient.running.is_some()));
    findings.extend(database::examine(config, &health, patient.running.as_ref()));
    findings.extend(folder::contents(config));
    findings.extend(house::examine(patient, &health, now));
    findings.extend(doors::examine(patient));
    if patient.running.is_none() {
        findings.push(Finding::new("server", Verdict::Unseen, "doctor-stopped"));
    }
    findings
}

/// What was found, a line for each and below it what to do; then how many things are wrong.
pub fn lines(findings: &[Finding], language: Language) -> String {
    let mut lines = Vec::new();
    for finding in findings {
        let mark = finding.verdict.mark();
        lines.push(format!("  {mark} {}", finding.sentence(language)));
        if let Some(advice) = finding.advice(language) {
            lines.push(format!("      {advice}"));
        }
    }
    let count = |verdict| findings.iter().filter(|f| f.verdict == verdict).count();
    let (wrong, hints) = (count(Verdict::Wrong), count(Verdict::Hint));
    lines.push(format!(
        "  {}",
        match (wrong, hints) {
            (0, 0) => text(language, "doctor-all-well"),
            _ => {
                let (wrong, hints) = (wrong.to_string(), hints.to_string());
                let variables = [("wrong", &*wrong), ("hints", &*hints)];
                text_with(language, "doctor-count", &variables)
            }
        }
    ));
    lines.join("\n")
}

/// The same for programs.
pub fn data(findings: &[Finding], language: Language) -> Value {
    let all = findings.iter().map(|finding| {
        let variables = finding.variables.iter();
        let variables: Map<String, Value> = variables
            .map(|(name, value)| ((*name).to_owned(), value.as_str().into()))
            .collect();
        json!({
            "check": finding.check,
            "verdict": finding.verdict.name(),
            "finding": finding.key.strip_prefix("doctor-").unwrap_or(finding.key),
            "text": finding.sentence(language),
            "advice": finding.advice(language),
            "values": variables,
        })
    });
    json!({ "well": is_well(findings), "findings": all.collect::<Vec<_>>() })
}

/// Whether nothing is wrong. A hint is no wrong.
pub fn is_well(findings: &[Finding]) -> bool {
    findings
        .iter()
        .all(|finding| finding.verdict != Verdict::Wrong)
}

/// A file as people are shown it.
fn shown(path: &std::path::Path) -> String {
    path.display().to_string()
}

/// The absolute path of one that is relative to the data folder.
fn in_folder(config: &Config, name: &str) -> PathBuf {
    config.data_dir.join(name)
}

#[cfg(test)]
mod tests;
