//! VERIFY: prove an e-mail address. There is none to prove yet. <https://ircv3.net/specs/extensions/account-registration>

use super::{Command, Needs};
use crate::reply::{Ctx, Outcome};
use causette_proto::Message;

pub(super) const VERIFY: Command = Command {
    verb: "VERIFY",
    params: 2,
    needs: Needs::Nothing,
    syntax: "VERIFY <account> <code>",
    summary: "command-verify",
    spec: "https://ircv3.net/specs/extensions/account-registration",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let context = [message.params[0].as_str()];
    // The same to everyone, so that it does not tell which accounts exist.
    Err(ctx.failure("VERIFY", "INVALID_CODE", &context, "nothing-to-verify", &[]))
}
