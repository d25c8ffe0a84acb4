//! What is said of people and channels under keys, as those are told who follow the keys.
//! <https://github.com/ircv3/ircv3-specifications/pull/613>

use crate::id::{RoomId, SessionId, UserId};
use crate::state::metadata::{Place, Values};
use crate::state::session::Session;
use crate::turn::Turn;
use crate::turn::bundle::Bundle;
use causette_proto::numeric::{RPL_KEYNOTSET, RPL_KEYVALUE};
use causette_proto::{Capabilities, Capability, Nick};

/// What a client must know to be told.
pub(crate) const AWARE: Capabilities = Capabilities::of(&[Capability::Metadata, Capability::Batch]);

/// A value as a numeric tells it, addressed to a nickname.
pub(crate) fn told(nick: &str, (target, key, value): (&str, &str, &str)) -> String {
    format!("{RPL_KEYVALUE} {nick} {target} {key} * :{value}")
}

/// The batch in which it is told of somebody or something.
pub(crate) fn batch_of(target: &str) -> String {
    format!("metadata {target}")
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
        // As those are found who are there under a name.
        let by_nick = state.user_named(nick.as_str());
        let by_nick = by_nick.filter(|user| user.present).map(|user| user.id);
        let by_account = || Some(UserId::from(state.account_named(nick.as_str())?.id));
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
