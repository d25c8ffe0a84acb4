//! PASS: the server's password, or `account:password` for clients without SASL.
//! <https://modern.ircdocs.horse/#pass-message>

use super::{Command, Needs};
use crate::reply::{Ctx, Outcome};
use crate::secret::Secret;
use causette_proto::Message;
use causette_proto::numeric::ERR_ALREADYREGISTERED;

pub(super) const PASS: Command = Command {
    verb: "PASS",
    params: 1,
    needs: Needs::Nothing,
    syntax: "PASS <server password | account:password>",
    summary: "command-pass",
    spec: "https://modern.ircdocs.horse/#pass-message",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    if ctx.session().welcomed {
        return Err(ctx.refusal(ERR_ALREADYREGISTERED, &[], "already-registered", &[]));
    }
    // Blanks in it may have come without a colon in front.
    ctx.session_mut().pass = Some(Secret::new(message.params.join(" ")));
    Ok(())
}
