//! An entry with its payload and the row that has its content.

use crate::engine::{Moment, Row, values};
use crate::error::Fault;
use crate::register::members::Members;
use causette_core::id::SessionId;
use causette_proto::Timestamp;

/// An entry and what it tells of, as far as that is still there.
pub(super) struct Whole {
    pub(super) seq: u64,
    pub(super) time: Timestamp,
    pub(super) category: u8,
    pub(super) kind: String,
    /// The metadata; `None` where they were erased or cannot be read.
    pub(super) meta: Option<Members>,
    /// The entry that says that it was erased.
    pub(super) erased: Option<u64>,
    /// The room where it is kept; those of conversations are negative.
    pub(super) room: Option<i64>,
    /// What was said, and who as they were shown.
    pub(super) content: Option<Content>,
    /// When it was taken back.
    pub(super) redacted: Option<Timestamp>,
    /// Whether it happened in several rooms at once.
    pub(super) is_shared: bool,
}

/// The content of an event.
pub(super) struct Content {
    pub(super) msgid: String,
    pub(super) account: Option<String>,
    pub(super) source: String,
    pub(super) text: String,
    pub(super) tags: String,
}

impl Whole {
    /// The connection through which it happened.
    pub(super) fn session(&self) -> Option<SessionId> {
        let session = self.meta.as_ref()?.get("session")?;
        session.parse().ok().map(SessionId)
    }

    /// A member of its metadata.
    pub(super) fn member(&self, key: &str) -> Option<&str> {
        self.meta.as_ref()?.get(key)
    }

    /// The message that it is, where that was taken back, and when.
    pub(super) fn taken_back(&self) -> Option<(&str, Timestamp)> {
        let content = self.content.as_ref()?;
        Some((content.msgid.as_str(), self.redacted?))
    }
}

const SELECT: &str =
    "SELECT e.seq, e.time, e.category, e.type, p.seq, p.meta, p.content, p.room, p.erased,
            m.msgid, m.account, m.source, m.text, m.tags, m.redacted,
            s.msgid, s.account, s.source, s.text
     FROM register_entry e
     LEFT JOIN register_payload p ON p.seq = e.seq
     LEFT JOIN message m ON m.room = p.room AND m.seq = p.message
     LEFT JOIN shared_event s ON s.entry = e.seq
     WHERE e.seq = ?";

/// The entry of a number, where there is one.
pub(super) fn read(moment: &Moment<'_>, seq: u64) -> Result<Option<Whole>, Fault> {
    moment.first(SELECT, values![seq], whole)
}

fn whole(row: &Row<'_>) -> Result<Whole, Fault> {
    let content = match (row.maybe_text(9)?, row.maybe_text(15)?) {
        (Some(msgid), _) => Some(event(row, msgid, 9, row.text(13)?)?),
        (None, Some(msgid)) => Some(event(row, msgid, 15, "")?),
        (None, None) => row.maybe_text(6)?.and_then(own),
    };
    Ok(Whole {
        seq: row.id(0)?,
        time: row.time(1)?,
        category: u8::try_from(row.int(2)?).unwrap_or_default(),
        kind: row.text(3)?.to_owned(),
        meta: row.maybe_text(5)?.and_then(Members::parse),
        erased: row.maybe_int(8)?.map(i64::cast_unsigned),
        room: row.maybe_int(7)?,
        content,
        redacted: row.maybe_int(14)?.map(Timestamp),
        is_shared: row.maybe_text(15)?.is_some(),
    })
}

/// The content of a row, of the columns that both tables of events have.
fn event(row: &Row<'_>, msgid: &str, from: usize, tags: &str) -> Result<Content, Fault> {
    Ok(Content {
        msgid: msgid.to_owned(),
        account: row.maybe_text(from + 1)?.map(str::to_owned),
        source: row.text(from + 2)?.to_owned(),
        text: row.text(from + 3)?.to_owned(),
        tags: tags.to_owned(),
    })
}

/// The content of an event that is kept in no room: the payload has it.
fn own(json: &str) -> Option<Content> {
    let members = Members::parse(json)?;
    let member = |key| members.get(key).unwrap_or_default().to_owned();
    // Nobody is the one thing there that is written without quotation marks.
    let account = (!json.starts_with(r#"{"compte":null"#)).then(|| member("compte"));
    Some(Content {
        msgid: String::new(),
        account,
        source: member("source"),
        text: member("texte"),
        tags: member("tags"),
    })
}
