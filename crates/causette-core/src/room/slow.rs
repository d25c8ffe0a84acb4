//! Slow rooms: between two messages of somebody some time passes.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{Room, RoomId, UserId};
use crate::right::Act;
use crate::turn::Turn;

/// Refuses who spoke too lately in a slow room. Who has a voice there, or keeps order on the server, need not wait. Gives back the
/// room in which it is noted that they speak.
pub(crate) fn may_speak(
    turn: &Turn<'_>,
    actor: &Actor,
    by: UserId,
    room: Room,
    target: &str,
) -> Result<Option<RoomId>, Denied> {
    let Room::Channel(room) = room else {
        return Ok(None);
    };
    let Some(channel) = turn.state.channels().get(&room) else {
        return Ok(None);
    };
    let Some(pace) = channel.modes.slow else {
        return Ok(None);
    };
    if !channel.prefixes(by).is_empty() || actor.may(turn.state, Act::Sanction) {
        return Ok(None);
    }
    match channel.spoken.left(by, pace, turn.steady()) {
        None => Ok(Some(room)),
        Some(left) => {
            let (pace, left) = (pace.to_string(), left.to_string());
            let variables = [("channel", target), ("pace", &pace), ("seconds", &left)];
            Err(Denied::new(Why::CannotSpeak, "speak-slow", &variables))
        }
    }
}
