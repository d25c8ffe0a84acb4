//! PART: leave channels. <https://modern.ircdocs.horse/#part-message>

use super::{Command, Needs, targets};
use crate::event::What;
use crate::id::Room;
use crate::privilege;
use crate::reply::{Ctx, Outcome, Refusal};
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

/// Leaves one channel.
pub(super) fn part(ctx: &mut Ctx<'_>, name: &str, reason: &str) -> Result<(), Refusal> {
    let user = ctx.user().id;
    let room = privilege::membership(ctx, name)?.id;
    let max = ctx.text_bytes("PART", &[name], ctx.turn.settings.limits.kick);
    let reason = CompactString::new(split::cut(reason, max));
    ctx.happen(vec![Room::Channel(room)], user, What::Parted { reason });
    Ok(())
}
