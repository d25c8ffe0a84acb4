//! A length of time as people write it: `90s`, `15m`, `2h`, `7d`, `4w`.

/// The units, each with its seconds.
const UNITS: [(char, u64); 5] = [
    ('s', 1),
    ('m', 60),
    ('h', 3_600),
    ('d', 86_400),
    ('w', 604_800),
];

/// The seconds of the longest one that is understood: a hundred years. What is to hold for longer holds for ever.
const SECONDS_MAX: u64 = 100 * 365 * 86_400;

/// The seconds of a length of time; `None` for what is none.
pub fn seconds(text: &str) -> Option<u64> {
    let unit = text.chars().next_back()?;
    let (_, factor) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    let number = text.strip_suffix(unit)?;
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let seconds = number.parse::<u64>().ok()?.checked_mul(factor)?;
    (seconds <= SECONDS_MAX).then_some(seconds)
}

/// The same as people read it: in the largest unit that it is at least one of, rounded down.
pub(super) fn written(seconds: u64) -> String {
    let mut units = UNITS.into_iter().take(4).rev();
    let unit = units.find(|(_, factor)| seconds >= *factor);
    let (name, factor) = unit.unwrap_or(UNITS[0]);
    let name = if name == 'm' {
        "min".to_owned()
    } else {
        name.to_string()
    };
    format!("{} {name}", seconds / factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_a_number_and_a_unit() {
        assert_eq!(seconds("90s"), Some(90));
        assert_eq!(seconds("7d"), Some(7 * 86_400));
        assert_eq!(seconds("4w"), Some(28 * 86_400));
        for wrong in [
            "",
            "7",
            "d",
            "-1d",
            "+1d",
            "1.5h",
            "7 d",
            "7D",
            "99999999w",
            "é",
        ] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
        assert_eq!(written(0), "0 s");
        assert_eq!(written(59), "59 s");
        assert_eq!(written(3_599), "59 min");
        assert_eq!(written(90_000), "1 d");
    }
}
