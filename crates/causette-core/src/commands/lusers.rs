//! LUSERS: how many people and channels there are. <https://modern.ircdocs.horse/#lusers-message>

use super::{Command, Needs};
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::{
    RPL_LOCALUSERS, RPL_LUSERCHANNELS, RPL_LUSERCLIENT, RPL_LUSERME, RPL_LUSEROP,
};

pub(super) const LUSERS: Command = Command {
    verb: "LUSERS",
    params: 0,
    needs: Needs::Welcome,
    syntax: "LUSERS",
    summary: "command-lusers",
    spec: "https://modern.ircdocs.horse/#lusers-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, _: &Message) -> Outcome {
    show(ctx);
    Ok(())
}

/// Shows the counts. Channels that one is not in and that are secret are counted all the same: a number names nobody. That of those who
/// run the server is none of the people's.
pub(super) fn show(ctx: &mut Ctx<'_>) {
    let state = &ctx.turn.state;
    let operators = state.operators();
    let users = state.users.len().to_string();
    let own = usize::from(state.administration().is_some());
    let channels = (state.channels().len() - own).to_string();
    let sessions = state.sessions.len().to_string();
    let max = state.sessions_max.to_string();
    let variables = [
        ("users", users.as_str()),
        ("sessions", &sessions),
        ("max", &max),
    ];
    let text = ctx.text_with("lusers-client", &variables);
    ctx.numeric(RPL_LUSERCLIENT, &[], &text);
    let operators = operators.to_string();
    let text = ctx.text("lusers-operators");
    ctx.numeric(RPL_LUSEROP, &[&operators], &text);
    let text = ctx.text("lusers-channels");
    ctx.numeric(RPL_LUSERCHANNELS, &[&channels], &text);
    let text = ctx.text_with("lusers-me", &variables);
    ctx.numeric(RPL_LUSERME, &[], &text);
    let text = ctx.text_with("lusers-local", &variables);
    ctx.numeric(RPL_LOCALUSERS, &[], &text);
}
