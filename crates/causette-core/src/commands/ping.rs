//! PING and PONG. The answer passes the pipe behind everything before it: who gets it has got all that their earlier
//! commands caused. <https://modern.ircdocs.horse/#ping-message>

use super::{Command, Needs};
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::ERR_NOORIGIN;

pub(super) const PING: Command = Command {
    verb: "PING",
    params: 0,
    needs: Needs::Nothing,
    syntax: "PING <token>",
    summary: "command-ping",
    spec: "https://modern.ircdocs.horse/#ping-message",
    run: ping,
};

pub(super) const PONG: Command = Command {
    verb: "PONG",
    params: 0,
    needs: Needs::Nothing,
    syntax: "PONG <token>",
    summary: "command-pong",
    spec: "https://modern.ircdocs.horse/#pong-message",
    run: pong,
};

fn ping(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let Some(token) = message.params.first() else {
        return Err(ctx.refusal(ERR_NOORIGIN, &[], "no-origin", &[]));
    };
    let server = ctx.turn.settings.server.clone();
    ctx.line(&format!("PONG {server} :{token}"));
    Ok(())
}

fn pong(_: &mut Ctx<'_>, _: &Message) -> Outcome {
    // That a line came was noted before.
    Ok(())
}
