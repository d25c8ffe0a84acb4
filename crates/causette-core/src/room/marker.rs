//! Up to when one has read, for all one's clients.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{Marked, Room, UserId};
use crate::limits;
use crate::record::Fact;
use crate::state::State;
use crate::state::marker::of_channel;
use crate::turn::Turn;
use causette_proto::{Capabilities, Capability, ChannelName, Timestamp};

/// Where the marker of a target is; nothing where none was set, or nobody goes by that name.
pub(crate) fn marker(turn: &Turn<'_>, by: UserId, target: &str) -> Option<Timestamp> {
    held(turn.state, by, &place(turn, by, target)?)
}

/// Where the marker of a room is that one has just entered.
pub(crate) fn of_room(state: &State, by: UserId, room: Room) -> Option<Timestamp> {
    held(state, by, &state.marked(room)?)
}

/// One that was set while the clock ran ahead is no obstacle once it is right again.
fn held(state: &State, by: UserId, of: &Marked) -> Option<Timestamp> {
    let held = state.markers(by)?.get(of)?;
    Some(state.clock.not_ahead(*held))
}

/// Moves the marker of a target, and tells one's other clients. It only goes forward, and not into the future: gives back where
/// it is now. That of who has no account is kept as long as they are there.
pub(crate) fn mark(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    target: &str,
    wanted: Timestamp,
) -> Result<Option<Timestamp>, Denied> {
    let Some(of) = place(turn, by, target) else {
        return Ok(None);
    };
    let held = held(turn.state, by, &of);
    let time = turn.state.clock.not_ahead(wanted);
    if held.is_some_and(|held| time <= held) {
        return Ok(held);
    }
    let markers = turn.state.markers(by).map_or(0, |markers| markers.len());
    if held.is_none() && markers >= limits::MARKERS {
        let max = limits::MARKERS.to_string();
        let variables = [("target", target), ("max", &max)];
        return Err(Denied::new(
            Why::TooManyMarkers,
            "markread-full",
            &variables,
        ));
    }
    let user = turn.state.users.get(&by);
    let others = user.map_or(&[][..], |user| &user.sessions).iter().copied();
    let others = others
        .filter(|session| Some(*session) != actor.session())
        .collect();
    if let Some(account) = user.and_then(|user| user.account) {
        turn.commit(actor, Fact::MarkerSet { account, of, time });
    } else {
        *turn.mutated = true;
        turn.state.mark_as_guest(by, of, time);
    }
    let server = &turn.settings.server;
    let body = format!(":{server} MARKREAD {target} timestamp={time}");
    turn.deliver(
        turn.line(body),
        others,
        Capabilities::of(&[Capability::ReadMarker]),
    );
    Ok(Some(time))
}

/// The channels that somebody is in of which they have a marker.
pub(crate) fn of_rooms(state: &State, by: UserId) -> Vec<(ChannelName, Timestamp)> {
    let user = state.users.get(&by);
    let rooms = user.into_iter().flat_map(|user| &user.channels);
    let rooms = rooms.filter_map(|room| {
        let channel = state.channels().get(room)?;
        let time = of_room(state, by, Room::Channel(*room))?;
        Some((channel.name.clone(), time))
    });
    rooms.collect()
}

/// Lets what somebody has read as a guest be read by the account that they have signed in to.
pub(crate) fn carry_over(
    turn: &mut Turn<'_>,
    actor: &Actor,
    user: UserId,
    read: Vec<(ChannelName, Timestamp)>,
) {
    for (channel, time) in read {
        // Where the account has no place for another, it has as many as it may have.
        let _ = mark(turn, actor, user, channel.as_str(), time);
    }
}

/// What a target means: whoever is or was reached by that name, or the channel of it, whether there is one now or not. That tells
/// nobody of a channel: it is what they have read themselves.
fn place(turn: &Turn<'_>, by: UserId, target: &str) -> Option<Marked> {
    let state = &turn.state;
    if target.starts_with('#') {
        let name = ChannelName::parse(target, turn.settings.limits.channel, state.casemap);
        return Some(of_channel(&name.ok()?));
    }
    let Room::Direct(low, high) = Room::direct(by, state.correspondent(target)?) else {
        return None;
    };
    Some(Marked::Direct(low, high))
}

/// The refusal of what is no time.
pub(crate) fn no_such_marker(target: &str) -> Denied {
    Denied::new(Why::NoSuchMarker, "markread-invalid", &[("target", target)])
}
