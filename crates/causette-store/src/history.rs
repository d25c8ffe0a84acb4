//! The past of rooms: pages of one room, and what is new across rooms.

mod across;
mod page;

use crate::class::Class;
use crate::connection;
use crate::conversation;
use crate::error::StoreError;
use crate::store::Temporary;
use causette_core::event::{Kind, Reach};
use causette_core::history::{PageQuery, Past};
use causette_core::id::{AccountId, Msgid, Room, UserId};
use causette_core::input::Found;
use causette_core::secret::Verifier;
use causette_proto::{CompactString, Timestamp};
use page::Shown;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::Path;
use std::sync::Arc;

/// The beginning of every query for events.
macro_rules! select_events {
    ($rest:literal) => {
        concat!(
            "SELECT seq, time, msgid, author, source, account, kind, text, tags, reach FROM message ",
            $rest
        )
    };
}
use select_events;

/// One that reads. Each thread has its own.
pub struct Reader {
    pub(crate) connection: Connection,
    /// Dropped after the connection.
    _temporary: Option<Arc<Temporary>>,
}

/// A page of one room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Oldest first.
    pub events: Vec<Past>,
    /// The channel's `acl_version` when the page was read; `None` for direct conversations, and for rooms that are not on
    /// record.
    pub acl_version: Option<u64>,
}

/// The recent lines of some channels, and the missed direct messages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replay {
    /// Each channel's name and its recent messages, oldest first.
    pub channels: Vec<(CompactString, Vec<Past>)>,
    /// What others wrote to the reader, oldest first, whatever the conversation.
    pub direct: Vec<Past>,
}

impl Reader {
    pub(crate) fn open(
        location: &Path,
        temporary: Option<Arc<Temporary>>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            connection: connection::open_read_only(location)?,
            _temporary: temporary,
        })
    }

    /// A page of one room and the `acl_version` that the room had then, as of one moment. A bound at a message that the
    /// room does not have gives an empty page; one that was taken back is still a place.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn page(&mut self, query: &PageQuery) -> Result<Page, StoreError> {
        let transaction = self.connection.transaction()?;
        let (room, acl_version) = match query.room {
            Room::Channel(id) => {
                let room = id.0.cast_signed();
                let acl_version = acl_version(&transaction, room)?;
                (acl_version.map(|_| room), acl_version)
            }
            Room::Direct(low, high) => (conversation::find(&transaction, low, high)?, None),
        };
        let events = match room {
            Some(room) => {
                let classes = Class::shown(query.events, query.restricted);
                Shown::new(&transaction, room, classes, query.since)
                    .select(&query.selector, query.limit)?
            }
            None => Vec::new(),
        };
        Ok(Page {
            events,
            acl_version,
        })
    }

    /// Who said something in a room, when, and who got it. `None` where the room has no such message (PRIVMSG, NOTICE or TAGMSG), or has
    /// it no more because it was taken back.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find_message(&mut self, room: Room, msgid: &Msgid) -> Result<Option<Found>, StoreError> {
        let transaction = self.connection.transaction()?;
        let room = match room {
            Room::Channel(id) => Some(id.0.cast_signed()),
            Room::Direct(low, high) => conversation::find(&transaction, low, high)?,
        };
        let Some(room) = room else {
            return Ok(None);
        };
        let found = transaction
            .prepare_cached(
                "SELECT author, time, kind, reach FROM message WHERE msgid = ? AND room = ? AND redacted IS NULL",
            )?
            .query_row(params![msgid.0.as_str(), room], |row| {
                let reach = row.get_ref(3)?.as_str()?.chars().next();
                let found = Found {
                    author: UserId(row.get::<_, i64>(0)?.cast_unsigned()),
                    time: Timestamp(row.get(1)?),
                    reach: Reach::from_letter(reach),
                };
                Ok((kind(row, 2)?, found))
            })
            .optional()?;
        Ok(found.and_then(|(kind, found)| {
            matches!(kind, Kind::Privmsg | Kind::Notice | Kind::Tagmsg).then_some(found)
        }))
    }

    /// What the store keeps of an account's password; `None` where there is no such account, or no more.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn verifier(&mut self, account: AccountId) -> Result<Option<Verifier>, StoreError> {
        let verifier = self
            .connection
            .prepare_cached("SELECT verifier FROM account WHERE id = ? AND dropped IS NULL")?
            .query_row([account.0.cast_signed()], |row| row.get(0))
            .optional()?;
        Ok(verifier.map(Verifier))
    }
}

/// How often who may read a channel has changed; `None` where there is no such channel.
fn acl_version(connection: &Connection, room: i64) -> rusqlite::Result<Option<u64>> {
    let version: Option<i64> = connection
        .prepare_cached("SELECT acl_version FROM room WHERE id = ?")?
        .query_row([room], |row| row.get(0))
        .optional()?;
    Ok(version.map(i64::cast_unsigned))
}

/// An event, of a row with the columns of `select_events`.
fn past(row: &Row<'_>) -> rusqlite::Result<Past> {
    let text =
        |column| -> rusqlite::Result<CompactString> { Ok(row.get_ref(column)?.as_str()?.into()) };
    let account: Option<String> = row.get(5)?;
    let reach = row.get_ref(9)?.as_str()?.chars().next();
    Ok(Past {
        seq: row.get::<_, i64>(0)?.cast_unsigned(),
        time: Timestamp(row.get(1)?),
        msgid: Msgid(text(2)?),
        author: UserId(row.get::<_, i64>(3)?.cast_unsigned()),
        source: text(4)?,
        account: account.map(CompactString::from),
        kind: kind(row, 6)?,
        reach: Reach::from_letter(reach),
        text: text(7)?,
        tags: text(8)?,
    })
}

/// The first of some rows that a replay shows. No more rows are read than that takes.
fn replayed(
    rows: impl Iterator<Item = rusqlite::Result<Past>>,
    limit: usize,
) -> rusqlite::Result<Vec<Past>> {
    rows.filter(|past| past.as_ref().map_or(true, Past::is_replayed))
        .take(limit)
        .collect()
}

/// A kind, which is kept as its place in the list.
fn kind(row: &Row<'_>, column: usize) -> rusqlite::Result<Kind> {
    let number: u8 = row.get(column)?;
    Kind::ALL
        .get(usize::from(number))
        .copied()
        .ok_or(rusqlite::Error::IntegralValueOutOfRange(
            column,
            number.into(),
        ))
}

#[cfg(test)]
mod tests {
    use super::Kind;

    /// Kinds are kept as their place in the list.
    #[test]
    fn kinds_are_numbered_in_their_order() {
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
        }
    }
}
