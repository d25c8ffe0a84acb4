//! The past of rooms: pages of one room, and what is new across rooms.

mod across;
pub(crate) mod era;
mod page;
mod place;
#[cfg(all(test, feature = "sql"))]
mod plans;

use crate::engine::{Database, Moment, Reading, Row, values};
use crate::error::{Fault, StoreError};
use crate::plan::class::Class;
use crate::store::Temporary;
use causette_core::event::{Kind, Reach};
use causette_core::history::{PageQuery, Past};
use causette_core::id::{Msgid, Room, UserId};
use causette_core::input::Found;
use causette_proto::CompactString;
use page::Shown;
use std::sync::Arc;

/// The beginning of every query for events.
macro_rules! select_events {
    ($rest:literal) => {
        concat!(
            "SELECT seq, time, msgid, author, source, account, kind, text, tags, reach, entry FROM message ",
            $rest
        )
    };
}
use select_events;

/// The same of what a room shares with others.
macro_rules! select_shared {
    ($rest:literal) => {
        concat!(
            "SELECT p.seq, s.time, s.msgid, s.author, s.source, s.account, s.kind, s.text, '', s.reach, p.entry
             FROM shared_place p JOIN shared_event s ON s.entry = p.entry ",
            $rest
        )
    };
}
use select_shared;

/// One that reads. Each thread has its own.
pub struct Reader {
    pub(crate) reading: Reading,
    eras: era::Remembered,
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
        database: &Database,
        temporary: Option<Arc<Temporary>>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            reading: Reading::open(database)?,
            eras: era::Remembered::default(),
            _temporary: temporary,
        })
    }

    /// A page of one room and the `acl_version` that the room had then, as of one moment. A bound at a message that the
    /// room does not have gives an empty page; one that was taken back is still a place.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn page(&mut self, query: &PageQuery) -> Result<Page, StoreError> {
        let moment = self.reading.moment()?;
        let (room, was_closed, acl_version) = match query.room {
            Room::Channel(id) => match head(&moment, id.0.cast_signed())? {
                Some(head) => (Some(head.room), head.was_closed, Some(head.acl_version)),
                None => (None, false, None),
            },
            Room::Direct(low, high) => (conversation(&moment, low, high)?, false, None),
        };
        let events = match room {
            Some(room) => {
                let classes = Class::shown(query.events, query.restricted, was_closed);
                let eras = self.eras.of(&moment)?;
                Shown::new(&moment, eras, room, classes, query.readable)?
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
        let moment = self.reading.moment()?;
        let room = match room {
            Room::Channel(id) => Some(id.0.cast_signed()),
            Room::Direct(low, high) => conversation(&moment, low, high)?.map(|(room, _)| room),
        };
        let Some(room) = room else {
            return Ok(None);
        };
        let eras = self.eras.of(&moment)?;
        let found = moment.first(
            "SELECT author, time, kind, reach, entry FROM message WHERE msgid = ? AND room = ? AND redacted IS NULL",
            values![msgid, room],
            |row| {
                let found = Found {
                    author: UserId(row.id(0)?),
                    time: row.time(1)?,
                    steady: eras.steady(row.int(4)?, row.time(1)?),
                    reach: Reach::from_letter(row.text(3)?.chars().next()),
                };
                Ok((kind(row, 2)?, found))
            },
        )?;
        Ok(found.and_then(|(kind, found)| {
            matches!(kind, Kind::Privmsg | Kind::Notice | Kind::Tagmsg).then_some(found)
        }))
    }
}

/// What changes of a channel with what happens in it.
#[derive(Clone, Copy)]
struct Head {
    /// Its id and the place of its newest event.
    room: (i64, i64),
    /// How often who may read it has changed.
    acl_version: u64,
    /// Whether anything of it is from a closed time.
    was_closed: bool,
}

/// A channel; `None` where there is no such.
fn head(moment: &Moment<'_>, room: i64) -> Result<Option<Head>, Fault> {
    let select = "SELECT last_seq, acl_version, was_closed FROM room WHERE id = ?";
    moment.first(select, values![room], |row| {
        Ok(Head {
            room: (room, row.int(0)?),
            acl_version: row.id(1)?,
            was_closed: row.flag(2)?,
        })
    })
}

/// The room of two people's conversation and the place of its newest event, where there is one.
fn conversation(
    moment: &Moment<'_>,
    low: UserId,
    high: UserId,
) -> Result<Option<(i64, i64)>, Fault> {
    let key = Room::Direct(low, high).to_string();
    let select = "SELECT id, last_seq FROM room WHERE room_key = ?";
    moment.first(select, values![&key], |row| Ok((row.int(0)?, row.int(1)?)))
}

/// An event, of a row with the columns of `select_events`.
fn past(row: &Row<'_>) -> Result<Past, Fault> {
    Ok(Past {
        seq: row.id(0)?,
        time: row.time(1)?,
        msgid: Msgid(row.compact(2)?),
        author: UserId(row.id(3)?),
        source: row.compact(4)?,
        account: row.maybe_text(5)?.map(CompactString::new),
        kind: kind(row, 6)?,
        text: row.compact(7)?,
        tags: row.compact(8)?,
        reach: Reach::from_letter(row.text(9)?.chars().next()),
    })
}

/// A kind, which is kept as its place in the list.
fn kind(row: &Row<'_>, column: usize) -> Result<Kind, Fault> {
    let number = row.int(column)?;
    usize::try_from(number)
        .ok()
        .and_then(|number| Kind::ALL.get(number).copied())
        .ok_or_else(|| Fault::corrupt(format!("{number} is no kind of event")))
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
