//! Whom somebody says they are, before it is proven.

use crate::limits;
use crate::record::Factor;
use crate::state::State;
use crate::state::waiting::Claim;
use causette_proto::{CompactString, split};

/// Whom somebody claims to be who gives this name, with or without a device.
pub(crate) fn claim(state: &State, name: &str) -> Claim {
    let (name, device) = with_device(name);
    let name = CompactString::new(split::cut(name, limits::PASSWORD_BYTES));
    let account = state.account_named(&name);
    Claim {
        account: account.map(|account| account.id),
        password: account.map_or(0, |account| account.passwords),
        name,
        named: true,
        device,
        factor: Factor::Password,
    }
}

/// A name and the device behind its `@`, which no name contains.
pub(super) fn with_device(name: &str) -> (&str, Option<CompactString>) {
    match name.split_once('@') {
        Some((name, device)) => {
            let device = device.trim();
            let valid = !device.is_empty()
                && device.len() <= limits::DEVICE_BYTES
                && !device.contains(char::is_control);
            (name, valid.then(|| device.into()))
        }
        None => (name, None),
    }
}

/// Whether an account has another password than when somebody claimed to be its owner: what was found right then may be a
/// password that somebody else knows, and opens nothing any more. Nor was it wrong: it is to be tried once more.
pub(crate) fn is_stale(state: &State, claim: &Claim) -> bool {
    let account = claim.account.and_then(|id| state.accounts().get(&id));
    account.is_some_and(|account| account.passwords != claim.password)
}
