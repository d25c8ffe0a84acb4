//! Entries of earlier versions, which bind what they tell of by a digest of it, and the entry with which binding begins.

use super::{Walk, commits};
use crate::engine::Moment;
use crate::error::Fault;
use crate::plan::class::Class;
use crate::register::binding;
use crate::register::finding::{Kind as Disagreement, RowName};
use crate::register::members::Members;
use crate::register::verify::findings::Findings;
use crate::register::verify::found::{EventRow, Found, Payload};
use crate::register::words;

impl Walk {
    /// An entry of an earlier version: what is found of it is as it was when that was bound.
    pub(super) fn earlier(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        payload: &Payload,
        bound: &[u8; 32],
    ) -> Result<bool, Fault> {
        let entry = &found.entry;
        if self.bound_from.is_some() {
            self.altered(Disagreement::BoundLate, entry.seq);
            return Ok(false);
        }
        self.has_earlier = true;
        self.digests.add(bound);
        let Some(meta) = payload.meta.as_deref() else {
            self.altered(Disagreement::ErasedUnsaid, entry.seq);
            return Ok(false);
        };
        let members = Members::parse(meta).unwrap_or_default();
        let salt = payload.meta_salt.as_deref();
        if !commits(salt, meta, entry.meta) {
            self.altered(Disagreement::EntryAltered, entry.seq);
            self.tags.used(entry.time);
            let mut unsaid = Findings::default();
            self.sessions.told(found, &members, true, &mut unsaid);
            self.names
                .told(moment, found, payload, &members, &mut unsaid)?;
            return Ok(false);
        }
        if found.shared.is_some() {
            self.is_unmeant(entry.seq);
        }
        if payload.room.is_some() != payload.seq.is_some() {
            self.altered(Disagreement::EntryAltered, entry.seq);
        }
        let place = payload.room.zip(payload.seq);
        let row = place.map(|(room, seq)| {
            let place = ("message", RowName::Place { room, seq });
            (&found.message, place)
        });
        self.content(found, payload, row, |row| row.content().earlier_json());
        let row = found.message.as_ref().zip(place);
        if row.is_some() == place.is_some() && !self.is_as_bound(found, salt, row, bound) {
            self.altered(Disagreement::EarlierAltered, entry.seq);
        }
        self.tags.verify(found, &members, &mut self.findings);
        self.sessions
            .told(found, &members, true, &mut self.findings);
        self.names
            .told(moment, found, payload, &members, &mut self.findings)?;
        Ok(true)
    }

    /// Whether an entry of an earlier version and its row are as they were found then, or were taken back since.
    fn is_as_bound(
        &mut self,
        found: &Found,
        salt: Option<&[u8]>,
        row: Option<(&EventRow, (i64, i64))>,
        bound: &[u8; 32],
    ) -> bool {
        let entry = &found.entry;
        let salt = salt.unwrap_or_default();
        if row.is_some_and(|(row, _)| row.entry != entry.seq) {
            return false;
        }
        let mut as_found = binding::Found {
            category: entry.category,
            kind: &entry.kind,
            time: entry.time,
            row: row.map(|(row, place)| row.found(place)),
        };
        if binding::found(salt, &as_found) == *bound {
            return true;
        }
        // It may have been taken back since; then an entry says so that is to come.
        let Some((row, place)) = row else {
            return false;
        };
        let first = row.kind().map(|kind| Class::first(kind, row.reach()));
        let (Some(at), Some(first), true) = (row.redacted, first, row.is_said()) else {
            return false;
        };
        if let Some(row) = &mut as_found.row {
            row.class = first as i64;
            row.redacted = None;
        }
        if binding::found(salt, &as_found) != *bound || row.class != Class::Redacted as i64 {
            return false;
        }
        self.redactions.hidden(entry.seq, place, row, at);
        true
    }

    /// An entry without a digest of its own: where it is the first such, it binds all before it.
    pub(super) fn binds(&mut self, seq: u64, entry: Option<(&str, &Members)>) {
        if self.bound_from.is_some() {
            return;
        }
        self.bound_from = Some(seq);
        let is_binding = entry.is_some_and(|(kind, _)| kind == words::REGISTRE_LIAISON.text);
        if !self.has_earlier && !is_binding {
            return;
        }
        let digest = self.digests.clone().text();
        let first = seq.to_string();
        let binds = entry.is_some_and(|(_, members)| {
            is_binding
                && members.get("premiere") == Some(&first)
                && members.get("empreinte") == Some(&digest)
        });
        if !binds {
            self.altered(Disagreement::BindingAltered, seq);
        }
    }
}
