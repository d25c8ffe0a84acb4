//! WALLOPS: tell something to all who want to hear the operators. <https://modern.ircdocs.horse/#wallops-message>

use super::{Command, Needs, need_more_params};
use crate::actor::Actor;
use crate::line::{BODY_BYTES, Line, Meta};
use crate::record::Fact;
use crate::reply::{Ctx, Outcome};
use crate::right::Act;
use causette_proto::{Capabilities, Message};
use std::sync::Arc;

pub(super) const WALLOPS: Command = Command {
    verb: "WALLOPS",
    params: 1,
    needs: Needs::Right(Act::Announce),
    syntax: "WALLOPS :<text>",
    summary: "command-wallops",
    spec: "https://modern.ircdocs.horse/#wallops-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let text = message.params[0].as_str();
    if text.is_empty() {
        return Err(need_more_params(ctx, &WALLOPS));
    }
    let max = ctx.text_bytes("WALLOPS", &[], BODY_BYTES);
    let text = ctx.cut("WALLOPS", text, max);
    let id = ctx.id;
    let body = format!(":{} WALLOPS :{text}", ctx.user().source);
    ctx.turn
        .commit(&Actor::Session(id), Fact::Announced { text });
    let users = ctx.turn.state.users.values();
    let mut to: Vec<_> = users
        .filter(|user| user.modes.has('w'))
        .flat_map(|user| user.sessions.iter().copied())
        .filter(|session| *session != id)
        .collect();
    to.sort_unstable();
    let meta = Meta {
        time: ctx.turn.now(),
        ..Meta::default()
    };
    let own = ctx.user().modes.has('w');
    ctx.turn.deliver(
        Arc::new(Line::new(meta, body.clone())),
        to,
        Capabilities::EMPTY,
    );
    if own {
        ctx.line_from(body);
    }
    Ok(())
}
