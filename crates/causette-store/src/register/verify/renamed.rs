//! Accounts and channels that have another name now than at first.

use super::findings::Findings;
use crate::engine::Moment;
use crate::error::Fault;
use crate::register::finding::{Finding, Kind, RowName};
use crate::register::members::Members;
use crate::register::words::{self, Word};

/// What has a name that can be changed.
pub(super) struct Renamed {
    pub(super) table: &'static str,
    /// As entries name it.
    pub(super) sort: &'static str,
    /// Its name, and the entry that gave it where that was not the first.
    pub(super) select: &'static str,
    word: Word,
    /// Those that have another name now, with the entry and what that tells.
    all: &'static str,
}

pub(super) const ACCOUNT: Renamed = Renamed {
    table: "account",
    sort: "account",
    select: "SELECT name, renamed FROM account WHERE id = ?",
    word: words::COMPTE_RENOMMAGE,
    all: "SELECT a.id, e.type, p.meta FROM account a
         LEFT JOIN register_entry e ON e.seq = a.renamed
         LEFT JOIN register_payload p ON p.seq = a.renamed
         WHERE a.renamed IS NOT NULL ORDER BY a.id",
};

pub(super) const ROOM: Renamed = Renamed {
    table: "room",
    sort: "room",
    select: "SELECT name, renamed FROM room WHERE id = ?",
    word: words::SALON_RENOMMAGE,
    all: "SELECT r.id, e.type, p.meta FROM room r
         LEFT JOIN register_entry e ON e.seq = r.renamed
         LEFT JOIN register_payload p ON p.seq = r.renamed
         WHERE r.renamed IS NOT NULL ORDER BY r.id",
};

/// Those whose name no entry gave that tells of them.
pub(super) fn untold(
    moment: &Moment<'_>,
    of: &Renamed,
    findings: &mut Findings,
) -> Result<(), Fault> {
    let mut untold = Vec::new();
    moment.each(of.all, &[], |row| {
        let id = row.int(0)?;
        let is_word = row.maybe_text(1)? == Some(of.word.text);
        let is_told = match row.maybe_text(2)? {
            Some(meta) => {
                let whose = Members::parse(meta).and_then(|meta| meta.id("cible", of.sort));
                whose == Some(id)
            }
            // It was erased: nobody knows any more of which it told.
            None => true,
        };
        if !(is_word && is_told) {
            untold.push(id);
        }
        Ok(())
    })?;
    for id in untold {
        let row = RowName::Number(id);
        let finding = Finding::new(Kind::RowWithoutEntry, of.table, row);
        findings.tell_once(finding.column("renamed"));
    }
    Ok(())
}
