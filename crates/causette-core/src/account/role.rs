//! Giving an account a role on the server, and taking it away.

use crate::account::{program, target};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::id::{AccountId, SessionId, UserId};
use crate::person::mode;
use crate::record::Fact;
use crate::right::{Act, RIGHTS, Role, may};
use crate::state::State;
use crate::state::account::Account;
use crate::turn::{Mark, Turn};
use causette_proto::AccountName;

/// What became of an account's role.
pub(crate) struct Given {
    pub(crate) name: AccountName,
    /// Which it has now: the first administrator that whoever has the machine makes is an owner.
    pub(crate) role: Role,
    /// That it was given.
    pub(crate) mark: Mark,
    /// The connections that are an operator's from now on.
    pub(crate) gained: Vec<SessionId>,
    /// Those that are none any more.
    pub(crate) lost: Vec<SessionId>,
    /// Whether these were told what operators do, and are no more.
    pub(crate) heard: bool,
}

/// Gives an account a role; that of a user takes away what it had.
pub(crate) fn give(
    turn: &mut Turn<'_>,
    actor: &Actor,
    account: &str,
    role: Role,
    reason: &str,
) -> Result<Given, Denied> {
    actor.must(turn.state, Act::GiveRole)?;
    let found = target::named(turn.state, account)?;
    let id = found.id;
    // Whoever has the machine begins with somebody who can give roles in turn.
    let is_first = matches!(actor, Actor::System(_)) && role == Role::Admin;
    let role = if is_first && !turn.state.has_owner() {
        Role::Owner
    } else {
        role
    };
    may_give(turn.state, actor, found, role)?;
    let reason = target::reason(turn.settings, reason)?.kept;
    Ok(assign(turn, actor, id, role, &reason))
}

/// Gives an account a role, all checks done, and tells whom it concerns.
pub(super) fn assign(
    turn: &mut Turn<'_>,
    actor: &Actor,
    id: AccountId,
    role: Role,
    reason: &str,
) -> Given {
    let name = turn.state.accounts()[&id].name.clone();
    let before = operating(turn.state, id);
    let fact = Fact::RoleGiven {
        account: id,
        role,
        reason: reason.into(),
    };
    let mark = turn.commit(actor, fact);
    let after = operating(turn.state, id);
    let by = actor.name(turn.state);
    let variables = [
        ("account", name.as_str()),
        ("role", role.name()),
        ("reason", reason),
        ("by", by.as_str()),
    ];
    for session in turn.state.sessions_of(id) {
        turn.tell_session(session, "NickServ", "role-given", &variables);
    }
    turn.tell_acted(actor, "notice-role-given", &variables);
    // Behind these: of one's own role one need not hear twice.
    let user = UserId::from(id);
    if before.is_empty() && !after.is_empty() {
        mode::hear(turn, user);
    }
    if turn.state.operates(id) {
        mode::hear_for_good(turn, user);
    }
    let heard = after.is_empty() && !mode::hear_no_more(turn, user).is_empty();
    if matches!(role, Role::User | Role::Bot) {
        // Whoever is given a role again does not find again by what programs ran the server before; and of a bot the token alone says
        // what it may, so that one from before would be good for more than whoever gave it meant.
        program::take_all(turn, actor, id);
    }
    // What their role kept off holds for them from now on.
    enforce::uphold(turn, user);
    let only = |these: &[SessionId], not_in: &[SessionId]| {
        let these = these.iter().copied();
        let only = these.filter(|one| !not_in.contains(one));
        only.filter(|one| turn.state.sessions.contains_key(one))
            .collect()
    };
    Given {
        name,
        role,
        mark,
        gained: only(&after, &before),
        lost: only(&before, &after),
        heard,
    }
}

/// Whether somebody may give this account that role. Nobody decides of themselves, but an owner who leaves the server to another.
fn may_give(state: &State, actor: &Actor, account: &Account, role: Role) -> Result<(), Denied> {
    let own = actor.role(state);
    let variables = [("account", account.name.as_str()), ("role", role.name())];
    // Nobody gets by a token's word what the token is not good for, beside what everybody may who has an account.
    let beyond = |act| may(role, act) && !may(Role::User, act) && !actor.may(state, act);
    let is_beyond = actor.scopes(state).is_some() && RIGHTS.iter().any(|(act, ..)| beyond(*act));
    if !own.gives(role) || !own.gives(account.role) || is_beyond {
        return Err(Denied::new(Why::NoRight, "role-out-of-reach", &variables));
    }
    if actor.account(state) == Some(account.id) && account.role != Role::Owner {
        return Err(Denied::new(Why::NoRight, "role-own", &[]));
    }
    if account.waiting {
        let key = "role-account-waits";
        return Err(Denied::new(Why::WaitsForApproval, key, &variables));
    }
    if account.role == role {
        return Err(Denied::new(Why::AlreadySo, "role-held", &variables));
    }
    if state.is_last_owner(account.id) {
        return Err(Denied::new(Why::LastOwner, "last-owner", &variables));
    }
    Ok(())
}

/// The connections of an account that are an operator's who is online.
fn operating(state: &State, account: AccountId) -> Vec<SessionId> {
    let user = state.users.get(&UserId::from(account));
    let sessions = user.map_or(&[][..], |user| &user.sessions);
    let sessions = sessions.iter().copied();
    sessions.filter(|id| state.is_operators(*id)).collect()
}
