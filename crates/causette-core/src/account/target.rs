//! Whose account somebody means who runs the server, and whether they may act on it.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::fitting::{self, Cut};
use crate::settings::Settings;
use crate::state::State;
use crate::state::account::Account;

/// The account of a name, or else of who goes by it.
pub(crate) fn named<'a>(state: &'a State, name: &str) -> Result<&'a Account, Denied> {
    let by_nick = || {
        let account = state.user_named(name)?.account?;
        state.accounts().get(&account)
    };
    let found = state.account_named(name).or_else(by_nick);
    found.filter(|found| !found.dropping).ok_or_else(|| {
        let variables = [("account", name)];
        Denied::new(Why::NoSuchAccount, "admin-no-account", &variables)
    })
}

/// The same, where the role of who asks reaches its own.
pub(crate) fn within_reach<'a>(
    state: &'a State,
    actor: &Actor,
    name: &str,
) -> Result<&'a Account, Denied> {
    let account = named(state, name)?;
    actor.must_reach_account(state, account)?;
    Ok(account)
}

/// A reason that a person is told, as far as it fits on a line. Nobody is touched without one.
pub(crate) fn reason(settings: &Settings, reason: &str) -> Result<Cut, Denied> {
    fitting::reason(reason, settings.kick_bytes())
}
