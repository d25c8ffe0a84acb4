//! How the server is run: its configuration, backups and log, who owns it, who may sign up.

use super::{Finding, Patient, shown};
use crate::backup;
use crate::config::Config;
use crate::log;
use causette_core::settings::Registration;
use causette_proto::Timestamp;
use causette_store::{Health, StoreError};
use std::path::Path;
use std::time::Duration;

pub(super) fn examine(
    patient: &Patient,
    health: &Result<Health, StoreError>,
    now: Timestamp,
) -> Vec<Finding> {
    let config = &patient.config;
    let (last, failed) = match &patient.running {
        Some(running) => (running.backup, running.backup_failed.as_deref()),
        None => (backup::last_made(&config.data_dir), None),
    };
    let mut findings = vec![backups(config.backup.every, last, failed, now)];
    if let Some(file) = &config.log.file {
        let looked = log::look(&config.log, config.settings.language);
        findings.push(
            match looked {
                Ok(()) => Finding::well("log", "doctor-log-file"),
                Err(unusable) => {
                    Finding::wrong("log", "doctor-log-file-refused").with("error", unusable)
                }
            }
            .with("file", shown(file)),
        );
    }
    if let Ok(health) = health {
        findings.push(owners(health.owners));
        let set = health.registration.as_deref().and_then(Registration::of);
        findings.extend(sign_ups(
            set.unwrap_or(config.settings.registration),
            config,
        ));
    }
    findings
}

/// Whether the configuration can be put in force as it is now.
pub(super) fn configuration(mistakes: &[String], file: Option<&Path>) -> Finding {
    match (mistakes, file) {
        ([], Some(file)) => {
            Finding::well("configuration", "doctor-configuration").with("file", shown(file))
        }
        ([], None) => Finding::well("configuration", "doctor-configuration-none"),
        (mistakes, _) => Finding::wrong("configuration", "doctor-configuration-wrong")
            .with("error", mistakes.join("\n      ")),
    }
}

/// Whether there are backups, and none is long due.
pub(super) fn backups(
    every: Option<Duration>,
    last: Option<Timestamp>,
    failed: Option<&str>,
    now: Timestamp,
) -> Finding {
    let age = last.map(|last| now.since(last));
    let hours = age.map(|age| age.as_secs() / 3600).unwrap_or_default();
    let finding = match (every, age, failed) {
        (_, _, Some(reason)) => {
            Finding::wrong("backup", "doctor-backup-failed").with("error", reason)
        }
        (None, _, _) => Finding::hint("backup", "doctor-backup-none"),
        (Some(_), None, _) => Finding::hint("backup", "doctor-backup-not-yet"),
        (Some(every), Some(age), _) if age > every * 2 => {
            Finding::wrong("backup", "doctor-backup-old")
        }
        (Some(_), Some(_), _) => Finding::well("backup", "doctor-backup"),
    };
    finding.with("hours", hours)
}

/// Whether somebody may give roles.
pub(super) fn owners(owners: u64) -> Finding {
    match owners {
        0 => Finding::hint("owner", "doctor-owner-none"),
        _ => Finding::well("owner", "doctor-owner"),
    }
    .with("count", owners)
}

/// Where everybody may sign up, they are told the rules and whom to write to.
pub(super) fn sign_ups(registration: Registration, config: &Config) -> Option<Finding> {
    if registration != Registration::Open {
        return None;
    }
    let settings = &config.settings;
    let words = [
        ("server.rules", &settings.rules),
        ("server.contact", &settings.contact),
    ];
    let missing: Vec<&str> = words
        .into_iter()
        .filter(|(_, word)| word.is_empty())
        .map(|(key, _)| key)
        .collect();
    Some(match missing.is_empty() {
        true => Finding::well("sign-ups", "doctor-sign-ups"),
        false => Finding::hint("sign-ups", "doctor-sign-ups-bare").with("keys", missing.join(", ")),
    })
}
