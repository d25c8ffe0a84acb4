//! LUSERS: how many people and channels there are. <https://modern.ircdocs.horse/#lusers-message>

use super::{Command, Needs};
use crate::id::UserId;
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
    let users = (state.people_present() + usize::from(comes(ctx))).to_string();
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

/// Whether who asks is being greeted as an account's person, and present as soon as that is done.
fn comes(ctx: &Ctx<'_>) -> bool {
    let (state, session) = (&ctx.turn.state, ctx.session());
    let account = session.account.filter(|_| session.user.is_none());
    account.is_some_and(|account| {
        let user = state.users.get(&UserId::from(account));
        user.is_none_or(|user| !user.present)
    })
}
