//! The database: whether it can be read and is whole, whether it takes what is recorded, and how long its log is.

use super::{Finding, Running};
use crate::beginning;
use crate::config::Config;
use crate::resources::Resources;
use causette_core::limits::{WAL_BYTES_MAX, WAL_BYTES_TOLD};
use causette_store::{Health, Pages, Store, StoreError};
use std::time::Duration;

/// For how long its pages are looked at: a reading holds its log.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks at it.
pub(super) fn look(config: &Config) -> Result<Health, StoreError> {
    Store::look(config.database())?.health(PATIENCE)
}

pub(super) fn examine(
    config: &Config,
    health: &Result<Health, StoreError>,
    running: Option<&Running>,
) -> Vec<Finding> {
    let database = config.database();
    let mut findings = vec![
        match health {
            Ok(health) => pages(&health.pages),
            // Beside keys a start refuses, as the sentence below says.
            Err(StoreError::Missing(_)) if !beginning::has_keys(&config.data_dir) => {
                Finding::hint("database", "doctor-database-none")
            }
            // A start brings it up.
            Err(StoreError::Older { .. }) => Finding::hint("database", "doctor-database-older"),
            Err(error) => {
                let language = config.settings.language;
                let told = beginning::words(error, &database, &config.data_dir, language);
                Finding::wrong("database", "doctor-database-unreadable").with("error", told)
            }
        }
        .with("file", &database)
        .with("version", Store::schema()),
    ];
    let log = Resources::look(&config.data_dir, database.file()).database_log_bytes;
    findings.extend(log.map(self::log));
    findings.extend(running.map(|running| recording(running.recorder_fails)));
    findings
}

pub(super) fn pages(pages: &Pages) -> Finding {
    match pages {
        Pages::Whole => Finding::well("database", "doctor-database"),
        Pages::OnServer => Finding::well("database", "doctor-database-answers"),
        Pages::Unfinished => Finding::well("database", "doctor-database-unfinished"),
        Pages::Damaged(told) => {
            let told = told.lines().next().unwrap_or_default();
            Finding::wrong("database", "doctor-database-damaged").with("error", told)
        }
    }
}

/// How long its log is.
pub(super) fn log(bytes: u64) -> Finding {
    match bytes {
        ..WAL_BYTES_TOLD => Finding::well("database-log", "doctor-log"),
        WAL_BYTES_TOLD..WAL_BYTES_MAX => Finding::hint("database-log", "doctor-log-long"),
        _ => Finding::wrong("database-log", "doctor-log-full"),
    }
    .with("mebibytes", bytes >> 20)
    .with("max", WAL_BYTES_MAX >> 20)
}

pub(super) fn recording(fails: bool) -> Finding {
    match fails {
        false => Finding::well("recording", "doctor-recording"),
        true => Finding::wrong("recording", "doctor-recording-fails"),
    }
}
