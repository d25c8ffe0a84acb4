//! What is new across rooms: the targets of CHATHISTORY, and replays.

use super::era::Eras;
use super::page::Shown;
use super::place::{Places, end_of};
use super::{Reader, Replay, head, past, select_events};
use crate::engine::{Moment, values};
use crate::error::{Fault, StoreError};
use crate::plan::class::Class;
use causette_core::event::Reach;
use causette_core::former;
use causette_core::history::{Past, Readable, ReplayQuery, Target, TargetsQuery};
use causette_core::id::UserId;
use causette_core::limits::{REPLAY_CONVERSATIONS, REPLAY_EVENTS};
use causette_core::reserved::ADMINISTRATION;
use causette_proto::Timestamp;

/// A room that may have something new.
struct Candidate {
    room: i64,
    last_seq: i64,
    name: String,
    /// How far back something counts.
    readable: Readable,
    /// Whether what only operators got counts too.
    restricted: bool,
    /// Whether anything of it is from a closed time.
    was_closed: bool,
}

/// The newest message of a room, of a class.
const NEWEST_TIME: &str = "SELECT seq, time FROM message {message_page}
     WHERE room = ? AND {behind} AND {before} ORDER BY class DESC, seq DESC LIMIT 1";

impl Reader {
    /// The rooms whose last message that the reader may see is between the two times, by that message's time, oldest first.
    /// When there are more than the limit, those nearest to `from`: by whole milliseconds, so that who goes on from the time
    /// that they are shown misses none.
    ///
    /// Direct conversations go by the other's present nickname, or for a guest the one under which they last wrote; with who is
    /// gone they go by a [`former`] name. A conversation with a guest who never wrote has no name and is left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn targets(&mut self, query: &TargetsQuery) -> Result<Vec<Target>, StoreError> {
        let moment = self.reading.moment()?;
        let (from, to) = (query.from.whole_millisecond(), query.to.whole_millisecond());
        let (low, high) = (from.min(to), from.max(to));
        let eras = self.eras.of(&moment)?;
        // The steady time behind which there may be something later than `low`.
        let steady = eras.steady_after(end_of(low));
        let mut rooms = channels(&moment, query, steady)?;
        rooms.extend(conversations(&moment, query.user, steady)?);
        let mut targets = Vec::new();
        for candidate in rooms {
            let time = newest(&moment, eras, &candidate, (low, high))?;
            targets.extend(time.map(|time| Target {
                name: candidate.name.into(),
                time,
            }));
        }
        targets.sort_by(|one, other| (one.time, &one.name).cmp(&(other.time, &other.name)));
        let shown = |target: &Target| target.time.whole_millisecond();
        if from <= to {
            targets.truncate(page_end(targets.iter().map(shown), query.limit));
        } else {
            let end = page_end(targets.iter().rev().map(shown), query.limit);
            targets.drain(..targets.len() - end);
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
        let eras = self.eras.of(&moment)?;
        for channel in &query.channels {
            let room = channel.room.0.cast_signed();
            let Some(head) = head(&moment, room)? else {
                continue;
            };
            if head.acl_version != channel.acl_version {
                continue;
            }
            let classes = Class::shown(false, false, head.was_closed);
            let recent = Shown::new(&moment, eras, head.room, classes, channel.readable)?
                .replayed()
                .within((channel.from, query.before), query.limit)?;
            channels.push((channel.name.clone(), recent));
        }
        let direct = match query.direct_since {
            Some(since) => {
                let between = (since, query.before);
                let whose = (user, query.direct_with);
                direct_messages(&moment, eras, whose, between, query.direct_limit)?
            }
            None => Vec::new(),
        };
        Ok(Replay { channels, direct })
    }
}

/// How many of a list make a page of at most `limit`: no more than whole milliseconds, and one at least, however many share it.
fn page_end(times: impl Iterator<Item = Timestamp> + Clone, limit: usize) -> usize {
    let Some(next) = times.clone().nth(limit) else {
        return times.count();
    };
    match times.clone().take_while(|time| *time != next).count() {
        0 => times.take_while(|time| *time == next).count(),
        whole => whole,
    }
}

/// When a room's newest message was, where that is between two shown times.
fn newest(
    moment: &Moment<'_>,
    eras: &Eras,
    candidate: &Candidate,
    (low, high): (Timestamp, Timestamp),
) -> Result<Option<Timestamp>, Fault> {
    let places = Places::new(moment, eras, candidate.room, candidate.last_seq);
    let mut newest = moment.prepare(NEWEST_TIME)?;
    let mut found: Option<(i64, Timestamp)> = None;
    for class in Class::shown(false, candidate.restricted, candidate.was_closed) {
        let mut of_class = |(behind, before): (i64, i64)| {
            let bounds = values![candidate.room, class, behind, class, before];
            newest.first(bounds, |row| Ok((row.int(0)?, row.time(1)?)))
        };
        let reach = match class.is_closed() {
            true => Reach::Closed,
            false => Reach::Room,
        };
        for part in places.readable(candidate.readable, reach)? {
            found = found.max(of_class(part)?);
        }
    }
    let Some((seq, time)) = found else {
        return Ok(None);
    };
    // Where the clock went back, something earlier may have a later time, and something later an earlier one.
    let parted = !eras.is_one_span();
    let is_later = time > end_of(low) || (parted && seq >= places.after(low)?);
    let is_earlier = time < high || (parted && seq <= places.before(high)?);
    Ok((is_later && is_earlier).then_some(time))
}

/// The asked channels in which something happened after a steady time.
fn channels(
    moment: &Moment<'_>,
    query: &TargetsQuery,
    after: Timestamp,
) -> Result<Vec<Candidate>, Fault> {
    let mut statement = moment.prepare(
        "SELECT name, last_seq, was_closed FROM room WHERE id = ? AND last_time > ? AND name IS NOT NULL",
    )?;
    let mut rooms = Vec::new();
    for channel in &query.channels {
        let room = channel.room.0.cast_signed();
        let Readable { since, opened, .. } = channel.readable;
        // What was said at the very time from which on one may read counts.
        let after = since.filter(|_| opened.is_none()).map_or(after, |since| {
            after.max(Timestamp(since.0.saturating_sub(1)))
        });
        let found = statement.first(values![room, after], |row| {
            Ok(Candidate {
                room,
                name: row.text(0)?.to_owned(),
                last_seq: row.int(1)?,
                readable: channel.readable,
                restricted: channel.restricted,
                was_closed: row.flag(2)?,
            })
        })?;
        rooms.extend(found);
    }
    Ok(rooms)
}

/// A person's conversations in which something happened after a steady time, where they have a name.
fn conversations(
    moment: &Moment<'_>,
    user: UserId,
    after: Timestamp,
) -> Result<Vec<Candidate>, Fault> {
    let select = "SELECT p.room, p.peer,
                coalesce(CASE WHEN a.dropped IS NULL THEN coalesce(a.nick, p.peer_nick) ELSE a.name END, ''),
                CASE WHEN a.id IS NULL THEN s.id IS NULL ELSE a.dropped IS NOT NULL END, r.last_seq
         FROM participant p JOIN room r ON r.id = p.room
         LEFT JOIN account a ON a.id = p.peer
         LEFT JOIN session s ON s.id = p.peer AND s.account IS NULL
         WHERE p.person = ? AND r.last_time > ?
             AND (coalesce(a.name, p.peer_nick) IS NOT NULL OR p.peer = ?)";
    moment.all(
        select,
        values![user, after, UserId::ADMINISTRATION],
        |row| {
            let (peer, last) = (UserId(row.id(1)?), row.text(2)?);
            let name = if peer == UserId::ADMINISTRATION {
                // It may never have written, and is never gone.
                ADMINISTRATION.to_owned()
            } else if row.flag(3)? {
                former::name(last, peer).into()
            } else {
                last.to_owned()
            };
            Ok(Candidate {
                room: row.int(0)?,
                last_seq: row.int(4)?,
                name,
                readable: Readable::default(),
                restricted: false,
                was_closed: false,
            })
        },
    )
}

/// What others wrote to `user` since a time, or somebody: in the conversations that were spoken in last, the newest of it.
fn direct_messages(
    moment: &Moment<'_>,
    eras: &Eras,
    (user, with): (UserId, Option<UserId>),
    (since, before): (Timestamp, Timestamp),
    limit: usize,
) -> Result<Vec<Past>, Fault> {
    let rooms = moment.all(
        "SELECT p.room, r.last_seq FROM participant p JOIN room r ON r.id = p.room
         WHERE p.person = ? AND r.last_time > ? AND p.peer = coalesce(?, p.peer) ORDER BY r.last_time DESC LIMIT ?",
        values![user, since, with, REPLAY_CONVERSATIONS],
        |row| Ok((row.int(0)?, row.int(1)?)),
    )?;
    let mut statement = moment.prepare(select_events!(
        "{message_page} WHERE room = ? AND {from} AND {before} AND author <> ?
         ORDER BY class DESC, seq DESC LIMIT ?"
    ))?;
    let mut messages: Vec<(Timestamp, Past)> = Vec::new();
    for (room, last_seq) in rooms {
        let places = Places::new(moment, eras, room, last_seq);
        let (low, high) = (places.since(later(since))?, places.since(before)?);
        let bounds = values![
            room,
            Class::Message,
            low,
            Class::Message,
            high,
            user,
            REPLAY_EVENTS
        ];
        let mut of_room = 0;
        statement.each(bounds, |row| {
            let past = past(row)?;
            if past.is_replayed() {
                let steady = eras.steady(row.int(10)?, past.time);
                messages.push((steady, past));
                of_room += 1;
            }
            Ok(of_room < limit)
        })?;
    }
    messages
        .sort_by(|(one, first), (other, second)| (one, &first.msgid).cmp(&(other, &second.msgid)));
    messages.drain(..messages.len().saturating_sub(limit));
    let mut messages: Vec<Past> = messages.into_iter().map(|(_, past)| past).collect();
    rename_the_gone(moment, &mut messages)?;
    Ok(messages)
}

/// The next time that there is.
fn later(time: Timestamp) -> Timestamp {
    Timestamp(time.0.saturating_add(1))
}

/// Lets those who are gone speak by their former names: their nicknames may be others' now.
fn rename_the_gone(moment: &Moment<'_>, messages: &mut [Past]) -> Result<(), Fault> {
    let mut gone =
        moment.prepare("SELECT a.name FROM account a WHERE a.id = ? AND a.dropped IS NOT NULL")?;
    let mut guest_is_here =
        moment.prepare("SELECT 1 FROM session WHERE id = ? AND account IS NULL")?;
    let gone_or_not = messages.iter_mut();
    for past in gone_or_not.filter(|past| past.author != UserId::ADMINISTRATION) {
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
