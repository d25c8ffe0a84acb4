//! ISON: which of some nicknames are online. <https://modern.ircdocs.horse/#ison-message>

use super::{Command, Needs};
use crate::limits::ASKED_NICKS;
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::RPL_ISON;

pub(super) const ISON: Command = Command {
    verb: "ISON",
    params: 1,
    needs: Needs::Online,
    syntax: "ISON <nickname> {<nickname>}",
    summary: "command-ison",
    spec: "https://modern.ircdocs.horse/#ison-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let state = &ctx.turn.state;
    let words = message.params.iter().flat_map(|param| param.split(' '));
    let online: Vec<String> = words
        .filter(|word| !word.is_empty())
        .take(ASKED_NICKS)
        .filter_map(|nick| state.user_named(nick))
        .filter(|user| !user.is_absent())
        .map(|user| user.nick.to_string())
        .collect();
    ctx.numeric(RPL_ISON, &[], &online.join(" "));
    Ok(())
}
