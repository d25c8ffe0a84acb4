//! Putting somebody out of a channel.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::event::What;
use crate::fitting::{BODY_BYTES, Cut};
use crate::id::{Room, RoomId, UserId};
use crate::room::privilege;
use crate::turn::Turn;

/// Puts a member out of a channel, which is called `name` where it is no more: one may have kicked oneself, and with oneself the
/// channel. Who gives no reason stands for it by name. Gives back what of the reason fits on the lines that show it.
pub(crate) fn kick(
    turn: &mut Turn<'_>,
    actor: &Actor,
    by: UserId,
    (room, name): (RoomId, &str),
    nick: &str,
    reason: &str,
) -> Result<Cut, Denied> {
    let Some(channel) = turn.state.channels().get(&room) else {
        return Err(privilege::no_such_channel(name));
    };
    let name = channel.name.as_str();
    if !channel.prefixes(by).at_least('h') {
        return Err(privilege::operators_only(name));
    }
    let target = turn.state.user_named(nick);
    let Some(target) = target.filter(|user| user.channels.contains(&room)) else {
        return Err(privilege::not_in_channel(nick, name));
    };
    // Nobody puts out who is above them.
    let highest = channel.prefixes(target.id).highest();
    if highest.is_some_and(|rank| !channel.prefixes(by).at_least(rank)) {
        return Err(privilege::operators_only(name));
    }
    let reason = match reason {
        "" => Cut::of(&turn.state.nick_of(by), BODY_BYTES),
        reason => Cut::of(reason, turn.settings.kick_bytes()),
    };
    let what = What::Kicked {
        target: target.id,
        guest: target.account.is_none(),
        nick: target.nick.clone(),
        reason: reason.kept.clone(),
    };
    turn.happen(actor, vec![Room::Channel(room)], by, what);
    Ok(reason)
}
