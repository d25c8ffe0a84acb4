//! What is said of people and channels under keys, as those are told who follow the keys.
//! <https://github.com/ircv3/ircv3-specifications/pull/613>

use crate::id::{RoomId, SessionId, UserId};
use crate::limits;
use crate::state::State;
use crate::state::metadata::{Place, Scope, Values};
use crate::state::session::Session;
use crate::turn::Turn;
use crate::turn::bundle::Bundle;
use causette_proto::numeric::{RPL_KEYNOTSET, RPL_KEYVALUE};
use causette_proto::{Capabilities, Capability, CompactString, Nick};
use std::collections::BTreeSet;

/// What a client must know to be told.
pub(crate) const AWARE: Capabilities = Capabilities::of(&[Capability::Metadata, Capability::Batch]);

/// A part of what one follows.
#[derive(Default)]
pub(crate) struct Part {
    /// Of whom or what, as one knows it, under which key, and what.
    pub(crate) said: Vec<(CompactString, CompactString, CompactString)>,
    /// Where it ends, where there is more.
    pub(crate) until: Option<Place>,
}

/// A value as a numeric tells it, addressed to a nickname.
pub(crate) fn told(nick: &str, (target, key, value): (&str, &str, &str)) -> String {
    format!("{RPL_KEYVALUE} {nick} {target} {key} * :{value}")
}

/// The batch in which it is told of somebody or something.
pub(crate) fn batch_of(target: &str) -> String {
    format!("metadata {target}")
}

/// What is said under keys that a session wants to know, of all that it asks about: as much as is given at a time, behind a place.
pub(crate) fn part(
    state: &State,
    session: &Session,
    keys: &BTreeSet<CompactString>,
    scope: Scope,
    after: Option<Place>,
) -> Part {
    let mut part = Part::default();
    if keys.is_empty() || state.metadata().is_empty() {
        return part;
    }
    let places = places(state, session, scope).into_iter();
    let mut last = None;
    for place in places.filter(|place| after.is_none_or(|after| *place > after)) {
        let Some(values) = state.said_at(place) else {
            continue;
        };
        let wanted: Vec<_> = values
            .iter()
            .filter(|(key, _)| keys.contains(*key))
            .collect();
        if !part.said.is_empty() && part.said.len() + wanted.len() > limits::METADATA_LINES {
            part.until = last;
            break;
        }
        let name = name_of(state, place);
        let said = wanted.into_iter();
        part.said
            .extend(said.map(|(key, value)| (name.clone(), key.clone(), value.clone())));
        last = Some(place);
    }
    part
}

/// Of whom and what a session is told.
fn places(state: &State, session: &Session, scope: Scope) -> BTreeSet<Place> {
    let mut places = BTreeSet::new();
    let me = session.user.and_then(|user| state.users.get(&user));
    match scope {
        Scope::Person(user) => {
            places.insert(Place::Person(user));
        }
        Scope::Room(room) => {
            places.insert(Place::Room(room));
            if let Some(me) = me {
                inside(state, me.id, room, &mut places);
            }
        }
        Scope::All => {
            let Some(me) = me else { return places };
            places.insert(Place::Person(me.id));
            for room in &me.channels {
                places.insert(Place::Room(*room));
                inside(state, me.id, *room, &mut places);
            }
            let monitored = session.monitored.iter();
            let there = monitored.filter_map(|nick| state.user_named(nick.as_str()));
            places.extend(
                there
                    .filter(|user| !user.is_absent())
                    .map(|user| Place::Person(user.id)),
            );
        }
    }
    places
}

/// Whom somebody sees in a channel that they are in, without themselves.
fn inside(state: &State, me: UserId, room: RoomId, places: &mut BTreeSet<Place>) {
    let channel = state.channels().get(&room);
    let Some(channel) = channel.filter(|channel| channel.members.contains_key(&me)) else {
        return;
    };
    let others = channel.members.keys().copied();
    let others = others.filter(|other| *other != me && channel.shows(*other, me));
    places.extend(others.map(Place::Person));
}

fn name_of(state: &State, place: Place) -> CompactString {
    match place {
        Place::Person(user) => state.nick_of(user),
        Place::Room(room) => {
            let channel = state.channels().get(&room);
            channel.map_or(CompactString::const_new("*"), |channel| {
                channel.name.as_str().into()
            })
        }
    }
}

impl Turn<'_> {
    /// Tells those of some sessions who follow a key what is said under it, or that nothing is any more.
    pub(crate) fn tell_metadata(
        &mut self,
        mut to: Vec<SessionId>,
        (target, key, value): (&str, &str, &str),
    ) {
        let sessions = &self.state.sessions;
        to.retain(|id| {
            let follows = |session: &Session| {
                session.enabled.contains_all(AWARE) && session.following.keys.contains(key)
            };
            sessions.get(id).is_some_and(|session| follows(session))
        });
        if to.is_empty() {
            return;
        }
        let words = if value.is_empty() {
            let text = self.words("metadata-not-set");
            format!("{RPL_KEYNOTSET} * {target} {key} :{text}")
        } else {
            told("*", (target, key, value))
        };
        let line = self.line(format!(":{} {words}", self.settings.server));
        self.deliver(line, to, AWARE);
    }

    /// Tells those who see somebody enter a channel what is said of them.
    pub(super) fn tell_metadata_inside(&mut self, user: UserId, room: RoomId) {
        let Some(values) = self.state.said_at(Place::Person(user)).cloned() else {
            return;
        };
        let channel = self.state.channels().get(&room);
        let Some(channel) = channel.filter(|channel| !channel.is_large()) else {
            return;
        };
        let others = channel.members.keys();
        let others = others.filter(|other| **other != user && channel.shows(user, **other));
        let others = others.filter_map(|other| self.state.users.get(other));
        let mut to: Vec<SessionId> = others.flat_map(|other| other.sessions.clone()).collect();
        to.sort_unstable();
        let nick = self.state.nick_of(user);
        for (key, value) in &values {
            self.tell_metadata(to.clone(), (&nick, key, value));
        }
    }

    /// Shows those who monitor a name, and have just been told that somebody is there under it, what is said of them.
    pub(super) fn show_metadata_of(&mut self, nick: &Nick, source: &str, to: &[SessionId]) {
        let state = &*self.state;
        let by_nick = state.user_named(nick.as_str()).map(|user| user.id);
        let by_account = || {
            state
                .account_named(nick.as_str())
                .map(|account| UserId::from(account.id))
        };
        let said = by_nick.or_else(by_account).map(Place::Person);
        let said = said.and_then(|place| state.said_at(place)).cloned();
        let said = said.unwrap_or_default();
        let target = source.split('!').next().unwrap_or_default();
        let aware = to.iter().filter_map(|id| state.sessions.get(id));
        let aware = aware.filter(|session| session.enabled.contains_all(AWARE));
        let lines: Vec<_> = aware
            .map(|session| (session.id, self.lines_for(session, target, &said)))
            .collect();
        for (session, lines) in lines {
            let kind = batch_of(target);
            if self.own.is_of(session) {
                self.own.batch(&kind, lines);
            } else {
                let mut bundle = Bundle::new(session, None);
                bundle.batch(&kind, lines);
                self.send(bundle);
            }
        }
    }

    /// What a session is shown of somebody whose keys it follows.
    fn lines_for(&self, session: &Session, target: &str, said: &Values) -> Vec<String> {
        let user = session.user.and_then(|user| self.state.users.get(&user));
        let nick = user.map_or("*", |user| user.nick.as_str());
        let followed = said.iter();
        let followed = followed.filter(|(key, _)| session.following.keys.contains(*key));
        let server = &self.settings.server;
        followed
            .map(|(key, value)| format!(":{server} {}", told(nick, (target, key, value))))
            .collect()
    }
}
