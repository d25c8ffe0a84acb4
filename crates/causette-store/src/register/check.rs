//! Whether the register and what it commits to agree: every commitment is computed again from the rows.

use super::{Commitment, Entry, Tag, content_json, words};
use crate::engine::{Moment, Row, values};
use crate::error::{Fault, StoreError};
use crate::history::Reader;
use causette_proto::Timestamp;

impl From<Fault> for Mismatch {
    fn from(fault: Fault) -> Self {
        Self::Store(fault.into())
    }
}

/// What was found to agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entries of the register.
    pub entries: u64,
    /// What happened in one room; each has its entry.
    pub messages: u64,
    /// What happened in several rooms at once; each has its entry.
    pub shared: u64,
    /// Places that the latter have in rooms.
    pub places: u64,
}

/// The first disagreement.
#[derive(Debug, thiserror::Error)]
pub enum Mismatch {
    /// The rows could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A number is missing.
    #[error("entry {0} is missing")]
    Missing(u64),
    /// An entry is older than the one before it.
    #[error("entry {0} is older than the one before it")]
    Order(u64),
    /// An entry has no payload.
    #[error("entry {0} has no payload")]
    Payload(u64),
    /// The metadata is not what was committed to.
    #[error("the metadata of entry {0} was altered")]
    Meta(u64),
    /// The content is not what was committed to, or is gone.
    #[error("the content of entry {0} was altered")]
    Content(u64),
    /// There are messages without an entry.
    #[error("{messages} messages have {entries} entries")]
    Unrecorded {
        /// How many messages there are.
        messages: u64,
        /// How many of them have an entry.
        entries: u64,
    },
}

impl Reader {
    /// Reads the whole register and checks it against the rows that it commits to.
    ///
    /// # Errors
    /// The first disagreement.
    pub fn check_register(&mut self) -> Result<Counts, Mismatch> {
        check(&self.reading.moment()?)
    }

    /// Entries from a number on, in order, at most `limit`.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn entries(&mut self, from: u64, limit: usize) -> Result<Vec<Entry>, StoreError> {
        let select = "SELECT seq, time, category, type, actor_tag, target_tag, meta_commitment, content_commitment
             FROM register_entry WHERE seq >= ? ORDER BY seq LIMIT ?";
        Ok(self
            .reading
            .now()
            .all(select, values![from, limit], entry)?)
    }
}

fn entry(row: &Row<'_>) -> Result<Entry, Fault> {
    Ok(Entry {
        seq: row.id(0)?,
        time: row.time(1)?,
        category: u8::try_from(row.int(2)?)
            .map_err(|_| Fault::corrupt("a category that there is not".to_owned()))?,
        kind: row.text(3)?.to_owned(),
        actor: row.maybe_array(4)?.map(Tag),
        target: row.maybe_array(5)?.map(Tag),
        meta: Commitment(row.array(6)?),
        content: row.maybe_array(7)?.map(Commitment),
    })
}

/// What an entry commits to, as it is kept.
struct Payload {
    meta: String,
    meta_salt: Vec<u8>,
    content: Option<String>,
    is_message: bool,
    is_shared: bool,
    places: u64,
    content_salt: Option<Vec<u8>>,
}

fn payload(row: &Row<'_>) -> Result<Option<Payload>, Fault> {
    let Some(meta) = row.maybe_text(8)? else {
        return Ok(None);
    };
    let content = match row.maybe_text(14)? {
        Some(text) => Some(content_json(text, row.text(15)?)),
        None => match row.maybe_text(16)? {
            Some(text) => Some(content_json(text, "")),
            None => row.maybe_text(10)?.map(str::to_owned),
        },
    };
    Ok(Some(Payload {
        meta: meta.to_owned(),
        meta_salt: row.maybe_bytes(9)?.unwrap_or_default().to_owned(),
        content,
        is_message: row.maybe_int(12)?.is_some(),
        is_shared: row.maybe_text(16)?.is_some(),
        places: row.id(17)?,
        content_salt: row.maybe_bytes(13)?.map(<[u8]>::to_owned),
    }))
}

fn check(moment: &Moment<'_>) -> Result<Counts, Mismatch> {
    let counts = check_entries(moment)?;
    let messages = moment.only("SELECT count(*) FROM message", &[], |row| row.id(0))?;
    if messages != counts.messages {
        return Err(Mismatch::Unrecorded {
            messages,
            entries: counts.messages,
        });
    }
    Ok(counts)
}

fn check_entries(moment: &Moment<'_>) -> Result<Counts, Mismatch> {
    // A message names its entry and the entry its message, so two entries cannot share one.
    let select = "SELECT e.seq, e.time, e.category, e.type, e.actor_tag, e.target_tag, e.meta_commitment, e.content_commitment,
                p.meta, p.meta_salt, p.content, p.room, p.message, p.content_salt, m.text, m.tags, s.text,
                (SELECT count(*) FROM shared_place l WHERE l.entry = e.seq)
         FROM register_entry e
         LEFT JOIN register_payload p ON p.seq = e.seq
         LEFT JOIN message m ON m.room = p.room AND m.seq = p.message AND m.entry = e.seq
         LEFT JOIN shared_event s ON s.entry = e.seq
         ORDER BY e.seq";
    let mut counts = Counts::default();
    let mut last_time = Timestamp(i64::MIN);
    let mut found = Ok(());
    moment.prepare(select)?.each(&[], |row| {
        found = check_entry(row, &mut counts, &mut last_time);
        Ok(found.is_ok())
    })?;
    found.map(|()| counts)
}

fn check_entry(
    row: &Row<'_>,
    counts: &mut Counts,
    last_time: &mut Timestamp,
) -> Result<(), Mismatch> {
    let entry = entry(row)?;
    if entry.seq != counts.entries {
        return Err(Mismatch::Missing(counts.entries));
    }
    if entry.time < *last_time && entry.kind != words::HORLOGE_SAUT.text {
        return Err(Mismatch::Order(entry.seq));
    }
    let payload = payload(row)?.ok_or(Mismatch::Payload(entry.seq))?;
    if Commitment::new(&payload.meta_salt, &payload.meta) != entry.meta {
        return Err(Mismatch::Meta(entry.seq));
    }
    let content = payload
        .content
        .zip(payload.content_salt)
        .map(|(json, salt)| Commitment::new(&salt, &json));
    if content != entry.content {
        return Err(Mismatch::Content(entry.seq));
    }
    *last_time = entry.time;
    counts.entries += 1;
    counts.messages += u64::from(payload.is_message);
    counts.shared += u64::from(payload.is_shared);
    counts.places += payload.places;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::Store;
    use crate::engine::sqlite::connection;
    use causette_core::event::{Event, Reach, Verb, What};
    use causette_core::id::{BatchId, MsgidSequence, Room, UserId};
    use causette_core::record::{Fact, Record, Who};
    use causette_proto::Tags;

    /// Two messages of a conversation and a fact without content.
    fn store() -> Store {
        let store = Store::temporary().unwrap();
        let mut msgids = MsgidSequence::new(1);
        let time = Timestamp(5);
        let record = |fact| Record {
            time,
            steady: time,
            session: None,
            by: Who::Server,
            fact,
        };
        let mut said = |text: &str| {
            record(Fact::Event {
                rooms: vec![Room::direct(UserId(1), UserId(2))],
                event: Event {
                    msgid: msgids.next(time),
                    time,
                    author: UserId(1),
                    source: "a!a@h".into(),
                    account: None,
                    hidden: false,
                    what: What::Said {
                        verb: Verb::Privmsg,
                        text: text.into(),
                        tags: Tags::new(),
                        reach: Reach::Room,
                    },
                },
            })
        };
        let records = [
            said("one"),
            said("two"),
            record(Fact::ServerStarted {
                version: "1".into(),
            }),
        ];
        store
            .writer()
            .unwrap()
            .append(BatchId(1), &records)
            .unwrap();
        store
    }

    fn after(sql: &str) -> Result<Counts, Mismatch> {
        let store = store();
        connection::open(store.location())
            .unwrap()
            .execute_batch(sql)
            .unwrap();
        store.reader().unwrap().check_register()
    }

    #[test]
    fn every_alteration_is_found() {
        assert_eq!(
            after("").unwrap(),
            Counts {
                entries: 3,
                messages: 2,
                ..Counts::default()
            }
        );
        for sql in [
            "UPDATE message SET text = 'ONE' WHERE seq = 1",
            "UPDATE message SET tags = 'a' WHERE seq = 1",
            "DELETE FROM message WHERE seq = 2",
            "UPDATE register_payload SET message = 1",
            "UPDATE register_entry SET content_commitment = NULL WHERE seq = 0",
            "UPDATE register_payload SET content_salt = zeroblob(32) WHERE seq = 0",
        ] {
            assert!(matches!(after(sql), Err(Mismatch::Content(_))), "{sql}");
        }
        for sql in [
            "UPDATE register_payload SET meta = '{}' WHERE seq = 2",
            "UPDATE register_entry SET meta_commitment = zeroblob(32) WHERE seq = 1",
        ] {
            assert!(matches!(after(sql), Err(Mismatch::Meta(_))), "{sql}");
        }
        let sql = "DELETE FROM register_entry WHERE seq = 1";
        assert!(matches!(after(sql), Err(Mismatch::Missing(1))));
        let sql = "DELETE FROM register_payload WHERE seq = 1";
        assert!(matches!(after(sql), Err(Mismatch::Payload(1))));
        let sql = "UPDATE register_entry SET time = 4 WHERE seq = 2";
        assert!(matches!(after(sql), Err(Mismatch::Order(2))));
        let sql = "DELETE FROM register_entry WHERE seq = 2; DELETE FROM register_payload WHERE seq = 2;
                   INSERT INTO message SELECT room, 3, time, 'x', kind, class, author, source, account, text, tags, 2, reach, redacted
                   FROM message WHERE seq = 2";
        assert!(matches!(
            after(sql),
            Err(Mismatch::Unrecorded {
                messages: 3,
                entries: 2
            })
        ));
    }

    #[test]
    fn metadata_is_canonical_json() {
        let store = store();
        let reader = store.reader().unwrap();
        let texts = reader
            .reading
            .now()
            .all("SELECT meta FROM register_payload", &[], |row| {
                row.text(0).map(str::to_owned)
            })
            .unwrap();
        for text in texts {
            let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
            // serde_json sorts the members of an object.
            assert_eq!(parsed.to_string(), text);
        }
    }
}
