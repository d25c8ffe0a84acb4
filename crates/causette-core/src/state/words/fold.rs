//! The words of a text, as they are compared: without what is not seen, and in the form that all their spellings share.

use causette_proto::{Casemap, confusable};

/// A text as it is shown, without colours, bold and other forms of letters, and without characters that nobody sees.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        rest = &rest[char.len_utf8()..];
        match char {
            '\u{3}' => rest = behind_colours(rest, 1, 2, |byte| byte.is_ascii_digit()),
            '\u{4}' => rest = behind_colours(rest, 6, 6, |byte| byte.is_ascii_hexdigit()),
            '\n' | '\t' => plain.push(' '),
            _ if char.is_control() || is_invisible(char) => {}
            _ => plain.push(char),
        }
    }
    plain
}

/// What follows the colours that stand at the beginning of a text: `4`, `4,12`. <https://modern.ircdocs.horse/formatting#color>
fn behind_colours(text: &str, min: usize, max: usize, is_part: fn(&u8) -> bool) -> &str {
    let behind = |text: &str| {
        let bytes = text.bytes().take(max);
        let bytes = bytes.take_while(is_part).count();
        (bytes >= min).then_some(bytes)
    };
    let Some(bytes) = behind(text) else {
        return text;
    };
    let rest = &text[bytes..];
    let second = rest.strip_prefix(',');
    match second.and_then(|second| Some(&second[behind(second)?..])) {
        Some(rest) => rest,
        None => rest,
    }
}

/// Characters without a width: they part words for programs, and for nobody else.
fn is_invisible(char: char) -> bool {
    matches!(
        char,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Whether a character is part of a word: letters, digits and what is drawn, and not what stands between words.
fn is_part(char: char) -> bool {
    if char.is_ascii() {
        return char.is_ascii_alphanumeric();
    }
    let parts = matches!(
        char,
        '\u{a0}'..='\u{a9}' | '\u{ab}'..='\u{b4}' | '\u{b6}'..='\u{b9}' | '\u{bb}'..='\u{bf}' | '\u{d7}' | '\u{f7}'
            | '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{30fb}'
            | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' | '\u{ff5b}'..='\u{ff65}'
    );
    !parts && !char.is_whitespace()
}

/// The words of a text, with a blank between them; where it is a pattern, `*` and `?` are parts of words.
pub(super) fn words(text: &str, is_pattern: bool) -> String {
    let is_part = |char| is_part(char) || (is_pattern && matches!(char, '*' | '?'));
    let plain = plain(text);
    let mut alike = String::with_capacity(plain.len());
    for word in plain.split(|char| !is_part(char)) {
        if !word.is_empty() {
            push_alike(&mut alike, word);
            alike.push(' ');
        }
    }
    let folded = Casemap::Precis.fold(&alike);
    // What is left of accents behind folding belongs to no letter that there is.
    let folded = folded.replace(|char| matches!(char, '\u{300}'..='\u{36f}'), "");
    let mut words = String::with_capacity(folded.len());
    for word in folded.split(|char| !is_part(char)) {
        if !word.is_empty() {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(word);
        }
    }
    words
}

/// Writes a word in which letters of several scripts stand in those that they are taken for: a Latin word with a Cyrillic `а`. A
/// word of another script is left as it is.
fn push_alike(to: &mut String, word: &str) {
    let is_mixed = !word.is_ascii() && word.bytes().any(|byte| byte.is_ascii_alphabetic());
    if is_mixed {
        to.extend(word.chars().map(latin));
    } else {
        to.push_str(word);
    }
}

/// The Latin letter that a character is taken for; else itself.
fn latin(char: char) -> char {
    if char.is_ascii() {
        return char;
    }
    let mut bytes = [0; 4];
    let skeleton = confusable::skeleton(char.encode_utf8(&mut bytes));
    match skeleton.as_bytes() {
        [letter] if letter.is_ascii_alphanumeric() => char::from(*letter),
        _ => char,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_what_is_seen_of_them() {
        for (text, found) in [
            ("Buy  it, NOW!", "buy it now"),
            ("", ""),
            ("... \u{1}", ""),
            ("l'École", "l école"),
            ("e\u{301}cole", "école"),
            ("s\u{2}p\u{2}a\u{f}m", "spam"),
            ("s\u{3}4p\u{3}12,04a\u{3}m", "spam"),
            ("s\u{3}4,p", "s p"),
            ("\u{3}123", "3"),
            ("\u{4}ff0000sp\u{4}00ff00,112233am", "spam"),
            ("s\u{4}p", "sp"),
            ("s\u{200b}p\u{ad}a\u{feff}\u{e0061}m", "spam"),
            ("one\ntwo\rthree", "one twothree"),
            ("\u{1}ACTION spams\u{1}", "action spams"),
            ("ＳＰＡＭ！", "spam"),
            ("s_p-a.m", "s p a m"),
            ("s\u{334}p\u{337}am", "spam"),
            // Cyrillic letters in a Latin word, and a Cyrillic word.
            ("sp\u{430}m", "spam"),
            ("СПАМ", "спам"),
            ("сор", "сор"),
            ("💩!", "💩"),
            ("❤\u{fe0f}", "❤"),
            ("不是", "不是"),
            ("「不是」", "不是"),
            ("«oui»", "oui"),
            ("İSTANBUL", "istanbul"),
        ] {
            assert_eq!(words(text, false), found, "{text:?}");
        }
        assert_eq!(words("a*b?", false), "a b");
        assert_eq!(words("A*b? !c", true), "a*b? c");
    }
}
