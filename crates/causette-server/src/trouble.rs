//! What the system refuses, in the person's language: its own messages are in English and end with a number.

use causette_text::{Language, text, text_with};
use std::io::{Error, ErrorKind};
use std::path::Path;

/// Why the system refused something.
pub fn of_io(error: &Error, language: Language) -> String {
    let key = match error.kind() {
        ErrorKind::NotFound => "system-not-found",
        ErrorKind::PermissionDenied => "system-forbidden",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "system-full",
        ErrorKind::ReadOnlyFilesystem => "system-read-only",
        ErrorKind::IsADirectory => "system-a-folder",
        ErrorKind::NotADirectory => "system-no-folder",
        ErrorKind::AddrInUse => "system-address-in-use",
        ErrorKind::AddrNotAvailable => "system-address-not-here",
        ErrorKind::InvalidData => "system-no-text",
        _ => {
            let error = error.to_string();
            return text_with(language, "system-other", &[("error", &error)]);
        }
    };
    text(language, key)
}

/// Looks whether there is a folder for a file that is to be made.
pub(crate) fn folder_of(file: &Path) -> Result<(), Error> {
    let folder = match file.parent() {
        None => return Err(ErrorKind::IsADirectory.into()),
        Some(here) if here.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
    };
    if folder.metadata()?.is_dir() {
        Ok(())
    } else {
        Err(ErrorKind::NotADirectory.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_refuses_is_told_in_both_languages() {
        for number in [2, 13, 20, 21, 28, 30, 98, 99, 122] {
            let error = Error::from_raw_os_error(number);
            let told = Language::ALL.map(|language| of_io(&error, language));
            assert_ne!(told[0], told[1]);
            assert!(
                told.iter().all(|told| !told.contains("os error")),
                "{told:?}"
            );
        }
        let other = Error::from_raw_os_error(5);
        assert!(of_io(&other, Language::Fr).contains("os error 5"));
    }
}
