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
use crate::state::session::Opered;
use crate::turn::Turn;
use causette_proto::mode::{Change, format_changes};
use causette_proto::{Capabilities, CompactString};

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

/// Changes the modes of a session's user. Who is an operator of the server no more is none by any of their sessions.
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
    let mut done = draft.done;
    if done.is_empty() {
        return Changed { done, denied };
    }
    *turn.mutated = true;
    let before = kept_of(turn.state, user);
    for change in &done {
        // What somebody chooses is theirs, whatever it was before.
        for session in sessions_of(turn.state, user) {
            if let Some(opered) = opered_mut(turn, session) {
                opered.gave.set(change.mode, false);
            }
        }
    }
    turn.state.set_user_modes(user, draft.held);
    if draft.gives_up {
        let mut gone = Letters::NONE;
        for session in sessions_of(turn.state, user) {
            gone = gone.with(take_back(turn, session));
        }
        done.extend(gone.iter().map(taken));
        turn.clear_administration_room();
    }
    let account = turn.state.users.get(&user).and_then(|user| user.account);
    let after = kept_of(turn.state, user);
    if let Some(account) = account.filter(|_| before != after) {
        keep(turn, actor, account, &after);
    }
    tell_changes(turn, (user, id), &done);
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
    let by_oper = user.is_some_and(|user| state.is_operator(user));
    let mut done = Vec::new();
    let (mut gives_up, mut above) = (false, false);
    for Change { add, mode, .. } in changes {
        match mode {
            // OPER makes operators, the connection is secure or not; server notices are for operators.
            'o' if !add && gives_up => continue,
            'o' if !add && by_oper && !by_role => gives_up = true,
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
    Draft {
        done,
        held,
        gives_up,
        above,
    }
}

/// Lets an operator of the server hear what the others do, and tell all. Gives back which modes were not there before.
pub(crate) fn hear(turn: &mut Turn<'_>, user: UserId) -> Letters {
    *turn.mutated = true;
    let mut given = Letters::NONE;
    if let Some(user) = turn.state.users.get_mut(&user) {
        for letter in ['s', 'w'] {
            given.set(letter, !user.modes.has(letter));
            user.modes.set(letter, true);
        }
    }
    given
}

/// The same for one whom OPER made an operator, by a session with which it goes again.
pub(crate) fn hear_by_oper(turn: &mut Turn<'_>, session: SessionId) {
    let found = turn.state.sessions.get(&session);
    let user = found.filter(|found| found.operator.is_some());
    let Some(user) = user.and_then(|found| found.user) else {
        return;
    };
    let given = hear(turn, user);
    if let Some(opered) = opered_mut(turn, session) {
        opered.gave = opered.gave.with(given);
    }
    tell_others(turn, (user, session), true, given);
}

/// Lets somebody keep what OPER gave them: the role of their account gives it from now on.
pub(crate) fn hear_for_good(turn: &mut Turn<'_>, user: UserId) {
    for session in sessions_of(turn.state, user) {
        if let Some(opered) = opered_mut(turn, session) {
            opered.gave = Letters::NONE;
            *turn.mutated = true;
        }
    }
}

/// A session that OPER made an operator's speaks for another user than before: the modes are those of this one.
pub(crate) fn hear_anew(turn: &mut Turn<'_>, session: SessionId) {
    if let Some(opered) = opered_mut(turn, session) {
        opered.gave = Letters::NONE;
        hear_by_oper(turn, session);
    }
}

/// Shows the other sessions of a user which modes came or went by one of them.
pub(crate) fn tell_others(
    turn: &mut Turn<'_>,
    (user, but): (UserId, SessionId),
    add: bool,
    letters: Letters,
) {
    let changes = letters.iter().map(|mode| Change {
        add,
        mode,
        arg: None,
    });
    tell_changes(turn, (user, but), &changes.collect::<Vec<_>>());
}

fn tell_changes(turn: &mut Turn<'_>, (user, but): (UserId, SessionId), changes: &[Change]) {
    let Some(user) = turn.state.users.get(&user) else {
        return;
    };
    let others = user.sessions.iter().copied();
    let others: Vec<SessionId> = others.filter(|session| *session != but).collect();
    if changes.is_empty() || others.is_empty() {
        return;
    }
    let (source, nick) = (&user.source, &user.nick);
    let changes = format_changes(changes);
    let line = turn.line_of(user.id, format!(":{source} MODE {nick} {changes}"));
    turn.deliver(line, others, Capabilities::EMPTY);
}

/// Ends what OPER has made of a session, and takes from its user what that gave, unless another session of theirs is an operator's
/// alike: then it goes with that one. Nobody hears what operators do who is none. Gives back what was taken.
pub(crate) fn take_back(turn: &mut Turn<'_>, session: SessionId) -> Letters {
    let Some(found) = turn.state.sessions.get_mut(&session) else {
        return Letters::NONE;
    };
    let Some(user) = found.user else {
        found.operator = None;
        return Letters::NONE;
    };
    let Some(opered) = found.operator.take() else {
        return Letters::NONE;
    };
    *turn.mutated = true;
    let heirs = sessions_of(turn.state, user);
    for heir in heirs {
        if let Some(other) = opered_mut(turn, heir) {
            other.gave = other.gave.with(opered.gave);
            return Letters::NONE;
        }
    }
    let mut gone = opered.gave;
    let is_operator = turn.state.users.get(&user);
    let is_operator = is_operator.is_some_and(|user| turn.state.is_operator(user));
    if !is_operator {
        gone.set('s', true);
    }
    take(turn, user, gone)
}

/// Lets somebody who is an operator of the server no more hear nothing more of it. Gives back what was taken.
pub(crate) fn hear_no_more(turn: &mut Turn<'_>, user: UserId) -> Letters {
    take(turn, user, Letters::of("s"))
}

/// Takes modes from a user; gives back those that were there.
fn take(turn: &mut Turn<'_>, user: UserId, letters: Letters) -> Letters {
    *turn.mutated = true;
    let mut taken = Letters::NONE;
    if let Some(user) = turn.state.users.get_mut(&user) {
        for letter in letters.iter().filter(|letter| user.modes.has(*letter)) {
            taken.set(letter, true);
        }
        for letter in taken.iter() {
            user.modes.set(letter, false);
        }
    }
    taken
}

fn taken(mode: char) -> Change {
    let (add, arg) = (false, None);
    Change { add, mode, arg }
}

fn sessions_of(state: &State, user: UserId) -> Vec<SessionId> {
    let user = state.users.get(&user);
    user.map_or_else(Vec::new, |user| user.sessions.clone())
}

fn opered_mut<'a>(turn: &'a mut Turn<'_>, session: SessionId) -> Option<&'a mut Opered> {
    turn.state.sessions.get_mut(&session)?.operator.as_mut()
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

/// The modes of a user that their account keeps: none that OPER gave.
fn kept_of(state: &State, id: UserId) -> CompactString {
    let Some(user) = state.users.get(&id) else {
        return CompactString::default();
    };
    let sessions = user.sessions.iter();
    let opered = sessions.filter_map(|id| state.sessions.get(id)?.operator.as_ref());
    let gave = opered.fold(Letters::NONE, |gave, opered| gave.with(opered.gave));
    let letters = user.modes.iter();
    letters
        .filter(|letter| KEPT.contains(*letter) && !gave.has(*letter))
        .collect()
}

fn keep(turn: &mut Turn<'_>, actor: &Actor, account: AccountId, kept: &str) {
    // An empty value would mean that nothing was ever set, and bring the defaults back.
    let mut value = CompactString::const_new("+");
    value.push_str(kept);
    let name = CompactString::const_new(Setting::Modes.name());
    own::keep(turn, actor, account, name, value);
}
