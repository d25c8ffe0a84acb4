//! What those who run the server take from somebody: the connections of their account with what its devices sign in with, or the
//! account itself.

use crate::account::{device, target};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{AccountId, TokenId, UserId};
use crate::person::departure;
use crate::record::{Fact, Who};
use crate::right::Act;
use crate::turn::parting::Parting;
use crate::turn::{Mark, Turn};
use causette_proto::AccountName;

/// What was taken.
pub(crate) struct Removed {
    pub(crate) name: AccountName,
    /// How many connections ended.
    pub(crate) sessions: usize,
    /// How many devices sign in with their token no more.
    pub(crate) devices: usize,
    /// That it was.
    pub(crate) mark: Mark,
}

/// Ends all connections of an account and takes its devices' tokens away, so that whoever has it must sign in anew.
pub(crate) fn end_sessions(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: &str,
    reason: &str,
) -> Result<Removed, Denied> {
    actor.must(turn.state, Act::EndSessions)?;
    let found = target::within_reach(turn.state, actor, account)?;
    let (id, name) = (found.id, found.name.clone());
    let tokens: Vec<TokenId> = found.tokens.iter().map(|token| token.id).collect();
    let reason = target::reason(turn.settings, reason)?.kept;
    if tokens.is_empty() && turn.state.sessions_of(id).is_empty() {
        let variables = [("account", name.as_str())];
        return Err(Denied::new(Why::AlreadySo, "sessions-none", &variables));
    }
    let fact = Fact::Killed {
        target: Who::Account(id),
        reason: reason.clone(),
    };
    let mark = turn.commit(actor, fact);
    tell_of(turn, actor, "notice-sessions-ended", &name, &reason);
    let sessions = end_all(turn, id, "closing-sessions-ended", &reason);
    for token in &tokens {
        device::take_back(turn, actor, id, *token);
    }
    Ok(Removed {
        name,
        sessions,
        devices: tokens.len(),
        mark,
    })
}

/// Gives up an account for its owner, with the channels that it owns.
pub(crate) fn drop_account(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: &str,
    reason: &str,
) -> Result<Removed, Denied> {
    actor.must(turn.state, Act::DropAccount)?;
    let found = target::within_reach(turn.state, actor, account)?;
    let (id, name, devices) = (found.id, found.name.clone(), found.tokens.len());
    let variables = [("account", name.as_str())];
    if actor.account(turn.state) == Some(id) {
        // They would have to be answered by a connection that goes with the account.
        return Err(Denied::new(Why::NoRight, "drop-own", &variables));
    }
    if turn.state.is_last_owner(id) {
        return Err(Denied::new(Why::LastOwner, "last-owner", &variables));
    }
    let reason = target::reason(turn.settings, reason)?.kept;
    let sessions = turn.state.sessions_of(id).len();
    let mark = forget(turn, actor, id, &reason);
    tell_of(turn, actor, "notice-account-dropped", &name, &reason);
    Ok(Removed {
        name,
        sessions,
        devices,
        mark,
    })
}

/// Lets an account be no more, whoever has it; those who are connected, or wait for it to be approved, are told why.
pub(super) fn forget(turn: &mut Turn<'_>, actor: &Actor, id: AccountId, reason: &str) -> Mark {
    let name = turn.state.accounts()[&id].name.clone();
    let variables = [("account", name.as_str()), ("reason", reason)];
    for session in turn.state.end_wait_for_approval(id) {
        turn.tell_session(session, "NickServ", "account-refused", &variables);
        turn.tell_session_how_to_object(session);
    }
    end_all(turn, id, "closing-account-removed", reason);
    turn.state.give_up(id);
    let user = UserId::from(id);
    if turn.state.users.contains_key(&user) {
        // Nobody is connected any more; who is always there leaves as well.
        let parting = Parting::new("closing-account-removed", &variables);
        departure::quit(turn, None, user, &parting);
    }
    departure::let_go(turn, actor, id, reason)
}

/// Ends all connections of an account, and tells why; says how many there were.
fn end_all(turn: &mut Turn<'_>, id: AccountId, key: &'static str, reason: &str) -> usize {
    let sessions = turn.state.sessions_of(id);
    for session in &sessions {
        turn.tell_session_how_to_object(*session);
        departure::end_with(turn, *session, key, &[("reason", reason)]);
    }
    sessions.len()
}

fn tell_of(
    turn: &mut Turn<'_>,
    actor: &Actor,
    key: &'static str,
    name: &AccountName,
    reason: &str,
) {
    let by = actor.name(turn.state);
    let variables = [
        ("account", name.as_str()),
        ("by", by.as_str()),
        ("reason", reason),
    ];
    turn.tell_acted(actor, key, &variables);
}
