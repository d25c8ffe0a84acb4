//! VERSION: the program, its version, and what it supports. <https://modern.ircdocs.horse/#version-message>

use super::greeting;
use super::{Command, Needs};
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::RPL_VERSION;

pub(super) const VERSION: Command = Command {
    verb: "VERSION",
    params: 0,
    needs: Needs::Welcome,
    syntax: "VERSION",
    summary: "command-version",
    spec: "https://modern.ircdocs.horse/#version-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, _: &Message) -> Outcome {
    let settings = ctx.turn.settings;
    ctx.numeric(
        RPL_VERSION,
        &[&settings.version, &settings.server],
        &settings.description,
    );
    greeting::isupport(ctx);
    Ok(())
}
