//! What holds for all inputs, tried on random ones. Examples stand under the code that they show.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use proptest::collection::vec;
use proptest::prelude::*;

use crate::fuzzing::{self, glob_by_definition};
use crate::mask::glob;
use crate::split::{cut, lines_of};
use crate::tags::{escape_value, unescape_value};
use crate::{LineCodec, Message, Timestamp, isupport};

/// Anything that may be a middle parameter.
const MIDDLE: &str = "[^\0\r\n :][^\0\r\n ]{0,12}";

fn message() -> impl Strategy<Value = Message> {
    let tags = vec(
        ("\\+?([a-z.]{1,6}/)?[a-zA-Z0-9-]{1,6}", "[^\0]{0,8}"),
        0..20,
    );
    let source = proptest::option::of("[^\0\r\n ]{1,12}");
    let middles = vec(MIDDLE, 0..14);
    let trailing = proptest::option::of("[^\0\r\n]{0,20}");
    (tags, source, "[A-Z]{1,9}|[0-9]{3}", middles, trailing).prop_map(
        |(tags, source, command, middles, trailing)| {
            let mut message = Message::new(command);
            for (key, value) in tags {
                message.tags.insert(key, value);
            }
            message.source = source.map(Into::into);
            message.params = middles
                .into_iter()
                .chain(trailing)
                .map(Into::into)
                .collect();
            message
        },
    )
}

/// Texts over few characters, so that patterns match often.
const LETTERS: &str = "[abA日]{0,10}";

/// Texts that are often names: letters of several scripts in both cases, marks that combine with them, other widths.
const NAME: &str = "#?[a-zA-Z0-9_À-ſΑ-ωЀ-ӿא-תء-ي٠-٩ก-๙ァ-ヶ一-丐Ａ-ｚｦ-ﾟ\u{300}-\u{345}\u{1e00}-\u{1fff}\u{13a0}-\u{13ff}ǅ\u{200d}\u{b7}]{0,8}";

proptest! {
    #[test]
    fn a_message_is_read_as_it_was_written(message in message()) {
        let mut text = String::new();
        message.format_into(&mut text);
        prop_assert_eq!(Message::parse(text.as_bytes()).unwrap(), message.clone());
        prop_assert_eq!(Message::parse(message.with_trailing().to_string().as_bytes()).unwrap(), message);
    }

    #[test]
    fn no_line_panics(line in vec(any::<u8>(), 0..200), marks in "[@:;= \\\\/+A-Z0-9é]{0,60}") {
        fuzzing::message(&line);
        fuzzing::message(marks.as_bytes());
        fuzzing::names(&line);
    }

    #[test]
    fn no_message_of_scram_panics(bytes in vec(any::<u8>(), 0..80), first in "[ny],(a=[a=2C]{0,4})?,n=[aé=23CD]{0,6},r=[!-~ é]{0,6}(,[a-z]=[a=,]{0,4})?", last in "c=[a+=]{0,4},r=[!-~ é]{0,6}(,[a-z]=[a=,]{0,4})?,p=[a-z+/=,]{0,6}") {
        fuzzing::scram(&bytes);
        fuzzing::scram(first.as_bytes());
        fuzzing::scram(last.as_bytes());
    }

    #[test]
    fn names_of_every_script_fold_once_and_for_all(any in any::<String>(), name in NAME) {
        for text in [any, name] {
            let mut input = vec![64];
            input.extend_from_slice(text.as_bytes());
            fuzzing::names(&input);
        }
    }

    #[test]
    fn whatever_a_message_contains_it_is_one_line(params in vec(any::<String>(), 0..20), source in any::<String>(), value in any::<String>()) {
        let mut message = Message::new("X").source(source).tag("a", value);
        message.params = params.into_iter().map(Into::into).collect();
        let line = message.to_string();
        prop_assert!(!line.contains(['\0', '\r', '\n']));
        let read = Message::parse(line.as_bytes()).unwrap();
        prop_assert_eq!(read.command, "X");
        prop_assert_eq!(read.params.len(), message.params.len().min(15));
    }

    #[test]
    fn tag_values_survive_escaping(value in "[^\0]{0,40}") {
        let mut escaped = String::new();
        escape_value(&value, &mut escaped);
        prop_assert!(!escaped.contains([';', ' ', '\r', '\n']));
        prop_assert_eq!(unescape_value(&escaped), value);
    }

    #[test]
    fn isupport_values_survive_escaping(value in any::<String>()) {
        let escaped = isupport::escape_value(&value);
        prop_assert!(!escaped.contains([' ', '=']));
        prop_assert_eq!(isupport::unescape_value(&escaped), value);
    }

    #[test]
    fn frames_do_not_depend_on_the_cuts(pieces in vec("[@ x\r\n]{0,20}", 0..20)) {
        let mut whole = LineCodec::new(12, 8);
        whole.push(pieces.concat().as_bytes());
        let expected = fuzzing::frames(&mut whole);
        let mut codec = LineCodec::new(12, 8);
        let mut found = Vec::new();
        for piece in &pieces {
            codec.push(piece.as_bytes());
            found.extend(fuzzing::frames(&mut codec));
        }
        prop_assert_eq!(found, expected);
        prop_assert_eq!(codec, whole);
    }

    #[test]
    fn frames_do_not_depend_on_the_cuts_around_an_overflow(lengths in vec(0_usize..20_000, 1..5), size in 1_usize..5_000) {
        let stream: Vec<u8> = lengths.iter().flat_map(|&length| std::iter::repeat_n(b'x', length).chain([b'\n'])).collect();
        let mut whole = LineCodec::new(512, 4_096);
        whole.push(&stream);
        let expected = fuzzing::frames(&mut whole);
        let mut codec = LineCodec::new(512, 4_096);
        let mut found = Vec::new();
        for piece in stream.chunks(size) {
            codec.push(piece);
            found.extend(fuzzing::frames(&mut codec));
            prop_assert!(codec.buffered() <= 16 * 1_024);
        }
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_cut_is_a_beginning_within_its_bytes(text in any::<String>(), joined in "[e\u{301}\u{200d}\u{1f469}]{0,12}", bytes in 0_usize..40) {
        for text in [text, joined] {
            let piece = cut(&text, bytes);
            prop_assert!(text.starts_with(piece) && piece.len() <= bytes);
            let next = text[piece.len()..].chars().next();
            prop_assert!(next.is_none() || !piece.is_empty() || bytes < 4, "nothing was kept of {text:?}");
        }
    }

    #[test]
    fn lines_lose_nothing_but_spaces_and_breaks(text in "[ab é\r\n\u{1f469}]{0,60}", bytes in 4_usize..20) {
        let lines: Vec<_> = lines_of(&text, bytes).collect();
        let visible = |text: &str| text.chars().filter(|char| !matches!(char, ' ' | '\r' | '\n')).collect::<String>();
        prop_assert!(lines.iter().all(|line| !line.is_empty() && line.len() <= bytes && !line.contains(['\r', '\n'])));
        prop_assert_eq!(visible(&lines.concat()), visible(&text));
    }

    #[test]
    fn a_glob_agrees_with_its_definition(pattern in "[ab*?日]{0,8}", text in LETTERS) {
        prop_assert_eq!(glob(&pattern, &text), glob_by_definition(&pattern, &text));
    }

    #[test]
    fn a_moment_is_read_as_it_was_written(micros in 0..=Timestamp::MAX.0) {
        let moment = Timestamp(micros);
        let read = Timestamp::parse(&moment.to_string()).unwrap();
        prop_assert_eq!(read.milliseconds(), moment.milliseconds());
        prop_assert_eq!(read.0 % 1_000, 0);
    }
}
