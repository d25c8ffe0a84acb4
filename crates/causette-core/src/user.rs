//! One person online (or always on): a nickname and the sessions that speak for it.

use crate::id::{AccountId, RoomId, SessionId, UserId};
use causette_proto::{CompactString, Nick, Timestamp};
use std::collections::BTreeSet;

/// A person.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: UserId,
    pub(crate) account: Option<AccountId>,
    pub(crate) nick: Nick,
    pub(crate) username: CompactString,
    pub(crate) realname: CompactString,
    pub(crate) host: CompactString,
    /// `nick!user@host`, made once for each nickname.
    pub(crate) source: CompactString,
    pub(crate) sessions: Vec<SessionId>,
    /// The channels they are in, in the order of their ids.
    pub(crate) channels: BTreeSet<RoomId>,
    /// When they last said something.
    pub(crate) active: Timestamp,
    /// When their first session of now came.
    pub(crate) signed_on: Timestamp,
}

impl User {
    /// Someone without sessions or channels yet.
    pub(crate) fn new(
        id: UserId,
        account: Option<AccountId>,
        nick: Nick,
        host: CompactString,
        now: Timestamp,
    ) -> Self {
        let username = CompactString::new(causette_proto::split::cut(
            nick.key(),
            crate::limits::USERNAME_BYTES,
        ));
        let realname = CompactString::new(nick.as_str());
        let mut user = Self {
            id,
            account,
            nick,
            username,
            realname,
            host,
            source: CompactString::default(),
            sessions: Vec::new(),
            channels: BTreeSet::new(),
            active: now,
            signed_on: now,
        };
        user.refresh_source();
        user
    }

    /// Whether no session speaks for them: an always-on account that is absent.
    pub(crate) fn is_away(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Takes another nickname.
    pub(crate) fn rename(&mut self, nick: Nick) {
        self.nick = nick;
        self.refresh_source();
    }

    pub(crate) fn refresh_source(&mut self) {
        let mut source = CompactString::with_capacity(
            self.nick.as_str().len() + self.username.len() + self.host.len() + 2,
        );
        source.push_str(self.nick.as_str());
        source.push('!');
        source.push_str(&self.username);
        source.push('@');
        source.push_str(&self.host);
        self.source = source;
    }
}
