//! A length of time as people write it: `90s`, `15m`, `2h`, `7d`, `4w`, or several of them in a row.

use causette_core::sanction::Duration;

/// The units in which one is shown, each with its seconds.
const UNITS: [(&str, u64); 4] = [("s", 1), ("min", 60), ("h", 3_600), ("d", 86_400)];

/// The seconds of the longest one that is understood: a hundred years. What is to hold for longer holds for ever.
const SECONDS_MAX: u64 = 100 * 365 * 86_400;

/// The seconds of a length of time, written as the [sanctions](Duration) of IRC are; `None` for what is none, or has no end.
pub fn seconds(text: &str) -> Option<u64> {
    let seconds = Duration::parse(text)?.seconds()?;
    (seconds <= SECONDS_MAX).then_some(seconds)
}

/// The same as people read it: in the largest unit that it is at least one of, rounded down.
pub(super) fn written(seconds: u64) -> String {
    let mut units = UNITS.into_iter().rev();
    let unit = units.find(|(_, factor)| seconds >= *factor);
    let (name, factor) = unit.unwrap_or(UNITS[0]);
    format!("{} {name}", seconds / factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_an_end() {
        for (text, expected) in [("90s", 90), ("7d", 7 * 86_400), ("1d12h", 129_600)] {
            assert_eq!(seconds(text), Some(expected));
        }
        for wrong in ["", "7", "1.5h", "7 d", "perm", "99999999w", "é"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        assert_eq!(written(0), "0 s");
        assert_eq!(written(59), "59 s");
        assert_eq!(written(3_599), "59 min");
        assert_eq!(written(90_000), "1 d");
    }
}
