//! What follows a command about files: paths, which may have blanks in them.

use crate::core::command::Command;
use crate::core::transfer::{Act, Audience};
use causette_proto::CompactString;

/// The words of a line, as shells read them: quotes of both kinds and a backslash keep blanks in a word. Nothing where a quote is
/// not closed.
pub(crate) fn words(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            (letter, Some(open)) if letter == open => quote = None,
            ('\\', None | Some('"')) => word.get_or_insert_default().push(letters.next()?),
            (letter, Some(_)) => word.get_or_insert_default().push(letter),
            ('"' | '\'', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (letter, None) if letter.is_whitespace() => words.extend(word.take()),
            (letter, None) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// A path or a name that is all that follows: as it is written, or in quotes.
pub(crate) fn whole(text: &str) -> Option<String> {
    let text = text.trim();
    let one = words(text).filter(|words| words.len() == 1);
    let whole = one.and_then(|mut words| words.pop());
    Some(whole.unwrap_or_else(|| text.to_owned())).filter(|text| !text.is_empty())
}

/// `[--to NICK | --room #x | --public | --link | --private] PATH`
pub(crate) fn upload(args: &str) -> Option<Command> {
    let args = args.trim_start();
    let (first, rest) = args.split_once(char::is_whitespace).unwrap_or((args, ""));
    let named = |make: fn(CompactString) -> Audience| {
        let (name, path) = rest.trim_start().split_once(char::is_whitespace)?;
        Some((Some(make(name.into())), path))
    };
    let (audience, path) = match first {
        "--to" => named(Audience::To)?,
        "--room" => named(Audience::Room)?,
        "--public" => (Some(Audience::Public), rest),
        "--link" => (Some(Audience::Link), rest),
        "--private" => (Some(Audience::Private), rest),
        _ => (None, args),
    };
    Some(Command::Upload(audience, whole(path)?))
}

/// The same as the older program writes it: `FILE`, or `private NICK FILE`.
pub(crate) fn upload_as_before(args: &str) -> Option<Command> {
    let words = words(args)?;
    match words.as_slice() {
        [path] => Some(Command::Upload(None, path.clone())),
        [private, nick, path] if private.eq_ignore_ascii_case("private") => {
            let to = Audience::To(nick.into());
            Some(Command::Upload(Some(to), path.clone()))
        }
        _ => None,
    }
}

/// `[pause|resume|cancel NUMBER]`
pub(crate) fn transfers(args: &str) -> Option<Command> {
    let mut words = args.split_whitespace();
    let act = match words.next().map(str::to_lowercase).as_deref() {
        None => return Some(Command::Transfers(None)),
        Some("pause") => Act::Pause,
        Some("resume") => Act::Resume,
        Some("cancel") => Act::Cancel,
        Some(_) => return None,
    };
    let number = words.next()?.parse().ok()?;
    Some(Command::Transfers(Some((act, number))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_shells_read_them() {
        let read = |line: &str| words(line).map(|words| words.join("|"));
        assert_eq!(read("a  b").as_deref(), Some("a|b"));
        assert_eq!(
            read("\"my file\" b\\ c 'd \"e'").as_deref(),
            Some("my file|b c|d \"e")
        );
        assert_eq!(read("''").as_deref(), Some(""));
        assert_eq!(read("\"a").as_deref(), None);
        assert_eq!(read("a\\").as_deref(), None);
    }

    #[test]
    fn a_path_has_blanks_with_quotes_and_without() {
        for written in [
            "my file.txt",
            "\"my file.txt\"",
            "my\\ file.txt",
            " 'my file.txt' ",
        ] {
            assert_eq!(whole(written).as_deref(), Some("my file.txt"), "{written}");
        }
        assert_eq!(whole(" "), None);
        assert_eq!(whole("it's.txt").as_deref(), Some("it's.txt"));
    }

    #[test]
    fn for_whom_a_file_is_stands_before_it() {
        let to = |audience, path: &str| Some(Command::Upload(audience, path.to_owned()));
        assert_eq!(upload("a b"), to(None, "a b"));
        assert_eq!(
            upload("--to bob a b"),
            to(Some(Audience::To("bob".into())), "a b")
        );
        assert_eq!(
            upload("--private 'a b'"),
            to(Some(Audience::Private), "a b")
        );
        assert_eq!(upload("--to bob"), None);
        assert_eq!(upload("--public "), None);
        assert_eq!(upload_as_before("\"a b\""), to(None, "a b"));
        assert_eq!(upload_as_before("one two"), None);
        let cancel = Command::Transfers(Some((Act::Cancel, 2)));
        assert_eq!(transfers("cancel 2"), Some(cancel));
        assert_eq!(transfers("cancel"), None);
    }
}
