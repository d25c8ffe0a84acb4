//! What was taken back is hidden since then, and nothing else is.

use super::findings::Findings;
use super::found::{EventRow, Found};
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::plan::class::Class;
use crate::register::finding::{Finding, Kind as Disagreement, RowName};
use crate::register::members::Members;
use causette_core::event::Kind;
use std::collections::HashMap;

/// Messages that were taken back, until the entry comes that says so: few at a time.
#[derive(Default)]
pub(super) struct Redactions(HashMap<(i64, String), TakenBack>);

#[derive(Clone, Copy)]
struct TakenBack {
    entry: u64,
    seq: i64,
    at: i64,
}

impl Redactions {
    /// A message is hidden.
    pub(super) fn hidden(&mut self, entry: u64, (room, seq): (i64, i64), row: &EventRow, at: i64) {
        let key = (room, row.msgid.clone());
        self.0.insert(key, TakenBack { entry, seq, at });
    }

    /// Who is shown a message: as its kind and reach say, and nobody once it was taken back.
    pub(super) fn class(
        &mut self,
        entry: u64,
        (room, seq): (i64, i64),
        row: &EventRow,
        findings: &mut Findings,
    ) {
        let first = row.kind().map(|kind| Class::first(kind, row.reach()));
        let expected = match row.redacted {
            Some(at) if row.is_said() => {
                self.hidden(entry, (room, seq), row, at);
                Some(Class::Redacted)
            }
            Some(_) => None,
            None => first,
        };
        if expected.map(|class| class as i64) != Some(row.class) {
            findings.altered(entry, ("message", RowName::Place { room, seq }), "class");
        }
    }

    /// What an entry takes back must be hidden since its time, or have been taken back before.
    pub(super) fn told(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        (room, row): (i64, &EventRow),
        members: &Members,
        findings: &mut Findings,
    ) -> Result<(), Fault> {
        let (Some(Kind::Redact), Some(msgid)) = (row.kind(), members.get("message")) else {
            return Ok(());
        };
        let key = (room, msgid.to_owned());
        if let Some(taken_back) = self.0.remove(&key) {
            if taken_back.at != found.entry.time.0 {
                findings.tell(disagrees(room, taken_back.seq, found.entry.seq));
            }
            return Ok(());
        }
        let shown = moment.first(
            "SELECT seq FROM message WHERE msgid = ? AND room = ? AND kind IN (0, 1, 2) AND redacted IS NULL",
            values![msgid, room],
            |row| row.int(0),
        )?;
        if let Some(seq) = shown {
            findings.tell(disagrees(room, seq, found.entry.seq));
        }
        Ok(())
    }

    /// An entry of which nothing is left but its row took something back, at its time.
    pub(super) fn erased(&mut self, found: &Found, room: i64, row: &EventRow) {
        if row.kind() == Some(Kind::Redact) {
            let msgid = row.text.split(' ').next().unwrap_or_default();
            let key = (room, msgid.to_owned());
            if self.0.get(&key).map(|taken_back| taken_back.at) == Some(found.entry.time.0) {
                self.0.remove(&key);
            }
        }
    }

    /// What is left was hidden by no entry before `end`.
    pub(super) fn finish(
        self,
        moment: &Moment<'_>,
        end: u64,
        findings: &mut Findings,
    ) -> Result<(), Fault> {
        let mut left: Vec<_> = self.0.into_iter().collect();
        left.sort_unstable_by_key(|(_, taken_back)| taken_back.entry);
        for ((room, _), TakenBack { entry, seq, at }) in left {
            // It may have been taken back while the register was read.
            let later = moment.first(
                "SELECT seq FROM message WHERE room = ? AND seq > ? AND kind = ? AND time = ? AND entry >= ?",
                values![room, seq, Kind::Redact as i64, at, end],
                |_| Ok(()),
            )?;
            if later.is_none() {
                findings.tell(disagrees(room, seq, entry));
            }
        }
        Ok(())
    }
}

fn disagrees(room: i64, seq: i64, entry: u64) -> Finding {
    let row = RowName::Place { room, seq };
    Finding::new(Disagreement::Redaction, "message", row)
        .column("redacted")
        .by(entry)
}
