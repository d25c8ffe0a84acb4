//! What comes from the network, without what could command a terminal or deceive a reader.
//!
//! Every line passes here before anything else looks at it, so that nothing behind has to think of it.

use causette_proto::{CompactString, Message};
use serde::{Deserialize, Deserializer};

/// Starts and ends a CTCP request inside a message. <https://modern.ircdocs.horse/ctcp>
const CTCP: char = '\u{1}';

/// The same message without control characters and formatting codes. The marks of CTCP stay where they mean something: at
/// the beginning and at the end of the last parameter.
pub fn disarm(mut message: Message) -> Message {
    if let Some(source) = &mut message.source {
        clean_in_place(source, Kind::Name);
    }
    let may_be_ctcp = matches!(message.command.as_str(), "PRIVMSG" | "NOTICE");
    let ends_in_name = match message.command.as_str() {
        "NICK" | "JOIN" | "INVITE" | "ACCOUNT" | "353" | "TOPIC" | "332" => true,
        "PART" | "DEVICE" => message.params.len() == 1,
        _ => false,
    };
    let last = message.params.len().saturating_sub(1);
    for (index, param) in message.params.iter_mut().enumerate() {
        let is_ctcp = may_be_ctcp && index == last && param.starts_with(CTCP);
        let kind = if index == last && !ends_in_name {
            Kind::Text
        } else {
            Kind::Name
        };
        clean_in_place(param, kind);
        if is_ctcp {
            *param = format!("{CTCP}{param}{CTCP}").into();
        }
    }
    let dangerous = message
        .tags
        .iter()
        .any(|(key, value)| !is_clean(value, kind_of_tag(key)));
    if dangerous {
        let cleaned: Vec<(CompactString, CompactString)> = message
            .tags
            .iter()
            .map(|(key, value)| match kind_of_tag(key) {
                Kind::Name => (key.into(), clean_name(value).into()),
                Kind::Text => (key.into(), clean(value).into()),
            })
            .collect();
        for (key, value) in cleaned {
            message.tags.insert(key, value);
        }
    }
    message
}

fn kind_of_tag(key: &str) -> Kind {
    if key == "account" {
        Kind::Name
    } else {
        Kind::Text
    }
}

/// Reads a name that a server says otherwise than by lines, in the same way.
pub(crate) fn disarmed<'de, D: Deserializer<'de>, T: Deserialize<'de> + Said>(
    from: D,
) -> Result<T, D::Error> {
    T::deserialize(from).map(Said::cleaned)
}

/// Names that are read so.
pub(crate) trait Said {
    /// The same without what is dangerous in it.
    fn cleaned(self) -> Self;
}

impl Said for String {
    fn cleaned(self) -> Self {
        clean_name(&self)
    }
}

impl Said for Option<String> {
    fn cleaned(self) -> Self {
        self.map(Said::cleaned)
    }
}

impl Said for Vec<String> {
    fn cleaned(self) -> Self {
        self.into_iter().map(Said::cleaned).collect()
    }
}

/// A text without control characters and formatting codes.
pub fn clean(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            // Colours: up to two digits, a comma and up to two digits more. <https://modern.ircdocs.horse/formatting>
            '\u{3}' => {
                if skip_digits(&mut rest, 2, char::is_ascii_digit) && rest.peek() == Some(&',') {
                    let mut ahead = rest.clone();
                    ahead.next();
                    if ahead.peek().is_some_and(char::is_ascii_digit) {
                        rest = ahead;
                        skip_digits(&mut rest, 2, char::is_ascii_digit);
                    }
                }
            }
            '\u{4}' => {
                skip_digits(&mut rest, 6, char::is_ascii_hexdigit);
            }
            '\t' => kept.push(' '),
            character if is_control(character) => {}
            character => kept.push(character),
        }
    }
    kept
}

/// A name in which the marks that turn the direction of text are seen, so that it cannot pass for another one.
fn clean_name(name: &str) -> String {
    clean(name)
        .chars()
        .map(|character| {
            if turns_direction(character) {
                '\u{fffd}'
            } else {
                character
            }
        })
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Name,
    Text,
}

fn clean_in_place(text: &mut CompactString, kind: Kind) {
    if !is_clean(text, kind) {
        *text = match kind {
            Kind::Name => clean_name(text).into(),
            Kind::Text => clean(text).into(),
        };
    }
}

fn is_clean(text: &str, kind: Kind) -> bool {
    let is_ascii_text = |byte: u8| (0x20..0x7f).contains(&byte);
    text.bytes().all(is_ascii_text)
        || !text.chars().any(|character| {
            is_control(character) || (kind == Kind::Name && turns_direction(character))
        })
}

/// C0, DEL and C1: what terminals obey.
fn is_control(character: char) -> bool {
    character.is_control()
}

/// The explicit embeddings, overrides and isolates. <https://www.unicode.org/reports/tr9/#Explicit_Directional_Embeddings>
pub fn turns_direction(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn skip_digits(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    most: usize,
    is_digit: fn(&char) -> bool,
) -> bool {
    let mut skipped = 0;
    while skipped < most && rest.next_if(is_digit).is_some() {
        skipped += 1;
    }
    skipped > 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn disarmed(line: &str) -> String {
        disarm(Message::parse(line.as_bytes()).unwrap()).to_string()
    }

    #[test]
    fn what_commands_a_terminal_is_gone() {
        assert_eq!(
            disarmed(":a\u{1b}[2J!b@c PRIVMSG #x\u{7} :\u{1b}]0;owned\u{7}hi\u{9b}31m there\tyou"),
            ":a[2J!b@c PRIVMSG #x :]0;ownedhi31m there you"
        );
        assert_eq!(
            disarmed("@+draft/react=\u{1b}[31m TAGMSG #x"),
            "@+draft/react=[31m TAGMSG #x"
        );
    }

    #[test]
    fn formatting_codes_leave_their_text() {
        assert_eq!(
            clean("\u{2}bold\u{2} \u{3}04,12red\u{3} \u{3},1 \u{4}ff00ffx\u{f}"),
            "bold red ,1 x"
        );
    }

    #[test]
    fn an_action_stays_one() {
        assert_eq!(
            disarmed("PRIVMSG #x :\u{1}ACTION wa\u{1b}ves\u{1}"),
            "PRIVMSG #x :\u{1}ACTION waves\u{1}"
        );
        assert_eq!(disarmed("PRIVMSG #x :wa\u{1}ves"), "PRIVMSG #x waves");
        assert_eq!(disarmed("TOPIC #x :\u{1}waves\u{1}"), "TOPIC #x waves");
    }

    #[test]
    fn a_name_cannot_turn_the_direction_of_the_line() {
        assert_eq!(disarmed(":a NICK :b\u{202e}c"), ":a NICK b\u{fffd}c");
        assert_eq!(
            disarmed(":a\u{202e}b PRIVMSG #x :\u{202e}c"),
            ":a\u{fffd}b PRIVMSG #x \u{202e}c"
        );
    }

    proptest! {
        #[test]
        fn nothing_that_is_shown_controls(text in any::<String>()) {
            prop_assert!(!clean(&text).chars().any(char::is_control));
            prop_assert!(is_clean(&clean_name(&text), Kind::Name));
        }
    }
}
