//! What is new across rooms: the targets of CHATHISTORY, and replays.

use super::page::Shown;
use super::{Reader, Replay, acl_version, past, select_events};
use crate::engine::{Moment, values};
use crate::error::{Fault, StoreError};
use crate::plan::class::Class;
use causette_core::former;
use causette_core::history::{Bound, Past, ReplayQuery, Selector, Target, TargetsQuery};
use causette_core::id::UserId;
use causette_core::limits::{REPLAY_CONVERSATIONS, REPLAY_EVENTS};
use causette_proto::Timestamp;

/// A room that may have something new.
struct Candidate {
    room: i64,
    name: String,
    /// What was said at this time or earlier does not count.
    after: Timestamp,
}

impl Reader {
    /// The rooms with a message between the two times, by that message's time, oldest first. When there are more than the
    /// limit, those nearest to `from`.
    ///
    /// Direct conversations go by the other's present nickname, or for a guest the one under which they last wrote; with who is
    /// gone they go by a [`former`] name. A conversation with a guest who never wrote has no name and is left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn targets(&mut self, query: &TargetsQuery) -> Result<Vec<Target>, StoreError> {
        let moment = self.reading.moment()?;
        let (low, high) = (query.from.min(query.to), query.from.max(query.to));
        let mut rooms = channels(&moment, query, low)?;
        rooms.extend(conversations(&moment, query.user, low)?);
        let mut latest = moment.prepare(
            "SELECT max(time) FROM message WHERE room = ? AND class = ? AND time > ? AND time < ?",
        )?;
        let mut targets = Vec::new();
        for Candidate { room, name, after } in rooms {
            let bounds = values![room, Class::Message, after, high];
            let time = latest.first(bounds, |row| row.maybe_int(0))?.flatten();
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

    /// The recent messages of channels, and what others wrote to `user` since a time.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn replay(&mut self, query: &ReplayQuery, user: UserId) -> Result<Replay, StoreError> {
        let moment = self.reading.moment()?;
        let mut channels = Vec::with_capacity(query.channels.len());
        let before = Selector::Before(Bound::Time(query.before));
        for channel in &query.channels {
            let room = channel.room.0.cast_signed();
            if acl_version(&moment, room)? != Some(channel.acl_version) {
                continue;
            }
            let classes = Class::shown(false, false);
            let recent = Shown::new(&moment, room, classes, channel.since)
                .replayed()
                .select(&before, query.limit)?;
            channels.push((channel.name.clone(), recent));
        }
        let direct = match query.direct_since {
            Some(since) => direct_messages(&moment, user, since, query.before, query.direct_limit)?,
            None => Vec::new(),
        };
        Ok(Replay { channels, direct })
    }
}

/// The asked channels in which something happened after a time.
fn channels(
    moment: &Moment<'_>,
    query: &TargetsQuery,
    after: Timestamp,
) -> Result<Vec<Candidate>, Fault> {
    let mut statement = moment
        .prepare("SELECT name FROM room WHERE id = ? AND last_time > ? AND name IS NOT NULL")?;
    let mut rooms = Vec::new();
    for (channel, since) in &query.channels {
        let room = channel.0.cast_signed();
        // What was said at the very time from which on one may read counts.
        let after = since.map_or(after, |since| {
            after.max(Timestamp(since.0.saturating_sub(1)))
        });
        let name = statement.first(values![room, after], |row| row.text(0).map(str::to_owned))?;
        rooms.extend(name.map(|name| Candidate { room, name, after }));
    }
    Ok(rooms)
}

/// A person's conversations in which something happened after a time, where they have a name.
fn conversations(
    moment: &Moment<'_>,
    user: UserId,
    after: Timestamp,
) -> Result<Vec<Candidate>, Fault> {
    let select = "SELECT p.room, p.peer,
                CASE WHEN a.dropped IS NULL THEN coalesce(a.nick, p.peer_nick) ELSE a.name END,
                CASE WHEN a.id IS NULL THEN s.id IS NULL ELSE a.dropped IS NOT NULL END
         FROM participant p JOIN room r ON r.id = p.room
         LEFT JOIN account a ON a.id = p.peer
         LEFT JOIN session s ON s.id = p.peer AND s.account IS NULL
         WHERE p.person = ? AND r.last_time > ? AND coalesce(a.name, p.peer_nick) IS NOT NULL";
    moment.all(select, values![user, after], |row| {
        let (peer, last) = (UserId(row.id(1)?), row.text(2)?);
        let name = if row.flag(3)? {
            former::name(last, peer).into()
        } else {
            last.to_owned()
        };
        Ok(Candidate {
            room: row.int(0)?,
            name,
            after,
        })
    })
}

/// What others wrote to `user` since a time: in the conversations that were spoken in last, the newest of it.
fn direct_messages(
    moment: &Moment<'_>,
    user: UserId,
    since: Timestamp,
    before: Timestamp,
    limit: usize,
) -> Result<Vec<Past>, Fault> {
    let rooms = moment.all(
        "SELECT p.room FROM participant p JOIN room r ON r.id = p.room
         WHERE p.person = ? AND r.last_time > ? ORDER BY r.last_time DESC LIMIT ?",
        values![user, since, REPLAY_CONVERSATIONS],
        |row| row.int(0),
    )?;
    let mut statement = moment.prepare(select_events!(
        "WHERE room = ? AND class = ? AND time > ? AND time < ? AND author <> ?
         ORDER BY time DESC, seq DESC LIMIT ?"
    ))?;
    let mut messages: Vec<Past> = Vec::new();
    for room in rooms {
        let bounds = values![room, Class::Message, since, before, user, REPLAY_EVENTS];
        let mut of_room = 0;
        statement.each(bounds, |row| {
            let past = past(row)?;
            if past.is_replayed() {
                messages.push(past);
                of_room += 1;
            }
            Ok(of_room < limit)
        })?;
    }
    messages.sort_by(|one, other| (one.time, &one.msgid).cmp(&(other.time, &other.msgid)));
    messages.drain(..messages.len().saturating_sub(limit));
    rename_the_gone(moment, &mut messages)?;
    Ok(messages)
}

/// Lets those who are gone speak by their former names: their nicknames may be others' now.
fn rename_the_gone(moment: &Moment<'_>, messages: &mut [Past]) -> Result<(), Fault> {
    let mut gone =
        moment.prepare("SELECT a.name FROM account a WHERE a.id = ? AND a.dropped IS NOT NULL")?;
    let mut guest_is_here =
        moment.prepare("SELECT 1 FROM session WHERE id = ? AND account IS NULL")?;
    for past in messages {
        let author = values![past.author];
        let name = match &past.account {
            Some(_) => gone.first(author, |row| row.text(0).map(str::to_owned))?,
            None if guest_is_here.first(author, |_| Ok(()))?.is_some() => None,
            None => past.source.split('!').next().map(str::to_owned),
        };
        if let Some(name) = name {
            let name = former::name(&name, past.author);
            past.source = former::renamed(&past.source, &name);
            past.account = None;
        }
    }
    Ok(())
}
