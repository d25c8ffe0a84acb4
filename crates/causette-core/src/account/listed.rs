//! What those who run the server are shown of accounts: a list, page by page, and all that there is about one.

use crate::account::target;
use crate::actor::Actor;
use crate::denied::Denied;
use crate::discipline::list;
use crate::id::{AccountId, UserId};
use crate::limits;
use crate::order::Portion;
use crate::person::report;
use crate::report::{AccountDetail, AccountReport, DeviceReport};
use crate::right::Act;
use crate::state::State;
use crate::state::account::Account;
use causette_proto::CompactString;
use core::ops::Bound;

/// A page of accounts in the order of their names, behind a name, and whether more follow. Only those whose name contains a part,
/// where one is given.
pub(crate) fn list(
    state: &State,
    actor: &Actor,
    portion: &Portion,
) -> Result<(Vec<AccountReport>, bool), Denied> {
    actor.must(state, Act::InspectAccount)?;
    let limit = portion.limit.min(limits::ACCOUNTS_LISTED);
    let like = state.casemap.fold(&portion.like);
    let after = portion
        .after
        .as_deref()
        .map(|name| state.casemap.fold(name));
    let behind = after.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
    let names = state
        .account_names()
        .range::<str, _>((behind, Bound::Unbounded));
    let fits = names.filter(|(name, _)| name.contains(&*like));
    let found: Vec<AccountId> = fits.map(|(_, id)| *id).take(limit + 1).collect();
    let page = found.iter().take(limit);
    let page = page.map(|id| account_report(state, &state.accounts()[id]));
    Ok((page.collect(), found.len() > limit))
}

/// All that there is about an account.
pub(crate) fn show(state: &State, actor: &Actor, name: &str) -> Result<AccountDetail, Denied> {
    actor.must(state, Act::InspectAccount)?;
    let account = target::named(state, name)?;
    let held = state.sanctions().of_account(account.id);
    let tokens = account.tokens.iter().map(|token| DeviceReport {
        number: token.id.0,
        name: token.name.clone(),
        last_used: token.last_used.map(|time| state.clock.shown_at(time)),
        last_address: token.last_address,
        scopes: token.scopes,
        until: token.until.map(|time| state.clock.shown_at(time)),
    });
    let owned = state.channels().values();
    let owned = owned.filter(|channel| channel.founder == Some(account.id));
    let person = state.users.get(&UserId::from(account.id));
    let mut rooms: Vec<CompactString> = owned
        .map(|channel| CompactString::new(channel.name.as_str()))
        .collect();
    rooms.sort_unstable();
    Ok(AccountDetail {
        account: account_report(state, account),
        person: person.map(|person| report::of(state, person)),
        devices: tokens.collect(),
        login: account.login(),
        login_address: account.pinned(),
        certificates: account.certificates.len(),
        rooms,
        sanctions: held.map(|held| list::report(state, held)).collect(),
    })
}

fn account_report(state: &State, account: &Account) -> AccountReport {
    let was_there = state.is_absent(account.id) && !account.is_fresh();
    AccountReport {
        name: CompactString::new(account.name.as_str()),
        role: account.role,
        created: state.clock.shown_at(account.created),
        last_seen: was_there.then(|| state.clock.shown_at(account.last_seen)),
        sessions: account.sessions,
        waiting: account.waiting,
        sanctions: state
            .sanctions()
            .of_account(account.id)
            .map(|held| held.id)
            .collect(),
    }
}
