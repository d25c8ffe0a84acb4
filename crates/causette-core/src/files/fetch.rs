//! Fetching a file. That somebody did is entered, once for as long as they go on with it.

use super::find::standing;
use super::{list, no_such_file};
use crate::actor::Actor;
use crate::denied::Denied;
use crate::file::{FileKey, FileReport};
use crate::id::AccountId;
use crate::limits;
use crate::record::{Fact, Origin};
use crate::turn::Turn;

/// By what somebody comes who fetches a file.
pub(crate) enum Visitor<'a> {
    /// They have signed in.
    Known(&'a Actor),
    /// They know its address, and nothing is known of them.
    Unknown,
    /// They know an address that was signed for somebody.
    ByAddressOf(AccountId),
}

/// Judges who wants the bytes of a file, and enters that they fetch it.
pub(crate) fn fetch(
    turn: &mut Turn<'_>,
    visitor: &Visitor<'_>,
    key: FileKey,
    from: Origin,
) -> Result<FileReport, Denied> {
    let unknown = || no_such_file(&key.to_string());
    let nobody = Actor::Account {
        account: AccountId(0),
        token: None,
        address: from.address,
    };
    let of = match visitor {
        Visitor::ByAddressOf(account) => Some(*account),
        Visitor::Known(_) | Visitor::Unknown => None,
    };
    let actor = match visitor {
        Visitor::Known(actor) => (*actor).clone(),
        Visitor::Unknown | Visitor::ByAddressOf(_) => nobody,
    };
    let state = &*turn.state;
    let file = state.files().at(key).ok_or_else(unknown)?;
    let may = match of {
        // Good as long as it was not taken back.
        Some(account) => !file.quarantined && file.granted.binary_search(&account).is_ok(),
        None => standing(state, &actor, file, true).is_some(),
    };
    if !may {
        return Err(unknown());
    }
    let report = list::report(state, &actor, file);
    let (id, who) = (
        file.id,
        (
            actor.account(state).filter(|id| id.0 != 0),
            of,
            from.address,
        ),
    );
    let since = turn.steady().plus_seconds(-limits::FETCH_SECONDS);
    let now = turn.steady();
    *turn.mutated = true;
    if turn.state.fetches.begins((id, who), now, since) {
        let fact = Fact::FileFetched {
            file: id,
            by_address_of: of,
            from,
        };
        turn.commit(&actor, fact);
    }
    Ok(report)
}
