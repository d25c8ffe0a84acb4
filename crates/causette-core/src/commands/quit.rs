//! QUIT: leave. <https://modern.ircdocs.horse/#quit-message>

use super::{Command, Needs};
use crate::person::departure;
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;

pub(super) const QUIT: Command = Command {
    verb: "QUIT",
    params: 0,
    needs: Needs::Nothing,
    syntax: "QUIT [:<reason>]",
    summary: "command-quit",
    spec: "https://modern.ircdocs.horse/#quit-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let reason = message.params.first().map_or("", |reason| reason.as_str());
    let place = ctx.turn.own.place();
    let cut = departure::take_leave(&mut ctx.turn, ctx.id, reason);
    ctx.ahead(place, |ctx| ctx.tell_cut("QUIT", &cut));
    Ok(())
}
