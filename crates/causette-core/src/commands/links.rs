//! LINKS: the servers of the network; there is this one. <https://modern.ircdocs.horse/#links-message>

use super::{Command, Needs};
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::{RPL_ENDOFLINKS, RPL_LINKS};

pub(super) const LINKS: Command = Command {
    verb: "LINKS",
    params: 0,
    needs: Needs::Welcome,
    syntax: "LINKS",
    summary: "command-links",
    spec: "https://modern.ircdocs.horse/#links-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, _: &Message) -> Outcome {
    let settings = ctx.turn.settings;
    let text = format!("0 {}", settings.description);
    ctx.numeric(RPL_LINKS, &[&settings.server, &settings.server], &text);
    let end = ctx.text("end-of-links");
    ctx.numeric(RPL_ENDOFLINKS, &["*"], &end);
    Ok(())
}
