//! KICK: put someone out of a channel. <https://modern.ircdocs.horse/#kick-message>

use super::{Command, Needs, leave_out, need_more_params, targets};
use crate::limits;
use crate::reply::{Ctx, Outcome};
use crate::room::kick::kick;
use crate::room::privilege;
use causette_proto::Message;

pub(super) const KICK: Command = Command {
    verb: "KICK",
    params: 2,
    needs: Needs::Online,
    syntax: "KICK <channel> <nickname>{,<nickname>} [:<reason>]",
    summary: "command-kick",
    spec: "https://modern.ircdocs.horse/#kick-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let name = message.params[0].as_str();
    let room = privilege::membership(ctx.turn.state, ctx.user().id, name)?.id;
    let (nicks, left_out) = targets(&message.params[1], limits::TARGETS);
    if nicks.is_empty() {
        return Err(need_more_params(ctx, &KICK));
    }
    let reason = message.params.get(2).map_or("", |reason| reason.as_str());
    let (actor, by) = (ctx.actor(), ctx.user().id);
    let mut done = None;
    for nick in nicks {
        match kick(&mut ctx.turn, &actor, by, (room, name), nick, reason) {
            Ok(cut) => done = Some(cut),
            Err(denied) => ctx.refuse(denied.into()),
        }
    }
    if let Some(cut) = done {
        ctx.tell_cut("KICK", &cut);
    }
    leave_out(ctx, &left_out, limits::TARGETS);
    Ok(())
}
