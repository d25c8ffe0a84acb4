//! Putting somebody out of a channel.

use crate::actor::Actor;
use crate::denied::Denied;
use crate::discipline::{enforce, strike};
use crate::event::What;
use crate::fitting::{self, BODY_BYTES, Cut};
use crate::id::{Room, RoomId, UserId};
use crate::limits;
use crate::right::Act;
use crate::room::privilege;
use crate::turn::{Mark, Turn};

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
    let (target, guest, nick) = (target.id, target.account.is_none(), target.nick.clone());
    let reason = enforce::readable(turn.state, by, [room], reason);
    let reason = match strike::reason_of(turn, actor, by, &[room], reason) {
        "" => Cut::of(&turn.state.nick_of(by), BODY_BYTES),
        reason => Cut::of(reason, turn.settings.kick_bytes()),
    };
    let what = What::Kicked {
        target,
        guest,
        nick,
        reason: reason.kept.clone(),
    };
    turn.happen(actor, vec![Room::Channel(room)], by, what);
    Ok(reason)
}

/// Puts a member out of a channel in the name of those who run the server, who need not be in it.
pub(crate) fn put_out(
    turn: &mut Turn<'_>,
    actor: &Actor,
    name: &str,
    nick: &str,
    reason: &str,
) -> Result<Mark, Denied> {
    actor.must(turn.state, Act::EndConnections)?;
    let reason = fitting::reason(reason, limits::SANCTION_REASON_BYTES)?.kept;
    let channel = turn.state.channel_named(name);
    let channel = channel.ok_or_else(|| privilege::no_such_channel(name))?;
    let (room, name) = (channel.id, channel.name.clone());
    let target = turn.state.person_named(nick);
    let target = target.ok_or_else(|| privilege::no_such_nick(nick))?;
    if !target.channels.contains(&room) {
        return Err(privilege::not_in_channel(nick, name.as_str()));
    }
    actor.must_reach(turn.state, target)?;
    let (user, nick) = (target.id, target.nick.clone());
    let mark = turn.mark();
    by_administration(turn, actor, (room, user), &reason);
    let by = actor.name(turn.state);
    let variables = [
        ("by", by.as_str()),
        ("nick", nick.as_str()),
        ("channel", name.as_str()),
        ("reason", &reason),
    ];
    turn.tell_acted(actor, "notice-put-out", &variables);
    Ok(mark)
}

/// Puts a member out of a channel: to the others in it those who run the server are one person.
pub(crate) fn by_administration(
    turn: &mut Turn<'_>,
    actor: &Actor,
    (room, member): (RoomId, UserId),
    reason: &str,
) {
    let Some(target) = turn.state.users.get(&member) else {
        return;
    };
    let what = What::Kicked {
        target: member,
        guest: target.account.is_none(),
        nick: target.nick.clone(),
        reason: reason.into(),
    };
    let rooms = vec![Room::Channel(room)];
    turn.happen(actor, rooms, UserId::ADMINISTRATION, what);
}
