//! Looks after the certificate through the years: hour by hour it judges whether clients still trust it, warns before its end,
//! and makes one of ours anew.

use crate::config::reload::Reloader;
use crate::engine::{Arrival, now};
use crate::identity::certificate::Certificate;
use crate::net::tls::Promise;
use causette_core::input::Input;
use causette_proto::Timestamp;
use causette_text::{Language, text, text_with};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc::error::SendError;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

/// How often it looks.
const EVERY: Duration = Duration::from_secs(3600);

const DAY: i64 = 24 * 3600;

/// Days before the end at which the administrator is warned, once each.
const WARNINGS: [i64; 2] = [14, 3];

/// When to look; the first time an hour from now, since the start has looked.
pub(crate) fn hours() -> Interval {
    let mut hours = interval_at(Instant::now() + EVERY, EVERY);
    hours.set_missed_tick_behavior(MissedTickBehavior::Delay);
    hours
}

impl Reloader {
    /// Looks after the certificate, and tells the core where clients must be told something else.
    pub(crate) async fn watch(self: Arc<Self>) -> Result<(), SendError<Arrival>> {
        let reloader = self.clone();
        let changed = spawn_blocking(move || reloader.look(now())).await;
        // Reading authorities and files cannot panic in a way that an hour would not show again.
        let Ok(Some(promise)) = changed else {
            return Ok(());
        };
        let Promise {
            public_port,
            withdrawn,
        } = promise;
        let trusted = Input::Trusted {
            public_port,
            withdrawn,
        };
        self.inbox.send(Arrival::Input(trusted)).await
    }

    /// What clients may be told from now on, where that has changed.
    fn look(&self, now: Timestamp) -> Option<Promise> {
        let config = self.live.config();
        let (settings, language) = (&config.settings, config.settings.language);
        let before = self.tls.promise(self.public_port);
        let mut certificate = self.tls.certificate();
        if certificate.must_be_renewed() {
            match Certificate::load(None, &self.data_dir, &settings.server, language) {
                // It has said why it is not.
                Ok(still) if still.must_be_renewed() => {}
                Ok(renewed) => {
                    self.tls.show(renewed);
                    certificate = self.tls.certificate();
                    let sha256 = certificate.fingerprint.as_str();
                    let message =
                        text_with(language, "certificate-renewed", &[("fingerprint", sha256)]);
                    tracing::warn!(event = "tls.renewed", sha256, "{message}");
                }
                Err(error) => {
                    tracing::error!(event = "tls.not_renewed", error = %error, "the certificate could not be made anew");
                }
            }
        }
        certificate.judge();
        warn(&certificate, now, language);
        self.status.set_certificate(&certificate);
        let after = self.tls.promise(self.public_port);
        (after != before).then_some(after)
    }
}

/// Warns the administrator where the certificate is about to end or has ended: once for each reason.
pub(crate) fn warn(certificate: &Certificate, now: Timestamp, language: Language) {
    let due = due(certificate.end, now);
    if certificate.warned.fetch_max(due, Ordering::Relaxed) >= due {
        return;
    }
    let message = about_end(certificate.end, now, language);
    let end = certificate.end.to_string();
    if certificate.end <= now {
        tracing::error!(event = "tls.ended", end, "{message}");
    } else {
        tracing::warn!(event = "tls.ends_soon", end, "{message}");
    }
}

/// How many reasons to warn there have been.
fn due(end: Timestamp, now: Timestamp) -> u8 {
    let left = end.seconds() - now.seconds();
    let passed = WARNINGS.iter().filter(|days| left < *days * DAY).count();
    u8::from(left <= 0) + passed as u8
}

fn about_end(end: Timestamp, now: Timestamp, language: Language) -> String {
    let date = end.to_string();
    let days = ((end.seconds() - now.seconds()) / DAY).to_string();
    let variables = [("date", date.get(..10).unwrap_or(&date)), ("days", &days)];
    let key = match due(end, now) {
        0 => "certificate-ends",
        due if usize::from(due) > WARNINGS.len() => "certificate-ended",
        _ => "certificate-ends-soon",
    };
    text_with(language, key, &variables)
}

/// What the administrator is told of the certificate: until when it is valid, and who trusts it.
pub(crate) fn describe(certificate: &Certificate, now: Timestamp, language: Language) -> String {
    let trust = if certificate.self_signed {
        "certificate-self-signed"
    } else if certificate.trusted() {
        "certificate-trusted"
    } else {
        "certificate-untrusted"
    };
    let end = about_end(certificate.end, now, language);
    format!("{end}\n{}", text(language, trust))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;
    use crate::identity::certificate::tests::{files, ours, write};

    const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

    #[test]
    fn it_warns_fourteen_days_before_the_end_three_days_before_and_at_the_end() {
        let in_days = |days: i64| NOW.plus_seconds(days * DAY);
        assert_eq!(due(in_days(15), NOW), 0);
        assert_eq!(due(in_days(14), NOW), 0);
        assert_eq!(due(in_days(14).plus_seconds(-1), NOW), 1);
        assert_eq!(due(in_days(3), NOW), 1);
        assert_eq!(due(in_days(3).plus_seconds(-1), NOW), 2);
        assert_eq!(due(NOW.plus_seconds(1), NOW), 2);
        assert_eq!(due(NOW, NOW), 3);
        assert_eq!(due(in_days(-400), NOW), 3);
        assert_eq!(due(Timestamp::MAX, NOW), 0);
    }

    #[test]
    fn each_warning_is_told_once_and_says_the_day() {
        let folder = Folder::new();
        write(&folder, 10);
        let given = files(&folder);
        let certificate =
            Certificate::load(Some(&given), &folder.0, "chat.example.org", Language::En).unwrap();
        for (day, warned) in [(-5, 0), (0, 1), (1, 1), (8, 2), (9, 2), (11, 3), (400, 3)] {
            warn(&certificate, now().plus_seconds(day * DAY), Language::En);
            assert_eq!(
                certificate.warned.load(Ordering::Relaxed),
                warned,
                "day {day}"
            );
        }
        let day = certificate.end.to_string();
        for language in Language::ALL {
            for moment in [
                now(),
                now().plus_seconds(-30 * DAY),
                now().plus_seconds(30 * DAY),
            ] {
                let told = describe(&certificate, moment, language);
                assert!(told.contains(&day[..10]), "{told}");
            }
        }
    }

    #[test]
    fn the_end_of_one_of_ours_is_far() {
        let told = describe(&ours(&Folder::new()), now(), Language::En);
        assert!(told.contains("2120-01-01"), "{told}");
    }
}
