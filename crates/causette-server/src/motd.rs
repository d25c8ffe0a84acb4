//! The message of the day, as whoever runs the server has written it into a file.

use crate::config::Unusable;
use crate::trouble;
use causette_core::limits::{MOTD_LINE_BYTES, MOTD_LINES};
use causette_proto::CompactString;
use causette_text::{Language, text_with};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Bytes that are read at most: more than that many lines can have.
const BYTES_MAX: u64 = (MOTD_LINES * (MOTD_LINE_BYTES + 2)) as u64 + 1;

/// What a tab becomes, which terminals show in many ways.
const TAB: &str = "    ";

/// The lines of the file. Nothing in it is cut: what would have to be is an error.
///
/// # Errors
/// Names the key and the file, what is wrong with it, and where.
pub(crate) fn read(file: &Path, language: Language) -> Result<Vec<CompactString>, Unusable> {
    let shown = file.to_string_lossy();
    let words = |key: &str, line: usize, error: &str| {
        let (line, bytes) = (line.to_string(), MOTD_LINE_BYTES.to_string());
        let lines = MOTD_LINES.to_string();
        let variables = [
            ("file", &*shown),
            ("line", &line),
            ("bytes", &bytes),
            ("lines", &lines),
            ("error", error),
        ];
        text_with(language, key, &variables)
    };
    let refusal = |key: &str, line: usize| Unusable::because(words(key, line, ""));
    let mut bytes = Vec::new();
    File::open(file)
        .and_then(|opened| opened.take(BYTES_MAX).read_to_end(&mut bytes))
        .map_err(|error| {
            let told = words("motd-unreadable", 0, &trouble::of_io(&error, language));
            Unusable::refused(&error, told)
        })?;
    let text = match str::from_utf8(&bytes) {
        Ok(text) => text,
        // The end of a file that is longer than was read may be within a character.
        Err(_) if bytes.len() as u64 == BYTES_MAX => {
            return Err(refusal("motd-too-long", MOTD_LINES));
        }
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
            return Err(refusal("motd-no-text", line));
        }
    };
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let line = line.replace('\t', TAB);
        if number > MOTD_LINES {
            return Err(refusal("motd-too-long", number));
        }
        if line.len() > MOTD_LINE_BYTES {
            return Err(refusal("motd-line-too-long", number));
        }
        if line
            .chars()
            .any(|char| char.is_control() && !is_format(char))
        {
            return Err(refusal("motd-control", number));
        }
        lines.push(line.into());
    }
    Ok(lines)
}

/// Whether a control character says how the text behind it looks: bold, coloured, and so on.
/// <https://modern.ircdocs.horse/formatting>
fn is_format(char: char) -> bool {
    matches!(
        char,
        '\u{2}'
            | '\u{3}'
            | '\u{4}'
            | '\u{f}'
            | '\u{11}'
            | '\u{16}'
            | '\u{1d}'
            | '\u{1e}'
            | '\u{1f}'
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::data_dir::tests::Folder;

    fn read_text(text: &[u8]) -> Result<Vec<CompactString>, String> {
        let folder = Folder::new();
        let file = folder.0.join("motd.txt");
        std::fs::write(&file, text).unwrap();
        let in_french = read(&file, Language::Fr).map_err(|error| error.to_string());
        let lines = read(&file, Language::En).map_err(|error| error.to_string());
        assert_ne!(in_french.err().or(Some(String::new())), lines.clone().err());
        lines
    }

    #[test]
    fn every_line_is_shown_as_it_stands() {
        let lines = read_text("\u{feff}Bonjour à tous\r\n\n\tthé à 16 h\n\u{2}fin".as_bytes());
        assert_eq!(
            lines.unwrap(),
            ["Bonjour à tous", "", "    thé à 16 h", "\u{2}fin"]
        );
        assert_eq!(read_text(b"").unwrap(), [""; 0]);
        let most = format!("{}\n", "é".repeat(MOTD_LINE_BYTES / 2)).repeat(MOTD_LINES);
        assert_eq!(read_text(most.as_bytes()).unwrap().len(), MOTD_LINES);
    }

    #[test]
    fn what_cannot_be_shown_whole_is_told_with_the_file_and_the_line() {
        let long = format!("a\n{}", "x".repeat(MOTD_LINE_BYTES + 1));
        for (text, words) in [
            (long.as_bytes(), ["motd.txt", "line 2"]),
            (b"a\nb\xff\n".as_slice(), ["motd.txt", "UTF-8"]),
            (b"a\n\x1b[31mb".as_slice(), ["motd.txt", "line 2"]),
            ("\n".repeat(MOTD_LINES + 1).as_bytes(), ["motd.txt", "100"]),
            ("é".repeat(100_000).as_bytes(), ["motd.txt", "350"]),
        ] {
            let told = read_text(text).unwrap_err();
            for word in words {
                assert!(told.contains(word), "{told} lacks {word}");
            }
        }
        let told = read(Path::new("/nowhere/motd.txt"), Language::Fr).unwrap_err();
        let told = told.to_string();
        assert!(
            told.contains("server.motd") && told.contains("/nowhere/motd.txt"),
            "{told}"
        );
        assert!(!told.contains("os error"), "{told}");
    }
}
