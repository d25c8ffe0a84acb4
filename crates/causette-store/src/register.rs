//! The register: one entry for every recorded fact, in one sequence without holes.
//!
//! An entry holds no personal data in clear: a category, a type, tags of who acted and on what, and two salted commitments
//! (metadata, content). What they commit to and the salts are in the payload, which can be erased without breaking the
//! sequence. Entry, payload and message are written in the same transaction.
//!
//! - `commitment = HMAC-SHA256(salt, canonical JSON)`, with a fresh 256-bit salt each
//! - `tag = HMAC-SHA256(key of the month, subject)`, its first 12 bytes; deleting the key makes the tags anonymous
//!
//! A subject is `account:N`, `guest:N` (N is the number of the session), `room:N` or `address:A`. Metadata is canonical
//! JSON with French keys, where ids are texts: they do not fit a JSON number. The content of an event is
//! `{"tags":…,"texte":…}`; where the event is kept in a room, the message row is its own payload.

pub(crate) mod canonical;
mod check;
mod entry;
pub(crate) mod meta;
pub(crate) mod words;

pub use check::{Counts, Mismatch};
pub use entry::{Commitment, Entry, Tag};

use crate::error::Fault;
use aws_lc_rs::hmac;
use canonical::Object;
use causette_core::record::Who;
use causette_proto::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use words::Word;

/// Tags that are remembered; when there are more, all are forgotten and made again.
const TAGS_REMEMBERED: usize = 65_536;

/// Salts made at a time.
const SALTS: usize = 64;

type Salt = [u8; 32];

/// Who acts, or on what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    Account(u64),
    Guest(u64),
    Room(i64),
    Address(IpAddr),
}

impl Subject {
    /// Whom a fact names, where it is a person or a place.
    pub(crate) fn of(who: &Who) -> Option<Self> {
        match *who {
            Who::Account(id) => Some(Self::Account(id.0)),
            Who::Guest(id) => Some(Self::Guest(id.0)),
            Who::Address(address) => Some(Self::Address(address)),
            Who::Server | Who::System(_) => None,
        }
    }

    /// The person with this id.
    pub(crate) fn person(connection: &Connection, id: u64) -> rusqlite::Result<Self> {
        let account = connection
            .prepare_cached("SELECT 1 FROM account WHERE id = ?")?
            .exists([id.cast_signed()])?;
        Ok(if account {
            Self::Account(id)
        } else {
            Self::Guest(id)
        })
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(id) => write!(f, "account:{id}"),
            Self::Guest(id) => write!(f, "guest:{id}"),
            Self::Room(id) => write!(f, "room:{id}"),
            Self::Address(address) => write!(f, "address:{address}"),
        }
    }
}

/// Whom an entry is about.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Subjects {
    /// Who acts; `None` for the server.
    pub(crate) actor: Option<Subject>,
    /// On what.
    pub(crate) target: Option<Subject>,
    /// Whom else it concerns: in a room the one who is put out, invited, or given rights. They have no tag of their own.
    pub(crate) other: Option<Subject>,
}

/// An entry before it has its number, with what it commits to.
pub(crate) struct Draft<'a> {
    pub(crate) time: Timestamp,
    pub(crate) word: Word,
    pub(crate) subjects: Subjects,
    /// Canonical JSON.
    pub(crate) meta: String,
    pub(crate) content: Content<'a>,
}

/// The content that an entry commits to.
pub(crate) enum Content<'a> {
    /// It has none.
    None,
    /// It is this message row.
    Message {
        room: i64,
        seq: i64,
        text: &'a str,
        tags: &'a str,
    },
    /// It is kept in the payload.
    Kept { text: &'a str, tags: &'a str },
}

/// The content of an event as canonical JSON.
fn content_json(text: &str, tags: &str) -> String {
    Object::new()
        .text("tags", tags)
        .text("texte", text)
        .finish()
}

/// The end of the register, where entries are appended.
pub(crate) struct Register {
    next: i64,
    month: Option<Month>,
    salts: Vec<Salt>,
}

/// The key of the tags of one month (UTC), and the tags made with it.
struct Month {
    name: String,
    /// The last day that was found to lie in this month, in days since 1970.
    day: i64,
    key: hmac::Key,
    tags: HashMap<Subject, Tag>,
}

impl Register {
    pub(crate) fn load(connection: &Connection) -> Result<Self, Fault> {
        let last: Option<i64> =
            connection.query_row("SELECT max(seq) FROM register_entry", [], |row| row.get(0))?;
        Ok(Self {
            next: last.map_or(0, |last| last + 1),
            month: None,
            salts: Vec::new(),
        })
    }

    /// Appends an entry and its payload. Returns its seq.
    pub(crate) fn append(
        &mut self,
        connection: &Connection,
        draft: &Draft<'_>,
    ) -> Result<i64, Fault> {
        let Draft {
            time,
            word,
            subjects,
            meta,
            content,
        } = draft;
        let actor_tag = self.tag(connection, *time, subjects.actor)?;
        let target_tag = self.tag(connection, *time, subjects.target)?;
        let meta_salt = self.salt()?;
        let (kept, row) = match *content {
            Content::None => (None, None),
            Content::Message {
                room,
                seq,
                text,
                tags,
            } => (Some(content_json(text, tags)), Some((room, seq))),
            Content::Kept { text, tags } => (Some(content_json(text, tags)), None),
        };
        let content_salt = match kept {
            Some(_) => Some(self.salt()?),
            None => None,
        };
        let content_commitment = kept
            .as_deref()
            .zip(content_salt)
            .map(|(json, salt)| Commitment::new(&salt, json));
        let seq = self.next;
        self.next += 1;
        connection
            .prepare_cached(
                "INSERT INTO register_entry (seq, time, category, type, actor_tag, target_tag, meta_commitment, content_commitment)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                seq,
                time.0,
                word.category,
                word.text,
                actor_tag.map(|tag| tag.0),
                target_tag.map(|tag| tag.0),
                Commitment::new(&meta_salt, meta).0,
                content_commitment.map(|commitment| commitment.0),
            ])?;
        connection
            .prepare_cached(
                "INSERT INTO register_payload (seq, meta, meta_salt, content, room, message, content_salt)
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                seq,
                meta,
                meta_salt,
                kept.filter(|_| row.is_none()),
                row.map(|(room, _)| room),
                row.map(|(_, message)| message),
                content_salt,
            ])?;
        Ok(seq)
    }

    fn tag(
        &mut self,
        connection: &Connection,
        time: Timestamp,
        subject: Option<Subject>,
    ) -> Result<Option<Tag>, Fault> {
        let Some(subject) = subject else {
            return Ok(None);
        };
        let month = self.month(connection, time)?;
        if let Some(tag) = month.tags.get(&subject) {
            return Ok(Some(*tag));
        }
        if month.tags.len() >= TAGS_REMEMBERED {
            month.tags.clear();
        }
        let tag = Tag::new(&month.key, &subject.to_string());
        month.tags.insert(subject, tag);
        Ok(Some(tag))
    }

    fn month(&mut self, connection: &Connection, time: Timestamp) -> Result<&mut Month, Fault> {
        const SECONDS_PER_DAY: i64 = 86_400;
        let day = time.seconds() / SECONDS_PER_DAY;
        let month = match self.month.take() {
            Some(month) if month.day == day => month,
            earlier => {
                let name = time.to_string()[.."YYYY-MM".len()].to_owned();
                match earlier {
                    Some(month) if month.name == name => Month { day, ..month },
                    _ => {
                        let secret = month_secret(connection, &name)?;
                        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
                        Month {
                            name,
                            day,
                            key,
                            tags: HashMap::new(),
                        }
                    }
                }
            }
        };
        Ok(self.month.insert(month))
    }

    fn salt(&mut self) -> Result<Salt, Fault> {
        if let Some(salt) = self.salts.pop() {
            return Ok(salt);
        }
        let mut random = [0; SALTS * size_of::<Salt>()];
        getrandom::fill(&mut random)?;
        let (salts, _) = random.as_chunks();
        self.salts.extend_from_slice(salts);
        self.salt()
    }
}

/// The key of a month, made when its first entry is written.
fn month_secret(connection: &Connection, month: &str) -> Result<Salt, Fault> {
    let secret = connection
        .prepare_cached("SELECT secret FROM register_key WHERE month = ?")?
        .query_row([month], |row| row.get(0))
        .optional()?;
    if let Some(secret) = secret {
        return Ok(secret);
    }
    let mut secret = Salt::default();
    getrandom::fill(&mut secret)?;
    connection
        .prepare_cached("INSERT INTO register_key (month, secret) VALUES (?, ?)")?
        .execute(params![month, secret])?;
    Ok(secret)
}
