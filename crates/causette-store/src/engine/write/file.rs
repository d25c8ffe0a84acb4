//! Changes of files: their rows, and those of whom they were sent to.

use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::plan::row::FileRowChange;
use causette_core::file::{File, FileChange};
use causette_core::id::AccountId;
use causette_proto::Timestamp;

pub(super) fn change(moment: &Moment<'_>, change: &FileRowChange) -> Result<(), Fault> {
    match change {
        FileRowChange::Added { file, entry } => insert(moment, file, *entry),
        FileRowChange::Changed {
            file,
            change,
            times,
            entry,
        } => changed(moment, file.0.cast_signed(), change, *times, *entry),
    }
}

fn insert(moment: &Moment<'_>, file: &File, entry: i64) -> Result<(), Fault> {
    moment.run(
        "INSERT INTO file (id, file_key, owner, name, media_type, size, sha256, says_beside, visibility, room, path, aside_since, aside_reason, since, until, closed, entry)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values![
            file.id.0.cast_signed(),
            &file.key.to_string(),
            file.owner,
            file.name.as_str(),
            &file.media_type,
            file.size.cast_signed(),
            &file.sha256.to_string(),
            i64::from(file.says_beside),
            file.visibility.name(),
            file.visibility.room().map(|room| room.0.cast_signed()),
            file.path.as_ref(),
            file.aside.as_ref().map(|aside| aside.since),
            file.aside.as_ref().map(|aside| aside.reason.as_str()),
            file.since,
            file.until,
            file.closed,
            entry,
        ],
    )?;
    for account in &file.granted {
        grant(moment, file.id.0.cast_signed(), *account, entry)?;
    }
    Ok(())
}

fn changed(
    moment: &Moment<'_>,
    file: i64,
    change: &FileChange,
    (time, steady): (Timestamp, Timestamp),
    entry: i64,
) -> Result<(), Fault> {
    match change {
        FileChange::Shown { visibility, closed } => {
            let room = visibility.room().map(|room| room.0.cast_signed());
            let closed = closed.then_some(steady);
            let update = "UPDATE file SET visibility = ?, room = ?, closed = ? WHERE id = ?";
            moment.run(update, values![visibility.name(), room, closed, file])?;
        }
        FileChange::Granted(account) => {
            revoke(moment, file, *account)?;
            grant(moment, file, *account, entry)?;
        }
        FileChange::Revoked(account) => revoke(moment, file, *account)?,
        FileChange::Quarantined { .. } | FileChange::Released { .. } => {
            let (since, why) = match change {
                FileChange::Quarantined { reason } => (Some(steady), Some(reason.as_str())),
                _ => (None, None),
            };
            let update = "UPDATE file SET aside_since = ?, aside_reason = ? WHERE id = ?";
            moment.run(update, values![since, why, file])?;
        }
        FileChange::Removed { .. } => {
            moment.run("DELETE FROM file_grant WHERE file = ?", values![file])?;
            let update = "UPDATE file SET removed = ? WHERE id = ?";
            moment.run(update, values![time, file])?;
        }
    }
    Ok(())
}

fn grant(moment: &Moment<'_>, file: i64, account: AccountId, entry: i64) -> Result<(), Fault> {
    let insert = "INSERT INTO file_grant (file, account, entry) VALUES (?, ?, ?)";
    moment.run(insert, values![file, account, entry])?;
    Ok(())
}

fn revoke(moment: &Moment<'_>, file: i64, account: AccountId) -> Result<(), Fault> {
    let delete = "DELETE FROM file_grant WHERE file = ? AND account = ?";
    moment.run(delete, values![file, account])?;
    Ok(())
}

/// What is left of an account's files, and of those that were sent to it, when it is no more.
pub(super) fn forget_account(
    moment: &Moment<'_>,
    account: AccountId,
    dropped: Timestamp,
) -> Result<(), Fault> {
    let own = "DELETE FROM file_grant WHERE file IN (SELECT id FROM file WHERE owner = ?)";
    moment.run(own, values![account])?;
    moment.run("DELETE FROM file_grant WHERE account = ?", values![account])?;
    let update = "UPDATE file SET removed = ? WHERE owner = ? AND removed IS NULL";
    moment.run(update, values![dropped, account])?;
    Ok(())
}

/// What was for a room is its owner's alone when it is no more. Of a file that is no more it stays as it was.
pub(super) fn forget_room(moment: &Moment<'_>, room: i64) -> Result<(), Fault> {
    let update = "UPDATE file SET visibility = 'private', room = NULL, closed = NULL WHERE room = ? AND removed IS NULL";
    moment.run(update, values![room])?;
    Ok(())
}
