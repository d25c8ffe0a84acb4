//! `RPL_ISUPPORT` (005): the tokens that tell clients what the server does, cut into lines.
//! Which tokens there are is decided in `causette-core`.
//!
//! <https://modern.ircdocs.horse/#rplisupport-005>

use crate::limits::{BODY_BYTES_MAX, ISUPPORT_TOKENS_MAX};

/// Bytes kept for what surrounds the tokens: source and nick (64 each), numeric, final sentence, CR LF.
const FRAME_BYTES: usize = 64 + 64 + " 005  :are supported by this server\r\n".len() + ":".len();

/// Bytes that the tokens of one line, with the spaces between them, may take.
pub const TOKENS_BYTES_MAX: usize = BODY_BYTES_MAX - FRAME_BYTES;

/// Shares `tokens` out among lines, in order: at most [`ISUPPORT_TOKENS_MAX`] and [`TOKENS_BYTES_MAX`]
/// on each. A token that alone exceeds the bytes has a line of its own.
pub fn lines(tokens: &[String]) -> Vec<Vec<&str>> {
    let mut lines: Vec<Vec<&str>> = Vec::new();
    let mut bytes = 0;
    for token in tokens {
        match lines.last_mut() {
            Some(line)
                if line.len() < ISUPPORT_TOKENS_MAX
                    && bytes + 1 + token.len() <= TOKENS_BYTES_MAX =>
            {
                line.push(token);
                bytes += 1 + token.len();
            }
            _ => {
                lines.push(vec![token]);
                bytes = token.len();
            }
        }
    }
    lines
}

/// One token: `NAME=value` with the value escaped, or `NAME` alone when the value is empty.
pub fn token(name: &str, value: &str) -> String {
    if value.is_empty() {
        name.to_owned()
    } else {
        format!("{name}={}", escape_value(value))
    }
}

/// `value` with space, `=` and `\` in the form `\xHH`.
pub fn escape_value(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for char in value.chars() {
        match char {
            ' ' => escaped.push_str(r"\x20"),
            '=' => escaped.push_str(r"\x3D"),
            '\\' => escaped.push_str(r"\x5C"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The value that `escaped` stands for. What is no escape of an ASCII character stands for itself.
pub fn unescape_value(escaped: &str) -> String {
    let mut value = String::with_capacity(escaped.len());
    let mut rest = escaped;
    while let Some((before, after)) = rest.split_once(r"\x") {
        value.push_str(before);
        let code = after
            .get(..2)
            .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match code
            .and_then(|hex| u8::from_str_radix(hex, 16).ok())
            .filter(u8::is_ascii)
        {
            Some(byte) => {
                value.push(char::from(byte));
                rest = &after[2..];
            }
            None => {
                value.push_str(r"\x");
                rest = after;
            }
        }
    }
    value.push_str(rest);
    value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Message;

    #[test]
    fn a_line_has_at_most_thirteen_tokens() {
        let tokens: Vec<_> = (0..30).map(|index| format!("T{index}")).collect();
        let lines = lines(&tokens);
        assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [13, 13, 4]);
        assert_eq!(lines.concat(), tokens);
    }

    #[test]
    fn a_line_stays_within_the_bytes_of_a_message() {
        let tokens: Vec<_> = (0..40)
            .map(|index| format!("TOKEN{index}={}", "x".repeat(index)))
            .collect();
        let lines = lines(&tokens);
        assert_eq!(lines.concat(), tokens);
        for line in lines {
            let mut message = Message::new("005")
                .source("s".repeat(64))
                .param("n".repeat(64));
            message.params.extend(line.into_iter().map(Into::into));
            let message = message.param("are supported by this server");
            assert!(message.to_string().len() + 2 <= BODY_BYTES_MAX);
        }
    }

    #[test]
    fn the_spaces_between_tokens_count() {
        for bytes in 1..=TOKENS_BYTES_MAX {
            let tokens = vec!["x".repeat(bytes); 40];
            for line in lines(&tokens) {
                assert!(line.join(" ").len() <= TOKENS_BYTES_MAX, "{bytes} bytes");
            }
        }
    }

    #[test]
    fn an_oversized_token_has_its_own_line() {
        let tokens = ["A".to_owned(), "B".repeat(600), "C".to_owned()];
        assert_eq!(lines(&tokens).len(), 3);
        assert_eq!(lines(&[]), Vec::<Vec<&str>>::new());
    }

    #[test]
    fn values_are_escaped() {
        assert_eq!(
            token("NETWORK", "My Net=\\o/"),
            r"NETWORK=My\x20Net\x3D\x5Co/"
        );
        assert_eq!(token("EXCEPTS", ""), "EXCEPTS");
        assert_eq!(unescape_value(r"My\x20Net\x3d\x5Co/"), "My Net=\\o/");
        let no_escapes = r"\x \xé \x8 \xFF \x+1 \";
        assert_eq!(unescape_value(no_escapes), no_escapes);
        assert_eq!(unescape_value(r"\x\x41"), r"\xA");
    }
}
