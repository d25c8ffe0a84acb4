//! Completing the file behind a command: a path of this machine, or the name of a file that the server has.

use crate::core::command::by_name;
use std::path::{Path, PathBuf};

/// Files of one folder that are offered.
const OFFERED_MAX: usize = 50;

/// What a command takes that is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    /// A path; in quotes where it has blanks, if the command is spelled as the older program did.
    Path { in_quotes: bool },
    /// A name.
    Name,
}

/// Where the file begins that is being typed behind a command, and what it may become: with what is shown of it. Nothing where no
/// file belongs there.
pub(crate) fn complete(line: &str, names: &[String]) -> Option<(usize, Vec<(String, String)>)> {
    let (takes, start) = behind_command(line)?;
    let begun = &line[start..];
    let found = match takes {
        Takes::Name => {
            let wanted = begun.to_lowercase();
            let fitting = names
                .iter()
                .filter(|name| name.to_lowercase().starts_with(&wanted));
            fitting.map(|name| (name.clone(), name.clone())).collect()
        }
        Takes::Path { in_quotes } => paths(begun.trim_start_matches('"'), in_quotes),
    };
    Some((start, found))
}

fn behind_command(line: &str) -> Option<(Takes, usize)> {
    let begins = line.len() - line.trim_start().len();
    let mark = line[begins..]
        .chars()
        .next()
        .filter(|mark| ['/', '#'].contains(mark))?;
    let word = line[begins + 1..].split(char::is_whitespace).next()?;
    let mut start = begins + 1 + word.len();
    let known = by_name(word)?;
    let skip = |at: usize| at + (line[at..].len() - line[at..].trim_start().len());
    if skip(start) == start {
        return None;
    }
    start = skip(start);
    let takes = match known.name {
        "download" => Takes::Name,
        "upload" => Takes::Path {
            in_quotes: mark == '#',
        },
        _ => return None,
    };
    // For whom it is stands before it, and is completed otherwise.
    let named = ["--to ", "--room ", "private "];
    let marks = ["--public ", "--link ", "--private "];
    let rest = &line[start..];
    if let Some(option) = named.iter().find(|option| rest.starts_with(**option)) {
        let at = skip(start + option.len());
        let name = line[at..].split(char::is_whitespace).next()?;
        start = skip(at + name.len());
        if start == at + name.len() {
            return None;
        }
    } else if let Some(option) = marks.iter().find(|option| rest.starts_with(**option)) {
        start = skip(start + option.len());
    }
    Some((takes, start))
}

/// The paths that begin so: folders with their stroke, so that one can go on.
fn paths(begun: &str, in_quotes: bool) -> Vec<(String, String)> {
    let (folder, part) = match begun.rfind('/') {
        Some(stroke) => begun.split_at(stroke + 1),
        None => ("", begun),
    };
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let place = match (folder.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ if folder.is_empty() => PathBuf::from("."),
        _ => PathBuf::from(folder),
    };
    let mut names = names_in(&place, part);
    names.sort();
    names.truncate(OFFERED_MAX);
    let written = |name: &String| {
        let path = format!("{folder}{name}");
        let has_blanks = in_quotes && path.contains(char::is_whitespace);
        match (has_blanks, path.ends_with('/')) {
            (false, _) => path,
            // It goes on.
            (true, true) => format!("\"{path}"),
            (true, false) => format!("\"{path}\""),
        }
    };
    names
        .iter()
        .map(|name| (written(name), name.clone()))
        .collect()
}

/// What is in a folder and begins so; what is hidden only for who asks for it.
fn names_in(folder: &Path, part: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| {
        let entry = entry.ok()?;
        let name = entry.file_name().into_string().ok()?;
        let is_hidden = name.starts_with('.') && !part.starts_with('.');
        // What would command the terminal, or end the line, is not put into it.
        let is_safe = !name.chars().any(char::is_control);
        let is_folder = entry.path().is_dir();
        (name.starts_with(part) && !is_hidden && is_safe)
            .then(|| if is_folder { name + "/" } else { name })
    });
    names.collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::folder::Folder;

    #[test]
    fn a_path_is_completed_where_a_command_takes_one() {
        let folder = Folder::for_test();
        let at = folder.path("");
        std::fs::create_dir_all(at.join("my photos")).unwrap();
        std::fs::write(at.join("my file.txt"), "").unwrap();
        std::fs::write(at.join(".hidden"), "").unwrap();
        let at = at.display().to_string();
        let of = |line: String| {
            let found = complete(&line, &["report.pdf".to_owned()]);
            found.map(|(start, found)| {
                let words = found.into_iter().map(|(word, _)| word);
                let words: Vec<_> = words.map(|word| word.replace(&at, "AT")).collect();
                (line[..start].to_owned(), words.join("|"))
            })
        };
        let both = "AT/my file.txt|AT/my photos/".to_owned();
        assert_eq!(
            of(format!("/upload {at}/m")),
            Some(("/upload ".to_owned(), both.clone()))
        );
        let to = "/upload --to bob ";
        assert_eq!(of(format!("{to}{at}/")), Some((to.to_owned(), both)));
        let quoted = "\"AT/my file.txt\"|\"AT/my photos/".to_owned();
        let private = "#TrfU private bob ";
        assert_eq!(
            of(format!("{private}{at}/m")),
            Some((private.to_owned(), quoted))
        );
        let name = Some(("/download ".to_owned(), "report.pdf".to_owned()));
        assert_eq!(of("/download Rep".to_owned()), name);
        for line in [
            "/upload",
            "/upload --to bo",
            "/msg bob",
            "hello",
            "#general x",
        ] {
            assert_eq!(of(line.to_owned()), None, "{line}");
        }
        std::fs::remove_dir_all(folder.path("")).unwrap();
    }
}
