//! What a channel is about.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::discipline::enforce;
use crate::event::What;
use crate::fitting::{Cut, text_bytes};
use crate::id::{Room, UserId};
use crate::room::privilege;
use crate::turn::Turn;

/// Sets the topic of a channel. Gives back what of it fits on the lines that show it.
pub(crate) fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    name: &str,
    text: &str,
) -> Result<Cut, Denied> {
    let channel = privilege::membership(turn.state, by, name)?;
    if channel.modes.has('t') && !channel.prefixes(by).at_least('h') {
        return Err(privilege::operators_only(name));
    }
    enforce::may_speak(turn, by, Room::Channel(channel.id), channel.name.as_str())?;
    let (source, max) = (turn.state.source_of(by), turn.settings.topic_bytes());
    let max = text_bytes(source, "TOPIC", &[channel.name.as_str()], max);
    let topic = Cut::of(text, max);
    let (room, text) = (Room::Channel(channel.id), topic.kept.clone());
    turn.happen(actor, vec![room], by, What::Topic { text });
    Ok(topic)
}
