//! Entry by entry: each against its payload and its row.
//!
//! - [`earlier`]: those of earlier versions, and the entry that binds them

mod earlier;

use super::Counts;
use super::files::Files;
use super::findings::Findings;
use super::found::{self, EventRow, Found, Payload, Place};
use super::names::Names;
use super::redaction::Redactions;
use super::sessions::Sessions;
use super::tags::Tags;
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::history::era::Eras;
use crate::plan::class::Class;
use crate::register::binding::{self, Columns, Digests, Kept};
use crate::register::finding::{Finding, Kind as Disagreement, RowName};
use crate::register::members::Members;
use crate::register::{Commitment, words};
use causette_core::event::Kind;
use causette_proto::Timestamp;

/// A verification on its way.
pub(super) struct Walk {
    /// Behind the last entry that there was when it began.
    end: u64,
    /// The number that the next entry has.
    next: u64,
    pub(super) counts: Counts,
    pub(super) findings: Findings,
    last_time: Timestamp,
    tags: Tags,
    /// Over what is found of the entries of earlier versions.
    digests: Digests,
    has_earlier: bool,
    bound_from: Option<u64>,
    redactions: Redactions,
    names: Names,
    sessions: Sessions,
    files: Files,
}

impl Walk {
    pub(super) fn begin(moment: &Moment<'_>) -> Result<Self, Fault> {
        let mut findings = Findings::default();
        let last = "SELECT max(seq) FROM register_entry WHERE seq >= 0";
        let last = moment.only(last, &[], |row| row.maybe_int(0))?;
        let end = last.map_or(0, |last| last.cast_unsigned() + 1);
        let before = "SELECT seq FROM register_entry WHERE seq < 0 ORDER BY seq";
        for seq in moment.all(before, &[], |row| row.int(0))? {
            let row = RowName::Number(seq);
            findings.tell(Finding::new(
                Disagreement::Impossible,
                "register_entry",
                row,
            ));
        }
        // What lies between is found where an entry is missing.
        let beyond = "SELECT seq FROM register_payload WHERE seq < 0 OR seq >= ? ORDER BY seq";
        moment.each(beyond, values![end], |row| {
            let row = RowName::Number(row.int(0)?);
            findings.tell(Finding::new(
                Disagreement::RowWithoutEntry,
                "register_payload",
                row,
            ));
            Ok(())
        })?;
        Ok(Self {
            end,
            next: 0,
            counts: Counts::default(),
            findings,
            last_time: Timestamp(i64::MIN),
            tags: Tags::begin(moment)?,
            digests: Digests::new(),
            has_earlier: false,
            bound_from: None,
            redactions: Redactions::default(),
            names: Names::begin(moment, Eras::read(moment)?)?,
            sessions: Sessions::begin(moment)?,
            files: Files::begin(moment)?,
        })
    }

    pub(super) fn entries(&self) -> u64 {
        self.end
    }

    /// Verifies the next entries; false when there are none left.
    pub(super) fn go_on(&mut self, moment: &Moment<'_>, limit: usize) -> Result<bool, Fault> {
        if self.next >= self.end {
            return Ok(false);
        }
        match found::read(moment, (self.next, self.end - 1), limit) {
            Ok(entries) => {
                for found in &entries {
                    self.entry(moment, found)?;
                }
            }
            // The first of them has what nobody writes.
            Err(fault) if fault.is_value() => {
                let least = "SELECT min(seq) FROM register_entry WHERE seq >= ?";
                let seq = moment.only(least, values![self.next], |row| row.id(0))?;
                self.comes_to(seq);
                self.counts.entries += 1;
                self.findings
                    .tell(Finding::of_entry(Disagreement::Impossible, seq));
            }
            Err(fault) => return Err(fault),
        }
        self.names.forget();
        Ok(true)
    }

    /// Goes on to an entry, and tells of those that there are not.
    fn comes_to(&mut self, seq: u64) {
        if seq > self.next {
            let (from, to) = (self.next, seq - 1);
            let row = if from == to {
                RowName::Entry(from)
            } else {
                RowName::Entries { from, to }
            };
            let missing = Finding::new(Disagreement::EntryMissing, "register_entry", row);
            self.findings.tell(missing.by(from));
        }
        self.next = seq + 1;
    }

    fn entry(&mut self, moment: &Moment<'_>, found: &Found) -> Result<(), Fault> {
        let entry = &found.entry;
        self.comes_to(entry.seq);
        self.counts.entries += 1;
        let Some(payload) = &found.payload else {
            let row = RowName::Entry(entry.seq);
            let missing = Finding::new(Disagreement::RowMissing, "register_payload", row);
            self.findings.tell_once(missing.by(entry.seq));
            return Ok(());
        };
        self.counts.messages += u64::from(payload.seq.is_some());
        self.counts.shared += u64::from(found.shared.is_some());
        let verified = match (payload.erased, payload.bound) {
            (Some(by), bound) => self.erased(moment, found, payload, (by, bound)),
            (None, Some(bound)) => self.earlier(moment, found, payload, &bound),
            (None, None) => self.bound(moment, found, payload),
        };
        match verified {
            // By the time of one that was altered, all that come behind it would be out of order.
            Ok(false) => {}
            Ok(true) => {
                if entry.time < self.last_time && entry.kind != words::HORLOGE_SAUT.text {
                    self.altered(Disagreement::OutOfOrder, entry.seq);
                }
                self.last_time = entry.time;
            }
            Err(fault) if fault.is_value() => self.altered(Disagreement::Impossible, entry.seq),
            Err(fault) => return Err(fault),
        }
        Ok(())
    }

    fn altered(&mut self, kind: Disagreement, entry: u64) {
        self.findings.tell(Finding::of_entry(kind, entry));
    }

    /// An entry of which nothing is left, as a later one says. Whether its time may be relied on.
    fn erased(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        payload: &Payload,
        (by, bound): (i64, Option<[u8; 32]>),
    ) -> Result<bool, Fault> {
        let entry = &found.entry;
        if is_erased(moment, entry.seq, payload, by)? {
            self.counts.erased += 1;
        } else {
            self.altered(Disagreement::ErasedUnsaid, entry.seq);
        }
        match bound {
            Some(bound) if self.bound_from.is_none() => {
                self.has_earlier = true;
                self.digests.add(&bound);
            }
            Some(_) => self.altered(Disagreement::BoundLate, entry.seq),
            None => self.binds(entry.seq, None),
        }
        self.tags.used(entry.time);
        if let (Some(room), Some(row)) = (payload.room, &found.message) {
            self.redactions.erased(found, room, row);
        }
        self.sessions.erased(&entry.kind);
        self.files.erased(&entry.kind);
        self.names.erased(moment, found, payload)?;
        Ok(true)
    }

    /// An entry that binds what it tells of. Whether what it commits to is whole.
    fn bound(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        payload: &Payload,
    ) -> Result<bool, Fault> {
        let entry = &found.entry;
        let Some(meta) = payload.meta.as_deref() else {
            self.altered(Disagreement::ErasedUnsaid, entry.seq);
            return Ok(false);
        };
        let members = Members::parse(meta).unwrap_or_default();
        let kept = kept(found, payload);
        let Some(kept) = kept.filter(|kept| is_committed(found, payload, *kept, meta)) else {
            self.is_not_whole(moment, found, payload, &members)?;
            return Ok(false);
        };
        let row = match kept {
            Kept::Place { room, seq } => {
                let place = ("message", RowName::Place { room, seq });
                Some((&found.message, place))
            }
            Kept::Places(_) => {
                let row = ("shared_event", RowName::Entry(entry.seq));
                Some((&found.shared, row))
            }
            Kept::Nowhere => None,
        };
        if found.shared.is_some() && !matches!(kept, Kept::Places(_)) {
            self.is_unmeant(entry.seq);
        }
        self.content(found, payload, row, |row| row.content().json());
        self.binds(entry.seq, Some((&entry.kind, &members)));
        self.tags.verify(found, &members, &mut self.findings);
        match (kept, &found.message, &found.shared) {
            (Kept::Place { room, seq }, Some(row), _) => {
                let place = RowName::Place { room, seq };
                self.event(found, row, ("message", &place), &members);
                let findings = &mut self.findings;
                self.redactions.class(entry.seq, (room, seq), row, findings);
                self.redactions
                    .told(moment, found, (room, row), &members, findings)?;
            }
            (Kept::Places(_), _, Some(row)) => {
                let shared = RowName::Entry(entry.seq);
                self.event(found, row, ("shared_event", &shared), &members);
                let class = row.kind().map(|kind| Class::first(kind, row.reach()));
                self.shared_classes(entry.seq, class, &found.places);
                self.counts.places += found.places.len() as u64;
                self.names.shared();
            }
            _ => {}
        }
        self.sessions
            .told(found, &members, false, &mut self.findings);
        let at = (found, self.names.steady(found));
        self.files.told(moment, at, &members, &mut self.findings)?;
        self.names
            .told(moment, found, payload, &members, &mut self.findings)?;
        Ok(true)
    }

    /// What an entry commits to is not what stands there. What it seems to tell of is counted, but nothing is said of it.
    fn is_not_whole(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        payload: &Payload,
        members: &Members,
    ) -> Result<(), Fault> {
        let entry = &found.entry;
        let has_no_row = found.shared.is_none() && payload.seq.is_none();
        if entry.content.is_some() && payload.content.is_none() && has_no_row {
            let row = RowName::Entry(entry.seq);
            let missing = Finding::new(Disagreement::RowMissing, "shared_event", row);
            self.findings.tell(missing.by(entry.seq));
        } else {
            self.altered(Disagreement::EntryAltered, entry.seq);
        }
        self.bound_from.get_or_insert(entry.seq);
        self.tags.used(entry.time);
        if found.shared.is_some() {
            self.names.shared();
        }
        let mut unsaid = Findings::default();
        self.sessions.told(found, members, false, &mut unsaid);
        let at = (found, self.names.steady(found));
        self.files.told(moment, at, members, &mut unsaid)?;
        self.names
            .told(moment, found, payload, members, &mut unsaid)
    }

    fn is_unmeant(&mut self, entry: u64) {
        let row = RowName::Entry(entry);
        let unmeant = Finding::new(Disagreement::RowWithoutEntry, "shared_event", row);
        self.findings.tell_once(unmeant.by(entry));
    }

    /// What was said is what was committed to: in the row that has it, or in the payload.
    fn content(
        &mut self,
        found: &Found,
        payload: &Payload,
        row: Option<(&Option<EventRow>, (&'static str, RowName))>,
        json_of: impl FnOnce(&EventRow) -> String,
    ) {
        let entry = &found.entry;
        let payload_row = ("register_payload", RowName::Entry(entry.seq));
        let ((table, name), json) = match row {
            Some((None, (table, name))) => {
                let missing = Finding::new(Disagreement::RowMissing, table, name);
                self.findings.tell_once(missing.by(entry.seq));
                return;
            }
            Some((Some(row), name)) => (name, Some(json_of(row))),
            None => (payload_row, payload.content.clone()),
        };
        let is_twice = row_is_elsewhere(table) && payload.content.is_some();
        let salted = json.as_deref().zip(payload.content_salt.as_deref());
        let computed = salted.map(|(json, salt)| Commitment::new(salt, json));
        let is_whole = json.is_some() == payload.content_salt.is_some() && !is_twice;
        if computed != entry.content || !is_whole {
            let altered = Finding::new(Disagreement::ContentAltered, table, name);
            self.findings.tell(altered.by(entry.seq));
        }
    }

    /// What a row has that the metadata has too.
    fn event(
        &mut self,
        found: &Found,
        row: &EventRow,
        (table, name): (&'static str, &RowName),
        members: &Members,
    ) {
        let entry = &found.entry;
        if row.entry != entry.seq {
            let altered = Finding::new(Disagreement::ColumnAltered, table, name.clone());
            self.findings
                .tell_once(altered.column("entry").by(entry.seq));
        }
        let same = [
            ("time", row.time == entry.time),
            ("msgid", members.get("msgid") == Some(&row.msgid)),
            ("kind", members.get("nature") == row.kind().map(Kind::verb)),
            ("reach", members.get("portee").unwrap_or("") == row.reach),
            ("author", members.author() == Some(row.author)),
        ];
        for (column, _) in same.iter().filter(|(_, is_same)| !is_same) {
            self.findings
                .altered(entry.seq, (table, name.clone()), column);
        }
    }

    fn shared_classes(&mut self, entry: u64, class: Option<Class>, places: &[Place]) {
        let class = class.map(|class| class as i64);
        for place in places.iter().filter(|place| Some(place.class) != class) {
            let (room, seq) = (place.room, place.seq);
            let row = RowName::Place { room, seq };
            let altered = Finding::new(Disagreement::ColumnAltered, "shared_place", row);
            self.findings.tell_once(altered.column("class").by(entry));
        }
    }

    /// What is to be said at the end: nothing is left of which no entry tells.
    pub(super) fn finish(mut self, moment: &Moment<'_>) -> Result<(Counts, Findings), Fault> {
        self.redactions
            .finish(moment, self.end, &mut self.findings)?;
        self.tags.finish(&mut self.findings);
        self.names.finish(moment, &mut self.findings)?;
        self.sessions.finish(&mut self.findings);
        self.files.finish(moment, &mut self.findings)?;
        self.counts.bound_from = self.bound_from.unwrap_or(0);
        Ok((self.counts, self.findings))
    }
}

/// Where an entry says that its row is. A row that is not meant by it may have been put there: an entry without is tried too.
fn kept(found: &Found, payload: &Payload) -> Option<Kept> {
    let places = &found.places;
    match (payload.room, payload.seq) {
        (Some(room), Some(seq)) => Some(Kept::Place { room, seq }),
        (None, None) if found.shared.is_some() || !places.is_empty() => {
            let mut pairs: Vec<_> = places.iter().map(|place| (place.room, place.seq)).collect();
            let shared = binding::places(&mut pairs);
            let meta = payload.meta.as_deref().unwrap_or_default();
            let is_shared = is_committed(found, payload, shared, meta);
            let is_alone = || is_committed(found, payload, Kept::Nowhere, meta);
            Some(if !is_shared && is_alone() {
                Kept::Nowhere
            } else {
                shared
            })
        }
        (None, None) => Some(Kept::Nowhere),
        _ => None,
    }
}

/// Whether an entry commits to its metadata, as one whose row is kept so.
fn is_committed(found: &Found, payload: &Payload, kept: Kept, meta: &str) -> bool {
    let entry = &found.entry;
    let columns = Columns {
        seq: entry.seq.cast_signed(),
        category: entry.category,
        kind: &entry.kind,
        time: entry.time,
        content: entry.content,
    };
    let json = binding::meta(&columns, kept, meta);
    commits(payload.meta_salt.as_deref(), &json, entry.meta)
}

/// Whether a text is what was committed to.
fn commits(salt: Option<&[u8]>, json: &str, commitment: Commitment) -> bool {
    salt.is_some_and(|salt| Commitment::new(salt, json) == commitment)
}

/// Whether it is not the payload that has the content.
fn row_is_elsewhere(table: &str) -> bool {
    table != "register_payload"
}

/// Whether nothing is left of a payload, as a later entry says.
fn is_erased(moment: &Moment<'_>, seq: u64, payload: &Payload, by: i64) -> Result<bool, Fault> {
    let is_gone = payload.meta.is_none()
        && payload.meta_salt.is_none()
        && payload.content.is_none()
        && payload.content_salt.is_none();
    let select = "SELECT seq FROM register_entry WHERE seq = ? AND seq > ? AND type = ?";
    let values = values![by, seq, words::EFFACEMENT_FAIT.text];
    Ok(is_gone && moment.first(select, values, |_| Ok(()))?.is_some())
}
