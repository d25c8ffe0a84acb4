//! Names of files, which come from one machine and are written on another.
//!
//! A name that somebody gives may be a path, turn its own end around, or be that of a device on the machine where it is saved. What is
//! kept, shown and offered is always a [`FileName`], the safe name nearest to it; a client makes one of what a server offers, too.

use crate::limits::FILE_NAME_BYTES_MAX;
use compact_str::CompactString;
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// Bytes of what stands behind the last dot, where that is kept when a name is cut.
const EXTENSION_BYTES: usize = 16;

/// The name of a file from which nothing is left.
const NAMELESS: &str = "file";

/// Names that Windows keeps for devices, whatever stands behind a dot.
/// <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// A name that is safe to write on any machine and to show to anybody: one segment in NFC, of at most [`FILE_NAME_BYTES_MAX`] bytes, without
/// what controls or hides, and with no meaning of its own to a system of files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName(CompactString);

impl FileName {
    /// The safe name that is nearest to what somebody calls a file.
    #[must_use]
    pub fn nearest(text: &str) -> Self {
        let segment = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let safe = segment.chars().filter(|char| !is_hidden(*char)).map(plain);
        let name: String = safe.nfc().collect();
        let mut name = trimmed(&in_single_blanks(&name)).to_owned();
        if is_device(&name) {
            name.insert(0, '_');
        }
        if name.len() > FILE_NAME_BYTES_MAX {
            name = cut(&name);
        }
        if name.is_empty() {
            name.push_str(NAMELESS);
        }
        Self(name.into())
    }

    /// The name, where it is safe as it stands.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let nearest = Self::nearest(text);
        (nearest.as_str() == text).then_some(nearest)
    }

    /// As it is kept and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a character shows nothing, and may turn around or break what does. What joins letters stays: some scripts need it.
/// <https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>
fn is_hidden(char: char) -> bool {
    let is_control = char.is_control() && !char.is_whitespace();
    is_control
        || matches!(char,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// What stands in the place of a character that some system gives a meaning.
fn plain(char: char) -> char {
    match char {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' => '_',
        char if char.is_whitespace() || matches!(char, '\u{2028}' | '\u{2029}') => ' ',
        char => char,
    }
}

fn in_single_blanks(name: &str) -> String {
    name.split(' ')
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Without dots at its beginning, which hide a file, and without dots and blanks at its end, which Windows drops.
fn trimmed(name: &str) -> &str {
    let name = name.trim_start_matches(['.', ' ']);
    name.trim_end_matches(['.', ' '])
}

fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    let stem = stem.trim_end().to_lowercase();
    let is_numbered = |device: &str| {
        let number = stem.strip_prefix(device);
        number.is_some_and(|number| {
            let mut digits = number.chars();
            let is_digit = |char: char| char.is_ascii_digit() || matches!(char, '¹' | '²' | '³');
            digits.next().is_some_and(is_digit) && digits.next().is_none()
        })
    };
    DEVICES.contains(&stem.as_str()) || NUMBERED_DEVICES.iter().any(|device| is_numbered(device))
}

/// The beginning of a name, and its extension where it has one.
fn cut(name: &str) -> String {
    let extension = name.rfind('.').map_or("", |dot| &name[dot..]);
    let extension = match extension.len() {
        2..=EXTENSION_BYTES => extension,
        _ => "",
    };
    let mut end = FILE_NAME_BYTES_MAX - extension.len();
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    trimmed(&name[..end]).to_owned() + extension
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn nearest(text: &str) -> String {
        FileName::nearest(text).as_str().to_owned()
    }

    #[test]
    fn a_good_name_stays_as_it_is() {
        for name in [
            "photo.jpg",
            "Compte rendu – réunion du 3 mai.pdf",
            "写真.png",
            "archive.tar.gz",
            "👩\u{200d}👧.jpg",
            "a",
            "console.log",
            "com10.txt",
        ] {
            assert_eq!(FileName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn what_a_system_would_take_for_something_else_is_replaced() {
        for (given, kept) in [
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\amelie\\photo.jpg", "photo.jpg"),
            ("..", "file"),
            ("", "file"),
            (" . . ", "file"),
            ("dossier/", "file"),
            (".bashrc", "bashrc"),
            ("a.txt. .", "a.txt"),
            ("what?.txt", "what_.txt"),
            ("flux:caché", "flux_caché"),
            ("NUL", "_NUL"),
            ("aux.h", "_aux.h"),
            ("Com1 .txt", "_Com1 .txt"),
            ("LPT³", "_LPT³"),
            ("deux\nlignes\t.txt", "deux lignes .txt"),
            ("a\u{0}b\u{1b}[2Jc", "ab[2Jc"),
            ("facture\u{202e}fdp.exe", "facturefdp.exe"),
            ("e\u{301}te\u{301}.txt", "été.txt"),
        ] {
            assert_eq!(nearest(given), kept, "{given:?}");
            assert_eq!(FileName::parse(given), None, "{given:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_before_its_extension() {
        let name = nearest(&format!("{}.tar.gz", "é".repeat(300)));
        assert!(
            name.len() <= FILE_NAME_BYTES_MAX && name.ends_with("é.gz"),
            "{name}"
        );
        let without = nearest(&format!("a.{}", "b".repeat(300)));
        assert_eq!(without.len(), FILE_NAME_BYTES_MAX);
    }

    proptest! {
        #[test]
        fn every_name_is_safe_and_nearest_to_itself(text in "\\PC{0,40}|[a-c.:/\\\\ \u{202e}\u{301}NULux]{0,12}|(é|\\.| ){200,300}") {
            let name = nearest(&text);
            prop_assert_eq!(&nearest(&name), &name);
            prop_assert!(!name.is_empty() && name.len() <= FILE_NAME_BYTES_MAX);
            prop_assert!(!name.contains(['/', '\\', '\0', ':']) && !name.starts_with('.'));
            prop_assert!(!name.chars().any(|char| char.is_control() || is_hidden(char)));
        }
    }
}
