//! Moments in time as data, and their `server-time` form.
//! Nothing here reads a clock: whoever needs the present is given it.
//!
//! <https://ircv3.net/specs/extensions/server-time>

use std::fmt;
use std::time::Duration;

/// Microseconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// 1970-01-01T00:00:00Z, the earliest moment that is written.
    pub const MIN: Self = Self(0);
    /// 9999-12-31T23:59:59.999999Z, the latest moment that is written.
    pub const MAX: Self = Self(253_402_300_799_999_999);

    /// Reads `YYYY-MM-DDThh:mm:ssZ` with a fraction of none to nine digits, of which six are kept.
    /// The leap second 23:59:60 is the second that follows it. Years before 1970 are refused.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes().strip_suffix(b"Z")?;
        let (moment, fraction) = text.split_at_checked("YYYY-MM-DDThh:mm:ss".len())?;
        let is_punctuated = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')]
            .iter()
            .all(|&(index, mark)| moment[index] == mark);
        if !is_punctuated {
            return None;
        }
        let year = number(&moment[..4])?;
        let month = number(&moment[5..7])?;
        let day = number(&moment[8..10])?;
        let hour = number(&moment[11..13])?;
        let minute = number(&moment[14..16])?;
        let second = number(&moment[17..19])?;
        let is_leap_second = (hour, minute, second) == (23, 59, 60);
        let is_date = year >= 1970
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day);
        let is_time = hour < 24 && minute < 60 && (second < 60 || is_leap_second);
        if !is_date || !is_time {
            return None;
        }
        let micros = match fraction.split_first() {
            None => 0,
            Some((b'.', digits)) if (1..=9).contains(&digits.len()) => {
                number(digits)?; // Refuses what is not a digit beyond the sixth, too.
                let kept = &digits[..digits.len().min(6)];
                number(kept)? * 10_i64.pow(6 - kept.len() as u32)
            }
            Some(_) => return None,
        };
        let seconds = days_from_civil(year, month, day) * SECONDS_PER_DAY
            + hour * 3_600
            + minute * 60
            + second;
        Some(Self(seconds * MICROS_PER_SECOND + micros).min(Self::MAX))
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// Whole milliseconds since 1970, rounded down.
    pub const fn milliseconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_MILLISECOND)
    }

    /// The beginning of its millisecond: all that people are shown of it.
    #[must_use]
    pub const fn whole_millisecond(self) -> Self {
        Self(
            self.0
                .saturating_sub(self.0.rem_euclid(MICROS_PER_MILLISECOND)),
        )
    }

    /// The moment `seconds` later, or earlier when negative; stops at the ends of what an `i64` holds.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(
            self.0
                .saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)),
        )
    }

    /// The moment `millis` milliseconds later, or earlier when negative; stops like [`Self::plus_seconds`].
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(
            self.0
                .saturating_add(millis.saturating_mul(MICROS_PER_MILLISECOND)),
        )
    }

    /// The time from `earlier` to this moment; zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        if self.0 <= earlier.0 {
            Duration::ZERO
        } else {
            Duration::from_micros(self.0.abs_diff(earlier.0))
        }
    }
}

/// The `server-time` form `YYYY-MM-DDThh:mm:ss.sssZ`, milliseconds rounded down. Moments outside of
/// [`Timestamp::MIN`] to [`Timestamp::MAX`] are written as the nearer of the two.
impl fmt::Display for Timestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = (*self).clamp(Self::MIN, Self::MAX).milliseconds();
        let (seconds, millis) = (millis / 1_000, millis % 1_000);
        let (year, month, day) = civil_from_days(seconds / SECONDS_PER_DAY);
        let second = seconds % SECONDS_PER_DAY;
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        // Every line that a client with server-time gets has one: it is not left to the general way of writing numbers.
        let mut text = *b"0000-00-00T00:00:00.000Z";
        for (place, number) in [
            (0..4, year),
            (5..7, month),
            (8..10, day),
            (11..13, hour),
            (14..16, minute),
            (17..19, second),
            (20..23, millis),
        ] {
            let mut left = number;
            for digit in text[place].iter_mut().rev() {
                *digit += u8::try_from(left % 10).map_err(|_| fmt::Error)?;
                left /= 10;
            }
        }
        out.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

const MICROS_PER_MILLISECOND: i64 = 1_000;
const MICROS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// The number that up to nine ASCII digits write.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + i64::from(digit - b'0'))
    })
}

fn is_leap_year(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the first of January of `year`, which is 1970 or later.
fn days_before_year(year: i64) -> i64 {
    let leap_days = |last: i64| last / 4 - last / 100 + last / 400;
    (year - 1970) * 365 + leap_days(year - 1) - leap_days(1969)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    days_before_year(year)
        + (1..month)
            .map(|month| days_in_month(year, month))
            .sum::<i64>()
        + day
        - 1
}

/// Year, month and day of the day `days` after 1970-01-01; the inverse of [`days_from_civil`].
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    // 146 097 days are 400 years: the estimate is at most one year off.
    let mut year = 1970 + days * 400 / 146_097;
    while days_before_year(year) > days {
        year -= 1;
    }
    while days_before_year(year + 1) <= days {
        year += 1;
    }
    let mut day = days - days_before_year(year);
    let mut month = 1;
    while day >= days_in_month(year, month) {
        day -= days_in_month(year, month);
        month += 1;
    }
    (year, month, day + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn known_moments() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00.000Z", 0),
            ("1970-12-31T23:59:59.000Z", 31_535_999),
            ("1972-02-29T00:00:00.000Z", 68_169_600),
            ("2000-02-29T12:34:56.000Z", 951_827_696),
            ("2000-03-01T00:00:00.000Z", 951_868_800),
            ("2001-09-09T01:46:40.000Z", 1_000_000_000),
            ("2038-01-19T03:14:08.000Z", 2_147_483_648),
            ("2100-03-01T00:00:00.000Z", 4_107_542_400),
            ("9999-12-31T23:59:59.000Z", 253_402_300_799),
        ] {
            let moment = Timestamp::parse(text).unwrap();
            assert_eq!(moment.seconds(), seconds, "{text}");
            assert_eq!(moment.to_string(), text);
        }
    }

    #[test]
    fn every_day_follows_the_day_before() {
        let mut day = Timestamp(0);
        for _ in 0..150_000 {
            let date = day.to_string();
            assert_eq!(Timestamp::parse(&date), Some(day), "{date}");
            day = day.plus_seconds(SECONDS_PER_DAY);
            assert!(day.to_string() > date, "{date}");
        }
    }

    #[test]
    fn fractions_have_up_to_nine_digits() {
        let micros = |text: &str| Timestamp::parse(text).map(|moment| moment.0);
        assert_eq!(micros("1970-01-01T00:00:01Z"), Some(1_000_000));
        assert_eq!(micros("1970-01-01T00:00:01.5Z"), Some(1_500_000));
        assert_eq!(micros("1970-01-01T00:00:01.123456789Z"), Some(1_123_456));
        for text in [
            "1970-01-01T00:00:01.Z",
            "1970-01-01T00:00:01.1234567890Z",
            "1970-01-01T00:00:01.1x3Z",
            "1970-01-01T00:00:01.123456xZ",
        ] {
            assert_eq!(micros(text), None, "{text}");
        }
    }

    #[test]
    fn a_leap_second_is_the_second_that_follows() {
        let moment = Timestamp::parse("2012-06-30T23:59:60.419Z").unwrap();
        assert_eq!(moment.to_string(), "2012-07-01T00:00:00.419Z");
        assert_eq!(
            Timestamp::parse("9999-12-31T23:59:60Z"),
            Some(Timestamp::MAX)
        );
        assert_eq!(Timestamp::parse("2012-06-30T22:59:60Z"), None);
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in [
            "",
            "Z",
            "1969-12-31T23:59:59Z",
            "2023-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2023-00-01T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-01-00T00:00:00Z",
            "2023-01-32T00:00:00Z",
            "2023-04-31T00:00:00Z",
            "2023-01-01T24:00:00Z",
            "2023-01-01T00:60:00Z",
            "2023-01-01T00:00:00",
            "2023-01-01t00:00:00Z",
            "2023-01-01 00:00:00Z",
            "+023-01-01T00:00:00Z",
            "2023-01-01T00:00:0éZ",
            "2023-1-01T00:00:000Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Timestamp(-1).to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp(i64::MAX).plus_seconds(1), Timestamp(i64::MAX));
        assert_eq!(Timestamp(0).plus_millis(i64::MIN), Timestamp(i64::MIN));
        assert_eq!(
            (Timestamp(-1).seconds(), Timestamp(-1).milliseconds()),
            (-1, -1)
        );
        for (time, whole) in [(999, 0), (1_000, 1_000), (1_001, 1_000), (-1, -1_000)] {
            assert_eq!(Timestamp(time).whole_millisecond(), Timestamp(whole));
        }
        assert_eq!(Timestamp(i64::MIN).whole_millisecond(), Timestamp(i64::MIN));
        assert_eq!(Timestamp(5).since(Timestamp(2)), Duration::from_micros(3));
        assert_eq!(Timestamp(2).since(Timestamp(5)), Duration::ZERO);
        assert_eq!(
            Timestamp(i64::MAX).since(Timestamp(i64::MIN)),
            Duration::from_micros(u64::MAX)
        );
    }
}
