//! Who may read what of the past.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::former;
use crate::history::{PageQuery, Readable, Selector, TargetChannel, TargetsQuery};
use crate::id::{Room, RoomId, UserId};
use crate::record::Fact;
use crate::room::privilege;
use crate::state::State;
use crate::turn::Turn;
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
        readable: Readable::default(),
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
        query.readable = channel.readable(by);
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
            readable: channel.readable(by),
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

/// Opens what was said in a channel at closed times, up to now, to all who are in it or enter later. It cannot be taken back: whoever
/// wants that names the channel again.
pub(crate) fn open(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    room: RoomId,
    again: Option<&str>,
) -> Result<(), Denied> {
    let channel = &turn.state.channels()[&room];
    let name = channel.name.clone();
    if !channel.prefixes(by).at_least('o') {
        return Err(privilege::operators_only(name.as_str()));
    }
    if again.is_none_or(|again| turn.state.casemap.fold_channel(again) != name.key()) {
        let (key, variables) = ("chanserv-reveal-again", [("channel", name.as_str())]);
        return Err(Denied::new(Why::NotConfirmed, key, &variables));
    }
    turn.commit(actor, Fact::PastOpened { room });
    let nick = turn.state.nick_of(by);
    let variables = [("nick", nick.as_str()), ("channel", name.as_str())];
    let members = turn.state.audience(room);
    for session in members.iter().filter(|id| Some(**id) != actor.session()) {
        turn.tell_session(*session, "ChanServ", "chanserv-revealed-by", &variables);
    }
    Ok(())
}
