//! USERHOST: where some people are, and whether they are away. <https://modern.ircdocs.horse/#userhost-message>

use super::{Command, Needs};
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::RPL_USERHOST;

pub(super) const USERHOST: Command = Command {
    verb: "USERHOST",
    params: 1,
    needs: Needs::Online,
    syntax: "USERHOST <nickname> {<nickname>}",
    summary: "command-userhost",
    spec: "https://modern.ircdocs.horse/#userhost-message",
    run,
};

/// Nicknames in one USERHOST, as the specification has it.
const NICKS: usize = 5;

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let state = &ctx.turn.state;
    let found = message.params.iter().take(NICKS);
    let found = found.filter_map(|nick| state.user_named(nick));
    let words: Vec<String> = found
        .filter(|user| state.is_present(user))
        .map(|user| {
            let operator = if state.is_operator(user) { "*" } else { "" };
            let here = if user.away.is_some() { '-' } else { '+' };
            format!(
                "{}{operator}={here}{}@{}",
                user.nick, user.username, user.host
            )
        })
        .collect();
    ctx.numeric(RPL_USERHOST, &[], &words.join(" "));
    Ok(())
}
