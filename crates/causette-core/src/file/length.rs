//! Lengths of files as people say them.

/// A length as people say it, in powers of a thousand.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let (mut tenths, mut unit) = (bytes / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// The bytes of a length as people write it: a number, and behind it a unit in powers of a thousand (`20 MB`) or of 1024 (`20 MiB`), whatever its
/// capitals, or none.
#[must_use]
pub fn read_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|char: char| !char.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.trim_start().to_ascii_lowercase();
    let unit = unit.strip_suffix('b').unwrap_or(&unit);
    let (factor, unit) = match unit.strip_suffix('i') {
        Some(unit) if !unit.is_empty() => (1024_u64, unit),
        _ => (1000, unit),
    };
    let power = ["", "k", "m", "g", "t"]
        .iter()
        .position(|one| *one == unit)?;
    let number: u64 = number.parse().ok()?;
    number.checked_mul(factor.checked_pow(u32::try_from(power).ok()?)?)
}

#[cfg(test)]
mod tests {
    use super::{read_size, size};

    #[test]
    fn a_length_is_said_in_the_largest_unit_that_it_fills() {
        for (bytes, said) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_999, "999.9 kB"),
            (1_000_000, "1.0 MB"),
            (11_953_421, "11.9 MB"),
            (2_147_483_648, "2.1 GB"),
            (5_000_000_000_000_000, "5000.0 TB"),
        ] {
            assert_eq!(size(bytes), said);
        }
    }

    #[test]
    fn a_length_is_read_as_people_write_it() {
        for (text, bytes) in [
            ("0", 0),
            ("500", 500),
            ("500 B", 500),
            ("20MB", 20_000_000),
            ("20 mb", 20_000_000),
            ("2 GiB", 2 << 30),
            ("1k", 1000),
            ("1Ti", 1 << 40),
        ] {
            assert_eq!(read_size(text), Some(bytes), "{text}");
        }
        for wrong in [
            "",
            "MB",
            "1.5 GB",
            "-1",
            "5 XB",
            "5 ib",
            "99999999999 TB",
            "é",
        ] {
            assert_eq!(read_size(wrong), None, "{wrong}");
        }
    }
}
