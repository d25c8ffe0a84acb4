//! Backups that the server makes by itself: `[backup]`.

use super::reader::Section;
use super::rule::Rule;
use super::set;
use causette_core::limits::BACKUPS_KEPT;
use std::path::PathBuf;
use std::time::Duration;

/// The units of a time, in seconds.
const UNITS: [(&str, u64); 3] = [("m", 60), ("h", 3600), ("d", 24 * 3600)];

/// The longest time between two, in days.
pub(super) const DAYS_MAX: u64 = 365;

/// When backups are made, where to, and how many are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupSettings {
    /// How long after one the next is made; `None` where none is made.
    pub every: Option<Duration>,
    /// Where to. There where `every` is.
    pub folder: Option<PathBuf>,
    /// How many of them are kept.
    pub keep: usize,
}

impl Default for BackupSettings {
    fn default() -> Self {
        Self {
            every: None,
            folder: None,
            keep: 7,
        }
    }
}

impl BackupSettings {
    /// Reads `[backup]`.
    pub(super) fn read(&mut self, mut section: Section<'_>) {
        let every = section.string("every");
        self.every = every.as_deref().and_then(duration);
        if every.is_some() && self.every.is_none() {
            section.mistake("every", Rule::from("rule-pace").with("days", DAYS_MAX));
        }
        self.folder = section.string("folder").map(PathBuf::from);
        match &self.folder {
            Some(folder) if folder.as_os_str().is_empty() => {
                section.mistake("folder", "rule-folder");
            }
            Some(_) if every.is_none() => section.mistake("every", "rule-backup-pair"),
            None if every.is_some() => section.mistake("folder", "rule-backup-pair"),
            _ => {}
        }
        set(&mut self.keep, section.number("keep", 1..=BACKUPS_KEPT));
        section.finish();
    }
}

/// A time as it is written: a whole number of minutes, hours or days.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let (unit, seconds) = UNITS.iter().find(|(unit, _)| text.ends_with(unit))?;
    let number = text.strip_suffix(unit)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = number.parse::<u64>().ok()?.checked_mul(*seconds)?;
    (1..=DAYS_MAX * 24 * 3600)
        .contains(&seconds)
        .then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::config::Config;

    #[test]
    fn a_pace_is_minutes_hours_or_days() {
        for (text, seconds) in [("1m", 60), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(duration(text), Some(Duration::from_secs(seconds)));
        }
        for text in [
            "",
            "h",
            "0h",
            "24",
            "+1h",
            "1 h",
            "366d",
            "99999999999999999999d",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn pace_and_folder_go_together() {
        let read = |text: &str| Config::parse(&format!("[backup]\n{text}"));
        let settings = read("every = \"24h\"\nfolder = \"/srv/backups\"\nkeep = 3").unwrap();
        let expected = BackupSettings {
            every: Some(Duration::from_secs(86_400)),
            folder: Some(PathBuf::from("/srv/backups")),
            keep: 3,
        };
        assert_eq!(settings.backup, expected);
        assert_eq!(read("").unwrap().backup, BackupSettings::default());
        for (text, key) in [
            ("every = \"24h\"", "backup.folder"),
            ("folder = \"/srv/backups\"", "backup.every"),
            ("every = \"daily\"\nfolder = \"x\"", "backup.every"),
            ("every = \"1h\"\nfolder = \"\"", "backup.folder"),
            ("keep = 0", "backup.keep"),
        ] {
            let mistakes = read(text).unwrap_err();
            let keys: Vec<_> = mistakes.iter().map(|mistake| &*mistake.key).collect();
            assert_eq!(keys, [key]);
        }
    }
}
