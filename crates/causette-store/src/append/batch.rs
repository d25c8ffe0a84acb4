//! The records of one batch, inside their transaction.
//!
//! What a fact changes in the rows of accounts, rooms and sessions is in [`account`], [`consequence`], [`marker`] and
//! [`session`], how an entry is made in [`register`](crate::register); here each record finds both.

use super::{Lane, Memory};
use crate::class::Class;
use crate::error::Fault;
use crate::register::{Content, Draft, Subject, Subjects, meta, words};
use crate::{account, consequence, marker, session, token};
use causette_core::event::{Event, What};
use causette_core::id::{AccountId, BatchId, Room, RoomId, UserId};
use causette_core::input::Peer;
use causette_core::record::{Fact, Record};
use causette_proto::{AccountName, Tags};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// A batch on its way into its transaction.
pub(super) struct Appending<'a> {
    connection: &'a Connection,
    memory: &'a mut Memory,
    /// How far the recorder will have come with this batch.
    lane: Lane,
    /// The rooms that this batch has touched: read once, written back once.
    heads: HashMap<i64, Head>,
}

/// The part of a room's row that every event moves.
struct Head {
    last_seq: i64,
    last_time: i64,
    acl_version: i64,
}

/// Who acts where there is no session: by HTTP somebody signs in, and then acts as the account.
fn without_session(fact: &Fact) -> Option<Subject> {
    match fact {
        Fact::SignedIn { address, .. } | Fact::SignInRefused { address, .. } => {
            Some(Subject::Address(*address))
        }
        Fact::AccountChanged { account, .. } => Some(Subject::Account(account.0)),
        _ => None,
    }
}

impl<'a> Appending<'a> {
    pub(super) fn new(connection: &'a Connection, memory: &'a mut Memory, lane: Lane) -> Self {
        Self {
            connection,
            memory,
            lane,
            heads: HashMap::new(),
        }
    }

    /// Writes everything that follows from a record.
    pub(super) fn record(&mut self, record: &Record) -> Result<(), Fault> {
        self.lane.last_time = self.lane.last_time.max(record.time.0);
        if let Some(session) = record.session {
            self.given(session.0);
        }
        if let Fact::Event { rooms, event } = &record.fact {
            return self.event(record, rooms, event);
        }
        // Before the rows change: a session that closes still has its address then.
        let subjects = self.subjects(record)?;
        self.rows(record)?;
        let Some(word) = words::of(&record.fact) else {
            return Ok(());
        };
        let draft = Draft {
            time: record.time,
            word,
            subjects,
            meta: meta::of_fact(&record.fact, record.session, subjects),
            content: Content::None,
        };
        self.memory.register.append(self.connection, &draft)?;
        Ok(())
    }

    /// Who acts, and on what. Where nothing else is known, the session's person acts.
    fn subjects(&self, record: &Record) -> Result<Subjects, Fault> {
        let account = |id: AccountId| Some(Subject::Account(id.0));
        let room = |id: RoomId| Some(Subject::Room(id.0.cast_signed()));
        let (target, other) = match &record.fact {
            Fact::SessionOpened { session, peer, .. } => {
                return Ok(Subjects {
                    actor: Some(Subject::Address(peer.address)),
                    target: Some(Subject::Guest(session.0)),
                    other: None,
                });
            }
            Fact::SessionRefused {
                peer: Peer { address, .. },
                ..
            }
            | Fact::ConnectionsSilent { address, .. } => {
                return Ok(Subjects {
                    actor: Some(Subject::Address(*address)),
                    ..Subjects::default()
                });
            }
            Fact::SessionClosed {
                session,
                account: signed_in,
                ..
            } => {
                let address = session::address(self.connection, *session)?;
                return Ok(Subjects {
                    actor: signed_in
                        .and_then(account)
                        .or(Some(Subject::Guest(session.0))),
                    target: address.map(Subject::Address),
                    other: None,
                });
            }
            Fact::RoomOpened { room: id, .. }
            | Fact::RoomClosed { room: id }
            | Fact::RoomUnregistered { room: id } => (room(*id), None),
            Fact::RoomRegistered {
                room: id,
                founder: of,
            }
            | Fact::AccessChanged {
                room: id,
                account: of,
                ..
            } => (room(*id), account(*of)),
            Fact::Invited {
                room: id, target, ..
            } => (room(*id), Subject::of(target)),
            Fact::AccountCreated { account: id, .. }
            | Fact::AccountChanged { account: id, .. }
            | Fact::AccountDropped { account: id }
            | Fact::SignedIn { account: id, .. } => (account(*id), None),
            Fact::SignInRefused { account: id, .. } => (id.and_then(account), None),
            Fact::Killed { target, .. } => (Subject::of(target), None),
            Fact::Event { .. }
            | Fact::MarkerSet { .. }
            | Fact::BecameOperator { .. }
            | Fact::Announced { .. }
            | Fact::Reloaded
            | Fact::FingerprintsShown
            | Fact::StopAsked { .. }
            | Fact::ClockStepped { .. }
            | Fact::ServerStarted { .. }
            | Fact::ServerStopped { .. } => (None, None),
            Fact::InvitationMade { room: id, .. } => (id.and_then(room), None),
        };
        let actor = match record.session {
            Some(session) => Some(session::subject(self.connection, session)?),
            None => without_session(&record.fact),
        };
        Ok(Subjects {
            actor,
            target,
            other,
        })
    }

    /// The rows that follow from a fact that is no event.
    fn rows(&mut self, record: &Record) -> Result<(), Fault> {
        let (connection, time) = (self.connection, record.time);
        match &record.fact {
            Fact::RoomOpened {
                room,
                name,
                permanent,
                modes,
            } => {
                self.given(room.0);
                consequence::room_opened(connection, time, *room, name, *permanent, modes)?;
            }
            Fact::RoomClosed { room } => consequence::room_closed(connection, time, *room)?,
            Fact::RoomRegistered { room, founder } => {
                consequence::room_registered(connection, *room, *founder)?;
            }
            Fact::RoomUnregistered { room } => consequence::room_unregistered(connection, *room)?,
            Fact::AccessChanged {
                room,
                account,
                prefixes,
            } => consequence::access_changed(connection, *room, *account, *prefixes)?,
            Fact::AccountCreated {
                account: id,
                name,
                verifier,
                ..
            } => {
                self.given(id.0);
                account::created(connection, time, *id, name, verifier)?;
            }
            Fact::AccountChanged {
                account: id,
                change,
            } => account::changed(connection, time, *id, change)?,
            Fact::AccountDropped { account: id } => account::dropped(connection, time, *id)?,
            Fact::SignedIn {
                account: id,
                device,
                token: by,
                address,
                ..
            } => {
                if let Some(session) = record.session {
                    session::signed_in(connection, session, *id)?;
                }
                if let Some(device) = device {
                    account::used_device(connection, time, *id, device)?;
                }
                if let Some(by) = by {
                    token::used(connection, time, *id, *by, *address)?;
                }
            }
            Fact::MarkerSet {
                account,
                room,
                time,
            } => marker::set(connection, *account, *room, *time)?,
            Fact::SessionOpened { session, peer, .. } => {
                self.given(session.0);
                session::opened(connection, time, *session, peer)?;
            }
            Fact::SessionClosed {
                session,
                account,
                last_seen,
                ..
            } => {
                session::closed(connection, *session)?;
                if let (Some(account), Some(last_seen)) = (account, last_seen) {
                    session::last_seen(connection, *account, *last_seen)?;
                }
            }
            Fact::Invited { .. }
            | Fact::BecameOperator { .. }
            | Fact::Killed { .. }
            | Fact::Announced { .. }
            | Fact::Reloaded
            | Fact::FingerprintsShown
            | Fact::InvitationMade { .. }
            | Fact::Event { .. }
            | Fact::SignInRefused { .. }
            | Fact::SessionRefused { .. }
            | Fact::ConnectionsSilent { .. }
            | Fact::ClockStepped { .. }
            | Fact::StopAsked { .. }
            | Fact::ServerStarted { .. }
            | Fact::ServerStopped { .. } => {}
        }
        Ok(())
    }

    fn event(&mut self, record: &Record, rooms: &[Room], event: &Event) -> Result<(), Fault> {
        self.given(event.author.0);
        consequence::on_account(self.connection, event)?;
        let actor = match event.account {
            Some(_) => Some(Subject::Account(event.author.0)),
            None if event.author == UserId::SERVER => None,
            None => Some(Subject::Guest(event.author.0)),
        };
        let kicked = match &event.what {
            What::Kicked { target, .. } => Some(Subject::person(self.connection, target.0)?),
            _ => None,
        };
        let text = event.what.text();
        let tags = event.what.tags().map(Tags::to_string).unwrap_or_default();
        let draft = |target, content| {
            let subjects = Subjects {
                actor,
                target,
                other: kicked,
            };
            Draft {
                time: record.time,
                word: words::of_event(rooms, event),
                subjects,
                meta: meta::of_event(event, record.session, subjects),
                content,
            }
        };
        let (text, tags) = (text.as_str(), tags.as_str());
        let reach = event.reach().letter().map(String::from);
        if rooms.is_empty() {
            let draft = draft(None, Content::Kept { text, tags });
            self.memory.register.append(self.connection, &draft)?;
        }
        for room in rooms {
            let (room, target) = self.room(*room, event)?;
            let seq = self.next_seq(room, event)?;
            let content = Content::Message {
                room,
                seq,
                text,
                tags,
            };
            let draft = draft(Some(target), content);
            let entry = self.memory.register.append(self.connection, &draft)?;
            self.connection
                .prepare_cached(
                    "INSERT INTO message (room, seq, time, msgid, kind, class, author, source, account, text, tags, entry, reach)
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                )?
                .execute(params![
                    room,
                    seq,
                    event.time.0,
                    event.msgid.0.as_str(),
                    event.what.kind() as i64,
                    Class::of(event),
                    event.author.0.cast_signed(),
                    event.source.as_str(),
                    event.account.as_ref().map(AccountName::as_str),
                    text,
                    tags,
                    entry,
                    reach.as_deref().unwrap_or_default(),
                ])?;
            consequence::in_room(self.connection, room, event)?;
        }
        Ok(())
    }

    /// The id of an event's room, and on whom the event acts there: the channel, or the one who is written to.
    fn room(&mut self, room: Room, event: &Event) -> Result<(i64, Subject), Fault> {
        match room {
            Room::Channel(id) => {
                let id = id.0.cast_signed();
                Ok((id, Subject::Room(id)))
            }
            Room::Direct(low, high) => {
                let conversations = &mut self.memory.conversations;
                let conversation = conversations.open(self.connection, low, high, event.time)?;
                conversation.heard(self.connection, event)?;
                Ok((conversation.room, conversation.peer(event.author)))
            }
        }
    }

    /// The place of an event in a room.
    fn next_seq(&mut self, room: i64, event: &Event) -> Result<i64, Fault> {
        let head = self.head(room)?;
        head.last_seq += 1;
        head.last_time = head.last_time.max(event.time.0);
        head.acl_version += i64::from(event.what.changes_access());
        Ok(head.last_seq)
    }

    fn head(&mut self, room: i64) -> Result<&mut Head, Fault> {
        match self.heads.entry(room) {
            Entry::Occupied(head) => Ok(head.into_mut()),
            Entry::Vacant(vacant) => {
                let head = self
                    .connection
                    .prepare_cached(
                        "SELECT last_seq, last_time, acl_version FROM room WHERE id = ?",
                    )?
                    .query_row([room], |row| {
                        Ok(Head {
                            last_seq: row.get(0)?,
                            last_time: row.get(1)?,
                            acl_version: row.get(2)?,
                        })
                    })
                    .optional()?
                    .ok_or_else(|| {
                        Fault::Contradiction(format!(
                            "an event in room {room}, which was never opened"
                        ))
                    })?;
                Ok(vacant.insert(head))
            }
        }
    }

    /// Notes an id that the core has given.
    fn given(&mut self, id: u64) {
        self.lane.last_id = self.lane.last_id.max(id);
    }

    /// Writes what moved once for the whole batch: the rooms' heads and the lane.
    pub(super) fn finish(self, batch: BatchId) -> Result<(), Fault> {
        let mut update = self.connection.prepare_cached(
            "UPDATE room SET last_seq = ?, last_time = ?, acl_version = ? WHERE id = ?",
        )?;
        for (room, head) in &self.heads {
            update.execute([head.last_seq, head.last_time, head.acl_version, *room])?;
        }
        let Lane {
            last_time, last_id, ..
        } = self.lane;
        self.connection
            .prepare_cached(
                "UPDATE lane SET last_batch = ?, last_time = ?, last_id = ? WHERE lane = 0",
            )?
            .execute([batch.0.cast_signed(), last_time, last_id.cast_signed()])?;
        Ok(())
    }
}
