//! Fetching a file. That somebody did is entered, once for as long as they go on with it.

use super::find::{Standing, may_read, standing};
use super::{list, no_such_file};
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::file::{File, FileKey, FileReport, Visibility};
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
    /// They know an address that was signed for somebody: they may what that account may.
    ByAddress(&'a str),
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
            let standing = standing(state, actor, file, true);
            if file.aside.is_some() && standing == Some(Standing::Owner) {
                return Err(Denied::new(Why::NotOwnFile, "file-put-aside", &[]));
            }
            (actor.clone(), None, standing.is_some())
        }
        Visitor::Unknown => {
            let may = file.visibility == Visibility::Link && file.aside.is_none();
            (Actor::Server, None, may)
        }
        Visitor::ByAddress(token) => {
            let files = &turn.settings.files;
            let signed = files.key.verify(key, token, turn.steady());
            let account = signed.ok_or_else(unknown)?;
            let may = opens(turn, account, file, from);
            (Actor::Server, Some(account), may)
        }
    };
    if !may {
        return Err(unknown());
    }
    let (id, account) = (file.id, actor.account(state));
    let report = match visitor {
        Visitor::Known(actor) => list::report(turn, actor, file),
        Visitor::Unknown | Visitor::ByAddress(_) => list::plain_report(turn, file),
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

/// Whether an address of a file opens it that was signed for an account: as long as the account may fetch it, and may come at all.
fn opens(turn: &Turn<'_>, account: AccountId, file: &File, from: Origin) -> bool {
    let found = turn.state.accounts().get(&account);
    if found.is_none_or(|found| found.dropping || found.waiting) {
        return false;
    }
    let actor = Actor::Account {
        account,
        token: None,
        address: from.address,
    };
    may_read(turn.state, &actor, file) && enforce::may_sign_in(turn, account, from.address).is_ok()
}
