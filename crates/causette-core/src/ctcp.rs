//! What programs ask each other inside of messages. <https://modern.ircdocs.horse/ctcp.html>

/// Whether a text is a question or offer from program to program, other than the `/me` of people.
/// <https://modern.ircdocs.horse/ctcp.html>
pub(crate) fn is_ctcp(text: &str) -> bool {
    has_question(text, |question| !question.starts_with("ACTION "))
}

/// Whether a text offers a connection from computer to computer.
pub(crate) fn is_dcc(text: &str) -> bool {
    has_question(text, |question| question.starts_with("DCC "))
}

/// Whether a text has a question of some kind. Programs look for one at the beginning of a message, and of several lines
/// each is a message to those that do not know them. Where a line goes on in the next, others see both as one; and one
/// that is too long is cut where its author may have reckoned, so nothing in it is safe for not being at the beginning.
fn has_question(text: &str, is: impl Fn(&str) -> bool) -> bool {
    if !text.contains(['\n', '\r']) {
        return text.strip_prefix('\u{1}').is_some_and(is);
    }
    let joined = text.replace('\r', "");
    text.split(['\n', '\r'])
        .chain(joined.split('\n'))
        .flat_map(|line| line.split('\u{1}').skip(1))
        .any(|question| !question.is_empty() && is(question))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_found_in_each_line() {
        for text in [
            "\u{1}VERSION\u{1}",
            "hello\n\u{1}VERSION\u{1}",
            "hello\r\u{1}VERSION\u{1}",
            "\u{1}\rVERSION\u{1}",
            "hello\nlong \u{1}VERSION\u{1}",
        ] {
            assert!(is_ctcp(text), "{text:?}");
        }
        for text in [
            "hello",
            "a \u{1}VERSION\u{1}",
            "\u{1}ACTION waves\u{1}",
            "hello\n\u{1}ACTION waves\u{1}\nworld",
        ] {
            assert!(!is_ctcp(text), "{text:?}");
        }
        for text in [
            "\u{1}DCC SEND x\u{1}",
            "hello\n\u{1}DCC SEND x\u{1}",
            "\u{1}DCC\r SEND x\u{1}",
        ] {
            assert!(is_dcc(text), "{text:?}");
        }
        assert!(!is_dcc("hello\n\u{1}VERSION\u{1}"));
    }
}
