//! REGISTER: make an account. <https://ircv3.net/specs/extensions/account-registration>

use super::{Command, Needs, registration};
use crate::account::email;
use crate::account::sign_in::SignedIn;
use crate::account::sign_up::{self, Made};
use crate::denied::Denied;
use crate::input::{Answer, Asker};
use crate::reply::{Ctx, Outcome, Refusal};
use crate::secret::{Secret, Verifier, read_code};
use crate::settings::Registration;
use crate::state::waiting::SignUpDoor;
use causette_proto::{AccountName, Message};

pub(super) const REGISTER: Command = Command {
    verb: "REGISTER",
    params: 3,
    needs: Needs::Nothing,
    syntax: "REGISTER <account | *> <e-mail | code | *> <password>",
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
    let (code, email) = code_and_email(email);
    let given = email::given(ctx.turn.settings, account, email);
    let email = given.map_err(|mut denied| {
        let rules = ctx.turn.state.registration(ctx.turn.settings);
        if rules == Registration::Invite && denied.key == "email-invalid" {
            denied.key = "email-and-code-invalid";
        }
        refusal(ctx, &denied)
    })?;
    let nick = ctx.nick();
    if account == "*" && nick == "*" {
        return Err(ctx.failure("REGISTER", "NEED_NICK", &["*"], "need-nick", &[]));
    }
    let name = if account == "*" { &nick } else { account };
    let (actor, asker, door) = (
        ctx.actor(),
        Asker::Session(ctx.id),
        SignUpDoor::Register { email },
    );
    let begun = sign_up::begin(&mut ctx.turn, &actor, asker, name, &password, door, code);
    begun.map_err(|denied| refusal(ctx, &denied))
}

/// The code of an invitation, which any client can give in the place of an e-mail address, or in front of one and a comma; and
/// the address.
fn code_and_email(text: &str) -> (Option<Secret>, &str) {
    if let Some((code, email)) = text.split_once(',')
        && let Some(code) = read_code(code)
    {
        return (Some(code), email);
    }
    match read_code(text) {
        Some(code) => (Some(code), "*"),
        None => (None, text),
    }
}

/// Goes on to the password, where the code is that of an invitation.
pub(crate) fn invited(
    ctx: &mut Ctx<'_>,
    applying: (AccountName, Secret, SignUpDoor),
    answer: Answer,
) {
    let (actor, asker) = (ctx.actor(), Asker::Session(ctx.id));
    if let Err(denied) = sign_up::invited(&mut ctx.turn, &actor, asker, applying, answer) {
        let refusal = refusal(ctx, &denied);
        ctx.refuse(refusal);
    }
}

/// Tells what came of it, and lets in who has an account now.
pub(crate) fn answered(
    ctx: &mut Ctx<'_>,
    name: &AccountName,
    (door, code): (&SignUpDoor, Option<&Verifier>),
    answer: Answer,
) {
    let actor = ctx.actor();
    match sign_up::settle(&mut ctx.turn, &actor, name, (door, code), answer) {
        Ok(Made { waits: true, .. }) => {
            let text = ctx.text_with("account-made-waits", &[("account", name.as_str())]);
            ctx.line(&format!("REGISTER VERIFICATION_REQUIRED {name} :{text}"));
        }
        Ok(Made { account, .. }) => {
            let text = ctx.text_with("account-created", &[("account", name.as_str())]);
            ctx.line(&format!("REGISTER SUCCESS {name} :{text}"));
            registration::tell_signed_in(ctx, account);
            registration::arrive(
                ctx,
                SignedIn {
                    account,
                    token: None,
                },
            );
        }
        Err(denied) => {
            let refusal = refusal(ctx, &denied);
            ctx.refuse(refusal);
        }
    }
}

/// Why there is no account now.
fn refusal(ctx: &Ctx<'_>, denied: &Denied) -> Refusal {
    let account = denied.variable("account");
    debug_assert!(!account.is_empty(), "{denied:?} names no account");
    ctx.failed("REGISTER", &[account], denied)
}
