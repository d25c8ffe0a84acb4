//! The files that there are, and the ways to find them.

use crate::file::{Aside, Digest, File, FileChange, FileKey, Visibility};
use crate::id::{AccountId, FileId, RoomId};
use crate::snapshot::Numbered as Rows;
use causette_proto::Timestamp;
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// All files. What changes of them changes by a fact.
#[derive(Debug, Default)]
pub(crate) struct Files {
    held: BTreeMap<FileId, File>,
    last: u64,
    keys: FxHashMap<FileKey, FileId>,
    /// What each account keeps here.
    owned: FxHashMap<AccountId, Owned>,
    /// How many files have the same bytes: they are kept once.
    contents: FxHashMap<Digest, u32>,
}

/// What an account keeps here.
#[derive(Debug, Default)]
pub(crate) struct Owned {
    pub(crate) files: BTreeSet<FileId>,
    /// Bytes of all of them, each counted as if it were the only one.
    pub(crate) bytes: u64,
}

impl Files {
    /// Those that the store remembers.
    pub(crate) fn restored(rows: Rows<File>) -> Self {
        let mut files = Self {
            last: rows.last,
            ..Self::default()
        };
        for file in rows.rows {
            files.insert(file);
        }
        files
    }

    /// What the store would remember.
    pub(crate) fn rows(&self) -> Rows<File> {
        Rows {
            rows: self.held.values().cloned().collect(),
            last: self.last,
        }
    }

    /// The number of the next one.
    pub(crate) fn next_id(&self) -> FileId {
        FileId(self.last + 1)
    }

    pub(crate) fn len(&self) -> usize {
        self.held.len()
    }

    pub(crate) fn get(&self, id: FileId) -> Option<&File> {
        self.held.get(&id)
    }

    /// The file of an address.
    pub(crate) fn at(&self, key: FileKey) -> Option<&File> {
        self.held.get(self.keys.get(&key)?)
    }

    /// Those before one, or all, the newest first.
    pub(crate) fn newest_before(&self, before: Option<FileId>) -> impl Iterator<Item = &File> {
        let end = before.unwrap_or(FileId(u64::MAX));
        self.held.range(..end).map(|(_, file)| file).rev()
    }

    /// All, the newest first.
    pub(crate) fn newest(&self) -> impl Iterator<Item = &File> {
        self.held.values().rev()
    }

    /// All, the oldest first.
    pub(crate) fn oldest(&self) -> impl Iterator<Item = &File> {
        self.held.values()
    }

    /// What an account keeps here, where it keeps something.
    pub(crate) fn of(&self, account: AccountId) -> Option<&Owned> {
        self.owned.get(&account)
    }

    /// Whether some file has these bytes.
    pub(crate) fn has_content(&self, sha256: Digest) -> bool {
        self.contents.contains_key(&sha256)
    }

    pub(super) fn insert(&mut self, file: File) {
        self.last = self.last.max(file.id.0);
        self.keys.insert(file.key, file.id);
        if let Some(owner) = file.owner {
            let owned = self.owned.entry(owner).or_default();
            owned.files.insert(file.id);
            owned.bytes += file.size;
        }
        if file.path.is_none() {
            *self.contents.entry(file.sha256).or_default() += 1;
        }
        self.held.insert(file.id, file);
    }

    pub(super) fn change(&mut self, id: FileId, change: &FileChange, now: Timestamp) {
        if let FileChange::Removed { .. } = change {
            return self.remove(id);
        }
        let Some(file) = self.held.get_mut(&id) else {
            return;
        };
        match change {
            FileChange::Shown { visibility, closed } => {
                file.visibility = *visibility;
                file.closed = closed.then_some(now);
            }
            FileChange::Granted(account) => {
                if let Err(place) = file.granted.binary_search(account) {
                    file.granted.insert(place, *account);
                }
            }
            FileChange::Revoked(account) => file.granted.retain(|granted| granted != account),
            FileChange::Quarantined { reason } => {
                let reason = reason.clone();
                file.aside = Some(Aside { since: now, reason });
            }
            FileChange::Released { .. } => file.aside = None,
            FileChange::Removed { .. } => {}
        }
    }

    /// An account is no more: its files go with it, and what was sent to it.
    pub(super) fn forget_account(&mut self, account: AccountId) {
        let owned = self.owned.get(&account);
        let ids: Vec<FileId> = owned
            .into_iter()
            .flat_map(|owned| &owned.files)
            .copied()
            .collect();
        for id in ids {
            self.remove(id);
        }
        for file in self.held.values_mut() {
            file.granted.retain(|granted| *granted != account);
        }
    }

    /// A room is no more: what was for it is its owner's alone.
    pub(super) fn forget_room(&mut self, room: RoomId) {
        for file in self.held.values_mut() {
            if file.visibility == Visibility::Room(room) {
                file.visibility = Visibility::Private;
                file.closed = None;
            }
        }
    }

    fn remove(&mut self, id: FileId) {
        let Some(file) = self.held.remove(&id) else {
            return;
        };
        self.keys.remove(&file.key);
        if let Some(owner) = file.owner
            && let Some(owned) = self.owned.get_mut(&owner)
        {
            owned.files.remove(&id);
            owned.bytes -= file.size;
            if owned.files.is_empty() {
                self.owned.remove(&owner);
            }
        }
        if file.path.is_none()
            && let Some(count) = self.contents.get_mut(&file.sha256)
        {
            *count -= 1;
            if *count == 0 {
                self.contents.remove(&file.sha256);
            }
        }
    }
}
