//! What is said of channels under keys, for clients to show: by half-operators and above, and of one that not everybody may enter to
//! its members alone.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::discipline::enforce;
use crate::id::{Room, RoomId, UserId};
use crate::metadata::Whose;
use crate::person::metadata;
use crate::room::privilege;
use crate::state::State;
use crate::state::channel::Channel;
use crate::turn::Turn;
use causette_proto::CompactString;

/// The channel of a name, where somebody may read what is said of it.
pub(crate) fn readable(state: &State, by: UserId, name: &str) -> Result<RoomId, Denied> {
    let channel = visible(state, by, name)?;
    let closed = channel.modes.has('i') || channel.modes.key.is_some();
    if closed && !channel.members.contains_key(&by) {
        return Err(held(name, "*", "metadata-room-closed"));
    }
    Ok(channel.id)
}

/// Says something of a channel under a key, or nothing any more where the value is empty.
pub(crate) fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    name: &str,
    (key, value): (&str, &str),
) -> Result<(), Denied> {
    let room = ruled(turn.state, by, name, key)?;
    metadata::judge(turn, key, value)?;
    let whose = Whose::Room(room);
    if !value.is_empty() {
        enforce::may_speak(turn, by, Room::Channel(room), name)
            .map_err(|denied| metadata::silent(denied, key).about("target", name))?;
        metadata::has_room(turn, turn.state.metadata().of(whose), name, key)?;
    }
    metadata::keep(turn, actor, whose, key, value);
    Ok(())
}

/// Says nothing of a channel any more. Gives back under which keys something was said.
pub(crate) fn clear(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    name: &str,
) -> Result<Vec<CompactString>, Denied> {
    let room = ruled(turn.state, by, name, "*")?;
    Ok(metadata::take_away(turn, actor, Whose::Room(room)))
}

/// The channel of a name, where somebody may say something of it.
fn ruled(state: &State, by: UserId, name: &str, key: &str) -> Result<RoomId, Denied> {
    let channel = visible(state, by, name)?;
    if !channel.prefixes(by).at_least('h') {
        return Err(held(name, key, "metadata-room-ruled"));
    }
    Ok(channel.id)
}

fn visible<'a>(state: &'a State, by: UserId, name: &str) -> Result<&'a Channel, Denied> {
    privilege::visible(state, by, name).map_err(|_| no_such_target(name))
}

/// The refusal of a target of which nothing can be said, or that is not to be known.
pub(crate) fn no_such_target(name: &str) -> Denied {
    Denied::new(Why::NoSuchTarget, "metadata-no-target", &[("target", name)])
}

/// The refusal of what somebody may not say or read.
pub(crate) fn held(target: &str, key: &str, text: &'static str) -> Denied {
    let variables = [("target", target), ("key", key)];
    Denied::new(Why::MetadataHeld, text, &variables)
}
