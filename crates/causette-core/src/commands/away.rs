//! AWAY: say that one is away, or back, or that nobody is at this client. <https://modern.ircdocs.horse/#away-message>,
//! <https://ircv3.net/specs/extensions/pre-away>

use super::{Command, Needs, arrival};
use crate::person::{attendance, presence};
use crate::reply::{Ctx, Outcome};
use causette_proto::numeric::{RPL_NOWAWAY, RPL_UNAWAY};
use causette_proto::{Capability, Message};

pub(super) const AWAY: Command = Command {
    verb: "AWAY",
    params: 0,
    needs: Needs::OnlineOr(Capability::PreAway),
    syntax: "AWAY [:<reason>]",
    summary: "command-away",
    spec: "https://modern.ircdocs.horse/#away-message",
    run,
};

/// The reason by which a client says that nobody is at it.
const NOBODY: &str = "*";

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let reason = message.params.first().map_or("", |reason| reason.as_str());
    // To who does not know what it means it is a reason like any other.
    if reason == NOBODY && ctx.has(Capability::PreAway) {
        attendance::leave(&mut ctx.turn, ctx.id);
        confirm(ctx, true);
        return Ok(());
    }
    let said = presence::say_away(&mut ctx.turn, ctx.id, reason);
    ctx.tell_cut("AWAY", &said.reason);
    confirm(ctx, !said.reason.kept.is_empty());
    if let Some(since) = said.absent_since {
        arrival::come_back(ctx, since);
    }
    Ok(())
}

fn confirm(ctx: &mut Ctx<'_>, away: bool) {
    let (numeric, key) = if away {
        (RPL_NOWAWAY, "now-away")
    } else {
        (RPL_UNAWAY, "no-longer-away")
    };
    let text = ctx.text(key);
    ctx.numeric(numeric, &[], &text);
}
