//! What the naive memory answers about the past: lists searched from end to end.

use crate::memory::Memory;
use causette_core::event::{Kind, Reach};
use causette_core::former;
use causette_core::history::{
    Bound, PageQuery, Past, Readable, ReplayQuery, Selector, Target, TargetsQuery,
};
use causette_core::id::{Msgid, Room, RoomId, UserId};
use causette_core::input::Found;
use causette_proto::{CompactString, Timestamp};

/// Whether somebody may read something, who moderates or not.
fn may_read(past: &Past, steady: Timestamp, readable: Readable, moderates: bool) -> bool {
    let is_for_members = matches!(past.reach, Reach::Room | Reach::Closed);
    (moderates || is_for_members) && readable.holds(past.reach, steady)
}

impl Memory {
    /// The name of the last event.
    pub(crate) fn last_msgid(&self) -> String {
        self.msgids
            .last_key_value()
            .expect("something happened")
            .0
            .to_string()
    }

    /// The name of some event, where there is any.
    pub(crate) fn any_msgid(&self, number: usize) -> String {
        let count = self.msgids.len().max(1);
        let any = self.msgids.keys().nth(number % count);
        any.map_or_else(|| "none".to_owned(), CompactString::to_string)
    }

    /// When something happened, by the clock that no step moves.
    pub(crate) fn steady(&self, past: &Past) -> Timestamp {
        self.msgids[&past.msgid.0]
    }

    /// A message that may be taken back.
    pub(crate) fn find(&self, room: Room, msgid: &Msgid) -> Option<Found> {
        let past = self.rooms.get(&room)?.iter();
        let mut said = past.filter(|past| {
            matches!(past.kind, Kind::Privmsg | Kind::Notice | Kind::Tagmsg)
                && !self.redacted.contains(&past.msgid.0)
        });
        said.find(|past| past.msgid == *msgid).map(|past| Found {
            author: past.author,
            time: past.time,
            steady: self.steady(past),
            reach: past.reach,
        })
    }

    /// How often who may read a channel has changed.
    pub(crate) fn acl_version(&self, room: RoomId) -> Option<u64> {
        self.channels.get(&room).map(|row| row.acl_version)
    }

    /// A page of one room.
    pub(crate) fn page(&self, query: &PageQuery) -> Vec<Past> {
        let all = self.rooms.get(&query.room).map_or(&[][..], Vec::as_slice);
        let shown: Vec<&Past> = all
            .iter()
            .filter(|past| query.events || past.kind.is_message())
            .filter(|past| may_read(past, self.steady(past), query.readable, query.restricted))
            .filter(|past| !self.redacted.contains(&past.msgid.0))
            .collect();
        // Where what comes after a bound begins, and where what comes before it ends: the seq of the event at the bound, or half way
        // between two. Where the clock was set back a time was twice: then both sides of it have what was said in between.
        let edges = |bound: &Bound| match bound {
            Bound::Msgid(msgid) => {
                let seq = all.iter().find(|past| past.msgid == *msgid)?.seq as f64;
                Some((seq, seq))
            }
            Bound::Time(time) => {
                let shown = |past: &Past| past.time.milliseconds();
                let time = time.milliseconds();
                let later = all.iter().position(|past| shown(past) > time);
                let earlier = all.iter().rposition(|past| shown(past) < time);
                Some((
                    later.unwrap_or(all.len()) as f64 + 0.5,
                    earlier.map_or(0.5, |place| place as f64 + 1.5),
                ))
            }
        };
        let after = |bound: &Bound| edges(bound).map(|(after, _)| after);
        let before = |bound: &Bound| edges(bound).map(|(_, before)| before);
        let between = |low: f64, high: f64| {
            shown
                .iter()
                .filter(move |past| (past.seq as f64) > low && (past.seq as f64) < high)
        };
        let first = |low, high, limit| {
            between(low, high)
                .take(limit)
                .copied()
                .cloned()
                .collect::<Vec<_>>()
        };
        let last = |low, high, limit: usize| {
            let count = between(low, high).count();
            between(low, high)
                .skip(count.saturating_sub(limit))
                .copied()
                .cloned()
                .collect::<Vec<_>>()
        };
        let everything = f64::INFINITY;
        match &query.selector {
            Selector::Latest(None) => last(0.0, everything, query.limit),
            Selector::Latest(Some(bound)) => {
                after(bound).map_or(Vec::new(), |at| last(at, everything, query.limit))
            }
            Selector::Before(bound) => {
                before(bound).map_or(Vec::new(), |at| last(0.0, at, query.limit))
            }
            Selector::After(bound) => {
                after(bound).map_or(Vec::new(), |at| first(at, everything, query.limit))
            }
            Selector::Around(bound) => after(bound).map_or(Vec::new(), |at| {
                let mut page = last(0.0, at + 0.25, query.limit.div_ceil(2));
                page.extend(first(at + 0.25, everything, query.limit - page.len()));
                page
            }),
            Selector::Between(from, to) => match (edges(from), edges(to)) {
                (Some(from), Some(to)) if from.0 <= to.0 => first(from.0, to.1, query.limit),
                (Some(from), Some(to)) => last(to.0, from.1, query.limit),
                _ => Vec::new(),
            },
        }
    }

    /// The rooms with something new.
    pub(crate) fn targets(&self, query: &TargetsQuery) -> Vec<Target> {
        let (from, to) = (query.from.milliseconds(), query.to.milliseconds());
        let (low, high) = (from.min(to), from.max(to));
        let mut targets = Vec::new();
        for (room, past) in &self.rooms {
            let name = match room {
                Room::Channel(id) if query.channels.iter().any(|channel| channel.room == *id) => {
                    self.channels.get(id).map(|row| row.name.as_str().into())
                }
                Room::Direct(one, other) if *one == query.user || *other == query.user => {
                    let other = if *one == query.user { other } else { one };
                    let account = self.accounts.get(&other.0);
                    let nick = account.map(|row| CompactString::new(row.nick.as_str()));
                    let nick = nick.or_else(|| {
                        let administration = *other == UserId::ADMINISTRATION;
                        administration.then(|| "Administration".into())
                    });
                    let gone = || Some(former::name(self.former.get(&other.0)?, *other));
                    nick.or_else(gone)
                }
                _ => None,
            };
            let channel = query
                .channels
                .iter()
                .find(|channel| Room::Channel(channel.room) == *room);
            let readable = channel.map_or_else(Readable::default, |channel| channel.readable);
            let restricted = channel.is_some_and(|channel| channel.restricted);
            let latest = past.iter().rfind(|past| {
                past.kind.is_message()
                    && may_read(past, self.steady(past), readable, restricted)
                    && !self.redacted.contains(&past.msgid.0)
            });
            let latest = latest.filter(|past| (low + 1..high).contains(&past.time.milliseconds()));
            if let (Some(name), Some(latest)) = (name, latest) {
                targets.push(Target {
                    name,
                    time: latest.time,
                });
            }
        }
        targets.sort_by_key(|target| target.time);
        targets.truncate(query.limit);
        targets
    }

    /// Recent lines of channels, and direct messages to someone since a time.
    pub(crate) fn replay(
        &self,
        query: &ReplayQuery,
        user: UserId,
    ) -> (Vec<(CompactString, Vec<Past>)>, Vec<Past>) {
        let messages = |room: Room, readable: Readable| -> Vec<Past> {
            let past = self.rooms.get(&room).map_or(&[][..], Vec::as_slice);
            past.iter()
                .filter(|past| past.is_replayed())
                .filter(|past| may_read(past, self.steady(past), readable, false))
                .filter(|past| !self.redacted.contains(&past.msgid.0))
                .cloned()
                .collect()
        };
        let tail =
            |past: Vec<Past>, limit: usize| past[past.len().saturating_sub(limit)..].to_vec();
        let mut channels = Vec::new();
        for channel in &query.channels {
            if self.acl_version(channel.room) == Some(channel.acl_version) {
                let mut past = messages(Room::Channel(channel.room), channel.readable);
                past.retain(|past| {
                    let steady = self.steady(past);
                    steady < query.before && channel.from.is_none_or(|from| steady >= from)
                });
                channels.push((channel.name.clone(), tail(past, query.limit)));
            }
        }
        let mut direct = Vec::new();
        if let Some(since) = query.direct_since {
            for room in self.rooms.keys() {
                let is_asked = |other: UserId| query.direct_with.is_none_or(|with| with == other);
                let other = match *room {
                    Room::Direct(one, other) if one == user => Some(other),
                    Room::Direct(other, one) if one == user => Some(other),
                    _ => None,
                };
                if other.is_some_and(is_asked) {
                    direct.extend(messages(*room, Readable::default()).into_iter().filter(
                        |past| {
                            let steady = self.steady(past);
                            past.author != user && steady > since && steady < query.before
                        },
                    ));
                }
            }
            direct.sort_by_key(|past| self.steady(past));
        }
        (channels, tail(direct, query.direct_limit))
    }
}
