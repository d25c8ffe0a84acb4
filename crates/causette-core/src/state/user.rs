//! One person online (or always on): a nickname and the sessions that speak for it.

use crate::id::{AccountId, RoomId, SessionId, UserId};
use crate::limits::USERNAME_BYTES;
use crate::modes::Letters;
use crate::report::Away;
use crate::state::list_mask::ACCOUNT_HOST;
use crate::state::marker::Markers;
use causette_proto::split::cut;
use causette_proto::{AccountName, Casemap, CompactString, Nick, Timestamp};
use compact_str::format_compact;
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
    /// The addresses behind it, cloaked and not, of each session: bans cover these too.
    pub(crate) hidden_hosts: Vec<CompactString>,
    /// `nick!user@host`, made once for each nickname.
    pub(crate) source: CompactString,
    /// The source as masks are compared with it, where more than ASCII letters folds.
    folded: Option<CompactString>,
    casemap: Casemap,
    pub(crate) sessions: Vec<SessionId>,
    /// At how many of these nobody is.
    pub(crate) unattended: usize,
    /// Whether they are present: connected, or staying without a connection for not too long. Changes by
    /// [`State::show`](crate::state::State::show) and [`State::hide`](crate::state::State::hide) alone.
    pub(crate) present: bool,
    /// The channels they are in, in the order of their ids.
    pub(crate) channels: BTreeSet<RoomId>,
    /// User modes.
    pub(crate) modes: Letters,
    /// The read markers of a guest; those of an account are its own.
    pub(crate) markers: Markers,
    /// Why they are away, where they are: every session said so, or there is none.
    pub(crate) away: Option<Away>,
    /// Whose messages pass the mode `R`, the earliest first. Bounded by [`ACCEPTED`](crate::limits::ACCEPTED); passing, as guests
    /// are.
    pub(crate) accepted: Vec<UserId>,
    /// When they last said something, by the steady time.
    pub(crate) active: Timestamp,
    /// When their first session of now came, by the steady time.
    pub(crate) signed_on: Timestamp,
}

impl User {
    /// Someone without sessions or channels yet.
    pub(crate) fn new(
        id: UserId,
        account: Option<AccountId>,
        nick: Nick,
        host: CompactString,
        casemap: Casemap,
        now: Timestamp,
    ) -> Self {
        let username = CompactString::new(cut(nick.key(), USERNAME_BYTES));
        let realname = CompactString::new(nick.as_str());
        let mut user = Self {
            id,
            account,
            nick,
            username,
            realname,
            host,
            hidden_hosts: Vec::new(),
            modes: Letters::NONE,
            markers: Markers::new(),
            away: None,
            accepted: Vec::new(),
            source: CompactString::default(),
            folded: None,
            casemap,
            sessions: Vec::new(),
            unattended: 0,
            present: false,
            channels: BTreeSet::new(),
            active: now,
            signed_on: now,
        };
        user.refresh_source();
        user
    }

    /// How many of their sessions count: one at which nobody is counts as if it were not there. A guest is their session, and there with it.
    pub(crate) fn attending(&self) -> usize {
        match self.account {
            Some(_) => self.sessions.len() - self.unattended,
            None => self.sessions.len(),
        }
    }

    /// Whether nobody is at a session of theirs: an account without a connection that counts.
    pub(crate) fn is_absent(&self) -> bool {
        self.attending() == 0
    }

    /// Comes from the account of a name. Where from does not depend on the nickname, so that it is the same after a restart.
    pub(crate) fn belong_to(&mut self, name: &AccountName) {
        (self.username, self.host) = Self::origin(name);
        self.refresh_source();
    }

    /// User name and host of who comes from the account of a name.
    pub(crate) fn origin(name: &AccountName) -> (CompactString, CompactString) {
        let username = CompactString::new(cut(name.key(), USERNAME_BYTES));
        let mut host = CompactString::const_new(ACCOUNT_HOST);
        host.push_str(name.as_str());
        (username, host)
    }

    /// Takes another nickname.
    pub(crate) fn rename(&mut self, nick: Nick) {
        self.nick = nick;
        self.refresh_source();
    }

    pub(crate) fn refresh_source(&mut self) {
        let (nick, username, host) = (self.nick.as_str(), &self.username, &self.host);
        self.source = format_compact!("{nick}!{username}@{host}");
        let folded = self.casemap.fold(&self.source);
        self.folded = Some(folded).filter(|folded| !folded.eq_ignore_ascii_case(&self.source));
    }

    /// `nick!user@host` as masks are compared with it.
    pub(crate) fn folded(&self) -> &str {
        self.folded.as_deref().unwrap_or(&self.source)
    }

    /// The same with another host, one of the hidden ones.
    pub(crate) fn folded_at(&self, host: &str) -> CompactString {
        let folded = self.folded();
        let who = folded.rsplit_once('@').map_or(folded, |(who, _)| who);
        format_compact!("{who}@{host}")
    }
}
