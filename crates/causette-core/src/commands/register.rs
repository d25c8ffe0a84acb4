//! REGISTER: make an account. <https://ircv3.net/specs/extensions/account-registration>

use super::{Command, Needs};
use crate::account::sign_up;
use crate::reply::{Ctx, Outcome};
use crate::secret::Secret;
use crate::state::waiting::SignUpDoor;
use causette_proto::Message;

pub(super) const REGISTER: Command = Command {
    verb: "REGISTER",
    params: 3,
    needs: Needs::Nothing,
    syntax: "REGISTER <account | *> <e-mail | *> <password>",
    summary: "command-register",
    spec: "https://ircv3.net/specs/extensions/account-registration",
    run,
};

fn run(ctx: &mut Ctx<'_>, message: &Message) -> Outcome {
    let [account, email, password @ ..] = message.params.as_slice() else {
        return Ok(());
    };
    // Blanks in it may have come without a colon in front.
    let password = Secret::new(password.join(" "));
    let session = ctx.session();
    if !session.welcomed && !ctx.turn.settings.registration_before_connect {
        let context = [account.as_str()];
        return Err(ctx.failure(
            "REGISTER",
            "COMPLETE_CONNECTION_REQUIRED",
            &context,
            "connect-first",
            &[],
        ));
    }
    if email != "*" && !email.contains('@') {
        return Err(ctx.failure(
            "REGISTER",
            "INVALID_EMAIL",
            &[account],
            "email-invalid",
            &[],
        ));
    }
    let nick = ctx.nick();
    if account == "*" && nick == "*" {
        return Err(ctx.failure("REGISTER", "NEED_NICK", &["*"], "need-nick", &[]));
    }
    let name = if account == "*" { &nick } else { account };
    sign_up::begin(ctx, name, password, SignUpDoor::Register)
}
