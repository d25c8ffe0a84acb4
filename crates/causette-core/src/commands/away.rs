//! AWAY: say that one is away, or back. <https://modern.ircdocs.horse/#away-message>

use super::{Command, Needs};
use crate::person::presence;
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::{RPL_NOWAWAY, RPL_UNAWAY};

pub(super) const AWAY: Command = Command {
    verb: "AWAY",
    params: 0,
    needs: Needs::Online,
    syntax: "AWAY [:<reason>]",
    summary: "command-away",
    spec: "https://modern.ircdocs.horse/#away-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let reason = message.params.first().map_or("", |reason| reason.as_str());
    let cut = presence::say_away(&mut ctx.turn, ctx.id, reason);
    ctx.tell_cut("AWAY", &cut);
    let away = !cut.kept.is_empty();
    let (numeric, key) = if away {
        (RPL_NOWAWAY, "now-away")
    } else {
        (RPL_UNAWAY, "no-longer-away")
    };
    let text = ctx.text(key);
    ctx.numeric(numeric, &[], &text);
    Ok(())
}
