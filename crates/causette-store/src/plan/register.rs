//! The end of the register, where entries are added.

use super::known::month_of;
use super::row::{Change, EntryRow, Secret};
use super::{Planning, Random};
use crate::error::Fault;
use crate::register::binding::{self, Columns, Content, Kept};
use crate::register::words::Word;
use crate::register::{Commitment, Subject, Subjects, Tag};
use causette_proto::Timestamp;

/// Salts made at a time.
const SALTS: usize = 64;

/// An entry before it has its number, with what it commits to.
pub(super) struct Draft<'a> {
    pub(super) time: Timestamp,
    pub(super) word: Word,
    pub(super) subjects: Subjects,
    /// Canonical JSON.
    pub(super) meta: String,
    /// Of an event.
    pub(super) content: Option<Content<'a>>,
    /// The row that has the content; in no room, the payload keeps it.
    pub(super) kept: Kept,
}

/// Random bytes, taken several at a time.
pub(super) struct Salts<'a> {
    random: Random<'a>,
    salts: Vec<Secret>,
}

impl<'a> Salts<'a> {
    pub(super) fn new(random: Random<'a>) -> Self {
        Self {
            random,
            salts: Vec::new(),
        }
    }

    fn take(&mut self) -> Result<Secret, Fault> {
        if let Some(salt) = self.salts.pop() {
            return Ok(salt);
        }
        let mut random = [0; SALTS * size_of::<Secret>()];
        (self.random)(&mut random)?;
        let (salts, _) = random.as_chunks();
        self.salts.extend_from_slice(salts);
        self.take()
    }
}

impl Planning<'_> {
    /// Adds an entry. Returns its number.
    pub(super) fn enter(&mut self, draft: Draft<'_>) -> Result<i64, Fault> {
        let Draft {
            time,
            word,
            subjects,
            meta,
            content,
            kept,
        } = draft;
        let actor = self.tag(time, subjects.actor.as_ref())?;
        let target = self.tag(time, subjects.target.as_ref())?;
        let meta_salt = self.salts.take()?;
        let json = content.map(|content| content.json());
        let content_salt = match json {
            Some(_) => Some(self.salts.take()?),
            None => None,
        };
        let content_commitment = json
            .as_deref()
            .zip(content_salt)
            .map(|(json, salt)| Commitment::new(&salt, json));
        let seq = self.known.take_entry();
        let columns = Columns {
            seq,
            category: word.category,
            kind: word.text,
            time,
            content: content_commitment,
        };
        let bound = binding::meta(&columns, kept, &meta);
        let place = match kept {
            Kept::Place { room, seq } => Some((room, seq)),
            Kept::Nowhere | Kept::Places(_) => None,
        };
        self.plan.entries.push(EntryRow {
            seq,
            time,
            category: word.category,
            kind: word.text,
            actor,
            target,
            meta_commitment: Commitment::new(&meta_salt, &bound),
            content_commitment,
            meta,
            meta_salt,
            content: json.filter(|_| kept == Kept::Nowhere),
            place,
            content_salt,
        });
        Ok(seq)
    }

    fn tag(&mut self, time: Timestamp, subject: Option<&Subject>) -> Result<Option<Tag>, Fault> {
        let Some(subject) = subject else {
            return Ok(None);
        };
        if let Some(tag) = self.known.tag(time, subject) {
            return Ok(Some(tag));
        }
        // The first entry of its month.
        let month = month_of(time);
        if !self.known.has_key(&month) {
            let secret = self.salts.take()?;
            self.known.month_read(month.clone(), secret);
            self.change(Change::MonthKey { month, secret });
        }
        Ok(self.known.tag(time, subject))
    }
}
