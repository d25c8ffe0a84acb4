//! What the fuzz targets check, one function for each, so that ordinary tests can replay their inputs.
//! The targets themselves, and the inputs that once failed, live in `fuzz/`.

use crate::casemap::Casemap;
use crate::codec::{Frame, LineCodec};
use crate::file_name::FileName;
use crate::mask::{Mask, glob};
use crate::message::Message;
use crate::mode::{Arity, Change, format_changes, parse_changes};
use crate::sasl::{Chunks, Plain, Progress};
use crate::scram::{ClientFinal, ClientFirst, escape_name};
use crate::time::Timestamp;
use crate::{confusable, isupport, limits, name, split};

/// A line that is a message reads the same after it was written.
pub fn message(line: &[u8]) {
    let Ok(message) = Message::parse(line) else {
        return;
    };
    for text in [message.to_string(), message.with_trailing().to_string()] {
        let again = Message::parse(text.as_bytes());
        assert_eq!(again.as_ref(), Ok(&message), "written as {text:?}");
    }
}

/// Whatever a file is called, the name that is kept is safe on every machine, and the nearest to itself.
pub fn file_names(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let kept = FileName::nearest(&text);
    let name = kept.as_str();
    assert!(!name.is_empty() && name.len() <= limits::FILE_NAME_BYTES_MAX);
    assert_eq!(FileName::parse(name).as_ref(), Some(&kept));
    let unsafe_on_some = |char: char| {
        char.is_control()
            || "/\\<>:\"|?*".contains(char)
            || ('\u{202a}'..='\u{202e}').contains(&char)
            || ('\u{2066}'..='\u{2069}').contains(&char)
    };
    assert!(!name.contains(unsafe_on_some), "{name:?}");
    assert!(!name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']));
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let devices = ["con", "prn", "aux", "nul", "com1", "lpt9", "conin$"];
    let is_device = |device: &&str| stem.eq_ignore_ascii_case(device);
    assert!(!devices.iter().any(is_device), "{name:?}");
}

/// The frames do not depend on how the bytes were cut. The first byte of `input` seeds the cuts.
pub fn codec(input: &[u8]) {
    const BODY_BYTES_MAX: usize = 24;
    const TAGS_BYTES_MAX: usize = 12;
    let Some((&seed, stream)) = input.split_first() else {
        return;
    };
    let mut whole = LineCodec::new(BODY_BYTES_MAX, TAGS_BYTES_MAX);
    whole.push(stream);
    let expected = frames(&mut whole);

    let mut pieces = LineCodec::new(BODY_BYTES_MAX, TAGS_BYTES_MAX);
    let mut found = Vec::new();
    let mut rest = stream;
    let mut size = usize::from(seed);
    while !rest.is_empty() {
        size = (size * 31 + 7) % 61;
        let (piece, after) = rest.split_at((size + 1).min(rest.len()));
        pieces.push(piece);
        found.extend(frames(&mut pieces));
        assert!(pieces.buffered() <= limits::LINE_BYTES_MAX);
        rest = after;
    }
    assert_eq!(found, expected);
}

/// A frame that owns its line.
#[derive(Debug, PartialEq, Eq)]
pub enum OwnedFrame {
    /// [`Frame::Line`]
    Line(Vec<u8>),
    /// [`Frame::TooLong`]
    TooLong,
    /// [`Frame::Overflow`]
    Overflow,
}

/// All frames that the codec has now.
pub fn frames(codec: &mut LineCodec) -> Vec<OwnedFrame> {
    let mut frames = Vec::new();
    while let Some(frame) = codec.next() {
        frames.push(match frame {
            Frame::Line(line) => OwnedFrame::Line(line.to_vec()),
            Frame::TooLong(_) => OwnedFrame::TooLong,
            Frame::Overflow => OwnedFrame::Overflow,
        });
    }
    frames
}

/// A glob agrees with the slow definition of globs, and a completed mask completes to itself.
/// Pattern and text are separated by a line break.
pub fn mask(input: &[u8]) {
    let Ok(input) = std::str::from_utf8(input) else {
        return;
    };
    let (pattern, text) = input.split_once('\n').unwrap_or((input, ""));
    if pattern.len() * text.len() <= 4_096 {
        assert_eq!(
            glob(pattern, text),
            glob_by_definition(pattern, text),
            "{pattern:?} on {text:?}"
        );
    }
    for casemap in [Casemap::Ascii, Casemap::Precis] {
        if let Ok(mask) = Mask::parse(pattern, casemap) {
            assert_eq!(Mask::parse(mask.as_str(), casemap).as_ref(), Ok(&mask));
            assert!(mask.matches(&casemap.fold(mask.as_str())));
        }
    }
}

/// Whether `text` follows `pattern`, by a table of all beginnings of both.
pub fn glob_by_definition(pattern: &str, text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // Whether the pattern read so far covers the first `n` characters of the text.
    let mut covers = vec![false; text.len() + 1];
    covers[0] = true;
    for symbol in pattern.chars() {
        let mut next = vec![false; text.len() + 1];
        for count in 0..=text.len() {
            next[count] = match symbol {
                '*' => covers[count] || count > 0 && next[count - 1],
                _ if count == 0 => false,
                '?' => covers[count - 1],
                other => covers[count - 1] && other.eq_ignore_ascii_case(&text[count - 1]),
            };
        }
        covers = next;
    }
    covers[text.len()]
}

/// Mode changes read the same after they were written. Words are the modes and their arguments.
pub fn mode(input: &[u8]) {
    let Ok(input) = std::str::from_utf8(input) else {
        return;
    };
    let words: Vec<_> = input.split(' ').collect();
    let (changes, _) = parse_words(&words);
    let text = format_changes(&changes);
    let words: Vec<_> = text.split(' ').collect();
    assert_eq!(
        parse_words(&words),
        (changes, Vec::new()),
        "written as {text:?}"
    );
}

fn parse_words(words: &[&str]) -> (Vec<Change>, Vec<char>) {
    let args: Vec<_> = words[1..].iter().copied().map(Into::into).collect();
    parse_changes(words[0], &args, arity)
}

fn arity(mode: char) -> Option<Arity> {
    match mode {
        'b' => Some(Arity::List),
        'o' | 'v' | 'k' => Some(Arity::Always),
        'l' => Some(Arity::WhenSet),
        'i' | 'm' | 'n' | 's' | 't' => Some(Arity::Never),
        _ => None,
    }
}

/// The small parsers take anything, and what they accept survives being written and read again.
/// The first byte of `input` bounds the lengths.
pub fn names(input: &[u8]) {
    let Some((&bound, rest)) = input.split_first() else {
        return;
    };
    let bound = usize::from(bound);
    if let Ok(plain) = Plain::parse(rest) {
        assert_eq!(
            [plain.authzid, plain.authcid, plain.password]
                .join("\0")
                .as_bytes(),
            rest
        );
    }
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    timestamp(text);
    for casemap in [Casemap::Ascii, Casemap::Precis] {
        folded_names(text, bound, casemap);
    }
    let mut chunks = Chunks::new(bound * 8);
    for piece in text.split(' ') {
        if let Progress::Done(text) = chunks.push(piece) {
            assert!(text.len() <= bound * 8);
        }
    }
    assert_eq!(
        isupport::unescape_value(&isupport::escape_value(text)),
        text
    );
    assert!(split::cut(text, bound).len() <= bound && text.starts_with(split::cut(text, bound)));
    for line in split::lines_of(text, bound) {
        assert!(!line.is_empty() && !line.contains(['\r', '\n']));
        assert!(
            line.len() <= bound || line.chars().count() == 1,
            "{line:?} has more than {bound} bytes"
        );
    }
}

/// What is read of SCRAM's messages is all of them, and reads the same after it was written.
pub fn scram(input: &[u8]) {
    if let Ok(first) = ClientFirst::parse(input) {
        let ClientFirst {
            gs2_header, bare, ..
        } = first;
        assert_eq!([gs2_header, bare].concat().as_bytes(), input);
        let start = format!("n={},r={}", escape_name(&first.name), first.nonce);
        assert!(bare.starts_with(&start), "{start:?} begins {bare:?}");
        assert!(first.nonce.len() <= limits::SCRAM_NONCE_BYTES_MAX);
        let written = format!("{gs2_header}{start}");
        let again = ClientFirst::parse(written.as_bytes()).expect("what is written can be read");
        assert_eq!(
            (&again.authzid, &again.name, again.nonce),
            (&first.authzid, &first.name, first.nonce)
        );
    }
    if let Ok(last) = ClientFinal::parse(input) {
        let whole = [last.without_proof, last.proof].join(",p=");
        assert_eq!(whole.as_bytes(), input);
        let start = format!("c={},r={}", last.gs2_header, last.nonce);
        assert!(last.without_proof.starts_with(&start));
    }
}

/// Folding twice is folding once; a name is found, and may be written, by its key; a name that was given is kept.
fn folded_names(text: &str, bound: usize, casemap: Casemap) {
    let folded = casemap.fold(text);
    assert_eq!(casemap.fold(&folded), folded, "folded twice: {text:?}");
    assert!(casemap.same(text, &folded));
    let channel = casemap.fold_channel(text);
    assert_eq!(
        casemap.fold_channel(&channel),
        channel,
        "folded twice: {text:?}"
    );
    if let Ok(nick) = name::Nick::parse(text, bound, casemap) {
        assert_eq!(nick.key(), folded);
        assert!(
            !nick
                .key()
                .contains([' ', ',', ':', '!', '@', '*', '?', '#'])
        );
        assert_eq!(name::Nick::kept(text, casemap).as_ref(), Ok(&nick));
        let other = match casemap {
            Casemap::Ascii => Casemap::Precis,
            Casemap::Precis => Casemap::Ascii,
        };
        assert!(name::Nick::kept(text, other).is_ok());
        assert!(!confusable::skeleton(text).is_empty());
        assert_eq!(name::Nick::parse(nick.key(), bound, casemap), Ok(nick));
    }
    if let Ok(channel) = name::ChannelName::parse(text, bound, casemap) {
        assert_eq!(
            name::ChannelName::parse(channel.key(), bound, casemap),
            Ok(channel)
        );
    }
}

fn timestamp(text: &str) {
    if let Some(moment) = Timestamp::parse(text) {
        let written = moment.to_string();
        let again = Timestamp::parse(&written).expect("what is written can be read");
        assert_eq!(
            again.milliseconds(),
            moment.milliseconds(),
            "written as {written:?}"
        );
    }
}
