//! The server that was used last.

use crate::folder::Folder;

/// The server that was used last.
const LAST: &str = "last_server";

/// The address of the server that was used last.
///
/// # Errors
/// The file cannot be read.
pub fn find(folder: &Folder) -> anyhow::Result<Option<String>> {
    Ok(folder
        .read(LAST)?
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty()))
}

/// Remembers the server that is used now.
///
/// # Errors
/// The file cannot be written.
pub fn remember(folder: &Folder, address: &str) -> anyhow::Result<()> {
    folder.write(LAST, &format!("{address}\n"))
}
