//! What a channel is about.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::discipline::enforce;
use crate::discipline::strike::{self, Strike};
use crate::event::What;
use crate::filter::FilterAction;
use crate::fitting::{Cut, text_bytes};
use crate::id::{Room, UserId};
use crate::room::privilege;
use crate::turn::Turn;

/// What became of a topic.
pub(crate) struct Set {
    /// What of it fits on the lines that show it.
    pub(crate) cut: Cut,
    /// The filter whose words it has, and that lets it be set.
    pub(crate) warned: Option<Strike>,
}

/// Sets the topic of a channel. One with words that are looked for does not wait: it is set or refused.
pub(crate) fn set(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    name: &str,
    text: &str,
) -> Result<Set, Denied> {
    let channel = privilege::membership(turn.state, by, name)?;
    if channel.modes.has('t') && !channel.prefixes(by).at_least('h') {
        return Err(privilege::operators_only(name));
    }
    enforce::may_speak(turn, by, Room::Channel(channel.id), channel.name.as_str())?;
    privilege::may_set_topic(turn.state, channel, by)?;
    let (source, max) = (turn.state.source_of(by), turn.settings.topic_bytes());
    let max = text_bytes(source, "TOPIC", &[channel.name.as_str()], max);
    let topic = Cut::of(text, max);
    let (room, text) = (channel.id, topic.kept.clone());
    let warned = strike::find(turn, actor, &[room], &text);
    if let Some(strike) = warned
        .as_ref()
        .filter(|strike| strike.action != FilterAction::Warn)
    {
        return Err(strike::refuse(turn, actor, by, strike, name));
    }
    turn.happen(actor, vec![Room::Channel(room)], by, What::Topic { text });
    if let Some(strike) = &warned {
        strike::note(turn, actor, by, strike);
    }
    Ok(Set { cut: topic, warned })
}
