//! Entry by entry: each against its payload and its row.

use super::Counts;
use super::found::{self, EventRow, Found, Payload};
use super::names::Names;
use crate::engine::{Moment, values};
use crate::error::Fault;
use crate::history::era::Eras;
use crate::plan::class::Class;
use crate::plan::known::month_of;
use crate::register::binding::{self, Columns, Digests, Kept};
use crate::register::members::Members;
use crate::register::mismatch::Mismatch;
use crate::register::{Commitment, Tag, words};
use aws_lc_rs::hmac;
use causette_core::event::Kind;
use causette_proto::Timestamp;
use std::collections::{HashMap, HashSet};

/// A verification on its way.
pub(super) struct Walk {
    /// Entries that there were when it began.
    end: u64,
    pub(super) counts: Counts,
    last_time: Timestamp,
    keys: HashMap<String, hmac::Key>,
    /// The months of keys by which no tag was made so far.
    unused: HashSet<String>,
    /// Over what is found of the entries of earlier versions.
    digests: Digests,
    bound_from: Option<u64>,
    /// Messages that were taken back, until the entry comes that says so: few at a time.
    taken_back: HashMap<(i64, String), TakenBack>,
    names: Names,
}

#[derive(Clone, Copy)]
struct TakenBack {
    seq: i64,
    at: i64,
}

impl Walk {
    pub(super) fn begin(moment: &Moment<'_>) -> Result<Self, Mismatch> {
        // Each end by itself: asked for both at once, the engine reads the whole table.
        let end_of = |sql: &str| moment.only(sql, &[], |row| row.maybe_int(0));
        let first = end_of("SELECT min(seq) FROM register_entry")?;
        let last = end_of("SELECT max(seq) FROM register_entry")?;
        if first.is_some_and(|first| first < 0) {
            return Err(Mismatch::Missing(0));
        }
        let end = last.map_or(0, |last| last.cast_unsigned() + 1);
        let beyond = end_of("SELECT max(seq) FROM register_payload")?
            .max(end_of("SELECT min(seq) FROM register_payload")?.filter(|first| *first < 0));
        if let Some(beyond) = beyond.filter(|seq| seq.cast_unsigned() >= end) {
            return Err(Mismatch::Missing(beyond.cast_unsigned()));
        }
        let mut keys = HashMap::new();
        moment.each("SELECT month, secret FROM register_key", &[], |row| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, row.maybe_bytes(1)?.unwrap_or_default());
            keys.insert(row.text(0)?.to_owned(), key);
            Ok(())
        })?;
        Ok(Self {
            end,
            counts: Counts::default(),
            last_time: Timestamp(i64::MIN),
            unused: keys.keys().cloned().collect(),
            keys,
            digests: Digests::new(),
            bound_from: None,
            taken_back: HashMap::new(),
            names: Names::begin(moment, Eras::read(moment)?)?,
        })
    }

    pub(super) fn entries(&self) -> u64 {
        self.end
    }

    /// Verifies the next entries; false when there are none left.
    pub(super) fn go_on(&mut self, moment: &Moment<'_>, limit: usize) -> Result<bool, Mismatch> {
        if self.counts.entries >= self.end {
            return Ok(false);
        }
        let next = self.counts.entries;
        let range = (next, self.end - 1);
        let entries = match found::read(moment, range, limit) {
            // One at a time, to find whose it is.
            Err(fault) if fault.is_value() => found::read(moment, range, 1).map_err(|fault| {
                if fault.is_value() {
                    Mismatch::Value(next)
                } else {
                    fault.into()
                }
            })?,
            entries => entries?,
        };
        if entries.is_empty() {
            return Err(Mismatch::Missing(next));
        }
        for found in &entries {
            self.entry(moment, found)?;
        }
        self.names.forget();
        Ok(true)
    }

    fn entry(&mut self, moment: &Moment<'_>, found: &Found) -> Result<(), Mismatch> {
        let entry = &found.entry;
        if entry.seq != self.counts.entries {
            return Err(Mismatch::Missing(self.counts.entries));
        }
        if entry.time < self.last_time && entry.kind != words::HORLOGE_SAUT.text {
            return Err(Mismatch::Order(entry.seq));
        }
        let payload = found.payload.as_ref().ok_or(Mismatch::Payload(entry.seq))?;
        match (payload.erased, payload.bound) {
            (Some(by), bound) => {
                erased(moment, entry.seq, payload, by)?;
                self.counts.erased += 1;
                match bound {
                    Some(bound) if self.bound_from.is_none() => self.digests.add(&bound),
                    Some(_) => return Err(Mismatch::Binding(entry.seq)),
                    None => self.binds(entry.seq, None)?,
                }
                self.erasure(found, payload);
                self.names.erased(moment, found, payload)?;
            }
            (None, Some(bound)) => self.earlier(moment, found, payload, &bound)?,
            (None, None) => self.bound(moment, found, payload)?,
        }
        self.last_time = entry.time;
        self.counts.entries += 1;
        self.counts.messages += u64::from(payload.seq.is_some());
        if found.shared.is_some() {
            self.counts.shared += 1;
            self.names.shared();
        }
        Ok(())
    }

    /// An entry that binds what it tells of.
    fn bound(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        payload: &Payload,
    ) -> Result<(), Mismatch> {
        let entry = &found.entry;
        let meta = payload.meta.as_deref().ok_or(Mismatch::Erased(entry.seq))?;
        let mut places = places(moment, entry.seq)?;
        let kept = match (payload.room, payload.seq, &found.shared) {
            (Some(room), Some(seq), None) => Kept::Place { room, seq },
            (None, None, Some(_)) => binding::places(&mut places),
            (None, None, None) => Kept::Nowhere,
            _ => return Err(Mismatch::Meta(entry.seq)),
        };
        let columns = Columns {
            seq: entry.seq.cast_signed(),
            category: entry.category,
            kind: &entry.kind,
            time: entry.time,
            content: entry.content,
        };
        let json = binding::meta(&columns, kept, meta);
        commits(payload.meta_salt.as_deref(), &json, entry.meta)
            .ok_or(Mismatch::Meta(entry.seq))?;
        let row = match kept {
            Kept::Place { .. } => Some(&found.message),
            Kept::Places(_) => Some(&found.shared),
            Kept::Nowhere => None,
        };
        let json = match row {
            Some(row) => {
                let row = row.as_ref().filter(|_| payload.content.is_none());
                let row = row.ok_or(Mismatch::Content(entry.seq))?;
                Some(row.content().json())
            }
            None => payload.content.clone(),
        };
        content(found, payload, json.as_deref())?;
        let members = Members::parse(meta).ok_or(Mismatch::Meta(entry.seq))?;
        self.binds(entry.seq, Some((&entry.kind, &members)))?;
        self.tags(found, &members)?;
        if let (Kept::Place { room, seq }, Some(row)) = (kept, &found.message) {
            event(found, row, "message", &members)?;
            self.class(entry.seq, (room, seq), row)?;
            self.redaction(moment, found, (room, row), &members)?;
        }
        if let (Kept::Places(_), Some(row)) = (kept, &found.shared) {
            event(found, row, "shared_event", &members)?;
            let class = row
                .kind()
                .map(|kind| Class::first(kind, row.reach()) as i64);
            shared_classes(moment, entry.seq, class)?;
            self.counts.places += places.len() as u64;
        }
        self.names.told(moment, found, payload, &members)
    }

    /// An entry of an earlier version: what is found of it is as it was when that was bound.
    fn earlier(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        payload: &Payload,
        bound: &[u8; 32],
    ) -> Result<(), Mismatch> {
        let entry = &found.entry;
        if self.bound_from.is_some() {
            return Err(Mismatch::Binding(entry.seq));
        }
        let meta = payload.meta.as_deref().ok_or(Mismatch::Erased(entry.seq))?;
        let salt = payload.meta_salt.as_deref();
        commits(salt, meta, entry.meta).ok_or(Mismatch::Meta(entry.seq))?;
        let json = match (&found.message, payload.seq) {
            (Some(row), Some(_)) if payload.content.is_none() => Some(row.content().earlier_json()),
            (_, Some(_)) | (Some(_), None) => None,
            (None, None) => payload.content.clone(),
        };
        content(found, payload, json.as_deref())?;
        let salt = salt.unwrap_or_default();
        let row = match (&found.message, payload.room, payload.seq) {
            (Some(row), Some(room), Some(seq)) if row.entry == entry.seq => {
                Some((row, (room, seq)))
            }
            (None, None, None) => None,
            _ => return Err(Mismatch::Earlier(entry.seq)),
        };
        if found.shared.is_some() {
            return Err(Mismatch::Earlier(entry.seq));
        }
        let mut as_found = binding::Found {
            category: entry.category,
            kind: &entry.kind,
            time: entry.time,
            row: row.map(|(row, place)| row.found(place)),
        };
        if binding::found(salt, &as_found) != *bound {
            // It may have been taken back since; then an entry says so that is to come.
            let (row, place) = row.ok_or(Mismatch::Earlier(entry.seq))?;
            let first = row.kind().map(|kind| Class::first(kind, row.reach()));
            let (Some(at), Some(first), true) = (row.redacted, first, row.is_said()) else {
                return Err(Mismatch::Earlier(entry.seq));
            };
            if let Some(row) = &mut as_found.row {
                row.class = first as i64;
                row.redacted = None;
            }
            if binding::found(salt, &as_found) != *bound || row.class != Class::Redacted as i64 {
                return Err(Mismatch::Earlier(entry.seq));
            }
            let seq = place.1;
            self.taken_back
                .insert((place.0, row.msgid.clone()), TakenBack { seq, at });
        }
        self.digests.add(bound);
        let members = Members::parse(meta).ok_or(Mismatch::Meta(entry.seq))?;
        self.tags(found, &members)?;
        self.names.told(moment, found, payload, &members)
    }

    /// An entry without a digest of its own: where it is the first such, it binds all before it.
    fn binds(&mut self, seq: u64, entry: Option<(&str, &Members)>) -> Result<(), Mismatch> {
        if self.bound_from.is_some() {
            return Ok(());
        }
        if seq > 0 {
            let digest = self.digests.clone().text();
            let first = seq.to_string();
            let binds = entry.is_some_and(|(kind, members)| {
                kind == words::REGISTRE_LIAISON.text
                    && members.get("premiere") == Some(&first)
                    && members.get("empreinte") == Some(&digest)
            });
            if !binds {
                return Err(Mismatch::Binding(seq));
            }
        }
        self.bound_from = Some(seq);
        Ok(())
    }

    fn tags(&mut self, found: &Found, members: &Members) -> Result<(), Mismatch> {
        let entry = &found.entry;
        for (tag, kept, member) in [
            ("actor", entry.actor, "acteur"),
            ("target", entry.target, "cible"),
        ] {
            let expected = match members.get(member) {
                Some(subject) => {
                    let month = month_of(entry.time);
                    self.unused.remove(&month);
                    let key = self.keys.get(&month).ok_or(Mismatch::Key(month))?;
                    Some(Tag::new(key, subject))
                }
                None => None,
            };
            if kept != expected {
                let entry = entry.seq;
                return Err(Mismatch::Tag { entry, tag });
            }
        }
        Ok(())
    }

    /// Who is shown a message: as its kind and reach say, and nobody once it was taken back.
    fn class(
        &mut self,
        entry: u64,
        (room, seq): (i64, i64),
        row: &EventRow,
    ) -> Result<(), Mismatch> {
        let first = row.kind().map(|kind| Class::first(kind, row.reach()));
        let expected = match row.redacted {
            Some(at) if row.is_said() => {
                self.taken_back
                    .insert((room, row.msgid.clone()), TakenBack { seq, at });
                Some(Class::Redacted)
            }
            Some(_) => None,
            None => first,
        };
        if expected.map(|class| class as i64) == Some(row.class) {
            return Ok(());
        }
        Err(Mismatch::Row {
            entry,
            table: "message",
            what: "class",
        })
    }

    /// What an entry takes back must be hidden since its time, or have been taken back before.
    fn redaction(
        &mut self,
        moment: &Moment<'_>,
        found: &Found,
        (room, row): (i64, &EventRow),
        members: &Members,
    ) -> Result<(), Mismatch> {
        let (Some(Kind::Redact), Some(msgid)) = (row.kind(), members.get("message")) else {
            return Ok(());
        };
        let key = (room, msgid.to_owned());
        if let Some(taken_back) = self.taken_back.remove(&key) {
            if taken_back.at == found.entry.time.0 {
                return Ok(());
            }
            let seq = taken_back.seq;
            return Err(Mismatch::TakenBack { room, seq });
        }
        let shown = moment.first(
            "SELECT seq FROM message WHERE msgid = ? AND room = ? AND kind IN (0, 1, 2) AND redacted IS NULL",
            values![msgid, room],
            |row| row.int(0),
        )?;
        match shown {
            Some(seq) => Err(Mismatch::TakenBack { room, seq }),
            None => Ok(()),
        }
    }

    /// An erased entry still has its time, by which its tags had a key and what it took back is hidden.
    fn erasure(&mut self, found: &Found, payload: &Payload) {
        let entry = &found.entry;
        self.unused.remove(&month_of(entry.time));
        let (Some(room), Some(row)) = (payload.room, &found.message) else {
            return;
        };
        if row.kind() == Some(Kind::Redact) {
            let msgid = row.text.split(' ').next().unwrap_or_default();
            let key = (room, msgid.to_owned());
            if self.taken_back.get(&key).map(|taken_back| taken_back.at) == Some(entry.time.0) {
                self.taken_back.remove(&key);
            }
        }
    }

    /// What is to be said at the end: nothing is left of which no entry tells.
    pub(super) fn finish(mut self, moment: &Moment<'_>) -> Result<Counts, Mismatch> {
        for ((room, _), TakenBack { seq, at }) in self.taken_back {
            // It may have been taken back while the register was read.
            let later = moment.first(
                "SELECT seq FROM message WHERE room = ? AND seq > ? AND kind = ? AND time = ? AND entry >= ?",
                values![room, seq, Kind::Redact as i64, at, self.end],
                |_| Ok(()),
            )?;
            later.ok_or(Mismatch::TakenBack { room, seq })?;
        }
        if let Some(month) = self.unused.into_iter().next() {
            return Err(Mismatch::Key(month));
        }
        self.names.finish()?;
        self.counts.bound_from = self.bound_from.unwrap_or(0);
        Ok(self.counts)
    }
}

/// Where a shared event lies.
fn places(moment: &Moment<'_>, entry: u64) -> Result<Vec<(i64, i64)>, Fault> {
    let select = "SELECT room, seq FROM shared_place WHERE entry = ?";
    moment.all(select, values![entry], |row| Ok((row.int(0)?, row.int(1)?)))
}

fn shared_classes(moment: &Moment<'_>, entry: u64, class: Option<i64>) -> Result<(), Mismatch> {
    let select = "SELECT room FROM shared_place WHERE entry = ? AND class <> ?";
    let other = moment.first(select, values![entry, class.unwrap_or(-1)], |_| Ok(()))?;
    match other {
        Some(()) => Err(Mismatch::Row {
            entry,
            table: "shared_place",
            what: "class",
        }),
        None => Ok(()),
    }
}

/// Whether a text is what was committed to.
fn commits(salt: Option<&[u8]>, json: &str, commitment: Commitment) -> Option<()> {
    (Commitment::new(salt?, json) == commitment).then_some(())
}

fn content(found: &Found, payload: &Payload, json: Option<&str>) -> Result<(), Mismatch> {
    let salted = json.zip(payload.content_salt.as_deref());
    let computed = salted.map(|(json, salt)| Commitment::new(salt, json));
    let is_whole = json.is_some() == payload.content_salt.is_some();
    if computed == found.entry.content && is_whole {
        Ok(())
    } else {
        Err(Mismatch::Content(found.entry.seq))
    }
}

/// A payload of which nothing is left, as a later entry says.
fn erased(moment: &Moment<'_>, seq: u64, payload: &Payload, by: i64) -> Result<(), Mismatch> {
    let is_gone = payload.meta.is_none()
        && payload.meta_salt.is_none()
        && payload.content.is_none()
        && payload.content_salt.is_none();
    let select = "SELECT seq FROM register_entry WHERE seq = ? AND seq > ? AND type = ?";
    let values = values![by, seq, words::EFFACEMENT_FAIT.text];
    let says_so = moment.first(select, values, |_| Ok(()))?.is_some();
    if is_gone && says_so {
        Ok(())
    } else {
        Err(Mismatch::Erased(seq))
    }
}

/// What a row has that the metadata has too.
fn event(
    found: &Found,
    row: &EventRow,
    table: &'static str,
    members: &Members,
) -> Result<(), Mismatch> {
    let entry = &found.entry;
    let same = [
        ("entry", row.entry == entry.seq),
        ("time", row.time == entry.time),
        ("msgid", members.get("msgid") == Some(&row.msgid)),
        ("kind", members.get("nature") == row.kind().map(Kind::verb)),
        ("reach", members.get("portee").unwrap_or("") == row.reach),
        ("author", members.author() == Some(row.author)),
    ];
    match same.iter().find(|(_, is_same)| !is_same) {
        Some((what, _)) => Err(Mismatch::Row {
            entry: entry.seq,
            table,
            what,
        }),
        None => Ok(()),
    }
}
