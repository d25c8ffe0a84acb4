//! Leaving: the end of a session, of its user, and of an account that was given up.

use crate::event::What;
use crate::id::{AccountId, Room, RoomId, SessionId, UserId};
use crate::presence::{refresh_away, refresh_hosts};
use crate::record::Fact;
use crate::reply::Ctx;
use crate::turn::Turn;
use crate::whowas::Was;
use causette_proto::{CompactString, Timestamp};

/// After a crash, lets those leave who are not there any more: accounts that do not stay without a connection, and the
/// channels that only guests were in.
pub(crate) fn forget_the_gone(turn: &mut Turn<'_>) {
    let reason = causette_text::text(turn.settings.language, "closing-failed");
    let gone = turn.state.users.values().filter(|user| {
        let account = user.account.and_then(|id| turn.state.accounts.get(&id));
        account.is_none_or(|account| !account.stays(turn.settings))
    });
    let mut gone: Vec<UserId> = gone.map(|user| user.id).collect();
    gone.sort_unstable();
    for user in gone {
        quit(turn, None, user, &reason);
    }
    let mut rooms: Vec<RoomId> = turn.state.channels.keys().copied().collect();
    rooms.sort_unstable();
    let rooms: Vec<Room> = rooms.into_iter().map(Room::Channel).collect();
    turn.close_empty(&rooms);
}

/// Remembers the nickname that a user gives up.
pub(crate) fn remember(turn: &mut Turn<'_>, user: UserId) {
    let Some(user) = turn.state.users.get(&user) else {
        return;
    };
    let was = Was {
        nick: user.nick.clone(),
        username: user.username.clone(),
        host: user.host.clone(),
        realname: user.realname.clone(),
        account: turn
            .state
            .account_name(user)
            .map(|name| CompactString::new(name.as_str())),
        until: turn.now(),
    };
    turn.state.whowas.add(was, turn.settings.limits.whowas);
}

/// Takes a session away from its user and records that it ended. The session's line and closing are the caller's.
pub(crate) fn detach(turn: &mut Turn<'_>, id: SessionId, reason: &str) {
    *turn.mutated = true;
    let Some(session) = turn.state.sessions.remove(&id) else {
        return;
    };
    let attempts = &mut turn.state.attempts;
    attempts.leave(id, session.peer.address);
    if let Some(account) = session
        .account
        .and_then(|id| turn.state.accounts.get_mut(&id))
    {
        account.sessions = account.sessions.saturating_sub(1);
    }
    for nick in &session.monitored {
        turn.state.monitors.remove(nick, id);
    }
    let user = session.user;
    if let Some(user) = user {
        turn.state.forget_audiences(user);
        if let Some(user) = turn.state.users.get_mut(&user) {
            user.sessions.retain(|session| *session != id);
        }
    }
    let last = user
        .and_then(|user| turn.state.users.get(&user))
        .is_some_and(|user| user.is_absent());
    // What came after the session's last sign of life may not have reached anybody.
    let alive = turn.now().plus_seconds(-i64::from(session.silence));
    let mut last_seen = None;
    if last
        && let Some(account) = session
            .account
            .and_then(|id| turn.state.accounts.get_mut(&id))
    {
        account.last_seen = alive.max(Timestamp(account.created.0 + 1));
        last_seen = Some(account.last_seen);
    }
    turn.record(
        Some(id),
        Fact::SessionClosed {
            session: id,
            account: session.account,
            last_seen,
            reason: reason.into(),
        },
    );
    let Some(user) = user else {
        return;
    };
    turn.state.recount(user);
    refresh_hosts(turn, user);
    if last && let Some(user) = turn.state.users.get(&user) {
        let nick = user.nick.clone();
        turn.tell_monitors(&nick, None);
    }
    let account = session
        .account
        .and_then(|account| turn.state.accounts.get(&account));
    if last && account.is_none_or(|account| !account.stays(turn.settings)) {
        quit(turn, Some(id), user, reason);
    } else {
        refresh_away(turn, user);
    }
    if let Some(account) = session.account {
        drop_account(turn, id, account);
    }
}

/// Lets an account go whose owner gave it up, once its last session has ended.
fn drop_account(turn: &mut Turn<'_>, session: SessionId, id: AccountId) {
    let account = turn.state.accounts.get(&id);
    if !account.is_some_and(|account| account.dropping && account.sessions == 0) {
        return;
    }
    let channels = turn.state.channels.values();
    let mut founded: Vec<RoomId> = channels
        .filter(|channel| channel.founder == Some(id))
        .map(|channel| channel.id)
        .collect();
    founded.sort_unstable();
    for room in &founded {
        turn.record(Some(session), Fact::RoomUnregistered { room: *room });
    }
    for channel in turn.state.channels.values_mut() {
        if channel.founder == Some(id) {
            channel.founder = None;
            channel.access.clear();
        }
        channel.access.remove(&id);
    }
    let founded: Vec<Room> = founded.into_iter().map(Room::Channel).collect();
    turn.close_empty(&founded);
    turn.record(Some(session), Fact::AccountDropped { account: id });
    turn.state.remove_account(id);
}

/// Ends a session that is not the one whose command is being handled. `reason` is told to others, `told` to the session.
pub(crate) fn end(turn: &mut Turn<'_>, session: SessionId, reason: &str, told: &str) {
    if !turn.state.sessions.contains_key(&session) {
        return;
    }
    let mut ctx = Ctx::new(turn.reborrow(), session, None);
    ctx.close(reason, told);
    ctx.conclude();
}

/// Removes a user from everywhere.
pub(crate) fn quit(turn: &mut Turn<'_>, session: Option<SessionId>, user: UserId, reason: &str) {
    let Some(found) = turn.state.users.get(&user) else {
        return;
    };
    let rooms: Vec<Room> = found.channels.iter().copied().map(Room::Channel).collect();
    if !rooms.is_empty() {
        turn.happen(
            session,
            rooms,
            user,
            What::Quit {
                reason: reason.into(),
            },
        );
    }
    remember(turn, user);
    turn.state.remove_user(user);
}
