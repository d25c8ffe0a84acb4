//! QUIT: leave. <https://modern.ircdocs.horse/#quit-message>

use super::{Command, Needs};
use crate::discipline::strike;
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
    let reason = ctx.cut("QUIT", reason, ctx.turn.settings.kick_bytes());
    let actor = ctx.actor();
    let reason = strike::reason_of_quit(&mut ctx.turn, &actor, &reason);
    // The word before the reason keeps anyone from passing theirs off as the server's.
    if reason.is_empty() {
        departure::end_with(&mut ctx.turn, ctx.id, "quit", &[]);
    } else {
        let variables = [("reason", reason)];
        departure::end_with(&mut ctx.turn, ctx.id, "quit-reason", &variables);
    }
    Ok(())
}
