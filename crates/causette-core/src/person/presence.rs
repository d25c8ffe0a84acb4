//! What others see of somebody while they are there: whether they are online, away, and where they come from.

use crate::discipline::enforce;
use crate::fitting::Cut;
use crate::id::{SessionId, UserId};
use crate::report::Watched;
use crate::turn::Turn;
use causette_proto::{Capabilities, Capability, CompactString};
use core::net::IpAddr;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// Notes from where a user's sessions come: bans cover these addresses too.
pub(super) fn refresh_hosts(turn: &mut Turn<'_>, user: UserId) {
    let state = &mut *turn.state;
    let Some(user) = state.users.get_mut(&user) else {
        return;
    };
    let peers = user
        .sessions
        .iter()
        .filter_map(|session| state.sessions.get(session))
        .map(|session| &session.peer);
    let mut hosts: Vec<CompactString> = peers
        .flat_map(|peer| [peer.cloak.clone(), peer.address.to_string().into()])
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    user.hidden_hosts = hosts;
}

/// Tells those who monitor a nickname that its user is online.
pub(super) fn came_online(turn: &mut Turn<'_>, user: UserId) {
    if let Some(user) = turn.state.users.get(&user) {
        let (nick, source) = (user.nick.clone(), user.source.clone());
        turn.tell_monitors(&nick, Some(&source));
    }
}

/// The first connection of somebody is there: tells those who monitor their nickname, and who watches at a console.
pub(super) fn came(turn: &mut Turn<'_>, user: UserId, address: IpAddr) {
    came_online(turn, user);
    let nick = turn.state.nick_of(user);
    turn.watch(Watched::Came { nick, address });
}

/// A session says that it is away, or back where it gives no reason. Gives back what of the reason fits on the lines that show it.
pub(crate) fn say_away(turn: &mut Turn<'_>, session: SessionId, reason: &str) -> Cut {
    let mut cut = Cut::of(reason, turn.settings.away_bytes());
    let now = turn.steady();
    let user = turn
        .state
        .sessions
        .get(&session)
        .and_then(|found| found.user);
    if !reason.is_empty() && user.is_some_and(|user| enforce::is_silent(turn.state, user)) {
        // Without a word they would be back.
        cut.kept = turn.words("away-silent").into();
    }
    let Some(found) = turn.state.sessions.get_mut(&session) else {
        return cut;
    };
    *turn.mutated = true;
    found.away = (!cut.kept.is_empty()).then(|| (now, cut.kept.clone()));
    if let Some(user) = found.user {
        refresh_away(turn, user);
    }
    cut
}

/// Finds out whether a user is away now, and tells those who see them when that has changed: they are when every session
/// said so, for the reason that was given last, and when there is no session.
/// <https://ircv3.net/specs/extensions/away-notify>
pub(super) fn refresh_away(turn: &mut Turn<'_>, id: UserId) {
    let Some(user) = turn.state.users.get(&id) else {
        return;
    };
    let said: Option<Vec<_>> = user
        .sessions
        .iter()
        .filter_map(|session| turn.state.sessions.get(session))
        .map(|session| session.away.as_ref())
        .collect();
    let away = if user.is_absent() {
        Some(turn.words("away-disconnected").into())
    } else {
        let last = said.and_then(|said| said.into_iter().max());
        last.map(|(_, text)| text.clone())
    };
    if away == user.away {
        return;
    }
    *turn.mutated = true;
    let body = match &away {
        Some(reason) => format!(":{} AWAY :{reason}", user.source),
        None => format!(":{} AWAY", user.source),
    };
    announce(turn, id, body, Capability::AwayNotify);
    if let Some(user) = turn.state.users.get_mut(&id) {
        user.away = away;
    }
}

/// Tells something about a user to those who see them in a channel, and to those who monitor them with `extended-monitor`;
/// in both cases only who knows the capability. The user's own sessions are not told.
/// <https://ircv3.net/specs/extensions/extended-monitor>
pub(crate) fn announce(turn: &mut Turn<'_>, user: UserId, body: String, needs: Capability) {
    let peers = turn.state.peers(user);
    let Some(user) = turn.state.users.get(&user) else {
        return;
    };
    let (id, rooms) = (user.id, user.channels.len());
    let watching = turn.state.monitors.of(&user.nick).iter().copied();
    let told: FxHashSet<SessionId> = peers.iter().chain(&user.sessions).copied().collect();
    let watching: Vec<SessionId> = watching.filter(|session| !told.contains(session)).collect();
    turn.state.told_in(rooms);
    let line = turn.line_of(id, body);
    turn.deliver(Arc::clone(&line), peers, Capabilities::of(&[needs]));
    turn.deliver(
        line,
        watching,
        Capabilities::of(&[needs, Capability::ExtendedMonitor]),
    );
}

/// Tells something to a user's sessions that know a capability, but not to the one through which it came.
pub(super) fn tell_own(
    turn: &mut Turn<'_>,
    (id, but): (UserId, Option<SessionId>),
    body: String,
    needs: Capability,
) {
    let user = turn.state.users.get(&id);
    let others = user.map_or(&[][..], |user| &user.sessions).iter().copied();
    let others = others.filter(|session| Some(*session) != but).collect();
    let line = turn.line_of(id, body);
    turn.deliver(line, others, Capabilities::of(&[needs]));
}
