//! Program A: accounts in an SQLite file, with passwords in clear, and two files of free lines, of the chat and of what happened.
//!
//! Nobody ever fixed how those lines look. So of a line of the chat only that is read of which there can be no doubt: a date, and a name
//! that an account had; a line that shows neither is kept as it is.

use super::date::{self, Date};
use super::old::{By, Login, Old, OldAccount, OldLine, Place, To, finished};
use super::report::Problem;
use super::text;
use aws_lc_rs::digest::{Context, SHA256};
use causette_core::plain;
use causette_core::secret::Secret;
use causette_proto::Timestamp;
use causette_store::Cell;
use jiff::tz::TimeZone;
use std::collections::HashSet;

/// The table of the accounts, and the columns of it that are read.
pub(super) const USERS: (&str, [&str; 2]) = ("users", ["username", "password"]);

/// Words that may stand around the names before what is said.
const AROUND: [&str; 20] = [
    "private", "prive", "privé", "#private", "mp", "pm", "message", "msg", "de", "from", "à", "a",
    "to", "pour", "for", "dit", "says", "said", "global", "user",
];

/// Words that say that something was said to one person only.
const PRIVATE: [&str; 6] = ["private", "prive", "privé", "#private", "mp", "pm"];

/// What stands between who speaks and to whom.
const BETWEEN: [&str; 5] = ["->", "=>", " to ", " à ", " a "];

/// Words of the names and what stands around them at most.
const HEAD_WORDS: usize = 8;

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What people said.
    Chat,
    /// What happened.
    Log,
}

/// The accounts in the rows of the table.
pub(super) fn accounts(file: &str, rows: Vec<Vec<Cell>>, old: &mut Old) {
    for (line, row) in (1..).zip(rows) {
        let mut cells = row.into_iter().map(Cell::into_bytes);
        let mut next = || text::of_bytes(&cells.next().unwrap_or_default());
        let (name, password) = (next(), next());
        old.accounts.push(OldAccount {
            place: Place {
                file: file.to_owned(),
                line,
            },
            name,
            password: Secret::new(password),
            login: Login::AsConfigured,
        });
    }
}

/// The lines of a file. A line without a date has that of the line before; the first ones that of the first that has one, or that of the
/// file.
pub(super) fn lines(
    (file, bytes, kind): (&str, &[u8], Kind),
    (names, zone): (&HashSet<String>, &TimeZone),
    (written, now): (Timestamp, Timestamp),
    old: &mut Old,
) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    // What tells a line from others is everything up to it: so a file that grew has the same lines as before, and new ones.
    let mut context = Context::new(&SHA256);
    context.update(match kind {
        Kind::Chat => b"a chat\n",
        Kind::Log => b"a log!\n",
    });
    let mut lines: Vec<OldLine> = Vec::new();
    let mut last: Option<Timestamp> = None;
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.trim_ascii().is_empty() {
            continue;
        }
        context.update(line);
        context.update(b"\n");
        let place = Place {
            file: file.to_owned(),
            line: number,
        };
        let whole = text::of_bytes(line);
        let dated = date::of_line(&whole, zone);
        let fallback = written.min(now);
        if let Some((date, _)) = &dated {
            match taken(date, &place, (last, now)) {
                Ok(time) => {
                    if last.is_none() {
                        lines.iter_mut().for_each(|line| line.time = time);
                    }
                    last = Some(time);
                }
                Err(problem) => old.problems.push(problem),
            }
        }
        let said = match kind {
            Kind::Chat => {
                let rest = dated.map(|(_, rest)| rest);
                said(rest.unwrap_or_else(|| whole.clone()), whole, names)
            }
            Kind::Log => (By::Nobody, To::Archive, whole),
        };
        let (by, to, text) = said;
        lines.push(OldLine {
            place,
            time: last.unwrap_or(fallback),
            by,
            to,
            text,
            from: None,
            mark: finished(context.clone()),
        });
    }
    old.files.push(lines);
}

/// The time that a line has by its date, or why it has that of the line before it.
fn taken(
    date: &Date,
    place: &Place,
    (last, now): (Option<Timestamp>, Timestamp),
) -> Result<Timestamp, Problem> {
    let (key, time) = match date {
        Date::Impossible(written) => {
            let problem = Problem::noted(place, "import-date-impossible");
            return Err(problem.with("date", plain(written)));
        }
        Date::At(time) if time.0 < 0 => return Err(Problem::noted(place, "import-date-early")),
        Date::At(time) if *time > now => ("import-date-ahead", time),
        Date::At(time) if last.is_some_and(|last| *time < last) => ("import-date-back", time),
        Date::At(time) => return Ok(*time),
    };
    Err(Problem::noted(place, key).with("time", time.to_string()))
}

/// Who says what to whom, in a line of the chat without its date.
fn said(line: String, whole: String, names: &HashSet<String>) -> (By, To, String) {
    let Some((head, text)) = split(&line, names) else {
        let is_private = words(&whole)
            .take(HEAD_WORDS)
            .any(|word| PRIVATE.contains(&&*word.to_lowercase()));
        let to = if is_private { To::Archive } else { To::Room };
        return (By::Nobody, to, whole);
    };
    match head.names.as_slice() {
        [author] if !head.is_private => (By::Person(author.clone()), To::Room, text),
        [author, other] => (By::Person(author.clone()), To::Person(other.clone()), text),
        // To one person, and nobody knows to whom.
        _ => (By::Nobody, To::Archive, whole),
    }
}

/// What stands before what is said.
struct Head {
    names: Vec<String>,
    is_private: bool,
}

/// Parts a line into its head and what is said: at the first sign that ends a head in which names stand, and nothing that is none.
fn split(line: &str, names: &HashSet<String>) -> Option<(Head, String)> {
    let ends = line
        .char_indices()
        .filter(|(_, char)| matches!(char, ':' | '>' | '|' | '»'));
    for (end, char) in ends {
        let (before, behind) = (&line[..end], &line[end + char.len_utf8()..]);
        // An arrow between two names ends nothing.
        let is_arrow = char == '>' && before.ends_with(['-', '=']);
        if let Some(head) = head(before, names)
            && !(is_arrow && leads_to_name(behind, names))
        {
            // Where a name in brackets is followed by a colon, that is no part of what is said.
            let text = behind.trim_start();
            let text = match char {
                '>' => text.strip_prefix(':').map_or(text, str::trim_start),
                _ => text,
            };
            return Some((head, text.to_owned()));
        }
    }
    None
}

/// Whether another name stands behind an arrow.
fn leads_to_name(behind: &str, names: &HashSet<String>) -> bool {
    split(behind, names).is_some_and(|(head, _)| !head.names.is_empty())
}

fn head(before: &str, names: &HashSet<String>) -> Option<Head> {
    if let Some(head) = one(before, names) {
        return Some(head);
    }
    // Names may have blanks in them.
    let two = BETWEEN.iter().find_map(|between| {
        let (first, second) = before.split_once(between)?;
        let (first, second) = (one(first, names)?, one(second, names)?);
        Some(Head {
            names: [first.names, second.names].concat(),
            is_private: true,
        })
    });
    if two.is_some() {
        return two;
    }
    let mut head = Head {
        names: Vec::new(),
        is_private: false,
    };
    for (count, word) in words(before).enumerate() {
        let lower = word.to_lowercase();
        if names.contains(word) {
            head.names.push(word.to_owned());
        } else if AROUND.contains(&&*lower) && count < HEAD_WORDS {
            head.is_private |= PRIVATE.contains(&&*lower);
        } else {
            return None;
        }
    }
    (!head.names.is_empty()).then_some(head)
}

/// One name, with words around it or without.
fn one(text: &str, names: &HashSet<String>) -> Option<Head> {
    let bare = |text: &str| -> String {
        let ends = |char: char| char.is_whitespace() || is_around(char);
        text.trim_matches(ends).to_owned()
    };
    let mut left = bare(text);
    let mut is_private = false;
    while !names.contains(&left) {
        let first = words(&left).next()?.to_lowercase();
        if !AROUND.contains(&&*first) {
            return None;
        }
        is_private |= PRIVATE.contains(&&*first);
        let (_, rest) = left.split_once(|char: char| char.is_whitespace() || is_around(char))?;
        left = bare(rest);
    }
    Some(Head {
        names: vec![left],
        is_private,
    })
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|char: char| char.is_whitespace() || is_around(char));
    words.filter(|word| !word.is_empty())
}

fn is_around(char: char) -> bool {
    matches!(
        char,
        '<' | '>' | '[' | ']' | '(' | ')' | '-' | '=' | '"' | '\'' | ',' | '«' | '»' | ':'
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use causette_text::Language;

    const NOW: Timestamp = Timestamp(1_795_316_400_000_000);
    const WRITTEN: Timestamp = Timestamp(1_700_000_000_000_000);

    fn read(text: &str, kind: Kind) -> Old {
        let mut old = Old::default();
        let names = ["bob", "alice", "Jean Paul"].map(str::to_owned).into();
        let file = ("ChatFile.txt", text.as_bytes(), kind);
        lines(file, (&names, &TimeZone::UTC), (WRITTEN, NOW), &mut old);
        old
    }

    #[test]
    fn who_says_what_is_read_where_there_is_no_doubt() {
        let person = |name: &str| By::Person(name.to_owned());
        let to = |name: &str| To::Person(name.to_owned());
        for (line, by, to, text) in [
            ("bob : salut : toi", person("bob"), To::Room, "salut : toi"),
            ("<bob> salut", person("bob"), To::Room, "salut"),
            ("<bob>: salut", person("bob"), To::Room, "salut"),
            ("[bob] : salut", person("bob"), To::Room, "salut"),
            ("bob > salut", person("bob"), To::Room, "salut"),
            ("bob -> salut", person("bob"), To::Room, "salut"),
            ("bob dit : salut", person("bob"), To::Room, "salut"),
            ("Jean Paul : salut", person("Jean Paul"), To::Room, "salut"),
            (
                "18/09/2022 13:39:20 bob : ok",
                person("bob"),
                To::Room,
                "ok",
            ),
            (
                "bob (18/09/2022 13:39:20) : ok",
                person("bob"),
                To::Room,
                "ok",
            ),
            ("bob -> alice : psst", person("bob"), to("alice"), "psst"),
            (
                "[private] bob to alice: psst",
                person("bob"),
                to("alice"),
                "psst",
            ),
            (
                "[Private] bob -> Jean Paul : psst",
                person("bob"),
                to("Jean Paul"),
                "psst",
            ),
            ("bob dit : salut", person("bob"), To::Room, "salut"),
            (
                "#Private bob : psst",
                By::Nobody,
                To::Archive,
                "#Private bob : psst",
            ),
            (
                "private zoe to bob: psst",
                By::Nobody,
                To::Archive,
                "private zoe to bob: psst",
            ),
            (
                "zoe : salut bob : ok",
                By::Nobody,
                To::Room,
                "zoe : salut bob : ok",
            ),
            ("bob est là", By::Nobody, To::Room, "bob est là"),
            ("Bob : salut", By::Nobody, To::Room, "Bob : salut"),
        ] {
            let old = read(line, Kind::Chat);
            let found = &old.files[0][0];
            assert_eq!(
                (&found.by, &found.to, &*found.text),
                (&by, &to, text),
                "{line}"
            );
        }
    }

    #[test]
    fn what_bears_no_date_keeps_its_place() {
        let text = "avant\r\n\r\n18/09/2022 13:39:20 bob : un\nbob : deux\n17/09/2022 10:00:00 bob : trois\n01/01/2099 10:00:00 x\n";
        let old = read(text, Kind::Chat);
        let times: Vec<String> = old.files[0]
            .iter()
            .map(|line| line.time.to_string())
            .collect();
        assert_eq!(times, ["2022-09-18T13:39:20.000Z"; 5]);
        let problems: Vec<_> = old
            .problems
            .iter()
            .map(|one| (one.line, one.kind()))
            .collect();
        assert_eq!(problems, [(5, "date-back"), (6, "date-ahead")]);
        let old = read("bob : un", Kind::Chat);
        assert_eq!(old.files[0][0].time, WRITTEN);
    }

    #[test]
    fn what_is_no_date_of_such_a_program_is_told_and_the_line_is_still_its_authors() {
        let text = "18/09/2022 13:39:20 bob : un\n31/02/2022 10:00:00 alice : deux\n18/09/2022 25:61:61 alice : trois\n18/09/1822 10:00:00 alice : quatre\n";
        let old = read(text, Kind::Chat);
        let problems: Vec<_> = old
            .problems
            .iter()
            .map(|one| (one.line, one.kind()))
            .collect();
        let expected = [
            (2, "date-impossible"),
            (3, "date-impossible"),
            (4, "date-early"),
        ];
        assert_eq!(problems, expected);
        let words = old.problems[0].words(Language::En);
        assert!(
            words.starts_with("there is no 31/02/2022 10:00:00"),
            "{words}"
        );
        let lines: Vec<_> = old.files[0]
            .iter()
            .map(|line| (line.by.clone(), &*line.text, line.time.to_string()))
            .collect();
        let said = |name: &str, text| {
            let time = "2022-09-18T13:39:20.000Z".to_owned();
            (By::Person(name.to_owned()), text, time)
        };
        let expected = [
            said("bob", "un"),
            said("alice", "deux"),
            said("alice", "trois"),
            said("alice", "quatre"),
        ];
        assert_eq!(lines, expected);
        let early = read("18/09/1822 10:00:00 bob : un", Kind::Chat);
        assert_eq!(early.files[0][0].time, WRITTEN);
        assert_eq!(read(text, Kind::Log).problems.len(), 3);
    }

    #[test]
    fn a_line_of_the_log_is_kept_whole_and_for_nobody() {
        let line = "18/09/2022 13:39:20 bob : connexion de ('127.0.0.1', 50012)";
        let old = read(line, Kind::Log);
        let found = &old.files[0][0];
        assert_eq!((&found.by, &found.to), (&By::Nobody, &To::Archive));
        assert_eq!(found.text, line);
        assert_eq!(found.time.to_string(), "2022-09-18T13:39:20.000Z");
    }

    #[test]
    fn a_file_that_grew_has_the_same_lines_and_new_ones() {
        let marks = |text: &str, kind| {
            let old = read(text, kind);
            let marks: Vec<_> = old.files[0].iter().map(|line| line.mark).collect();
            marks
        };
        let before = marks("ok\nok\n", Kind::Chat);
        let after = marks("ok\r\nok\r\nok\r\n", Kind::Chat);
        assert_eq!(before, after[..2]);
        assert!(before[0] != before[1] && after[2] != after[1]);
        assert_ne!(marks("ok", Kind::Log), before[..1]);
    }
}
