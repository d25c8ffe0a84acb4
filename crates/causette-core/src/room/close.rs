//! Emptying a channel and giving it up.

use crate::actor::Actor;
use crate::denied::{Denied, Why};
use crate::event::What;
use crate::fitting::Cut;
use crate::id::{Room, RoomId, UserId};
use crate::record::Fact;
use crate::right::Act;
use crate::room::{administration, privilege};
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
    reason_given(reason)?;
    let channel = turn.state.channel_named(name);
    let channel = channel.ok_or_else(|| privilege::no_such_channel(name))?;
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
    let reason = Cut::of(reason, turn.settings.kick_bytes());
    let mark = turn.mark();
    if founder.is_some() {
        turn.commit(actor, Fact::RoomUnregistered { room });
    }
    turn.state.close(room);
    for member in &members {
        put_out(turn, actor, (room, *member), &reason);
    }
    turn.close_empty(&[Room::Channel(room)]);
    let variables = [("channel", name.as_str()), ("reason", &reason.kept)];
    for member in &members {
        turn.tell_person(*member, "channel-closed", &variables);
        object(turn, *member);
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

fn put_out(turn: &mut Turn<'_>, actor: &Actor, (room, member): (RoomId, UserId), reason: &Cut) {
    let Some(target) = turn.state.users.get(&member) else {
        return;
    };
    let what = What::Kicked {
        target: member,
        guest: target.account.is_none(),
        nick: target.nick.clone(),
        reason: reason.kept.clone(),
    };
    let rooms = vec![Room::Channel(room)];
    turn.happen(actor, rooms, UserId::ADMINISTRATION, what);
}

/// Tells somebody whom they may write to who does not agree.
fn object(turn: &mut Turn<'_>, person: UserId) {
    let contact = turn.settings.contact.clone();
    if !contact.is_empty() {
        turn.tell_person(person, "object-to", &[("contact", contact.as_str())]);
    }
}

/// Refuses what touches people and says no reason.
pub(super) fn reason_given(reason: &str) -> Result<(), Denied> {
    if reason.trim().is_empty() {
        return Err(Denied::new(Why::NoReason, "reason-needed", &[]));
    }
    Ok(())
}
