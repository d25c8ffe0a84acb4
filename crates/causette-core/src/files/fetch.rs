//! Fetching a file. That somebody did is entered, once for as long as they go on with it.

use super::find::standing;
use super::{list, no_such_file};
use crate::actor::Actor;
use crate::denied::Denied;
use crate::file::{FileKey, FileReport, Visibility};
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
    looks: bool,
) -> Result<FileReport, Denied> {
    let unknown = || no_such_file(&key.to_string());
    let state = &*turn.state;
    let file = state.files().at(key).ok_or_else(unknown)?;
    let (actor, of, may) = match *visitor {
        Visitor::Known(actor) => {
            let may = standing(state, actor, file, true).is_some();
            (actor.clone(), None, may)
        }
        Visitor::Unknown => {
            let may = file.visibility == Visibility::Link && !file.quarantined;
            (Actor::Server, None, may)
        }
        // Good as long as it was not taken back.
        Visitor::ByAddressOf(account) => {
            let was_sent = file.granted.binary_search(&account).is_ok();
            (Actor::Server, Some(account), was_sent && !file.quarantined)
        }
    };
    if !may {
        return Err(unknown());
    }
    let (id, account) = (file.id, actor.account(state));
    let report = match visitor {
        Visitor::Known(actor) => list::report(state, actor, file),
        Visitor::Unknown | Visitor::ByAddressOf(_) => list::plain_report(state, file),
    };
    if looks {
        return Ok(report);
    }
    let now = turn.steady();
    let since = now.plus_seconds(-limits::FETCH_SECONDS);
    let who = (account, of, from.address);
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
