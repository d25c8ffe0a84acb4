//! KILL: end all connections of someone. <https://modern.ircdocs.horse/#kill-message>

use super::{Command, Needs, need_more_params};
use crate::denied::Why;
use crate::person::kill::kill;
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use causette_proto::Message;

pub(super) const KILL: Command = Command {
    verb: "KILL",
    params: 1,
    needs: Needs::Right(Act::EndConnections),
    syntax: "KILL <nickname> :<reason>",
    summary: "command-kill",
    spec: "https://modern.ircdocs.horse/#kill-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let nick = message.params[0].as_str();
    let reason = message.params.get(1).map_or("", |reason| reason.as_str());
    let (actor, place) = (ctx.actor(), ctx.turn.own.place());
    let killed = match kill(&mut ctx.turn, &actor, nick, reason) {
        Ok(killed) => killed,
        // Here it is a parameter that is missing.
        Err(denied) if denied.why == Why::NoReason => return Err(need_more_params(ctx, &KILL)),
        Err(denied) => return Err(denied.into()),
    };
    ctx.ahead(place, |ctx| {
        ctx.tell_cut("KILL", &killed.reason);
        let number = killed.sessions.to_string();
        let text = ctx.text_with("nickserv-ended", &[("number", &number)]);
        ctx.notice(None, &text);
    });
    Ok(())
}
