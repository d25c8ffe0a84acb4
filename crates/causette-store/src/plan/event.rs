//! The rows that follow from an event, in each room where it is seen.
//!
//! A NICK or QUIT is seen in every room that somebody is in, which may be a hundred: that is one entry, and its text is kept once
//! ([`SharedRow`]), beside a row of four numbers in each room ([`PlaceRow`]), in whose index pages find it as they find messages.
//! Of all else each room has an entry and a row of its own.
//!
//! Guests have no rows but those of their messages.

use super::Planning;
use super::class::Class;
use super::known::{Conversation, Person};
use super::register::Draft;
use super::row::{
    HeadRow, InsideChange, MessageRow, PersonChange, PlaceRow, RoomChange, SharedRow,
};
use crate::error::Fault;
use crate::register::binding::{self, Content, Kept};
use crate::register::words::{self, Word};
use crate::register::{Subject, Subjects, meta};
use causette_core::event::{Event, ModeChange, What};
use causette_core::id::{Room, UserId};
use causette_core::record::Record;
use causette_proto::{CompactString, Tags};

impl Planning<'_> {
    pub(super) fn event(
        &mut self,
        record: &Record,
        rooms: &[Room],
        event: &Event,
    ) -> Result<(), Fault> {
        if event.author != UserId::ADMINISTRATION {
            // That number was never given to anybody: there would be none behind it.
            self.given(event.author.0);
        }
        if let (Some(_), What::Renamed { nick }) = (&event.account, &event.what) {
            self.change(PersonChange::Nick {
                account: event.author,
                nick: nick.as_str().into(),
            });
        }
        match &event.what {
            What::Renamed { .. } | What::Quit { .. } | What::Vanished { .. } if rooms.len() > 1 => {
                self.shared(record, rooms, event)
            }
            _ if rooms.is_empty() => self.nowhere(record, event),
            _ => rooms
                .iter()
                .try_for_each(|room| self.in_one(record, *room, event)),
        }
    }

    /// An event that nobody sees.
    fn nowhere(&mut self, record: &Record, event: &Event) -> Result<(), Fault> {
        let said = Said::of(event);
        let word = words::of_event(&[], event);
        self.enter(said.draft(record, event, word, None, Kept::Nowhere))?;
        Ok(())
    }

    /// An event in one room, or in one of several in which it has an entry each.
    fn in_one(&mut self, record: &Record, room: Room, event: &Event) -> Result<(), Fault> {
        let said = Said::of(event);
        let (id, target) = self.room(room, record, event)?;
        let seq = self.next_seq(id, record, event)?;
        let word = words::of_event(&[room], event);
        let kept = Kept::Place { room: id, seq };
        let entry = self.enter(said.draft(record, event, word, Some(target), kept))?;
        self.plan.messages.push(MessageRow {
            room: id,
            seq,
            time: record.time,
            msgid: event.msgid.clone(),
            kind: event.what.kind(),
            class: Class::of(event),
            author: event.author,
            source: event.source.clone(),
            account: said.account,
            text: said.text,
            tags: said.tags,
            entry,
            reach: event.reach().letter().into_iter().collect(),
        });
        self.in_room(id, record, event);
        Ok(())
    }

    /// An event in several rooms: one entry, its text once, and a narrow row in each room.
    fn shared(&mut self, record: &Record, rooms: &[Room], event: &Event) -> Result<(), Fault> {
        let mut places = Vec::with_capacity(rooms.len());
        for room in rooms {
            let (room, _) = self.room(*room, record, event)?;
            places.push((room, self.next_seq(room, record, event)?));
        }
        let said = Said::of(event);
        let word = words::of_event(rooms, event);
        let kept = binding::places(&mut places);
        let entry = self.enter(said.draft(record, event, word, None, kept))?;
        self.plan.shared.push(SharedRow {
            entry,
            time: record.time,
            msgid: event.msgid.clone(),
            kind: event.what.kind(),
            author: event.author,
            source: event.source.clone(),
            account: said.account,
            text: said.text,
            reach: event.reach().letter().into_iter().collect(),
        });
        for (room, seq) in places {
            self.plan.places.push(PlaceRow {
                room,
                class: Class::of(event),
                seq,
                entry,
            });
            self.in_room(room, record, event);
        }
        Ok(())
    }

    /// The id of an event's room, and on whom the event acts there: the channel, or the one who is written to.
    fn room(
        &mut self,
        room: Room,
        record: &Record,
        event: &Event,
    ) -> Result<(i64, Subject), Fault> {
        match room {
            Room::Channel(id) => {
                let id = id.0.cast_signed();
                Ok((id, Subject::Room(id)))
            }
            Room::Direct(low, high) => self.conversation(low, high, record, event),
        }
    }

    /// The room of a conversation, which begins now if there was none, and who is written to.
    fn conversation(
        &mut self,
        low: UserId,
        high: UserId,
        record: &Record,
        event: &Event,
    ) -> Result<(i64, Subject), Fault> {
        let unread = || Fault::Contradiction(format!("{low:?} and {high:?} were not read"));
        let conversation = self.known.conversation(low, high).ok_or_else(unread)?;
        for person in &mut conversation.people {
            person.has_account |= self.accounts.contains(&person.id.0);
        }
        let target = conversation.peer(event.author);
        let nick = conversation.heard(event);
        let room = match conversation.room {
            Some(room) => room,
            None => self.begin(low, high, record),
        };
        if let Some(nick) = nick {
            self.change(InsideChange::PeerNick {
                person: if event.author == low { high } else { low },
                room,
                nick,
            });
        }
        Ok((room, target))
    }

    fn begin(&mut self, low: UserId, high: UserId, record: &Record) -> i64 {
        let room = self.known.take_room();
        if let Some(conversation) = self.known.conversation(low, high) {
            conversation.room = Some(room);
        }
        let head = HeadRow {
            room,
            last_seq: 0,
            last_time: record.steady.0,
            acl_version: 0,
        };
        self.known.room_read(head, false);
        self.change(InsideChange::ConversationBegun {
            room,
            key: Room::Direct(low, high),
            low,
            high,
            created: record.steady,
        });
        room
    }

    /// The place of an event in a room.
    fn next_seq(&mut self, room: i64, record: &Record, event: &Event) -> Result<i64, Fault> {
        let (head, has_moved) = self.known.moving(room).ok_or_else(|| {
            Fault::Contradiction(format!("an event in room {room}, which was never opened"))
        })?;
        head.last_seq += 1;
        head.last_time = head.last_time.max(record.steady.0);
        head.acl_version += i64::from(event.what.changes_access());
        let seq = head.last_seq;
        if !has_moved {
            self.touched.push(room);
        }
        if Class::of(event).is_closed() && self.known.is_first_closed(room) {
            self.change(RoomChange::FirstClosed { room });
        }
        Ok(seq)
    }

    /// What an event changes in a room where it is seen.
    fn in_room(&mut self, room: i64, record: &Record, event: &Event) {
        let account = event.author;
        match &event.what {
            What::Joined { grant, invited, .. } if event.account.is_some() => {
                self.change(InsideChange::Entered {
                    room,
                    account,
                    letters: grant.letters(),
                    joined: record.steady,
                    invited: *invited,
                });
            }
            What::Parted { .. } | What::Quit { .. } if event.account.is_some() => {
                self.change(InsideChange::Left { room, account });
            }
            What::Kicked {
                target,
                guest: false,
                ..
            } => self.change(InsideChange::Left {
                room,
                account: *target,
            }),
            What::Topic { text } => {
                let topic =
                    (!text.is_empty()).then(|| (text.clone(), event.source.clone(), record.time));
                self.change(RoomChange::Topic { room, topic });
            }
            What::Mode { changes, after } => {
                self.change(RoomChange::Modes {
                    room,
                    modes: after.clone(),
                });
                for change in changes {
                    self.mode(room, record, event, change);
                }
            }
            What::Redacted { msgid, .. } => self.change(InsideChange::TakenBack {
                room,
                msgid: msgid.clone(),
                at: record.time,
            }),
            What::Joined { .. }
            | What::Parted { .. }
            | What::Quit { .. }
            | What::Vanished { .. }
            | What::Returned { .. }
            | What::Kicked { .. }
            | What::Renamed { .. }
            | What::Said { .. } => {}
        }
    }

    /// A member's prefixes, or a mask of a list; the channel's other modes are in its row.
    fn mode(&mut self, room: i64, record: &Record, event: &Event, change: &ModeChange) {
        let ModeChange { change, member } = change;
        match (member, change.mode, &change.arg) {
            (Some(held), _, _) => self.change(InsideChange::Prefixes {
                room,
                account: held.user,
                letters: held.prefixes.letters(),
            }),
            (None, list @ ('b' | 'e' | 'I'), Some(mask)) => {
                let mask = CompactString::new(mask);
                self.change(if change.add {
                    RoomChange::MaskSet {
                        room,
                        list,
                        mask,
                        by: event.source.clone(),
                        at: record.time,
                    }
                } else {
                    RoomChange::MaskRemoved { room, list, mask }
                });
            }
            _ => {}
        }
    }
}

/// What an event says, as it is kept.
struct Said {
    account: Option<CompactString>,
    text: CompactString,
    tags: String,
}

impl Said {
    fn of(event: &Event) -> Self {
        Self {
            account: event.account.as_ref().map(|name| name.as_str().into()),
            text: event.what.text(),
            tags: event.what.tags().map(Tags::to_string).unwrap_or_default(),
        }
    }

    fn draft<'a>(
        &'a self,
        record: &Record,
        event: &'a Event,
        word: Word,
        target: Option<Subject>,
        kept: Kept,
    ) -> Draft<'a> {
        let subjects = subjects(record, event, target);
        Draft {
            time: record.time,
            word,
            meta: meta::of_event(event, record.session, &subjects),
            subjects,
            content: Some(Content {
                account: self.account.as_deref(),
                source: &event.source,
                tags: &self.tags,
                text: &self.text,
            }),
            kept,
        }
    }
}

/// Who acts, and on whom in a room.
fn subjects(record: &Record, event: &Event, target: Option<Subject>) -> Subjects {
    let other = match &event.what {
        What::Kicked { target, guest, .. } => Some(Subject::person(*target, !guest)),
        _ => None,
    };
    Subjects {
        actor: Subject::of(&record.by),
        target,
        other,
    }
}

impl Conversation {
    /// Who is written to when `author` writes.
    fn peer(&self, author: UserId) -> Subject {
        let [low, high] = &self.people;
        let peer = if low.id == author { high } else { low };
        Subject::person(peer.id, peer.has_account)
    }

    /// The nickname of a guest who writes, where they had another before.
    fn heard(&mut self, event: &Event) -> Option<CompactString> {
        let is_author = |person: &&mut Person| person.id == event.author;
        let author = self.people.iter_mut().find(is_author)?;
        if event.account.is_some() {
            return None;
        }
        let nick = CompactString::new(event.source.split('!').next().unwrap_or_default());
        if author.nick.as_ref() == Some(&nick) {
            return None;
        }
        author.nick = Some(nick.clone());
        Some(nick)
    }
}
