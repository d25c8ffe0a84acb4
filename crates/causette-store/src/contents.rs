//! The contents that files have: what must be there in the folder of files, beside the database.

use crate::error::{Fault, StoreError};
use crate::history::Reader;
use causette_core::file::Digest;
use causette_core::id::FileId;

/// A content that one file has, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Its SHA-256, by which it is kept.
    pub sha256: Digest,
    /// The first of the files that have it.
    pub file: FileId,
    /// What that is called.
    pub name: String,
}

impl Reader {
    /// The contents of all files that were uploaded and not removed, each once, in the order of their SHA-256. What the server offers out of
    /// a folder is not kept by it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn contents(&mut self) -> Result<Vec<Content>, StoreError> {
        let moment = self.reading.moment()?;
        let select = "SELECT sha256, id, name FROM file WHERE removed IS NULL AND path IS NULL ORDER BY sha256, id";
        let mut contents: Vec<Content> = Vec::new();
        moment.each(select, &[], |row| {
            let sha256 = Digest::parse(row.text(0)?)
                .ok_or_else(|| Fault::corrupt("a file with no SHA-256".to_owned()))?;
            if contents.last().is_none_or(|last| last.sha256 != sha256) {
                contents.push(Content {
                    sha256,
                    file: FileId(row.id(1)?),
                    name: row.text(2)?.to_owned(),
                });
            }
            Ok(())
        })?;
        Ok(contents)
    }
}
