//! Coming: a session is welcomed, and speaks for a guest or for the user of its account.

use crate::actor::Actor;
use crate::discipline::enforce;
use crate::id::{AccountId, RoomId, SessionId, UserId};
use crate::modes::Letters;
use crate::person::presence::{appear, came, refresh_hosts, take_away};
use crate::person::{attendance, guest, mode, nickname, realname};
use crate::room::marker;
use crate::state::account::Setting;
use crate::state::user::User;
use crate::turn::Turn;
use causette_proto::{CompactString, Timestamp};

/// Notes that a session whose registration is complete is welcomed. Gives back its account, where it has one: whose user decides
/// the nickname, which is known before the first line that bears it.
pub(crate) fn welcome(turn: &mut Turn<'_>, session: SessionId) -> Option<AccountId> {
    *turn.mutated = true;
    let found = turn.state.sessions.get_mut(&session)?;
    found.welcomed = true;
    let (account, attended) = (found.account, found.attended);
    turn.state.census.greet();
    let account = account?;
    let user = account_user(turn, account);
    if attended {
        nickname::come(turn, session, account);
    }
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
    let (host, address) = (session.peer.cloak.clone(), session.peer.address);
    let mut user = User::new(guest, None, nick, host, turn.state.casemap, now);
    user.modes = Letters::of(&turn.settings.default_user_modes);
    if let Some(username) = username {
        user.username = username;
        user.refresh_source();
    }
    let user = turn.state.add_user(user);
    turn.state.speak_for(id, user);
    refresh_hosts(turn, user);
    take_realname(turn, user, realname);
    appear(turn, &Actor::Session(id), user);
    came(turn, user, address);
    take_away(turn, id, user);
    Some(user)
}

/// Goes by the realname that a client said on coming, but for who is to be silent: others would read it. Those who see somebody already
/// are told.
fn take_realname(turn: &mut Turn<'_>, id: UserId, said: CompactString) {
    let is_silent = enforce::is_silent(turn.state, id);
    let user = turn.state.users.get_mut(&id);
    let user = user.filter(|user| !said.is_empty() && !is_silent && user.realname != said);
    let Some(user) = user else {
        return;
    };
    user.realname = said;
    if user.present {
        realname::tell(turn, id, None);
    }
}

/// The user of an account, made where it has none.
pub(super) fn account_user(turn: &mut Turn<'_>, account: AccountId) -> UserId {
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
    /// The guest that it was, where that has left.
    pub(crate) left: Option<guest::Left>,
    /// The guest that it was, where that has become the account's person.
    pub(crate) became: Option<guest::Became>,
    /// The channels that its user is in, but for those that the guest was in too.
    pub(crate) rooms: Vec<RoomId>,
    /// Whether it is to land where everybody lands.
    pub(crate) lands: bool,
    /// Since when its user was not there, where they were before.
    pub(crate) missed_since: Option<Timestamp>,
    /// Since when nobody was there who has the account, where nobody was and somebody is now.
    pub(crate) absent_since: Option<Timestamp>,
}

/// Lets a welcomed session speak for its account's user. A guest that it was goes on as that one, or leaves where that one is present, or
/// where nobody is at the session: it lets nobody be present.
pub(crate) fn attach(turn: &mut Turn<'_>, id: SessionId, account: AccountId) -> Option<Attached> {
    let found = turn.state.accounts().get(&account)?;
    let (fresh, stays) = (found.is_fresh(), found.stays(turn.settings));
    let kept_realname = found.setting(Setting::Realname).is_some();
    let last_seen = found.last_seen;
    let there = turn.state.users.get(&UserId::from(account));
    let there = there.is_some_and(|user| user.present);
    let attended = turn.state.sessions.get(&id)?.attended;
    let guest = guest::of(turn.state, id);
    let read = guest.map(|guest| marker::of_rooms(turn.state, guest));
    let leaving = guest.filter(|_| there || !attended);
    let left = leaving.and_then(|guest| guest::leave(turn, id, guest));
    let staying = guest.filter(|_| !there && attended);
    let became = staying.and_then(|guest| guest::take_over(turn, id, guest, account));
    let user_id = account_user(turn, account);
    marker::carry_over(turn, &Actor::Session(id), user_id, read.unwrap_or_default());
    if became.is_none() && attended {
        nickname::come(turn, id, account);
    }
    let now = turn.steady();
    let session = turn.state.sessions.get(&id)?;
    let (realname, address) = (session.realname.clone(), session.peer.address);
    let user = turn.state.users.get_mut(&user_id)?;
    let returning = user.is_absent();
    let lands = fresh || (returning && !stays);
    let lands = lands && user.channels.is_empty();
    if returning && became.is_none() && attended {
        user.signed_on = now;
        user.active = now;
    }
    if !user.present && attended {
        // Whom nobody saw is not seen to come back from being away either.
        user.away = None;
    }
    let mut rooms: Vec<RoomId> = user.channels.iter().copied().collect();
    *turn.mutated = true;
    if let Some(became) = &became {
        rooms.retain(|room| !became.was_in(*room));
    } else if !kept_realname && attended {
        take_realname(turn, user_id, realname);
    }
    // Before the session is among those that see it: it is shown its channels by itself.
    if attended {
        appear(turn, &Actor::Session(id), user_id);
    }
    turn.state.speak_for(id, user_id);
    refresh_hosts(turn, user_id);
    if !attended {
        attendance::enter(turn, id, account);
    } else if returning && turn.state.operates(account) {
        mode::hear(turn, user_id);
    }
    match &became {
        Some(became) => guest::settle(turn, id, account, became),
        None if returning && attended => came(turn, user_id, address),
        None => {}
    }
    mode::hear_anew(turn, id);
    take_away(turn, id, user_id);
    Some(Attached {
        left,
        became,
        lands,
        rooms,
        missed_since: Some(last_seen).filter(|_| returning && !fresh),
        absent_since: Some(last_seen).filter(|_| returning && attended),
    })
}
