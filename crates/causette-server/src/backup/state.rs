//! What came of the backups that the server makes by itself.

use crate::metrics::{Counter, Exposition};
use causette_proto::Timestamp;
use causette_text::{Language, text, text_with};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// What is known of them.
#[derive(Debug, Default)]
pub(crate) struct Backups {
    failures: Counter,
    last: Mutex<Last>,
}

#[derive(Clone, Debug, Default)]
struct Last {
    /// The last that was made: where it is, when it was, how long it is.
    made: Option<(PathBuf, Timestamp, Option<u64>)>,
    /// Why none was made since.
    failed: Option<String>,
}

impl Backups {
    /// One was made, by this run or by an earlier one, of which the length is not known.
    pub(crate) fn made(&self, file: PathBuf, time: Timestamp, bytes: Option<u64>) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.made = Some((file, time, bytes));
        last.failed = None;
    }

    /// None could be made, and why.
    pub(crate) fn failed(&self, reason: String) {
        self.failures.increment();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.failed = Some(reason);
    }

    /// When the last was made, and why another failed since, where one did.
    pub(crate) fn state(&self) -> (Option<Timestamp>, Option<String>) {
        let Last { made, failed } = self.last();
        (made.map(|(_, time, _)| time), failed)
    }

    /// What came of the last, in a line or two.
    pub(crate) fn text(&self, language: Language) -> String {
        let Last { made, failed } = self.last();
        let made = match made {
            None => text(language, "admin-status-no-backup"),
            Some((file, time, _)) => {
                let (file, time) = (file.display().to_string(), time.to_string());
                let variables = [("file", &*file), ("time", &time)];
                text_with(language, "admin-status-backup", &variables)
            }
        };
        match failed {
            None => made,
            Some(reason) => {
                let variables = [("reason", &*reason)];
                let failed = text_with(language, "admin-status-backup-failed", &variables);
                format!("{made}\n{failed}")
            }
        }
    }

    /// All of it, as Prometheus wants it.
    pub(crate) fn render(&self, page: &mut Exposition) {
        let made = self.last().made;
        let time = made.as_ref().map_or(0, |(_, time, _)| time.seconds());
        let gauges = [
            (
                "backup_last_success_timestamp_seconds",
                "When the server made its last backup by itself, in seconds since 1970; 0 where it has made none.",
                time.unsigned_abs(),
            ),
            (
                "backup_last_size_bytes",
                "Size of that backup; 0 where it is of an earlier run.",
                made.and_then(|(_, _, bytes)| bytes).unwrap_or(0),
            ),
        ];
        for (name, help, value) in gauges {
            page.family(name, "gauge", help);
            page.line(name, "", value);
        }
        page.counter(
            "backup_failures_total",
            "Backups that the server could not make by itself.",
            &self.failures,
        );
    }

    fn last(&self) -> Last {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.clone()
    }
}
