//! The end of the register, where entries are added.

use super::known::month_of;
use super::row::{Change, EntryRow, Secret};
use super::{Planning, Random};
use crate::error::Fault;
use crate::register::{Commitment, Subject, Subjects, Tag, content_json, words::Word};
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
    pub(super) content: Content<'a>,
}

/// The content that an entry commits to.
pub(super) enum Content<'a> {
    /// It has none.
    None,
    /// It is this message row.
    Message {
        room: i64,
        seq: i64,
        text: &'a str,
        tags: &'a str,
    },
    /// It is the row that several rooms share.
    Shared { text: &'a str, tags: &'a str },
    /// It is kept in the payload.
    Kept { text: &'a str, tags: &'a str },
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
        } = draft;
        let actor = self.tag(time, subjects.actor.as_ref())?;
        let target = self.tag(time, subjects.target.as_ref())?;
        let meta_salt = self.salts.take()?;
        let (json, place, is_kept) = match content {
            Content::None => (None, None, false),
            Content::Message {
                room,
                seq,
                text,
                tags,
            } => (Some(content_json(text, tags)), Some((room, seq)), false),
            Content::Shared { text, tags } => (Some(content_json(text, tags)), None, false),
            Content::Kept { text, tags } => (Some(content_json(text, tags)), None, true),
        };
        let content_salt = match json {
            Some(_) => Some(self.salts.take()?),
            None => None,
        };
        let content_commitment = json
            .as_deref()
            .zip(content_salt)
            .map(|(json, salt)| Commitment::new(&salt, json));
        let seq = self.known.take_entry();
        self.plan.entries.push(EntryRow {
            seq,
            time,
            category: word.category,
            kind: word.text,
            actor,
            target,
            meta_commitment: Commitment::new(&meta_salt, &meta),
            content_commitment,
            meta,
            meta_salt,
            content: json.filter(|_| is_kept),
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
