//! Accounts that wait to be approved: letting them in, or not.

use crate::account::{removal, target};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::limits::WAITING_NAMED;
use crate::record::{AccountChange, Fact};
use crate::right::Act;
use crate::state::State;
use crate::state::account::Account;
use crate::turn::{Mark, Turn};
use causette_proto::{AccountName, Timestamp};

/// Who waits to be approved.
pub(crate) struct Waiting {
    /// The names of the first of them and when they signed up, as people are shown it, the oldest first.
    pub(crate) first: Vec<(AccountName, Timestamp)>,
    /// How many there are.
    pub(crate) number: usize,
}

/// Which accounts wait.
pub(crate) fn waiting(state: &State, actor: &Actor) -> Result<Waiting, Denied> {
    actor.must(state, Act::Approve)?;
    let first = state.unapproved().take(WAITING_NAMED);
    let shown = |account: &Account| {
        let created = state.clock.shown_at(account.created);
        (account.name.clone(), created)
    };
    Ok(Waiting {
        first: first.map(shown).collect(),
        number: state.unapproved_len(),
    })
}

/// What was decided of an account that waited.
pub(crate) struct Judged {
    pub(crate) name: AccountName,
    /// That it was decided.
    pub(crate) mark: Mark,
}

/// Lets an account in. Who waits for it at a connection is told.
pub(crate) fn approve(turn: &mut Turn<'_>, actor: &Actor, name: &str) -> Result<Judged, Denied> {
    actor.must(turn.state, Act::Approve)?;
    let found = unapproved(turn.state, name)?;
    let (account, name) = (found.id, found.name.clone());
    let change = AccountChange::Approved;
    let mark = turn.commit(actor, Fact::AccountChanged { account, change });
    let by = actor.name(turn.state);
    let variables = [("account", name.as_str()), ("by", by.as_str())];
    for session in turn.state.end_wait_for_approval(account) {
        turn.tell_session(session, "NickServ", "account-approved", &variables);
    }
    turn.tell_acted(actor, "notice-account-approved", &variables);
    Ok(Judged { name, mark })
}

/// Does not let an account in: it is no more, and its name is free. Who waits for it at a connection is told why.
pub(crate) fn refuse(
    turn: &mut Turn<'_>,
    actor: &Actor,
    name: &str,
    reason: &str,
) -> Result<Judged, Denied> {
    actor.must(turn.state, Act::Approve)?;
    let found = unapproved(turn.state, name)?;
    actor.must_reach_role(turn.state, found.role)?;
    let (account, name) = (found.id, found.name.clone());
    let reason = target::reason(turn.settings, reason)?.kept;
    let by = actor.name(turn.state);
    let variables = [
        ("account", name.as_str()),
        ("by", by.as_str()),
        ("reason", reason.as_str()),
    ];
    let mark = removal::forget(turn, actor, account, &reason);
    turn.tell_acted(actor, "notice-account-refused", &variables);
    Ok(Judged { name, mark })
}

/// The account of a name that waits. Here nobody's nickname is meant: who waits is not there yet.
fn unapproved<'a>(state: &'a State, name: &str) -> Result<&'a Account, Denied> {
    let variables = [("account", name)];
    let Some(account) = state.account_named(name) else {
        let key = "admin-no-account";
        return Err(Denied::new(Why::NoSuchAccount, key, &variables));
    };
    if !account.waiting {
        let key = "account-not-waiting";
        return Err(Denied::new(Why::AlreadySo, key, &variables));
    }
    Ok(account)
}
