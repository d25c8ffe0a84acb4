//! SETNAME: change the realname. <https://ircv3.net/specs/extensions/setname>

use super::{Command, Needs};
use crate::person::realname;
use crate::reply::{Ctx, Outcome};
use causette_proto::{Capability, Message};

pub(super) const SETNAME: Command = Command {
    verb: "SETNAME",
    params: 1,
    needs: Needs::Online,
    syntax: "SETNAME :<realname>",
    summary: "command-setname",
    spec: "https://ircv3.net/specs/extensions/setname",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let (actor, by) = (ctx.actor(), ctx.user().id);
    let line = realname::set(&mut ctx.turn, &actor, by, &message.params[0])?;
    if ctx.has(Capability::Setname) {
        ctx.line_of_own(line);
    }
    Ok(())
}
