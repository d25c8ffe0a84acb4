//! Files: who may see each, to whom it was sent, and whether it is put aside or removed, against the entries that say so.
//!
//! What of a file never changes is compared where it is told of (see `administered`). What changes is followed from entry to entry: a file
//! that is removed is compared there, one that is left at the end, with the rows that there were when the verification began.

use super::findings::Findings;
use super::found::Found;
use crate::engine::{Moment, Row, values};
use crate::error::Fault;
use crate::register::finding::{Finding, Kind, RowName};
use crate::register::members::Members;
use crate::register::words;
use causette_proto::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is known of the files that are not removed: as many as there are at a time.
pub(super) struct Files {
    /// As the entries tell so far.
    told: BTreeMap<i64, Told>,
    /// Those of each account and for each room, so that not all are looked at when one of these is no more.
    owned: HashMap<u64, BTreeSet<i64>>,
    of_room: HashMap<i64, BTreeSet<i64>>,
    sent: HashMap<u64, BTreeSet<i64>>,
    /// The rows that there were when the verification began.
    rows: BTreeMap<i64, Shown>,
    grants: BTreeMap<(i64, u64), i64>,
    /// An entry of which nothing is left may have told of any of them.
    is_erased: bool,
}

/// What entries tell of a file.
struct Told {
    owner: Option<u64>,
    shown: Shown,
    /// The entry that said last who may see it, and the one that put it aside or gave it back.
    shown_by: u64,
    aside_by: u64,
    /// To whom it was sent, by which entry.
    granted: BTreeMap<u64, u64>,
}

/// What changes of a row.
#[derive(PartialEq, Eq)]
struct Shown {
    visibility: String,
    room: Option<i64>,
    /// When it was shown there, where not everyone could enter then.
    closed: Option<i64>,
    /// Since when it is put aside, where it is, and why.
    aside_since: Option<i64>,
    aside_reason: Option<String>,
}

impl Shown {
    fn of(row: &Row<'_>, from: usize) -> Result<Self, Fault> {
        Ok(Self {
            visibility: row.text(from)?.to_owned(),
            room: row.maybe_int(from + 1)?,
            aside_since: row.maybe_int(from + 2)?,
            aside_reason: row.maybe_text(from + 3)?.map(str::to_owned),
            closed: row.maybe_int(from + 4)?,
        })
    }
}

/// Whose a file is, as the entry tells that adds it.
pub(super) fn owner(members: &Members) -> Option<u64> {
    let key = match members.get("proprietaire") {
        Some(_) => "proprietaire",
        None => "acteur",
    };
    members.id(key, "account")
}

/// Whether it was shown in a room which not everyone could enter, as the entry tells.
fn closed(members: &Members) -> Option<()> {
    (members.get("ferme") == Some("true")).then_some(())
}

/// Why something became of it, as the entry tells.
fn reason(members: &Members) -> String {
    members.get("motif").unwrap_or_default().to_owned()
}

impl Files {
    pub(super) fn begin(moment: &Moment<'_>) -> Result<Self, Fault> {
        let mut rows = BTreeMap::new();
        let select = "SELECT id, visibility, room, aside_since, aside_reason, closed FROM file WHERE removed IS NULL";
        moment.each(select, &[], |row| {
            rows.insert(row.int(0)?, Shown::of(row, 1)?);
            Ok(())
        })?;
        let mut grants = BTreeMap::new();
        let select = "SELECT file, account, entry FROM file_grant";
        moment.each(select, &[], |row| {
            grants.insert((row.int(0)?, row.id(1)?), row.int(2)?);
            Ok(())
        })?;
        Ok(Self {
            told: BTreeMap::new(),
            owned: HashMap::new(),
            of_room: HashMap::new(),
            sent: HashMap::new(),
            rows,
            grants,
            is_erased: false,
        })
    }

    /// An entry of which nothing else is left.
    pub(super) fn erased(&mut self, kind: &str) {
        self.is_erased |= [
            words::FICHIER_DEPOT,
            words::FICHIER_CHANGEMENT,
            words::FICHIER_RETRAIT,
            words::COMPTE_SUPPRESSION,
            words::SALON_FERMETURE,
        ]
        .iter()
        .any(|word| word.text == kind);
    }

    /// What an entry tells of files.
    pub(super) fn told(
        &mut self,
        moment: &Moment<'_>,
        (found, steady): (&Found, Timestamp),
        members: &Members,
        findings: &mut Findings,
    ) -> Result<(), Fault> {
        let kind = &*found.entry.kind;
        let file = || members.get("fichier")?.parse::<i64>().ok();
        if kind == words::FICHIER_DEPOT.text {
            if let Some(file) = file() {
                self.added(file, found.entry.seq, members);
            }
        } else if kind == words::FICHIER_CHANGEMENT.text {
            if let Some(file) = file() {
                self.changed(file, (found.entry.seq, steady.0), members);
            }
        } else if kind == words::FICHIER_RETRAIT.text {
            if let Some(file) = file() {
                self.removed(moment, file, found, findings)?;
            }
        } else if kind == words::COMPTE_SUPPRESSION.text {
            if let Some(account) = members.id("cible", "account") {
                for file in self.owned.remove(&account).unwrap_or_default() {
                    self.removed(moment, file, found, findings)?;
                }
                for file in self.sent.remove(&account).unwrap_or_default() {
                    if let Some(told) = self.told.get_mut(&file) {
                        told.granted.remove(&account);
                    }
                }
            }
        } else if kind == words::SALON_FERMETURE.text
            && let Some(room) = members.id("cible", "room")
        {
            for file in self.of_room.remove(&room).unwrap_or_default() {
                if let Some(told) = self.told.get_mut(&file) {
                    "private".clone_into(&mut told.shown.visibility);
                    told.shown.room = None;
                    told.shown.closed = None;
                    told.shown_by = found.entry.seq;
                }
            }
        }
        Ok(())
    }

    fn added(&mut self, file: i64, entry: u64, members: &Members) {
        let aside = members.get("en_quarantaine");
        let aside = aside.and_then(|since| since.parse().ok());
        let shown = Shown {
            visibility: members.get("visibilite").unwrap_or_default().to_owned(),
            room: members.id("cible", "room"),
            closed: closed(members).and_then(|()| members.get("depuis")?.parse().ok()),
            aside_since: aside,
            aside_reason: aside.map(|_| reason(members)),
        };
        let owner = owner(members);
        if let Some(owner) = owner {
            self.owned.entry(owner).or_default().insert(file);
        }
        if let Some(room) = shown.room {
            self.of_room.entry(room).or_default().insert(file);
        }
        let to = members.get("destinataires").unwrap_or_default().split(',');
        let to = to.filter_map(|to| to.strip_prefix("account:")?.parse().ok());
        let granted: BTreeMap<u64, u64> = to.map(|account| (account, entry)).collect();
        for account in granted.keys() {
            self.sent.entry(*account).or_default().insert(file);
        }
        let told = Told {
            owner,
            shown,
            shown_by: entry,
            aside_by: entry,
            granted,
        };
        self.told.insert(file, told);
    }

    fn changed(&mut self, file: i64, (entry, steady): (u64, i64), members: &Members) {
        let Some(told) = self.told.get_mut(&file) else {
            return;
        };
        let account: Option<u64> = members.id("cible", "account");
        match (members.get("geste"), account) {
            (Some("visibilite"), _) => {
                let room: Option<i64> = members.id("cible", "room");
                let visibility = members.get("visibilite").unwrap_or_default();
                visibility.clone_into(&mut told.shown.visibility);
                let before = std::mem::replace(&mut told.shown.room, room);
                told.shown.closed = closed(members).map(|()| steady);
                told.shown_by = entry;
                if let Some(files) = before.and_then(|room| self.of_room.get_mut(&room)) {
                    files.remove(&file);
                }
                if let Some(room) = room {
                    self.of_room.entry(room).or_default().insert(file);
                }
            }
            (Some("envoi"), Some(account)) => {
                told.granted.insert(account, entry);
                self.sent.entry(account).or_default().insert(file);
            }
            (Some("retrait"), Some(account)) => {
                told.granted.remove(&account);
                if let Some(files) = self.sent.get_mut(&account) {
                    files.remove(&file);
                }
            }
            (Some("quarantaine"), _) => {
                told.shown.aside_since = Some(steady);
                told.shown.aside_reason = Some(reason(members));
                told.aside_by = entry;
            }
            (Some("fin de quarantaine"), _) => {
                told.shown.aside_since = None;
                told.shown.aside_reason = None;
                told.aside_by = entry;
            }
            _ => {}
        }
    }

    /// A file is no more: its row stays as it is from then on.
    fn removed(
        &mut self,
        moment: &Moment<'_>,
        file: i64,
        found: &Found,
        findings: &mut Findings,
    ) -> Result<(), Fault> {
        let Some(told) = self.told.remove(&file) else {
            return Ok(());
        };
        self.forget(file, &told);
        let select = "SELECT removed, visibility, room, aside_since, aside_reason, closed FROM file WHERE id = ?";
        let row = moment.first(select, values![file], |row| {
            Ok((row.maybe_int(0)?, Shown::of(row, 1)?))
        })?;
        // Where there is none, that is told by the entry that added it.
        let Some((removed, shown)) = row else {
            return Ok(());
        };
        let entry = &found.entry;
        if removed != Some(entry.time.0) {
            findings.altered(entry.seq, ("file", RowName::Number(file)), "removed");
        }
        self.compare(file, &told, &shown, findings);
        Ok(())
    }

    fn forget(&mut self, file: i64, told: &Told) {
        let owned = told.owner.and_then(|owner| self.owned.get_mut(&owner));
        let of_room = told.shown.room.and_then(|room| self.of_room.get_mut(&room));
        for files in owned.into_iter().chain(of_room) {
            files.remove(&file);
        }
        for account in told.granted.keys() {
            if let Some(files) = self.sent.get_mut(account) {
                files.remove(&file);
            }
        }
    }

    fn compare(&self, file: i64, told: &Told, row: &Shown, findings: &mut Findings) {
        if self.is_erased {
            return;
        }
        for (column, entry, is_same) in [
            (
                "visibility",
                told.shown_by,
                row.visibility == told.shown.visibility,
            ),
            ("room", told.shown_by, row.room == told.shown.room),
            ("closed", told.shown_by, row.closed == told.shown.closed),
            (
                "aside_since",
                told.aside_by,
                row.aside_since == told.shown.aside_since,
            ),
            (
                "aside_reason",
                told.aside_by,
                row.aside_reason == told.shown.aside_reason,
            ),
        ] {
            if !is_same {
                findings.altered(entry, ("file", RowName::Number(file)), column);
            }
        }
    }

    /// Whether those that are left are as the entries tell, and were sent to those alone of whom they tell.
    pub(super) fn finish(
        mut self,
        moment: &Moment<'_>,
        findings: &mut Findings,
    ) -> Result<(), Fault> {
        if self.is_erased {
            return Ok(());
        }
        for (file, told) in std::mem::take(&mut self.told) {
            match self.rows.get(&file) {
                Some(row) => self.compare(file, &told, row, findings),
                // A row that is not there was told of already. One that is there was removed, and by no entry.
                None => {
                    let select = "SELECT id FROM file WHERE id = ?";
                    if moment.first(select, values![file], |_| Ok(()))?.is_some() {
                        let row = RowName::Number(file);
                        let removed = Finding::new(Kind::RowWithoutEntry, "file", row);
                        findings.tell(removed.column("removed"));
                    }
                }
            }
            for (account, entry) in told.granted {
                let row = RowName::Sent { file, account };
                match self.grants.remove(&(file, account)) {
                    None => {
                        let missing = Finding::new(Kind::RowMissing, "file_grant", row);
                        findings.tell(missing.by(entry));
                    }
                    Some(by) if by != entry.cast_signed() => {
                        findings.altered(entry, ("file_grant", row), "entry");
                    }
                    Some(_) => {}
                }
            }
        }
        for (file, account) in self.grants.into_keys() {
            let row = RowName::Sent { file, account };
            findings.tell(Finding::new(Kind::RowWithoutEntry, "file_grant", row));
        }
        Ok(())
    }
}
