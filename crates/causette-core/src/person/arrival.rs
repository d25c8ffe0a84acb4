//! Coming: a session is welcomed, and speaks for a guest or for the user of its account.

use crate::actor::Actor;
use crate::discipline::enforce;
use crate::id::{AccountId, RoomId, SessionId, UserId};
use crate::modes::Letters;
use crate::person::presence::{came, refresh_away, refresh_hosts};
use crate::person::{departure, metadata, mode};
use crate::state::account::{Account, Setting};
use crate::state::user::User;
use crate::turn::Turn;
use causette_proto::{ChannelName, CompactString, Timestamp};

/// Notes that a session whose registration is complete is welcomed. Gives back its account, where it has one: whose user decides
/// the nickname, which is known before the first line that bears it.
pub(crate) fn welcome(turn: &mut Turn<'_>, session: SessionId) -> Option<AccountId> {
    *turn.mutated = true;
    let found = turn.state.sessions.get_mut(&session)?;
    found.welcomed = true;
    let account = found.account?;
    let user = account_user(turn, account);
    let nick = turn.state.users[&user].nick.clone();
    if let Some(found) = turn.state.sessions.get_mut(&session) {
        found.nick = Some(nick);
    }
    Some(account)
}

/// Lets a welcomed session speak for a guest of its own.
pub(crate) fn come_as_guest(turn: &mut Turn<'_>, id: SessionId) -> Option<UserId> {
    let now = turn.steady();
    let session = turn.state.sessions.get_mut(&id)?;
    let nick = session.nick.clone()?;
    *turn.mutated = true;
    let (username, realname) = (session.username.clone(), session.realname.clone());
    let guest = UserId::from(id);
    session.user = Some(guest);
    let (host, address) = (session.peer.cloak.clone(), session.peer.address);
    let mut user = User::new(guest, None, nick, host, turn.state.casemap, now);
    user.sessions.push(id);
    user.modes = Letters::of(&turn.settings.default_user_modes);
    if let Some(username) = username {
        user.username = username;
        user.refresh_source();
    }
    let user = turn.state.add_user(user);
    refresh_hosts(turn, user);
    take_realname(turn, user, realname);
    came(turn, user, address);
    Some(user)
}

/// Goes by the realname that a client said on coming, but for who is to be silent: others would read it.
fn take_realname(turn: &mut Turn<'_>, user: UserId, realname: CompactString) {
    let is_silent = enforce::is_silent(turn.state, user);
    let user = turn.state.users.get_mut(&user);
    if let Some(user) = user.filter(|_| !realname.is_empty() && !is_silent) {
        user.realname = realname;
    }
}

/// The user of an account, made where it has none.
fn account_user(turn: &mut Turn<'_>, account: AccountId) -> UserId {
    let user = UserId::from(account);
    if turn.state.users.contains_key(&user) {
        return user;
    }
    *turn.mutated = true;
    let settings = turn.settings;
    turn.state.add_account_user(account, settings);
    let nick = turn.state.users[&user].nick.clone();
    let kept = turn.state.accounts().get(&account);
    if kept.is_some_and(|kept| kept.nick.as_str() != nick.as_str()) {
        turn.note_nick(&Actor::Server, account, nick);
    }
    user
}

/// Where a session finds itself that has come to speak for its account's user.
pub(crate) struct Attached {
    /// The guest that it was.
    pub(crate) guest: Option<Guest>,
    /// The channels that its user is in.
    pub(crate) rooms: Vec<RoomId>,
    /// Whether it is to land where everybody lands.
    pub(crate) lands: bool,
    /// Since when its user was not there, where they were before.
    pub(crate) missed_since: Option<Timestamp>,
    /// Since when nobody was there who has the account, where nobody was.
    pub(crate) absent_since: Option<Timestamp>,
}

/// A guest who is no more.
pub(crate) struct Guest {
    /// Its `nick!user@host`.
    pub(crate) source: CompactString,
    /// The channels that it was in.
    pub(crate) channels: Vec<ChannelName>,
}

/// Lets a welcomed session speak for its account's user. A guest that it was leaves first.
pub(crate) fn attach(turn: &mut Turn<'_>, id: SessionId, account: AccountId) -> Option<Attached> {
    let guest = guest_leaves(turn, id);
    let user_id = account_user(turn, account);
    let now = turn.steady();
    let session = turn.state.sessions.get(&id)?;
    let (realname, address) = (session.realname.clone(), session.peer.address);
    let found = turn.state.accounts().get(&account);
    let fresh = found.is_some_and(Account::is_fresh);
    let stays = found.is_some_and(|account| account.stays(turn.settings));
    let kept_realname = found.is_some_and(|account| account.setting(Setting::Realname).is_some());
    let last_seen = found.map(|account| account.last_seen);
    let user = turn.state.users.get_mut(&user_id)?;
    let returning = user.is_absent();
    let lands = fresh || (returning && user.channels.is_empty() && !stays);
    if returning {
        user.signed_on = now;
        user.active = now;
    }
    user.sessions.push(id);
    let rooms: Vec<RoomId> = user.channels.iter().copied().collect();
    *turn.mutated = true;
    if let Some(session) = turn.state.sessions.get_mut(&id) {
        session.user = Some(user_id);
        session.away = None;
    }
    turn.state.forget_audiences(user_id);
    turn.state.recount(user_id);
    refresh_hosts(turn, user_id);
    if !kept_realname {
        take_realname(turn, user_id, realname);
    }
    if returning {
        if turn.state.operates(account) {
            mode::hear(turn, user_id);
        }
        came(turn, user_id, address);
    }
    refresh_away(turn, user_id);
    Some(Attached {
        guest,
        lands: lands && rooms.is_empty(),
        rooms,
        missed_since: last_seen.filter(|_| returning && !fresh),
        absent_since: last_seen.filter(|_| returning),
    })
}

/// A guest that signs in leaves as a guest.
fn guest_leaves(turn: &mut Turn<'_>, id: SessionId) -> Option<Guest> {
    let user = turn.state.sessions.get(&id)?.user;
    let user = user.filter(|user| *user == UserId::from(id))?;
    let found = turn.state.users.get(&user)?;
    let channels = found.channels.iter();
    let channels = channels.filter_map(|room| turn.state.channels().get(room));
    let guest = Guest {
        source: found.source.clone(),
        channels: channels.map(|channel| channel.name.clone()).collect(),
    };
    metadata::carry_over(turn, id, user);
    let reason = turn.words("quit-signed-in");
    departure::quit(turn, Some(id), user, &reason);
    if let Some(session) = turn.state.sessions.get_mut(&id) {
        session.user = None;
    }
    Some(guest)
}
