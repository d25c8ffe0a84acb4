//! PART: leave channels. <https://modern.ircdocs.horse/#part-message>

use super::{Command, Needs, need_more_params, words};
use crate::reply::{Ctx, Outcome};
use crate::room::leave::leave;
use causette_proto::Message;

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
    let (actor, by) = (ctx.actor(), ctx.user().id);
    let mut done = None;
    for name in names {
        match leave(&mut ctx.turn, &actor, by, name, reason) {
            Ok(cut) => done = Some(cut),
            Err(denied) => ctx.refuse(denied.into()),
        }
    }
    if let Some(cut) = done {
        ctx.tell_cut("PART", &cut);
    }
    Ok(())
}
