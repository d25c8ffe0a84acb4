//! The connections of an account, which its owner ends, one by one or with the account.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{AccountId, SessionId};
use crate::person::departure;
use crate::person::visibility::present_as;
use crate::turn::Turn;

/// Ends connections of one's own.
pub(crate) fn end(turn: &mut Turn<'_>, actor: &Actor, sessions: &[SessionId]) {
    end_all(turn, actor, sessions, "closing-signed-out");
}

/// That of who asks goes last.
fn end_all(turn: &mut Turn<'_>, actor: &Actor, sessions: &[SessionId], key: &'static str) {
    let (own, others): (Vec<_>, Vec<_>) = sessions
        .iter()
        .copied()
        .partition(|session| Some(*session) == actor.session());
    for session in others.into_iter().chain(own) {
        departure::end_with(turn, session, key, &[]);
    }
}

/// Ends all connections of an account but that of who asks, by the nickname it goes by or its name; says how many there were.
pub(crate) fn end_others(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    nick: &str,
) -> Result<usize, Denied> {
    let target = present_as(turn.state, nick);
    let Some(target) = target.filter(|user| user.account == Some(account)) else {
        return Err(Denied::new(Why::NotOwnNick, "nickserv-not-yours", &[]));
    };
    let sessions = target.sessions.iter().copied();
    let others: Vec<_> = sessions
        .filter(|session| Some(*session) != actor.session())
        .collect();
    end(turn, actor, &others);
    Ok(others.len())
}

/// Gives up an account, whose owner names it again to say so: it goes with its last connection. All of them end, so that it is recorded in this turn: what is told
/// must be kept.
pub(crate) fn give_up(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: AccountId,
    again: Option<&str>,
) -> Result<(), Denied> {
    let name = &turn.state.accounts()[&account].name;
    if again.is_none_or(|again| turn.state.casemap.fold(again) != name.key()) {
        let variables = [("account", name.as_str())];
        let key = "nickserv-drop-syntax";
        return Err(Denied::new(Why::NotConfirmed, key, &variables));
    }
    let variables = [("account", name.as_str())];
    if turn.state.is_last_owner(account) {
        return Err(Denied::new(Why::LastOwner, "last-owner", &variables));
    }
    // Who is silenced would speak again under the same name.
    if turn.state.sanctions().of_account(account).next().is_some() {
        return Err(Denied::new(
            Why::UnderSanction,
            "drop-sanctioned",
            &variables,
        ));
    }
    *turn.mutated = true;
    turn.state.give_up(account);
    let sessions = turn.state.sessions_of(account);
    end_all(turn, actor, &sessions, "closing-account-dropped");
    Ok(())
}
