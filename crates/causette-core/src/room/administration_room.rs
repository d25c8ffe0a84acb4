//! Entering the channel of those who run the server, and telling them where there can be none.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::event::Prefixes;
use crate::id::{RoomId, UserId};
use crate::report::Watched;
use crate::room::enter::{self, Entered};
use crate::turn::Turn;
use causette_proto::ChannelName;

/// Whether a name is that of the channel, and no other channel has it.
pub(super) fn is_kept(turn: &Turn<'_>, name: &ChannelName) -> bool {
    let (settings, state) = (turn.settings, &turn.state);
    let named = settings.administration_room.as_ref() == Some(name);
    let other = state.channel_of(name);
    let other = other.is_some_and(|channel| !state.is_administration(channel.id));
    named && !other && !settings.auto_join.contains(name)
}

/// Enters it: whoever has the right to hear what those who run the server do, whatever else keeps others out.
pub(super) fn enter(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    name: &ChannelName,
) -> Result<Entered, Denied> {
    if !turn.state.may_hear(by) {
        return Err(only(name));
    }
    enter::has_room(turn.state, by, name)?;
    let room = turn.administration_room().ok_or_else(|| only(name))?;
    if turn.state.channels()[&room].members.contains_key(&by) {
        return Ok(Entered::Already);
    }
    enter::admit(turn, actor, by, room, Prefixes::NONE);
    Ok(Entered::In(room))
}

/// Refuses to put somebody into it who has not the right to be there.
pub(super) fn may_be_put(turn: &Turn<'_>, user: UserId, room: RoomId) -> Result<(), Denied> {
    let channel = turn.state.administration();
    match channel.filter(|channel| channel.id == room && !turn.state.may_hear(user)) {
        Some(channel) => Err(only(&channel.name)),
        None => Ok(()),
    }
}

fn only(name: &ChannelName) -> Denied {
    let variables = [("channel", name.as_str())];
    Denied::new(Why::InviteOnly, "administration-room-only", &variables)
}

/// Tells those who run the server that another channel has the name that theirs is to have.
pub(super) fn tell_taken(turn: &mut Turn<'_>) {
    let Some(name) = turn.settings.administration_room.clone() else {
        return;
    };
    if turn.state.administration().is_some() || turn.state.channel_of(&name).is_none() {
        return;
    }
    let variables = [("channel", name.as_str())];
    turn.tell_operators(None, "administration-room-taken", &variables);
    let text = turn.words_with("administration-room-taken", &variables);
    turn.watch(Watched::Acted(text));
}
