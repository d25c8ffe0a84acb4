//! Who may read what of the past.

use crate::denied::{Denied, Why};
use crate::former;
use crate::history::{PageQuery, Selector, TargetChannel, TargetsQuery};
use crate::id::{Room, UserId};
use crate::room::privilege;
use crate::state::State;
use causette_proto::Timestamp;

/// Which part of a target's past somebody wants to read.
pub(crate) struct Wanted<'a> {
    pub(crate) target: &'a str,
    pub(crate) selector: Selector,
    /// How many events at most.
    pub(crate) limit: usize,
    /// Whether who came, left and the like are wanted too.
    pub(crate) events: bool,
}

/// A page of a channel that one is in, or of a conversation of one's own: what one may read of it.
pub(crate) fn page(state: &State, by: UserId, wanted: Wanted<'_>) -> Result<PageQuery, Denied> {
    let Wanted {
        target,
        selector,
        limit,
        events,
    } = wanted;
    let room = privilege::conversation(state, by, target).ok_or_else(|| {
        let variables = [("target", target)];
        Denied::new(Why::NoSuchTarget, "history-no-target", &variables)
    })?;
    let mut query = PageQuery {
        room,
        target: target.into(),
        name: target.into(),
        selector,
        limit,
        events,
        since: None,
        restricted: false,
        acl_version: None,
    };
    if let Room::Channel(room) = room
        && let Some(channel) = state.channels().get(&room)
    {
        query.name = channel.name.as_str().into();
        let held = channel.prefixes(by);
        // Who comes and goes in an auditorium is not for everyone to see, nor who was there before it became one.
        query.events &= held.at_least('h') || !channel.modes.has('u');
        query.restricted = held.at_least('o');
        query.since = channel.readable_since(by);
        query.acl_version = Some(channel.acl_version);
    } else if let Some(other) = State::other_side(room, by)
        && former::read(target) != Some(other)
    {
        query.name = state.nick_of(other);
    }
    Ok(query)
}

/// The channels and conversations of somebody whose last message lies between two times.
pub(crate) fn targets(
    state: &State,
    by: UserId,
    (from, to): (Timestamp, Timestamp),
    limit: usize,
) -> TargetsQuery {
    let channels = state.users[&by].channels.iter();
    let channels = channels
        .filter_map(|room| state.channels().get(room))
        .map(|channel| TargetChannel {
            room: channel.id,
            since: channel.readable_since(by),
            restricted: channel.prefixes(by).at_least('o'),
        })
        .collect();
    TargetsQuery {
        user: by,
        channels,
        from,
        to,
        limit,
    }
}
