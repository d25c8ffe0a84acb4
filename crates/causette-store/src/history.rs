//! Pages of the past.
//!
//! A room's events are ordered by their `seq`, and their times agree with that order, so a page is found by (time, seq) in
//! one index, wherever in the room it lies. PRIVMSG and NOTICE lie apart from the other events in that index: pages without
//! the others never step over them.

mod replay;

pub use replay::Replay;

use crate::class::Class;
use crate::connection;
use crate::conversation;
use crate::error::StoreError;
use crate::store::Temporary;
use causette_core::event::{Kind, Reach};
use causette_core::history::{Bound, PageQuery, Past, Selector, Target, TargetsQuery};
use causette_core::id::{AccountId, Msgid, Room, UserId};
use causette_core::input::Found;
use causette_core::secret::Verifier;
use causette_proto::{CompactString, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::Path;
use std::sync::Arc;

/// The part of a room between two edges, from its beginning.
const OLDEST: &str =
    "SELECT seq, time, msgid, author, source, account, kind, text, tags, reach FROM message
     WHERE room = ? AND class = ? AND (time, seq) > (?, ?) AND (time, seq) < (?, ?)
     ORDER BY time, seq LIMIT ?";

/// The same from its end.
const NEWEST: &str =
    "SELECT seq, time, msgid, author, source, account, kind, text, tags, reach FROM message
     WHERE room = ? AND class = ? AND (time, seq) > (?, ?) AND (time, seq) < (?, ?)
     ORDER BY time DESC, seq DESC LIMIT ?";

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

/// A point between two events of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    time: i64,
    seq: i64,
}

impl Edge {
    const START: Self = Self {
        time: i64::MIN,
        seq: i64::MIN,
    };
    const END: Self = Self {
        time: i64::MAX,
        seq: i64::MAX,
    };
}

impl Edge {
    /// The point before everything that happened at a time: no seq is negative.
    fn before(Timestamp(time): Timestamp) -> Self {
        Self { time, seq: 0 }
    }
}

/// What a page shows beside messages that everyone got.
#[derive(Clone, Copy, Debug, Default)]
struct Show {
    events: bool,
    restricted: bool,
}

/// Where a bound lies: what is smaller than `before` is before it, what is greater than `after` is after it.
#[derive(Clone, Copy, Debug)]
struct Place {
    before: Edge,
    after: Edge,
}

/// From which end a page is counted.
#[derive(Clone, Copy, Debug)]
enum End {
    Oldest,
    Newest,
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
    /// room does not have gives an empty page.
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
            Some(room) => events(&transaction, room, query)?,
            None => Vec::new(),
        };
        Ok(Page {
            events,
            acl_version,
        })
    }

    /// The rooms with a message between the two times, by that message's time, oldest first. When there are more than the
    /// limit, those nearest to `from`.
    ///
    /// Direct conversations go by the other's present nickname, or for a guest the one under which they last wrote; a
    /// conversation with a guest who never wrote has no name and is left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn targets(&mut self, query: &TargetsQuery) -> Result<Vec<Target>, StoreError> {
        let transaction = self.connection.transaction()?;
        let (low, high) = (query.from.min(query.to), query.from.max(query.to));
        let mut rooms = channels(&transaction, query, low)?;
        let conversations = conversations(&transaction, query.user, low)?;
        rooms.extend(
            conversations
                .into_iter()
                .map(|(room, name)| (room, name, low)),
        );
        let mut latest = transaction.prepare_cached(
            "SELECT max(time) FROM message WHERE room = ? AND class = 1 AND time > ? AND time < ?",
        )?;
        let mut targets = Vec::new();
        for (room, name, after) in rooms {
            let time: Option<i64> = latest.query_row([room, after.0, high.0], |row| row.get(0))?;
            targets.extend(time.map(|time| Target {
                name: name.into(),
                time: Timestamp(time),
            }));
        }
        targets.sort_by(|one, other| (one.time, &one.name).cmp(&(other.time, &other.name)));
        if query.from <= query.to {
            targets.truncate(query.limit);
        } else {
            targets.drain(..targets.len().saturating_sub(query.limit));
        }
        Ok(targets)
    }

    /// Who said a message of a room that was not taken back, and when; `None` where there is no such message.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn find_message(&mut self, room: Room, msgid: &Msgid) -> Result<Option<Found>, StoreError> {
        let transaction = self.connection.transaction()?;
        let room = match room {
            Room::Channel(id) => Some(id.0.cast_signed()),
            Room::Direct(low, high) => conversation::find(&transaction, low, high)?,
        };
        let found = transaction
            .prepare_cached(
                "SELECT author, time FROM message
                 WHERE msgid = ? AND room = ? AND kind IN (?, ?, ?) AND redacted IS NULL",
            )?
            .query_row(
                params![
                    msgid.0.as_str(),
                    room,
                    Kind::Privmsg as i64,
                    Kind::Notice as i64,
                    Kind::Tagmsg as i64
                ],
                |row| {
                    Ok(Found {
                        author: UserId(row.get::<_, i64>(0)?.cast_unsigned()),
                        time: Timestamp(row.get(1)?),
                    })
                },
            )
            .optional()?;
        Ok(found)
    }

    /// What the store keeps of an account's password; `None` where there is no such account.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn verifier(&mut self, account: AccountId) -> Result<Option<Verifier>, StoreError> {
        let verifier = self
            .connection
            .prepare_cached("SELECT verifier FROM account WHERE id = ?")?
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

/// The asked channels in which something happened since a time, each with the time after which it may be read.
fn channels(
    connection: &Connection,
    query: &TargetsQuery,
    since: Timestamp,
) -> rusqlite::Result<Vec<(i64, String, Timestamp)>> {
    let mut statement = connection.prepare_cached(
        "SELECT name FROM room WHERE id = ? AND last_time > ? AND name IS NOT NULL",
    )?;
    let mut rooms = Vec::new();
    for (channel, from) in &query.channels {
        let room = channel.0.cast_signed();
        let name = statement
            .query_row([room, since.0], |row| row.get(0))
            .optional()?;
        // What was said at that very time counts.
        let after = from.map_or(since, |Timestamp(from)| since.max(Timestamp(from - 1)));
        rooms.extend(name.map(|name| (room, name, after)));
    }
    Ok(rooms)
}

/// A person's conversations in which something happened since a time, where they have a name.
fn conversations(
    connection: &Connection,
    user: UserId,
    since: Timestamp,
) -> rusqlite::Result<Vec<(i64, String)>> {
    connection
        .prepare_cached(
            "SELECT p.room, coalesce(a.nick, p.peer_nick) FROM participant p
             JOIN room r ON r.id = p.room LEFT JOIN account a ON a.id = p.peer
             WHERE p.person = ? AND r.last_time > ? AND coalesce(a.nick, p.peer_nick) IS NOT NULL",
        )?
        .query_map([user.0.cast_signed(), since.0], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect()
}

fn events(connection: &Connection, room: i64, query: &PageQuery) -> Result<Vec<Past>, StoreError> {
    let show = Show {
        events: query.events,
        restricted: query.restricted,
    };
    let start = query.since.map_or(Edge::START, Edge::before);
    let page = |low: Edge, high, from, limit| {
        between(connection, room, show, low.max(start), high, from, limit)
    };
    let place = |bound| place(connection, room, bound);
    let limit = query.limit;
    match &query.selector {
        Selector::Latest(None) => page(Edge::START, Edge::END, End::Newest, limit),
        Selector::Latest(Some(bound)) => match place(bound)? {
            Some(place) => page(place.after, Edge::END, End::Newest, limit),
            None => Ok(Vec::new()),
        },
        Selector::Before(bound) => match place(bound)? {
            Some(place) => page(Edge::START, place.before, End::Newest, limit),
            None => Ok(Vec::new()),
        },
        Selector::After(bound) => match place(bound)? {
            Some(place) => page(place.after, Edge::END, End::Oldest, limit),
            None => Ok(Vec::new()),
        },
        Selector::Around(bound) => match place(bound)? {
            Some(place) => {
                let mut events = page(Edge::START, place.before, End::Newest, limit / 2)?;
                // What is at the bound comes with the later half.
                let at = Edge {
                    seq: place.before.seq - 1,
                    ..place.before
                };
                events.extend(page(at, Edge::END, End::Oldest, limit - limit / 2)?);
                Ok(events)
            }
            None => Ok(Vec::new()),
        },
        Selector::Between(first, second) => match (place(first)?, place(second)?) {
            (Some(first), Some(second)) if first.before <= second.before => {
                page(first.after, second.before, End::Oldest, limit)
            }
            (Some(first), Some(second)) => page(second.after, first.before, End::Newest, limit),
            _ => Ok(Vec::new()),
        },
    }
}

/// Where a bound lies in a room; `None` at a message that the room does not have.
fn place(connection: &Connection, room: i64, bound: &Bound) -> Result<Option<Place>, StoreError> {
    match bound {
        // No seq is negative, so the edges enclose all that happened at that time.
        Bound::Time(Timestamp(time)) => Ok(Some(Place {
            before: Edge {
                time: *time,
                seq: 0,
            },
            after: Edge {
                time: *time,
                seq: i64::MAX,
            },
        })),
        Bound::Msgid(Msgid(msgid)) => {
            let edge = connection
                .prepare_cached("SELECT time, seq FROM message WHERE msgid = ? AND room = ?")?
                .query_row(params![msgid.as_str(), room], |row| {
                    Ok(Edge {
                        time: row.get(0)?,
                        seq: row.get(1)?,
                    })
                })
                .optional()?;
            Ok(edge.map(|edge| Place {
                before: edge,
                after: edge,
            }))
        }
    }
}

/// The events strictly between two edges, at most `limit` counted from one end, oldest first.
fn between(
    connection: &Connection,
    room: i64,
    show: Show,
    low: Edge,
    high: Edge,
    from: End,
    limit: usize,
) -> Result<Vec<Past>, StoreError> {
    let mut statement = connection.prepare_cached(match from {
        End::Oldest => OLDEST,
        End::Newest => NEWEST,
    })?;
    let mut page = Vec::new();
    for class in Class::shown(show.events, show.restricted) {
        let bounds = params![
            room,
            class,
            low.time,
            low.seq,
            high.time,
            high.seq,
            i64::try_from(limit).unwrap_or(i64::MAX)
        ];
        let rows = statement.query_map(bounds, past)?;
        page.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
    }
    page.sort_by_key(|past| past.seq);
    match from {
        End::Oldest => page.truncate(limit),
        End::Newest => {
            page.drain(..page.len().saturating_sub(limit));
        }
    }
    Ok(page)
}

fn past(row: &Row<'_>) -> rusqlite::Result<Past> {
    let text =
        |column| -> rusqlite::Result<CompactString> { Ok(row.get_ref(column)?.as_str()?.into()) };
    let kind: u8 = row.get(6)?;
    let account: Option<String> = row.get(5)?;
    Ok(Past {
        reach: Reach::from_letter(row.get_ref(9)?.as_str()?.chars().next()),
        seq: row.get::<_, i64>(0)?.cast_unsigned(),
        time: Timestamp(row.get(1)?),
        msgid: Msgid(text(2)?),
        author: UserId(row.get::<_, i64>(3)?.cast_unsigned()),
        source: text(4)?,
        account: account.map(CompactString::from),
        kind: *Kind::ALL
            .get(usize::from(kind))
            .ok_or(rusqlite::Error::IntegralValueOutOfRange(6, kind.into()))?,
        text: text(7)?,
        tags: text(8)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::{Kind, NEWEST, OLDEST};
    use crate::Store;

    /// Kinds are kept as their place in the list.
    #[test]
    fn kinds_are_numbered_in_their_order() {
        for (number, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
        }
    }

    /// A page deep in a room costs what one at its end costs: both edges are sought in the index, nothing is sorted.
    #[test]
    fn pages_are_found_in_the_index() {
        let reader = Store::temporary().unwrap().reader().unwrap();
        for sql in [OLDEST, NEWEST] {
            let mut statement = reader
                .connection
                .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
                .unwrap();
            let plan: Vec<String> = statement
                .query_map([0; 7], |row| row.get(3))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            assert_eq!(
                plan,
                [
                    "SEARCH message USING INDEX message_page (room=? AND class=? AND (time,seq)>(?,?) AND (time,seq)<(?,?))"
                ]
            );
        }
    }
}
