//! The channels that the configuration keeps open, in which everybody lands.

use crate::id::{Room, RoomId};
use crate::person::presence::open_channel;
use crate::turn::Turn;

/// Keeps the channels of `auto_join` open, and no others: opens those that do not exist, and lets those go that it named
/// before and that nobody is in.
pub(crate) fn settle(turn: &mut Turn<'_>) {
    let names = turn.settings.auto_join.clone();
    turn.state.keep_open(&names);
    let channels = turn.state.channels().values();
    let empty = channels.filter(|channel| channel.members.is_empty());
    let mut empty: Vec<RoomId> = empty.map(|channel| channel.id).collect();
    for name in names {
        if turn.state.channel_of(&name).is_none() {
            open_channel(turn, None, name, true);
        }
    }
    empty.sort_unstable();
    let empty: Vec<Room> = empty.into_iter().map(Room::Channel).collect();
    turn.close_empty(&empty);
}
