//! The sanctions that hold, as those who run the server are shown them.

use super::target::{self, Aim};
use crate::actor::Actor;
use crate::denied::Denied;
use crate::id::SanctionId;
use crate::report::SanctionReport;
use crate::right::Act;
use crate::room::privilege;
use crate::sanction::{Sanction, SanctionKind};
use crate::state::State;
use crate::state::sanction::suspect::Suspect;
use crate::turn::Turn;
use causette_proto::CompactString;

/// All that hold, in the order of their numbers.
pub(crate) fn list(turn: &Turn<'_>, actor: &Actor) -> Result<Vec<SanctionReport>, Denied> {
    actor.must(turn.state, Act::InspectAccount)?;
    let held = turn.state.sanctions().iter();
    Ok(held.map(|held| report(turn.state, held)).collect())
}

/// Those that are for somebody, or cover them, in the order of their numbers.
pub(crate) fn of(
    turn: &Turn<'_>,
    actor: &Actor,
    whom: &str,
) -> Result<Vec<SanctionReport>, Denied> {
    actor.must(turn.state, Act::Sanction)?;
    let state = &*turn.state;
    let wanted = target::read(state, whom.into())?;
    let user = state.person_named(whom);
    let suspect = user.map(|user| state.suspect(user, true));
    let suspect = suspect.or_else(|| whom.parse().ok().map(Suspect::at));
    let concerns = |held: &&Sanction| {
        let named = wanted
            .iter()
            .any(|whom| target::same(state, whom, &held.whom));
        named
            || suspect.as_ref().is_some_and(|suspect| {
                let cover = target::cover(state, &held.whom);
                cover.is_some_and(|cover| cover.covers(suspect))
            })
    };
    let held = state.sanctions().iter().filter(concerns);
    Ok(held.map(|held| report(state, held)).collect())
}

/// Those of a kind that are for just somebody, on the server or in a channel.
pub(crate) fn find(
    turn: &Turn<'_>,
    actor: &Actor,
    kind: SanctionKind,
    (whom, room): (Aim<'_>, Option<&str>),
) -> Result<Vec<SanctionId>, Denied> {
    actor.must(turn.state, Act::Sanction)?;
    let state = &*turn.state;
    let channel = match room {
        None => None,
        Some(name) => {
            let found = state.channel_named(name);
            Some(found.ok_or_else(|| privilege::no_such_channel(name))?)
        }
    };
    let place = channel.map(|channel| channel.id);
    let wanted = target::read(state, whom)?;
    let found = |whom| target::held(state, kind, place, whom).map(|held| held.id);
    let found: Vec<SanctionId> = wanted.iter().filter_map(found).collect();
    if found.is_empty() {
        return Err(target::none(whom.written(), room));
    }
    Ok(found)
}

/// A sanction, as lists show it.
pub(crate) fn report(state: &State, held: &Sanction) -> SanctionReport {
    let room = held.room.and_then(|room| state.channels().get(&room));
    SanctionReport {
        number: held.id,
        kind: held.kind,
        whom: target::named(state, &held.whom),
        room: room.map(|room| CompactString::new(room.name.as_str())),
        reason: held.reason.clone(),
        by: held.by.clone(),
        since: state.clock.shown_at(held.since),
        until: held.until.map(|until| state.clock.shown_at(until)),
    }
}
