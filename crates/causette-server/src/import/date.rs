//! The dates that people and programs write before a line, in the time zone of the machine that wrote them.

use causette_proto::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The months as `ctime` shortens them.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Signs that may stand between a date and the text behind it.
const BEHIND: [char; 7] = [' ', '\t', ':', '-', '|', ',', ';'];

/// What stands where a date does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Date {
    /// A time.
    At(Timestamp),
    /// What is written as a date is, and is none: `31/02/2022 10:00:00`.
    Impossible(String),
}

/// Reads a whole text as a date with a time: `18/09/2022 13:39:20` as program B writes it, or another of the usual shapes.
pub(super) fn read(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    match whole(text, zone)? {
        Date::At(time) => Some(time),
        Date::Impossible(_) => None,
    }
}

fn whole(text: &str, zone: &TimeZone) -> Option<Date> {
    let text = text.trim();
    let (shown, rest) = leading(text)?;
    let is_whole = rest.trim().is_empty();
    is_whole.then(|| moment(shown, zone).map_or_else(|| Date::Impossible(text.into()), Date::At))
}

/// The date of a line, and the line without it: it stands at the beginning, bare or in brackets, or in brackets further on.
pub(super) fn of_line<'a>(line: &'a str, zone: &TimeZone) -> Option<(Date, String)> {
    let trimmed = line.trim_start();
    if let Some((shown, rest)) = leading(trimmed) {
        let written = trimmed[..trimmed.len() - rest.len()].to_owned();
        let date = moment(shown, zone).map_or(Date::Impossible(written), Date::At);
        return Some((date, rest.trim_start_matches(BEHIND).to_owned()));
    }
    let closing = |open: char| match open {
        '[' => ']',
        _ => ')',
    };
    let opens = line.char_indices();
    let mut opens = opens.filter(|(_, char)| matches!(char, '[' | '('));
    opens.find_map(|(start, open)| {
        let inside: &'a str = &line[start + 1..];
        let end = inside.find(closing(open))?;
        let date = whole(&inside[..end], zone)?;
        let (before, behind) = (line[..start].trim(), &inside[end + 1..]);
        let rest = match before {
            "" => behind.trim_start_matches(BEHIND).to_owned(),
            before => format!("{before} {}", behind.trim_start()),
        };
        Some((date, rest.trim().to_owned()))
    })
}

/// `None` where there is no such day or time.
fn moment(shown: Option<DateTime>, zone: &TimeZone) -> Option<Timestamp> {
    let zoned = shown?.to_zoned(zone.clone()).ok()?;
    Some(Timestamp(zoned.timestamp().as_microsecond()))
}

/// A date with a time, where there is such a one, and what stands behind it.
type Leading<'a> = (Option<DateTime>, &'a str);

/// What is written as a date with a time at the beginning of a text, and what stands behind it.
fn leading(text: &str) -> Option<Leading<'_>> {
    numbered(text).or_else(|| worded(text))
}

/// `18/09/2022 13:39:20`, `18-09-2022 13:39`, `2022-09-18 13:39:20.123456`, `2022-09-18T13:39:20`.
fn numbered(text: &str) -> Option<Leading<'_>> {
    let mut rest = text;
    let (first, width) = number(&mut rest, 4)?;
    let between = rest.chars().next()?;
    if !matches!(between, '/' | '-' | '.') {
        return None;
    }
    rest = &rest[1..];
    let (second, _) = number(&mut rest, 2)?;
    rest = rest.strip_prefix(between)?;
    let (third, third_width) = number(&mut rest, 4)?;
    let (year, month, day) = match (width, third_width) {
        (4, 1 | 2) => (first, second, third),
        (1 | 2, 4) => (third, second, first),
        _ => return None,
    };
    let gap = rest.trim_start_matches(['T', ',', ' ', '\t', '-', '|', 'à']);
    if gap.len() == rest.len() {
        return None;
    }
    let (time, rest) = clock(gap)?;
    Some((date(year, month, day, time), rest))
}

/// `Sun Sep 18 13:39:20 2022`, as `ctime` of Python and C writes it.
fn worded(text: &str) -> Option<Leading<'_>> {
    let mut rest = text;
    let day = rest.get(..3)?;
    if !["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].contains(&day) {
        return None;
    }
    rest = rest[3..].trim_start();
    let month = rest.get(..3)?;
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    rest = rest[3..].trim_start();
    let (day, _) = number(&mut rest, 2)?;
    let (time, rest) = clock(rest.trim_start())?;
    let mut rest = rest.trim_start();
    let (year, 4) = number(&mut rest, 4)? else {
        return None;
    };
    Some((date(year, i64::try_from(month).ok()?, day, time), rest))
}

/// Hours, minutes, seconds and nanoseconds.
type Clock = (i64, i64, i64, i64);

/// `13:39`, `13:39:20`, `13:39:20.123456`, `13h39`.
fn clock(text: &str) -> Option<(Clock, &str)> {
    let mut rest = text;
    let (hour, _) = number(&mut rest, 2)?;
    rest = rest.strip_prefix([':', 'h'])?;
    let (minute, 2) = number(&mut rest, 2)? else {
        return None;
    };
    let mut seconds = (0, 0);
    let mut behind = rest.strip_prefix([':', 'm']).unwrap_or(rest);
    if behind.len() < rest.len()
        && let Some((second, 2)) = number(&mut behind, 2)
    {
        rest = behind.strip_prefix('s').unwrap_or(behind);
        seconds.0 = second;
        if let Some(fraction) = rest.strip_prefix(['.', ','])
            && fraction.starts_with(|char: char| char.is_ascii_digit())
        {
            let digits = fraction.len()
                - fraction
                    .trim_start_matches(|c: char| c.is_ascii_digit())
                    .len();
            let nine: String = fraction[..digits]
                .chars()
                .chain("000000000".chars())
                .take(9)
                .collect();
            seconds.1 = nine.parse().ok()?;
            rest = &fraction[digits..];
        }
    }
    Some(((hour, minute, seconds.0, seconds.1), rest))
}

fn date(year: i64, month: i64, day: i64, (hour, minute, second, nano): Clock) -> Option<DateTime> {
    DateTime::new(
        year.try_into().ok()?,
        month.try_into().ok()?,
        day.try_into().ok()?,
        hour.try_into().ok()?,
        minute.try_into().ok()?,
        second.try_into().ok()?,
        nano.try_into().ok()?,
    )
    .ok()
}

/// A number of so many digits at most, and how many it has; the text goes on behind it.
fn number(text: &mut &str, digits_max: usize) -> Option<(i64, usize)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > digits_max {
        return None;
    }
    let number = text[..digits].parse().ok()?;
    *text = &text[digits..];
    Some((number, digits))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn line(text: &str) -> Option<(String, String)> {
        let (date, rest) = of_line(text, &TimeZone::UTC)?;
        let told = match date {
            Date::At(time) => time.to_string(),
            Date::Impossible(written) => format!("not {written}"),
        };
        Some((told, rest))
    }

    #[test]
    fn dates_of_every_usual_shape_are_read() {
        let at = "2022-09-18T13:39:20.000Z";
        for (text, rest) in [
            ("18/09/2022 13:39:20 bob : salut", "bob : salut"),
            ("18/09/2022 13:39:20", ""),
            ("18-09-2022 13:39:20 - bob : salut", "bob : salut"),
            ("[18/09/2022 13:39:20] bob : salut", "bob : salut"),
            ("2022-09-18 13:39:20.000000 | bob: salut", "bob: salut"),
            ("2022-09-18T13:39:20: x", "x"),
            ("Sun Sep 18 13:39:20 2022 : bob is here", "bob is here"),
            ("bob (18/09/2022 13:39:20) : salut", "bob : salut"),
            ("bob [18/09/2022, 13:39:20]: salut", "bob : salut"),
        ] {
            assert_eq!(line(text), Some((at.into(), rest.into())), "{text}");
        }
        assert_eq!(
            line("18/09/2022 13h39 x").unwrap().0,
            "2022-09-18T13:39:00.000Z"
        );
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "bob : rendez-vous le 18/09/2022 13:39:20",
            "18/09/2022 x",
            "13:39:20 x",
            "18/09/22 13:39:20",
            "bob (hier) : salut",
            "",
            "192.168.56.1 64677",
        ] {
            assert_eq!(line(text), None, "{text}");
        }
        assert_eq!(read("18/09/2022 25:39:20", &TimeZone::UTC), None);
        assert_eq!(read("hier", &TimeZone::UTC), None);
    }

    #[test]
    fn a_date_that_there_is_not_is_told_from_what_is_said() {
        for (text, date, rest) in [
            (
                "31/02/2022 13:39:20 zoe : x",
                "not 31/02/2022 13:39:20",
                "zoe : x",
            ),
            (
                "18/09/2022 25:61:61 zoe : x",
                "not 18/09/2022 25:61:61",
                "zoe : x",
            ),
            ("[00/13/2022 10:00] x", "not 00/13/2022 10:00", "x"),
            (
                "zoe (2022-02-30 10:00:00) : x",
                "not 2022-02-30 10:00:00",
                "zoe : x",
            ),
            (
                "Sun Feb 31 13:39:20 2022 x",
                "not Sun Feb 31 13:39:20 2022",
                "x",
            ),
        ] {
            assert_eq!(line(text), Some((date.into(), rest.into())), "{text}");
        }
    }

    #[test]
    fn the_zone_is_that_of_the_machine() {
        let paris = TimeZone::fixed(jiff::tz::offset(2));
        let time = read("18/09/2022 13:39:20", &paris).unwrap();
        assert_eq!(time.to_string(), "2022-09-18T11:39:20.000Z");
    }
}
