//! REHASH: read the configuration again. <https://modern.ircdocs.horse/#rehash-message>

use super::{Command, Needs};
use crate::output::Output;
use crate::reply::{Ctx, Outcome};
use crate::session::Then;
use causette_proto::Message;
use causette_proto::numeric::RPL_REHASHING;

pub(super) const REHASH: Command = Command {
    verb: "REHASH",
    params: 0,
    needs: Needs::Operator,
    syntax: "REHASH",
    summary: "command-rehash",
    spec: "https://modern.ircdocs.horse/#rehash-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, _: &Message) -> Outcome {
    let session = ctx.id;
    ctx.after(Output::Reload { session });
    ctx.hold(Then::Reload);
    Ok(())
}

/// Tells what came of it.
pub(crate) fn answered(ctx: &mut Ctx<'_>, result: Result<(), String>) {
    match result {
        Ok(()) => {
            let text = ctx.text("rehashed");
            ctx.numeric(RPL_REHASHING, &["causette.toml"], &text);
        }
        Err(reason) => ctx.notice(None, &reason),
    }
}
