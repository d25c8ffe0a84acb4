//! LUSERS: how many people and channels there are. <https://modern.ircdocs.horse/#lusers-message>

use super::{Command, Needs};
use crate::id::UserId;
use crate::modes::Letters;
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::{
    RPL_GLOBALUSERS, RPL_LOCALUSERS, RPL_LUSERCHANNELS, RPL_LUSERCLIENT, RPL_LUSERME, RPL_LUSEROP,
    RPL_LUSERUNKNOWN,
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

/// Shows the counts. Who asks is one of those who are counted, also in the greeting and in the lobby. Channels that one is not in and that are secret are counted all the same: a number names nobody. That of those who
/// run the server is none of the people's.
pub(super) fn show(ctx: &mut Ctx<'_>) {
    let state = &ctx.turn.state;
    let operators = state.operators();
    let (mut users, mut invisible) = (state.people_present(), state.census.invisible);
    if let Some(modes) = newcomer(ctx) {
        users += 1;
        invisible += usize::from(modes.has('i'));
    }
    let (users, invisible) = (users.to_string(), invisible.to_string());
    let own = usize::from(state.administration().is_some());
    let channels = (state.channels().len() - own).to_string();
    let census = state.census;
    let unknown = (state.sessions.len() - census.greeted).to_string();
    let clients = census.greeted.to_string();
    let max = census.greeted_max.to_string();
    let variables = [
        ("users", users.as_str()),
        ("invisible", &invisible),
        ("clients", &clients),
        ("max", &max),
    ];
    let text = ctx.text_with("lusers-client", &variables);
    ctx.numeric(RPL_LUSERCLIENT, &[], &text);
    let operators = operators.to_string();
    let text = ctx.text("lusers-operators");
    ctx.numeric(RPL_LUSEROP, &[&operators], &text);
    let text = ctx.text("lusers-unknown");
    ctx.numeric(RPL_LUSERUNKNOWN, &[&unknown], &text);
    let text = ctx.text("lusers-channels");
    ctx.numeric(RPL_LUSERCHANNELS, &[&channels], &text);
    let text = ctx.text_with("lusers-me", &variables);
    ctx.numeric(RPL_LUSERME, &[], &text);
    // There is one server: what is here is all there is.
    for (numeric, key) in [
        (RPL_LOCALUSERS, "lusers-local"),
        (RPL_GLOBALUSERS, "lusers-global"),
    ] {
        let text = ctx.text_with(key, &variables);
        ctx.numeric(numeric, &[&clients, &max], &text);
    }
}

/// The user modes of who asks, where they are nobody yet, in the lobby, or are being greeted and present as soon as that is done.
fn newcomer(ctx: &Ctx<'_>) -> Option<Letters> {
    let (state, session) = (&ctx.turn.state, ctx.session());
    if session.user.is_some() {
        return None;
    }
    let user = session.account.map(UserId::from);
    match user.and_then(|user| state.users.get(&user)) {
        Some(user) => (!user.present).then_some(user.modes),
        None => Some(Letters::of(&ctx.turn.settings.default_user_modes)),
    }
}
