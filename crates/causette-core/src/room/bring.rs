//! Putting somebody into a channel who has not asked for it.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::id::{RoomId, UserId};
use crate::right::Act;
use crate::room::{administration, administration_room, enter, privilege};
use crate::turn::Turn;

/// Who was put into which channel.
pub(crate) struct Brought {
    pub(crate) user: UserId,
    pub(crate) room: RoomId,
}

/// Lets somebody enter a channel that there is, whatever keeps them out of it. They are told, there or not.
pub(crate) fn bring(
    turn: &mut Turn<'_>,
    actor: &Actor,
    nick: &str,
    name: &str,
) -> Result<Brought, Denied> {
    actor.must(turn.state, Act::RuleChannels)?;
    let channel = turn.state.channel_named(name);
    let channel = channel.ok_or_else(|| privilege::no_such_channel(name))?;
    let target = turn.state.user_named(nick);
    let target = target.ok_or_else(|| privilege::no_such_nick(nick))?;
    actor.must_reach(turn.state, target)?;
    let (user, room, name) = (target.id, channel.id, channel.name.clone());
    let nick = target.nick.clone();
    if channel.members.contains_key(&user) {
        let variables = [("nick", nick.as_str()), ("channel", name.as_str())];
        let key = "user-on-channel";
        return Err(Denied::new(Why::OnChannelAlready, key, &variables));
    }
    administration_room::may_be_put(turn, user, room)?;
    enter::has_room(turn.state, user, &name)?;
    enter::put(turn, actor, user, room);
    let channel = ("channel", name.as_str());
    administration::tell(turn, actor, user, "brought", &[channel]);
    let by = actor.name(turn.state);
    let variables = [("by", by.as_str()), ("nick", nick.as_str()), channel];
    turn.tell_acted(actor, "notice-brought", &variables);
    Ok(Brought { user, room })
}
