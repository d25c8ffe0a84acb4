//! The rooms of direct conversations, made when the first message is said in them.
//!
//! The core knows a conversation by its two people; here it is a room like any other. Its id comes from a sequence of the
//! store's own that goes down from -1, so that it never meets an id of the core.

use crate::error::Fault;
use crate::register::Subject;
use causette_core::event::Event;
use causette_core::id::{Room, UserId};
use causette_proto::{CompactString, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Conversations that are remembered; when there are more, all are forgotten and looked up again.
const REMEMBERED: usize = 16_384;

/// The conversations that were lately spoken in.
pub(crate) struct Conversations {
    next_room: i64,
    known: HashMap<(UserId, UserId), Conversation>,
}

/// A direct conversation.
pub(crate) struct Conversation {
    /// The id of its room.
    pub(crate) room: i64,
    people: [Person; 2],
}

struct Person {
    id: UserId,
    subject: Subject,
    /// The nickname under which a guest last wrote.
    nick: Option<CompactString>,
}

impl Conversations {
    pub(crate) fn load(connection: &Connection) -> Result<Self, Fault> {
        let lowest: Option<i64> = connection
            .query_row(
                "SELECT id FROM room WHERE name IS NULL ORDER BY id LIMIT 1",
                [],
                |row| row.get(0),
            )
            .optional()?;
        Ok(Self {
            next_room: lowest.unwrap_or(0) - 1,
            known: HashMap::new(),
        })
    }

    /// The conversation of two people, which begins now if there was none.
    pub(crate) fn open(
        &mut self,
        connection: &Connection,
        low: UserId,
        high: UserId,
        now: Timestamp,
    ) -> Result<&mut Conversation, Fault> {
        if self.known.len() >= REMEMBERED && !self.known.contains_key(&(low, high)) {
            self.known.clear();
        }
        match self.known.entry((low, high)) {
            Entry::Occupied(conversation) => Ok(conversation.into_mut()),
            Entry::Vacant(vacant) => {
                let room = match find(connection, low, high)? {
                    Some(room) => room,
                    None => {
                        let room = self.next_room;
                        begin(connection, room, low, high, now)?;
                        self.next_room -= 1;
                        room
                    }
                };
                let people = [
                    person(connection, room, low)?,
                    person(connection, room, high)?,
                ];
                Ok(vacant.insert(Conversation { room, people }))
            }
        }
    }
}

impl Conversation {
    /// Who is written to when `author` writes.
    pub(crate) fn peer(&self, author: UserId) -> Subject {
        let [low, high] = &self.people;
        if low.id == author {
            high.subject
        } else {
            low.subject
        }
    }

    /// Remembers the nickname of a guest who writes: nothing else keeps it.
    pub(crate) fn heard(&mut self, connection: &Connection, event: &Event) -> Result<(), Fault> {
        let author = self
            .people
            .iter_mut()
            .find(|person| person.id == event.author);
        let (Some(author), None) = (author, &event.account) else {
            return Ok(());
        };
        let nick = event.source.split('!').next().unwrap_or_default();
        if author.nick.as_deref() != Some(nick) {
            connection
                .prepare_cached("UPDATE participant SET peer_nick = ? WHERE room = ? AND peer = ?")?
                .execute(params![nick, self.room, event.author.0.cast_signed()])?;
            author.nick = Some(nick.into());
        }
        Ok(())
    }
}

/// The room of two people's conversation, where there is one.
pub(crate) fn find(
    connection: &Connection,
    low: UserId,
    high: UserId,
) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT id FROM room WHERE room_key = ?")?
        .query_row([Room::Direct(low, high).to_string()], |row| row.get(0))
        .optional()
}

fn begin(
    connection: &Connection,
    room: i64,
    low: UserId,
    high: UserId,
    now: Timestamp,
) -> Result<(), Fault> {
    connection
        .prepare_cached(
            "INSERT INTO room (id, room_key, permanent, modes, acl_version, last_seq, last_time, created)
             VALUES (?, ?, 0, '', 0, 0, ?, ?)",
        )?
        .execute(params![room, Room::Direct(low, high).to_string(), now.0, now.0])?;
    let mut insert = connection
        .prepare_cached("INSERT INTO participant (person, room, peer) VALUES (?, ?, ?)")?;
    insert.execute([low.0.cast_signed(), room, high.0.cast_signed()])?;
    if low != high {
        insert.execute([high.0.cast_signed(), room, low.0.cast_signed()])?;
    }
    Ok(())
}

fn person(connection: &Connection, room: i64, id: UserId) -> Result<Person, Fault> {
    let subject = Subject::person(connection, id.0)?;
    let nick: Option<String> = connection
        .prepare_cached("SELECT peer_nick FROM participant WHERE room = ? AND peer = ?")?
        .query_row([room, id.0.cast_signed()], |row| row.get(0))
        .optional()?
        .flatten();
    Ok(Person {
        id,
        subject,
        nick: nick.map(CompactString::from),
    })
}
