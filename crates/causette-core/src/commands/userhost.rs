//! USERHOST: where some people are, and whether they are away. <https://modern.ircdocs.horse/#userhost-message>

use super::monitor::rows;
use super::{Command, Needs};
use crate::fitting::BODY_BYTES;
use crate::person::visibility::present_as;
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::RPL_USERHOST;
use rustc_hash::FxHashSet;

pub(super) const USERHOST: Command = Command {
    verb: "USERHOST",
    params: 1,
    needs: Needs::Online,
    syntax: "USERHOST <nickname> {<nickname>}",
    summary: "command-userhost",
    spec: "https://modern.ircdocs.horse/#userhost-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let state = &ctx.turn.state;
    // The specification lets one ask for five; whoever asks for more is answered on as many lines as it takes.
    let asked = message.params.iter().flat_map(|param| param.split(' '));
    let found = asked.filter_map(|nick| present_as(state, nick));
    let mut told = FxHashSet::default();
    let words: Vec<String> = found
        .filter(|user| told.insert(user.id))
        .map(|user| {
            let operator = if state.is_operator(user) { "*" } else { "" };
            let here = if user.away.is_some() { '-' } else { '+' };
            format!(
                "{}{operator}={here}{}@{}",
                user.nick, user.username, user.host
            )
        })
        .collect();
    let head = ctx.turn.settings.server.len() + ctx.nick().len() + ": 302  :".len();
    let mut rows = rows(&words, ' ', BODY_BYTES.saturating_sub(head));
    if rows.is_empty() {
        rows.push(String::new());
    }
    for row in rows {
        ctx.numeric(RPL_USERHOST, &[], &row);
    }
    Ok(())
}
