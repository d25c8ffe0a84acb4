//! PART: leave channels. <https://modern.ircdocs.horse/#part-message>

use super::{Command, Needs, need_more_params, words};
use crate::event::What;
use crate::fitting::Cut;
use crate::id::Room;
use crate::reply::{Ctx, Outcome, Refusal};
use crate::room::privilege;
use causette_proto::{CompactString, Message};

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
    let mut names = words(&message.params[0]).peekable();
    if names.peek().is_none() {
        return Err(need_more_params(ctx, &PART));
    }
    let reason = Cut::of(reason, ctx.turn.settings.kick_bytes());
    let mut done = false;
    for name in names {
        match part(ctx, name, &reason.kept) {
            Ok(()) => done = true,
            Err(refusal) => ctx.refuse(refusal),
        }
    }
    if done {
        ctx.tell_cut("PART", &reason);
    }
    Ok(())
}

/// Leaves one channel.
pub(super) fn part(ctx: &mut Ctx<'_>, name: &str, reason: &str) -> Result<(), Refusal> {
    let user = ctx.user().id;
    let room = privilege::membership(ctx.turn.state, ctx.user().id, name)?.id;
    let reason = CompactString::new(reason);
    ctx.happen(vec![Room::Channel(room)], user, What::Parted { reason });
    Ok(())
}
