//! What is remembered of files.

use super::Memory;
use causette_core::file::{Aside, File, FileChange, Visibility};
use causette_core::id::{AccountId, FileId, RoomId};
use causette_proto::Timestamp;

impl Memory {
    pub(super) fn file_added(&mut self, file: &File) {
        assert!(file.id.0 > self.files.last, "no number comes twice");
        assert!(self.files.rows.iter().all(|held| held.key != file.key));
        self.files.last = file.id.0;
        self.files.rows.push(file.clone());
    }

    pub(super) fn file_changed(&mut self, id: FileId, change: &FileChange, steady: Timestamp) {
        let rows = &mut self.files.rows;
        let file = rows.iter_mut().find(|row| row.id == id);
        let file = file.expect("only a file that is there changes");
        match change {
            FileChange::Shown { visibility, closed } => {
                file.visibility = *visibility;
                file.closed = closed.then_some(steady);
            }
            FileChange::Granted(account) => {
                file.granted.push(*account);
                file.granted.sort_unstable();
                file.granted.dedup();
            }
            FileChange::Revoked(account) => file.granted.retain(|held| held != account),
            FileChange::Quarantined { reason } => {
                file.aside = Some(Aside {
                    since: steady,
                    reason: reason.clone(),
                });
            }
            FileChange::Released { .. } => file.aside = None,
            FileChange::Removed { .. } => rows.retain(|row| row.id != id),
        }
    }

    pub(super) fn forget_files_of(&mut self, account: AccountId) {
        self.files.rows.retain(|row| row.owner != Some(account));
        for row in &mut self.files.rows {
            row.granted.retain(|held| *held != account);
        }
    }

    pub(super) fn forget_files_of_room(&mut self, room: RoomId) {
        for row in &mut self.files.rows {
            if row.visibility == Visibility::Room(room) {
                row.visibility = Visibility::Private;
                row.closed = None;
            }
        }
    }
}
