//! Emptying a channel and giving it up.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::fitting::{self, Cut};
use crate::id::{Room, UserId};
use crate::record::Fact;
use crate::right::Act;
use crate::room::{access, administration, kick, privilege};
use crate::turn::{Mark, Turn};
use causette_proto::CompactString;

/// What was closed.
pub(crate) struct Closed {
    /// Its name.
    pub(crate) name: CompactString,
    /// How many members it had.
    pub(crate) members: usize,
    /// What of the reason they are told.
    pub(crate) reason: Cut,
    pub(crate) mark: Mark,
}

/// Puts everybody out of a channel, who are told why, and takes it from its owner: nobody is in it any more, and it is none.
pub(crate) fn close(
    turn: &mut Turn<'_>,
    actor: &Actor,
    name: &str,
    reason: &str,
) -> Result<Closed, Denied> {
    actor.must(turn.state, Act::RuleChannels)?;
    let reason = fitting::reason(reason, turn.settings.kick_bytes())?;
    let channel = turn.state.channel_named(name);
    let channel = channel.ok_or_else(|| privilege::no_such_channel(name))?;
    access::must_rule(turn.state, actor, channel)?;
    let (room, name) = (channel.id, CompactString::new(channel.name.as_str()));
    if channel.permanent {
        let variables = [("channel", name.as_str())];
        let key = match turn.state.is_administration(room) {
            true => "administration-room-kept",
            false => "channel-kept-open",
        };
        return Err(Denied::new(Why::KeptOpen, key, &variables));
    }
    let mut members: Vec<UserId> = channel.members.keys().copied().collect();
    members.sort_unstable();
    let founder = channel.founder;
    let mark = turn.mark();
    if founder.is_some() {
        turn.commit(actor, Fact::RoomUnregistered { room });
    }
    turn.state.close(room);
    for member in &members {
        kick::by_administration(turn, actor, (room, *member), &reason.kept);
    }
    turn.close_empty(&[Room::Channel(room)]);
    let variables = [("channel", name.as_str()), ("reason", &reason.kept)];
    for member in &members {
        turn.tell_person(*member, "channel-closed", &variables);
        turn.tell_how_to_object(*member);
    }
    if let Some(founder) = founder {
        administration::tell(
            turn,
            actor,
            founder.into(),
            "channel-closed-owner",
            &variables,
        );
    }
    let by = actor.name(turn.state);
    let [channel, why] = variables;
    turn.tell_acted(actor, "notice-channel-closed", &[("by", &by), channel, why]);
    Ok(Closed {
        name,
        members: members.len(),
        reason,
        mark,
    })
}
