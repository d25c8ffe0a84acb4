//! The project's Rust sources as the checks read them: with comments and the inside of literals blanked out.
//!
//! Not a parser. Byte offsets and line numbers of the blanked code are those of the file, which is all that is
//! needed to point at a place.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders whose Rust files are ours.
const FOLDERS: [&str; 4] = ["crates", "bench", "testbed", "xtask"];

/// One Rust file of the project.
pub(crate) struct RustFile {
    /// Relative to the project's root.
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    /// `text` with every comment, and the inside of every string and character, replaced by spaces.
    pub(crate) code: String,
}

impl RustFile {
    pub(crate) fn new(path: PathBuf, text: String) -> Self {
        let code = blank(&text);
        Self { path, text, code }
    }

    /// The 1-based line on which a byte of `text` (or of `code`) stands.
    pub(crate) fn line_of(&self, offset: usize) -> usize {
        1 + self.text[..offset].matches('\n').count()
    }

    /// Every `#[ignore]` with its line and its reason, when it gives one.
    pub(crate) fn ignored_tests(&self) -> Vec<(usize, Option<&str>)> {
        self.code
            .match_indices("#[ignore")
            .filter_map(|(start, _)| {
                let end = start + self.code[start..].find(']')?;
                let reason = self.text[start..end].split('"').nth(1);
                Some((
                    self.line_of(start),
                    reason.filter(|reason| !reason.trim().is_empty()),
                ))
            })
            .collect()
    }
}

/// The folder that holds the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is a folder of the workspace")
}

/// Every Rust file of the project, in order of its path.
pub(crate) fn rust_files() -> Vec<RustFile> {
    let mut paths = Vec::new();
    for folder in FOLDERS {
        collect(&root().join(folder), &mut paths);
    }
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path)
                .unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()));
            let path = path
                .strip_prefix(root())
                .expect("found below the root")
                .to_path_buf();
            RustFile::new(path, text)
        })
        .collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display()));
    for entry in entries {
        let path = entry
            .expect("an entry of a folder that was just listed")
            .path();
        if path.is_dir() {
            if path.file_name().is_some_and(|name| name != "target") {
                collect(&path, paths);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            paths.push(path);
        }
    }
}

/// Replaces comments and the inside of literals by spaces, byte for byte; line ends stay.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let inside = match rest[0] {
            b'/' if rest.starts_with(b"//") => at..at + line_comment(rest),
            b'/' if rest.starts_with(b"/*") => at..at + block_comment(rest),
            b'"' => at + 1..at + quoted(rest),
            b'r' if !follows_word(bytes, at) || is_raw_prefix(bytes, at) => {
                match raw_string(rest) {
                    Some((opening, length)) => at + opening..at + length,
                    None => at..at,
                }
            }
            b'\'' => match character(rest) {
                Some(length) => at + 1..at + length,
                None => at..at,
            },
            _ => at..at,
        };
        if inside.is_empty() {
            at += 1;
            continue;
        }
        // The closing quotation mark stays in the code, so that `"…"` keeps its shape.
        at = (inside.end + 1).min(bytes.len());
        for byte in &mut code[inside] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
    }
    String::from_utf8(code).expect("whole literals and comments were replaced by spaces")
}

fn follows_word(bytes: &[u8], at: usize) -> bool {
    at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_')
}

/// The `r` of `br"…"` follows a letter and still opens a raw string.
fn is_raw_prefix(bytes: &[u8], at: usize) -> bool {
    at > 0 && matches!(bytes[at - 1], b'b' | b'c') && !follows_word(bytes, at - 1)
}

/// Length up to the end of the line.
fn line_comment(rest: &[u8]) -> usize {
    rest.iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(rest.len())
}

/// Length of a comment that may hold others.
fn block_comment(rest: &[u8]) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    rest.len()
}

/// Offset of the quotation mark that closes the string opened by the first byte.
fn quoted(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'"' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Offsets of the inside and of the closing quotation mark of `r#"…"#`.
fn raw_string(rest: &[u8]) -> Option<(usize, usize)> {
    let hashes = rest[1..].iter().take_while(|&&byte| byte == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return None;
    }
    let opening = 2 + hashes;
    let mut closing = vec![b'"'];
    closing.resize(1 + hashes, b'#');
    let length = rest[opening..]
        .windows(closing.len())
        .position(|window| window == closing)?;
    Some((opening, opening + length))
}

/// Offset of the mark that closes a character, or `None` when the mark opens a lifetime or a label.
fn character(rest: &[u8]) -> Option<usize> {
    if rest.get(1) == Some(&b'\\') {
        return rest[3..]
            .iter()
            .position(|&byte| byte == b'\'')
            .map(|length| 3 + length);
    }
    let width = std::str::from_utf8(&rest[1..rest.len().min(5)])
        .or_else(|error| std::str::from_utf8(&rest[1..1 + error.valid_up_to()]))
        .ok()?
        .chars()
        .next()?
        .len_utf8();
    (rest.get(1 + width) == Some(&b'\'')).then_some(1 + width)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{RustFile, blank};

    #[test]
    fn comments_and_literals_are_blanked_and_code_is_kept() {
        let cases = [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("b\"c", 'd')"#, r#"f("    ", ' ')"#),
            (r##"r#"a"b"# + c"##, r##"r#"   "# + c"##),
            (r#"br"a\" + c"#, r#"br"  " + c"#),
            (r"'\'' 'é' 'a: &'b str", r"'  ' '  ' 'a: &'b str"),
            ("for r in r#type {}", "for r in r#type {}"),
            ("\"a\nb\"", "\" \n \""),
        ];
        for (text, code) in cases {
            assert_eq!(blank(text), code, "{text}");
        }
    }

    #[test]
    fn an_ignored_test_is_found_with_its_reason() {
        let text = "// #[ignore]\n#[ignore = \"slow\"]\nfn a() {}\n#[ignore]\nfn b() {}\n";
        let file = RustFile::new(PathBuf::from("a.rs"), text.into());
        assert_eq!(file.ignored_tests(), [(2, Some("slow")), (4, None)]);
    }
}
