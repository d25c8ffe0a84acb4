//! What somebody is uploading: which uploads are under way, and that one is given up before its file is there.

use super::list;
use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::file::{Coming, ComingRef, Permit};
use crate::id::AccountId;
use crate::limits;
use crate::output::Output;
use crate::turn::Turn;

/// What somebody has under way, the newest first.
pub(crate) fn list(turn: &Turn<'_>, actor: &Actor) -> Result<Vec<Coming>, Denied> {
    let owner = owner(turn, actor)?;
    let permits = turn.state.permits.numbered(owner);
    let coming = permits.into_iter();
    Ok(coming
        .map(|(number, permit)| report(turn, number, permit))
        .collect())
}

/// Gives up what somebody has under way: nobody sends it any more, and the room that was kept for it is free. Says which.
pub(crate) fn cancel(
    turn: &mut Turn<'_>,
    actor: &Actor,
    wanted: &ComingRef,
) -> Result<Vec<Coming>, Denied> {
    let owner = owner(turn, actor)?;
    let mut permits = turn.state.permits.numbered(owner);
    match wanted {
        ComingRef::Number(wanted) => permits.retain(|(number, _)| number == wanted),
        ComingRef::Name(name) => {
            permits.retain(|(_, permit)| permit.name.as_str() == name);
            permits.truncate(1);
        }
        ComingRef::All => {}
    }
    if permits.is_empty() && *wanted != ComingRef::All {
        return Err(Denied::new(Why::NoSuchUpload, "file-not-coming", &[]));
    }
    let coming = permits.iter();
    let coming: Vec<_> = coming
        .map(|(number, permit)| (permit.key, report(turn, *number, permit)))
        .collect();
    let mut cancelled = Vec::with_capacity(coming.len());
    for (key, report) in coming {
        *turn.mutated = true;
        turn.state.permits.take(key);
        turn.out.push(Output::UploadCancelled(key));
        cancelled.push(report);
    }
    Ok(cancelled)
}

/// Only who has an account uploads.
fn owner(turn: &Turn<'_>, actor: &Actor) -> Result<AccountId, Denied> {
    let needed = || Denied::new(Why::SignInFirst, "file-account-needed", &[]);
    actor.account(turn.state).ok_or_else(needed)
}

fn report(turn: &Turn<'_>, number: u64, permit: &Permit) -> Coming {
    let state = &*turn.state;
    let shown = |steady| state.clock.shown_at(steady);
    Coming {
        number,
        name: permit.name.clone(),
        bytes: permit.bytes,
        visibility: permit.visibility,
        room: list::room_of(state, permit.visibility),
        to: permit.to.and_then(|to| list::name_of(state, to)),
        since: shown(permit.since),
        until: shown(permit.since.plus_seconds(limits::PERMIT_SECONDS)),
    }
}
