//! WALLOPS: tell something to all who want to hear the operators. <https://modern.ircdocs.horse/#wallops-message>

use super::{Command, Needs, need_more_params};
use crate::person::announce::announce;
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use causette_proto::Message;

pub(super) const WALLOPS: Command = Command {
    verb: "WALLOPS",
    params: 1,
    needs: Needs::Right(Act::Announce),
    syntax: "WALLOPS :<text>",
    summary: "command-wallops",
    spec: "https://modern.ircdocs.horse/#wallops-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let text = message.params[0].as_str();
    if text.is_empty() {
        return Err(need_more_params(ctx, &WALLOPS));
    }
    let (actor, by) = (ctx.actor(), ctx.user().id);
    announce(&mut ctx.turn, &actor, by, text)?;
    Ok(())
}
