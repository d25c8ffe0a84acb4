//! Connections before they have said anything. The record enters one when its first line comes; those that end without one are
//! counted by their address, and entered together.

use crate::actor::Actor;
use crate::id::SessionId;
use crate::record::Fact;
use crate::state::session::Trace;
use crate::state::silence::Silence;
use crate::turn::Turn;
use core::net::IpAddr;

/// Enters a session, once.
pub(crate) fn enter(turn: &mut Turn<'_>, id: SessionId) {
    let Some(session) = turn.state.sessions.get(&id) else {
        return;
    };
    if session.trace == Trace::Recorded {
        return;
    }
    let fact = Fact::SessionOpened {
        session: id,
        peer: session.peer.clone(),
        since: session.opened,
    };
    turn.commit(&Actor::Session(id), fact);
}

/// Lets a session go that has said nothing.
pub(crate) fn leave(turn: &mut Turn<'_>, id: SessionId) {
    let Some(session) = turn.state.sessions.get(&id) else {
        return;
    };
    let (address, since) = (session.peer.address, session.opened);
    *turn.mutated = true;
    turn.state.forget_session(id);
    let uptime = turn.state.uptime;
    if let Some(silence) = turn.state.silences.count(address, since, uptime) {
        tell(turn, address, silence);
    }
}

/// Enters those that have been counted for long enough.
pub(crate) fn tell_due(turn: &mut Turn<'_>) {
    let uptime = turn.state.uptime;
    for (address, silence) in turn.state.silences.due(uptime) {
        tell(turn, address, silence);
    }
}

/// Enters all that have been counted: the server stops.
pub(crate) fn tell_all(turn: &mut Turn<'_>) {
    for (address, silence) in turn.state.silences.all() {
        tell(turn, address, silence);
    }
}

fn tell(turn: &mut Turn<'_>, address: IpAddr, silence: Silence) {
    let Silence { count, since, .. } = silence;
    let fact = Fact::ConnectionsSilent {
        address,
        count,
        since,
    };
    turn.commit(&Actor::Server, fact);
}
