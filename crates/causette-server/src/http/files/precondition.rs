//! Under which conditions who asks wants the bytes of a file. <https://www.rfc-editor.org/rfc/rfc9110#section-13>

use axum::http::{HeaderMap, HeaderName, header};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// How a moment is written, now and by those who have never changed. <https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7>
const FORMS: [&str; 3] = [
    "%a, %d %b %Y %H:%M:%S GMT",
    "%A, %d-%b-%y %H:%M:%S GMT",
    "%a %b %e %H:%M:%S %Y",
];

/// What becomes of a request by its conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conditions {
    /// They hold, or there are none.
    Met,
    /// Who asks has the same already.
    Known,
    /// Who asks wants something else than there is.
    Failed,
}

/// Judges the conditions of a request for what has this validator and is there since a moment, in seconds since 1970, in the order in which
/// that is to be done. <https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2>
pub(super) fn judge(headers: &HeaderMap, etag: &str, since: i64) -> Conditions {
    let is_other = match tags(headers, &header::IF_MATCH) {
        // What is only alike will not do.
        Some(wanted) => !names(&wanted, |tag| tag == etag),
        None => date(headers, &header::IF_UNMODIFIED_SINCE).is_some_and(|date| since > date),
    };
    if is_other {
        return Conditions::Failed;
    }
    let is_known = match tags(headers, &header::IF_NONE_MATCH) {
        Some(known) => names(&known, |tag| tag.trim_start_matches("W/") == etag),
        None => date(headers, &header::IF_MODIFIED_SINCE).is_some_and(|date| since <= date),
    };
    if is_known {
        Conditions::Known
    } else {
        Conditions::Met
    }
}

/// What stands in a header, on however many lines; `None` where there is none.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let lines = headers.get_all(name).into_iter();
    // What is no text names nothing of ours.
    let lines: Vec<&str> = lines
        .map(|line| line.to_str().unwrap_or_default())
        .collect();
    let tags = lines.iter().flat_map(|line| line.split(','));
    (!lines.is_empty()).then(|| tags.map(|tag| tag.trim().to_owned()).collect())
}

fn names(tags: &[String], is_ours: impl Fn(&str) -> bool) -> bool {
    tags.iter().any(|tag| tag == "*" || is_ours(tag))
}

/// A moment in seconds since 1970. What is none counts as if nothing were there.
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<i64> {
    let mut lines = headers.get_all(name).into_iter();
    let (line, None) = (lines.next()?, lines.next()) else {
        return None;
    };
    let text = line.to_str().ok()?.trim();
    let mut read = FORMS
        .iter()
        .filter_map(|form| DateTime::strptime(form, text).ok());
    let moment = read.next()?.to_zoned(TimeZone::UTC).ok()?;
    Some(moment.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use axum::http::HeaderValue;

    const ETAG: &str = "\"a\"";
    const SINCE: i64 = 784_111_777;
    const THEN: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";

    fn judged(lines: &[(HeaderName, &str)]) -> Conditions {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        judge(&headers, ETAG, SINCE)
    }

    #[test]
    fn conditions_are_judged_in_their_order() {
        use Conditions::{Failed, Known, Met};
        use header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
        for (lines, expected) in [
            (&[][..], Met),
            (&[(IF_MATCH, "*")], Met),
            (&[(IF_MATCH, "\"b\", \"a\"")], Met),
            (&[(IF_MATCH, "\"b\""), (IF_MATCH, "\"a\"")], Met),
            (&[(IF_MATCH, "\"b\"")], Failed),
            (&[(IF_MATCH, "")], Failed),
            (&[(IF_MATCH, "W/\"a\"")], Failed),
            (&[(IF_UNMODIFIED_SINCE, THEN)], Met),
            (&[(IF_UNMODIFIED_SINCE, BEFORE)], Failed),
            (&[(IF_UNMODIFIED_SINCE, "yesterday")], Met),
            (
                &[(IF_UNMODIFIED_SINCE, BEFORE), (IF_UNMODIFIED_SINCE, BEFORE)],
                Met,
            ),
            // The first makes up for the second.
            (&[(IF_MATCH, ETAG), (IF_UNMODIFIED_SINCE, BEFORE)], Met),
            (&[(IF_NONE_MATCH, "W/\"a\"")], Known),
            (&[(IF_NONE_MATCH, "*")], Known),
            (&[(IF_NONE_MATCH, "\"b\"")], Met),
            (&[(IF_MODIFIED_SINCE, THEN)], Known),
            (&[(IF_MODIFIED_SINCE, BEFORE)], Met),
            (&[(IF_NONE_MATCH, "\"b\""), (IF_MODIFIED_SINCE, THEN)], Met),
            (&[(IF_MATCH, "\"b\""), (IF_NONE_MATCH, ETAG)], Failed),
            (&[(IF_MATCH, ETAG), (IF_NONE_MATCH, ETAG)], Known),
        ] {
            assert_eq!(judged(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_moment_is_read_in_each_form_that_there_ever_was() {
        for text in [
            THEN,
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            let header = (header::IF_MODIFIED_SINCE, text);
            assert_eq!(judged(&[header]), Conditions::Known, "{text}");
        }
    }
}
