//! JOIN: enter channels, making those that do not exist. <https://modern.ircdocs.horse/#join-message>

use super::{Command, Needs, need_more_params, words};
use crate::event::Prefixes;
use crate::id::RoomId;
use crate::limits;
use crate::person::presence;
use crate::person::replay;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::room::leave::leave_all;
use crate::room::privilege;
use causette_proto::numeric::{ERR_BADCHANMASK, ERR_LINKCHANNEL, ERR_TOOMANYCHANNELS};
use causette_proto::{ChannelName, Message};

pub(super) const JOIN: Command = Command {
    verb: "JOIN",
    params: 1,
    needs: Needs::Online,
    syntax: "JOIN <channel>{,<channel>} [<key>{,<key>}]",
    summary: "command-join",
    spec: "https://modern.ircdocs.horse/#join-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    if message.params[0] == "0" {
        let (actor, by) = (ctx.actor(), ctx.user().id);
        leave_all(&mut ctx.turn, &actor, by);
        return Ok(());
    }
    let mut names = words(&message.params[0]).peekable();
    if names.peek().is_none() {
        return Err(need_more_params(ctx, &JOIN));
    }
    let mut keys = message
        .params
        .get(1)
        .map_or("", |keys| keys.as_str())
        .split(',');
    let mut entered = Vec::new();
    for name in names {
        match join(ctx, name, keys.next().unwrap_or_default()) {
            Ok(room) => entered.extend(room),
            Err(refusal) => ctx.refuse(refusal),
        }
    }
    if !entered.is_empty() {
        replay::replay(ctx, &entered, None);
    }
    Ok(())
}

/// Enters one channel, or the one to which it sends those who may not enter; `None` when already in it.
fn join(ctx: &mut Ctx<'_>, name: &str, key: &str) -> Result<Option<RoomId>, Refusal> {
    let max = ctx.turn.settings.limits.channel;
    let parsed = ChannelName::parse(name, max, ctx.turn.state.casemap);
    let Ok(name) = parsed else {
        let variables = [("channel", name), ("max", &max.to_string())];
        return Err(ctx.refusal(ERR_BADCHANMASK, &[name], "channel-invalid", &variables));
    };
    let user = ctx.user().id;
    let Some(channel) = ctx.turn.state.channel_of(&name) else {
        return make(ctx, name).map(Some);
    };
    if channel.members.contains_key(&user) {
        return Ok(None);
    }
    has_room(ctx, &name)?;
    let Err(denied) = privilege::may_enter(ctx.turn.state, ctx.user(), channel, key) else {
        let room = channel.id;
        presence::enter(ctx, user, room, Prefixes::NONE);
        return Ok(Some(room));
    };
    // One step only, so that channels that send people to each other do not send them round.
    let forward = channel.modes.forward.as_deref();
    let Some(forward) = forward.and_then(|forward| ctx.turn.state.channel_named(forward)) else {
        return Err(denied.into());
    };
    if forward.members.contains_key(&user)
        || privilege::may_enter(ctx.turn.state, ctx.user(), forward, "").is_err()
    {
        return Err(denied.into());
    }
    let (room, to) = (forward.id, forward.name.clone());
    let text = ctx.text_with(
        "forwarded",
        &[("channel", name.as_str()), ("to", to.as_str())],
    );
    ctx.numeric(ERR_LINKCHANNEL, &[name.as_str(), to.as_str()], &text);
    presence::enter(ctx, user, room, Prefixes::NONE);
    Ok(Some(room))
}

fn make(ctx: &mut Ctx<'_>, name: ChannelName) -> Result<RoomId, Refusal> {
    if ctx.turn.state.channels().len() >= limits::CHANNELS {
        let variables = [("max", &*limits::CHANNELS.to_string())];
        let params = [name.as_str()];
        return Err(ctx.refusal(
            ERR_TOOMANYCHANNELS,
            &params,
            "server-full-of-channels",
            &variables,
        ));
    }
    has_room(ctx, &name)?;
    let (id, user) = (ctx.id, ctx.user().id);
    let room = presence::open_channel(&mut ctx.turn, Some(id), name, false);
    presence::enter(ctx, user, room, Prefixes::of('o'));
    Ok(room)
}

/// Whether the session's user may be in one more channel.
fn has_room(ctx: &Ctx<'_>, name: &ChannelName) -> Outcome {
    if ctx.user().channels.len() < limits::CHANNELS_PER_USER {
        return Ok(());
    }
    let variables = [("max", &*limits::CHANNELS_PER_USER.to_string())];
    Err(ctx.refusal(
        ERR_TOOMANYCHANNELS,
        &[name.as_str()],
        "too-many-channels",
        &variables,
    ))
}
