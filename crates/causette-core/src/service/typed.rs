//! How a line is taken apart that somebody typed to a service and that holds passwords, which may have blanks: where one is
//! last, it is the rest of the line.

use crate::secret::{Secret, is_written_code, read_code};

/// The first word, and what follows behind one blank. Further blanks may be a password's, which is refused for them and not
/// taken without them.
pub(super) fn word(text: &str) -> (&str, &str) {
    let text = text.trim_ascii_start();
    text.split_once(|c: char| c.is_ascii_whitespace())
        .unwrap_or((text, ""))
}

/// A password, and the e-mail address behind it that people give by the habit of other networks; `*` stands for none.
pub(super) fn password_and_email(text: &str) -> (&str, Option<&str>) {
    let ended = text.trim_ascii_end();
    let Some((password, last)) = ended.rsplit_once(|c: char| c.is_ascii_whitespace()) else {
        return (text, None);
    };
    let is_address = last == "*"
        || last.split_once('@').is_some_and(|(person, host)| {
            !person.is_empty() && !host.is_empty() && !host.contains('@')
        });
    if is_address {
        (password, Some(last))
    } else {
        (text, None)
    }
}

/// What stands in front of the code of an invitation that is the last word, and the code. In groups it is one for sure; without them
/// a word of that length may be a password's, unless nobody signs up without a code or it has a digit in it.
pub(super) fn code_at_the_end(text: &str, needed: bool) -> (&str, Option<Secret>) {
    let ended = text.trim_ascii_end();
    let Some((before, last)) = ended.rsplit_once(|c: char| c.is_ascii_whitespace()) else {
        return (text, None);
    };
    let is_code = needed || is_written_code(last) || last.contains(|c: char| c.is_ascii_digit());
    match read_code(last).filter(|_| is_code && !before.trim_ascii().is_empty()) {
        Some(code) => (before, Some(code)),
        None => (text, None),
    }
}

/// Two passwords behind each other. The first is one word, or stands in quotation marks; the second is the rest, with such marks
/// or without, and whether it had them.
pub(super) fn two_passwords(text: &str) -> Option<(&str, &str, bool)> {
    let (first, second) = quoted(text).unwrap_or_else(|| word(text));
    let (second, had_marks) = unquoted(second);
    (!second.trim_ascii().is_empty()).then_some((first, second, had_marks))
}

/// A password that is the rest of a line: without the quotation marks around the whole, and whether it had them.
pub(super) fn unquoted(text: &str) -> (&str, bool) {
    match quoted(text) {
        Some((inner, rest)) if rest.trim_ascii().is_empty() => (inner, true),
        _ => (text, false),
    }
}

/// What stands in quotation marks at the beginning, and what follows behind one blank or the end.
pub(super) fn quoted(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_ascii_start();
    let mark = text
        .chars()
        .next()
        .filter(|mark| matches!(mark, '"' | '\''))?;
    let inner = &text[1..];
    let mut ends = inner.match_indices(mark).map(|(end, _)| end);
    let end = ends.find(|end| {
        let after = &inner[end + 1..];
        after.is_empty() || after.starts_with(|c: char| c.is_ascii_whitespace())
    })?;
    let rest = inner.get(end + 2..).unwrap_or_default();
    (end > 0).then_some((&inner[..end], rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_rest_of_the_line() {
        assert_eq!(
            word("  REGISTER  correct horse "),
            ("REGISTER", " correct horse ")
        );
        assert_eq!(word("HELP"), ("HELP", ""));
        assert_eq!(word(""), ("", ""));
        for (text, password, email) in [
            ("correct horse battery", "correct horse battery", None),
            ("correct horse a@b.c", "correct horse", Some("a@b.c")),
            ("secret *", "secret", Some("*")),
            ("secret * ", "secret", Some("*")),
            (" secret", " secret", None),
            ("secret ", "secret ", None),
            ("secret  a@b.c", "secret ", Some("a@b.c")),
            ("a@b.c", "a@b.c", None),
            ("me @home", "me @home", None),
            ("see you@", "see you@", None),
        ] {
            assert_eq!(password_and_email(text), (password, email), "{text}");
        }
    }

    #[test]
    fn a_code_is_the_last_word() {
        let code = Secret::new("K7QM2XHD9RTP4WJC");
        for (text, needed, before) in [
            (
                "correct horse K7QM-2XHD-9RTP-4WJC",
                false,
                Some("correct horse"),
            ),
            ("secret k7qm2xhd9rtp4wjc ", false, Some("secret")),
            (
                "secret a@b.c k7qm-2xhd-9rtp-4wjc",
                true,
                Some("secret a@b.c"),
            ),
            ("k7qm-2xhd-9rtp-4wjc", true, None),
            (" k7qm-2xhd-9rtp-4wjc", true, None),
            ("secret K7QM-2XHD", true, None),
        ] {
            let expected = (before.unwrap_or(text), before.map(|_| code.clone()));
            assert_eq!(code_at_the_end(text, needed), expected, "{text}");
        }
        // Without digits and groups it may be a word of the password.
        let words = "study of characterisation";
        assert_eq!(code_at_the_end(words, false), (words, None));
        assert_eq!(code_at_the_end(words, true).0, "study of");
    }

    #[test]
    fn a_password_before_another_is_a_word_or_quoted() {
        for (text, passwords) in [
            ("old new", Some(("old", "new", false))),
            (
                "old new pass phrase",
                Some(("old", "new pass phrase", false)),
            ),
            (
                "\"old pass\" new pass",
                Some(("old pass", "new pass", false)),
            ),
            (
                "'old pass' \"new pass\"",
                Some(("old pass", "new pass", true)),
            ),
            ("old new ", Some(("old", "new ", false))),
            ("old  new", Some(("old", " new", false))),
            ("old  'new pass' ", Some(("old", "new pass", true))),
            (" \"old pass\"  new", Some(("old pass", " new", false))),
            ("old ", None),
            ("old 'new pass'", Some(("old", "new pass", true))),
            ("\"old \"pass\" new", Some(("old \"pass", "new", false))),
            ("it's new", Some(("it's", "new", false))),
            ("old 'tis new", Some(("old", "'tis new", false))),
            ("\"open new", Some(("\"open", "new", false))),
            ("old", None),
            ("\"old pass\"", None),
            ("\"\" x", Some(("\"\"", "x", false))),
            ("", None),
        ] {
            assert_eq!(two_passwords(text), passwords, "{text}");
        }
    }
}
