//! Whom a session monitors. <https://ircv3.net/specs/extensions/monitor>

use crate::id::SessionId;
use crate::turn::Turn;
use causette_proto::Nick;

/// What became of nicknames that were to be monitored.
#[derive(Default)]
pub(crate) struct Added {
    /// Those that were not before.
    pub(crate) added: Vec<Nick>,
    /// Those for which there is no place.
    pub(crate) left_out: Vec<Nick>,
}

/// Monitors nicknames, as many as there is place for.
pub(crate) fn add(turn: &mut Turn<'_>, id: SessionId, nicks: Vec<Nick>) -> Added {
    let max = turn.settings.limits.monitor;
    let state = &mut *turn.state;
    let Some(session) = state.sessions.get_mut(&id) else {
        return Added::default();
    };
    *turn.mutated = true;
    let mut added = Vec::new();
    let mut nicks = nicks.into_iter();
    while let Some(nick) = nicks.next() {
        if session.monitored.contains(&nick) {
            continue;
        }
        if session.monitored.len() >= max {
            let left_out = std::iter::once(nick).chain(nicks).collect();
            return Added { added, left_out };
        }
        session.monitored.push(nick.clone());
        state.monitors.add(&nick, id);
        added.push(nick);
    }
    let left_out = Vec::new();
    Added { added, left_out }
}

/// Monitors a nickname no more.
pub(crate) fn remove(turn: &mut Turn<'_>, id: SessionId, nick: &Nick) {
    let state = &mut *turn.state;
    let Some(session) = state.sessions.get_mut(&id) else {
        return;
    };
    *turn.mutated = true;
    if let Some(place) = session.monitored.iter().position(|held| held == nick) {
        session.monitored.remove(place);
        state.monitors.remove(nick, id);
    }
}

/// Monitors nobody.
pub(crate) fn clear(turn: &mut Turn<'_>, id: SessionId) {
    let session = turn.state.sessions.get_mut(&id);
    *turn.mutated = true;
    let nicks = session.map(|session| std::mem::take(&mut session.monitored));
    for nick in nicks.unwrap_or_default() {
        turn.state.monitors.remove(&nick, id);
    }
}
