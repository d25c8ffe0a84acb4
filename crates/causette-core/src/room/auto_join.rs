//! The channels that the configuration keeps open, in which everybody lands.

use crate::actor::Actor;
use crate::discipline::enforce;
use crate::event::Prefixes;
use crate::id::{Room, RoomId, UserId};
use crate::room::{administration_room, enter, privilege};
use crate::turn::Turn;
use causette_proto::ChannelName;

/// Keeps the channels of `auto_join` open, and no others: opens those that do not exist, and lets those go that it named
/// before and that nobody is in.
pub(crate) fn settle(turn: &mut Turn<'_>) {
    let names = turn.settings.auto_join.clone();
    turn.state.keep_open(turn.settings);
    let channels = turn.state.channels().values();
    let empty = channels.filter(|channel| channel.members.is_empty());
    let mut empty: Vec<RoomId> = empty.map(|channel| channel.id).collect();
    for name in names {
        if turn.state.channel_of(&name).is_none() {
            enter::open(turn, &Actor::Server, name, true);
        }
    }
    empty.sort_unstable();
    let empty: Vec<Room> = empty.into_iter().map(Room::Channel).collect();
    turn.close_empty(&empty);
    turn.clear_administration_room();
    administration_room::tell_taken(turn);
}

/// Lets somebody who comes into one of these channels, if they may be there.
pub(crate) fn land(
    turn: &mut Turn<'_>,
    actor: &Actor,
    user: UserId,
    name: &ChannelName,
) -> Option<RoomId> {
    let room = match turn.state.channel_of(name) {
        Some(channel) => channel.id,
        None => enter::open(turn, &Actor::Server, name.clone(), true),
    };
    // Whoever was banned from the common room is not brought back by reconnecting.
    let channel = &turn.state.channels()[&room];
    let found = &turn.state.users[&user];
    enforce::may_enter(turn, found, channel).ok()?;
    privilege::may_enter(turn.state, found, channel, "").ok()?;
    enter::admit(turn, actor, user, room, Prefixes::NONE);
    Some(room)
}
