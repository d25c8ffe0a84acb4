//! ADMIN: who runs the server. <https://modern.ircdocs.horse/#admin-message>

use super::{Command, Needs};
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;
use causette_proto::numeric::{RPL_ADMINEMAIL, RPL_ADMINLOC1, RPL_ADMINLOC2, RPL_ADMINME};

pub(super) const ADMIN: Command = Command {
    verb: "ADMIN",
    params: 0,
    needs: Needs::Welcome,
    syntax: "ADMIN",
    summary: "command-admin",
    spec: "https://modern.ircdocs.horse/#admin-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, _: &Message) -> Outcome {
    let settings = ctx.turn.settings;
    let text = ctx.text_with("admin-me", &[("server", &settings.server)]);
    ctx.numeric(RPL_ADMINME, &[&settings.server], &text);
    ctx.numeric(RPL_ADMINLOC1, &[], &settings.network);
    ctx.numeric(RPL_ADMINLOC2, &[], &settings.description);
    if !settings.contact.is_empty() {
        ctx.numeric(RPL_ADMINEMAIL, &[], &settings.contact);
    }
    Ok(())
}
