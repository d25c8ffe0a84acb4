//! TIME: what time it is on the server. <https://modern.ircdocs.horse/#time-message>

use super::{Command, Needs};
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::RPL_TIME;

pub(super) const TIME: Command = Command {
    verb: "TIME",
    params: 0,
    needs: Needs::Welcome,
    syntax: "TIME",
    summary: "command-time",
    spec: "https://modern.ircdocs.horse/#time-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, _: &Message) -> Outcome {
    let now = ctx.turn.now();
    let (seconds, text) = (now.seconds().to_string(), now.to_string());
    let server = ctx.turn.settings.server.clone();
    ctx.numeric(RPL_TIME, &[&server, &seconds, "0"], &text);
    Ok(())
}
