//! Up to when one has read, for all one's clients.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{AccountId, Room, UserId};
use crate::limits;
use crate::record::Fact;
use crate::room::privilege;
use crate::state::State;
use crate::turn::Turn;
use causette_proto::{Capabilities, Capability, Timestamp};

/// Where the marker of a target is.
pub(crate) fn marker(
    state: &State,
    account: AccountId,
    by: UserId,
    target: &str,
) -> Result<Option<Timestamp>, Denied> {
    let room = room(state, by, target)?;
    Ok(held(state, account, room))
}

/// Where the marker of a room is. One that was set while the clock ran ahead is no obstacle once it is right again.
pub(crate) fn held(state: &State, account: AccountId, room: Room) -> Option<Timestamp> {
    let account = state.accounts().get(&account)?;
    let held = account.markers.get(&room)?;
    Some(state.clock.not_ahead(*held))
}

/// Moves the marker of a target, and tells one's other clients. It only goes forward, and not into the future: gives back where
/// it is now.
pub(crate) fn mark(
    turn: &mut Turn<'_>,
    actor: &Actor,
    (account, by): (AccountId, UserId),
    target: &str,
    wanted: Timestamp,
) -> Result<Option<Timestamp>, Denied> {
    let room = room(turn.state, by, target)?;
    let held = held(turn.state, account, room);
    let time = turn.state.clock.not_ahead(wanted);
    if held.is_some_and(|held| time <= held) {
        return Ok(held);
    }
    let found = turn.state.accounts().get(&account);
    let markers = found.map_or(0, |account| account.markers.len());
    if held.is_none() && markers >= limits::MARKERS {
        let max = limits::MARKERS.to_string();
        let variables = [("target", target), ("max", &max)];
        return Err(Denied::new(
            Why::TooManyMarkers,
            "markread-full",
            &variables,
        ));
    }
    turn.commit(
        actor,
        Fact::MarkerSet {
            account,
            room,
            time,
        },
    );
    let server = &turn.settings.server;
    let body = format!(":{server} MARKREAD {target} timestamp={time}");
    let user = turn.state.users.get(&by);
    let others = user.map_or(&[][..], |user| &user.sessions).iter().copied();
    let others = others
        .filter(|session| Some(*session) != actor.session())
        .collect();
    turn.deliver(
        turn.line(body),
        others,
        Capabilities::of(&[Capability::ReadMarker]),
    );
    Ok(Some(time))
}

fn room(state: &State, by: UserId, target: &str) -> Result<Room, Denied> {
    privilege::conversation(state, by, target).ok_or_else(|| no_such_marker(target))
}

/// The refusal of what cannot be marked, or not so.
pub(crate) fn no_such_marker(target: &str) -> Denied {
    Denied::new(Why::NoSuchMarker, "markread-invalid", &[("target", target)])
}
