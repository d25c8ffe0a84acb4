//! What others see of somebody while they are there: whether they are online, away, and where they come from.

use crate::actor::Actor;
use crate::discipline::enforce;
use crate::event::What;
use crate::fitting::Cut;
use crate::id::{Room, RoomId, SessionId, UserId};
use crate::limits;
use crate::person::visibility::{present_as, under};
use crate::person::{attendance, departure, online};
use crate::report::{Away, Watched};
use crate::room::rank;
use crate::state::State;
use crate::turn::Turn;
use crate::turn::parting::{Parting, Told};
use causette_proto::{Capabilities, Capability, CompactString, Nick, Timestamp};
use core::net::IpAddr;
use rustc_hash::FxHashSet;

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

/// Lets somebody be present from now on who was not: those who are in a channel with them see them enter, with what they are there, and
/// those who monitor them are told. Somebody whom nobody saw go is in no channel yet.
pub(super) fn appear(turn: &mut Turn<'_>, actor: &Actor, id: UserId) {
    let Some(user) = turn.state.users.get(&id) else {
        return;
    };
    if user.present {
        return;
    }
    let rooms: Vec<RoomId> = user.channels.iter().copied().collect();
    let before = online::before(turn.state, online::names_of(turn.state, id));
    *turn.mutated = true;
    turn.state.show(id);
    before.tell(turn);
    enter_again(turn, actor, id, rooms);
}

/// Shows those in channels that stayed somebody's that they are there again, with what they are.
pub(super) fn enter_again(turn: &mut Turn<'_>, actor: &Actor, id: UserId, rooms: Vec<RoomId>) {
    let found = turn.state.users.get(&id);
    let realname = found.map_or_else(CompactString::default, |user| user.realname.clone());
    for room in rooms {
        let held = turn.state.channels().get(&room);
        let prefixes = held.map(|channel| channel.prefixes(id));
        let what = What::Returned {
            realname: realname.clone(),
            prefixes: prefixes.unwrap_or_default(),
        };
        turn.happen(actor, vec![Room::Channel(room)], id, what);
        rank::show(turn, actor, (room, id), prefixes.unwrap_or_default());
        show_away(turn, id, room);
    }
}

/// Lets those go who have stayed without a connection for too long, and those come back of whom that only seemed so, before a step of
/// the clock. They keep their channels, unseen.
pub(crate) fn review(turn: &mut Turn<'_>, stepped: bool) {
    if stepped {
        for user in turn.state.not_gone() {
            appear(turn, &Actor::Server, user);
        }
    }
    for _ in 0..limits::GONE_PER_INPUT {
        let Some(user) = turn.state.next_gone() else {
            return;
        };
        vanish(turn, user);
    }
}

/// Somebody who stays without a connection is present no more.
fn vanish(turn: &mut Turn<'_>, id: UserId) {
    let days = limits::PRESENT_DAYS.to_string();
    let reason = Parting::new("quit-absent", &[("days", &days)]);
    withdraw(turn, &Actor::Server, id, &reason);
}

/// Somebody is present no more, and keeps their channels unseen: those who are in one with them see them quit.
pub(super) fn withdraw(turn: &mut Turn<'_>, actor: &Actor, id: UserId, reason: &Parting) {
    let user = turn.state.users.get(&id);
    let Some(user) = user.filter(|user| user.present) else {
        return;
    };
    let rooms: Vec<Room> = user.channels.iter().copied().map(Room::Channel).collect();
    let before = online::before(turn.state, online::names_of(turn.state, id));
    departure::remember(turn, id);
    if !rooms.is_empty() {
        let by = actor.who(turn.state);
        let gone = |reason| What::Vanished { reason };
        turn.part_with(actor, Some(by), (rooms, id), reason, gone);
    }
    *turn.mutated = true;
    turn.state.hide(id);
    before.tell(turn);
}

/// The first connection of somebody is there: tells who watches at a console.
pub(super) fn came(turn: &mut Turn<'_>, user: UserId, address: IpAddr) {
    let nick = turn.state.nick_of(user);
    turn.watch(Watched::Came { nick, address });
}

/// What a session has said of being away.
pub(crate) struct Said {
    /// What of the reason fits on the lines that show it.
    pub(crate) reason: Cut,
    /// Since when nobody was there who has its account, where nobody was and somebody is now.
    pub(crate) absent_since: Option<Timestamp>,
}

/// A session says that it is away, or back where it gives no reason: in either case somebody is at it.
pub(crate) fn say_away(turn: &mut Turn<'_>, session: SessionId, reason: &str) -> Said {
    let cut = Cut::of(reason, turn.settings.away_bytes());
    let now = turn.steady();
    let user = turn
        .state
        .sessions
        .get(&session)
        .and_then(|found| found.user);
    let is_silent = user.is_some_and(|user| enforce::is_silent(turn.state, user));
    let away = match cut.kept.is_empty() {
        true => None,
        // Without a word they would be back.
        false if is_silent => Some(Away::Found("away-silent")),
        false => Some(Away::Said(cut.kept.clone())),
    };
    *turn.mutated = true;
    if let Some(found) = turn.state.sessions.get_mut(&session) {
        found.away = away.map(|away| (now, away));
    }
    let absent_since = attendance::come_back(turn, session);
    if let Some(user) = user {
        refresh_away(turn, user);
    }
    Said {
        reason: cut,
        absent_since,
    }
}

/// Goes by the reason that a session gave before anybody saw who it is, but for who is to be silent: others would read it.
pub(super) fn take_away(turn: &mut Turn<'_>, session: SessionId, user: UserId) {
    let is_silent = enforce::is_silent(turn.state, user);
    let found = turn.state.sessions.get_mut(&session);
    let said = found.and_then(|session| session.away.as_mut());
    if let Some((_, reason)) = said.filter(|_| is_silent) {
        *reason = Away::Found("away-silent");
    }
    refresh_away(turn, user);
}

/// Finds out whether a user is away now, and tells those who see them when that has changed: they are when every session
/// said so, for the reason that was given last, and when there is no session. One at which nobody is says nothing.
/// <https://ircv3.net/specs/extensions/away-notify>
pub(super) fn refresh_away(turn: &mut Turn<'_>, id: UserId) {
    let Some(user) = turn.state.users.get(&id) else {
        return;
    };
    let said: Option<Vec<_>> = user
        .sessions
        .iter()
        .filter_map(|session| turn.state.sessions.get(session))
        .filter(|session| session.attended)
        .map(|session| session.away.as_ref())
        .collect();
    let away = if user.is_absent() {
        Some(Away::Found("away-disconnected"))
    } else if user.unattended == user.sessions.len() {
        // A guest.
        Some(Away::Found("away-nobody"))
    } else {
        let last = said.and_then(|said| said.into_iter().max());
        last.map(|(_, away)| away.clone())
    };
    if away == user.away {
        return;
    }
    *turn.mutated = true;
    let source = user.source.clone();
    announce_told(
        turn,
        id,
        &source,
        &Told::away(away.as_ref()),
        Capability::AwayNotify,
    );
    if let Some(user) = turn.state.users.get_mut(&id) {
        user.away = away;
    }
}

/// Tells those in a channel that somebody who has entered it is away, where they are. <https://ircv3.net/specs/extensions/away-notify>
pub(crate) fn show_away(turn: &mut Turn<'_>, user: UserId, room: RoomId) {
    let Some(found) = turn.state.users.get(&user) else {
        return;
    };
    let Some(away) = &found.away else {
        return;
    };
    let (source, told) = (found.source.clone(), Told::away(Some(away)));
    let own = found.sessions.clone();
    let to = turn.state.crowd(room, user);
    let to = to.iter().copied().filter(|session| !own.contains(session));
    let (to, needs) = (to.collect::<Vec<_>>(), [Capability::AwayNotify]);
    turn.deliver_told(user, &source, &told, &to, Capabilities::of(&needs));
}

/// Tells something about a user to those who see them in a channel, and to those who monitor them with `extended-monitor`;
/// in both cases only who knows the capability. The user's own sessions are not told. Who monitors them by the name of their account
/// reads it under that name. <https://ircv3.net/specs/extensions/extended-monitor>
pub(crate) fn announce(
    turn: &mut Turn<'_>,
    user: UserId,
    (source, words): (&str, &str),
    needs: Capability,
) {
    announce_told(turn, user, source, &Told::same(words), needs);
}

fn announce_told(turn: &mut Turn<'_>, user: UserId, source: &str, told: &Told, needs: Capability) {
    let peers = turn.state.peers(user);
    let watchers = watchers(turn.state, user, &peers);
    let Some(user) = turn.state.users.get(&user) else {
        return;
    };
    let (id, rooms) = (user.id, user.channels.len());
    turn.state.told_in(rooms);
    turn.deliver_told(id, source, told, &peers, Capabilities::of(&[needs]));
    let needs = Capabilities::of(&[needs, Capability::ExtendedMonitor]);
    for (name, watching) in watchers {
        let source = under(source, name.as_str());
        turn.deliver_told(id, &source, told, &watching, needs);
    }
}

/// Who monitors somebody, by each name by which they do: without the person's own sessions, and by the nickname without those who see
/// them, who read what is told under it already.
pub(super) fn watchers(
    state: &State,
    user: UserId,
    peers: &[SessionId],
) -> Vec<(Nick, Vec<SessionId>)> {
    let names = online::names_of(state, user);
    let Some(user) = state.users.get(&user) else {
        return Vec::new();
    };
    let (own, seen) = (&user.sessions, || peers.iter().chain(&user.sessions));
    let mut watchers = Vec::new();
    for (place, name) in names.into_iter().enumerate() {
        let watching = state.monitors.of(&name);
        let online = present_as(state, name.as_str());
        if watching.is_empty() || online.is_none_or(|online| online.id != user.id) {
            continue;
        }
        let told: FxHashSet<SessionId> = match place {
            0 => seen().copied().collect(),
            _ => own.iter().copied().collect(),
        };
        let watching = watching.iter().copied();
        watchers.push((
            name,
            watching.filter(|session| !told.contains(session)).collect(),
        ));
    }
    watchers
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
