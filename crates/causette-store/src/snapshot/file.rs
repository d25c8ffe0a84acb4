//! The files that there are.

use super::administration::{last, room};
use super::word;
use crate::engine::Moment;
use crate::error::Fault;
use causette_core::file::{Aside, Digest, File, FileKey, Visibility};
use causette_core::id::{AccountId, FileId};
use causette_core::snapshot::Numbered;
use causette_proto::{FileName, Timestamp};
use std::collections::HashMap;

pub(super) fn files(moment: &Moment<'_>) -> Result<Numbered<File>, Fault> {
    let mut granted: HashMap<u64, Vec<AccountId>> = HashMap::new();
    let select = "SELECT file, account FROM file_grant ORDER BY file, account";
    moment.each(select, &[], |row| {
        let to = granted.entry(row.id(0)?).or_default();
        to.push(AccountId(row.id(1)?));
        Ok(())
    })?;
    let select = "SELECT id, file_key, owner, name, media_type, size, sha256, says_beside, visibility, room, path, aside_since, aside_reason, since, until, closed
         FROM file WHERE removed IS NULL ORDER BY id";
    let rows = moment.all(select, &[], |row| {
        let id = row.id(0)?;
        let room = room(row, 9)?;
        Ok(File {
            id: FileId(id),
            key: word(row.text(1)?, FileKey::parse)?,
            owner: row.maybe_int(2)?.map(|id| AccountId(id.cast_unsigned())),
            name: word(row.text(3)?, FileName::parse)?,
            media_type: row.compact(4)?,
            size: row.id(5)?,
            sha256: word(row.text(6)?, Digest::parse)?,
            says_beside: row.flag(7)?,
            visibility: word(row.text(8)?, |name| Visibility::of(name, room))?,
            closed: row.maybe_int(15)?.map(Timestamp),
            granted: granted.remove(&id).unwrap_or_default(),
            path: row.maybe_text(10)?.map(Into::into),
            aside: match (row.maybe_int(11)?, row.maybe_text(12)?) {
                (Some(since), reason) => Some(Aside {
                    since: Timestamp(since),
                    reason: reason.unwrap_or_default().into(),
                }),
                (None, _) => None,
            },
            since: row.time(13)?,
            until: row.maybe_int(14)?.map(Timestamp),
        })
    })?;
    let last = last(moment, "file")?;
    Ok(Numbered { rows, last })
}
