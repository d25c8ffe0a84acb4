//! The database: whether it can be read and is whole, whether it takes what is recorded, how long its log is, and, where it is on
//! a server, what that is set to.

use super::{Finding, Running};
use crate::beginning;
use crate::config::Config;
use crate::resources::Resources;
use causette_core::limits::{WAL_BYTES_MAX, WAL_BYTES_TOLD};
use causette_store::{Beginning, Health, Keeps, Pages, Setting, Store, StoreError};
use std::time::Duration;

/// For how long its pages are looked at: a reading holds its log.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks at it.
pub(super) fn look(config: &Config) -> Result<Health, StoreError> {
    let store = Store::look(config.database())?;
    // What a start would refuse is told before there has to be one.
    Store::foresee(store.database(), Beginning::Existing)?;
    store.health(PATIENCE)
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
                match database.is_on_server() {
                    false => Finding::hint("database", "doctor-database-none"),
                    true => Finding::hint("database", "doctor-database-empty"),
                }
            }
            // A start brings it up.
            Err(StoreError::Older { .. }) if database.is_on_server() => {
                Finding::hint("database", "doctor-database-older-there")
            }
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
    // One that cannot be asked has been told of above.
    let settings = Store::settings_of(&database).unwrap_or_default();
    findings.extend(self::settings(&settings));
    let log = Resources::look(&config.data_dir, database.file()).database_log_bytes;
    findings.extend(log.map(self::log));
    findings
        .extend(running.map(|running| recording(running.recorder_fails, database.is_on_server())));
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

/// What the server of the database is set to: one thing to tell where all is well, else each that is not.
pub(crate) fn settings(settings: &[Setting]) -> Vec<Finding> {
    let unmet = settings.iter().filter(|setting| !setting.is_met);
    let findings: Vec<Finding> = unmet.map(setting).collect();
    let version = settings
        .iter()
        .find(|setting| setting.keeps == Keeps::Words);
    match version {
        Some(version) if findings.is_empty() => {
            let well = Finding::well("database-settings", "doctor-settings");
            vec![well.with("version", &version.found)]
        }
        _ => findings,
    }
}

fn setting(setting: &Setting) -> Finding {
    let key = match setting.keeps {
        Keeps::Words => "doctor-settings-words",
        Keeps::Commits => "doctor-settings-commits",
        Keeps::Pages => "doctor-settings-pages",
        Keeps::Damage => "doctor-settings-damage",
        Keeps::Copies => "doctor-settings-copies",
        Keeps::Characters => "doctor-settings-characters",
        Keeps::Moments => "doctor-settings-moments",
        Keeps::Batches => "doctor-settings-batches",
        Keeps::Writing => "doctor-settings-writing",
    };
    match setting.is_needed {
        true => Finding::wrong("database-settings", key),
        false => Finding::hint("database-settings", key),
    }
    .with("name", setting.name)
    .with("found", &setting.found)
    .with("needed", setting.needed)
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

pub(super) fn recording(fails: bool, is_on_server: bool) -> Finding {
    match (fails, is_on_server) {
        (false, _) => Finding::well("recording", "doctor-recording"),
        (true, false) => Finding::wrong("recording", "doctor-recording-fails"),
        // Not this machine's disk: that is the last to look at.
        (true, true) => Finding::wrong("recording", "doctor-recording-fails-there"),
    }
}
