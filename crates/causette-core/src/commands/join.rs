//! JOIN: enter channels, making those that do not exist. <https://modern.ircdocs.horse/#join-message>

use super::{Command, Needs, targets};
use crate::channel::Channel;
use crate::event::Prefixes;
use crate::id::RoomId;
use crate::limits;
use crate::presence;
use crate::reply::{Ctx, Outcome, Refusal};
use causette_proto::numeric::{
    ERR_BADCHANMASK, ERR_BADCHANNELKEY, ERR_BANNEDFROMCHAN, ERR_CHANNELISFULL, ERR_INVITEONLYCHAN,
    ERR_TOOMANYCHANNELS,
};
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
    let (names, rest) = targets(ctx, &message.params[0]);
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
        presence::replay(ctx, &entered, None);
    }
    rest
}

/// Enters one channel; `None` when already in it.
fn join(ctx: &mut Ctx<'_>, name: &str, key: &str) -> Result<Option<RoomId>, Refusal> {
    let max = ctx.turn.settings.limits.channel;
    let parsed = ChannelName::parse(name, max);
    let Ok(name) = parsed else {
        let variables = [("channel", name), ("max", &max.to_string())];
        return Err(ctx.refusal(ERR_BADCHANMASK, &[name], "channel-invalid", &variables));
    };
    let user = ctx.user().id;
    let channel = ctx.turn.state.channel_of(&name);
    if channel.is_some_and(|channel| channel.members.contains_key(&user)) {
        return Ok(None);
    }
    let full = ctx.turn.state.channels.len() >= limits::CHANNELS && channel.is_none();
    if full || ctx.user().channels.len() >= limits::CHANNELS_PER_USER {
        let variables = [("max", &*limits::CHANNELS_PER_USER.to_string())];
        return Err(ctx.refusal(
            ERR_TOOMANYCHANNELS,
            &[name.as_str()],
            "too-many-channels",
            &variables,
        ));
    }
    match channel {
        Some(channel) => {
            may_enter(ctx, channel, key)?;
            let room = channel.id;
            presence::enter(ctx, user, room, Prefixes::default());
            Ok(Some(room))
        }
        None => {
            let id = ctx.id;
            let room = presence::open_channel(&mut ctx.turn, Some(id), name, false);
            presence::enter(
                ctx,
                user,
                room,
                Prefixes::of('o'),
            );
            Ok(Some(room))
        }
    }
}

/// Who may enter a channel.
pub(crate) fn may_enter(ctx: &Ctx<'_>, channel: &Channel, key: &str) -> Outcome {
    let name = channel.name.as_str();
    let source = ctx.user().source.as_str();
    if channel.bans.iter().any(|ban| ban.mask.matches(source)) {
        return Err(ctx.refusal(ERR_BANNEDFROMCHAN, &[name], "banned", &[("channel", name)]));
    }
    if channel.modes.invite_only {
        return Err(ctx.refusal(
            ERR_INVITEONLYCHAN,
            &[name],
            "invite-only",
            &[("channel", name)],
        ));
    }
    if channel
        .modes
        .key
        .as_ref()
        .is_some_and(|wanted| wanted != key)
    {
        return Err(ctx.refusal(ERR_BADCHANNELKEY, &[name], "bad-key", &[("channel", name)]));
    }
    if channel
        .modes
        .limit
        .is_some_and(|limit| channel.members.len() >= limit as usize)
    {
        return Err(ctx.refusal(
            ERR_CHANNELISFULL,
            &[name],
            "channel-full",
            &[("channel", name)],
        ));
    }
    Ok(())
}
