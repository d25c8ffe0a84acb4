//! Lengths, paces and times in words.

use crate::core::locale::Locale;
use causette_text::Language;
use std::time::Duration;

/// The units of a length, as the server writes them in messages about files, each a thousand of the one before.
const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];

/// A length: `11.4 MB`, `11,4 Mo`.
pub fn size(bytes: u64, locale: &Locale) -> String {
    if bytes < 1_000 {
        return written(&bytes.to_string(), 0, locale);
    }
    let (mut tenths, mut unit) = (bytes / 100, 1);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1_000;
        unit += 1;
    }
    let number = format!("{}.{}", tenths / 10, tenths % 10);
    written(&number, unit, locale)
}

fn written(number: &str, unit: usize, locale: &Locale) -> String {
    match locale.language {
        Language::En => format!("{number} {}", UNITS[unit]),
        Language::Fr => format!(
            "{} {}",
            number.replace('.', ","),
            UNITS[unit].replace('B', "o")
        ),
    }
}

/// A length that a server has written, in the person's language.
pub(crate) fn size_as_written(text: &str, locale: &Locale) -> String {
    let parts = text.split_once(' ');
    let known = parts.and_then(|(number, unit)| {
        let unit = UNITS.iter().position(|known| *known == unit)?;
        let is_number = number
            .chars()
            .all(|digit| digit.is_ascii_digit() || digit == '.');
        is_number.then(|| written(number, unit, locale))
    });
    known.unwrap_or_else(|| text.to_owned())
}

/// A pace: `2.1 MB/s`.
pub fn pace(bytes: u64, locale: &Locale) -> String {
    format!("{}/s", size(bytes, locale))
}

/// How long something takes, as well as one can know: `42 s`, `3 min`, `1 h 20 min`.
pub fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 3_600, seconds / 60 % 60) {
        (0, 0) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) if hours < 48 => format!("{hours} h {minutes:02} min"),
        (hours, _) => format!("{hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_said_as_each_language_says_it() {
        let (en, fr) = (Locale::utc(Language::En), Locale::utc(Language::Fr));
        for (bytes, english, french) in [
            (0, "0 B", "0 o"),
            (999, "999 B", "999 o"),
            (1_000, "1.0 kB", "1,0 ko"),
            (11_412_345, "11.4 MB", "11,4 Mo"),
            (2_147_483_648, "2.1 GB", "2,1 Go"),
            (u64::MAX, "18446744.0 TB", "18446744,0 To"),
        ] {
            assert_eq!(size(bytes, &en), english);
            assert_eq!(size(bytes, &fr), french);
            assert_eq!(size_as_written(english, &fr), french);
        }
        assert_eq!(size_as_written("much", &fr), "much");
        assert_eq!(pace(2_100_000, &en), "2.1 MB/s");
    }

    #[test]
    fn a_time_is_said_no_finer_than_it_is_known() {
        for (seconds, said) in [
            (0, "0 s"),
            (59, "59 s"),
            (200, "3 min"),
            (4_800, "1 h 20 min"),
            (1_000_000, "277 h"),
        ] {
            assert_eq!(duration(Duration::from_secs(seconds)), said);
        }
    }
}
