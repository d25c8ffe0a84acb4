//! PART: leave channels. <https://modern.ircdocs.horse/#part-message>

use super::{Command, Needs, targets};
use crate::event::What;
use crate::id::Room;
use crate::reply::{Ctx, Outcome, Refusal};
use causette_proto::numeric::{ERR_NOSUCHCHANNEL, ERR_NOTONCHANNEL};
use causette_proto::{CompactString, Message, split};

pub(super) const PART: Command = Command {
    verb: "PART",
    params: 1,
    needs: Needs::Online,
    syntax: "PART <channel>{,<channel>} [:<reason>]",
    summary: "command-part",
    spec: "https://modern.ircdocs.horse/#part-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let reason = message.params.get(1).map_or("", |reason| reason.as_str());
    let (names, rest) = targets(ctx, &message.params[0]);
    for name in names {
        if let Err(refusal) = part(ctx, name, reason) {
            ctx.refuse(refusal);
        }
    }
    rest
}

fn part(ctx: &mut Ctx<'_>, name: &str, reason: &str) -> Result<(), Refusal> {
    let user = ctx.user().id;
    let room = membership(ctx, name)?;
    let max = ctx.text_bytes("PART", &[name], ctx.turn.settings.limits.kick);
    let reason = CompactString::new(split::cut(reason, max));
    ctx.happen(vec![Room::Channel(room)], user, What::Parted { reason });
    Ok(())
}

/// The channel of a name that the session's user is in, or the refusal. To those outside, a secret channel does not exist.
pub(super) fn membership(ctx: &Ctx<'_>, name: &str) -> Result<crate::id::RoomId, Refusal> {
    let user = ctx.user().id;
    match ctx.turn.state.channel_named(name) {
        Some(channel) if channel.members.contains_key(&user) => Ok(channel.id),
        Some(channel) if !channel.modes.secret => Err(ctx.refusal(
            ERR_NOTONCHANNEL,
            &[name],
            "not-on-channel",
            &[("channel", name)],
        )),
        _ => Err(ctx.refusal(
            ERR_NOSUCHCHANNEL,
            &[name],
            "no-such-channel",
            &[("channel", name)],
        )),
    }
}
