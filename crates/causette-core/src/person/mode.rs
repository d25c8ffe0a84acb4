//! The modes of users: one's own. <https://modern.ircdocs.horse/#user-modes>

use crate::account::own;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::id::{AccountId, SessionId, UserId};
use crate::modes::Letters;
use crate::right::Act;
use crate::state::State;
use crate::state::account::Setting;
use crate::turn::Turn;
use causette_proto::CompactString;
use causette_proto::mode::Change;

/// The modes that an account keeps when it is offline: the others are of a connection.
const KEPT: &str = "BRTiw";

/// What became of changes that were asked for.
#[derive(Default)]
pub(crate) struct Changed {
    /// Those that were made.
    pub(crate) done: Vec<Change>,
    /// Why others were not.
    pub(crate) denied: Option<Denied>,
}

/// Changes the modes of a session's user.
pub(crate) fn change(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: SessionId,
    changes: Vec<Change>,
) -> Changed {
    let Some(user) = turn.state.sessions.get(&id).and_then(|found| found.user) else {
        return Changed::default();
    };
    let draft = judge(turn.state, actor, id, changes);
    let denied = draft
        .above
        .then(|| Denied::new(Why::ModeNotGiven, "user-mode-not-given", &[]));
    let done = draft.done;
    if done.is_empty() {
        return Changed { done, denied };
    }
    *turn.mutated = true;
    if draft.gives_up
        && let Some(session) = turn.state.sessions.get_mut(&id)
    {
        session.operator = None;
    }
    if draft.gives_up {
        turn.clear_administration_room();
    }
    if let Some(found) = turn.state.users.get(&user) {
        let (account, before) = (found.account, found.modes);
        turn.state.set_user_modes(user, draft.held);
        if let Some(account) = account.filter(|_| kept(before) != kept(draft.held)) {
            keep(turn, actor, account, draft.held);
        }
    }
    if draft.gives_up {
        // What their role kept off holds for them from now on.
        enforce::uphold(turn, user);
    }
    Changed { done, denied }
}

/// What changes come to.
struct Draft {
    done: Vec<Change>,
    /// The user's modes with them.
    held: Letters,
    /// Whether the session is to be an operator's no more.
    gives_up: bool,
    /// Whether some were asked for that are not to be had so.
    above: bool,
}

fn judge(state: &State, actor: &Actor, id: SessionId, changes: Vec<Change>) -> Draft {
    let shown = shown(state, id);
    let user = state.sessions[&id].user;
    let user = user.and_then(|user| state.users.get(&user));
    let mut held = user.map(|user| user.modes).unwrap_or_default();
    let hears = actor.may(state, Act::HearOfActs);
    // What one is by the role of one's account, others take away.
    let account = user.and_then(|user| user.account);
    let by_role = account.is_some_and(|account| state.operates(account));
    let mut done = Vec::new();
    let (mut gives_up, mut above) = (false, false);
    for Change { add, mode, .. } in changes {
        match mode {
            // OPER makes operators, the connection is secure or not; server notices are for operators.
            'o' if !add && gives_up => continue,
            'o' if !add && shown.has('o') && !by_role => gives_up = true,
            's' if add && (!hears || gives_up) => {
                above = true;
                continue;
            }
            'o' | 'Z' => {
                above |= shown.has(mode) != add;
                continue;
            }
            _ if held.has(mode) == add => continue,
            _ => held.set(mode, add),
        }
        let arg = None;
        done.push(Change { add, mode, arg });
    }
    if gives_up && held.has('s') {
        held.set('s', false);
        let (add, mode, arg) = (false, 's', None);
        done.push(Change { add, mode, arg });
    }
    Draft {
        done,
        held,
        gives_up,
        above,
    }
}

/// Lets an operator of the server hear what the others do, and tell all.
pub(crate) fn hear(turn: &mut Turn<'_>, user: UserId) {
    *turn.mutated = true;
    if let Some(user) = turn.state.users.get_mut(&user) {
        user.modes.set('s', true);
        user.modes.set('w', true);
    }
}

/// Lets somebody who is an operator of the server no more hear nothing more of it; says whether they heard it.
pub(crate) fn hear_no_more(turn: &mut Turn<'_>, user: UserId) -> bool {
    *turn.mutated = true;
    let user = turn.state.users.get_mut(&user);
    user.is_some_and(|user| {
        let heard = user.modes.has('s');
        user.modes.set('s', false);
        heard
    })
}

/// The modes as they are shown: with those that follow from the session.
pub(crate) fn shown(state: &State, id: SessionId) -> Letters {
    let session = &state.sessions[&id];
    let user = session.user.and_then(|user| state.users.get(&user));
    let mut modes = user.map(|user| user.modes).unwrap_or_default();
    modes.set('o', state.is_operating(session));
    modes.set('Z', session.peer.tls.is_some());
    modes
}

fn kept(modes: Letters) -> CompactString {
    modes
        .iter()
        .filter(|letter| KEPT.contains(*letter))
        .collect()
}

fn keep(turn: &mut Turn<'_>, actor: &Actor, account: AccountId, modes: Letters) {
    // An empty value would mean that nothing was ever set, and bring the defaults back.
    let mut value = CompactString::const_new("+");
    value.push_str(&kept(modes));
    let name = CompactString::const_new(Setting::Modes.name());
    own::keep(turn, actor, account, name, value);
}
