//! In which language and at which hour things are told to the person.

use causette_proto::Timestamp;
use causette_text::{Language, text, text_with};
use jiff::tz::TimeZone;
use jiff::{Timestamp as Moment, Zoned};

/// A language and a time zone.
#[derive(Clone, Debug)]
pub struct Locale {
    /// The language.
    pub language: Language,
    zone: TimeZone,
}

impl Locale {
    /// A language, at the hour of a zone.
    pub fn new(language: Language, zone: TimeZone) -> Self {
        Self { language, zone }
    }

    /// A language, at the hour of Greenwich: the same on every machine, for tests.
    pub fn utc(language: Language) -> Self {
        Self {
            language,
            zone: TimeZone::UTC,
        }
    }

    /// The text of a key.
    pub fn text(&self, key: &str) -> String {
        text(self.language, key)
    }

    /// The text of a key with its variables filled in.
    pub fn text_with(&self, key: &str, variables: &[(&str, &str)]) -> String {
        text_with(self.language, key, variables)
    }

    /// Hour and minute of a moment: `14:05`.
    pub fn hour(&self, time: Timestamp) -> String {
        let time = self.zoned(time);
        format!("{:02}:{:02}", time.hour(), time.minute())
    }

    /// The day of a moment, counted so that days can be compared.
    pub fn day(&self, time: Timestamp) -> (i16, i8, i8) {
        let time = self.zoned(time);
        (time.year(), time.month(), time.day())
    }

    /// The day of a moment in words: `Friday 20 November`, with the year when it is not `now`'s.
    pub fn day_in_words(&self, time: Timestamp, now: Timestamp) -> String {
        let (time, now) = (self.zoned(time), self.zoned(now));
        let weekday = format!("client-weekday-{}", time.weekday().to_monday_one_offset());
        let month = format!("client-month-{}", time.month());
        let first_in_french = self.language == Language::Fr && time.day() == 1;
        let day = if first_in_french {
            "1er".to_owned()
        } else {
            time.day().to_string()
        };
        let year = time.year().to_string();
        let variables = [
            ("weekday", self.text(&weekday)),
            ("day", day),
            ("month", self.text(&month)),
            ("year", year),
        ];
        let variables: Vec<(&str, &str)> = variables
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let key = if time.year() == now.year() {
            "client-day"
        } else {
            "client-day-of-year"
        };
        self.text_with(key, &variables)
    }

    fn zoned(&self, time: Timestamp) -> Zoned {
        let time = time.clamp(Timestamp::MIN, Timestamp::MAX);
        Moment::from_microsecond(time.0)
            .unwrap_or_default()
            .to_zoned(self.zone.clone())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn days_have_their_names() {
        let time = Timestamp::parse("2026-11-20T14:05:59Z").unwrap();
        let french = Locale::utc(Language::Fr);
        assert_eq!(french.hour(time), "14:05");
        assert_eq!(french.day_in_words(time, time), "vendredi 20 novembre");
        let later = Timestamp::parse("2027-01-01T00:00:00Z").unwrap();
        assert_eq!(
            Locale::utc(Language::En).day_in_words(time, later),
            "Friday 20 November 2026"
        );
        let first = Timestamp::parse("2026-11-01T14:05:59Z").unwrap();
        assert_eq!(french.day_in_words(first, first), "dimanche 1er novembre");
        assert_eq!(french.hour(Timestamp(i64::MIN)), "00:00");
    }
}
